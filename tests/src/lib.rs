//! Tests of the repository as a whole: its rules (`tests/tidy.rs`) and its binary as a black box (`tests/server.rs`,
//! `tests/faults.rs`, `tests/export.rs`, `tests/tls.rs`). This library is the rig that starts, asks and kills the binary.

pub mod http;
pub mod raw;
pub mod server;
pub mod small_disk;
pub mod tls;

use std::time::{Duration, Instant};

/// How long a state may take to come about before a test gives up. Generous: machines are slow and busy.
const STATE_MAX: Duration = Duration::from_secs(60);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none in a minute; `what` says what did not happen.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < STATE_MAX, "it did not happen: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
