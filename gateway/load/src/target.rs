//! A server, whichever protocol it is spoken to with.

use crate::call::CallError;
use crate::grpc::{GrpcJobs, GrpcTarget};
use crate::job::{Job, JobQuery};
use crate::rest::{RestJobs, RestTarget};
use bytes::Bytes;
use std::time::Duration;

/// The server under load.
pub(crate) enum Target {
    Grpc(GrpcTarget),
    Rest(RestTarget),
}

impl Target {
    /// Deploys resources, given by name and content, together.
    pub(crate) async fn deploy(&self, resources: &[(String, String)]) -> Result<(), CallError> {
        match self {
            Self::Grpc(target) => target.deploy(resources).await,
            Self::Rest(target) => target.deploy(resources).await,
        }
    }

    /// Creates an instance; its key.
    pub(crate) async fn create(&self) -> Result<i64, CallError> {
        match self {
            Self::Grpc(target) => target.create().await,
            Self::Rest(target) => target.create().await,
        }
    }

    /// Completes a job with a JSON object of variables, or without any if `variables` is empty.
    pub(crate) async fn complete(&self, job_key: i64, variables: &Bytes) -> Result<(), CallError> {
        match self {
            Self::Grpc(target) => target.complete(job_key, variables).await,
            Self::Rest(target) => target.complete(job_key, variables).await,
        }
    }

    /// Throws a BPMN error where a job stands.
    pub(crate) async fn throw_error(&self, job_key: i64, code: &str) -> Result<(), CallError> {
        match self {
            Self::Grpc(target) => target.throw_error(job_key, code).await,
            Self::Rest(target) => target.throw_error(job_key, code).await,
        }
    }

    /// Publishes a message that waits a minute for whom it is.
    pub(crate) async fn publish(&self, name: &str, correlation_key: &str) -> Result<(), CallError> {
        match self {
            Self::Grpc(target) => target.publish(name, correlation_key).await,
            Self::Rest(target) => target.publish(name, correlation_key).await,
        }
    }

    /// One long poll.
    pub(crate) async fn activate(
        &self,
        query: &JobQuery,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Job>, CallError> {
        match self {
            Self::Grpc(target) => target.activate(query, max, wait).await,
            Self::Rest(target) => target.activate(query, max, wait).await,
        }
    }

    /// A job stream.
    pub(crate) async fn stream(&self, query: &JobQuery) -> Result<Jobs, CallError> {
        match self {
            Self::Grpc(target) => target.stream(query).await.map(Jobs::Grpc),
            Self::Rest(target) => target.stream(query).await.map(Jobs::Rest),
        }
    }
}

/// An open job stream.
pub(crate) enum Jobs {
    Grpc(GrpcJobs),
    Rest(RestJobs),
}

impl Jobs {
    /// The next job; none when the server ended the stream.
    pub(crate) async fn next(&mut self) -> Result<Option<Job>, CallError> {
        match self {
            Self::Grpc(jobs) => jobs.next().await,
            Self::Rest(jobs) => jobs.next().await,
        }
    }
}
