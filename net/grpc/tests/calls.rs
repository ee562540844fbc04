//! gRPC calls over loopback sockets: answers, errors, deadlines, compression, cancellation, malformed frames, health.

use std::{cell::Cell, future::poll_fn, net::SocketAddr, pin::Pin, rc::Rc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body as _;
use ringbolt_grpc::{
    Code, Context, Encoding, GrpcLimits, Health, Router, Serving, Status, StreamError, StreamSender,
    client::{CallOptions, Channel},
};
use ringbolt_http::{
    Body, Incoming, Limits, Server,
    client::{Http1Client, Http2Client},
};
use ringbolt_ring::{DriverChoice, block_on, local::Notify, net::bind};

const ECHO: &str = "/test.Service/Echo";
const FAIL: &str = "/test.Service/Fail";
const HANG: &str = "/test.Service/Hang";
const COUNT: &str = "/test.Service/Count";
const ENDLESS: &str = "/test.Service/Endless";

#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(bytes = "bytes", tag = "2")]
    payload: Bytes,
    #[prost(uint32, tag = "3")]
    count: u32,
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned(), ..Text::default() }
}

/// What the handlers tell the tests.
#[derive(Default)]
struct Seen {
    hanging: Notify,
    dropped: Notify,
    sent: Cell<u64>,
}

struct OnDrop(Rc<Seen>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

fn router(seen: &Rc<Seen>) -> Router {
    let limits = GrpcLimits { message_bytes_max: 100_000, stream_messages_max: 4, ..GrpcLimits::default() };
    let mut router = Router::new(limits);
    router.unary(ECHO, async |request: Text, context: Context| {
        let suffix = context.metadata.get("x-suffix").map_or("", |value| value.to_str().expect("ASCII"));
        Ok(Text { text: request.text + suffix, ..request })
    });
    router.unary(FAIL, async |request: Text, _: Context| {
        Err::<Text, _>(Status::new(Code::FailedPrecondition, format!("no: {} (100 %)", request.text)))
    });
    let hanging = seen.clone();
    router.unary(HANG, move |_: Text, _| {
        let guard = OnDrop(hanging.clone());
        async move {
            guard.0.hanging.notify_one();
            std::future::pending::<()>().await;
            Ok(Text::default())
        }
    });
    router.streaming(COUNT, async |request: Text, _: Context, sender: StreamSender<Text>| {
        for number in 0..request.count {
            while sender.try_send(&text(&number.to_string())) == Err(StreamError::Full) {
                sender.ready().await;
            }
        }
        if request.text.is_empty() { Ok(()) } else { Err(Status::new(Code::Aborted, request.text)) }
    });
    let endless = seen.clone();
    router.streaming(ENDLESS, move |request: Text, _, sender: StreamSender<Text>| {
        let guard = OnDrop(endless.clone());
        async move {
            let message = Text { payload: request.payload, ..Text::default() };
            while sender.ready().await {
                sender.try_send(&message).expect("room");
                guard.0.sent.set(guard.0.sent.get() + 1);
            }
            Ok(())
        }
    });
    router
}

fn start(router: Router) -> SocketAddr {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    Server::new(Limits::default(), router, None).start(listener.into_listener().expect("registered"));
    addr
}

fn on_both(test: impl AsyncFn(SocketAddr, Channel, Rc<Seen>)) {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, async {
            let seen = Rc::new(Seen::default());
            let addr = start(router(&seen));
            let channel = Channel::connect(addr).await.expect("connected");
            test(addr, channel, seen).await;
        })
        .expect("a core");
    }
}

async fn call(channel: &Channel, path: &'static str, request: &Text) -> Result<Text, Status> {
    channel.unary(path, request, &CallOptions::default()).await
}

