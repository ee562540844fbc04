//! Calls that are turned away on sight: thousands over one connection, with bodies that come at once, late or never whole.

use std::{cell::Cell, net::SocketAddr, rc::Rc, time::Duration};

use bytes::{Bytes, BytesMut};
use ringbolt_grpc::{
    Code, Context, GrpcLimits, Router, Status,
    client::{CallOptions, Channel},
};
use ringbolt_http::{Body, Limits, Server, client::Http2Client};
use ringbolt_ring::{DriverChoice, block_on, net::bind, spawn, yield_now};

const ECHO: &str = "/test.Service/Echo";
/// More than a connection may have of streams that were reset for errors of their client.
const CALLS: u32 = 3_000;

#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(bytes = "bytes", tag = "1")]
    bytes: Bytes,
}

#[derive(Default)]
struct Seen {
    is_shedding: Cell<bool>,
    asked: Cell<u32>,
    handled: Cell<u32>,
}

fn start(seen: &Rc<Seen>) -> SocketAddr {
    let limits = GrpcLimits { message_time_max: Duration::from_millis(300), ..GrpcLimits::default() };
    let mut router = Router::new(limits);
    let handled = seen.clone();
    router.unary(ECHO, move |request: Payload, _: Context| {
        handled.handled.set(handled.handled.get() + 1);
        std::future::ready(Ok(request))
    });
    let asked = seen.clone();
    router.shed(ECHO, move || {
        asked.asked.set(asked.asked.get() + 1);
        if asked.is_shedding.get() { Err(Status::new(Code::ResourceExhausted, "too much")) } else { Ok(()) }
    });
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    Server::new(Limits::default(), router, None).start(listener.into_listener().expect("registered"));
    addr
}

fn on_both(test: impl AsyncFn(SocketAddr, Rc<Seen>)) {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, async {
            let seen = Rc::new(Seen::default());
            let addr = start(&seen);
            test(addr, seen).await;
        })
        .expect("a core");
    }
}

async fn echo(channel: &Channel) -> Result<Payload, Status> {
    let request = Payload { bytes: vec![7; 1024].into() };
    channel.unary(ECHO, &request, &CallOptions::default()).await
}

#[test]
fn thousands_are_turned_away_and_the_connection_goes_on() {
    on_both(async |addr, seen| {
        let channel = Channel::connect(addr).await.expect("connected");
        seen.is_shedding.set(true);
        let calls: Vec<_> = (0..CALLS)
            .map(|_| {
                let channel = channel.clone();
                spawn(async move { echo(&channel).await })
            })
            .collect();
        for call in calls {
            let status = call.await.expect_err("turned away");
            assert_eq!((status.code, status.message.as_str()), (Code::ResourceExhausted, "too much"));
        }
        assert_eq!((seen.asked.get(), seen.handled.get()), (CALLS, 0));
        seen.is_shedding.set(false);
        assert_eq!(echo(&channel).await.expect("answered").bytes.len(), 1024);
        assert!(!channel.is_closed());
    });
}

#[test]
fn a_body_that_is_late_is_read_to_its_end_and_one_that_never_ends_is_not_waited_for() {
    on_both(async |addr, seen| {
        seen.is_shedding.set(true);
        let client = Http2Client::connect(addr).await.expect("connected");
        for ends in [true, false] {
            let (sender, body) = Body::channel(4);
            let request = http::Request::post(format!("http://{addr}{ECHO}"))
                .header("content-type", "application/grpc")
                .body(body)
                .expect("valid");
            let answer = spawn({
                let client = client.clone();
                async move { client.send(request).await }
            });
            for _ in 0..20 {
                yield_now().await;
            }
            sender.try_send(BytesMut::zeroed(5).freeze()).expect("room");
            if ends {
                sender.finish(None);
            }
            let response = answer.await.expect("answered");
            assert_eq!(response.headers()["grpc-status"], "8", "ends: {ends}");
        }
        assert_eq!(seen.handled.get(), 0);
        seen.is_shedding.set(false);
        assert!(!client.is_closed());
    });
}

#[test]
fn what_is_no_call_is_told_so_although_calls_are_turned_away() {
    on_both(async |addr, seen| {
        seen.is_shedding.set(true);
        let client = Http2Client::connect(addr).await.expect("connected");
        let request = http::Request::post(format!("http://{addr}{ECHO}"))
            .header("content-type", "text/plain")
            .body(Body::empty())
            .expect("valid");
        let response = client.send(request).await.expect("answered");
        assert_eq!(response.status(), 415);
    });
}
