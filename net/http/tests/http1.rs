//! HTTP/1.1 over loopback sockets: answers, limits, malformed input, streams, stopping.

mod common;

use std::{cell::Cell, rc::Rc, time::Duration};

use bytes::Bytes;
use common::{Raw, echo, on_both, start, streaming};
use http::{Request, Response};
use ringbolt_http::{
    Body, Incoming, Limits, Protocol, Stopped, TrySendError, client::Http1Client, read_body,
};
use ringbolt_ring::{local::Notify, spawn, time};

fn short(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[test]
fn a_body_comes_back_and_the_connection_is_kept() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        for round in 0..3 {
            raw.send(format!("POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 6\r\n\r\nhello{round}")).await;
            let answer = raw.until(&format!("\r\n\r\nhello{round}")).await;
            assert!(
                answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("content-length: 6\r\n"),
                "{answer}"
            );
            assert!(
                answer.contains("x-content-type-options: nosniff\r\n")
                    && answer.contains(
                        "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'\r\n"
                    ),
                "{answer}"
            );
        }
        assert_eq!(server.stats().open, 1);
    });
}

#[test]
fn chunked_and_split_requests_are_put_together() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        // The first bytes look like the beginning of the HTTP/2 preface.
        for part in [
            "P",
            "OST /x HT",
            "TP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r",
            "\n3\r\nabc\r\n2\r\nde\r",
        ] {
            raw.send(part).await;
            ringbolt_ring::yield_now().await;
        }
        raw.send("\n0\r\n\r\n").await;
        assert!(raw.until("\r\n\r\nabcde").await.starts_with("HTTP/1.1 200"));
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        let requests: String = (0..50).map(|n| format!("GET /{n}. HTTP/1.1\r\nhost: h\r\n\r\n")).collect();
        raw.send(requests).await;
        for n in 0..50 {
            let answer = raw.until(&format!("\r\n\r\n/{n}.")).await;
            assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
        }
    });
}

#[test]
fn a_client_that_asks_to_close_is_closed() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send("GET /last HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await;
        assert!(raw.until_closed().await.ends_with("/last"));
    });
}

#[test]
fn malformed_requests_get_a_400_and_the_server_goes_on() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        let bad: [&[u8]; 6] = [
            b"GET / HTTP/9.9\r\nhost: h\r\n\r\n",
            b"GET  HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: \x00\r\n\r\n",
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
        ];
        for request in bad {
            let mut raw = Raw::connect(addr).await;
            raw.send(request).await;
            let answer = raw.until_closed().await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{:?}: {answer}", String::from_utf8_lossy(request));
        }
        let mut client = Http1Client::connect(addr).await.expect("connected");
        let request = Request::get("/alive").header("host", "h").body(Body::empty()).expect("valid");
        let answer = client.send(request).await.expect("answered");
        assert_eq!(read_body(answer.into_body(), 100, Duration::from_secs(5)).await.expect("read"), "/alive");
        assert_eq!(server.stats().open, 1);
    });
}

#[test]
fn a_bad_chunk_is_a_400() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n").await;
        let answer = raw.until_closed().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    });
}

#[test]
fn too_large_headers_get_a_431() {
    on_both(async || {
        let (addr, _server) = start(short(|limits| limits.header_bytes_max = 8 * 1024), echo);
        let long = format!("GET / HTTP/1.1\r\nhost: h\r\nx: {}\r\n\r\n", "y".repeat(9 * 1024));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(ringbolt_http::HEADERS_MAX + 1));
        for request in [long, many] {
            let mut raw = Raw::connect(addr).await;
            raw.send(request).await;
            assert!(raw.until_closed().await.starts_with("HTTP/1.1 431 "));
        }
    });
}

#[test]
fn too_large_bodies_get_a_413_announced_or_not() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 99999999\r\n\r\n").await;
        let answer = raw.until("bytes").await;
        assert!(
            answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("larger than 65536 bytes"),
            "{answer}"
        );
        let mut raw = Raw::connect(addr).await;
        raw.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n").await;
        for _ in 0..17 {
            raw.send(format!("1000\r\n{}\r\n", "x".repeat(4096))).await;
        }
        assert!(raw.until("bytes").await.starts_with("HTTP/1.1 413 "));
    });
}

#[test]
fn a_slow_body_gets_a_408() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc").await;
        let answer = raw.until("within 100 ms").await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    });
}

#[test]
fn a_slow_header_is_closed_and_a_slow_handler_is_not() {
    on_both(async || {
        let limits = short(|limits| {
            limits.header_read_timeout = Duration::from_millis(30);
            limits.idle_timeout = Duration::from_secs(60);
        });
        let (addr, server) = start(limits, async |_request: Request<Incoming>| {
            ringbolt_ring::sleep(Duration::from_millis(90)).await;
            Response::new(Body::full("slow but sure"))
        });
        let mut patient = Raw::connect(addr).await;
        patient.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let begun = time::now();
        for beginning in ["G", "GET / HTTP/1.1\r\nho"] {
            let mut raw = Raw::connect(addr).await;
            raw.send(beginning).await;
            assert_eq!(raw.until_closed().await, "");
        }
        assert!(time::now() - begun >= Duration::from_millis(60));
        patient.until("slow but sure").await;
        assert_eq!(server.stats().header_timeouts, 2);
    });
}

#[test]
fn an_idle_connection_is_closed() {
    on_both(async || {
        let (addr, server) = start(short(|limits| limits.idle_timeout = Duration::from_millis(30)), echo);
        let mut silent = Raw::connect(addr).await;
        let mut used = Raw::connect(addr).await;
        used.send("GET /used HTTP/1.1\r\nhost: h\r\n\r\n").await;
        used.until("/used").await;
        assert_eq!(silent.until_closed().await, "");
        assert_eq!(used.until_closed().await, "");
        assert_eq!((server.stats().idle_timeouts, server.stats().open), (2, 0));
    });
}

