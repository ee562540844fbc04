//! What the server's own HTTP/1.1 does with requests, against hyper's client and bytes made by hand.

mod common;

use std::{cell::RefCell, future::pending, rc::Rc, time::Duration};

use bytes::Bytes;
use common::{Raw, on_both, start};
use http::{HeaderMap, Request, Response, StatusCode};
use ringbolt_http::{
    Answering, Body, Connection, Incoming, Limits, Service, Stopped, TurnedAway, client::Http1Client,
    read_body,
};
use ringbolt_ring::{local::Notify, sleep, spawn, timeout};

const LONG: Duration = Duration::from_secs(30);
const TURNED_AWAY_BYTES_MAX: usize = 100_000;

/// Notes what it is asked, and answers as the path says.
#[derive(Clone, Default)]
struct Noting {
    seen: Rc<RefCell<Vec<String>>>,
    release: Rc<Notify>,
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::full(text));
    *response.status_mut() = status;
    response
}

impl Service for Noting {
    fn call(self: Rc<Self>, request: Request<Incoming>, _: Rc<Connection>) -> Answering {
        let line = format!("{} {} {:?}", request.method(), request.uri(), request.version());
        self.seen.borrow_mut().push(line.clone());
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            match path.as_str() {
                "/unread" => plain(StatusCode::NOT_FOUND, "not read"),
                "/nothing" => plain(StatusCode::NO_CONTENT, ""),
                "/never" => {
                    let _body = request.into_body();
                    pending().await
                }
                "/later" => {
                    self.release.notified().await;
                    plain(StatusCode::OK, "later.")
                }
                _ => match read_body(request.into_body(), usize::MAX, LONG).await {
                    Ok(body) => plain(StatusCode::OK, [line.as_bytes(), b" ", &body[..], b"."].concat()),
                    Err(error) => plain(StatusCode::BAD_REQUEST, error.to_string()),
                },
            }
        })
    }

    fn turn_away(&self, request: &Request<()>) -> Option<TurnedAway> {
        let response = plain(StatusCode::SERVICE_UNAVAILABLE, "turned away");
        (request.uri().path() == "/away").then_some(TurnedAway {
            response,
            body_bytes_max: TURNED_AWAY_BYTES_MAX,
            body_time_max: LONG,
        })
    }
}

fn head(path: &str, fields: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: h\r\n{fields}\r\n")
}

#[test]
fn bodies_of_every_size_come_and_go() {
    async fn back(request: Request<Incoming>) -> Response<Body> {
        Response::new(Body::full(read_body(request.into_body(), usize::MAX, LONG).await.expect("read")))
    }
    on_both(async || {
        let (addr, server) = start(Limits::default(), back);
        let mut client = Http1Client::connect(addr).await.expect("connected");
        for size in [0, 1, 2047, 2048, 2049, 4096, 65_000, 65_536, 70_000, 1 << 20, 5 << 20] {
            let bytes: Bytes = (0..size).map(|n: u32| (n % 251) as u8).collect();
            let (sender, chunked) = Body::channel(1);
            let pieces = bytes.clone();
            spawn(async move {
                for piece in pieces.chunks(60_000) {
                    assert!(sender.ready().await);
                    sender.try_send(Bytes::copy_from_slice(piece)).expect("room");
                }
                sender.finish(None);
            });
            for body in [Body::full(bytes.clone()), chunked] {
                let request = Request::post("/").header("host", "h").body(body).expect("valid");
                let answer = client.send(request).await.expect("answered").into_body();
                assert_eq!(read_body(answer, usize::MAX, LONG).await.expect("read"), bytes, "{size}");
            }
        }
        assert_eq!(server.stats().accepted, 1);
    });
}

#[test]
fn a_request_may_come_byte_by_byte() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), Noting::default());
        let mut raw = Raw::connect(addr).await;
        let chunked = head("/a", "transfer-encoding: chunked\r\n") + "3;x=y\r\nabc\r\n0\r\nt: u\r\n\r\n";
        let sized = head("/b", "content-length: 3\r\n") + "def";
        for byte in format!("{chunked}{sized}").bytes() {
            raw.send([byte]).await;
            ringbolt_ring::yield_now().await;
        }
        raw.until("POST /a HTTP/1.1 abc.").await;
        raw.until("POST /b HTTP/1.1 def.").await;
    });
}

#[test]
fn a_request_begins_when_the_one_before_it_is_answered() {
    on_both(async || {
        let noting = Noting::default();
        let (seen, release) = (noting.seen.clone(), noting.release.clone());
        let (addr, _server) = start(Limits::default(), noting);
        let mut raw = Raw::connect(addr).await;
        let first = head("/later", "content-length: 2\r\n") + "ab";
        let second = head("/b", "transfer-encoding: chunked\r\n") + "1\r\nx\r\n0\r\n\r\n";
        raw.send(format!("{first}{second}{}", head("/c", ""))).await;
        sleep(Duration::from_millis(20)).await;
        assert_eq!(*seen.borrow(), ["POST /later HTTP/1.1"]);
        release.notify_one();
        let answers = raw.until("POST /c HTTP/1.1 .").await;
        let at = |text: &str| answers.find(text).expect("an answer");
        assert!(at("later.") < at("/b HTTP/1.1 x."), "{answers}");
    });
}

