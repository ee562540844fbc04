//! A follow-up on its way through an entry, and the room that is kept for it.

use ringbolt_record::follow_up::FOLLOW_UP_BYTES_MAX;
use ringbolt_record::{FollowUp, Key};

/// The room in an entry that is kept for a follow-up that may have to be put off, bytes: what it takes in a record, with
/// a share of the record itself.
pub(crate) const STEP_BYTES: usize = FOLLOW_UP_BYTES_MAX + 64;
/// The room in an entry that is kept for the record of what was taken up, bytes.
pub(crate) const TAIL_BYTES: usize = 128;

/// A follow-up of an instance, on its way. No record: only what it causes is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) process_instance_key: Key,
    pub(crate) follow_up: FollowUp,
}