#[test]
fn one_connection_too_many_is_closed_at_once() {
    on_both(async || {
        let (addr, server) = start(short(|limits| limits.connections_max = 1), echo);
        let mut first = Raw::connect(addr).await;
        first.send("GET /first HTTP/1.1\r\nhost: h\r\n\r\n").await;
        first.until("/first").await;
        assert_eq!(Raw::connect(addr).await.until_closed().await, "");
        assert_eq!((server.stats().refused, server.stats().open), (1, 1));
        first.send("GET /again HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await;
        assert!(first.until_closed().await.ends_with("/again"));
        let mut next = Raw::connect(addr).await;
        next.send("GET /next HTTP/1.1\r\nhost: h\r\n\r\n").await;
        next.until("/next").await;
    });
}

#[test]
fn a_streamed_body_goes_out_frame_by_frame_and_learns_of_the_clients_end() {
    on_both(async || {
        let (service, slot) = streaming(2);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let sender = sender.await;
        assert_eq!(sender.try_send(Bytes::from_static(b"one\n")), Ok(1));
        assert_eq!(sender.try_send(Bytes::from_static(b"two\n")), Ok(2));
        assert_eq!(
            sender.try_send(Bytes::from_static(b"three\n")),
            Err(TrySendError::Full(Bytes::from_static(b"three\n")))
        );
        raw.until("two\n").await;
        assert_eq!((sender.changed(1).await, sender.room()), (2, 2));
        drop(raw);
        sender.closed().await;
        assert!(matches!(sender.try_send(Bytes::from_static(b"x")), Err(TrySendError::Closed(_))));
    });
}

#[test]
fn a_client_that_does_not_read_stops_the_hand_over() {
    on_both(async || {
        let (service, slot) = streaming(4);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let sender = sender.await;
        // Fill the sockets' buffers: when nothing moves for some turns, the connection is full.
        let frame = Bytes::from(vec![b'x'; 64 * 1024]);
        let mut still = 0;
        while still < 50 {
            let before = sender.handed_over();
            while sender.try_send(frame.clone()).is_ok() {}
            ringbolt_ring::sleep(Duration::from_millis(1)).await;
            still = if sender.handed_over() == before { still + 1 } else { 0 };
        }
        assert_eq!(sender.queued(), 4);
        let stuck_at = sender.handed_over();
        assert_eq!(sender.take_back(), 4);
        // One is the connection's: it may have written a part of it.
        assert_eq!(sender.handed_over(), stuck_at + 1);
        drop(raw);
        sender.closed().await;
    });
}

#[test]
fn a_finished_stream_ends_and_an_aborted_one_breaks() {
    on_both(async || {
        let (service, slot) = streaming(2);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let sender = sender.await;
        sender.try_send(Bytes::from_static(b"all")).expect("room");
        sender.finish(None);
        raw.until("3\r\nall\r\n0\r\n\r\n").await;
        let again = slot.next().await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let again = again.await;
        again.try_send(Bytes::from_static(b"some")).expect("room");
        raw.until("some\r\n").await;
        drop(again);
        assert_eq!(raw.until_closed().await, "", "no end marker after an abort");
    });
}

#[test]
fn stopping_lets_requests_finish_and_cuts_what_does_not() {
    on_both(async || {
        let (arrived, release) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        let (seen, released) = (arrived.clone(), release.clone());
        let (addr, server) = start(Limits::default(), move |_request: Request<Incoming>| {
            let (seen, released) = (seen.clone(), released.clone());
            async move {
                seen.notify_one();
                released.notified().await;
                Response::new(Body::full("finished"))
            }
        });
        let mut busy = Raw::connect(addr).await;
        let mut idle = Raw::connect(addr).await;
        busy.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        arrived.notified().await;
        let stopping = server.clone();
        let stopped = spawn(async move { stopping.stop(Duration::from_secs(60)).await });
        assert_eq!(idle.until_closed().await, "");
        release.notify_one();
        assert!(busy.until_closed().await.ends_with("finished"));
        assert_eq!(stopped.await, Stopped::Gracefully);
        assert!(ringbolt_ring::net::connect(addr).await.is_err(), "the listener is closed");

        let seen = arrived.clone();
        let (addr, server) = start(Limits::default(), move |_request: Request<Incoming>| {
            seen.notify_one();
            std::future::pending()
        });
        let mut stuck = Raw::connect(addr).await;
        stuck.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        arrived.notified().await;
        assert_eq!(server.stop(Duration::from_millis(20)).await, Stopped::Cut(1));
        assert_eq!(stuck.until_closed().await, "");
    });
}

#[test]
fn a_service_can_see_the_connection() {
    struct Seen(Rc<Cell<Option<Protocol>>>);
    impl ringbolt_http::Service for Seen {
        fn call(
            self: Rc<Self>,
            _request: Request<Incoming>,
            connection: Rc<ringbolt_http::Connection>,
        ) -> ringbolt_http::Answering {
            assert!(connection.peer().is_some_and(|peer| peer.ip().is_loopback()));
            assert_eq!(connection.in_flight(), 1);
            self.0.set(Some(connection.protocol()));
            Box::pin(std::future::ready(Response::new(Body::empty())))
        }
    }
    on_both(async || {
        let seen = Rc::new(Cell::new(None));
        let (addr, _server) = start(Limits::default(), Seen(seen.clone()));
        let mut raw = Raw::connect(addr).await;
        raw.send("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await;
        assert!(raw.until_closed().await.starts_with("HTTP/1.1 200"));
        assert_eq!(seen.get(), Some(Protocol::Http1));
    });
}
