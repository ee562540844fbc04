//! Polls whose clients leave: a job goes to somebody who is there, and to one alone while it is somebody's.

use bytes::Bytes;
use http::Request;
use http_body::Body as _;
use prost::Message as _;
use ringbolt_grpc_gateway::messages as m;
use ringbolt_http::Body;
use ringbolt_http::client::Http2Client;
use ringbolt_ring::{DriverChoice, block_on, timeout, yield_now};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::time::Duration;

/// How long a client is there before it leaves, in milliseconds.
const STAYS: [u64; 10] = [0, 0, 0, 1, 2, 5, 20, 60, 110, 150];
/// Rounds of all stays.
const ROUNDS: usize = 3;
/// How long a job that goes back may take to come; far less than the minute for which it would be the gone client's.
const BACK_MS_MAX: i64 = 5_000;

fn wish(request_timeout_ms: i64) -> Value {
    json!({ "type": "work", "worker": "w", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": request_timeout_ms })
}

/// Polls as somebody who stays: keys of the jobs and of their instances.
fn poll(client: &mut Client, request_timeout_ms: i64) -> Vec<(String, String)> {
    let answer = client.post("/v2/jobs/activation", &wish(request_timeout_ms)).expect("an answer").json();
    let key = |job: &Value, name: &str| job[name].as_str().expect("a key").to_owned();
    let jobs = answer["jobs"].as_array().expect("jobs");
    jobs.iter().map(|job| (key(job, "jobKey"), key(job, "processInstanceKey"))).collect()
}

fn create(client: &mut Client) -> String {
    let body = json!({ "processDefinitionId": "one_task" });
    let created = client.post("/v2/process-instances", &body).expect("an answer").json();
    created["processInstanceKey"].as_str().expect("a key").to_owned()
}

fn started(dir: &std::path::Path) -> (Server, Client) {
    let server = Server::start(dir, &[]);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    (server, client)
}

/// Who polls, stays for some milliseconds and leaves before there is a job: whoever comes next gets it, at once. `leave` says when.
fn leave_and_come(name: &str, leave: impl Fn(&Server, u64, &mut dyn FnMut())) {
    let dir = tempfile::tempdir().expect("a directory");
    let (server, mut client) = started(dir.path());
    let mut seen = BTreeSet::new();
    for round in 0..ROUNDS {
        for stays in STAYS {
            let mut has_come = false;
            leave(&server, stays, &mut || {
                let instance = create(&mut client);
                let jobs = poll(&mut client, BACK_MS_MAX);
                let of: Vec<&String> = jobs.iter().map(|(_, instance)| instance).collect();
                assert_eq!(
                    of,
                    [&instance],
                    "{name}, round {round}: who left after {stays} ms took a job along"
                );
                let (job, _) = &jobs[0];
                assert!(seen.insert(job.clone()), "the job {job} was given twice");
                let done = client.post(&format!("/v2/jobs/{job}/completion"), &json!({})).expect("an answer");
                assert_eq!(done.status, 204);
                has_come = true;
            });
            assert!(has_come);
        }
    }
    server.stop();
}

/// Sends a poll and nothing else.
fn ask(server: &Server, request_timeout_ms: i64) -> TcpStream {
    send(server, &wish(request_timeout_ms))
}

fn send(server: &Server, wish: &Value) -> TcpStream {
    let body = wish.to_string();
    let mut stream = TcpStream::connect(server.rest).expect("it listens");
    let head = format!(
        "POST /v2/jobs/activation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

#[test]
fn who_closes_a_connection_of_http1_takes_no_job_along() {
    leave_and_come("HTTP/1.1", |server, stays, come| {
        let stream = ask(server, 60_000);
        std::thread::sleep(Duration::from_millis(stays));
        drop(stream);
        come();
    });
}

/// A poll over HTTP/2: of REST, or of gRPC.
fn request(address: SocketAddr, is_grpc: bool) -> Request<Body> {
    if !is_grpc {
        let request = Request::post(format!("http://{address}/v2/jobs/activation"));
        return request
            .header("content-type", "application/json")
            .body(Body::full(wish(60_000).to_string()))
            .expect("valid");
    }
    let wish = m::ActivateJobsRequest {
        r#type: "work".to_owned(),
        worker: "w".to_owned(),
        timeout: 60_000,
        max_jobs_to_activate: 1,
        request_timeout: 60_000,
        ..Default::default()
    }
    .encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&(wish.len() as u32).to_be_bytes());
    frame.extend_from_slice(&wish);
    Request::post(format!("http://{address}/gateway_protocol.Gateway/ActivateJobs"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::full(Bytes::from(frame)))
        .expect("valid")
}

/// Polls over HTTP/2 and gives the poll up: its stream alone is reset, or its connection ends with it.
fn over_http2(name: &str, is_grpc: bool, ends_connection: bool) {
    leave_and_come(name, |server, stays, come| {
        let address = if is_grpc { server.grpc } else { server.rest };
        block_on(DriverChoice::Epoll, async {
            let client = Http2Client::connect(address).await.expect("it listens");
            let answer = async {
                let mut response = client.send(request(address, is_grpc)).await.expect("an answer");
                // gRPC's head comes at once.
                poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await
            };
            let given_up = timeout(Duration::from_millis(stays), answer).await;
            assert!(given_up.is_err(), "{name}: an answer without a job");
            let kept = (!ends_connection).then_some(client);
            // The client's connection is a task that has to say so.
            for _ in 0..3 {
                yield_now().await;
            }
            come();
            assert!(kept.is_none_or(|client| !client.is_closed()));
        })
        .expect("a core");
    });
}

#[test]
fn who_resets_a_poll_of_rest_takes_no_job_along() {
    over_http2("REST, reset", false, false);
}

#[test]
fn who_closes_a_connection_of_rest_over_http2_takes_no_job_along() {
    over_http2("REST, closed", false, true);
}

#[test]
fn who_cancels_a_poll_of_grpc_takes_no_job_along() {
    over_http2("gRPC, canceled", true, false);
}

#[test]
fn who_closes_a_connection_of_grpc_takes_no_job_along() {
    over_http2("gRPC, closed", true, true);
}

/// Who only ended its sending half, or left after it had its answer, has its jobs: nobody else gets them while they are its own.
#[test]
fn jobs_that_arrived_are_given_to_nobody_else() {
    let dir = tempfile::tempdir().expect("a directory");
    let (server, mut client) = started(dir.path());
    for round in 0..ROUNDS * 10 {
        let is_half = round % 3 == 0;
        // Who ended its half gets what there is.
        let before = is_half.then(|| create(&mut client));
        let stream = &mut ask(&server, 60_000);
        if is_half {
            stream.shutdown(Shutdown::Write).expect("ended");
        }
        let instance = before.unwrap_or_else(|| create(&mut client));
        let mut answer = Vec::new();
        if is_half {
            stream.read_to_end(&mut answer).expect("an answer and the end");
        } else {
            let mut piece = [0; 4096];
            while !answer.ends_with(b"]}") {
                let read = stream.read(&mut piece).expect("an answer");
                assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
                answer.extend_from_slice(&piece[..read]);
            }
            // Whatever the server writes behind it is not what counts.
            if round % 3 == 1 {
                stream.write_all(b"\0\r\n\r\n").expect("sent");
            }
            stream.shutdown(Shutdown::Both).expect("closed");
        }
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.contains(&format!("\"processInstanceKey\":\"{instance}\"")),
            "round {round}: {answer}"
        );
        assert_eq!(poll(&mut client, if round % 10 == 0 { 200 } else { -1 }), [], "round {round}");
    }
    server.stop();
}

/// What they want is bounded on a core, however many connections they come on.
#[test]
fn polls_that_wait_have_a_bound_together() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--unsent-mib", "1", "--cores", "0"]);
    let mut client = server.client();
    let names: Vec<String> = (0..1_000).map(|number| format!("{number:060}")).collect();
    let greedy = |request_timeout_ms: i64| {
        let mut wish = wish(request_timeout_ms);
        wish["fetchVariable"] = json!(names);
        wish
    };
    // Two of them are what fits into a quarter of a MiB.
    let waiting = [send(&server, &greedy(60_000)), send(&server, &greedy(60_000))];
    let mut status_of = |wanted: u16| {
        let give_up = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            let answer = client.post("/v2/jobs/activation", &greedy(-1)).expect("an answer");
            if answer.status == wanted || std::time::Instant::now() > give_up {
                return answer.status;
            }
        }
    };
    assert_eq!(status_of(503), 503);
    // The port of metrics may be quicker than the core that counts.
    until("it is counted", || {
        (server.metric("ringbolt_refusals_total").iter().sum::<f64>() > 0.0).then_some(())
    });
    drop(waiting);
    assert_eq!(status_of(200), 200);
}
