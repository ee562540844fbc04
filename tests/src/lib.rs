//! Tests of the repository as a whole: its rules (`tests/tidy.rs`) and its binary as a black box
//! Tests of the repository as a whole: its rules (`tests/tidy.rs`) and its binary as a black box (`tests/server.rs`,
//! `tests/faults.rs`, `tests/export.rs`, `tests/tls.rs`). This library is the rig that starts, asks and kills the binary.

pub mod http;
pub mod raw;
pub mod server;
pub mod small_disk;
pub mod tls;
