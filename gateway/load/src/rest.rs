//! Calls over REST: a pool of HTTP/1.1 connections, or a few HTTP/2 connections, used in turn.
//!
//! Requests are prepared once; only a completion's job key changes. Answers are not parsed into a document: the
//! keys are picked out of the text.

use crate::call::{CallError, Failure};
use crate::h1::H1;
use crate::job::{Job, JobQuery, MESSAGE_LIFE};
use bytes::{Bytes, BytesMut};
use http::{Method, Request};
use http_body::Body as _;
use ringbolt_http::client::{Endpoint, Http2Client};
use ringbolt_http::{Body, Incoming, read_body};
use ringbolt_ring::local::Notify;
use sonic_rs::{JsonValueTrait, LazyValue, PointerTree};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

const BOUNDARY: &str = "ringbolt-load-boundary";
const JSON: &str = "application/json";
/// How much longer than a long poll its client waits for the answer.
const POLL_GRACE: Duration = Duration::from_secs(5);
/// Longest wait for the answer to anything else.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(60);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Of an error's text, how much is kept.
const MESSAGE_BYTES_MAX: usize = 300;
/// Where a streaming request is sent (Ringbolt's own, beside Camunda's API).
const STREAM_PATH: &str = "/v2/jobs/streaming";

/// A request that is sent many times.
struct Prepared {
    method: Method,
    path: String,
    content_type: &'static str,
    body: Bytes,
}

impl Prepared {
    fn post(path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, path: path.into(), content_type: JSON, body: body.into() }
    }

    /// The bytes of an HTTP/1.1 request.
    fn http1(&self, host: SocketAddr) -> Bytes {
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            self.method,
            self.path,
            self.content_type,
            self.body.len()
        );
        let mut bytes = BytesMut::with_capacity(head.len() + self.body.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes.freeze()
    }

    fn http2(&self, to: &Endpoint) -> Result<Request<Body>, CallError> {
        Request::builder()
            .method(self.method.clone())
            .uri(format!("{}://{}{}", to.scheme(), to.addr(), self.path))
            .header("content-type", self.content_type)
            .body(Body::full(self.body.clone()))
            .map_err(CallError::connection)
    }
}

/// HTTP/1.1 connections: as many as are in use at a time, up to a bound.
struct Pool {
    to: Endpoint,
    idle: RefCell<Vec<H1>>,
    open: Cell<usize>,
    open_max: usize,
    freed: Notify,
}

impl Pool {
    async fn take(&self) -> Result<H1, CallError> {
        loop {
            if let Some(connection) = self.idle.borrow_mut().pop() {
                return Ok(connection);
            }
            if self.open.get() < self.open_max {
                self.open.set(self.open.get() + 1);
                return H1::connect(&self.to).await.map_err(|error| {
                    self.closed();
                    CallError::connection(error)
                });
            }
            self.freed.notified().await;
        }
    }

    fn give_back(&self, connection: H1) {
        if connection.is_reusable() {
            self.idle.borrow_mut().push(connection);
            self.freed.notify_one();
        } else {
            self.closed();
        }
    }

    fn closed(&self) {
        self.open.set(self.open.get() - 1);
        self.freed.notify_one();
    }