/// Sends raw bytes as a request's body and returns the header and trailers of the answer, put together.
async fn raw(addr: SocketAddr, change: impl FnOnce(&mut Request<Body>)) -> (StatusCode, HeaderMap) {
    let client = Http2Client::connect(addr).await.expect("connected");
    let mut request = Request::post(format!("http://{addr}{ECHO}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::empty())
        .expect("valid");
    change(&mut request);
    let response: Response<Incoming> = client.send(request).await.expect("answered");
    let (head, mut body) = response.into_parts();
    let mut headers = head.headers;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(trailers) = frame.into_trailers() {
            headers.extend(trailers);
        }
    }
    (head.status, headers)
}

fn status_of(headers: &HeaderMap) -> (&str, &str) {
    let get = |name| headers.get(name).map_or("", |value: &HeaderValue| value.to_str().expect("ASCII"));
    (get("grpc-status"), get("grpc-message"))
}

#[test]
fn a_unary_call_is_answered_with_metadata_in_reach() {
    on_both(async |_, channel, _| {
        let mut metadata = HeaderMap::new();
        metadata.insert("x-suffix", HeaderValue::from_static("!"));
        let options = CallOptions { metadata, ..CallOptions::default() };
        let answer: Text = channel.unary(ECHO, &text("hello"), &options).await.expect("answered");
        assert_eq!(answer, text("hello!"));
        let empty = call(&channel, ECHO, &Text::default()).await.expect("an empty message is a message");
        assert_eq!(empty, Text::default());
        let large = Text { payload: Bytes::from(vec![9; 90_000]), ..text("large") };
        assert_eq!(call(&channel, ECHO, &large).await.expect("answered"), large);
    });
}

#[test]
fn a_failure_carries_its_code_and_text() {
    on_both(async |_, channel, _| {
        let status = call(&channel, FAIL, &text("nö")).await.expect_err("it fails");
        assert_eq!(status, Status::new(Code::FailedPrecondition, "no: nö (100 %)"));
    });
}

#[test]
fn an_unknown_method_is_named() {
    on_both(async |_, channel, _| {
        let status = call(&channel, "/test.Service/Missing", &text("")).await.expect_err("unknown");
        assert_eq!(status, Status::new(Code::Unimplemented, "Method not found: test.Service/Missing"));
    });
}

#[test]
fn a_stream_delivers_all_messages_then_its_status() {
    on_both(async |_, channel, _| {
        for (ending, expected) in
            [("", Ok(None)), ("went wrong", Err(Status::new(Code::Aborted, "went wrong")))]
        {
            let request = Text { count: 100, ..text(ending) };
            let mut stream = channel
                .streaming::<_, Text>(COUNT, &request, &CallOptions::default())
                .await
                .expect("a header");
            for number in 0..100 {
                let message = stream.message().await.expect("going on").expect("a message");
                assert_eq!(message.text, number.to_string());
            }
            assert_eq!(stream.message().await, expected);
        }
    });
}

#[test]
fn deadlines_are_enforced_on_calls_and_streams() {
    on_both(async |_, channel, seen| {
        // Longer than the client's own clock allows for, so that the server's answer is what is seen.
        let mut metadata = HeaderMap::new();
        metadata.insert("grpc-timeout", HeaderValue::from_static("20m"));
        let options = CallOptions { metadata, ..CallOptions::default() };
        let status = channel.unary::<_, Text>(HANG, &text(""), &options).await.expect_err("too late");
        assert_eq!(status, Status::new(Code::DeadlineExceeded, "the deadline of 20 ms passed"));
        seen.dropped.notified().await;
        let request = Text { payload: Bytes::from_static(b"x"), ..Text::default() };
        let mut stream = channel.streaming::<_, Text>(ENDLESS, &request, &options).await.expect("a header");
        let ended = loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream succeeded"),
                Err(status) => break status,
            }
        };
        assert_eq!(ended, Status::new(Code::DeadlineExceeded, "the deadline of 20 ms passed"));
        seen.dropped.notified().await;
    });
}

#[test]
fn a_deadline_in_the_far_future_is_no_obstacle() {
    on_both(async |_, channel, _| {
        for value in ["99999999H", "99999999n"] {
            let mut metadata = HeaderMap::new();
            metadata.insert("grpc-timeout", HeaderValue::from_static(value));
            let options = CallOptions { metadata, ..CallOptions::default() };
            let request = Text { count: 3, ..Text::default() };
            let mut stream = channel.streaming::<_, Text>(COUNT, &request, &options).await.expect("a header");
            for _ in 0..3 {
                assert!(stream.message().await.expect("going on").is_some());
            }
        }
    });
}

#[test]
fn the_client_gives_up_at_its_own_deadline_and_the_handler_is_dropped() {
    on_both(async |_, channel, seen| {
        let options = CallOptions { timeout: Some(Duration::from_millis(10)), ..CallOptions::default() };
        let status = channel.unary::<_, Text>(HANG, &text(""), &options).await.expect_err("too late");
        assert_eq!(status.code, Code::DeadlineExceeded);
        seen.dropped.notified().await;
    });
}

#[test]
fn a_cancelled_call_drops_its_handler() {
    on_both(async |_, channel, seen| {
        let request = text("");
        let mut calling = Box::pin(call(&channel, HANG, &request));
        let mut hanging = Box::pin(seen.hanging.notified());
        poll_fn(|cx| {
            assert!(calling.as_mut().poll(cx).is_pending());
            hanging.as_mut().poll(cx)
        })
        .await;
        drop(calling);
        seen.dropped.notified().await;
    });
}

