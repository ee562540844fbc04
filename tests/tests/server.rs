//! The binary as a black box: over real sockets. What many kills leave is in `kills`.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

fn activate(client: &mut Client, jobs_max: u32, timeout_ms: i64) -> Vec<Value> {
    let body = json!({
        "type": "work", "worker": "w", "timeout": timeout_ms, "maxJobsToActivate": jobs_max, "requestTimeout": -1
    });
    let response = client.post("/v2/jobs/activation", &body).expect("an answer");
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    response.json()["jobs"].as_array().cloned().unwrap_or_default()
}

fn create(client: &mut Client, variables: Value) -> std::io::Result<String> {
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    let response = client.post("/v2/process-instances", &body)?;
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    Ok(response.json()["processInstanceKey"].as_str().expect("a key").to_owned())
}

#[test]
fn an_instance_runs_from_deployment_to_completion() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    let deployed = client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    assert_eq!(deployed.status, 200, "{}", String::from_utf8_lossy(&deployed.body));
    let instance = create(&mut client, json!({ "x": 1.50 })).expect("an answer");
    let jobs = activate(&mut client, 10, 60_000);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0]["processInstanceKey"].as_str(), Some(instance.as_str()));
    assert_eq!(jobs[0]["variables"], json!({ "x": 1.5 }));
    let key = jobs[0]["jobKey"].as_str().expect("a key");
    let path = format!("/v2/jobs/{key}/completion");
    assert_eq!(client.post(&path, &json!({ "variables": { "y": 2 } })).expect("an answer").status, 204);
    let again = client.post(&path, &json!({})).expect("an answer");
    assert_eq!((again.status, again.content_type.as_str()), (404, "application/problem+json"));
    server.stop();
}

/// Variables stand in them.
#[test]
fn the_files_of_log_and_state_are_their_owners_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "2", "--cores", "0"]);
    server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    create(&mut server.client(), json!({})).expect("an answer");
    server.stop();
    let mut looked_at = BTreeSet::new();
    for folder in fs::read_dir(dir.path()).expect("ours").map(|entry| entry.expect("ours").path()) {
        let files = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("ours").path());
        // Whose lock LMDB holds says nothing of what is in it.
        let files = files.filter(|file| file.is_file() && !file.ends_with("lock.mdb"));
        for file in files {
            let mode = fs::metadata(&file).expect("ours").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.display());
            let name = file.file_name().expect("it has one").to_string_lossy().into_owned();
            looked_at.insert(name.split('-').next().unwrap_or_default().to_owned());
        }
    }
    assert!(looked_at.contains("segment") && looked_at.contains("data.mdb"), "{looked_at:?}");
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_a_changed_core_count() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "2", "--cores", "0"]);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    let created: BTreeSet<String> =
        (0..20).map(|n| create(&mut client, json!({ "n": n })).expect("an answer")).collect();
    server.kill();
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    // A poll takes what its own core has before it asks others.
    let mut found = BTreeSet::new();
    until("every instance has its job", || {
        let jobs = activate(&mut client, 100, 60_000);
        found.extend(jobs.iter().map(|job| job["processInstanceKey"].as_str().expect("a key").to_owned()));
        (found.len() >= created.len()).then_some(())
    });
    assert_eq!(found, created);
    drop(server);
    let refused = start_command(dir.path(), &["--partitions", "3"]).output().expect("it runs");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("has 2 partitions, 3 were asked for"), "{message}");
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_a_changed_segment_size() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "1", "--cores", "0", "--segment-mib", "32"]);
    server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    server.stop();
    for segment_mib in ["64", "32", "48"] {
        let server = Server::start(dir.path(), &["--cores", "0", "--segment-mib", segment_mib]);
        let mut client = server.client();
        // Enough to pass the segments that the start before had prepared.
        let filler = "y".repeat(3_000_000);
        for _ in 0..16 {
            let created = create(&mut client, json!({ "x": filler })).expect("an answer");
            let done = client.post(&format!("/v2/process-instances/{created}/cancellation"), &json!({}));
            assert_eq!(done.expect("an answer").status, 204);
        }
        let created: BTreeSet<String> =
            (0..3).map(|n| create(&mut client, json!({ "n": n })).expect("an answer")).collect();
        server.kill();
        let server = Server::start(dir.path(), &["--cores", "0", "--segment-mib", segment_mib]);
        let mut client = server.client();
        let found: BTreeSet<String> = activate(&mut client, 100, 600_000)
            .iter()
            .map(|job| job["processInstanceKey"].as_str().expect("a key").to_owned())
            .collect();
        assert_eq!(found, created, "after {segment_mib} MiB");
    }
}

