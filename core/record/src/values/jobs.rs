//! Jobs, and batches of them in the hands of workers.

use super::InstanceRef;
use crate::ids::{DurationMs, ElementIndex, Key, TimestampMs};
use crate::wire_enums::{JobKind, JobListenerEventType};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A job, as it is after the event.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct JobRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for it.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// What made it.
    pub kind: JobKind,
    /// What its listener listens to; unspecified for other jobs.
    pub listener_event_type: JobListenerEventType,
    /// Which of its element's listeners it is for, counted from 0; 0 for other jobs.
    pub listener_index: u32,
    /// Whether its headers are not those of its element in the model.
    pub has_own_headers: bool,
    /// Which workers it is for.
    #[rkyv(with = InlineAsBox)]
    pub job_type: &'a str,
    /// Who has it; empty when nobody has.
    #[rkyv(with = InlineAsBox)]
    pub worker: &'a str,
    /// How often it may still fail.
    pub retries: i32,
    /// Of jobs that wait, those with more come first.
    pub priority: i32,
    /// The batch of jobs that gave it out under a lease last; none if it never was.
    pub lease: Key,
    /// When it is taken back from its worker; 0 when nobody has it.
    pub deadline: TimestampMs,
    /// How long a failed job rests.
    pub retry_backoff: DurationMs,
    /// When a failed job is offered again; 0 when it does not rest.
    pub recurring_time: TimestampMs,
    /// The custom headers as a JSON object; written when the job is created, empty after unless they are its own.
    #[rkyv(with = InlineAsBox)]
    pub custom_headers: &'a str,
    /// What the worker said went wrong.
    #[rkyv(with = InlineAsBox)]
    pub error_message: &'a str,
    /// The error that the worker threw.
    #[rkyv(with = InlineAsBox)]
    pub error_code: &'a str,
    /// Of a thrown error: whether an event catches it.
    pub is_caught: bool,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Jobs handed to a worker together.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct JobBatchRecord<'a> {
    /// The type asked for.
    #[rkyv(with = InlineAsBox)]
    pub job_type: &'a str,
    /// Who gets them.
    #[rkyv(with = InlineAsBox)]
    pub worker: &'a str,
    /// When they are taken back.
    pub deadline: TimestampMs,
    /// Whether whoever ends one of them has to show the token of this batch.
    pub with_leases: bool,
    /// The jobs.
    #[rkyv(with = InlineAsBox)]
    pub job_keys: &'a [Key],
}
