//! Calls over gRPC: a few HTTP/2 connections, used in turn.

use crate::call::{CallError, Failure};
use crate::job::{Job, JobQuery, MESSAGE_LIFE};
use crate::messages::{
    ActivateJobs, ActivatedJob, ActivatedJobs, CompleteJob, CreateProcessInstance, Created, DeployResource,
    Ignored, PublishMessage, Resource, StreamActivatedJobs, ThrowError,
};
use bytes::Bytes;
use ringbolt_grpc::client::{CallOptions, Channel, Streaming};
use ringbolt_http::client::Endpoint;
use std::cell::{Cell, RefCell};
use std::time::Duration;

const DEPLOY: &str = "/gateway_protocol.Gateway/DeployResource";
const CREATE: &str = "/gateway_protocol.Gateway/CreateProcessInstance";
const COMPLETE: &str = "/gateway_protocol.Gateway/CompleteJob";
const ACTIVATE: &str = "/gateway_protocol.Gateway/ActivateJobs";
const THROW: &str = "/gateway_protocol.Gateway/ThrowError";
const PUBLISH: &str = "/gateway_protocol.Gateway/PublishMessage";
const STREAM: &str = "/gateway_protocol.Gateway/StreamActivatedJobs";

/// How much longer than a long poll its client waits for the answer.
const POLL_GRACE: Duration = Duration::from_secs(5);

/// A server reached over gRPC.
pub(crate) struct GrpcTarget {
    to: Endpoint,
    channels: Vec<RefCell<Channel>>,
    next: Cell<usize>,
    options: CallOptions,
    process_id: Bytes,
    variables: Bytes,
}

impl GrpcTarget {
    /// Connects `connections` times.
    pub(crate) async fn connect(
        to: Endpoint,
        connections: usize,
        process_id: &str,
        variables: &str,
    ) -> Result<Self, CallError> {
        let mut channels = Vec::with_capacity(connections);
        for _ in 0..connections {
            channels.push(RefCell::new(Channel::connect(to.clone()).await.map_err(CallError::connection)?));
        }
        Ok(Self {
            to,
            channels,
            next: Cell::new(0),
            options: CallOptions::default(),
            process_id: Bytes::copy_from_slice(process_id.as_bytes()),
            variables: Bytes::copy_from_slice(variables.as_bytes()),
        })
    }

    /// The next connection; one that the server closed is made again.
    async fn channel(&self) -> Result<Channel, CallError> {
        let index = self.next.get();
        self.next.set((index + 1) % self.channels.len());
        let channel = self.channels[index].borrow().clone();
        if !channel.is_closed() {
            return Ok(channel);
        }
        let fresh = Channel::connect(self.to.clone()).await.map_err(CallError::connection)?;
        self.channels[index].replace(fresh.clone());
        Ok(fresh)
    }

    pub(crate) async fn deploy(&self, resources: &[(String, String)]) -> Result<(), CallError> {
        let resource = |(name, text): &(String, String)| Resource {
            name: name.clone(),
            content: Bytes::copy_from_slice(text.as_bytes()),
        };
        let request = DeployResource { resources: resources.iter().map(resource).collect() };
        self.channel().await?.unary::<_, Ignored>(DEPLOY, &request, &self.options).await?;
        Ok(())
    }

    /// The new instance's key.
    pub(crate) async fn create(&self) -> Result<i64, CallError> {
        let request = CreateProcessInstance {
            bpmn_process_id: self.process_id.clone(),
            version: -1,
            variables: self.variables.clone(),
        };
        let created: Created = self.channel().await?.unary(CREATE, &request, &self.options).await?;
        match created.process_instance_key {
            0 => Err(CallError::new(Failure::Answer, "no processInstanceKey in the answer")),
            key => Ok(key),
        }
    }

    pub(crate) async fn complete(&self, job_key: i64, variables: &Bytes) -> Result<(), CallError> {
        let request = CompleteJob { job_key, variables: variables.clone() };
        self.channel().await?.unary::<_, Ignored>(COMPLETE, &request, &self.options).await?;
        Ok(())
    }

    pub(crate) async fn throw_error(&self, job_key: i64, code: &str) -> Result<(), CallError> {
        let request = ThrowError { job_key, error_code: code.to_owned() };
        self.channel().await?.unary::<_, Ignored>(THROW, &request, &self.options).await?;
        Ok(())
    }

    pub(crate) async fn publish(&self, name: &str, correlation_key: &str) -> Result<(), CallError> {
        let request = PublishMessage {
            name: name.to_owned(),
            correlation_key: correlation_key.to_owned(),
            time_to_live: i64::try_from(MESSAGE_LIFE.as_millis()).unwrap_or(i64::MAX),
        };
        self.channel().await?.unary::<_, Ignored>(PUBLISH, &request, &self.options).await?;
        Ok(())
    }

    /// One long poll for at most `max` jobs, waiting at most `wait` for the first.
    pub(crate) async fn activate(
        &self,
        query: &JobQuery,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Job>, CallError> {
        let request = ActivateJobs {
            job_type: query.job_type.clone(),
            worker: query.worker.clone(),
            timeout_ms: query.timeout_ms,
            max_jobs_to_activate: i32::try_from(max).unwrap_or(i32::MAX),
            request_timeout_ms: i64::try_from(wait.as_millis()).unwrap_or(i64::MAX),
        };
        let options = CallOptions { timeout: Some(wait + POLL_GRACE), ..CallOptions::default() };
        let mut answers: Streaming<ActivatedJobs> =
            self.channel().await?.streaming(ACTIVATE, &request, &options).await?;
        let mut jobs = Vec::new();
        while let Some(answer) = answers.message().await? {
            jobs.extend(answer.jobs.iter().map(Job::from));
        }
        Ok(jobs)
    }

    /// Opens a job stream.
    pub(crate) async fn stream(&self, query: &JobQuery) -> Result<GrpcJobs, CallError> {
        let request = StreamActivatedJobs {
            job_type: query.job_type.clone(),
            worker: query.worker.clone(),
            timeout_ms: query.timeout_ms,
        };
        let call = self.channel().await?;
        // Some servers send the header with the first job only, so the stream is opened when it is first read.
        let options = self.options.clone();
        let opening = Box::pin(async move { call.streaming(STREAM, &request, &options).await });
        Ok(GrpcJobs { state: State::Opening(opening) })
    }
}

type Opening =
    std::pin::Pin<Box<dyn Future<Output = Result<Streaming<ActivatedJob>, ringbolt_grpc::Status>>>>;

enum State {
    Opening(Opening),
    Open(Streaming<ActivatedJob>),
}

/// Jobs as they are pushed.
pub(crate) struct GrpcJobs {
    state: State,
}

impl GrpcJobs {
    /// The next job; none when the server ended the stream.
    pub(crate) async fn next(&mut self) -> Result<Option<Job>, CallError> {
        if let State::Opening(opening) = &mut self.state {
            self.state = State::Open(opening.await?);
        }
        match &mut self.state {
            State::Opening(_) => unreachable!("opened above"),
            State::Open(stream) => Ok(stream.message().await?.as_ref().map(Job::from)),
        }
    }
}

impl From<&ActivatedJob> for Job {
    fn from(job: &ActivatedJob) -> Self {
        Self { key: job.key, instance_key: job.process_instance_key, deadline_ms: job.deadline }
    }
}
