//! The task of one connection: opened, then driven until its end, HTTP/1.1 by hyper and HTTP/2 by this crate. And what becomes of a request
//! before and after its service, over both.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response, header};
use http_body::Body as _;
use hyper::{server::conn::http1, service::service_fn};
use ringbolt_ring::{
    net::{SocketView, Stream},
    task::fair,
};

pub(crate) use crate::problem::protect;
use crate::{
    bare_error,
    body::Body,
    conn::{Command, Connection, Protocol},
    guard::{Guard, Reason, Stopped},
    http2::Http2,
    incoming::Incoming,
    limits::Limits,
    open::open,
    problem,
    read::{skip_arrived, skip_body},
    receipt::conclude,
    request_id::{self, REQUEST_ID},
    server::{Answering, Service, TurnedAway},
    tls::{Offer, ServerTls},
};

/// What a server serves a connection with.
pub(crate) struct Serving<'a, S> {
    pub(crate) service: Rc<S>,
    pub(crate) guard: Rc<Guard>,
    pub(crate) limits: &'a Limits,
}

/// Serves a connection to its end. Errors of a connection concern its client alone and are not reported.
pub(crate) async fn serve<S: Service>(
    stream: Stream,
    connection: Rc<Connection>,
    tls: Option<&(ServerTls, Offer)>,
    serving: Serving<'_, S>,
) {
    let socket = stream.socket();
    let opened = {
        let mut opening = pin!(open(stream, connection.clone(), tls));
        poll_fn(|cx| match connection.poll_command(cx, Command::Serve) {
            // A connection that has not asked anything has nothing to finish.
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => opening.as_mut().poll(cx),
        })
        .await
    };
    let Some(opened) = opened else { return };
    // Futures and bodies may outlive the connection, whose socket's number then is anybody's.
    let _served = Served::begin(&connection, socket);
    let Serving { service, guard, limits } = serving;
    if connection.protocol() == Protocol::Http2 {
        let (transport, ahead) = opened.into_parts();
        let mut serving = Http2::new(transport, ahead, connection.clone(), (service, guard), limits);
        drive(&connection, |cx, command| serving.poll(cx, command)).await;
        return;
    }
    let answering = connection.clone();
    let handler = service_fn(move |request| answer(request, &service, &guard, &answering));
    let mut serving = pin!(http1_builder(limits).serve_connection(opened, handler));
    drive(&connection, |cx, command| {
        if command == Command::Finish {
            serving.as_mut().graceful_shutdown();
        }
        serving.as_mut().poll(cx).map(drop)
    })
    .await;
    conclude(&connection, socket);
}

/// A connection whose socket is open.
struct Served<'a>(&'a Connection);

