//! HTTP/2 clients that owe something for too long, or send more than anybody needs: raw frames over loopback sockets.

mod common;

use std::{cell::Cell, rc::Rc, time::Duration};

use bytes::Bytes;
use common::{Raw, echo, on_both, start, start_with};
use http::{Request, Response};
use ringbolt_http::{Body, Incoming, Limits, Notice, Setup, client::Http2Client, read_body};
use ringbolt_ring::spawn;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// :method GET, :scheme http, :path / and :authority h, all from the static table.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x01, 0x01, b'h'];
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ENHANCE_YOUR_CALM: u8 = 11;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn greeting() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()
}

fn short() -> Limits {
    Limits { header_read_timeout: Duration::from_millis(40), ..Limits::default() }
}

#[test]
fn who_owes_the_rest_of_a_header_is_cut() {
    on_both(async || {
        let (addr, server) = start(short(), echo);
        let headers = frame(HEADERS, 0, 1, GET);
        let owing: Vec<Vec<u8>> = vec![
            Vec::new(),
            PREFACE[..10].to_vec(),
            PREFACE.to_vec(),
            [PREFACE, &frame(SETTINGS, 0, 0, &[0; 6])[..12]].concat(),
            [greeting(), headers[..5].to_vec()].concat(),
            [greeting(), headers[..12].to_vec()].concat(),
            [greeting(), headers.clone()].concat(),
            [greeting(), headers.clone(), frame(CONTINUATION, 0, 1, &[])].concat(),
            [greeting(), headers.clone(), frame(CONTINUATION, END_HEADERS, 1, &[0x40])[..9].to_vec()]
                .concat(),
            [greeting(), frame(PING, 0, 0, &[7; 8])[..14].to_vec()].concat(),
        ];
        for (number, bytes) in owing.iter().enumerate() {
            let mut raw = Raw::connect(addr).await;
            raw.send(bytes).await;
            raw.until_closed().await;
            assert_eq!(server.stats().header_timeouts, number as u64 + 1, "case {number}");
        }
    });
}

#[test]
fn who_owes_nothing_is_kept() {
    on_both(async || {
        let (addr, server) = start(short(), async |request: Request<Incoming>| {
            let path = request.uri().path().to_owned();
            let read = read_body(request.into_body(), 100, Duration::from_secs(30)).await;
            Response::new(Body::full(format!("{path}{}", read.expect("a body").len())))
        });
        // Idle after its greeting; idle after a request; in the middle of a body, even of a DATA frame.
        let mut greeted = Raw::connect(addr).await;
        greeted.send(greeting()).await;
        let used = Http2Client::connect(addr).await.expect("connected");
        let ask = async || {
            let request = Request::get("http://h/used").body(Body::empty()).expect("valid");
            let answer = used.send(request).await.expect("answered");
            read_body(answer.into_body(), 100, Duration::from_secs(30)).await.expect("read")
        };
        assert_eq!(ask().await, "/used0");
        let mut sending = Raw::connect(addr).await;
        let body = frame(DATA, END_STREAM, 1, b"0123456789");
        sending.send([greeting(), frame(HEADERS, END_HEADERS, 1, GET), body[..12].to_vec()].concat()).await;
        // Others are cut meanwhile, one after the other.
        for _ in 0..3 {
            Raw::connect(addr).await.until_closed().await;
        }
        assert_eq!(ask().await, "/used0");
        sending.send(&body[12..]).await;
        sending.until("/10").await;
        greeted.send([frame(HEADERS, END_HEADERS | END_STREAM, 1, GET)].concat()).await;
        greeted.until("/0").await;
        assert_eq!((server.stats().header_timeouts, server.stats().open), (3, 3));
    });
}

#[test]
fn control_frames_have_a_limit_and_requests_do_not_count() {
    on_both(async || {
        // The window does not end within the test.
        let limits = Limits {
            header_read_timeout: Duration::from_secs(60),
            h2_control_frames_max: 500,
            h2_resets_max: 20,
            ..Limits::default()
        };
        let (addr, server) = start(limits, echo);
        let request = |n: u32| frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, GET);
        let floods = [
            frame(PING, 0, 0, &[7; 8]),
            frame(PING, 1, 0, &[7; 8]),
            frame(SETTINGS, 0, 0, &[]),
            frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0x10, 0]),
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 7]),
            frame(0xee, 0, 0, b"unknown"),
        ];
        for (number, flood) in floods.iter().enumerate() {
            let mut raw = Raw::connect(addr).await;
            raw.send([greeting(), request(0)].concat()).await;
            let flooding = async {
                // Some answers have to be read, or the server would stop reading, and that is another test.
                for _ in 0..6 {
                    if raw.try_send(flood.repeat(100)).await.is_err() {
                        break;
                    }
                }
                raw.until_closed().await
            };
            flooding.await;
            assert_eq!(server.stats().floods, number as u64 + 1, "flood {number}");
        }
        let calm = Http2Client::connect(addr).await.expect("connected");
        for _ in 0..1000 {
            let request =
                Request::post("http://h/").body(Body::full(Bytes::from_static(b"x"))).expect("valid");
            let answer = calm.send(request).await.expect("answered");
            assert_eq!(read_body(answer.into_body(), 1, Duration::from_secs(30)).await.expect("read"), "x");
        }
        assert_eq!(server.stats().floods, floods.len() as u64);
    });
}

