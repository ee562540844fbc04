//! HTTP/2 with prior knowledge over loopback sockets, on the same port as HTTP/1.1.

mod common;

use std::{cell::Cell, rc::Rc, time::Duration};

use bytes::Bytes;
use common::{BODY_MAX, Raw, echo, on_both, start, streaming};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body as _;
use ringbolt_http::{Body, Incoming, Limits, Stopped, client::Http2Client, read_body};
use ringbolt_ring::{local::Notify, spawn};

const LONG: Duration = Duration::from_secs(30);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

fn post(body: impl Into<Bytes>) -> Request<Body> {
    Request::post("http://h/echo").body(Body::full(body)).expect("valid")
}

async fn text(response: Response<Incoming>) -> Bytes {
    read_body(response.into_body(), usize::MAX, LONG).await.expect("read")
}

#[test]
fn many_requests_share_a_connection() {
    on_both(async || {
        let (addr, server) = start(Limits::default(), echo);
        let client = Http2Client::connect(addr).await.expect("connected");
        let mut tasks = Vec::new();
        for number in 0..200u32 {
            let client = client.clone();
            tasks.push(spawn(async move {
                let body = format!("{number}-").repeat(number as usize + 1);
                let answer = client.send(post(body.clone())).await.expect("answered");
                assert_eq!(text(answer).await, body);
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(server.stats().open, 1);
    });
}

#[test]
fn a_head_is_told_the_length_of_a_body_that_it_does_not_get() {
    on_both(async || {
        let (addr, _server) =
            start(Limits::default(), |_| async { Response::new(Body::full("twelve bytes")) });
        let client = Http2Client::connect(addr).await.expect("connected");
        let head = Request::head("http://h/").body(Body::empty()).expect("valid");
        let answer = client.send(head).await.expect("answered");
        assert_eq!(answer.headers()["content-length"], "12");
        assert_eq!(text(answer).await, "");
        let get = Request::get("http://h/").body(Body::empty()).expect("valid");
        assert_eq!(text(client.send(get).await.expect("the connection goes on")).await, "twelve bytes");
    });
}

#[test]
fn large_bodies_pass_the_windows_and_too_large_ones_get_a_413() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let client = Http2Client::connect(addr).await.expect("connected");
        let answer = client.send(post(vec![7; BODY_MAX])).await.expect("answered");
        assert_eq!(text(answer).await.len(), BODY_MAX);
        let answer = client.send(post(vec![7; BODY_MAX + 1])).await.expect("answered");
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(text(client.send(post("still here")).await.expect("answered")).await, "still here");
    });
}

#[test]
fn too_large_headers_get_a_431() {
    on_both(async || {
        let (addr, _server) = start(Limits { header_bytes_max: 4096, ..Limits::default() }, echo);
        let client = Http2Client::connect(addr).await.expect("connected");
        let request =
            Request::get("http://h/").header("x", "y".repeat(5000)).body(Body::empty()).expect("valid");
        // The first request may go out before the server's settings tell the client its limit.
        let answer = client.send(request).await.expect("answered");
        assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    });
}

#[test]
fn trailers_follow_the_body() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), async |_request: Request<Incoming>| {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-end", HeaderValue::from_static("yes"));
            Response::new(Body::with_trailers(Bytes::from_static(b"data"), trailers))
        });
        let client = Http2Client::connect(addr).await.expect("connected");
        let mut body = client.send(post("")).await.expect("answered").into_body();
        let mut frames = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
        {
            frames.push(frame.expect("a frame"));
        }
        assert_eq!(frames[0].data_ref().expect("data"), "data");
        assert_eq!(frames[1].trailers_ref().expect("trailers")["x-end"], "yes");
    });
}

#[test]
fn a_streamed_body_keeps_its_credit_when_the_client_does_not_read() {
    on_both(async || {
        let (service, slot) = streaming(8);
        let limits = Limits { h2_send_buffer_bytes: 4 * 1024, ..Limits::default() };
        let (addr, _server) = start(limits, service);
        let client = Http2Client::connect(addr).await.expect("connected");
        let sender = slot.next().await;
        let response = client.send(post("")).await.expect("answered");
        let sender = sender.await;
        let frame = Bytes::from(vec![b'x'; 256 * 1024]);
        let mut still = 0;
        while still < 50 {
            let before = sender.handed_over();
            while sender.try_send(frame.clone()).is_ok() {}
            ringbolt_ring::sleep(Duration::from_millis(1)).await;
            still = if sender.handed_over() == before { still + 1 } else { 0 };
        }
        // The client's window is 4 MiB: what fits into it was handed over, and nothing more was taken.
        let taken = sender.handed_over();
        assert!((15..=16).contains(&taken), "{taken} frames of 256 KiB were taken");
        assert_eq!((sender.queued(), sender.held()), (8, taken));
        drop(response);
        sender.closed().await;
        assert_eq!(sender.take_back(), 8);
    });
}

