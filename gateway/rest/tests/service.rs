//! The REST API over loopback sockets: what HTTP adds to what the unit tests see.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use ringbolt_api::Limits;
use ringbolt_api::fake::{FakeBroker, instance, job};
use ringbolt_api::limits::ENVELOPE_BYTES;
use ringbolt_http::client::{Http1Client, Http2Client};
use ringbolt_http::{Body, Incoming, Server, read_body};
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{Key, PartitionId, Reply};
use ringbolt_rest::Rest;
use ringbolt_ring::{DriverChoice, block_on, net::bind, sleep};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

const VARIABLES_MAX: usize = 1000;

fn on_both(test: impl AsyncFn(SocketAddr, FakeBroker)) {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, async {
            let broker = FakeBroker::new();
            let limits = Limits { variables_bytes_max: VARIABLES_MAX, ..Limits::default() };
            let rest = Rest::new(broker.clone(), Rc::new(limits));
            let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
            let addr = listener.local_addr();
            let server = Server::new(ringbolt_http::Limits::default(), rest, None);
            server.start(listener.into_listener().expect("registered"));
            test(addr, broker).await;
        })
        .expect("a core");
    }
}

fn post(addr: SocketAddr, path: &str, body: impl Into<Bytes>) -> Request<Body> {
    Request::post(format!("http://{addr}{path}"))
        .header("host", "h")
        .header("content-type", "application/json")
        .header("traceparent", "00-000000000000000000000000000000ff-00f067aa0ba902b7-01")
        .body(Body::full(body))
        .expect("a valid request")
}

