//! How HTTP/1.1 connections end: clients that end their half, that go, that do not read; what is no request.

mod common;

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use bytes::Bytes;
use common::{Raw, echo, on_both, start, start_with, streaming};
use http::{Request, Response};
use http_body::Body as _;
use ringbolt_http::{Answering, Body, Connection, Incoming, Limits, Service, Setup, UnsentBytes};
use ringbolt_ring::local::Notify;

/// Answers after some time, and notes what becomes of each request.
struct Slow {
    time: Duration,
    log: Rc<RefCell<Vec<&'static str>>>,
    arrived: Rc<Notify>,
    noted: Rc<Notify>,
}

impl Slow {
    fn new(time: Duration) -> Slow {
        let (arrived, noted) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        Slow { time, log: Rc::default(), arrived, noted }
    }
}

/// Notes that a request's future was dropped.
struct Dropped(Rc<RefCell<Vec<&'static str>>>, Rc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.borrow_mut().push("dropped");
        self.1.notify_one();
    }
}

impl Service for Slow {
    fn call(self: Rc<Self>, request: Request<Incoming>, connection: Rc<Connection>) -> Answering {
        Box::pin(self.answer(request, connection))
    }
}

impl Slow {
    async fn answer(
        self: Rc<Self>,
        request: Request<Incoming>,
        connection: Rc<Connection>,
    ) -> Response<Body> {
        let _dropped = Dropped(self.log.clone(), self.noted.clone());
        self.arrived.notify_one();
        if request.uri().path() == "/ended" {
            connection.ended().await;
            self.log.borrow_mut().push("ended");
            return Response::new(Body::full("nobody may be there"));
        }
        ringbolt_ring::sleep(self.time).await;
        assert_eq!(connection.has_ended(), request.uri().path() == "/half");
        Response::new(Body::full("slow but sure"))
    }
}

#[test]
fn a_client_that_ends_its_half_gets_its_answers_and_then_the_end() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        for (request, ends_with) in [
            ("GET /one HTTP/1.1\r\nhost: h\r\n\r\n", "\r\n\r\n/one"),
            ("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc", "\r\n\r\nabc"),
            ("GET /one HTTP/1.1\r\nhost: h\r\n\r\nGET /two HTTP/1.1\r\nhost: h\r\n\r\n", "\r\n\r\n/two"),
            ("GET /old HTTP/1.0\r\n\r\n", "\r\n\r\n/old"),
        ] {
            let mut raw = Raw::connect(addr).await;
            raw.send(request).await;
            raw.end().await;
            let answer = raw.until_ended().await.expect("no reset");
            assert!(answer.ends_with(ends_with), "{request:?}: {answer}");
            let answers = answer.matches("HTTP/1.1 200 ").count() + answer.matches("HTTP/1.0 200 ").count();
            assert_eq!(answers, request.matches("host").count().max(1), "{answer}");
        }
        assert_eq!(server.stats().open, 0);
        let (addr, _server) = start(Limits::default(), Slow::new(Duration::from_millis(50)));
        let mut raw = Raw::connect(addr).await;
        raw.send("GET /half HTTP/1.1\r\nhost: h\r\n\r\n").await;
        raw.end().await;
        assert!(raw.until_ended().await.expect("no reset").ends_with("slow but sure"));
    });
}

#[test]
fn half_a_request_is_no_request() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc").await;
        raw.end().await;
        let answer = raw.until_closed().await;
        // Not the 408 of a client that is waited for.
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("could not be read"), "{answer}");
        let mut raw = Raw::connect(addr).await;
        raw.send("GET / HTTP/1.1\r\nho").await;
        raw.end().await;
        assert!(!raw.until_closed().await.contains(" 200 "));
        assert_eq!(server.stats().open, 0);
    });
}

#[test]
fn a_service_that_doubts_learns_of_the_end() {
    on_both(async || {
        let slow = Slow::new(Duration::from_secs(3600));
        let (log, arrived, noted) = (slow.log.clone(), slow.arrived.clone(), slow.noted.clone());
        let (addr, _server) = start(Limits::default(), slow);
        let mut raw = Raw::connect(addr).await;
        raw.send("GET /ended HTTP/1.1\r\nhost: h\r\n\r\n").await;
        arrived.notified().await;
        drop(raw);
        noted.notified().await;
        assert_eq!(*log.borrow(), ["ended", "dropped"]);
    });
}