#[test]
fn nothing_is_smuggled_behind_a_request() {
    on_both(async || {
        for (fields, status) in [
            ("content-length: 4\r\ntransfer-encoding: chunked\r\n", 400),
            ("content-length: 0\r\ncontent-length: 4\r\n", 400),
            ("transfer-encoding: gzip, chunked\r\n", 501),
            ("transfer-encoding : chunked\r\n", 400),
            ("x: y\r\n transfer-encoding: chunked\r\n", 400),
        ] {
            let noting = Noting::default();
            let seen = noting.seen.clone();
            let (addr, server) = start(Limits::default(), noting);
            let mut raw = Raw::connect(addr).await;
            raw.send(head("/a", fields) + "0\r\n\r\n" + &head("/smuggled", "")).await;
            let answer = raw.until_ended().await.expect("no reset");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{fields}: {answer}");
            assert!(answer.contains("connection: close\r\n") && answer.contains("problem+json"), "{answer}");
            assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
            assert!(seen.borrow().is_empty() && server.stats().open == 0, "{fields}");
        }
        // A body that breaks off leaves its service an error, and what follows it unread.
        let noting = Noting::default();
        let seen = noting.seen.clone();
        let (addr, _server) = start(Limits::default(), noting);
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/a", "transfer-encoding: chunked\r\n") + "1\r\nab\r\n" + &head("/smuggled", "")).await;
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("a chunk does not end"), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert_eq!(*seen.borrow(), ["POST /a HTTP/1.1"]);
    });
}

#[test]
fn a_client_that_waits_for_a_word_gets_it_when_its_body_is_wanted() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), Noting::default());
        let expects = "content-length: 3\r\nexpect: 100-continue\r\n";
        let mut raw = Raw::connect(addr).await;
        for _ in 0..2 {
            raw.send(head("/read", expects)).await;
            assert_eq!(raw.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
            raw.send("abc").await;
            raw.until("POST /read HTTP/1.1 abc.").await;
        }
        // Who did not wait is not asked.
        raw.send(head("/read", expects) + "def").await;
        assert!(raw.until("HTTP/1.1 def.").await.starts_with("HTTP/1.1 200 "));
        // Nobody wants this one: whether it comes cannot be known.
        raw.send(head("/unread", expects)).await;
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("connection: close\r\n"), "{answer}");
    });
}

#[test]
fn of_a_body_that_nobody_reads_what_is_there_is_passed_over() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), Noting::default());
        let mut raw = Raw::connect(addr).await;
        for fields in ["content-length: 3\r\n", "content-length: 50000\r\n"] {
            let length: usize = fields.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number");
            raw.send(head("/unread", fields) + &"x".repeat(length)).await;
            let answer = raw.until("not read").await;
            assert!(!answer.contains("connection: close"), "{answer}");
        }
        // The rest of this one would be taken for a request.
        raw.send(head("/unread", "content-length: 4000000\r\n")).await;
        let answer = raw.until("not read").await;
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        let _ = raw.try_send("x".repeat(4_000_000)).await;
        assert_eq!(raw.until_closed().await, "");
        assert_eq!(server.stats().open, 0);
    });
}

#[test]
fn what_is_turned_away_is_answered_when_its_body_is_over() {
    on_both(async || {
        let noting = Noting::default();
        let seen = noting.seen.clone();
        let (addr, _server) = start(Limits::default(), noting);
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/away", "content-length: 3\r\n") + "abc" + &head("/away", "")).await;
        raw.until("turned away").await;
        raw.until("turned away").await;
        raw.send(head("/away", "content-length: 80000\r\n")).await;
        raw.send("x".repeat(79_999)).await;
        assert!(timeout(Duration::from_millis(20), raw.readable()).await.is_err(), "its body is not over");
        raw.send("x").await;
        assert!(!raw.until("turned away").await.contains("connection: close"));
        // One that is too long is not waited for.
        raw.send(head("/away", "content-length: 1000000\r\n")).await;
        let _ = raw.try_send("x".repeat(TURNED_AWAY_BYTES_MAX + 1)).await;
        let answer = raw.until("turned away").await;
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("connection: close\r\n"), "{answer}");
        assert!(seen.borrow().is_empty());
    });
}

#[test]
fn what_a_service_does_not_take_is_not_read() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), Noting::default());
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/never", "content-length: 1000000000\r\n")).await;
        let piece = vec![b'x'; 1 << 20];
        let mut sent = 0;
        while timeout(Duration::from_millis(200), raw.send(&piece)).await.is_ok() {
            sent += piece.len();
            assert!(sent < 200 << 20, "it reads on and on");
        }
    });
}