impl<'a> Served<'a> {
    fn begin(connection: &'a Connection, socket: SocketView) -> Served<'a> {
        connection.serve(Some(socket));
        Served(connection)
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.0.serve(None);
    }
}

/// What becomes of a request whose head is there.
pub(crate) enum Verdict {
    /// Its service answers it; with the origin that the response is for.
    Serve(Option<HeaderValue>),
    TurnAway(TurnedAway),
    Answer(Response<Body>),
}

/// Looks at a request before its service gets it.
pub(crate) fn judge<S: Service>(
    request: &Request<()>,
    service: &S,
    guard: &Guard,
    connection: &Connection,
) -> Verdict {
    match admit(guard, request, connection) {
        Ok(origin) => match service.turn_away(request) {
            None => Verdict::Serve(origin),
            Some(mut turned) => {
                guard.mark(&mut turned.response, origin);
                Verdict::TurnAway(turned)
            }
        },
        Err(stopped) => Verdict::Answer(refuse(request, stopped, service, guard, connection)),
    }
}

/// Says in a service's response what no service needs to say.
pub(crate) fn complete(response: &mut Response<Body>, guard: &Guard, origin: Option<HeaderValue>) {
    guard.mark(response, origin);
    if bare_error::is_one(response.status()) && response.body().is_end_stream() {
        give_body(response);
    }
}

/// How a request over HTTP/1.1 is answered.
enum Course {
    Served(Answering, Option<HeaderValue>),
    /// As soon as its body is over.
    TurnedAway(TurnedAway, Incoming),
    Answered(Response<Body>),
}

/// Answers one request over HTTP/1.1: by the service, if the request gets that far.
fn answer<S: Service>(
    request: Request<hyper::body::Incoming>,
    service: &Rc<S>,
    guard: &Rc<Guard>,
    connection: &Rc<Connection>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + use<S> {
    let in_flight = connection.begin_request();
    let (head, body) = request.into_parts();
    let (request, mut body) = (Request::from_parts(head, ()), Incoming::from(body));
    let course = match judge(&request, &**service, guard, connection) {
        Verdict::Serve(origin) => {
            let request = request.map(|()| body);
            Course::Served(service.clone().call(request, connection.clone()), origin)
        }
        Verdict::TurnAway(turned) if skip_arrived(&mut body) => Course::Answered(turned.response),
        Verdict::TurnAway(turned) => Course::TurnedAway(turned, body),
        Verdict::Answer(response) => Course::Answered(response),
    };
    let guard = guard.clone();
    async move {
        let mut response: Response<Body> = match course {
            Course::Served(answer, origin) => {
                let mut response = answer.await;
                complete(&mut response, &guard, origin);
                response
            }
            Course::TurnedAway(turned, body) => {
                // In a box, and so the timer: it would make the future of every request larger, and have it aligned.
                Box::pin(skip_body(body, turned.body_bytes_max, turned.body_time_max)).await;
                turned.response
            }
            Course::Answered(response) => response,
        };
        protect(&mut response);
        response.body_mut().track(in_flight);
        Ok(response)
    }
}

/// The answer to a request that does not reach its service.
fn refuse<S: Service>(
    request: &Request<()>,
    stopped: Stopped,
    service: &S,
    guard: &Guard,
    connection: &Connection,
) -> Response<Body> {
    let reason = match &stopped {
        Stopped::Preflight(_) => return guard.answer(request, stopped),
        Stopped::Refused(reason, _) => *reason,
    };
    let id = request_id::given_or_made(request.headers());
    connection.note_stopped(&stopped, request_id::text(&id));
    let refusal = guard.answer(request, stopped);
    let mut refusal = if reason == Reason::Unread { service.busy(request, refusal) } else { refusal };
    refusal.headers_mut().insert(REQUEST_ID, id);
    refusal
}

/// A response to `HEAD` says how long its body would be, and has none. Over HTTP/1.1 hyper sees to that.
pub(crate) fn take_body(response: &mut Response<Body>) {
    if let Some(bytes) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(bytes));
    }
    *response.body_mut() = Body::empty();
}

/// Whether a request may ask, and the origin that its response is for.
fn admit(
    guard: &Guard,
    request: &Request<()>,
    connection: &Connection,
) -> Result<Option<HeaderValue>, Stopped> {
    let origin = guard.admit(request, connection.known_host(), connection.is_tls())?;
    if connection.is_core_over() {
        let text = "The server holds too much for clients that do not read what they asked for; try again";
        return Err(Stopped::Refused(Reason::Unread, text.to_owned()));
    }
    Ok(origin)
}

/// A response that hyper could have made gets its body here: what has none on its way to the socket is hyper's.
fn give_body(response: &mut Response<Body>) {
    let document = problem::document(response.status(), bare_error::detail(response.status()), None);
    *response.body_mut() = Body::full(document);
    let content_type = HeaderValue::from_static(problem::CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
}

/// Polls a connection, passing on each new command once; [`Command::Abort`] ends it.
async fn drive(connection: &Connection, mut poll: impl FnMut(&mut Context<'_>, Command) -> Poll<()>) {
    let mut seen = Command::Serve;
    fair(poll_fn(|cx| match connection.poll_command(cx, seen) {
        Poll::Ready(Command::Abort) => Poll::Ready(()),
        Poll::Ready(command) => {
            seen = command;
            // Registers again: a stronger command may follow.
            if connection.poll_command(cx, seen).is_ready() { Poll::Ready(()) } else { poll(cx, command) }
        }
        Poll::Pending => poll(cx, Command::Serve),
    }))
    .await;
}

fn http1_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // The server's tick does this without a timer per request.
        .header_read_timeout(None)
        // A client that ends its sending half still reads. What else hyper would learn from it, the connection's I/O does.
        .half_close(true)
        .max_header_size(limits.header_bytes_max as usize)
        .max_buf_size(limits.h1_buffer_bytes_max.max(limits.header_bytes_max as usize));
    builder
}
