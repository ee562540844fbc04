//! One partition: commands in, entries, answers and pushes out. Sans-I/O and single-threaded.
//!
//! Code map
//! - `partition`: processing, the commit gate, recovery, stopping.
//! - `consensus`: which index an entry gets, and what is committed.
//! - `streams`: open job streams, waiting polls and their credit.
//! - `pulls`: what streams and polls find when they come, and who gets what waits.
//! - `held`: effects that wait for their entry's commit.
//! - `checkpoints`: when a checkpoint starts, waits and is retried.
//! - `readers`: what readers of the log may keep, when entries are spilled, when a reader is detached.
//! - `retention`: checkpoints, readers and the release of the log together.
//! - `flow`: which new work is refused when commits are slow.
//! - `recovery`: the mark of a state in its log; `replay`: the world while a log is replayed.
//! - `lifetimes`: how long instances live, by sample.
//! - `slices`: work that no client waits for, in turns of bounded length.
//! - `observe`: what an entry's events mean to the partition itself.
//! - `host`: the one seam to the world.
//!
//! Invariants
//! - P1 No effect leaves before the last entry appended when it was computed is committed.
//! - P2 The commit index is the only gate: whoever moves it (a disk, later a quorum) decides.
//! - P3 Time never goes backwards: an entry's time is max(previous entry's time, the host's clock).
//! - P4 After a fault of state or log nothing leaves any more; every waiting request learns why.
//! - P5 The log is released only up to what the base holds and no attached reader needs; a reader's hold is bounded.

mod checkpoints;
mod consensus;
mod flow;
mod held;
mod host;
mod lifetimes;
mod observe;
mod partition;
mod pulls;
mod reader_view;
mod readers;
mod recovery;
mod replay;
mod retention;
mod slices;
mod stats;
mod streams;

pub use checkpoints::CheckpointSettings;
pub use flow::{FlowSettings, is_large, new_work_bytes};
pub use host::{Answer, EntryFrame, Host, Refusal};
pub use partition::{Clock, Partition, PartitionSettings};
pub use pulls::Found;
pub use reader_view::{ReaderId, ReaderView};
pub use readers::{ReaderReport, ReaderSettings, SpillEnd};
pub use recovery::RecoveryError;
pub use replay::ReplayCheckpoint;
pub use slices::SliceKinds;
pub use stats::PartitionStats;
pub use streams::{PollSpec, StreamSpec};
