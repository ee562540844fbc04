//! The command line of `ringbolt`.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use ringbolt_cli::{ClientCommand, safe_lines};
use ringbolt_load::{BenchArgs, StarterArgs, WorkerArgs};
use ringbolt_server::config::Given;
use ringbolt_server::config_sample;
use ringbolt_server::demo_start;
use ringbolt_server::dmn_eval::{self, DmnEvalArgs};
use ringbolt_server::feel_eval::{self, FeelEvalArgs};
use ringbolt_server::log_print::{self, LogPrintArgs};
use ringbolt_server::logging;
use ringbolt_server::start::{self, Beside};
use ringbolt_server::verify::{self, VerifyArgs};
use std::path::PathBuf;
use std::process::ExitCode;

/// A process engine that speaks the protocols of Camunda 8.
#[derive(Parser)]
#[command(name = "ringbolt", version = env!("RINGBOLT_BUILD"), about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server.
    Start {
        /// Settings in a TOML file; the command line and the environment win over it.
        #[arg(long, value_name = "FILE", env = "RINGBOLT_CONFIG")]
        config: Option<PathBuf>,
        #[command(flatten)]
        given: Given,
    },
    /// Works with the settings of the server.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Starts the server with something to try: processes that wait for you, a load, live figures. Its data is removed at the end.
    #[command(
        after_help = "Takes every setting of 'ringbolt start': 'ringbolt demo --help' has them.\nExamples:\n  ringbolt demo\n  ringbolt demo --data-dir demo-data --rest 9080",
        after_long_help = "Examples:\n  ringbolt demo\n  ringbolt demo --data-dir demo-data --rest 9080\n\nAny client can use its ports. With --data-dir its data stays."
    )]
    Demo {
        #[command(flatten)]
        given: Given,
    },
    #[command(flatten)]
    Client(ClientCommand),
    /// Creates instances of a one-task process at a rate and measures.
    Starter(StarterArgs),
    /// Completes the jobs of that process and measures.
    Worker(WorkerArgs),
    /// Creates instances, does their work, and follows each from creation to completion.
    Bench(BenchArgs),
    /// Works with FEEL expressions.
    Feel {
        #[command(subcommand)]
        command: FeelCommand,
    },
    /// Works with DMN models.
    Dmn {
        #[command(subcommand)]
        command: DmnCommand,
    },
    /// Verifies a data directory that no server uses: every byte of log, state and exporters' positions. It changes
    /// nothing. Exit code 0: sound; 1: damaged; 2: in use, of another format, or no data directory.
    Verify(VerifyArgs),
    /// Looks into the log.
    Log {
        #[command(subcommand)]
        command: LogCommand,
    },
    /// Prints what completes commands and options in a shell.
    #[command(after_help = "Example: ringbolt completions bash > /etc/bash_completion.d/ringbolt")]
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Writes man pages, one a command, into a folder.
    Man {
        /// The folder, which is there.
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints a file with every setting, its default and what it means.
    Sample,
    /// Checks a file as a start would, and starts nothing.
    Check {
        /// The file, TOML.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum FeelCommand {
    /// Evaluates an expression, or with --jsonl one a line.
    Eval(FeelEvalArgs),
}

#[derive(Subcommand)]
enum DmnCommand {
    /// Evaluates a decision of a model, or with --jsonl one a line.
    Eval(DmnEvalArgs),
}

#[derive(Subcommand)]
enum LogCommand {
    /// Prints every record, one JSON object a line.
    Print(LogPrintArgs),
}

/// Says what is wrong with the arguments, or what was asked for. An argument that would steer the terminal is repeated without colors and escaped.
fn refuse(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let shown = safe_lines(&text);
    if error.use_stderr() && shown.trim_end() != text.trim_end() {
        eprintln!("{shown}");
        return ExitCode::from(2);
    }
    error.exit()
}

fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error),
    };
    let result = match parsed.command {
        Command::Verify(args) => {
            return verify::run(&args).unwrap_or_else(|error| {
                eprintln!("ringbolt: {}", safe_lines(&error.to_string()));
                ExitCode::from(2)
            });
        }
        Command::Client(command) => return ringbolt_cli::run(&command),
        Command::Start { config, given } => start_server(config, given),
        Command::Demo { given } => demo_start::demo(given),
        Command::Starter(args) => ringbolt_load::run_starter(args).map_err(Into::into),
        Command::Worker(args) => ringbolt_load::run_worker(args).map_err(Into::into),
        Command::Bench(args) => ringbolt_load::run_bench(args).map_err(Into::into),
        Command::Feel { command: FeelCommand::Eval(args) } => feel_eval::run(&args),
        Command::Dmn { command: DmnCommand::Eval(args) } => dmn_eval::run(&args),
        Command::Log { command: LogCommand::Print(args) } => log_print::print(&args),
        Command::Config { command: ConfigCommand::Sample } => {
            ringbolt_cli::print(&config_sample::sample());
            Ok(())
        }
        Command::Config { command: ConfigCommand::Check { file } } => config_sample::check(&file),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "ringbolt", &mut script);
            ringbolt_cli::print(&String::from_utf8_lossy(&script));
            Ok(())
        }
        Command::Man { folder } => clap_mangen::generate_to(command(), folder).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringbolt: {}", safe_lines(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// What `ringbolt demo -h` says of the settings that somebody who tries it may want; the other ones stand in `--help`.
const DEMO_SETTINGS: [(&str, &str); 6] = [
    ("data_dir", "Where its data stays [default: removed at the end]"),
    ("rest", "Port of the REST API and the pages [default: 8080]"),
    ("grpc", "Port of the gRPC API [default: 26500]"),
    ("management", "Port of metrics and health [default: 9600]"),
    ("cores", "CPUs to run on [default: all]"),
    ("web", "Pages: off, read-only, on [default: on]"),
];

/// The command line. What of the server's settings means something else in the demo, says so.
fn command() -> clap::Command {
    Cli::command().mut_subcommand("demo", |demo| {
        let tls = ["tls_cert", "tls_key", "tls_management"];
        let demo = demo.mut_arg("data_dir", |arg| {
            arg.help("Directory of log and state, which stays [default: one of its own, which is removed at the end]")
        });
        let demo = tls.iter().fold(demo, |demo, name| demo.mut_arg(name, |arg| arg.hide(true)));
        demo.mut_args(|arg| match DEMO_SETTINGS.iter().find(|(name, _)| *name == arg.get_id()) {
            Some((_, short)) => {
                let long = arg.get_help().cloned().unwrap_or_default();
                arg.help(*short).long_help(long).hide_env(true).hide_possible_values(true)
            }
            None => arg.hide_short_help(true),
        })
    })
}

fn start_server(file: Option<PathBuf>, given: Given) -> Result<(), Box<dyn std::error::Error>> {
    let given = match file {
        Some(path) => given.over(Given::from_file(&path)?),
        None => given,
    };
    logging::set(given.log_format.unwrap_or_default(), given.log_level.unwrap_or_default());
    Ok(start::run(given.resolve()?, Beside::Nothing)?)
}
