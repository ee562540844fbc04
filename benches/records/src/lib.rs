//! One job record in the formats that were weighed for Ringbolt's log: rkyv as `core/record` uses it, and others.
//!
//! Each format is one file with the same five functions: encode into a reused buffer, read three fields (checked and, where
//! there is such a thing, unchecked), decode everything into owned text. A format does the least it can: what skips
//! unknown fields is asked for three, what cannot must read all of them, borrowed.

pub mod formats;
pub mod job;
