//! Runs seeds: `cargo run -p ringbolt-sim --profile ci --example sim -- [SEEDS] [FIRST] [--trace SEED]`.
//!
//! Prints one line of figures over all seeds and, with `--trace`, every line of one seed's trace. A failing seed ends
//! the run with the shortest trace that was found for it.

use std::process::ExitCode;
use std::time::Instant;

use ringbolt_sim::{Report, Rounds, Trace, run_rounds, run_rounds_or_shrink};

/// Seeds without an argument.
const SEEDS: u64 = 100;

fn main() -> ExitCode {
    let mut numbers = Vec::new();
    let mut traced = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = if argument == "--trace" { arguments.next() } else { Some(argument.clone()) };
        let Some(number) = number.and_then(|text| text.parse::<u64>().ok()) else {
            eprintln!("usage: sim [SEEDS] [FIRST] [--trace SEED]");
            return ExitCode::FAILURE;
        };
        if argument == "--trace" { traced = Some(number) } else { numbers.push(number) }
    }
    let seeds = numbers.first().copied().unwrap_or(if traced.is_some() { 0 } else { SEEDS });
    let first = numbers.get(1).copied().unwrap_or(0);
    if let Some(seed) = traced {
        match run_rounds(seed, &Rounds::for_seed(seed), Trace::keeping_all()) {
            Ok((report, trace)) => {
                trace.lines().for_each(|line| println!("{line}"));
                println!("seed {seed}: {report:?}");
            }
            Err(failure) => {
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    let started = Instant::now();
    let mut total = Report::default();
    for seed in first..first + seeds {
        match run_rounds_or_shrink(seed, &Rounds::for_seed(seed)) {
            Ok(report) => total.add(&report),
            Err(failure) => {
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{seeds} seeds in {:.1} s: {total:?}", started.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
