//! Tests of the repository as a whole: its rules (`tests/tidy.rs`) and its binary (`tests/server.rs`).
