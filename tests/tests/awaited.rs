//! Clients that wait for a result: who leaves waits no more, and when the server's life ends whoever still waits is told at once.

use bytes::Bytes;
use http::Request;
use prost::Message as _;
use ringbolt_grpc_gateway::messages as m;
use ringbolt_http::Body;
use ringbolt_http::client::Http2Client;
use ringbolt_ring::{DriverChoice, block_on, timeout, yield_now};
use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Stdio;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the server lets connections finish; who waits for work is not what it waits for.
const STOP_MAX: Duration = Duration::from_secs(10);
/// For as long as no test takes.
const LONG_MS: i64 = 600_000;
/// A user task whose assignment somebody has to agree to.
const ASKED_TASK: &str = include_str!("../scenarios/models/tl_assigning.bpmn");

fn wish() -> Value {
    json!({ "processDefinitionId": "one_task", "awaitCompletion": true, "requestTimeout": LONG_MS })
}

/// The same over HTTP/2: of REST, or of gRPC.
fn request(address: SocketAddr, is_grpc: bool) -> Request<Body> {
    if !is_grpc {
        let request = Request::post(format!("http://{address}/v2/process-instances"));
        let body = Body::full(wish().to_string());
        return request.header("content-type", "application/json").body(body).expect("valid");
    }
    let create = m::CreateProcessInstanceRequest {
        bpmn_process_id: "one_task".to_owned(),
        version: -1,
        ..Default::default()
    };
    let wish = m::CreateProcessInstanceWithResultRequest {
        request: Some(create),
        request_timeout: LONG_MS,
        ..Default::default()
    }
    .encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&(wish.len() as u32).to_be_bytes());
    frame.extend_from_slice(&wish);
    let request =
        Request::post(format!("http://{address}/gateway_protocol.Gateway/CreateProcessInstanceWithResult"));
    let request = request.header("content-type", "application/grpc").header("te", "trailers");
    request.body(Body::full(Bytes::from(frame))).expect("valid")
}

/// How many requests wait.
fn waiting(server: &Server) -> f64 {
    server.metric("ringbolt_core_requests_waiting").iter().sum()
}

fn until_waiting(server: &Server, what: &str, count: f64) {
    until(what, || (waiting(server) == count).then_some(()));
}

/// Asks over HTTP/1.1 and waits until that has come.
fn ask(server: &Server) -> TcpStream {
    let body = wish().to_string();
    let mut stream = TcpStream::connect(server.rest).expect("it listens");
    let head = format!(
        "POST /v2/process-instances HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    until_waiting(server, "the client waits", 1.0);
    stream
}

/// The connection of a client is a task, which has to say what the client did.
async fn turns() {
    for _ in 0..3 {
        yield_now().await;
    }
}

/// Asks over HTTP/2 and leaves: the request's stream alone is reset, or its connection ends with it.
fn leave_http2(server: &Server, is_grpc: bool, ends_connection: bool) {
    let address = if is_grpc { server.grpc } else { server.rest };
    block_on(DriverChoice::Epoll, async {
        let client = Http2Client::connect(address).await.expect("it listens");
        let answer = client.send(request(address, is_grpc));
        assert!(timeout(Duration::from_millis(200), answer).await.is_err(), "an answer before the result");
        let kept = (!ends_connection).then_some(client);
        turns().await;
        until_waiting(server, "nobody waits for who left over HTTP/2", 0.0);
        drop(kept);
        turns().await;
    })
    .expect("a core");
}

#[test]
fn who_leaves_waits_no_more_and_nothing_is_said_of_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = start_command(dir.path(), &["--cores", "0", "--partitions", "1"]);
    command.stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let mut log = server.take_stderr().expect("it is piped");
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    drop(ask(&server));
    until_waiting(&server, "nobody waits for who closed its connection", 0.0);
    // Nobody can tell it from who closed; it may still read.
    let mut half = ask(&server);
    half.shutdown(Shutdown::Write).expect("our own socket");
    let mut told = String::new();
    half.read_to_string(&mut told).expect("an answer and the end");
    assert!(told.starts_with("HTTP/1.1 504") && told.contains("before the process instance was completed"));
    for (is_grpc, ends_connection) in [(false, false), (false, true), (true, false), (true, true)] {
        leave_http2(&server, is_grpc, ends_connection);
    }
    // What they asked for goes on.
    let body = json!({ "type": "work", "timeout": LONG_MS, "maxJobsToActivate": 10, "requestTimeout": -1 });
    let jobs = client.post("/v2/jobs/activation", &body).expect("an answer").json();
    assert_eq!(jobs["jobs"].as_array().map(Vec::len), Some(6), "{jobs}");
    drop(client);
    server.stop();
    let mut said = String::new();
    log.read_to_string(&mut said).expect("text");
    assert!(!said.contains("no answer in time"), "{said}");
}

/// A client that waits for what somebody has yet to do.
fn wait(server: &Server, path: &str, body: Value) -> JoinHandle<Response> {
    let (mut client, path) = (server.client(), path.to_owned());
    std::thread::spawn(move || client.post(&path, &body).expect("an answer"))
}

fn check_told(waits: JoinHandle<Response>) {
    let told = waits.join().expect("no panic");
    let problem = told.json();
    assert_eq!((told.status, problem["title"].as_str()), (503, Some("UNAVAILABLE")), "{problem}");
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.contains("the server is stopping"), "{detail}");
}

/// A server with one client that waits for an instance and one that waits for a listener's consent.
fn with_two_who_wait(dir: &std::path::Path, args: &[&str]) -> (Server, [JoinHandle<Response>; 2]) {
    let server = Server::start(dir, args);
    let mut client = server.client();
    for (name, model) in [("one_task.bpmn", ONE_TASK), ("tl_assigning.bpmn", ASKED_TASK)] {
        assert_eq!(client.deploy(name, model).expect("an answer").status, 200);
    }
    let created = client.post("/v2/process-instances", &json!({ "processDefinitionId": "tl_assigning" }));
    let key = created.expect("an answer").json()["processInstanceKey"].clone();
    let task = until("the task can be found", || {
        let body = json!({ "filter": { "processInstanceKey": key } });
        let found = client.post("/v2/user-tasks/search", &body).expect("an answer").json();
        found["items"][0]["userTaskKey"].as_str().map(str::to_owned)
    });
    let path = format!("/v2/user-tasks/{task}/assignment");
    let waits =
        [wait(&server, "/v2/process-instances", wish()), wait(&server, &path, json!({ "assignee": "ada" }))];
    until_waiting(&server, "both wait", 2.0);
    (server, waits)
}

#[test]
fn a_stop_tells_whoever_waits_for_work_that_it_stops_and_waits_for_nobody() {
    let dir = tempfile::tempdir().expect("a directory");
    let (server, waits) = with_two_who_wait(dir.path(), &["--cores", "0", "--partitions", "1"]);
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < STOP_MAX / 2, "{:?}", begun.elapsed());
    waits.into_iter().for_each(check_told);
}

#[test]
fn a_purge_tells_them_as_well() {
    let dir = tempfile::tempdir().expect("a directory");
    let args = ["--cores", "0,1", "--partitions", "2", "--test-endpoints"];
    let (server, waits) = with_two_who_wait(dir.path(), &args);
    let begun = Instant::now();
    let mut management = Client::connect(server.management).expect("the server listens");
    let purged = management.post("/actuator/cluster/purge", &json!(null)).expect("an answer");
    assert_eq!(purged.status, 202);
    waits.into_iter().for_each(check_told);
    assert!(begun.elapsed() < STOP_MAX / 2, "{:?}", begun.elapsed());
    server.stop();
}