    async fn exchange<T>(
        &self,
        request: &[u8],
        wait: Duration,
        read: impl FnOnce(u16, &[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut connection = self.take().await?;
        let answer = ringbolt_ring::timeout(wait, connection.exchange(request)).await;
        let result = match answer {
            Ok(Ok(answer)) => read(answer.status, answer.body),
            Ok(Err(error)) => Err(CallError::connection(error)),
            Err(elapsed) => Err(CallError::connection(elapsed)),
        };
        self.give_back(connection);
        result
    }
}

enum Transport {
    Http1(Pool),
    Http2 { clients: Vec<RefCell<Http2Client>>, next: Cell<usize> },
}

/// A server reached over REST.
pub(crate) struct RestTarget {
    to: Endpoint,
    transport: Transport,
    create: Prepared,
    create_http1: Bytes,
}

/// Which HTTP carries the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// This many keep-alive connections at most.
    Http1(usize),
    /// This many connections.
    Http2(usize),
}

impl RestTarget {
    pub(crate) async fn connect(
        to: Endpoint,
        version: Version,
        process_id: &str,
        variables: &str,
    ) -> Result<Self, CallError> {
        let transport = match version {
            Version::Http1(open_max) => {
                let pool = Pool {
                    to: to.clone(),
                    idle: RefCell::default(),
                    open: Cell::new(0),
                    open_max,
                    freed: Notify::new(),
                };
                // A server that is not there is an error now, not a thousand errors later.
                let first = pool.take().await?;
                pool.give_back(first);
                Transport::Http1(pool)
            }
            Version::Http2(connections) => {
                let mut clients = Vec::with_capacity(connections);
                for _ in 0..connections {
                    let client = Http2Client::connect(to.clone()).await.map_err(CallError::connection)?;
                    clients.push(RefCell::new(client));
                }
                Transport::Http2 { clients, next: Cell::new(0) }
            }
        };
        let body = format!(r#"{{"processDefinitionId":"{process_id}","variables":{variables}}}"#);
        let create = Prepared::post("/v2/process-instances", body);
        let create_http1 = create.http1(to.addr());
        Ok(Self { to, transport, create, create_http1 })
    }

    async fn send<T>(
        &self,
        request: &Prepared,
        http1: Option<&[u8]>,
        wait: Duration,
        read: impl FnOnce(u16, &[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        match &self.transport {
            Transport::Http1(pool) => match http1 {
                Some(bytes) => pool.exchange(bytes, wait, read).await,
                None => pool.exchange(&request.http1(self.to.addr()), wait, read).await,
            },
            Transport::Http2 { clients, next } => {
                let client = &clients[next.get()];
                next.set((next.get() + 1) % clients.len());
                let current = client.borrow().clone();
                let current = if current.is_closed() {
                    let fresh = Http2Client::connect(self.to.clone()).await.map_err(CallError::connection)?;
                    client.replace(fresh.clone());
                    fresh
                } else {
                    current
                };
                let response = current.send(request.http2(&self.to)?).await.map_err(CallError::connection)?;
                let status = response.status().as_u16();
                let body = read_body(response.into_body(), ANSWER_BYTES_MAX, wait).await;
                read(status, &body.map_err(CallError::connection)?)
            }
        }
    }

    pub(crate) async fn deploy(&self, resources: &[(String, String)]) -> Result<(), CallError> {
        let mut body = String::new();
        for (name, text) in resources {
            body += &format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"resources\"; filename=\"{name}\"\r\n\
                 content-type: application/octet-stream\r\n\r\n{text}\r\n"
            );
        }
        body += &format!("--{BOUNDARY}--\r\n");
        let request = Prepared {
            method: Method::POST,
            path: "/v2/deployments".to_owned(),
            content_type: "multipart/form-data; boundary=ringbolt-load-boundary",
            body: body.into(),
        };
        self.send(&request, None, ANSWER_WAIT_MAX, expect_success).await
    }

    pub(crate) async fn create(&self) -> Result<i64, CallError> {
        self.send(&self.create, Some(&self.create_http1), ANSWER_WAIT_MAX, |status, body| {
            expect_success(status, body)?;
            sonic_rs::get(body, ["processInstanceKey"])
                .ok()
                .and_then(|value| key_of(&value))
                .ok_or_else(|| answer_without("processInstanceKey"))
        })
        .await
    }

    pub(crate) async fn complete(&self, job_key: i64, variables: &Bytes) -> Result<(), CallError> {
        let mut body = BytesMut::with_capacity(variables.len() + 16);
        if variables.is_empty() {
            body.extend_from_slice(b"{}");
        } else {
            body.extend_from_slice(b"{\"variables\":");
            body.extend_from_slice(variables);
            body.extend_from_slice(b"}");
        }
        let request = Prepared::post(format!("/v2/jobs/{job_key}/completion"), body.freeze());
        self.send(&request, None, ANSWER_WAIT_MAX, expect_success).await
    }

    pub(crate) async fn throw_error(&self, job_key: i64, code: &str) -> Result<(), CallError> {
        let body = serde_json::json!({ "errorCode": code });
        let request = Prepared::post(format!("/v2/jobs/{job_key}/error"), body.to_string());
        self.send(&request, None, ANSWER_WAIT_MAX, expect_success).await
    }

    pub(crate) async fn publish(&self, name: &str, correlation_key: &str) -> Result<(), CallError> {
        let life = u64::try_from(MESSAGE_LIFE.as_millis()).unwrap_or(u64::MAX);
        let body = serde_json::json!({ "name": name, "correlationKey": correlation_key, "timeToLive": life });
        let request = Prepared::post("/v2/messages/publication", body.to_string());
        self.send(&request, None, ANSWER_WAIT_MAX, expect_success).await
    }

    pub(crate) async fn activate(
        &self,
        query: &JobQuery,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Job>, CallError> {
        let mut body = activation(query);
        body["maxJobsToActivate"] = max.into();
        body["requestTimeout"] = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into();
        let request = Prepared::post("/v2/jobs/activation", body.to_string());
        self.send(&request, None, wait + POLL_GRACE, |status, body| {
            expect_success(status, body)?;
            jobs_of(body)
        })
        .await
    }

    /// Opens a job stream on an HTTP/2 connection of its own.
    pub(crate) async fn stream(&self, query: &JobQuery) -> Result<RestJobs, CallError> {
        let client = Http2Client::connect(self.to.clone()).await.map_err(CallError::connection)?;
        let request = Prepared::post(STREAM_PATH, activation(query).to_string());
        let response = client.send(request.http2(&self.to)?).await.map_err(CallError::connection)?;
        let status = response.status().as_u16();
        let body = response.into_body();
        if status >= 400 {
            let text = read_body(body, ANSWER_BYTES_MAX, ANSWER_WAIT_MAX).await;
            return Err(refused(status, &text.map_err(CallError::connection)?));
        }
        Ok(RestJobs { _client: client, body, buffered: BytesMut::new() })
    }
}

fn activation(query: &JobQuery) -> serde_json::Value {
    serde_json::json!({ "type": query.job_type, "worker": query.worker, "timeout": query.timeout_ms })
}

fn answer_without(what: &str) -> CallError {
    CallError::new(Failure::Answer, format!("no {what} in the answer"))
}

fn refused(status: u16, body: &[u8]) -> CallError {
    let detail = sonic_rs::get(body, ["detail"]).ok().and_then(|value| value.as_str().map(str::to_owned));
    let text =
        detail.unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(MESSAGE_BYTES_MAX).collect());
    CallError::new(Failure::Http(status), text)
}

fn expect_success(status: u16, body: &[u8]) -> Result<(), CallError> {
    if status < 400 { Ok(()) } else { Err(refused(status, body)) }
}

/// A key, which the API writes as text.
fn key_of(value: &LazyValue<'_>) -> Option<i64> {
    match value.as_str() {
        Some(text) => text.parse().ok(),
        None => value.as_i64(),
    }
}

fn job_of(text: &[u8], tree: &PointerTree) -> Result<Job, CallError> {
    let found = sonic_rs::get_many(text, tree)
        .map_err(|e| CallError::new(Failure::Answer, format!("a job that is no JSON: {e}")))?;
    let number = |index: usize| found.get(index)?.as_ref().and_then(key_of);
    Ok(Job {
        key: number(0).ok_or_else(|| answer_without("jobKey"))?,
        instance_key: number(1).ok_or_else(|| answer_without("processInstanceKey"))?,
        deadline_ms: number(2).ok_or_else(|| answer_without("deadline"))?,
    })
}

fn job_fields() -> PointerTree {
    let mut tree = PointerTree::new();
    for name in ["jobKey", "processInstanceKey", "deadline"] {
        tree.add_path([name].iter());
    }
    tree
}

fn jobs_of(body: &[u8]) -> Result<Vec<Job>, CallError> {
    let jobs = sonic_rs::get(body, ["jobs"]).map_err(|_| answer_without("jobs"))?;
    let tree = job_fields();
    sonic_rs::to_array_iter(jobs.as_raw_str())
        .map(|job| match job {
            Ok(job) => job_of(job.as_raw_str().as_bytes(), &tree),
            Err(error) => Err(CallError::new(Failure::Answer, format!("jobs that are no JSON: {error}"))),
        })
        .collect()
}

/// Jobs as they are pushed, one JSON document a line; empty lines only say that the stream is alive.
pub(crate) struct RestJobs {
    /// The connection lives as long as its stream.
    _client: Http2Client,
    body: Incoming,
    buffered: BytesMut,
}

impl RestJobs {
    pub(crate) async fn next(&mut self) -> Result<Option<Job>, CallError> {
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.buffered) {
                let line = self.buffered.split_to(end + 1);
                if !line.trim_ascii().is_empty() {
                    return job_of(line.trim_ascii(), &job_fields()).map(Some);
                }
            }
            match poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx)).await {
                None => return Ok(None),
                Some(Err(error)) => return Err(CallError::connection(error)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffered.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Prepared, jobs_of, refused};
    use crate::call::Failure;
    use crate::job::Job;

    #[test]
    fn keys_are_picked_out_wherever_they_stand() {
        let body = br#"{"x":1,"jobs":[
            {"variables":{"jobKey":"1","deadline":2},"jobKey":"8","deadline":30,"processInstanceKey":"5"},
            {"jobKey":"9","processInstanceKey":"6","deadline":31,"variables":{"a":"]}\""}}]}"#;
        let jobs = jobs_of(body).expect("right");
        let expected = [
            Job { key: 8, instance_key: 5, deadline_ms: 30 },
            Job { key: 9, instance_key: 6, deadline_ms: 31 },
        ];
        assert_eq!(jobs, expected);
        assert_eq!(jobs_of(br#"{"jobs":[]}"#).expect("right"), []);
        assert!(jobs_of(br#"{"jobs":[{"jobKey":"8"}]}"#).is_err());
    }

    #[test]
    fn a_refusal_tells_its_detail() {
        let error = refused(503, br#"{"title":"busy","detail":"come back later"}"#);
        assert_eq!((error.failure, error.message.as_str()), (Failure::Http(503), "come back later"));
        assert_eq!(refused(502, b"<html>").message, "<html>");
    }

    #[test]
    fn a_prepared_request_is_whole() {
        let bytes = Prepared::post("/v2/x", "{}").http1("127.0.0.1:80".parse().expect("an address"));
        let expected = "POST /v2/x HTTP/1.1\r\nhost: 127.0.0.1:80\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(bytes, expected);
    }
}
