//! Tests of the repository as a whole: its rules (`tests/tidy.rs`) and its binary as a black box
//! (`tests/server.rs`, `tests/faults.rs`, `tests/export.rs`). This library is the rig that starts, asks and kills the binary.

pub mod http;
pub mod raw;
pub mod server;
pub mod small_disk;
