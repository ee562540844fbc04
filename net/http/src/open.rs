//! From an accepted stream to one of which it is known what it speaks.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use ringbolt_http2::PREFACE;
use ringbolt_ring::net::Stream;
use rustls::ServerConfig;

use crate::{
    bare_error::{self, Whole},
    conn::{Command, Connection, Protocol, Stage},
    notice::Notice,
    stats::Figure,
    tls::{self, HANDSHAKE_RECORD, HandshakeFailure, Offer, Refused, ServerTls},
    transport::Transport,
};

/// Bytes that are read and dropped from a client that still sends when its connection ends.
const DRAIN_BYTES_MAX: usize = 1024 * 1024;

/// Bytes that are read at a time while hyper does not read.
const AHEAD_BYTES: usize = 16 * 1024;

/// A connection's bytes for hyper, if it speaks HTTP/1.1, the first of which may have been read to learn the protocol.
pub(crate) struct Io {
    ahead: Vec<u8>,
    /// Of `ahead`, what hyper has read already.
    passed: usize,
    transport: Transport,
    connection: Rc<Connection>,
    /// What is written in place of a bare head of hyper's, and how much of it was.
    instead: Option<(Whole, usize)>,
    /// Bytes that were read and dropped since the sending direction ended.
    drained: Option<usize>,
}

/// A stream that speaks; `None` when the connection ended, or was ended, before that. The caller bounds the time.
pub(crate) async fn open(
    stream: Stream,
    connection: Rc<Connection>,
    tls: Option<&(ServerTls, Offer)>,
) -> Option<Io> {
    let Some((tls, offer)) = tls else { return detect(stream.into(), connection).await };
    let stream = secure(stream, &connection, tls.config(*offer)).await?;
    let known = match stream.protocol() {
        Some(b"h2") => Some(Protocol::Http2),
        Some(_) => Some(Protocol::Http1),
        None => None,
    };
    match known {
        Some(protocol) => Some(Io::new(stream.into(), connection, protocol, [0; PREFACE.len()], 0)),
        None => detect(stream.into(), connection).await,
    }
}

async fn secure(
    stream: Stream,
    connection: &Rc<Connection>,
    config: Arc<ServerConfig>,
) -> Option<tls::TlsStream> {
    let refused = match tls::accept(stream, config).await {
        Ok(stream) => {
            connection.count(Figure::Handshake);
            connection.enter(Stage::Http);
            return Some(stream);
        }
        Err(refused) => refused,
    };
    let Refused { stream, failure, cause } = refused;
    connection.enter(Stage::Refused);
    if !cause.is_silence() {
        connection.count(Figure::HandshakeFailed(failure));
        let peer = connection.peer();
        connection.notify(|| match failure {
            HandshakeFailure::NotTls => Notice::PlainOnTls { peer },
            _ => Notice::HandshakeFailed { peer, cause: cause.to_string() },
        });
        tls::drain(stream).await;
    }
    None
}

/// Reads until the preface is complete or certainly not there.
async fn detect(mut transport: Transport, connection: Rc<Connection>) -> Option<Io> {
    let mut first = [0u8; PREFACE.len()];
    let mut len = 0;
    loop {
        let read = transport.read(&mut first[len..]).await.ok()?;
        if len == 0 && read == 0 {
            return None;
        }
        len += read;
        if first[0] == HANDSHAKE_RECORD && !connection.is_tls() {
            connection.count(Figure::UnexpectedTls);
            connection.notify(|| Notice::TlsOnPlain { peer: connection.peer() });
            return None;
        }
        let preface_so_far = first[..len] == PREFACE[..len];
        if preface_so_far && len < PREFACE.len() && read > 0 {
            continue;
        }
        let is_preface = preface_so_far && len == PREFACE.len();
        let protocol = if is_preface { Protocol::Http2 } else { Protocol::Http1 };
        return Some(Io::new(transport, connection, protocol, first, len));
    }
}

impl Io {
    fn new(
        transport: Transport,
        connection: Rc<Connection>,
        protocol: Protocol,
        first: [u8; PREFACE.len()],
        len: usize,
    ) -> Io {
        connection.set_protocol(protocol);
        Io { ahead: first[..len].to_vec(), passed: 0, transport, connection, instead: None, drained: None }
    }

    /// The connection itself, and what was read of it.
    pub(crate) fn into_parts(self) -> (Transport, Vec<u8>) {
        (self.transport, self.ahead)
    }

