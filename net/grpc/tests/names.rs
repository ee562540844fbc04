//! What a call is called when it fails: its client is told, and whoever hears of failures.

use std::{cell::RefCell, future::poll_fn, net::SocketAddr, pin::Pin, rc::Rc};

use http::{HeaderMap, Request};
use http_body::Body as _;
use ringbolt_grpc::{Code, Context, GrpcLimits, Router, Status, StreamSender};
use ringbolt_http::{Body, Limits, Server, client::Http2Client};
use ringbolt_ring::{DriverChoice, block_on, net::bind};

const WELL: &str = "/test.Service/Well";
const FAIL: &str = "/test.Service/Fail";
const LATE: &str = "/test.Service/Late";
const GUARDED: &str = "/test.Service/Guarded";
const SHED: &str = "/test.Service/Shed";

fn full<T>() -> Result<T, Status> {
    Err(Status::new(Code::ResourceExhausted, "too much"))
}

fn router(heard: &Rc<RefCell<Vec<String>>>) -> Router {
    let mut router = Router::new(GrpcLimits::default());
    for path in [WELL, GUARDED, SHED] {
        router.unary(path, async |(): (), _: Context| Ok(()));
    }
    router.unary(FAIL, async |(): (), _: Context| full::<()>());
    router.streaming(LATE, async |(): (), _: Context, sender: StreamSender<()>| {
        sender.try_send(&()).expect("room");
        full()
    });
    router.guard(GUARDED, full);
    router.shed(SHED, full);
    let heard = heard.clone();
    router.on_failed(move |path, status, id| {
        heard.borrow_mut().push(format!("{path} {:?} {id}", status.code));
    });
    router
}

fn serve(heard: &Rc<RefCell<Vec<String>>>) -> SocketAddr {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    Server::new(Limits::default(), router(heard), None).start(listener.into_listener().expect("registered"));
    addr
}

/// Header and trailers of an answer, put together.
async fn call(addr: SocketAddr, path: &str, id: Option<&str>) -> HeaderMap {
    call_with(addr, path, id, b"\0\0\0\0\0").await
}

/// The same for a message, framed.
async fn call_with(addr: SocketAddr, path: &str, id: Option<&str>, message: &'static [u8]) -> HeaderMap {
    let client = Http2Client::connect(addr).await.expect("connected");
    let mut request =
        Request::post(format!("http://{addr}{path}")).header("content-type", "application/grpc");
    if let Some(id) = id {
        request = request.header("x-request-id", id);
    }
    let request = request.body(Body::full(message)).expect("valid");
    let (head, mut body) = client.send(request).await.expect("answered").into_parts();
    let mut headers = head.headers;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(trailers) = frame.into_trailers() {
            headers.extend(trailers);
        }
    }
    headers
}

#[test]
fn a_call_that_fails_is_called_the_same_by_all() {
    block_on(DriverChoice::Auto, async {
        let heard = Rc::default();
        let addr = serve(&heard);
        for path in [FAIL, LATE, GUARDED, SHED] {
            let named = call(addr, path, Some("mine")).await;
            assert_eq!(
                (&named["grpc-status"], &named["x-request-id"]),
                (&"8".try_into().unwrap(), &"mine".try_into().unwrap())
            );
            assert_eq!(
                heard.borrow_mut().drain(..).collect::<Vec<_>>(),
                [format!("{path} ResourceExhausted mine")]
            );
            for none in [None, Some("no name"), Some("")] {
                let made = call(addr, path, none).await;
                let made = made["x-request-id"].to_str().expect("ASCII");
                assert_eq!(
                    heard.borrow_mut().drain(..).collect::<Vec<_>>(),
                    [format!("{path} ResourceExhausted {made}")]
                );
                assert!(made.len() > 16, "{made}");
            }
        }
        let unknown = call(addr, "/no.Such/Method", Some("lost")).await;
        assert_eq!(unknown["x-request-id"], "lost");
        assert_eq!(*heard.borrow(), ["unknown Unimplemented lost"]);
        let well = call(addr, WELL, Some("mine")).await;
        assert!(well["grpc-status"] == "0" && !well.contains_key("x-request-id"));
    })
    .expect("a core");
}

#[test]
fn what_a_client_sent_that_is_no_message_is_no_failure_of_the_server() {
    block_on(DriverChoice::Auto, async {
        let heard = Rc::default();
        let addr = serve(&heard);
        for (message, status) in [
            // Longer than any may be; compressed in no way that was named; cut off; no field of a message.
            (&b"\0\x7f\xff\xff\xff"[..], "8"),
            (b"\x01\0\0\0\0", "13"),
            (b"\0\0\0\0\x05a", "13"),
            (b"\0\0\0\0\x01\xff", "2"),
        ] {
            let told = call_with(addr, WELL, Some("mine"), message).await;
            let told =
                [&told["grpc-status"], &told["x-request-id"]].map(|value| value.to_str().expect("ASCII"));
            assert_eq!(told, [status, "mine"], "{message:?}");
        }
        assert_eq!(*heard.borrow(), Vec::<String>::new());
    })
    .expect("a core");
}
