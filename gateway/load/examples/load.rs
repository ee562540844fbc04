//! The load applications without the server: the same subcommands as the binary `ringbolt` has.

use clap::{Parser, Subcommand};
use ringbolt_load::{BenchArgs, StarterArgs, WorkerArgs};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "load", about = "Load for a process engine")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Starter(StarterArgs),
    Worker(WorkerArgs),
    Bench(BenchArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Starter(args) => ringbolt_load::run_starter(args),
        Command::Worker(args) => ringbolt_load::run_worker(args),
        Command::Bench(args) => ringbolt_load::run_bench(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
