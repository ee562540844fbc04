//! The command line of `ringbolt`.

use clap::{Parser, Subcommand};
use ringbolt_server::config::Given;
use ringbolt_server::feel_eval::{self, FeelEvalArgs};
use ringbolt_server::log_print::{self, LogPrintArgs};
use ringbolt_server::start;
use std::path::PathBuf;
use std::process::ExitCode;

/// A process engine that speaks the protocols of Camunda 8.
#[derive(Parser)]
#[command(name = "ringbolt", version, about)]
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
    /// Works with FEEL expressions.
    Feel {
        #[command(subcommand)]
        command: FeelCommand,
    },
    /// Looks into the log.
    Log {
        #[command(subcommand)]
        command: LogCommand,
    },
}

#[derive(Subcommand)]
enum FeelCommand {
    /// Evaluates an expression, or with --jsonl one a line.
    Eval(FeelEvalArgs),
}

#[derive(Subcommand)]
enum LogCommand {
    /// Prints every record, one JSON object a line.
    Print(LogPrintArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Start { config, given } => start_server(config, given),
        Command::Feel { command: FeelCommand::Eval(args) } => feel_eval::run(&args),
        Command::Log { command: LogCommand::Print(args) } => log_print::print(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringbolt: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start_server(file: Option<PathBuf>, given: Given) -> Result<(), Box<dyn std::error::Error>> {
    let given = match file {
        Some(path) => given.over(Given::from_file(&path)?),
        None => given,
    };
    Ok(start::run(given.resolve()?)?)
}
