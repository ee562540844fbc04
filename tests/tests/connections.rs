//! Connections to the binary: clients that end their half, that go while they wait for jobs, that come by the thousand; and the
//! management port, which waits for nobody.

use ringbolt_tests::http::Client;
use ringbolt_tests::raw::{Half, exchange};
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

fn half(address: SocketAddr, line: &str, body: &str) -> String {
    let request = format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    String::from_utf8(exchange(address, request.as_bytes(), Half::Closed)).expect("text")
}

fn poll(client: &mut Client, request_timeout_ms: i64) -> Vec<Value> {
    let body = json!({
        "type": "work", "timeout": 600_000, "maxJobsToActivate": 10, "requestTimeout": request_timeout_ms
    });
    let answer = client.post("/v2/jobs/activation", &body).expect("an answer");
    answer.json()["jobs"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_client_that_ends_its_half_gets_its_answer_on_every_port() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let health = half(server.management, "GET /actuator/health", "");
    assert!(health.starts_with("HTTP/1.1 200 ") && health.contains("\"status\":\"UP\""), "{health}");
    assert!(half(server.rest, "GET /v2/topology", "").starts_with("HTTP/1.1 200 "));
    server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    let created = half(server.rest, "POST /v2/process-instances", r#"{"processDefinitionId":"one_task"}"#);
    assert!(created.starts_with("HTTP/1.1 200 ") && created.contains("processInstanceKey"), "{created}");
    let polled = half(
        server.rest,
        "POST /v2/jobs/activation",
        r#"{"type":"work","timeout":600000,"maxJobsToActivate":10,"requestTimeout":60000}"#,
    );
    assert!(polled.starts_with("HTTP/1.1 200 ") && polled.contains("\"jobKey\""), "{polled}");
}

#[test]
fn a_poller_that_is_gone_keeps_no_job() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    for round in 0..5 {
        let body = r#"{"type":"work","timeout":600000,"maxJobsToActivate":10,"requestTimeout":60000}"#;
        let mut gone = TcpStream::connect(server.rest).expect("it listens");
        let request = format!(
            "POST /v2/jobs/activation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        gone.write_all(request.as_bytes()).expect("written");
        // Nothing tells from outside that a poll waits; it does after far less.
        std::thread::sleep(Duration::from_millis(300));
        drop(gone);
        std::thread::sleep(Duration::from_millis(50));
        let created = client.post("/v2/process-instances", &json!({"processDefinitionId": "one_task"}));
        assert_eq!(created.expect("an answer").status, 200);
        assert_eq!(poll(&mut client, 10_000).len(), 1, "round {round}");
    }
}

/// Anonymous resident memory of a process, in MiB.
fn resident_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") / 1024
}

#[test]
fn memory_goes_back_after_a_burst_of_connections() {
    const CONNECTIONS: usize = 800;
    const SLACK_MIB: u64 = 6;
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    let before = resident_mib(server.pid());
    for round in 0..3 {
        let mut open: Vec<TcpStream> =
            (0..CONNECTIONS).map(|_| TcpStream::connect(server.rest).expect("it listens")).collect();
        for stream in &mut open {
            stream.write_all(b"GET /v2/topology HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("written");
        }
        for stream in &mut open {
            let mut buf = [0; 4096];
            assert!(stream.read(&mut buf).expect("an answer") > 0);
        }
        let during = resident_mib(server.pid());
        drop(open);
        let after = until("the memory of the connections is given back", || {
            let now = resident_mib(server.pid());
            (now <= before + SLACK_MIB).then_some(now)
        });
        println!(
            "round {round}: {before} MiB, {during} MiB with {CONNECTIONS} connections, {after} MiB after"
        );
        assert!(during > before + SLACK_MIB, "the connections take memory: {during} MiB");
    }
    let page = Client::connect(server.management).expect("it listens").get("/metrics").expect("an answer");
    let page = String::from_utf8(page.body).expect("text");
    assert!(page.contains("ringbolt_port_connections_open{port=\"rest\",core=\"0\"} 0\n"), "{page}");
    assert!(page.contains("ringbolt_core_unsent_bytes{core=\"0\"} 0\n"), "{page}");
}

#[test]
fn bodies_that_never_end_have_a_bound_together() {
    const BODY: usize = 4 << 20;
    const SENT: usize = 3 << 20;
    let dir = tempfile::tempdir().expect("a directory");
    // At least twice the largest request, which documents may be: 20 MiB.
    let server = Server::start(dir.path(), &["--cores", "0", "--unsent-mib", "20"]);
    let unfinished = |path: &str| {
        let mut stream = TcpStream::connect(server.rest).expect("it listens");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {BODY}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("written");
        // A body that is refused is not read to its end.
        let _ = stream.write_all(&vec![b' '; SENT]);
        stream
    };
    let mut open: Vec<TcpStream> = (0..12).map(|_| unfinished("/v2/signals/broadcast")).collect();
    let refused = until("some are refused", || {
        let refused = open.iter_mut().filter_map(|stream| {
            stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).ok().map(|()| String::from_utf8_lossy(&answer).into_owned())
        });
        let refused: Vec<String> = refused.collect();
        (!refused.is_empty()).then_some(refused)
    });
    assert!(refused.iter().all(|line| line == "HTTP/1.1 503"), "{refused:?}");
    assert!(refused.len() < 10, "so many have room: {refused:?}");
    let resident = resident_mib(server.pid());
    assert!(resident < 120, "{resident} MiB");
    drop(open);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    let large = json!({ "processDefinitionId": "one_task", "variables": { "text": "x".repeat(SENT) } });
    until("there is room again", || {
        let answer = client.post("/v2/process-instances", &large).expect("an answer");
        (answer.status == 200).then_some(())
    });
}
