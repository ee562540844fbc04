//! A projector over a log in memory: going on after a crash, what cannot be used, what the log no longer has.

mod batches;
mod damage;
mod expiring;
mod faults;
mod feed;
mod log;
mod projector;
