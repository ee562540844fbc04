//! The handshake of a server, and what a client is told that does not begin one.

use std::{fmt, io, sync::Arc};

use ringbolt_ring::net::Stream;
use rustls::{Connection, ServerConfig, ServerConnection};

use super::{
    HandshakeFailure,
    stream::{HandshakeError, TlsStream},
};

/// Bytes of the first look at a connection: a usual ClientHello.
const FIRST_BYTES: usize = 2048;
/// How a TLS record with a handshake message begins.
pub(crate) const HANDSHAKE_RECORD: u8 = 0x16;
/// So many bytes tell HTTP/2's preface from other requests.
const TELLING_BYTES: usize = 4;

/// What a plain HTTP/1.1 request is answered with.
const PLAIN_HTTP1_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain\r\ncontent-length: 36\r\nconnection: close\r\n\r\n\
    this port speaks TLS: use https://\r\n";

/// What plain HTTP/2 is answered with: empty SETTINGS, then GOAWAY with INADEQUATE_SECURITY and the reason as text.
const PLAIN_HTTP2_ANSWER: &[u8] = b"\0\0\0\x04\0\0\0\0\0\
    \0\0\x1c\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0cthis port speaks TLS";

/// A connection that did not become a session. Its client was told why, as far as it can be told.
pub(crate) struct Refused {
    pub(crate) stream: Stream,
    pub(crate) failure: HandshakeFailure,
    pub(crate) cause: Cause,
}

/// What an operator may want to know of it.
pub(crate) enum Cause {
    /// Nothing was said at all, as by a port check.
    Silence,
    Plain,
    Io(io::Error),
    Tls(rustls::Error),
}

impl Cause {
    /// Nothing happened that deserves a line or a count.
    pub(crate) fn is_silence(&self) -> bool {
        matches!(self, Cause::Silence)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Silence => f.write_str("the client said nothing"),
            Cause::Plain => f.write_str("the client does not speak TLS"),
            Cause::Io(error) => error.fmt(f),
            Cause::Tls(error) => error.fmt(f),
        }
    }
}

/// Makes a session of a fresh connection. The caller bounds the time.
pub(crate) async fn accept(mut stream: Stream, config: Arc<ServerConfig>) -> Result<TlsStream, Refused> {
    let mut first = [0; FIRST_BYTES];
    let len = match first_bytes(&mut stream, &mut first).await {
        Ok(0) => {
            return Err(Refused { stream, failure: HandshakeFailure::Closed, cause: Cause::Silence });
        }
        Ok(len) => len,
        Err(error) => {
            return Err(Refused { stream, failure: HandshakeFailure::Closed, cause: Cause::Io(error) });
        }
    };
    if first[0] != HANDSHAKE_RECORD {
        refuse_plain(&mut stream, &first[..len]).await;
        return Err(Refused { stream, failure: HandshakeFailure::NotTls, cause: Cause::Plain });
    }
    let session = match ServerConnection::new(config) {
        Ok(session) => session,
        Err(error) => {
            return Err(Refused { stream, failure: HandshakeFailure::Other, cause: Cause::Tls(error) });
        }
    };
    let mut tls = TlsStream::new(stream, Connection::Server(session));
    let done = match tls.feed(&first[..len]) {
        Ok(()) => tls.handshake().await,
        Err(error) => Err(HandshakeError::Tls(error)),
    };
    let error = match done {
        Ok(()) => return Ok(tls),
        Err(error) => error,
    };
    tls.say_why().await;
    let (failure, cause) = match error {
        HandshakeError::Io(error) => (HandshakeFailure::Closed, Cause::Io(error)),
        HandshakeError::Tls(error) => (HandshakeFailure::of(&error), Cause::Tls(error)),
    };
    Err(Refused { stream: tls.into_stream(), failure, cause })
}

/// Reads until it is clear what the client speaks; the bytes read.
async fn first_bytes(stream: &mut Stream, first: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    loop {
        let read = stream.read(&mut first[len..]).await?;
        len += read;
        if read == 0 || first[0] == HANDSHAKE_RECORD || len >= TELLING_BYTES {
            return Ok(len);
        }
    }
}

async fn refuse_plain(stream: &mut Stream, first: &[u8]) {
    let answer = match first {
        [b'P', b'R', b'I', b' ', ..] => PLAIN_HTTP2_ANSWER,
        [b'A'..=b'Z', ..] => PLAIN_HTTP1_ANSWER,
        _ => return,
    };
    // A client that is gone needs no answer.
    let _ = stream.write_all(answer).await;
}

/// Bytes of a refused client that are read and dropped.
const DRAIN_BYTES_MAX: usize = 64 * 1024;

/// Ends the sending direction and reads on until the client ends its own: a socket that is closed with bytes unread is reset, and
/// the client might never see what it was told. The caller bounds the time.
pub(crate) async fn drain(mut stream: Stream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let (mut dropped, mut buf) = (0, [0; 4096]);
    while dropped < DRAIN_BYTES_MAX {
        match stream.read(&mut buf).await {
            Ok(0) | Err(_) => return,
            Ok(read) => dropped += read,
        }
    }
}