#[test]
fn a_cancelled_stream_drops_its_handler_also_while_it_has_no_room() {
    on_both(async |_, channel, seen| {
        let request = Text { payload: Bytes::from(vec![1; 90_000]), ..Text::default() };
        let mut stream =
            channel.streaming::<_, Text>(ENDLESS, &request, &CallOptions::default()).await.expect("a header");
        assert!(stream.message().await.expect("going on").is_some());
        // The client reads no more: the windows fill, then the credit.
        let mut still = 0;
        while still < 30 {
            let before = seen.sent.get();
            ringbolt_ring::sleep(Duration::from_millis(1)).await;
            still = if seen.sent.get() == before { still + 1 } else { 0 };
        }
        assert!(seen.sent.get() < 200, "{} messages of 90 kB were accepted", seen.sent.get());
        drop(stream);
        seen.dropped.notified().await;
        assert_eq!(call(&channel, ECHO, &text("alive")).await.expect("answered"), text("alive"));
    });
}

#[test]
fn gzip_requests_are_read_and_other_encodings_refused_by_name() {
    on_both(async |addr, channel, _| {
        let options = CallOptions { encoding: Encoding::Gzip, ..CallOptions::default() };
        let large = Text { payload: Bytes::from(vec![5; 90_000]), ..text("zipped") };
        assert_eq!(channel.unary::<_, Text>(ECHO, &large, &options).await.expect("answered"), large);
        let bomb = Text { payload: Bytes::from(vec![5; 200_000]), ..text("zipped") };
        let status = channel.unary::<_, Text>(ECHO, &bomb, &options).await.expect_err("too large");
        assert_eq!(status.code, Code::ResourceExhausted);
        let (_, headers) = raw(addr, |request| {
            request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("snappy"));
            *request.body_mut() = Body::full(&b"\x01\0\0\0\x01x"[..]);
        })
        .await;
        assert_eq!(status_of(&headers), ("12", "the message encoding snappy is not supported"));
        assert_eq!(headers["grpc-accept-encoding"], "identity,gzip");
    });
}

#[test]
fn a_too_large_message_is_resource_exhausted_by_its_prefix_alone() {
    on_both(async |addr, channel, _| {
        let large = Text { payload: Bytes::from(vec![5; 100_001]), ..Text::default() };
        let status = call(&channel, ECHO, &large).await.expect_err("too large");
        assert_eq!(status.code, Code::ResourceExhausted);
        assert!(status.message.starts_with("gRPC message exceeds maximum size 100000: "), "{status}");
        let (_, headers) =
            raw(addr, |request| *request.body_mut() = Body::full(&b"\0\xff\xff\xff\xff"[..])).await;
        assert_eq!(status_of(&headers), ("8", "gRPC message exceeds maximum size 100000: 4294967295"));
    });
}

#[test]
fn malformed_messages_are_refused_with_a_reason() {
    on_both(async |addr, _, _| {
        let cases: [(&[u8], &str); 8] = [
            (b"", "the request has no message"),
            (b"\0\0\0", "the stream ended inside a message"),
            (b"\0\0\0\0\x05abc", "the stream ended inside a message"),
            (b"\x02\0\0\0\0", "a message's first byte is 2, not 0 or 1"),
            (b"\x01\0\0\0\x01x", "a compressed message without a grpc-encoding"),
            (b"\0\0\0\0\0\0\0\0\0\0", "the request has more than one message"),
            (b"\0\0\0\0\x03\x0a\x05a", "the message cannot be decoded"),
            (b"\0\0\0\0\x03\x0a\x01\xff", "cannot be decoded: failed to decode Protobuf message: Text.text"),
        ];
        for (bytes, reason) in cases {
            let (http, headers) = raw(addr, |request| *request.body_mut() = Body::full(bytes)).await;
            let (code, message) = status_of(&headers);
            // As from grpc-java: an error of the application, not of the framing.
            let expected = if reason.contains("cannot be decoded") { "2" } else { "13" };
            assert_eq!((http, code), (StatusCode::OK, expected), "{bytes:?}");
            assert!(message.contains(reason), "{bytes:?}: {message}");
        }
        let (_, headers) = raw(addr, |request| {
            request.headers_mut().insert("grpc-timeout", HeaderValue::from_static("soon"));
        })
        .await;
        assert_eq!(status_of(&headers), ("13", "the grpc-timeout \"soon\" is malformed"));
    });
}

