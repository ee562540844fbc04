//! Bad input over real sockets: each piece is refused with a status and a message that says what is wrong and where, in bounded
//! memory, and leaves nothing behind.
//!
//! Every test has a server of its own with one running instance, and ends in [`Victim::check`]: the server still serves, its
//! memory stayed small, and the instance and the number of jobs are what they were before.

mod forms;
mod grpc;
mod json;
mod wire;

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};

/// The longest request body of these servers, bytes.
pub(crate) const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// Resident memory that a server may ever have had, KiB: one of these tests holds no more than a few requests at a time.
const PEAK_KIB_MAX: u64 = 64 * 1024;
pub(crate) const JSON: &str = "application/json";
pub(crate) const INSTANCES: &str = "POST /v2/process-instances";

/// A server with one deployed process and one instance that waits at its task.
pub(crate) struct Victim {
    _dir: tempfile::TempDir,
    pub(crate) server: Server,
}

impl Victim {
    pub(crate) fn start(more: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let bytes_max = REQUEST_BYTES_MAX.to_string();
        let mut args = vec!["--segment-mib", "32", "--partitions", "1", "--request-bytes-max", &bytes_max];
        args.extend(more);
        let server = Server::start(dir.path(), &args);
        let mut client = server.client();
        assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
        create(&mut client, json!({ "a": 1 }));
        Self { _dir: dir, server }
    }

    /// Asks on a connection of its own: whoever sent nonsense may find its connection closed.
    pub(crate) fn ask(&self, request: &str, content_type: &str, body: &[u8]) -> Response {
        let (method, path) = request.split_once(' ').expect("method and path");
        self.server.client().request(method, path, content_type, body).expect("an answer")
    }

    /// Each body is refused with this status and a problem document that says this.
    pub(crate) fn refuses(&self, request: &str, content_type: &str, cases: &[(&[u8], u16, &str)]) {
        for (body, status, says) in cases {
            let response = self.ask(request, content_type, body);
            let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            let detail = response.json()["detail"].as_str().unwrap_or_default().to_owned();
            assert_eq!(response.status, *status, "{request} {shown}: {detail}");
            assert_eq!(response.content_type, "application/problem+json", "{request} {shown}");
            assert!(detail.contains(says), "{request} {shown}: {detail:?} does not say {says:?}");
        }
    }

    /// The server works, stayed small, and has the first instance's job as it was, and one more.
    pub(crate) fn check(self) {
        let mut client = self.server.client();
        create(&mut client, json!({ "last": true }));
        let jobs = activate(&mut client);
        let variables: Vec<&Value> = jobs.iter().map(|job| &job["variables"]).collect();
        assert_eq!(variables, [&json!({ "a": 1 }), &json!({ "last": true })]);
        for job in &jobs {
            let path = format!("/v2/jobs/{}/completion", job["jobKey"].as_str().expect("a key"));
            assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid())).expect("alive");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        println!("peak {peak} KiB");
        assert!(peak < PEAK_KIB_MAX, "the server had {peak} KiB");
        self.server.stop();
    }
}

pub(crate) fn create(client: &mut Client, variables: Value) {
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    assert_eq!(client.post("/v2/process-instances", &body).expect("an answer").status, 200);
}

pub(crate) fn activate(client: &mut Client) -> Vec<Value> {
    let body = json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 100, "requestTimeout": -1 });
    let response = client.post("/v2/jobs/activation", &body).expect("an answer");
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    response.json()["jobs"].as_array().cloned().expect("jobs")
}
