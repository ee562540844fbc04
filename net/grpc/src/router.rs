//! From a method's path to its handler, and everything a call needs around it.
//!
//! A call that fails before its first message is answered with a header alone ("trailers only"). Looking a method up
//! allocates nothing.

use futures_util::TryFutureExt as _;
use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method as HttpMethod, Request, Response, StatusCode, Version, header};
use prost::Message;
use ringbolt_http::request_id::{self, REQUEST_ID};
use ringbolt_http::{Answering, ArrivingBytes, Body, Connection, Incoming, Service, TurnedAway, skip_body};
use ringbolt_ring::{spawn, time};
use rustc_hash::FxHashMap;

use crate::{
    frame::{self, ACCEPTED, Encoding, GRPC_ACCEPT_ENCODING, Reader},
    status::{Code, Status},
    stream::StreamSender,
    timeout,
};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/grpc");

/// Bounds of gRPC calls.
#[derive(Clone, Debug)]
pub struct GrpcLimits {
    /// Bytes of a request message, compressed and not; more is RESOURCE_EXHAUSTED.
    pub message_bytes_max: usize,
    /// How long a request message may take to arrive.
    pub message_time_max: Duration,
    /// Messages of a server stream that wait for the connection.
    pub stream_messages_max: usize,
    /// What is held of messages that are arriving, beside those of other servers of the core.
    pub arriving: ArrivingBytes,
}

impl Default for GrpcLimits {
    fn default() -> GrpcLimits {
        GrpcLimits {
            message_bytes_max: 4 * 1024 * 1024,
            message_time_max: Duration::from_secs(30),
            stream_messages_max: 32,
            arriving: ArrivingBytes::default(),
        }
    }
}

/// What a handler may know about its call.
pub struct Context {
    /// The request's headers.
    pub metadata: HeaderMap,
    /// When the client gives up; enforced by the router.
    pub deadline: Option<Instant>,
    /// The client's connection.
    pub connection: Rc<Connection>,
    /// When the call began.
    pub begun: Instant,
}

impl Context {
    /// Whoever waits for the answer.
    pub fn caller(&self) -> Caller {
        Caller { connection: self.connection.clone(), since: self.begun }
    }
}

/// Whoever waits for a call's answer.
pub struct Caller {
    connection: Rc<Connection>,
    since: Instant,
}

impl Caller {
    /// Waits until it is known whether a client that has waited for some time gave the call up; see [`Connection::settle`].
    pub async fn settled(&self) {
        self.connection.settle(self.since).await;
    }
}

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type UnaryHandler = Box<dyn Fn(Bytes, Context) -> LocalFuture<Result<Bytes, Status>>>;
type StreamHandler = Box<dyn Fn(Bytes, Context, StreamSender<()>) -> LocalFuture<Result<(), Status>>>;

type Guard = Box<dyn Fn() -> Result<(), Status>>;
type OnFailed = Box<dyn Fn(&str, &Status, &str)>;

enum Handler {
    Unary(UnaryHandler),
    Stream(StreamHandler),
}

struct Method {
    handler: Handler,
    shed: Option<Guard>,
    guard: Option<Guard>,
}

/// Methods by path; a [`Service`] for an HTTP/2 server.
pub struct Router {
    methods: FxHashMap<&'static str, Method>,
    limits: GrpcLimits,
    turned_away: RefCell<Prepared>,
    on_failed: Option<OnFailed>,
}

/// The last status that calls were turned away with, and its header: thousands get the same.
#[derive(Default)]
struct Prepared(Option<(Status, HeaderMap)>);

impl Prepared {
    fn of(&mut self, status: Status) -> Response<Body> {
        let header = match self.0.take() {
            Some((of, header)) if of == status => header,
            Some(_) | None => failed(&status).into_parts().0.headers,
        };
        let mut response = Response::new(Body::empty());
        response.headers_mut().clone_from(&header);
        self.0 = Some((status, header));
        response
    }
}

impl Router {
    /// Without methods.
    pub fn new(limits: GrpcLimits) -> Router {
        Router { methods: FxHashMap::default(), limits, turned_away: RefCell::default(), on_failed: None }
    }

