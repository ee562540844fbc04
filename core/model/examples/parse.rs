//! `cargo run --release -p ringbolt-model --example parse -- <file.bpmn>...`
//! Prints for each file its executable processes or its rejection text, the fastest of some parses, and how much
//! resident memory one compiled copy takes (Linux).

use std::time::{Duration, Instant};

use ringbolt_model::{Limits, format_violations, parse};

const RUNS: usize = 200;
const COPIES: usize = 2_000;

/// Resident memory of this process in bytes; 0 where it cannot be read.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or_default() * 1024
}

fn main() -> std::io::Result<()> {
    let limits = Limits::default();
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file)?;
        let name = file.rsplit('/').next().unwrap_or(&file);
        println!("=== {name}");
        match parse("x.bpmn", &bytes, &limits) {
            Ok(resource) => {
                for process in &resource.processes {
                    let (elements, flows) = (process.elements().len(), process.flows().len());
                    println!("OK {} ({elements} elements, {flows} flows)", process.bpmn_process_id);
                }
            }
            Err(violations) => println!("REJ\n{}", format_violations("x.bpmn", &violations)),
        }
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            let start = Instant::now();
            let result = parse("x.bpmn", &bytes, &limits);
            best = best.min(start.elapsed());
            drop(result);
        }
        let before = resident_bytes();
        let copies: Vec<_> = (0..COPIES).filter_map(|_| parse("x.bpmn", &bytes, &limits).ok()).collect();
        let copy = resident_bytes().saturating_sub(before) / copies.len().max(1);
        eprintln!("{name}: {} bytes of XML, parsed in {best:?}, {copy} bytes compiled", bytes.len());
    }
    Ok(())
}
