//! The binary over a data directory that was damaged, restored or replaced: what is damaged costs what it holds, by name,
//! and nothing beside it.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

/// Two partitions on one core.
const ARGS: [&str; 6] = ["--partitions", "2", "--cores", "0", "--segment-mib", "32"];
/// EX_IOERR: a mapped page could not be read.
const EXIT_UNREADABLE: i32 = 74;

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn deploy(client: &mut Client) {
    let response = client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    assert_eq!(response.status, 200, "{}", text(&response));
}

/// Creates instances, each with a variable that does not fit into a page; all have to be accepted.
fn create(client: &mut Client, instances: usize) {
    for number in 0..instances {
        let variables = json!({ "number": number, "text": "t".repeat(6_000) });
        let body = json!({ "processDefinitionId": "one_task", "variables": variables });
        let response = client.post("/v2/process-instances", &body).expect("an answer");
        assert_eq!(response.status, 200, "{}", text(&response));
    }
}

/// Asks for all jobs with their variables.
fn poll(client: &mut Client) -> std::io::Result<Response> {
    let body = json!({
        "type": "work", "worker": "w", "timeout": 1_000, "maxJobsToActivate": 1_000, "requestTimeout": -1
    });
    client.post("/v2/jobs/activation", &body)
}

fn management(server: &Server, path: &str) -> Response {
    Client::connect(server.management).expect("the server listens").get(path).expect("an answer")
}

/// Starts a server whose standard error is kept.
fn start_watched(directory: &Path, args: &[&str]) -> Server {
    let mut command = start_command(directory, args);
    command.stderr(Stdio::piped());
    Server::start_with(command)
}

/// All that an ended server wrote to standard error.
fn read_log(mut stderr: impl Read) -> String {
    let mut log = String::new();
    stderr.read_to_string(&mut log).expect("text");
    log
}

fn partition_health(client: &mut Client) -> Vec<Value> {
    let topology = client.get("/v2/topology").expect("an answer").json();
    let partitions = topology["brokers"][0]["partitions"].as_array().expect("partitions");
    partitions.iter().map(|partition| partition["health"].clone()).collect()
}

#[test]
fn a_state_that_is_cut_under_a_running_server_costs_its_partition() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    deploy(&mut server.client());
    create(&mut server.client(), 40);
    // A stop in good order writes the state.
    server.stop();

    let mut server = start_watched(directory.path(), &ARGS);
    let stderr = server.take_stderr().expect("piped");
    let state = directory.path().join("partition-2/data.mdb");
    let whole = fs::read(&state).expect("the state");
    fs::File::options().write(true).open(&state).and_then(|file| file.set_len(8_192)).expect("it is cut");
    let mut client = server.client();
    // The connection ends without an answer: nothing that was read from there leaves.
    let answer = poll(&mut client);
    assert!(answer.is_err(), "{:?}", answer.map(|response| response.status));
    assert_eq!(server.ended().code(), Some(EXIT_UNREADABLE));
    let log = read_log(stderr);
    let line = log.lines().find(|line| line.starts_with("ringbolt: fatal: SIGBUS: ")).unwrap_or(&log);
    assert!(line.contains("partition-2/data.mdb at offset "), "{line}");

    // The next start serves the other partition, and says what is wrong with this one.
    let mut server = start_watched(directory.path(), &ARGS);
    let stderr = server.take_stderr().expect("piped");
    let mut client = server.client();
    create(&mut client, 4);
    assert_eq!(partition_health(&mut client), ["healthy", "dead"]);
    assert_eq!(client.get("/v2/status").expect("an answer").status, 204, "a partition works");
    let health = management(&server, "/actuator/health");
    assert_eq!(health.status, 503);
    let cause = health.json()["components"]["partition-2"]["details"]["cause"].to_string();
    assert!(cause.contains("partition-2 is damaged: data.mdb at offset"), "{}", text(&health));
    server.stop();
    let log = read_log(stderr);
    assert!(log.contains("a partition has stopped and serves nothing until the next start"), "{log}");

    fs::write(&state, whole).expect("the state comes back");
    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(partition_health(&mut client), ["healthy", "healthy"]);
    let jobs = until("all jobs are there", || {
        let jobs = poll(&mut client).expect("an answer").json()["jobs"].as_array().map_or(0, Vec::len);
        (jobs > 0).then_some(jobs)
    });
    assert!(jobs > 0);
    server.stop();
}

#[test]
fn a_state_that_is_no_base_any_more_costs_its_partition() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    deploy(&mut server.client());
    create(&mut server.client(), 4);
    server.stop();
    let state = directory.path().join("partition-2/data.mdb");
    for damage in [Vec::new(), vec![0x5a; 1 << 16]] {
        fs::write(&state, &damage).expect("the damage");
        let server = Server::start(directory.path(), &ARGS);
        let mut client = server.client();
        assert_eq!(partition_health(&mut client), ["healthy", "dead"], "{} bytes", damage.len());
        create(&mut client, 4);
        server.stop();
        assert_eq!(fs::read(&state).expect("the state"), damage, "it is left as it is");
    }
}
