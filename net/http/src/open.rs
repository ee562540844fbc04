//! From an accepted stream to one of which it is known what it speaks.

use std::{rc::Rc, sync::Arc};

use ringbolt_http2::PREFACE;
use ringbolt_ring::net::Stream;
use rustls::ServerConfig;

use crate::{
    conn::{Connection, Protocol, Stage},
    notice::Notice,
    stats::Figure,
    tls::{self, HANDSHAKE_RECORD, HandshakeFailure, Offer, Refused, ServerTls},
    transport::Transport,
};

/// A stream that speaks HTTP.
pub(crate) struct Opened {
    pub(crate) protocol: Protocol,
    pub(crate) transport: Transport,
    /// What was read to learn the protocol.
    pub(crate) ahead: Vec<u8>,
}

/// A stream that speaks; `None` when the connection ended, or was ended, before that. The caller bounds the time.
pub(crate) async fn open(
    stream: Stream,
    connection: Rc<Connection>,
    tls: Option<&(ServerTls, Offer)>,
) -> Option<Opened> {
    let Some((tls, offer)) = tls else { return detect(stream.into(), connection).await };
    let stream = secure(stream, &connection, tls.config(*offer)).await?;
    let known = match stream.protocol() {
        Some(b"h2") => Some(Protocol::Http2),
        Some(_) => Some(Protocol::Http1),
        None => None,
    };
    match known {
        Some(protocol) => Some(Opened { protocol, transport: stream.into(), ahead: Vec::new() }),
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
async fn detect(mut transport: Transport, connection: Rc<Connection>) -> Option<Opened> {
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
        return Some(Opened { protocol, transport, ahead: first[..len].to_vec() });
    }
}
