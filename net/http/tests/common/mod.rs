//! What the tests share: a server on port 0 of one core, and raw connections to it.
#![allow(dead_code)] // each test uses a part of it

pub(crate) mod certificates;
pub(crate) mod secure;

use std::{net::SocketAddr, rc::Rc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use ringbolt_http::{Body, BodySender, Incoming, Limits, ReadError, Server, Service, Setup, read_body};
use ringbolt_ring::{
    DriverChoice, block_on,
    local::{OneshotSender, oneshot},
    net::{Stream, bind, connect},
};

pub(crate) const BODY_MAX: usize = 64 * 1024;
pub(crate) const BODY_TIME: Duration = Duration::from_millis(100);

/// Runs a test on one core of each driver.
pub(crate) fn on_both(test: impl AsyncFn()) {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, test()).expect("a core");
    }
}

pub(crate) fn start<S: Service>(limits: Limits, service: S) -> (SocketAddr, Rc<Server<S>>) {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    let server = Server::new(limits, service, None);
    server.start(listener.into_listener().expect("registered"));
    (addr, server)
}

pub(crate) fn start_with(setup: Setup, service: impl Service) -> (SocketAddr, Rc<Server<impl Service>>) {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    let server = Server::with(setup, service);
    server.start(listener.into_listener().expect("registered"));
    (addr, server)
}

/// Echoes bodies, as the gateway would answer: 413 and 408 by the reader's error.
pub(crate) async fn echo(request: Request<Incoming>) -> Response<Body> {
    if request.method() == Method::GET {
        return Response::new(Body::full(Bytes::from(request.uri().path().to_owned())));
    }
    match read_body(request.into_body(), BODY_MAX, BODY_TIME).await {
        Ok(bytes) => Response::new(Body::full(bytes)),
        Err(error) => {
            let status = match &error {
                ReadError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                ReadError::Crowded => StatusCode::SERVICE_UNAVAILABLE,
                ReadError::TimedOut(_) => StatusCode::REQUEST_TIMEOUT,
                ReadError::Broken(_) => StatusCode::BAD_REQUEST,
            };
            let mut response = Response::new(Body::full(error.to_string()));
            *response.status_mut() = status;
            response
        }
    }
}

/// A raw connection that sends bytes and reads what comes.
pub(crate) struct Raw {
    stream: Stream,
    pub(crate) received: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(addr: SocketAddr) -> Raw {
        Raw { stream: connect(addr).await.expect("connected"), received: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.expect("written");
    }

    /// Sends to a server that may have closed.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// Waits until some bytes came, and keeps one of them.
    pub(crate) async fn readable(&mut self) {
        let mut one = [0];
        assert_eq!(self.stream.read(&mut one).await.expect("read"), 1);
        self.received.push(one[0]);
    }

    /// Ends the sending direction.
    pub(crate) async fn end(&mut self) {
        self.stream.shutdown().await.expect("ended");
    }

    /// Reads until `end` was received; the text since the last call.
    pub(crate) async fn until(&mut self, end: &str) -> String {
        let mut buf = [0; 16 * 1024];
        loop {
            if let Some(at) = find(&self.received, end.as_bytes()) {
                let rest = self.received.split_off(at + end.len());
                let text = std::mem::replace(&mut self.received, rest);
                return String::from_utf8_lossy(&text).into_owned();
            }
            let read = self.stream.read(&mut buf).await.expect("read");
            assert!(read > 0, "closed before {end:?}: {}", String::from_utf8_lossy(&self.received));
            self.received.extend_from_slice(&buf[..read]);
        }
    }

    /// Reads until the server ends its direction; a reset is an error.
    pub(crate) async fn until_ended(&mut self) -> std::io::Result<String> {
        let mut buf = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut buf).await? {
                0 => return Ok(String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned()),
                read => self.received.extend_from_slice(&buf[..read]),
            }
        }
    }

    /// Reads until the server closes.
    pub(crate) async fn until_closed(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes_until_closed().await).into_owned()
    }

    pub(crate) async fn bytes_until_closed(&mut self) -> Vec<u8> {
        let mut buf = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut buf).await {
                Ok(0) => break,
                Ok(read) => self.received.extend_from_slice(&buf[..read]),
                // A reset ends a connection too.
                Err(_) => break,
            }
        }
        std::mem::take(&mut self.received)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A service whose streamed responses are handed to the test.
pub(crate) fn streaming(
    frames_max: usize,
) -> (impl Fn(Request<Incoming>) -> std::future::Ready<Response<Body>>, Rc<SenderSlot>) {
    let slot = Rc::new(SenderSlot::default());
    let given = slot.clone();
    let service = move |_request| {
        let (sender, body) = Body::channel(frames_max);
        given.give(sender);
        std::future::ready(Response::new(body))
    };
    (service, slot)
}

#[derive(Default)]
pub(crate) struct SenderSlot {
    waiting: std::cell::RefCell<Option<OneshotSender<BodySender>>>,
}

impl SenderSlot {
    fn give(&self, sender: BodySender) {
        let waiting = self.waiting.borrow_mut().take().expect("the test waits for the sender");
        assert!(waiting.send(sender).is_ok());
    }

    pub(crate) async fn next(&self) -> impl Future<Output = BodySender> + use<> {
        let (sender, receiver) = oneshot();
        *self.waiting.borrow_mut() = Some(sender);
        async move { receiver.await.expect("a request") }
    }
}
