//! What an instance still has to do, and that processing gave up on it.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use crate::ids::Key;
use rkyv::Archive;
use rkyv::with::{InlineAsBox, Map};

/// Processing failed unexpectedly; the instance is banned.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ErrorRecord<'a> {
    /// The banned instance.
    pub process_instance_key: Key,
    /// What went wrong.
    #[rkyv(with = InlineAsBox)]
    pub message: &'a str,
}

/// Follow-ups of an instance that wait for another entry, or that were taken up there. The record's key is that of the
/// first.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct PendingCommandRecord<'a> {
    /// The instance.
    pub process_instance_key: Key,
    /// The last of them; of those taken up, all that stand between the first and the last were.
    pub last: Key,
    /// What waits, first to last, as [`crate::FollowUp::to_bytes`] gives it; none when they are taken up.
    #[rkyv(with = Map<InlineAsBox>)]
    pub follow_ups: Vec<&'a [u8]>,
}
