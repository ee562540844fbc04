//! What a server has to say that no answer carries; for a log that is limited.

use std::{fmt, net::SocketAddr};

use crate::guard::Reason;

/// Something about one connection that an operator may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A client began with plain text on a port that speaks TLS.
    PlainOnTls {
        /// The client.
        peer: Option<SocketAddr>,
    },
    /// A client began with TLS on a port that does not speak it.
    TlsOnPlain {
        /// The client.
        peer: Option<SocketAddr>,
    },
    /// A TLS handshake came to no end.
    HandshakeFailed {
        /// The client.
        peer: Option<SocketAddr>,
        /// Why.
        cause: String,
    },
    /// A request was refused for the name that it was sent to or the page that it came from.
    Refused {
        /// The client.
        peer: Option<SocketAddr>,
        /// Why.
        reason: Reason,
        /// What was wrong.
        cause: String,
        /// What the request is called.
        id: String,
    },
    /// A client that did not read was cut, because the core held too much for such clients.
    Unread {
        /// The client.
        peer: Option<SocketAddr>,
        /// What was held for it, in bytes.
        bytes: u64,
    },
    /// A client sent more control frames or resets than anybody needs, and was cut.
    Flood {
        /// The client.
        peer: Option<SocketAddr>,
    },
}

impl Notice {
    /// The client's address, or `unknown`.
    pub fn peer(&self) -> impl fmt::Display {
        let (Notice::PlainOnTls { peer }
        | Notice::TlsOnPlain { peer }
        | Notice::HandshakeFailed { peer, .. }
        | Notice::Refused { peer, .. }
        | Notice::Unread { peer, .. }
        | Notice::Flood { peer }) = self;
        peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string())
    }
}

/// Who hears the notices of a server, on its core.
pub type OnNotice = Box<dyn Fn(&Notice)>;
