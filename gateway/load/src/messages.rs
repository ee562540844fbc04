//! The few messages of Zeebe's gRPC gateway that a load application sends, with only the fields it uses.
//!
//! Text that is passed on as it is (variables) is declared as bytes, which is the same on the wire and can be shared
//! instead of copied. Fields that are not declared are skipped when an answer is read.

use bytes::Bytes;
use prost::Message;

/// `DeployResourceRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct DeployResource {
    #[prost(message, repeated, tag = "1")]
    pub(crate) resources: Vec<Resource>,
}

/// `Resource`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Resource {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) content: Bytes,
}

/// `CreateProcessInstanceRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CreateProcessInstance {
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) bpmn_process_id: Bytes,
    /// -1 is the latest.
    #[prost(int32, tag = "3")]
    pub(crate) version: i32,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) variables: Bytes,
}

/// `CreateProcessInstanceResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Created {
    #[prost(int64, tag = "4")]
    pub(crate) process_instance_key: i64,
}

/// `CompleteJobRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CompleteJob {
    #[prost(int64, tag = "1")]
    pub(crate) job_key: i64,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) variables: Bytes,
}

/// `ThrowErrorRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ThrowError {
    #[prost(int64, tag = "1")]
    pub(crate) job_key: i64,
    #[prost(string, tag = "2")]
    pub(crate) error_code: String,
}

/// `PublishMessageRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct PublishMessage {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) correlation_key: String,
    /// Milliseconds.
    #[prost(int64, tag = "3")]
    pub(crate) time_to_live: i64,
}

/// `StreamActivatedJobsRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StreamActivatedJobs {
    #[prost(string, tag = "1")]
    pub(crate) job_type: String,
    #[prost(string, tag = "2")]
    pub(crate) worker: String,
    #[prost(int64, tag = "3")]
    pub(crate) timeout_ms: i64,
}

/// `ActivateJobsRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ActivateJobs {
    #[prost(string, tag = "1")]
    pub(crate) job_type: String,
    #[prost(string, tag = "2")]
    pub(crate) worker: String,
    #[prost(int64, tag = "3")]
    pub(crate) timeout_ms: i64,
    #[prost(int32, tag = "4")]
    pub(crate) max_jobs_to_activate: i32,
    #[prost(int64, tag = "6")]
    pub(crate) request_timeout_ms: i64,
}

/// `ActivateJobsResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ActivatedJobs {
    #[prost(message, repeated, tag = "1")]
    pub(crate) jobs: Vec<ActivatedJob>,
}

/// `ActivatedJob`.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct ActivatedJob {
    #[prost(int64, tag = "1")]
    pub(crate) key: i64,
    #[prost(int64, tag = "3")]
    pub(crate) process_instance_key: i64,
    /// Unix milliseconds.
    #[prost(int64, tag = "12")]
    pub(crate) deadline: i64,
}

/// An answer of which nothing is read.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Ignored {}
