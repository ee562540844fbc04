//! Commands against a server, over its REST API: what a person or a script does without writing a program.
//!
//! Code map: `client` asks the server, and `positions` keeps where what was written stands, so that it is read; `show` turns what it says
//! into a table or JSON; `text` makes what comes from outside safe for a terminal; `status`, `lists` and `page` have the commands that show
//! something, `act`, `run` and `publish` those that change something, `watch` the one that stays; `waits` says what instances wait for,
//! `kinds` what a key is of, `when` how far a moment is. `story` is what `ringbolt demo` has to try.
//!
//! Invariants
//! - Nothing that comes from a server reaches a terminal unescaped; `--json` is what it answered, with JSON's own escapes.
//! - What answers otherwise than the API does is no server: nothing of it is believed.
//! - What it prints goes to standard output, what goes wrong to standard error. Exit codes: 0 done; 1 the server refused it, or what was
//!   asked for is not there; 2 the command line is wrong; 3 no server answers, or a stranger does; 4 what was waited for ended otherwise;
//!   5 it has not ended in time.
//!
//! Deliberately absent: anything that the public API has not.

mod act;
mod client;
mod kinds;
mod lists;
mod page;
mod positions;
mod publish;
mod run;
mod show;
mod status;
mod story;
mod text;
mod variables;
mod waits;
mod watch;
mod when;

pub use show::{cut, print, terminal_width};
pub use story::{Story, called};
pub use text::{safe, safe_json, safe_lines};

use clap::{Args, Subcommand};
use client::Client;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the server is, and how to print.
#[derive(Args, Clone, Debug)]
pub struct Target {
    /// The server's REST API: an address, a port, or a URL with a path prefix.
    #[arg(long, value_name = "ADDR", env = "RINGBOLT_SERVER", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Certificates to trust, PEM, for a server that speaks TLS [default: none; needed for https].
    #[arg(long, value_name = "FILE", env = "RINGBOLT_TLS_CA")]
    tls_ca: Option<PathBuf>,
    /// Print what the server answered, as JSON.
    #[arg(long)]
    json: bool,
}

/// A command against a server.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Shows what a server is, its partitions, and how much runs, waits and failed.
    #[command(after_help = "Example: ringbolt status --server 10.0.0.5:8080")]
    Status(status::StatusArgs),
    /// Lists process instances, newest first.
    #[command(
        after_help = "Examples:\n  ringbolt instances --process order --state active\n  ringbolt instances --var customer='\"Ada\"' --incidents"
    )]
    Instances(lists::InstancesArgs),
    /// Shows one process instance: where it stands, what it waits for, why it failed, and its variables.
    #[command(
        after_help = "Examples:\n  ringbolt instance 2251799813685250\n  ringbolt instance 2251799813685250 --full --json"
    )]
    Instance(page::InstanceArgs),
    /// Lists incidents, newest first.
    #[command(after_help = "Example: ringbolt incidents --process order")]
    Incidents(lists::OpenArgs),
    /// Lists jobs, newest first.
    #[command(after_help = "Example: ringbolt jobs --type charge-card --state created")]
    Jobs(lists::JobsArgs),
    /// Lists user tasks that wait for somebody, newest first.
    #[command(after_help = "Example: ringbolt tasks --group sales")]
    Tasks(lists::TasksArgs),
    /// Deploys models and other resources, all or none.
    #[command(after_help = "Example: ringbolt deploy order.bpmn discount.dmn")]
    Deploy(act::DeployArgs),
    /// Starts a process instance.
    #[command(
        after_help = "Examples:\n  ringbolt run order --var amount=12.5 --var customer=Ada\n  ringbolt run order --wait --timeout 5"
    )]
    Run(run::RunArgs),
    /// Completes a user task or a job.
    #[command(after_help = "Example: ringbolt complete 2251799813685261 --var approved=true")]
    Complete(act::CompleteArgs),
    /// Resolves an incident, with new retries for its job if it has none left. What still fails is a new incident.
    #[command(
        after_help = "Examples:\n  ringbolt resolve 2251799813685270\n  ringbolt resolve 2251799813685270 --var orderId=o-1"
    )]
    Resolve(act::ResolveArgs),
    /// Sets variables of an instance.
    #[command(after_help = "Example: ringbolt set 2251799813685250 --var orderId=o-1")]
    Set(act::SetArgs),
    /// Cancels a process instance.
    #[command(after_help = "Example: ringbolt cancel 2251799813685250")]
    Cancel(act::CancelArgs),
    /// Publishes a message. It is kept for a minute for those who begin to wait for it a moment later, unless --ttl says otherwise.
    #[command(after_help = "Example: ringbolt publish paid --key o-1 --var amount=12.5 --ttl 3600")]
    Publish(publish::PublishArgs),
    /// Shows the server, or one instance, until it has ended; again each second.
    #[command(after_help = "Example: ringbolt watch 2251799813685250")]
    Watch(watch::WatchArgs),
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The server said no.
    #[error("{0}")]
    Refused(String),
    /// It is not there.
    #[error("{0}")]
    NotFound(String),
    /// The command line says something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// No server answers, or something else does.
    #[error("{0}")]
    Unreachable(String),
    /// What was waited for ended, but not as it should.
    #[error("{0}")]
    Ended(String),
    /// What was waited for has not ended in time.
    #[error("{0}")]
    TimedOut(String),
}