async fn text(response: Response<Incoming>) -> (u16, String) {
    let status = response.status().as_u16();
    let body = read_body(response.into_body(), 100_000, Duration::from_secs(5)).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn completion() -> String {
    format!("/v2/jobs/{}/completion", Key::new(PartitionId(2), 7))
}

#[test]
fn commands_are_answered_on_both_versions_of_http() {
    on_both(async |addr, broker| {
        let mut http1 = Http1Client::connect(addr).await.expect("connected");
        let http2 = Http2Client::connect(addr).await.expect("connected");
        let done = http1.send(post(addr, &completion(), "{}")).await.expect("answered");
        assert_eq!(text(done).await, (204, String::new()));
        assert_eq!(broker.last_context().trace_id, 0xff);
        broker.answer(Ok(Reply::ProcessInstanceCreated(instance())));
        let body = r#"{"processDefinitionId":"order","variables":{"a":1}}"#;
        let created = http2.send(post(addr, "/v2/process-instances", body)).await.expect("answered");
        assert_eq!(created.headers()["content-type"], "application/json");
        let (status, body) = text(created).await;
        assert!(status == 200 && body.contains("\"processInstanceKey\":\"4503599627370504\""), "{body}");
    });
}

#[test]
fn what_is_too_large_or_unknown_is_a_problem_document() {
    on_both(async |addr, broker| {
        let mut client = Http1Client::connect(addr).await.expect("connected");
        let large = vec![b' '; VARIABLES_MAX + ENVELOPE_BYTES + 1];
        let refused = client.send(post(addr, &completion(), large)).await.expect("answered");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
        let (status, body) = text(refused).await;
        assert!(status == 413 && body.contains("the request body is larger than 66536 bytes"), "{body}");
        let mut client = Http1Client::connect(addr).await.expect("connected");
        let method = client.send(post(addr, "/v2/topology", "")).await.expect("answered");
        assert_eq!(
            (method.status().as_u16(), &method.headers()["allow"]),
            (405, &"GET".try_into().expect("ASCII"))
        );
        text(method).await;
        let (status, body) =
            text(client.send(post(addr, "/v2/users/search", "{}")).await.expect("answered")).await;
        assert!(status == 501 && body.contains("searchUsers"), "{body}");
        let get = |path: &str, accept: &str| {
            let request = Request::get(path).header("host", "h").header("accept", accept);
            request.body(Body::empty()).expect("valid")
        };
        let refused = client.send(get("/v2/topology", "text/plain")).await.expect("answered");
        let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        assert_eq!(refused.headers()["content-security-policy"], policy);
        assert_eq!(refused.headers()["x-content-type-options"], "nosniff");
        let (status, body) = text(refused).await;
        assert!(status == 406 && body.contains("[application/json]"), "{body}");
        let page = client.send(get("/swagger/", "text/html,*/*;q=0.1")).await.expect("answered");
        let policy = page.headers()["content-security-policy"].to_str().expect("ASCII").to_owned();
        let strict = "default-src 'self'; script-src 'self'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; \
                      img-src 'self' data:";
        assert!(policy.starts_with(strict) && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
        let (status, body) = text(page).await;
        assert!(status == 200 && body.contains("../assets/try-"), "{body}");
        let topology = Request::get("/v2/topology").header("host", "h").body(Body::empty()).expect("valid");
        let topology = client.send(topology).await.expect("answered");
        assert_eq!(topology.headers()["ringbolt-version"], ringbolt_api::RINGBOLT_VERSION);
        assert_eq!(text(topology).await.0, 200);
        assert_eq!(broker.take_log(), "");
    });
}

/// Several lines of a header are one list, and what is large is packed, the description too.
#[test]
fn headers_that_are_lists_may_come_in_several_lines() {
    on_both(async |addr, broker| {
        let mut client = Http1Client::connect(addr).await.expect("connected");
        let get = |path: &str, headers: &[(&'static str, &str)]| {
            let mut request = Request::get(path).header("host", "h");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.body(Body::empty()).expect("valid")
        };
        for (path, headers) in [
            ("/v2/topology", &[("accept", "text/plain"), ("accept", "application/json")][..]),
            ("/openapi.json", &[("accept-encoding", "br"), ("accept-encoding", "gzip")]),
        ] {
            let answer = client.send(get(path, headers)).await.expect("answered");
            let is_packed =
                answer.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip");
            assert_eq!(is_packed, path == "/openapi.json");
            assert_eq!(text(answer).await.0, 200, "{path}");
        }
        let positions = [("ringbolt-position", "1-5"), ("ringbolt-position", "x")];
        let refused = client.send(get("/v2/variables/1", &positions)).await.expect("answered");
        let (status, body) = text(refused).await;
        assert!(status == 400 && body.contains("'1-5,x' names no positions"), "{status} {body}");
        broker.take_log();
    });
}

/// Sends a request over a bare connection, ends the sending half, and reads to the end.
async fn half(addr: SocketAddr, path: &str, body: &str, before_end: Duration) -> String {
    let mut stream = ringbolt_ring::net::connect(addr).await.expect("connected");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    sleep(before_end).await;
    stream.shutdown().await.expect("ended");
    let (mut received, mut buf) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buf).await {
        received.extend_from_slice(&buf[..read]);
    }
    String::from_utf8(received).expect("text")
}

const POLL: &str = r#"{"type":"pay","timeout":1000,"maxJobsToActivate":1,"requestTimeout":60000}"#;

#[test]
fn a_client_that_ends_its_half_gets_what_there_is() {
    on_both(async |addr, broker| {
        broker.answer(Ok(Reply::ProcessInstanceCreated(instance())));
        let create = r#"{"processDefinitionId":"order"}"#;
        let created = half(addr, "/v2/process-instances", create, Duration::ZERO).await;
        assert!(created.contains("\"processInstanceKey\":\"4503599627370504\""), "{created}");
        broker.batch(Ok(JobBatch { jobs: vec![job(1)], truncated: false }));
        let polled = half(addr, "/v2/jobs/activation", POLL, Duration::ZERO).await;
        assert!(polled.contains("\"jobKey\":\"4503599627370497\""), "{polled}");
    });
}

#[test]
fn a_poll_that_waited_ends_with_its_client_and_keeps_no_job() {
    on_both(async |addr, broker| {
        broker.keep_open();
        let polled = half(addr, "/v2/jobs/activation", POLL, Duration::from_millis(150)).await;
        assert!(polled.starts_with("HTTP/1.1 200 ") && polled.ends_with("\r\n\r\n{\"jobs\":[]}"), "{polled}");
        assert!(broker.take_log().ends_with("poll dropped, 0 of 0 delivered\n"));
    });
}

async fn line(body: &mut Incoming) -> String {
    let frame =
        poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await.expect("not the end").expect("a frame");
    String::from_utf8_lossy(&frame.into_data().expect("data")).into_owned()
}

#[test]
fn a_streaming_request_gets_jobs_as_they_come_and_ends_with_its_client() {
    on_both(async |addr, broker| {
        broker.keep_open();
        broker.push(job(1));
        let request = || post(addr, "/v2/jobs/streaming", r#"{"type":"pay","timeout":1000}"#);
        let mut http1 = Http1Client::connect(addr).await.expect("connected");
        let response = http1.send(request()).await.expect("answered");
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let mut body = response.into_body();
        let first = line(&mut body).await;
        assert!(first.contains("\"jobKey\":\"4503599627370497\"") && first.ends_with("}\n"), "{first}");
        broker.push(job(2));
        assert!(line(&mut body).await.contains("\"jobKey\":\"4503599627370498\""));
        drop(body);
        drop(http1);
        let mut log = broker.take_log();
        for _ in 0..5_000 {
            if log.contains("stream dropped") {
                break;
            }
            sleep(Duration::from_millis(1)).await;
            log.push_str(&broker.take_log());
        }
        let end = "delivered 4503599627370498\nstream ended, back go []\nstream dropped, back go []\n";
        assert!(log.ends_with(end), "{log}");
    });
}