#[test]
fn a_reset_drops_what_was_being_answered() {
    on_both(async || {
        let slow = Slow::new(Duration::from_secs(3600));
        let (log, arrived, noted) = (slow.log.clone(), slow.arrived.clone(), slow.noted.clone());
        let (addr, _server) = start(Limits::default(), slow);
        let mut raw = Raw::connect(addr).await;
        // A socket that is closed with bytes unread, here those of the first answer, resets its connection.
        raw.send("GET / HTTP/1.1\r\n\r\n").await;
        raw.readable().await;
        raw.send("GET /slow HTTP/1.1\r\nhost: h\r\n\r\n").await;
        arrived.notified().await;
        drop(raw);
        noted.notified().await;
        assert_eq!(*log.borrow(), ["dropped"]);
    });
}

#[test]
fn a_stream_ends_whole_when_its_client_ends_its_half() {
    on_both(async || {
        let (service, slot) = streaming(2);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let sender = sender.await;
        sender.try_send(Bytes::from_static(b"one\n")).expect("room");
        raw.until("one\n").await;
        raw.end().await;
        sender.closed().await;
        assert!(raw.until_ended().await.expect("no reset").ends_with("0\r\n\r\n"));
    });
}

#[test]
fn what_cannot_be_read_has_a_problem_body_that_arrives() {
    on_both(async || {
        let (addr, server) = start(Limits { header_bytes_max: 8 * 1024, ..Limits::default() }, echo);
        let long_target = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "x".repeat(70_000));
        let long_header = format!("GET / HTTP/1.1\r\nhost: h\r\nx: {}\r\n\r\n", "y".repeat(400 * 1024));
        for (request, statuses) in [
            ("GET / HTTP/1.1\r\nbad header\r\n\r\n".to_owned(), &["400"][..]),
            ("GET /ok HTTP/1.1\r\nhost: h\r\n\r\nNONSENSE\r\n\r\n".to_owned(), &["200", "400"]),
            (long_header, &["431"]),
            (long_target, &["431"]),
        ] {
            let mut raw = Raw::connect(addr).await;
            raw.send(&request).await;
            raw.end().await;
            let answer = raw.until_ended().await.expect("no reset");
            let last = answer.rfind("HTTP/1.1 ").expect("an answer");
            for status in statuses {
                assert!(answer.contains(&format!("HTTP/1.1 {status} ")), "{answer}");
            }
            let (head, body) = answer[last..].split_once("\r\n\r\n").expect("a body");
            assert!(head.contains("\r\ncontent-type: application/problem+json"), "{head}");
            assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())), "{head}");
            let status = statuses.last().expect("some");
            assert!(body.contains(&format!("\"status\":{status},\"detail\":\"The request")), "{body}");
        }
        assert_eq!(server.stats().open, 0);
    });
}

#[test]
fn requests_without_a_host_or_with_two_are_malformed() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        for headers in ["", "host: h\r\nhost: h\r\n", "host: a b\r\n", "host: u@h\r\n"] {
            let mut raw = Raw::connect(addr).await;
            raw.send(format!("GET / HTTP/1.1\r\n{headers}connection: close\r\n\r\n")).await;
            let answer = raw.until_closed().await;
            assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("'Host' header"), "{answer}");
        }
        assert_eq!(server.stats().refused_requests, [4, 0, 0, 0]);
    });
}

/// A service whose every answer is this long.
fn answers_of(len: usize) -> impl Fn(Request<Incoming>) -> std::future::Ready<Response<Body>> {
    let bytes = Bytes::from(vec![b'x'; len]);
    move |_| std::future::ready(Response::new(Body::full(bytes.clone())))
}

