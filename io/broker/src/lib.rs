//! One core's partitions, driven over its journal, its stores and the mailboxes to other cores.
//!
//! Code map
//! - `clock`: the time that partitions are told.
//! - `core`: [`CoreBroker`], what the gateway talks to; submits commands, waits for answers.
//! - `host`: the world as this core's partitions see it.
//! - `jobs`, `polls`, `requests`: streams, polls and requests of this core's clients.
//! - `mesh`: messages between cores.
//! - `background`: what nobody waits for, slice by slice. `batches`: whose items are to be selected.
//! - `tasks`: the core's own tasks: commits, mailbox, timers, checkpoints.
//! - `entrance`, `door`, `admission`, `write_limit`, `flow_control`: which new work is turned away, which waits at the door.
//! - `large`: commands that bring much, which wait while the next write has enough.
//! - `directory`: whose the data directory is.
//! - `open`: recovery, distribution of partitions over cores; `open_error` why that fails.
//! - `readers`: named readers of the log, for exporters; `past` what it still has of an instance, for who looks.
//! - `positions`: the last position of each partition, for all cores.
//! - `metrics`: figures of one core.
//! - `notices`: what an operator has to know.
//!
//! Invariants
//! - A request for a partition of its own core crosses no thread (`handoffs_sent` stays as it was).
//! - An answer, a push or a poll's jobs leave only through a partition's commit gate.
//! - Activated jobs that reach nobody go back to their partition as YIELD.

// The rig of the tests beside this crate speaks of it by its name.
#[cfg(test)]
extern crate self as ringbolt_broker;

mod admission;
mod background;
mod batches;
mod clock;
#[cfg(test)]
mod clock_is_set;
mod collection;
mod controlled_clock;
mod core;
mod directory;
mod door;
mod entrance;
mod flow_control;
mod host;
mod jobs;
mod large;
mod log;
mod mesh;
pub mod metrics;
mod notices;
mod open;
mod open_error;
mod past;
mod pending;
mod polls;
mod positions;
mod purge;
mod readers;
mod requests;
#[cfg(test)]
#[path = "../tests/rig/mod.rs"]
mod rig;
mod side_threads;
mod tasks;
mod told_state;
mod write_limit;

pub use batches::ToSelect;
pub use clock::ClockJump;
pub use controlled_clock::{CLOCK_MS_MAX, clock_ms, move_clock, pin_clock, reset_clock};
pub use core::{CoreBroker, JobStream, JobStreamSpec};
pub use directory::{DIRECTORY_FORMAT, DataDirectory, DirectoryError};
pub use flow_control::{
    FlowControl, RESPONSE_TARGET_MS, RESPONSE_TARGET_MS_DEFAULT, STORAGE_BACKLOG_DEFAULT, Throttling,
    WRITE_LIMIT, WriteSettings,
};
pub use mesh::{BANNED_LISTED_MAX, CoreReport, Mesh, PartitionReport};
pub use notices::Notice;
pub use open::{BrokerSettings, Node};
pub use open_error::OpenError;
pub use past::{Past, PastBounds, PastRecord, Pasts};
pub use polls::JobPoll;
pub use readers::{Definition, LogReader, ReaderFigures, ReaderStatus, STORAGE_READER};
pub use ringbolt_partition::{Answer, Clock, Refusal};
pub use side_threads::SideThreads;
pub use told_state::StatePart;