#[test]
fn a_request_for_a_partition_of_its_own_core_crosses_no_thread() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    for _ in 0..10 {
        create(&mut client, json!({})).expect("an answer");
    }
    assert_eq!(activate(&mut client, 10, 60_000).len(), 10);
    let mut management = Client::connect(server.management).expect("the server listens");
    let about = management.get("/").expect("an answer");
    assert_eq!((about.status, about.content_type.as_str()), (200, "text/plain"));
    assert!(String::from_utf8_lossy(&about.body).contains("actuator/health/readiness"));
    let page = management.get("/actuator/prometheus").expect("an answer");
    let page = String::from_utf8(page.body).expect("text");
    let figure = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is missing")).parse::<f64>().expect("a number")
    };
    assert_eq!(figure("ringbolt_core_handoffs_sent{core=\"0\"}"), 0.0);
    assert_eq!(figure("ringbolt_handoffs_total"), 0.0);
    for stage in ["request_parsed", "processing", "append", "flush", "commit", "response_written"] {
        assert!(figure(&format!("ringbolt_{stage}_seconds_count")) > 0.0, "{stage} was not timed");
    }
}

#[test]
fn a_directory_or_a_port_in_use_is_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let second = start_command(dir.path(), &[]).output().expect("it runs");
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && message.contains("is in use by another process"), "{message}");
    assert!(message.contains("the data directory is in use: it is waited for"), "{message}");
    drop(server);
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = other.local_addr().expect("an address").to_string();
    let refused = start_command(dir.path(), &["--rest", &address]).output().expect("it runs");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains(&address), "{message}");
    let waited = message.lines().next().unwrap_or_default();
    assert!(waited.contains("a port is in use by another process: it is waited for"), "{message}");
    assert!(waited.contains("port=rest") && message.trim_end().ends_with("(--rest says where)"), "{message}");
}

/// What a start takes at its word for ever, the number of partitions, must not come from one that was refused.
#[test]
fn a_start_that_is_refused_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = holder.local_addr().expect("an address").to_string();
    for refused in [
        ["--cores", "1023"],
        ["--rest", &taken],
        ["--map-gib", "0"],
        ["--tls-cert", "/nowhere.pem"],
        ["--segment-mib", "1"],
        ["--partitions", "0"],
    ] {
        let data = dir.path().join("data");
        let output = start_command(&data, &refused).output().expect("it runs");
        assert!(!output.status.success(), "{refused:?}");
        assert!(!data.exists(), "{refused:?} left a data directory");
    }
}

#[test]
fn a_stop_waits_for_no_poll_and_keeps_what_was_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    let instance = create(&mut client, json!({}));
    assert_eq!(activate(&mut client, 10, 1).len(), 1);
    let mut waiting = server.client();
    let body = json!({
        "type": "nothing", "worker": "w", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 600_000
    });
    let poll = std::thread::spawn(move || waiting.post("/v2/jobs/activation", &body));
    // The poll has arrived when the server counts it as waiting.
    let mut management = Client::connect(server.management).expect("the server listens");
    let is_waiting = |page: &[u8]| {
        let page = String::from_utf8_lossy(page);
        page.lines().any(|line| line.starts_with("ringbolt_core_polls_waiting{") && line.ends_with(" 1"))
    };
    while !is_waiting(&management.get("/actuator/prometheus").expect("an answer").body) {}
    server.stop();
    assert_eq!(poll.join().expect("no panic").expect("an answer").status, 200);
    let server = Server::start(dir.path(), &[]);
    let jobs = activate(&mut server.client(), 10, 60_000);
    assert_eq!(jobs.len(), 1, "{instance:?}");
}