#[test]
fn requests_of_other_kinds_are_answered_as_their_kind() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), Noting::default());
        let mut raw = Raw::connect(addr).await;
        raw.send("HEAD /x HTTP/1.1\r\nhost: h\r\n\r\nGET /nothing HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let answer = raw.until("\r\n\r\n").await;
        assert!(answer.contains("content-length: 18\r\n"), "{answer}");
        let answer = raw.until("\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 204 ") && !answer.contains("content-length"), "{answer}");
        raw.send("OPTIONS * HTTP/1.1\r\nhost: h\r\n\r\nGET http://h/y?z HTTP/1.1\r\nhost: h\r\n\r\n").await;
        raw.until("OPTIONS * HTTP/1.1 .").await;
        raw.until("GET http://h/y?z HTTP/1.1 .").await;
        raw.send("GET /old HTTP/1.0\r\nconnection: keep-alive\r\n\r\n").await;
        let answer = raw.until("GET /old HTTP/1.0 .").await;
        assert!(
            answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.contains("connection: keep-alive"),
            "{answer}"
        );
        raw.send("GET /up HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n").await;
        assert!(raw.until("GET /up HTTP/1.1 .").await.starts_with("HTTP/1.1 200 "));
        raw.send("CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n\r\n").await;
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.starts_with("HTTP/1.1 501 ") && answer.contains("problem+json"), "{answer}");
    });
}

#[test]
fn over_http_1_0_a_stream_ends_with_its_connection() {
    on_both(async || {
        let (service, slot) = common::streaming(2);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        raw.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n").await;
        let sender = sender.await;
        for piece in ["one.", "two."] {
            sender.try_send(Bytes::from_static(piece.as_bytes())).expect("room");
            raw.until(piece).await;
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("a", "b".parse().expect("a value"));
        sender.finish(Some(trailers));
        assert_eq!(raw.until_ended().await.expect("no reset"), "");
    });
}

#[test]
fn a_server_that_stops_answers_what_it_has_begun_and_nothing_more() {
    on_both(async || {
        let noting = Noting::default();
        let (seen, release) = (noting.seen.clone(), noting.release.clone());
        let (addr, server) = start(Limits::default(), noting);
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/later", "") + &head("/b", "")).await;
        while seen.borrow().is_empty() {
            ringbolt_ring::yield_now().await;
        }
        let stopping = server.clone();
        let stopped = spawn(async move { stopping.stop(LONG).await });
        sleep(Duration::from_millis(5)).await;
        release.notify_one();
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.contains("connection: close\r\n") && answer.ends_with("later."), "{answer}");
        assert_eq!(stopped.await, Stopped::Gracefully);
        assert_eq!(*seen.borrow(), ["POST /later HTTP/1.1"]);
    });
}

#[test]
fn each_head_has_its_time_and_each_body_its_own() {
    on_both(async || {
        let limits = Limits {
            header_read_timeout: Duration::from_millis(40),
            idle_timeout: Duration::from_secs(60),
            ..Limits::default()
        };
        let (addr, server) = start(limits, Noting::default());
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/a", "content-length: 3\r\n") + "a").await;
        // A body may take longer, and so may the next request.
        sleep(Duration::from_millis(120)).await;
        raw.send("bc").await;
        raw.until("abc.").await;
        sleep(Duration::from_millis(120)).await;
        raw.send(head("/b", "")).await;
        raw.until("/b HTTP/1.1 .").await;
        // Here it comes together with a whole one.
        raw.send(head("/c", "") + "POST /d HT").await;
        raw.until("/c HTTP/1.1 .").await;
        assert_eq!((server.stats().header_timeouts, server.stats().open), (0, 1));
        assert_eq!(raw.until_closed().await, "");
        assert_eq!(server.stats().header_timeouts, 1);
    });
}

#[test]
fn a_client_that_ends_its_half_has_what_is_whole_answered() {
    on_both(async || {
        let noting = Noting::default();
        let seen = noting.seen.clone();
        let (addr, server) = start(Limits::default(), noting);
        for rest in ["", "POST /c HT", "POST /c HTTP/1.1\r\nhost: h\r\n"] {
            let mut raw = Raw::connect(addr).await;
            raw.send(head("/a", "") + &head("/b", "content-length: 1\r\n") + "x" + rest).await;
            raw.end().await;
            let answer = raw.until_ended().await.expect("no reset");
            assert!(answer.ends_with("/b HTTP/1.1 x."), "{rest:?}: {answer}");
            assert_eq!(std::mem::take(&mut *seen.borrow_mut()).len(), 2, "{rest:?}");
        }
        let mut raw = Raw::connect(addr).await;
        raw.send(head("/a", "") + &head("/b", "content-length: 2\r\n") + "x").await;
        raw.end().await;
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.contains("/a HTTP/1.1 .") && answer.ends_with("the connection ended"), "{answer}");
        assert_eq!(server.stats().open, 0);
    });
}
