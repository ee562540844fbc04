//! A seeded simulation of one node: the production code of journal, state and partition on a virtual disk and a
//! virtual clock, with crashes at any point and an oracle that knows everything.
//!
//! Code map
//! - `world`: the scheduler; it interleaves clients, writes, file jobs, checkpoints, timers and crashes.
//! - `settings`: how a node is set up by its seed.
//! - `node`: the partitions and their journal, wired as the broker wires them; `host`: their seam to this world.
//! - `recovery`: a start after a crash, in the broker's order; `disk`: what outlives a crash, and torn writes.
//! - `readers`: readers of the log, one for each partition; `reader_files` what they keep.
//! - `workload`: the clients; `models`: what they deploy.
//! - `oracle`: what must hold after every step and every crash; `facts`: what the log says, folded.
//! - `runs`: whole runs from one seed, failures with their trace; `report` the figures; `trace`, `random`: what their names say.
//!
//! Invariants
//! - Same seed, same trace: every choice is drawn from one seeded generator; no clock, no thread, no hash order.
//! - Nothing of production is replaced but the disk, the clock and the clients.
//! - The oracle never asks the code under test what is durable: it looks at what the virtual disk was given.

mod batches;
mod disk;
mod facts;
mod host;
mod models;
mod node;
mod oracle;
mod random;
mod reader_files;
mod readers;
mod recovery;
mod report;
mod runs;
mod settings;
mod trace;
mod workload;
mod world;

pub use disk::{Disks, Tear};
pub use random::Random;
pub use recovery::RecoverError;
pub use report::Report;
pub use runs::{Failure, Rounds, run_every_crash_point, run_rounds, run_rounds_or_shrink};
pub use settings::Settings;
pub use trace::Trace;
pub use world::{Stepped, World, WriteFault};