impl Error {
    /// The same behind what is to be said before.
    fn after(self, words: &str) -> Self {
        let said = |why: String| format!("{words}: {why}");
        match self {
            Self::Refused(why) => Self::Refused(said(why)),
            Self::NotFound(why) => Self::NotFound(said(why)),
            Self::Usage(why) => Self::Usage(said(why)),
            Self::Unreachable(why) => Self::Unreachable(said(why)),
            Self::Ended(why) => Self::Ended(said(why)),
            Self::TimedOut(why) => Self::TimedOut(said(why)),
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::NotFound(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Ended(_) => 4,
            Self::TimedOut(_) => 5,
        }
    }
}

/// Does it, and says how it went.
pub fn run(command: &ClientCommand) -> ExitCode {
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringbolt: {}", safe_lines(&error.to_string()));
            ExitCode::from(error.code())
        }
    }
}

impl ClientCommand {
    fn target(&self) -> &Target {
        match self {
            Self::Status(args) => &args.target,
            Self::Instances(args) => &args.list.target,
            Self::Instance(args) => &args.target,
            Self::Incidents(args) => &args.inside.list.target,
            Self::Jobs(args) => &args.inside.list.target,
            Self::Deploy(args) => &args.target,
            Self::Run(args) => &args.target,
            Self::Complete(args) => &args.target,
            Self::Resolve(args) => &args.target,
            Self::Set(args) => &args.target,
            Self::Tasks(args) => &args.open.inside.list.target,
            Self::Cancel(args) => &args.target,
            Self::Publish(args) => &args.target,
            Self::Watch(args) => &args.target,
        }
    }

    fn run(&self) -> Result<(), Error> {
        let client = Client::new(self.target())?;
        match self {
            Self::Status(_) => status::status(&client),
            Self::Instances(args) => lists::instances(&client, args),
            Self::Instance(args) => page::instance(&client, args),
            Self::Incidents(args) => lists::incidents(&client, args),
            Self::Jobs(args) => lists::jobs(&client, args),
            Self::Deploy(args) => act::deploy(&client, args),
            Self::Run(args) => run::run(&client, args),
            Self::Complete(args) => act::complete(&client, args),
            Self::Resolve(args) => act::resolve(&client, args),
            Self::Set(args) => act::set(&client, args),
            Self::Tasks(args) => lists::tasks(&client, args),
            Self::Cancel(args) => act::cancel(&client, args),
            Self::Publish(args) => publish::publish(&client, args),
            Self::Watch(args) => watch::watch(&client, args),
        }
    }
}
