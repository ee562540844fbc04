//! The task of one connection: opened, then driven until its end. And what becomes of a request before and after its service, over HTTP/1.1
//! and HTTP/2.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response, header};
use http_body::Body as _;
use ringbolt_ring::{
    net::{SocketView, Stream},
    task::fair,
};

pub(crate) use crate::problem::protect;
use crate::{
    body::Body,
    conn::{Command, Connection, Protocol},
    guard::{Guard, Reason, Stopped},
    http1::Http1,
    http2::Http2,
    limits::Limits,
    open::{Opened, open},
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
    let Some(opened) = opened else { return };
    // Futures and bodies may outlive the connection, whose socket's number then is anybody's.
    let _served = Served::begin(&connection, socket);
    let Serving { service, guard, limits } = serving;
    let Opened { protocol, transport, ahead } = opened;
    connection.set_protocol(protocol);
    if protocol == Protocol::Http2 {
        let mut serving = Http2::new(transport, ahead, connection.clone(), (service, guard), limits);
        drive(&connection, |cx, command| serving.poll(cx, command)).await;
    } else {
        let mut serving = Http1::new(transport, ahead, connection.clone(), (service, guard), limits);
        drive(&connection, |cx, command| serving.poll(cx, command)).await;
        conclude(&connection, socket);
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

/// A response to `HEAD` says how long its body would be, and has none. Over HTTP/1.1 its protocol sees to that.
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
