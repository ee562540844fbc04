//! The task of one connection: opened, then driven by hyper until its end.

use std::{
    convert::Infallible,
    error::Error as _,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use http::{HeaderValue, Method, Request, Response, Version, header};
use http_body::Body as _;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use ringbolt_ring::{
    net::{SocketView, Stream},
    rt::Timer,
    task::fair,
};

use crate::{
    bare_error,
    body::Body,
    conn::{Command, Connection, Protocol},
    guard::{Guard, Reason, Stopped},
    limits::Limits,
    open::open,
    problem,
    prompt::Streams,
    read::{skip_arrived, skip_body},
    receipt::conclude,
    request_id::{self, REQUEST_ID},
    server::{Service, TurnedAway},
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
    let Some(io) = opened else { return };
    // The streams' tasks may outlive the connection, whose socket's number then is anybody's.
    let _served = Served::begin(&connection, socket);
    let Serving { service, guard, limits } = serving;
    let (streams, is_dated) = (Streams::default(), service.dates_answers());
    let (answering, prompt) = (connection.clone(), streams.clone());
    let handler = service_fn(move |request| answer(request, &service, &guard, &answering, &prompt));
    match connection.protocol() {
        Protocol::Http2 => {
            let builder = http2_builder(limits, streams.clone(), is_dated);
            let mut serving = pin!(builder.serve_connection(io, handler));
            drive(&connection, |cx, command| {
                if command == Command::Finish {
                    serving.as_mut().graceful_shutdown();
                }
                let polled = serving.as_mut().poll(cx).map(|ended| {
                    if ended.is_err_and(|error| is_flood(&error)) {
                        connection.note_flood();
                    }
                });
                streams.send_answered();
                polled
            })
            .await;
        }
        Protocol::Http1 | Protocol::Unknown => {
            let mut serving = pin!(http1_builder(limits).serve_connection(io, handler));
            drive(&connection, |cx, command| {
                if command == Command::Finish {
                    serving.as_mut().graceful_shutdown();
                }
                serving.as_mut().poll(cx).map(drop)
            })
            .await;
            conclude(&connection, socket);
        }
    }
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

/// What becomes of a request.
enum Course<F> {
    /// Its service answers it; with the origin that the response is for.
    Served(F, Option<HeaderValue>),
    /// It is answered as soon as its body is over.
    TurnedAway(TurnedAway, Incoming),
    Answered(Response<Body>),
}

/// Answers one request: by the service, if the request gets that far.
fn answer<S: Service>(
    request: Request<Incoming>,
    service: &Rc<S>,
    guard: &Rc<Guard>,
    connection: &Rc<Connection>,
    streams: &Streams,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + use<S> {
    let in_flight = connection.begin_request();
    let is_head = request.method() == Method::HEAD && request.version() == Version::HTTP_2;
    let course = match admit(guard, &request, connection) {
        Ok(origin) => match service.turn_away(&request) {
            None => Course::Served(service.clone().call(request, connection.clone()), origin),
            Some(mut turned) => {
                guard.mark(&mut turned.response, origin);
                let mut body = request.into_body();
                if skip_arrived(&mut body) {
                    Course::Answered(turned.response)
                } else {
                    Course::TurnedAway(turned, body)
                }
            }
        },
        Err(stopped) => Course::Answered(refuse(&request, stopped, &**service, guard, connection)),
    };
    if matches!(course, Course::Answered(_)) {
        streams.note_answered();
    }
    let guard = guard.clone();
    async move {
        let mut response: Response<Body> = match course {
            Course::Served(answer, origin) => {
                let mut response = answer.await;
                guard.mark(&mut response, origin);
                if bare_error::is_one(response.status()) && response.body().is_end_stream() {
                    give_body(&mut response);
                }
                response
            }
            Course::TurnedAway(turned, body) => {
                // In a box, and so the timer: it would make the future of every request larger, and have it aligned.
                Box::pin(skip_body(body, turned.body_bytes_max, turned.body_time_max)).await;
                turned.response
            }
            Course::Answered(response) => response,
        };
        problem::protect(&mut response);
        if is_head {
            take_body(&mut response);
        }
        response.body_mut().track(in_flight);
        Ok(response)
    }
}

/// The answer to a request that does not reach its service.
fn refuse<S: Service>(
    request: &Request<Incoming>,
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
fn take_body(response: &mut Response<Body>) {
    if let Some(bytes) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(bytes));
    }
    *response.body_mut() = Body::empty();
}

/// Looks at a request before its service does.
fn admit(
    guard: &Guard,
    request: &Request<Incoming>,
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

/// Whether a connection ended because its client opened and reset streams faster than they could begin, or did other things of
/// that kind which h2 counts itself.
fn is_flood(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM) && !error.is_remote();
        }
        cause = error.source();
    }
    false
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

fn http2_builder(limits: &Limits, streams: Streams, is_dated: bool) -> http2::Builder<Streams> {
    let mut builder = http2::Builder::new(streams);
    builder
        .timer(Timer)
        .auto_date_header(is_dated)
        .max_concurrent_streams(limits.h2_streams_max)
        .initial_stream_window_size(limits.h2_stream_window_bytes)
        .initial_connection_window_size(limits.h2_connection_window_bytes)
        .max_frame_size(limits.h2_frame_bytes_max)
        .max_header_list_size(limits.header_bytes_max)
        .max_send_buf_size(limits.h2_send_buffer_bytes)
        .header_table_size(limits.h2_header_table_bytes)
        .max_pending_accept_reset_streams(limits.h2_pending_resets_max)
        .max_local_error_reset_streams(limits.h2_error_resets_max)
        .keep_alive_interval(limits.h2_ping_interval)
        .keep_alive_timeout(limits.h2_ping_timeout);
    builder
}
