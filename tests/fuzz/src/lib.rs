//! Fuzz targets for everything that reads bytes from outside or from a disk, on stable Rust (`docs/dev/fuzzing.md`).
//!
//! Code map
//! - `rng`, `mutate`: seeded mutations that know brackets, numbers and a target's tokens.
//! - `run`: the loop, what it holds an input against (panic, time, memory), and how it reports and shrinks a failure.
//! - `targets`: one file per parser or evaluator: its corpus, its tokens and its checks.
//!
//! Invariants
//! - The same seed gives the same inputs in the same order, whatever the machine; only how many of them are run depends on time.
//! - A check panics when something is wrong and returns what it saw otherwise; inputs that show something new are mutated further.
//!
//! Deliberately absent: coverage instrumentation (it needs a nightly compiler) and inputs from disk.

pub mod mutate;
pub mod rng;
pub mod run;
pub mod targets;
