//! The record: a job as `core/record` lays it out, of typical size, and the same for formats that work with serde.

use ringbolt_record::ids::{DurationMs, ElementIndex, Key, TimestampMs};
use ringbolt_record::values::{InstanceRef, JobRecord};
use ringbolt_record::wire_enums::JobKind;
use serde::{Deserialize, Serialize};

const PARTITION: u64 = 1 << 51;
const HEADERS: &str = r#"{"method":"POST","url":"https://example.com/orders","retryable":"true"}"#;

/// A job that was just handed to a worker.
#[must_use]
pub fn sample() -> JobRecord<'static> {
    JobRecord {
        instance: InstanceRef {
            process_definition_key: Key(PARTITION | 17),
            process_instance_key: Key(PARTITION | 123_456),
            root_process_instance_key: Key(PARTITION | 123_456),
        },
        element_instance_key: Key(PARTITION | 123_460),
        element_index: ElementIndex(4),
        kind: JobKind::BpmnElement,
        job_type: "payment-service",
        worker: "worker-7f9c4d6b8-x2x5k",
        retries: 3,
        deadline: TimestampMs(1_750_000_060_000),
        retry_backoff: DurationMs(0),
        recurring_time: TimestampMs(0),
        custom_headers: HEADERS,
        error_message: "",
        error_code: "",
        is_caught: false,
        tenant_id: "<default>",
    }
}

/// The same fields with plain types and owned text: what decoding everything makes, and what other formats encode.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct OwnedJob {
    pub process_definition_key: u64,
    pub process_instance_key: u64,
    pub root_process_instance_key: u64,
    pub element_instance_key: u64,
    pub element_index: u32,
    pub kind: u8,
    pub job_type: String,
    pub worker: String,
    pub retries: i32,
    pub deadline: i64,
    pub retry_backoff: i64,
    pub recurring_time: i64,
    pub custom_headers: String,
    pub error_message: String,
    pub error_code: String,
    pub tenant_id: String,
}

impl OwnedJob {
    /// The sample.
    #[must_use]
    pub fn sample() -> OwnedJob {
        let job = sample();
        OwnedJob {
            process_definition_key: job.instance.process_definition_key.0,
            process_instance_key: job.instance.process_instance_key.0,
            root_process_instance_key: job.instance.root_process_instance_key.0,
            element_instance_key: job.element_instance_key.0,
            element_index: job.element_index.0,
            kind: job.kind.number(),
            job_type: job.job_type.to_owned(),
            worker: job.worker.to_owned(),
            retries: job.retries,
            deadline: job.deadline.0,
            retry_backoff: job.retry_backoff.0,
            recurring_time: job.recurring_time.0,
            custom_headers: job.custom_headers.to_owned(),
            error_message: job.error_message.to_owned(),
            error_code: job.error_code.to_owned(),
            tenant_id: job.tenant_id.to_owned(),
        }
    }

    /// What reading three fields yields: the instance's key, the deadline and the worker's name in one number.
    #[must_use]
    pub fn three(&self) -> u64 {
        three(self.process_instance_key, self.deadline, &self.worker)
    }
}

/// The three fields that the engine reads most of a job, in one number.
#[must_use]
pub fn three(process_instance_key: u64, deadline: i64, worker: &str) -> u64 {
    process_instance_key ^ deadline.cast_unsigned() ^ worker.len() as u64
}

/// The three fields for formats that skip what a structure does not name.
#[derive(Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Three<'a> {
    pub process_instance_key: u64,
    pub worker: &'a str,
    pub deadline: i64,
}

impl Three<'_> {
    /// As [`OwnedJob::three`].
    #[must_use]
    pub fn three(&self) -> u64 {
        three(self.process_instance_key, self.deadline, self.worker)
    }
}

/// All fields with borrowed text, for formats without names: they cannot skip.
#[derive(Deserialize)]
#[allow(missing_docs)]
pub struct BorrowedJob<'a> {
    pub process_definition_key: u64,
    pub process_instance_key: u64,
    pub root_process_instance_key: u64,
    pub element_instance_key: u64,
    pub element_index: u32,
    pub kind: u8,
    pub job_type: &'a str,
    pub worker: &'a str,
    pub retries: i32,
    pub deadline: i64,
    pub retry_backoff: i64,
    pub recurring_time: i64,
    pub custom_headers: &'a str,
    pub error_message: &'a str,
    pub error_code: &'a str,
    pub tenant_id: &'a str,
}

impl BorrowedJob<'_> {
    /// As [`OwnedJob::three`].
    #[must_use]
    pub fn three(&self) -> u64 {
        three(self.process_instance_key, self.deadline, self.worker)
    }
}