#[test]
fn a_client_that_does_not_read_its_answer_is_cut() {
    on_both(async || {
        let limits = Limits { write_timeout: Duration::from_millis(60), ..Limits::default() };
        let unsent = UnsentBytes::up_to(u64::MAX);
        let setup = Setup { limits, unsent: unsent.clone(), ..Setup::default() };
        let (addr, server) = start_with(setup, answers_of(64 << 20));
        let mut raw = Raw::connect(addr).await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let mut held = 0;
        for _ in 0..5000 {
            held = held.max(unsent.now());
            if server.stats().stalled == 1 && server.stats().open == 0 {
                break;
            }
            ringbolt_ring::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!((server.stats().stalled, server.stats().open), (1, 0));
        assert_eq!((held, unsent.now()), (64 << 20, 0), "what was held for it is free");
        // One that reads, if slowly, is not.
        let mut slow = Raw::connect(addr).await;
        slow.send("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await;
        slow.until("\r\n\r\n").await;
        assert_eq!(slow.until_closed().await.len(), 64 << 20);
    });
}

#[test]
fn beyond_the_bound_of_a_core_requests_are_refused_and_the_largest_holder_is_cut() {
    on_both(async || {
        let notices = Rc::new(Cell::new(0u64));
        let noting = notices.clone();
        let unsent = UnsentBytes::up_to(50 << 20);
        let setup = Setup {
            // Ticks of 100 ms, and no cut for slowness alone.
            limits: Limits { idle_timeout: Duration::from_millis(400), ..Limits::default() },
            unsent: unsent.clone(),
            on_notice: Some(Box::new(move |notice| {
                if let ringbolt_http::Notice::Unread { bytes, .. } = notice {
                    noting.set(*bytes);
                }
            })),
            ..Setup::default()
        };
        let small = Bytes::from_static(b"small");
        let large = Bytes::from(vec![b'x'; 32 << 20]);
        let (addr, server) = start_with(setup, move |request: Request<Incoming>| {
            let body = if request.uri().path() == "/small" { &small } else { &large };
            std::future::ready(Response::new(Body::full(body.clone())))
        });
        let ask = async |path: &str| {
            let mut raw = Raw::connect(addr).await;
            raw.send(format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).await;
            raw
        };
        let first = ask("/large").await;
        let second = ask("/large").await;
        while unsent.now() < 64 << 20 {
            ringbolt_ring::sleep(Duration::from_millis(1)).await;
        }
        let refused = ask("/small").await.until_closed().await;
        assert!(
            refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: 1\r\n"),
            "{refused}"
        );
        assert!(refused.contains("application/problem+json"), "{refused}");
        while server.stats().unread == 0 {
            ringbolt_ring::sleep(Duration::from_millis(5)).await;
        }
        while unsent.now() > 32 << 20 {
            ringbolt_ring::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!((server.stats().unread, notices.get()), (1, 32 << 20), "one was enough");
        assert!(ask("/small").await.until_closed().await.ends_with("small"));
        assert_eq!(server.stats().refused_requests[3], 1);
        drop((first, second));
    });
}

/// Reads a body as it comes, and answers in how many pieces that was.
async fn count_pieces(request: Request<Incoming>) -> Response<Body> {
    let mut body = request.into_body();
    let (mut pieces, mut bytes) = (0, 0);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        pieces += 1;
        bytes += frame.expect("a whole body").into_data().map_or(0, |data| data.len());
    }
    Response::new(Body::full(format!("{bytes} bytes, {pieces} pieces")))
}

#[test]
fn a_large_body_does_not_come_in_crumbs() {
    const BYTES: usize = 1 << 20;
    on_both(async || {
        let (addr, _server) = start(Limits::default(), count_pieces);
        let mut raw = Raw::connect(addr).await;
        raw.send(format!("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: {BYTES}\r\n\r\n")).await;
        raw.send(vec![7; BYTES]).await;
        let answer = raw.until("pieces").await;
        let (bytes, pieces) =
            answer.rsplit_once("\r\n").expect("a body").1.split_once(" bytes, ").expect("two");
        let pieces: usize = pieces.trim_end_matches(" pieces").parse().expect("a number");
        assert!(bytes == BYTES.to_string() && pieces < 2_000, "{answer}");
    });
}
