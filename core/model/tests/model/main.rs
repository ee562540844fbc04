//! The tests of the model: what compiles, what is refused and how it is said, and that any bytes end quickly.

mod content;
mod coverage;
mod cron;
mod deploy;
mod events;
mod mapping;
mod reject;
mod report;
mod robustness;
mod support;
mod tasks;