    /// A method with one request and one response. `path` is `/package.Service/Method`. The handler's future is dropped when
    /// the client cancels or the deadline passes.
    pub fn unary<Q, A, H, F>(&mut self, path: &'static str, handler: H)
    where
        Q: Message + Default + 'static,
        A: Message + 'static,
        H: Fn(Q, Context) -> F + 'static,
        F: Future<Output = Result<A, Status>> + 'static,
    {
        self.add(
            path,
            Handler::Unary(Box::new(move |bytes, context| match frame::decode(bytes) {
                Ok(request) => {
                    let answer = handler(request, context);
                    Box::pin(answer.map_ok(|message| frame::encode(&message)))
                }
                Err(status) => Box::pin(std::future::ready(Err(status))),
            })),
        );
    }

    /// A method with one request and a stream of responses. The stream lasts as long as the handler's future, whose result is
    /// its status; the future is dropped when the client cancels or the deadline passes.
    pub fn streaming<Q, A, H, F>(&mut self, path: &'static str, handler: H)
    where
        Q: Message + Default + 'static,
        A: Message + 'static,
        H: Fn(Q, Context, StreamSender<A>) -> F + 'static,
        F: Future<Output = Result<(), Status>> + 'static,
    {
        self.add(
            path,
            Handler::Stream(Box::new(move |bytes, context, sender| match frame::decode(bytes) {
                Ok(request) => Box::pin(handler(request, context, sender.typed())),
                Err(status) => Box::pin(std::future::ready(Err(status))),
            })),
        );
    }

    /// Asks before a call of a known method is looked at; a status is its answer then, whatever its message says.
    pub fn guard(&mut self, path: &'static str, guard: impl Fn() -> Result<(), Status> + 'static) {
        self.known(path).guard = Some(Box::new(guard));
    }

    /// Asks as soon as a call's header is there, before anything is made ready for it; a status is its answer then, the cheapest there is.
    pub fn shed(&mut self, path: &'static str, shed: impl Fn() -> Result<(), Status> + 'static) {
        self.known(path).shed = Some(Box::new(shed));
    }

    /// Hears of every call that fails, unless what its client sent could not be handled: its path, its status, what it is called.
    pub fn on_failed(&mut self, hear: impl Fn(&str, &Status, &str) + 'static) {
        self.on_failed = Some(Box::new(hear));
    }

    /// A call that fails is called something, and its client is told how.
    fn name(&self, path: &str, status: &Status, id: Option<HeaderValue>, headers: &mut HeaderMap) {
        let id = id.unwrap_or_else(request_id::made);
        if let Some(hear) = self.on_failed.as_ref().filter(|_| !status.is_clients) {
            hear(path, status, request_id::text(&id));
        }
        headers.insert(REQUEST_ID, id);
    }

    fn known(&mut self, path: &'static str) -> &mut Method {
        self.methods.get_mut(path).unwrap_or_else(|| panic!("the method {path} is not known"))
    }

    fn add(&mut self, path: &'static str, handler: Handler) {
        assert!(path.starts_with('/'), "a method's path begins with a slash: {path}");
        let before = self.methods.insert(path, Method { handler, shed: None, guard: None });
        assert!(before.is_none(), "the method {path} is registered twice");
    }

    async fn answer(
        self: Rc<Self>,
        called: &'static str,
        id: Option<HeaderValue>,
        request: Request<Incoming>,
        connection: Rc<Connection>,
    ) -> Result<Response<Body>, Status> {
        let begun = time::now();
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let Some(method) = self.methods.get(path) else {
            let name = path.strip_prefix('/').unwrap_or(path);
            return Err(Status::new(Code::Unimplemented, format!("Method not found: {name}")));
        };
        let encoding = Encoding::of(&head.headers).map_err(|name| {
            Status::new(Code::Unimplemented, format!("the message encoding {name} is not supported"))
        })?;
        let limit = time_limit(&head.headers)?;
        let deadline = limit.and_then(|limit| begun.checked_add(limit));
        let mut reader =
            Reader::new(body, encoding, self.limits.message_bytes_max, self.limits.arriving.clone());
        let arriving = ringbolt_ring::timeout(self.limits.message_time_max, reader.only());
        let message = match within(deadline, arriving).await {
            Ok(Ok(message)) => message?,
            Ok(Err(time::Elapsed)) => {
                return Err(Status::of_client(Code::DeadlineExceeded, "the request did not arrive in time"));
            }
            Err(time::Elapsed) => return Err(deadline_passed(limit)),
        };
        let context = Context { metadata: head.headers, deadline, connection, begun };
        match &method.handler {
            Handler::Unary(handler) => {
                let answered = within(deadline, handler(message, context)).await;
                let answer = answered.map_err(|time::Elapsed| deadline_passed(limit))??;
                let mut trailers = HeaderMap::with_capacity(1);
                Status::write(Ok(()), &mut trailers);
                Ok(respond(Body::with_trailers(answer, trailers)))
            }
            Handler::Stream(handler) => {
                let (sender, body) = Body::channel(self.limits.stream_messages_max);
                let sender = Rc::new(sender);
                let running = handler(message, context, StreamSender::new(sender.clone()));
                let router = self.clone();
                spawn(async move {
                    let mut running = pin!(within(deadline, running));
                    let ended = poll_fn(|cx| {
                        if sender.poll_closed(cx).is_ready() {
                            return Poll::Ready(None);
                        }
                        running.as_mut().poll(cx).map(Some)
                    });
                    // A client that went away needs no status.
                    let Some(ended) = ended.await else { return };
                    let mut trailers = HeaderMap::with_capacity(2);
                    let ended = ended.map_err(|time::Elapsed| deadline_passed(limit)).flatten();
                    Status::write(ended.as_ref().copied(), &mut trailers);
                    if let Err(status) = &ended {
                        router.name(called, status, id, &mut trailers);
                    }
                    sender.finish(Some(trailers));
                });
                Ok(respond(body))
            }
        }
    }
}

/// How long a client waits; none if it does not say.
fn time_limit(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get("grpc-timeout") else { return Ok(None) };
    timeout::parse(value.as_bytes()).map(Some).ok_or_else(|| {
        let text = String::from_utf8_lossy(value.as_bytes());
        Status::of_client(Code::Internal, format!("the grpc-timeout {text:?} is malformed"))
    })
}

/// Runs `future` until the deadline. Without one, or when it is ready at once, this costs no timer.
fn within<F: Future>(deadline: Option<Instant>, future: F) -> time::Timeout<F> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(time::now()));
    ringbolt_ring::timeout_if(left, future)
}