#[test]
fn resets_of_requests_that_had_begun_have_a_limit() {
    on_both(async || {
        let begun = Rc::new(Cell::new(0u32));
        let counted = begun.clone();
        let limits =
            Limits { header_read_timeout: Duration::from_secs(60), h2_resets_max: 20, ..Limits::default() };
        let (addr, server) = start(limits, move |_request: Request<Incoming>| {
            counted.set(counted.get() + 1);
            std::future::pending()
        });
        let mut raw = Raw::connect(addr).await;
        raw.send(greeting()).await;
        let mut sent = 0;
        // One at a time, so that each had begun: the limit of h2 for those that had not does not see them.
        while server.stats().floods == 0 {
            let stream = 2 * sent + 1;
            if raw.try_send(frame(HEADERS, END_HEADERS | END_STREAM, stream, GET)).await.is_err() {
                break;
            }
            sent += 1;
            while begun.get() < sent && server.stats().open > 0 {
                ringbolt_ring::yield_now().await;
            }
            if raw.try_send(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])).await.is_err() {
                break;
            }
        }
        raw.until_closed().await;
        assert_eq!(server.stats().floods, 1);
        assert!((20..=22).contains(&begun.get()), "{} requests", begun.get());
    });
}

#[test]
fn what_h2_limits_itself_ends_with_enhance_your_calm() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), async |request: Request<Incoming>| {
            let _ = read_body(request.into_body(), 1 << 30, Duration::from_secs(30)).await;
            Response::new(Body::empty())
        });
        let open = frame(HEADERS, END_HEADERS, 1, GET);
        let endless = [frame(HEADERS, 0, 1, GET), frame(CONTINUATION, 0, 1, &[]).repeat(100)].concat();
        let field = [&[0x00, 1, b'a', 0x7f, 0xf1, 0x07], [b'v'; 1136].as_slice()].concat();
        let huge =
            [frame(HEADERS, 0, 1, GET), frame(CONTINUATION, 0, 1, &field.repeat(14)).repeat(100)].concat();
        for (name, bytes) in [
            ("empty CONTINUATION", endless),
            ("header list", huge),
            ("empty DATA", [open.clone(), frame(DATA, 0, 1, &[]).repeat(100_000)].concat()),
            (
                "resets",
                (0..200u32)
                    .flat_map(|n| {
                        [
                            frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, GET),
                            frame(RST_STREAM, 0, 2 * n + 1, &[0, 0, 0, 8]),
                        ]
                        .concat()
                    })
                    .collect(),
            ),
        ] {
            let mut raw = Raw::connect(addr).await;
            // The server may have had enough before the end.
            let _ = raw.try_send([greeting(), bytes].concat()).await;
            let received = raw.bytes_until_closed().await;
            assert_eq!(goaway(&received), Some(ENHANCE_YOUR_CALM), "{name}");
        }
    });
}

/// The error code of a GOAWAY frame, whose codes are small.
fn goaway(mut frames: &[u8]) -> Option<u8> {
    while let Some((head, rest)) = frames.split_first_chunk::<9>() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (payload, rest) = rest.split_at_checked(length)?;
        if head[3] == 7 {
            return payload.get(7).copied();
        }
        frames = rest;
    }
    None
}

#[test]
fn rapid_resets_are_counted_and_noticed_whoever_finds_them() {
    on_both(async || {
        let floods = Rc::new(Cell::new(0));
        let noting = floods.clone();
        let setup = Setup {
            on_notice: Some(Box::new(move |notice| {
                assert!(matches!(notice, Notice::Flood { .. }), "{notice:?}");
                noting.set(noting.get() + 1);
            })),
            ..Setup::default()
        };
        let (addr, server) = start_with(setup, echo);
        let mut raw = Raw::connect(addr).await;
        // Fewer than the limit of a second, but all before the first of them could begin.
        let resets = (0..500u32).flat_map(|n| {
            let stream = 2 * n + 1;
            let reset = frame(RST_STREAM, 0, stream, &8u32.to_be_bytes());
            [frame(HEADERS, END_HEADERS | END_STREAM, stream, GET), reset].concat()
        });
        let _ = raw.try_send([greeting(), resets.collect()].concat()).await;
        let received = raw.bytes_until_closed().await;
        assert_eq!(goaway(&received), Some(ENHANCE_YOUR_CALM));
        assert_eq!((server.stats().floods, floods.get(), server.stats().open), (1, 1, 0));
    });
}

#[test]
fn who_reads_no_answers_is_not_read_and_is_cut() {
    on_both(async || {
        let limits = Limits {
            header_read_timeout: Duration::from_millis(40),
            h2_control_frames_max: u32::MAX,
            write_timeout: Duration::from_millis(300),
            ..Limits::default()
        };
        let (addr, server) = start(limits, echo);
        let mut raw = Raw::connect(addr).await;
        raw.send(greeting()).await;
        let sent = Rc::new(Cell::new(0usize));
        let counting = sent.clone();
        let flooding = spawn(async move {
            let pings = frame(PING, 0, 0, &[7; 8]).repeat(1000);
            while raw.try_send(&pings).await.is_ok() {
                counting.set(counting.get() + pings.len());
            }
        });
        flooding.await;
        // What both sockets hold, and no more: the server did not take in what it could not answer.
        assert!(sent.get() < 64 << 20, "{} bytes were taken", sent.get());
        assert_eq!(
            (server.stats().floods, server.stats().stalled, server.stats().header_timeouts),
            (0, 1, 0)
        );
    });
}
