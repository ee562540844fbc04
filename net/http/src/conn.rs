//! One connection: what is known about it, which protocol it speaks, and the task that serves it.
//!
//! The time limits of a connection cost nothing per request: the connection notes the number of the server's last tick at its
//! turning points, and the server compares on its next tick. What a limit or a stop wants of a connection is left in a cell
//! that its task looks at when it is woken.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    rt::ReadBufCursor,
    server::conn::{http1, http2},
    service::service_fn,
};
use ringbolt_ring::{
    net::Stream,
    rt::{Executor, Timer},
    task::fair,
};

use crate::{body::Body, limits::Limits, server::Service};

/// What a client with prior knowledge sends first (RFC 9113, 3.4).
const H2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Nothing yet.
    Unknown,
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// What a service may know about the connection of a request.
pub struct Connection {
    peer: Option<SocketAddr>,
    protocol: Cell<Protocol>,
    in_flight: Cell<u32>,
    /// The server's tick, shared by its connections.
    tick: Rc<Cell<u64>>,
    /// The tick at which the first byte of an unfinished request header came.
    header_since: Cell<Option<u64>>,
    idle_since: Cell<u64>,
    command: Cell<Command>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Command {
    Serve,
    /// Finish what is in flight, take no more.
    Finish,
    Abort,
}

impl Connection {
    pub(crate) fn new(peer: Option<SocketAddr>, tick: Rc<Cell<u64>>) -> Rc<Connection> {
        let now = tick.get();
        Rc::new(Connection {
            peer,
            protocol: Cell::new(Protocol::Unknown),
            in_flight: Cell::new(0),
            tick,
            header_since: Cell::new(None),
            idle_since: Cell::new(now),
            command: Cell::new(Command::Serve),
            waker: RefCell::new(None),
        })
    }

    /// The client's address.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// What it speaks.
    pub fn protocol(&self) -> Protocol {
        self.protocol.get()
    }

    /// Requests whose response is not yet written.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.get()
    }

    /// Tells the connection's task; a command only ever gets stronger. Whether it was new.
    pub(crate) fn command(&self, command: Command) -> bool {
        if command <= self.command.get() {
            return false;
        }
        self.command.set(command);
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// The ticks since a request header began and did not end; HTTP/1.1 only.
    pub(crate) fn header_age(&self) -> Option<u64> {
        match self.protocol.get() {
            Protocol::Http2 => None,
            Protocol::Unknown | Protocol::Http1 => {
                self.header_since.get().map(|since| self.tick.get() - since)
            }
        }
    }

    /// The ticks since the last response, if nothing is in flight.
    pub(crate) fn idle_age(&self) -> Option<u64> {
        (self.in_flight.get() == 0).then(|| self.tick.get() - self.idle_since.get())
    }

    fn on_bytes(&self) {
        if self.in_flight.get() == 0 && self.header_since.get().is_none() {
            self.header_since.set(Some(self.tick.get()));
        }
    }

    fn begin_request(self: &Rc<Self>) -> InFlight {
        self.header_since.set(None);
        self.in_flight.set(self.in_flight.get() + 1);
        InFlight { connection: self.clone() }
    }

    fn poll_command(&self, cx: &mut Context<'_>, seen: Command) -> Poll<Command> {
        let command = self.command.get();
        if command > seen {
            return Poll::Ready(command);
        }
        let mut waker = self.waker.borrow_mut();
        match &mut *waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// A request whose response is not yet written, or its future not yet dropped.
pub(crate) struct InFlight {
    connection: Rc<Connection>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.in_flight.set(connection.in_flight.get() - 1);
        connection.idle_since.set(connection.tick.get());
    }
}

/// A stream whose first bytes were read to learn the protocol.
struct Io {
    first: [u8; H2_PREFACE.len()],
    /// The part of `first` that hyper has not read yet.
    unread: std::ops::Range<usize>,
    stream: Stream,
    connection: Rc<Connection>,
}

impl hyper::rt::Read for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let take = self.unread.len().min(buf.remaining());
            let from = self.unread.start;
            buf.put_slice(&self.first[from..from + take]);
            self.unread.start += take;
            return Poll::Ready(Ok(()));
        }
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            self.connection.on_bytes();
        }
        polled
    }
}

impl hyper::rt::Write for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

/// Serves a connection to its end. Errors of a connection concern its client alone and are not reported.
pub(crate) async fn serve<S: Service>(
    stream: Stream,
    connection: Rc<Connection>,
    limits: &Limits,
    service: Rc<S>,
) {
    let detected = {
        let mut detect = pin!(detect(stream, connection.clone()));
        poll_fn(|cx| match connection.poll_command(cx, Command::Serve) {
            // A connection that has not said anything has nothing to finish.
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => detect.as_mut().poll(cx),
        })
        .await
    };
    let Some(io) = detected else { return };
    let answering = connection.clone();
    let handler = service_fn(move |request: Request<Incoming>| {
        let in_flight = answering.begin_request();
        let answer = service.clone().call(request, answering.clone());
        async move {
            let mut response: Response<Body> = answer.await;
            response.body_mut().track(in_flight);
            Ok::<_, Infallible>(response)
        }
    });
    match connection.protocol() {
        Protocol::Http2 => {
            let mut serving = pin!(http2_builder(limits).serve_connection(io, handler));
            drive(&connection, |cx, command| {
                if command == Command::Finish {
                    serving.as_mut().graceful_shutdown();
                }
                serving.as_mut().poll(cx).map(drop)
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
        }
    }
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

/// Reads until the preface is complete or certainly not there; `None` when the connection ended before its first byte.
async fn detect(mut stream: Stream, connection: Rc<Connection>) -> Option<Io> {
    let mut first = [0u8; H2_PREFACE.len()];
    let mut len = 0;
    loop {
        let read = stream.read(&mut first[len..]).await.ok()?;
        connection.on_bytes();
        if len == 0 && read == 0 {
            return None;
        }
        len += read;
        let preface_so_far = first[..len] == H2_PREFACE[..len];
        if preface_so_far && len < H2_PREFACE.len() && read > 0 {
            continue;
        }
        connection.protocol.set(if preface_so_far && len == H2_PREFACE.len() {
            Protocol::Http2
        } else {
            Protocol::Http1
        });
        return Some(Io { first, unread: 0..len, stream, connection });
    }
}

fn http1_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // The server's tick does this without a timer per request.
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes_max as usize)
        .max_buf_size(limits.h1_buffer_bytes_max.max(limits.header_bytes_max as usize));
    builder
}

fn http2_builder(limits: &Limits) -> http2::Builder<Executor> {
    let mut builder = http2::Builder::new(Executor);
    builder
        .timer(Timer)
        .max_concurrent_streams(limits.h2_streams_max)
        .initial_stream_window_size(limits.h2_stream_window_bytes)
        .initial_connection_window_size(limits.h2_connection_window_bytes)
        .max_frame_size(limits.h2_frame_bytes_max)
        .max_header_list_size(limits.header_bytes_max)
        .max_send_buf_size(limits.h2_send_buffer_bytes)
        .max_pending_accept_reset_streams(limits.h2_pending_resets_max)
        .max_local_error_reset_streams(limits.h2_error_resets_max)
        .keep_alive_interval(limits.h2_ping_interval)
        .keep_alive_timeout(limits.h2_ping_timeout);
    builder
}
