//! From an accepted stream to one of which it is known what it speaks.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};
use ringbolt_ring::net::Stream;
use rustls::ServerConfig;

use crate::{
    conn::{Connection, Protocol, Stage},
    frames::{FrameWatch, PREFACE},
    notice::Notice,
    stats::Figure,
    tls::{self, HANDSHAKE_RECORD, HandshakeFailure, Offer, Refused, ServerTls},
    transport::Transport,
};

/// A connection's bytes for hyper, the first of which may have been read to learn the protocol.
pub(crate) struct Io {
    first: [u8; PREFACE.len()],
    /// The part of `first` that hyper has not read yet.
    unread: std::ops::Range<usize>,
    transport: Transport,
    connection: Rc<Connection>,
    /// Of HTTP/2.
    watch: Option<FrameWatch>,
}

/// A stream ready for hyper; `None` when the connection ended, or was ended, before that. The caller bounds the time.
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
        let watch = (protocol == Protocol::Http2).then(FrameWatch::new);
        Io { first, unread: 0..len, transport, connection, watch }
    }
}

impl Read for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Io { first, unread, transport, connection, watch } = self.get_mut();
        if unread.start < unread.end {
            let take = unread.len().min(buf.remaining());
            let bytes = &first[unread.start..unread.start + take];
            buf.put_slice(bytes);
            unread.start += take;
            if let Some(watch) = watch {
                watch.pass(bytes);
            }
            return Poll::Ready(Ok(()));
        }
        let Some(watch) = watch else {
            let polled = Pin::new(transport).poll_read(cx, buf);
            if let Poll::Ready(Ok(())) = polled {
                connection.on_bytes();
            }
            return polled;
        };
        let mut was_even = false;
        match transport.poll_read_seen(cx, buf, |bytes| was_even |= watch.pass(bytes)) {
            Poll::Ready(Ok(())) if connection.on_frames(watch, was_even) => {
                Poll::Ready(Err(io::Error::other("too many control frames")))
            }
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => {
                connection.on_waiting(watch);
                Poll::Pending
            }
        }
    }
}

impl Io {
    fn written<T>(&self, polled: Poll<T>) -> Poll<T> {
        if self.watch.is_some() {
            self.connection.on_write(polled.is_pending());
        }
        polled
    }
}

impl Write for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.transport).poll_write(cx, buf);
        self.written(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is plain is in the socket already, what is encrypted may not be.
        let polled = Pin::new(&mut self.transport).poll_flush(cx);
        if self.connection.is_tls() { self.written(polled) } else { polled }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.transport).poll_write_vectored(cx, bufs);
        self.written(polled)
    }
}