fn deadline_passed(limit: Option<Duration>) -> Status {
    let limit = limit.unwrap_or_default();
    Status::new(Code::DeadlineExceeded, format!("the deadline of {} ms passed", limit.as_millis()))
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
    response
}

/// What is not gRPC at all is answered by HTTP's own means.
fn refuse<B>(request: &Request<B>) -> Option<(StatusCode, &'static str)> {
    if request.version() != Version::HTTP_2 {
        return Some((StatusCode::HTTP_VERSION_NOT_SUPPORTED, "this port speaks gRPC, which needs HTTP/2\n"));
    }
    if request.method() != HttpMethod::POST {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "a gRPC call is a POST\n"));
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    match content_type.and_then(|value| value.strip_prefix(b"application/grpc")) {
        Some(b"" | b"+proto") => None,
        Some([b';', ..]) => None,
        Some(rest) if rest.starts_with(b"+proto;") => None,
        Some(_) | None => Some((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this port speaks gRPC: the content type must be application/grpc\n",
        )),
    }
}

impl Service for Router {
    /// A call that its guard turns away gets none of what a call needs. The guard is asked when the call's turn has come, not before.
    fn call(self: Rc<Self>, request: Request<Incoming>, connection: Rc<Connection>) -> Answering {
        let known = self.methods.get_key_value(request.uri().path());
        let path = known.map_or("unknown", |(path, _)| *path);
        let guard = known.and_then(|(_, method)| method.guard.as_ref());
        match guard.and_then(|guard| guard().err()) {
            Some(status) if refuse(&request).is_none() => Box::pin(self.refuse_call(path, status, request)),
            Some(_) | None => Box::pin(self.serve(path, request, connection)),
        }
    }

    fn turn_away(&self, request: &Request<()>) -> Option<TurnedAway> {
        let shed = self.methods.get(request.uri().path())?.shed.as_ref()?;
        let status = shed().err()?;
        // What is no call at all is told so later, by HTTP's own means.
        if refuse(request).is_some() {
            return None;
        }
        let mut response = self.turned_away.borrow_mut().of(status.clone());
        let id = request_id::given(request.headers()).cloned();
        self.name(request.uri().path(), &status, id, response.headers_mut());
        Some(TurnedAway {
            response,
            body_bytes_max: self.limits.message_bytes_max,
            body_time_max: self.limits.message_time_max,
        })
    }

    /// Nobody asks when a call was answered.
    fn dates_answers(&self) -> bool {
        false
    }

    fn busy(&self, request: &Request<()>, refusal: Response<Body>) -> Response<Body> {
        if refuse(request).is_some() {
            return refusal;
        }
        let mut response = respond(Body::empty());
        let text = "the server holds too much for clients that do not read what they asked for";
        Status::write(Err(&Status::new(Code::ResourceExhausted, text)), response.headers_mut());
        response
    }
}

/// The answer to a call that failed before its first message.
fn failed(status: &Status) -> Response<Body> {
    let mut response = respond(Body::empty());
    Status::write(Err(status), response.headers_mut());
    response
}

impl Router {
    async fn refuse_call(
        self: Rc<Self>,
        path: &'static str,
        status: Status,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let mut response = failed(&status);
        let id = request_id::given(request.headers()).cloned();
        self.name(path, &status, id, response.headers_mut());
        skip_body(request.into_body(), self.limits.message_bytes_max, self.limits.message_time_max).await;
        response
    }

    async fn serve(
        self: Rc<Self>,
        path: &'static str,
        request: Request<Incoming>,
        connection: Rc<Connection>,
    ) -> Response<Body> {
        if let Some((status, text)) = refuse(&request) {
            let mut response = Response::new(Body::full(text));
            *response.status_mut() = status;
            if status == StatusCode::METHOD_NOT_ALLOWED {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            return response;
        }
        let id = request_id::given(request.headers()).cloned();
        match self.clone().answer(path, id.clone(), request, connection).await {
            Ok(response) => response,
            Err(status) => {
                let mut response = failed(&status);
                self.name(path, &status, id, response.headers_mut());
                if status.code == Code::Unimplemented {
                    response.headers_mut().insert(GRPC_ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
                }
                response
            }
        }
    }
}
