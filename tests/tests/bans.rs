//! A banned instance, seen from outside: listed, named in health, counted, and gone when it is canceled.
//!
//! Nothing that a client can do bans an instance, so the ban is written into the state of a stopped server.

use ringbolt_record::Key;
use ringbolt_store::{Finished, Options, open_lmdb};
use ringbolt_tables::Tables;
use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::json;
use std::path::Path;

const ARGS: [&str; 4] = ["--partitions", "1", "--cores", "0"];

/// Bans an instance in the state that a stop has written.
fn ban(directory: &Path, instance: u64) {
    let path = directory.join("partition-1");
    let mut tables = Tables::new(open_lmdb(&path, Options::default()).expect("the state opens"));
    tables.savepoint();
    tables.put_banned(Key(instance));
    tables.release();
    let mark = tables.store().mark().clone();
    let outcome = tables.store_mut().freeze(mark).run();
    let finished = tables.store_mut().finish_checkpoint(outcome);
    assert!(matches!(finished, Finished::Committed(_)));
    assert!(tables.is_banned(Key(instance)));
}

fn management(server: &Server, path: &str) -> Response {
    Client::connect(server.management).expect("the server listens").get(path).expect("an answer")
}

fn counted(server: &Server) -> Option<String> {
    let page = String::from_utf8(management(server, "/metrics").body).expect("text");
    let line = page.lines().find_map(|line| line.strip_prefix("ringbolt_partition_banned_instances"))?;
    line.rsplit(' ').next().map(str::to_owned)
}

#[test]
fn a_banned_instance_is_listed_named_counted_and_can_be_canceled() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let body = json!({ "processDefinitionId": "one_task" });
    let created = client.post("/v2/process-instances", &body).expect("an answer").json();
    let instance = created["processInstanceKey"].as_str().expect("a key").to_owned();
    assert_eq!(management(&server, "/actuator/health").json()["status"], "UP");
    server.stop();
    ban(dir.path(), instance.parse().expect("a number"));

    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    let listed =
        || management(&server, "/actuator/bannedInstances").json()["1"]["processInstanceKeys"].clone();
    until("it is listed", || (listed() == json!([instance])).then_some(()));
    let health = management(&server, "/actuator/health");
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("DEGRADED")));
    let named = &health.json()["components"]["banned-instances-partition-1"]["details"];
    assert_eq!(named["processInstanceKeys"], json!([instance]));
    assert_eq!(counted(&server).as_deref(), Some("1"));
    let path = format!("/v2/process-instances/{instance}/cancellation");
    let canceled = client.post(&path, &json!({})).expect("an answer");
    assert_eq!(canceled.status, 204, "{}", String::from_utf8_lossy(&canceled.body));
    until("it is gone", || (listed() == json!([])).then_some(()));
    assert_eq!(management(&server, "/actuator/health").json()["status"], "UP");
    assert_eq!(counted(&server).as_deref(), Some("0"));
    server.stop();
}
