//! The command line.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Which half runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Both.
    All,
    /// The servers.
    Http,
    /// The appends.
    Append,
}

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Which half runs.
    pub(crate) what: What,
    /// Length of one round of one row.
    pub(crate) time: Duration,
    /// Rounds, at least 1.
    pub(crate) rounds: usize,
    /// Where servers run.
    pub(crate) server_cpu: usize,
    /// Where the load runs, and the appends.
    pub(crate) load_cpu: usize,
    /// Where the appended file lies; a real disk.
    pub(crate) directory: PathBuf,
    /// The file that figures are appended to, one JSON object a line.
    pub(crate) history: Option<PathBuf>,
    /// What the history calls this state of the code.
    pub(crate) commit: String,
    /// What the history calls this machine.
    pub(crate) machine: String,
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// When one is unknown or its value is missing or none.
    pub(crate) fn parse(arguments: &[String]) -> io::Result<Options> {
        let mut options = Options {
            what: What::All,
            time: Duration::from_secs(2),
            rounds: 3,
            server_cpu: 0,
            load_cpu: 1,
            directory: PathBuf::from("."),
            history: None,
            commit: "unknown".to_owned(),
            machine: "unknown".to_owned(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if let "http" | "append" = argument.as_str() {
                options.what = if argument == "http" { What::Http } else { What::Append };
                continue;
            }
            let value = arguments.next().ok_or_else(|| io::Error::other(format!("{argument} of what?")))?;
            let number =
                || value.parse::<usize>().map_err(|_| io::Error::other(format!("{argument} {value}?")));
            match argument.as_str() {
                "--seconds" => options.time = Duration::from_secs(number()? as u64),
                "--rounds" => options.rounds = number()?.max(1),
                "--server-cpu" => options.server_cpu = number()?,
                "--load-cpu" => options.load_cpu = number()?,
                "--dir" => options.directory = PathBuf::from(value),
                "--history" => options.history = Some(PathBuf::from(value)),
                "--commit" => options.commit.clone_from(value),
                "--machine" => options.machine.clone_from(value),
                unknown => return Err(io::Error::other(format!("unknown option {unknown}"))),
            }
        }
        Ok(options)
    }
}
