//! What it costs to share between cores: locks of parking_lot and of the standard library, and Ringbolt's mailbox.
//!
//! `ringbolt-bench-locks [CPU CPU] [ROUNDS]`. Three questions: a lock that nobody else wants, as on the cold paths; a lock
//! that two CPUs fight for, as a shared structure on the hot path would be; a message to another core and back. Rounds
//! are short, so that some pass undisturbed on a busy machine. Per line the best round; of the fights the median, since a round
//! whose threads never met would be the best.

mod hop;
mod lock;

use std::collections::VecDeque;
use std::process::ExitCode;

use lock::{ParkingMutex, ParkingRead, ParkingWrite, Shared, StdMutex, StdRead, StdWrite};

/// Runs a measurement several times and prints the least, or with `share` 0.5 the middle.
fn rank(name: &str, unit: &str, rounds: usize, share: f64, mut measure: impl FnMut() -> f64) {
    let mut figures: Vec<f64> = (0..rounds).map(|_| measure()).collect();
    figures.sort_by(f64::total_cmp);
    let figure = figures[(share * (rounds - 1) as f64) as usize];
    println!("{name:<58} {figure:>9.1} {unit}");
}

fn best(name: &str, unit: &str, rounds: usize, measure: impl FnMut() -> f64) {
    rank(name, unit, rounds, 0.0, measure);
}

fn locks(rounds: usize, cpus: [usize; 2]) {
    fn one<L: Shared>(name: &str, rounds: usize, cpus: [usize; 2]) {
        best(&format!("{name}, uncontended"), "ns", rounds, lock::uncontended::<L>);
        rank(&format!("{name}, two CPUs"), "ns", rounds, 0.5, || lock::contended::<L>(cpus));
    }
    one::<ParkingMutex>("parking_lot Mutex", rounds, cpus);
    one::<StdMutex>("std Mutex", rounds, cpus);
    one::<ParkingRead>("parking_lot RwLock, read", rounds, cpus);
    one::<StdRead>("std RwLock, read", rounds, cpus);
    one::<ParkingWrite>("parking_lot RwLock, write", rounds, cpus);
    one::<StdWrite>("std RwLock, write", rounds, cpus);
    println!(
        "bytes of Mutex<()> and Condvar: parking_lot {} and {}, std {} and {}",
        size_of::<parking_lot::Mutex<()>>(),
        size_of::<parking_lot::Condvar>(),
        size_of::<std::sync::Mutex<()>>(),
        size_of::<std::sync::Condvar>(),
    );
}

fn hops(rounds: usize, cpus: [usize; 2]) {
    type Parking = hop::ParkingQueue<VecDeque<u64>>;
    type Std = hop::StdQueue<VecDeque<u64>>;
    best("there and back: parking_lot Mutex + Condvar", "ns", rounds, || hop::round_trip::<Parking>(cpus));
    best("there and back: std Mutex + Condvar", "ns", rounds, || hop::round_trip::<Std>(cpus));
    best("there and back: mailbox between cores", "ns", rounds, || hop::mailbox_round_trip(cpus));
    best("there and back: side thread and its result", "ns", rounds, || hop::side_round_trip(cpus[0]));
    best("one way, many: parking_lot Mutex + Condvar", "ns/message", rounds, || hop::stream::<Parking>(cpus));
    best("one way, many: std Mutex + Condvar", "ns/message", rounds, || hop::stream::<Std>(cpus));
    best("one way, many: mailbox between cores", "ns/message", rounds, || hop::mailbox_stream(cpus));
}

fn main() -> ExitCode {
    let numbers: Result<Vec<usize>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    let (cpus, rounds) = match numbers.as_deref() {
        Ok([]) => ([0, 1], 40),
        Ok([first, second]) => ([*first, *second], 40),
        Ok([first, second, rounds]) => ([*first, *second], (*rounds).max(1)),
        _ => {
            eprintln!("ringbolt-bench-locks [CPU CPU] [ROUNDS]");
            return ExitCode::FAILURE;
        }
    };
    locks(rounds, cpus);
    hops(rounds, cpus);
    ExitCode::SUCCESS
}
