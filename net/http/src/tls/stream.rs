//! rustls' buffered connection between a core's stream and whoever speaks HTTP over it.
//!
//! What is written is encrypted at once, into at most [`WRITE_BUFFER_BYTES`], and sent when that flushes or the buffer is full, so that
//! the parts of a response share a system call. What is read is decrypted record by record; nothing more is read from the
//! socket while decrypted bytes wait, so a client cannot fill this side's memory.

use std::{
    future::poll_fn,
    io::{self, BufRead, IoSlice, Write as _},
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use ringbolt_ring::net::Stream;
use rustls::Connection;

/// Encrypted bytes that wait for the socket: two records of the largest size. More is not taken, because what is here is
/// no longer under the credit of its producer.
const WRITE_BUFFER_BYTES: usize = 32 * 1024;

/// An established session, or one whose handshake is under way.
pub(crate) struct TlsStream {
    stream: Stream,
    session: Connection,
    said_goodbye: bool,
}

/// The socket as rustls sees it: whatever would wait is [`io::ErrorKind::WouldBlock`], and the task is woken later.
struct Wire<'a, 'c> {
    stream: &'a mut Stream,
    cx: &'a mut Context<'c>,
}

fn or_would_block<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl io::Read for Wire<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut read = ReadBuf::new(buf);
        or_would_block(Pin::new(&mut *self.stream).poll_read(self.cx, read.unfilled()))?;
        Ok(read.filled().len())
    }
}

impl io::Write for Wire<'_, '_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(Pin::new(&mut *self.stream).poll_write(self.cx, buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        or_would_block(Pin::new(&mut *self.stream).poll_write_vectored(self.cx, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

impl TlsStream {
    pub(crate) fn new(stream: Stream, mut session: Connection) -> TlsStream {
        session.set_buffer_limit(Some(WRITE_BUFFER_BYTES));
        TlsStream { stream, session, said_goodbye: false }
    }

    /// The application protocol that both sides chose.
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.session.alpn_protocol()
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    /// Takes bytes that were read before there was a session.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), rustls::Error> {
        while !bytes.is_empty() {
            // The buffer of a fresh session has room for what one look at a socket brought.
            if !matches!(self.session.read_tls(&mut bytes), Ok(1..)) {
                return Err(rustls::Error::General("the first bytes do not fit".to_owned()));
            }
            self.session.process_new_packets()?;
        }
        Ok(())
    }

    /// Goes on with the handshake; `Ok(true)` when it is done and everything of it is sent.
    pub(crate) async fn handshake(&mut self) -> Result<(), HandshakeError> {
        poll_fn(|cx| self.poll_handshake(cx)).await
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), HandshakeError>> {
        loop {
            ready!(self.poll_send_all(cx)).map_err(HandshakeError::Io)?;
            if !self.session.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if ready!(self.poll_receive(cx)).map_err(HandshakeError::Io)? == 0 {
                return Poll::Ready(Err(HandshakeError::Io(io::ErrorKind::UnexpectedEof.into())));
            }
            self.session.process_new_packets().map_err(HandshakeError::Tls)?;
        }
    }

    /// Sends what rustls has to say about an error, as far as the socket takes it at once.
    pub(crate) async fn say_why(&mut self) {
        poll_fn(|cx| {
            // The connection ends either way.
            let _ = self.poll_send_all(cx);
            Poll::Ready(())
        })
        .await;
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            match self.session.read_tls(&mut Wire { stream: &mut self.stream, cx }) {
                Err(error) if is_would_block(&error) => return Poll::Pending,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }

    /// Sends something of what is encrypted.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.session.write_tls(&mut Wire { stream: &mut self.stream, cx }) {
            Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(_) => Poll::Ready(Ok(())),
            Err(error) if is_would_block(&error) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_send_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            ready!(self.poll_send(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads and decrypts.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.remaining();
        loop {
            match self.session.reader().fill_buf() {
                // The client said goodbye.
                Ok([]) => return Poll::Ready(Ok(())),
                Ok(plain) => {
                    let plain = &plain[..plain.len().min(buf.remaining())];
                    buf.put_slice(plain);
                    let taken = plain.len();
                    self.session.reader().consume(taken);
                    if buf.remaining() == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Err(error) if is_would_block(&error) => {
                    if buf.remaining() < before {
                        return Poll::Ready(Ok(()));
                    }
                    ready!(self.poll_receive(cx))?;
                    self.process(cx)?;
                }
                Err(_) if buf.remaining() < before => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Decrypts what came. An answer of TLS itself (a new key, an alert) is sent at once: nobody else would flush it.
    fn process(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let waited = self.session.wants_write();
        let processed = self.session.process_new_packets();
        if self.session.wants_write() && (processed.is_err() || !waited) {
            // What the socket does not take now goes with the next write.
            if let Poll::Ready(Err(error)) = self.poll_send_all(cx) {
                return Err(error);
            }
        }
        processed.map(drop).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Takes bytes by `write`, which may say 0 while the buffer is full.
    fn poll_take(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match write(&mut self.session.writer()) {
                Ok(0) if self.session.wants_write() => ready!(self.poll_send(cx))?,
                result => return Poll::Ready(result),
            }
        }
    }

    /// Reads what there is, at most `buf.len()` bytes; 0 is the end of the session.
    pub(crate) async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| {
            let mut read = ReadBuf::new(buf);
            ready!(self.poll_read(cx, read.unfilled()))?;
            Poll::Ready(Ok(read.filled().len()))
        })
        .await
    }
}

/// Why a handshake ended.
#[derive(Debug)]
pub(crate) enum HandshakeError {
    /// The socket.
    Io(io::Error),
    /// The protocol.
    Tls(rustls::Error),
}

impl From<HandshakeError> for io::Error {
    fn from(error: HandshakeError) -> io::Error {
        match error {
            HandshakeError::Io(error) => error,
            HandshakeError::Tls(error) => io::Error::new(io::ErrorKind::InvalidData, error),
        }
    }
}

impl Write for TlsStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_take(cx, |writer| writer.write(buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send_all(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.said_goodbye {
            ready!(self.poll_send_all(cx))?;
            self.said_goodbye = true;
            self.session.send_close_notify();
            // A client that does not read learns of the end from the socket.
            if let Poll::Ready(Err(error)) = self.poll_send_all(cx) {
                return Poll::Ready(Err(error));
            }
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_take(cx, |writer| writer.write_vectored(bufs))
    }
}
