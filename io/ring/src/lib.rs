//! The per-core runtime: one pinned executor per core, and everything a core may touch outside its own memory.
//!
//! * [`cores`]: start, pin, stop and join the core threads; signals.
//! * [`task`] and [`time`]: local tasks, timers, the one monotonic and the one wall clock.
//! * [`fs`]: aligned buffers and direct file I/O.
//! * [`net`]: listeners with one socket per core, sockets that move between cores, streams.
//! * [`mailbox`]: the bounded way from any thread into a core. [`local`]: primitives inside one core.
//! * [`side`]: a bounded pool of low-priority threads for slow work.
//! * [`keep_off`]: threads beside the cores leave the cores' CPUs to them.
//! * [`take_short_turns`]: who answers somebody gets its CPU when it wakes.
//! * [`memory`]: what the allocator keeps.
//! * [`rt`]: what hyper needs to run here.
//! * [`on_hangup`]: SIGHUP, on a thread beside the cores. [`raise_descriptor_limit`]: how many files may be open.
//!
//! Invariants: tasks, streams and timers never leave the core that made them (they are `!Send`); the only ways into a
//! core from another thread are a mailbox, a side task's completion and the shutdown signal, and all three go
//! through the core's one doorbell. Every queue is bounded.
//!
//! Deliberately absent: work stealing, a global executor, and any name of the executor crate underneath: it can be
//! replaced here without a change above.
#![allow(unsafe_code)]

mod aside;
mod core_local;
pub mod cores;
mod descriptors;
mod doorbell;
mod driver;
pub mod fs;
mod hangup;
pub mod local;
pub mod mailbox;
pub mod memory;
pub mod net;
pub mod rt;
mod shutdown;
pub mod side;
pub mod task;
pub mod time;
mod turns;

pub use aside::keep_off;
pub use core_local::{CoreStats, core_index, stats};
pub use cores::{Core, Cores, CoresConfig, Failure, Signals, block_on};
pub use descriptors::raise_descriptor_limit;
pub use driver::{Driver, DriverChoice, DriverError, Probe, probe};
pub use hangup::on_hangup;
pub use shutdown::{Shutdown, is_signaled};
pub use task::{JoinHandle, spawn, yield_now};
pub use time::{sleep, timeout, timeout_if};
pub use turns::take_short_turns;
