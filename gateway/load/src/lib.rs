//! The load applications: `ringbolt starter`, `ringbolt worker`, `ringbolt bench`, and the load inside `ringbolt demo`.
//!
//! * [`run_starter`] creates instances, [`run_worker`] completes jobs, [`run_bench`] does both and follows each instance from
//!   its creation to the acknowledged completion. [`demo_load`] is the same on the caller's core, for ever.
//! * Each runs on one core with its own executor, so that it can be pinned beside the server it measures.
//! * Every latency is measured from when the request was due (`schedule`), is kept in HDR histograms (`stats`), and is reported
//!   beside what the server's process and metrics say about the same time (`server_watch`).
//!
//! Code map: `args` (command line), `target` over `grpc` and `rest` (the calls), `clock` (waiting to the microsecond), `run` (one
//! run's state), `creator` and `worker` (the two halves), `scenario` (what is worked on beside one task), `timeline` (warm-up, window, drain), `report` (JSON and table).
//!
//! It speaks only what any client could speak: nothing here knows the engine's insides, so the same load runs against
//! any engine with these protocols.

mod apps;
mod args;
mod call;
mod clock;
mod creator;
mod cycles;
mod demo;
mod error;
mod grpc;
mod h1;
mod history;
mod job;
mod messages;
mod model;
mod process;
mod progress;
mod prometheus;
mod report;
mod rest;
mod run;
mod scenario;
mod schedule;
mod server_watch;
mod stats;
mod table;
mod target;
mod tell;
#[cfg(test)]
mod tests;
mod timeline;
mod worker;

pub use apps::{run_bench, run_starter, run_worker};
pub use args::{
    BenchArgs, Mode, ModelArgs, PaceArgs, Protocol, ReportArgs, ScenarioArgs, StarterArgs, TargetArgs,
    TimeArgs, WorkArgs, WorkerArgs,
};
pub use demo::{DemoPlan, Figures, Summary, demo_load};
pub use error::Error;
pub use model::{JOB_TYPE, PROCESS_ID, SAMPLE};
pub use process::ProcessUsage;
pub use scenario::Scenario;
pub use schedule::{Pace, payload};
pub use stats::Latency;
