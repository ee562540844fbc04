//! The simulation's tests: crashes at every point, crashes at random points, faults one by one, and that the same
//! seed gives the same trace.
//!
//! `RINGBOLT_SIM_SEEDS` sets how many seeds crash at random points (1,000), `RINGBOLT_SIM_TRACE` how many commands
//! the traces with all crash points have (200), `RINGBOLT_SIM_FIRST` the first seed. A failure prints its seed and the
//! end of the shortest trace that shows it.

mod crashes;
mod faults;
mod readers;
mod rig;

use std::str::FromStr;

/// A number from the environment.
fn from_environment<T: FromStr>(name: &str, default: T) -> T {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => default,
    }
}
