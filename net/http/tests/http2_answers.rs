//! What the server's own HTTP/2 does for its answers, with a client of another make: hyper's, or raw frames.

mod common;

use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::{Raw, echo, on_both, start, streaming};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body as _;
use ringbolt_http::{
    Answering, Body, Connection, Incoming, Limits, Service, Stopped, TurnedAway, client::Http2Client,
    read_body,
};
use ringbolt_ring::{spawn, yield_now};

const LONG: Duration = Duration::from_secs(30);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// :method GET, :scheme http, :path / and :authority h, all from the static table.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x01, 0x01, b'h'];
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const WINDOW_UPDATE: u8 = 8;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }
}

#[test]
fn whatever_is_asked_of_any_size_is_answered_as_it_was_asked() {
    on_both(async || {
        let limits = Limits {
            h2_stream_window_bytes: 40_000,
            h2_connection_window_bytes: 100_000,
            ..Limits::default()
        };
        let (addr, _server) = start(limits, async |request: Request<Incoming>| {
            let name = request.headers()["x-name"].clone();
            let bytes = read_body(request.into_body(), usize::MAX, LONG).await.expect("a body");
            let trailers: HeaderMap =
                [("x-end".parse().expect("a name"), name.clone())].into_iter().collect();
            let mut response = Response::new(Body::with_trailers(bytes, trailers));
            response.headers_mut().insert("x-name", name);
            response
        });
        let client = Http2Client::connect(addr).await.expect("connected");
        let mut dice = Dice(7);
        let mut calls = Vec::new();
        for number in 0..300u32 {
            let client = client.clone();
            let length = [0, 10, 3_000, 70_000, 300_000][dice.roll(5)];
            let length = dice.roll(length + 1);
            let (pieces, name) = (dice.roll(3) + 1, "n".repeat(dice.roll(60) + 1));
            calls.push(spawn(async move {
                let bytes = Bytes::from(vec![number as u8; length]);
                let (sender, body) = Body::channel(4);
                let request = Request::post(format!("http://h/{number}"));
                let request = request.header("x-name", name.clone()).body(body).expect("valid");
                let asking = spawn(async move { client.send(request).await });
                for part in bytes.chunks(length / pieces + 1) {
                    assert!(sender.ready().await);
                    sender.try_send(Bytes::copy_from_slice(part)).expect("room");
                }
                sender.finish(None);
                let answer = asking.await.expect("answered");
                assert_eq!(answer.headers()["x-name"], name);
                let (mut body, mut read, mut end) = (answer.into_body(), 0, None);
                while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                    match frame.expect("a frame").into_data() {
                        Ok(data) => {
                            assert!(data.iter().all(|byte| *byte == number as u8));
                            read += data.len();
                        }
                        Err(frame) => end = frame.into_trailers().ok(),
                    }
                }
                assert_eq!(
                    (read, &end.expect("trailers")["x-end"]),
                    (length, &HeaderValue::try_from(name).expect("a value"))
                );
            }));
        }
        for call in calls {
            call.await;
        }
    });
}

/// Turns everything away but what has `/let/` in its path.
struct Full;

impl Service for Full {
    fn call(self: Rc<Self>, request: Request<Incoming>, _: Rc<Connection>) -> Answering {
        Box::pin(echo(request))
    }

    fn turn_away(&self, request: &Request<()>) -> Option<TurnedAway> {
        if request.uri().path().contains("/let/") {
            return None;
        }
        let mut response = Response::new(Body::full("full"));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        Some(TurnedAway { response, body_bytes_max: 2_000_000, body_time_max: LONG })
    }
}

#[test]
fn who_is_turned_away_hears_it_before_its_body_has_come_and_the_connection_goes_on() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), Full);
        let client = Http2Client::connect(addr).await.expect("connected");
        // More than the connection and its streams have of windows, and of resets: nothing of it may be lost.
        for _ in 0..6 {
            let (sender, body) = Body::channel(4);
            let request = Request::post("http://h/").body(body).expect("valid");
            let answer = client.send(request).await.expect("answered, and nothing of the body was sent");
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(read_body(answer.into_body(), 10, LONG).await.expect("read"), "full");
            for _ in 0..30 {
                if !sender.ready().await || sender.try_send(Bytes::from(vec![7; 60_000])).is_err() {
                    break;
                }
            }
            sender.finish(None);
        }
        let request = Request::post("http://h/let/in").body(Body::full("body")).expect("valid");
        let answer = client.send(request).await.expect("answered");
        assert_eq!(read_body(answer.into_body(), 10, LONG).await.expect("read"), "body");
        assert_eq!((server.stats().open, server.stats().floods), (1, 0));
    });
}

#[test]
fn what_has_no_room_stays_with_its_sender() {
    on_both(async || {
        let (service, slot) = streaming(8);
        let (addr, _server) = start(Limits::default(), service);
        let mut raw = Raw::connect(addr).await;
        let sender = slot.next().await;
        // A client that takes nothing on its streams.
        let nothing = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
        raw.send([PREFACE, &nothing, &frame(HEADERS, 5, 1, GET)].concat()).await;
        let sender = sender.await;
        sender.try_send(Bytes::from_static(b"first")).expect("room");
        sender.try_send(Bytes::from_static(b"second")).expect("room");
        for _ in 0..20 {
            yield_now().await;
        }
        assert_eq!((sender.handed_over(), sender.held(), sender.queued()), (0, 0, 2));
        // Room for a part of the first: it may be written now, and is not until there is room for all of it.
        raw.send(frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 3])).await;
        raw.until("fir").await;
        for _ in 0..20 {
            yield_now().await;
        }
        let held = sender.held();
        assert!(sender.handed_over() == 0 && (1..=2).contains(&held));
        raw.send(frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 100])).await;
        raw.until("second").await;
        assert_eq!(sender.changed(1).await, 2);
        raw.send(frame(RST_STREAM, 0, 1, &[0, 0, 0, 8])).await;
        sender.closed().await;
        assert_eq!(sender.take_back(), 0);
    });
}

#[test]
fn a_client_that_says_nothing_holds_no_stop() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        let mut raw = Raw::connect(addr).await;
        raw.send([PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, 5, 1, GET)].concat()).await;
        raw.until("/").await;
        let begun = Instant::now();
        assert_eq!(server.stop(LONG).await, Stopped::Gracefully);
        assert!(begun.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn a_request_that_is_given_up_in_the_same_breath_never_begins() {
    on_both(async || {
        let begun = Rc::new(Cell::new(0));
        let counting = begun.clone();
        let (addr, server) = start(Limits::default(), move |request| {
            counting.set(counting.get() + 1);
            echo(request)
        });
        let mut raw = Raw::connect(addr).await;
        let given_up = [frame(HEADERS, 5, 1, GET), frame(RST_STREAM, 0, 1, &[0, 0, 0, 8])].concat();
        raw.send([PREFACE, &frame(SETTINGS, 0, 0, &[]), &given_up, &frame(HEADERS, 5, 3, GET)].concat())
            .await;
        raw.until("/").await;
        assert_eq!((begun.get(), server.stats().open), (1, 1));
    });
}