    /// While an HTTP/1.1 request is answered hyper does not read. This does, one piece that hyper gets later, and so learns that the
    /// client ended its half, or is gone for certain. The piece is no small one: it may be a part of a body that nobody has asked for yet,
    /// and hyper comes back here after each.
    fn look_ahead(&mut self, cx: &mut Context<'_>) {
        let is_due = self.passed == self.ahead.len()
            && self.connection.in_flight() > 0
            && !self.connection.has_ended();
        if !is_due {
            return;
        }
        let mut piece = [MaybeUninit::uninit(); AHEAD_BYTES];
        let mut read = ReadBuf::uninit(&mut piece);
        match Pin::new(&mut self.transport).poll_read(cx, read.unfilled()) {
            Poll::Pending => return,
            Poll::Ready(Ok(())) => match read.filled().len() {
                0 => self.connection.end(),
                _ => (self.ahead, self.passed) = (read.filled().to_vec(), 0),
            },
            Poll::Ready(Err(_)) => {
                self.connection.command(Command::Abort);
            }
        }
        // hyper may wait for just that.
        cx.waker().wake_by_ref();
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, polled: Poll<T>) -> Poll<T> {
        self.connection.on_write(polled.is_pending());
        if polled.is_pending() {
            self.look_ahead(cx);
        }
        polled
    }

    /// Writes a whole response in the place of a bare head of hyper's. `None` when these bytes are none.
    fn poll_instead(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Option<Poll<io::Result<usize>>> {
        if self.instead.is_none() {
            // A response of a service is in flight until hyper has all of it.
            let may_be = self.connection.in_flight() == 0;
            let whole = bare_error::find(buf).filter(|_| may_be)?;
            if whole.before > 0 {
                return Some(Pin::new(&mut self.transport).poll_write(cx, &buf[..whole.before]));
            }
            self.instead = Some((whole, 0));
        }
        let (whole, written) = self.instead.as_mut()?;
        while *written < whole.response.len() {
            match Pin::new(&mut self.transport).poll_write(cx, &whole.response[*written..]) {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(more)) => *written += more,
                other => return Some(other),
            }
        }
        let head = whole.head;
        self.instead = None;
        Some(Poll::Ready(Ok(head)))
    }

    /// Reads on after the sending direction ended, when the client still sends: a socket that is closed with bytes unread is reset,
    /// and the client might never see what it was told. Its time is that of a handshake.
    fn poll_drain(&mut self, cx: &mut Context<'_>, mut dropped: usize) -> Poll<()> {
        let mut buf = [0; 4096];
        while dropped < DRAIN_BYTES_MAX {
            let mut read = ReadBuf::new(&mut buf);
            match Pin::new(&mut self.transport).poll_read(cx, read.unfilled()) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    if dropped == 0 {
                        self.connection.enter(Stage::Refused);
                    }
                    dropped += read.filled().len();
                    self.drained = Some(dropped);
                }
                // A client that sent nothing more is not waited for.
                Poll::Pending if dropped > 0 => return Poll::Pending,
                Poll::Pending | Poll::Ready(_) => break,
            }
        }
        Poll::Ready(())
    }
}

impl Read for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Io { ahead, passed, transport, connection, .. } = self.get_mut();
        if *passed < ahead.len() {
            let take = (ahead.len() - *passed).min(buf.remaining());
            buf.put_slice(&ahead[*passed..*passed + take]);
            connection.on_bytes();
            *passed += take;
            if *passed == ahead.len() {
                (*ahead, *passed) = (Vec::new(), 0);
            }
            return Poll::Ready(Ok(()));
        }
        if connection.has_ended() {
            return Poll::Ready(Ok(()));
        }
        let polled = Pin::new(transport).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            connection.on_bytes();
        }
        polled
    }
}

impl Write for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = match self.poll_instead(cx, buf) {
            Some(polled) => polled,
            None => Pin::new(&mut self.transport).poll_write(cx, buf),
        };
        self.written(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is plain is in the socket already, what is encrypted may not be.
        let polled = Pin::new(&mut self.transport).poll_flush(cx);
        if self.connection.is_tls() {
            self.connection.on_write(polled.is_pending());
        }
        if polled.is_ready() {
            self.connection.on_flushed();
        }
        self.look_ahead(cx);
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.drained.is_none() {
            ready!(Pin::new(&mut self.transport).poll_shutdown(cx))?;
            self.drained = Some(0);
        }
        if !self.connection.has_ended() {
            let dropped = self.drained.unwrap_or_default();
            ready!(self.poll_drain(cx, dropped));
        }
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // hyper's own head is the last it writes, and behind nothing but heads.
        let instead = match bufs {
            [only] => self.poll_instead(cx, only),
            _ => None,
        };
        let polled = match instead {
            Some(polled) => polled,
            None => Pin::new(&mut self.transport).poll_write_vectored(cx, bufs),
        };
        self.written(cx, polled)
    }
}
