//! The binary where few files may be open: clients that only connect take nothing from log and state.

use ringbolt_tests::server::{ONE_TASK, Server, binary, start_command};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// Sockets that say nothing.
const IDLE: usize = 250;

/// A server under a limit of open files, set by a shell that it replaces.
fn start_under(ulimit: &str, data: &Path) -> Server {
    let small = ["--partitions", "1", "--cores", "0", "--segment-mib", "32", "--no-secondary-storage"];
    let inner = start_command(data, &small);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{ulimit} && exec \"$0\" \"$@\"")]).arg(binary()).args(inner.get_args());
    command.stdin(Stdio::null());
    Server::start_with(command)
}

fn idle(address: SocketAddr) -> Vec<TcpStream> {
    (0..IDLE).filter_map(|_| TcpStream::connect(address).ok()).collect()
}

#[test]
fn idle_sockets_do_not_keep_segments_from_being_opened() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = start_under("ulimit -n 150", directory.path());
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let sockets = [idle(server.rest), idle(server.grpc), idle(server.management)];
    // A hundred and twenty MiB: the log rolls several times.
    let large = json!({ "processDefinitionId": "one_task", "variables": { "x": "y".repeat(3_000_000) } });
    for _ in 0..40 {
        let created = ringbolt_tests::until("an instance is created", || {
            let created = client.post("/v2/process-instances", &large).expect("an answer");
            (created.status == 200).then_some(created)
        });
        let key = created.json()["processInstanceKey"].as_str().expect("a key").to_owned();
        let path = format!("/v2/process-instances/{key}/cancellation");
        assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
    }
    drop(sockets);
    server.stop();
}

#[test]
fn the_soft_limit_is_raised_at_the_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = start_under("ulimit -Sn 150", directory.path());
    let sockets = idle(server.rest);
    assert_eq!(sockets.len(), IDLE);
    assert_eq!(server.client().get("/v2/topology").expect("an answer").status, 200);
}

/// What a start under a limit of open files says of its connections.
fn said_of_connections(arguments: &[&str]) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let inner = start_command(directory.path(), &[&["--cores", "0"], arguments].concat());
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 5000 && exec \"$0\" \"$@\""]).arg(binary()).args(inner.get_args());
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let log = BufReader::new(server.take_stderr().expect("piped"));
    server.stop();
    log.lines().map_while(Result::ok).filter(|line| line.contains("connections")).collect()
}

#[test]
fn only_who_asked_for_more_connections_than_can_be_had_is_warned() {
    let said = said_of_connections(&[]);
    assert!(said.len() == 1 && said[0].contains("info"), "{said:?}");
    let said = said_of_connections(&["--connections-max", "8000"]);
    assert!(said.len() == 1 && said[0].contains("warn") && said[0].contains("wanted=8000"), "{said:?}");
    assert_eq!(said_of_connections(&["--connections-max", "100"]), [""; 0]);
}

#[test]
fn a_limit_that_is_too_low_refuses_the_start_and_says_what_is_needed() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let inner = start_command(&data, &["--cores", "0"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 60 && exec \"$0\" \"$@\""]).arg(binary()).args(inner.get_args());
    let refused = command.output().expect("it runs");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("60 files open"), "{message}");
    assert!(!data.exists(), "a data directory was made");
}