#[test]
fn a_reset_drops_the_handler_and_frees_its_stream() {
    struct Count(Rc<Cell<u32>>, Rc<Notify>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
            self.1.notify_one();
        }
    }
    on_both(async || {
        let (running, arrived, dropped) =
            (Rc::new(Cell::new(0)), Rc::new(Notify::new()), Rc::new(Notify::new()));
        let (count, seen, gone) = (running.clone(), arrived.clone(), dropped.clone());
        let (addr, _server) = start(Limits::default(), move |_request: Request<Incoming>| {
            count.set(count.get() + 1);
            let guard = Count(count.clone(), gone.clone());
            seen.notify_one();
            async move {
                let _guard = guard;
                std::future::pending().await
            }
        });
        let client = Http2Client::connect(addr).await.expect("connected");
        let mut call = Box::pin(client.send(post("")));
        let mut seen = Box::pin(arrived.notified());
        std::future::poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            seen.as_mut().poll(cx)
        })
        .await;
        // The handler runs; dropping the call resets its stream.
        drop(call);
        dropped.notified().await;
        assert_eq!(running.get(), 0);
    });
}

#[test]
fn malformed_frames_end_the_connection_and_only_it() {
    on_both(async || {
        let (addr, _server) = start(Limits::default(), echo);
        let good = Http2Client::connect(addr).await.expect("connected");
        let bad: [&[u8]; 5] = [
            // A frame larger than allowed.
            &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],
            // DATA on stream 0.
            &[0, 0, 1, 0, 0, 0, 0, 0, 0, 1],
            // HEADERS with a broken header block.
            &[0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff],
            // SETTINGS of a wrong length.
            &[0, 0, 5, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5],
            // WINDOW_UPDATE of zero on the connection.
            &[0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        for frame in bad {
            let mut raw = Raw::connect(addr).await;
            raw.send([PREFACE, SETTINGS, frame].concat()).await;
            raw.until_closed().await;
            assert_eq!(text(good.send(post("fine")).await.expect("answered")).await, "fine");
        }
    });
}

#[test]
fn a_reset_flood_ends_the_connection() {
    on_both(async || {
        let calls = Rc::new(Cell::new(0u32));
        let counted = calls.clone();
        let (addr, _server) = start(Limits::default(), move |_request: Request<Incoming>| {
            counted.set(counted.get() + 1);
            std::future::pending()
        });
        let mut raw = Raw::connect(addr).await;
        let mut flood = [PREFACE, SETTINGS].concat();
        for number in 0..2_000u32 {
            let stream = (number * 2 + 1).to_be_bytes();
            // :method GET, :scheme http, :path / and :authority h, all from the static table.
            flood.extend_from_slice(&[0, 0, 6, 1, 5]);
            flood.extend_from_slice(&stream);
            flood.extend_from_slice(&[0x82, 0x86, 0x84, 0x01, 0x01, b'h']);
            flood.extend_from_slice(&[0, 0, 4, 3, 0]);
            flood.extend_from_slice(&stream);
            flood.extend_from_slice(&[0, 0, 0, 8]);
        }
        raw.send(flood).await;
        raw.until_closed().await;
        assert!(calls.get() < 2_000, "{} calls", calls.get());
    });
}

#[test]
fn stopping_sends_goaway_finishes_requests_and_refuses_new_ones() {
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
        let client = Http2Client::connect(addr).await.expect("connected");
        let calling = client.clone();
        let call = spawn(async move { text(calling.send(post("")).await.expect("answered")).await });
        arrived.notified().await;
        let stopping = server.clone();
        let stopped = spawn(async move { stopping.stop(LONG).await });
        ringbolt_ring::yield_now().await;
        release.notify_one();
        assert_eq!(call.await, "finished");
        assert_eq!(stopped.await, Stopped::Gracefully);
        assert!(client.send(post("too late")).await.is_err());
    });
}

#[test]
fn an_idle_connection_is_kept_unless_there_is_a_limit() {
    on_both(async || {
        let limits = Limits { idle_timeout: Duration::from_millis(20), ..Limits::default() };
        let (addr, server) = start(limits.clone(), echo);
        let client = Http2Client::connect(addr).await.expect("connected");
        assert_eq!(text(client.send(post("a")).await.expect("answered")).await, "a");
        // An HTTP/1.1 connection that comes later and is closed for idleness shows that the limit passed.
        assert_eq!(Raw::connect(addr).await.until_closed().await, "");
        assert_eq!(text(client.send(post("b")).await.expect("answered")).await, "b");
        assert_eq!(server.stats().open, 1);

        // This client does not answer the ping that ends a graceful shutdown.
        let limits = Limits {
            h2_idle_timeout: Some(Duration::from_millis(20)),
            header_read_timeout: Duration::from_millis(20),
            ..limits
        };
        let (addr, server) = start(limits, echo);
        let mut raw = Raw::connect(addr).await;
        raw.send([PREFACE, SETTINGS].concat()).await;
        raw.until_closed().await;
        assert_eq!((server.stats().idle_timeouts, server.stats().open), (1, 0));
    });
}

#[test]
fn a_client_that_answers_no_ping_is_closed() {
    on_both(async || {
        let limits = Limits {
            h2_ping_interval: Some(Duration::from_millis(10)),
            h2_ping_timeout: Duration::from_millis(20),
            ..Limits::default()
        };
        let (addr, server) = start(limits, echo);
        let alive = Http2Client::connect(addr).await.expect("connected");
        let mut raw = Raw::connect(addr).await;
        raw.send([PREFACE, SETTINGS].concat()).await;
        raw.until_closed().await;
        assert_eq!(text(alive.send(post("alive")).await.expect("answered")).await, "alive");
        assert_eq!(server.stats().open, 1);
    });
}
