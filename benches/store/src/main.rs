//! Rows that live for milliseconds beside a million that stay: Ringbolt's overlay and LMDB, redb, fjall.
//!
//! `ringbolt-bench-store [DIRECTORY] [LONG_LIVED] [INSTANCES]`. An instance inserts three rows, changes each, and deletes
//! them; 256 instances are alive at a time. All stores hold the same long-lived rows before. None makes a commit durable by
//! itself: that is the log's task in Ringbolt, and what is compared is what the rows cost beside it. In the middle and at
//! the end everything is made durable: a checkpoint of Ringbolt's store, a durable commit of redb, a sync of fjall.

mod engines;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use engines::{Engine, FjallEngine, RedbEngine, RingboltEngine};

type Failed = Box<dyn std::error::Error>;

/// Rows of an instance: an element, a job, a variable.
const ROW_BYTES: [usize; 3] = [220, 260, 110];
/// Instances between a row's insertion and its deletion.
const ALIVE: u64 = 256;
/// Operations that go together, as an entry's do.
const BATCH: u64 = 16;

/// Key of a row: ascending numbers, as a partition's generator hands them out.
fn key(instance: u64, row: usize) -> [u8; 8] {
    ((1u64 << 51) + instance * 4 + row as u64).to_be_bytes()
}

/// Processor time of this process, in steps of 10 ms.
fn process_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Duration::from_millis(
        fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10,
    )
}

/// Bytes that this process has given to disks (the kernel's count: pages that reached the block layer or will).
fn written() -> u64 {
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// One step of the churn: an instance is born, one is changed, one dies.
fn step(engine: &mut dyn Engine, number: u64, first: u64, value: &[u8]) -> Result<(), Failed> {
    for (row, bytes) in ROW_BYTES.into_iter().enumerate() {
        engine.put(&key(number, row), &value[..bytes])?;
        if number >= first + ALIVE / 2 {
            engine.put(&key(number - ALIVE / 2, row), &value[1..=bytes])?;
        }
        if number >= first + ALIVE {
            engine.delete(&key(number - ALIVE, row))?;
        }
    }
    Ok(())
}

fn churn(engine: &mut dyn Engine, first: u64, instances: u64) -> Result<(), Failed> {
    let value: Vec<u8> = (0..512).map(|at| (at * 31 % 251) as u8).collect();
    for number in first..first + instances {
        step(engine, number, first, &value)?;
        if number % BATCH == BATCH - 1 {
            engine.commit()?;
        }
        if number == first + instances / 2 {
            engine.sync(number)?;
        }
    }
    engine.commit()?;
    engine.sync(first + instances - 1)?;
    if engine.get(&key(first + instances - 1, 0))?.is_none() || engine.get(&key(first, 0))?.is_some() {
        return Err("the store does not hold what was written".into());
    }
    Ok(())
}

fn load(engine: &mut dyn Engine, rows: u64) -> Result<u64, Failed> {
    let value: Vec<u8> = (0..512).map(|at| (at * 37 % 251) as u8).collect();
    let instances = (rows / ROW_BYTES.len() as u64).max(1);
    for number in 0..instances {
        for (row, bytes) in ROW_BYTES.into_iter().enumerate() {
            engine.put(&key(number, row), &value[..bytes])?;
        }
        if number % 4096 == 4095 {
            engine.commit()?;
        }
        if number % 100_000 == 99_999 {
            engine.sync(number)?;
        }
    }
    engine.commit()?;
    engine.sync(instances - 1)?;
    Ok(instances)
}

fn measure(name: &str, engine: &mut dyn Engine, rows: u64, instances: u64) -> Result<(), Failed> {
    let first = load(engine, rows)?;
    let (cpu, bytes, start) = (process_cpu(), written(), Instant::now());
    churn(engine, first, instances)?;
    let (elapsed, cpu, bytes) = (start.elapsed(), process_cpu() - cpu, written() - bytes);
    let operations = (instances * 3 * ROW_BYTES.len() as u64) as f64;
    println!(
        "{name:<24} {:>12.0} {:>12.0} {:>14.0}",
        operations / elapsed.as_secs_f64(),
        cpu.as_nanos() as f64 / operations,
        bytes as f64 / instances as f64,
    );
    Ok(())
}

fn all(directory: &Path, rows: u64, instances: u64) -> Result<(), Failed> {
    println!("{rows} long-lived rows, {instances} instances of 3 rows: insert, update, delete");
    println!("{:<24} {:>12} {:>12} {:>14}", "", "ops/s", "CPU ns/op", "bytes/instance");
    let folder = tempfile::Builder::new().prefix("ringbolt-bench-store").tempdir_in(directory)?;
    let path = |name: &str| -> Result<_, Failed> {
        let path = folder.path().join(name);
        fs::create_dir(&path)?;
        Ok(path)
    };
    measure("ringbolt overlay + LMDB", &mut RingboltEngine::open(&path("ringbolt")?)?, rows, instances)?;
    measure("redb", &mut RedbEngine::open(&path("redb")?)?, rows, instances)?;
    measure("fjall", &mut FjallEngine::open(&path("fjall")?)?, rows, instances)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |word| word.parse::<u64>());
    let (Ok(rows), Ok(instances)) = (number(1, 1_000_000), number(2, 50_000)) else {
        eprintln!("ringbolt-bench-store [DIRECTORY] [LONG_LIVED] [INSTANCES]");
        return ExitCode::FAILURE;
    };
    match all(Path::new(arguments.first().map_or(".", String::as_str)), rows, instances) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