#[test]
fn what_is_not_grpc_is_refused_by_http() {
    on_both(async |addr, _, _| {
        for (content_type, expected) in [
            ("application/json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("application/grpc-web", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("application/grpc+json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("application/grpc+proto", StatusCode::OK),
            ("application/grpc;charset=utf-8", StatusCode::OK),
        ] {
            let (status, _) = raw(addr, |request| {
                request.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
            })
            .await;
            assert_eq!(status, expected, "{content_type}");
        }
        let (status, headers) = raw(addr, |request| *request.method_mut() = http::Method::GET).await;
        assert_eq!((status, headers["allow"].as_bytes()), (StatusCode::METHOD_NOT_ALLOWED, &b"POST"[..]));
        let mut client = Http1Client::connect(addr).await.expect("connected");
        let request = Request::post(ECHO).header("host", "h").body(Body::empty()).expect("valid");
        let answer = client.send(request).await.expect("answered");
        assert_eq!(answer.status(), StatusCode::HTTP_VERSION_NOT_SUPPORTED);
    });
}

#[test]
fn a_failure_before_the_first_message_is_a_header_alone() {
    on_both(async |addr, _, _| {
        let client = Http2Client::connect(addr).await.expect("connected");
        let request = Request::post(format!("http://{addr}/no.Such/Method"))
            .header("content-type", "application/grpc")
            .body(Body::empty())
            .expect("valid");
        let response = client.send(request).await.expect("answered");
        assert_eq!(status_of(response.headers()), ("12", "Method not found: no.Such/Method"));
        assert!(response.body().is_end_stream());
    });
}

#[derive(Clone, PartialEq, prost::Message)]
struct HealthCheck {
    #[prost(string, tag = "1")]
    service: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HealthAnswer {
    #[prost(enumeration = "Serving", tag = "1")]
    status: i32,
}

#[test]
fn health_is_checked_and_watched() {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, async {
            let health = Health::new();
            let mut router = Router::new(GrpcLimits::default());
            health.register(&mut router);
            let channel = Channel::connect(start(router)).await.expect("connected");
            let options = CallOptions::default();
            let ask = |service: &str| HealthCheck { service: service.to_owned() };
            health.set("", Serving::Serving);
            let answer: HealthAnswer =
                channel.unary("/grpc.health.v1.Health/Check", &ask(""), &options).await.expect("known");
            assert_eq!(answer.status(), Serving::Serving);
            let unknown = channel
                .unary::<_, HealthAnswer>("/grpc.health.v1.Health/Check", &ask("later"), &options)
                .await
                .expect_err("not known yet");
            assert_eq!(unknown.code, Code::NotFound);
            let mut watch = channel
                .streaming::<_, HealthAnswer>("/grpc.health.v1.Health/Watch", &ask("later"), &options)
                .await
                .expect("a header");
            for expected in [Serving::ServiceUnknown, Serving::Serving, Serving::NotServing] {
                if expected != Serving::ServiceUnknown {
                    health.set("later", expected);
                    health.set("another", Serving::Unknown);
                }
                let state = watch.message().await.expect("going on").expect("a state");
                assert_eq!(state.status(), expected);
            }
        })
        .expect("a core");
    }
}

/// Clients ping as often as their keepalive setting says (grpc-java and grpc-node: every few seconds, also without
/// calls). No ping policy may send them away.
#[test]
fn frequent_pings_are_tolerated() {
    on_both(async |addr, _, _| {
        let mut stream = ringbolt_ring::net::connect(addr).await.expect("connected");
        let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        sent.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
        for number in 0..200u64 {
            sent.extend_from_slice(&[0, 0, 8, 6, 0, 0, 0, 0, 0]);
            sent.extend_from_slice(&number.to_be_bytes());
        }
        stream.write_all(&sent).await.expect("written");
        let last_pong = [&[0u8, 0, 8, 6, 1, 0, 0, 0, 0][..], &199u64.to_be_bytes()[..]].concat();
        let (mut received, mut buf) = (Vec::new(), [0; 4096]);
        while !received.windows(last_pong.len()).any(|window| window == last_pong) {
            let read = stream.read(&mut buf).await.expect("read");
            assert!(read > 0, "closed by the server");
            received.extend_from_slice(&buf[..read]);
        }
    });
}

#[test]
fn a_handler_that_is_never_polled_again_is_not_leaked_by_a_lost_connection() {
    on_both(async |addr, _, seen| {
        let lonely = Channel::connect(addr).await.expect("connected");
        let request = text("");
        let mut calling = Box::pin(call(&lonely, HANG, &request));
        let mut hanging = Box::pin(seen.hanging.notified());
        poll_fn(|cx| {
            assert!(calling.as_mut().poll(cx).is_pending());
            hanging.as_mut().poll(cx)
        })
        .await;
        drop(calling);
        drop(lonely);
        seen.dropped.notified().await;
    });
}
