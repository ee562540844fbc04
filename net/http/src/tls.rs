//! TLS over a core's streams: rustls with the provider ring, TLS 1.2 and 1.3.
//!
//! * [`ServerTls`]: a certificate and its key from PEM files, checked when they are loaded, replaceable while the server runs.
//! * [`ClientTls`]: what a client trusts.
//! * `stream`: rustls' buffered connection between a core's stream and whoever speaks HTTP over it.
//! * `accept`: the handshake of a server, and what a client is told that does not begin one.
//!
//! rustls does the protocol; here it only gets its bytes. Every name that a client asks for is served with the one
//! certificate: whether it fits is the client's to judge. There is no early data (0-RTT), no compression, no renegotiation and no client certificate.

mod accept;
mod client;
mod server;
mod stream;
mod validity;

pub use client::ClientTls;
pub use server::{Offer, ServerTls, TlsError, TlsFiles, TlsWarning};

pub(crate) use accept::{HANDSHAKE_RECORD, Refused, accept, drain};
pub(crate) use stream::TlsStream;

/// Why a handshake did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeFailure {
    /// It took longer than a request's header may.
    Timeout,
    /// The client went away in the middle.
    Closed,
    /// The first bytes are not TLS.
    NotTls,
    /// The client speaks no application protocol of this port (ALPN).
    NoProtocol,
    /// No version, cipher suite or group in common.
    Incompatible,
    /// The client refused, for example this server's certificate.
    Alert,
    /// What came is no valid TLS.
    Malformed,
    /// Anything else.
    Other,
}

impl HandshakeFailure {
    /// All of them.
    pub const ALL: [HandshakeFailure; 8] = [
        HandshakeFailure::Timeout,
        HandshakeFailure::Closed,
        HandshakeFailure::NotTls,
        HandshakeFailure::NoProtocol,
        HandshakeFailure::Incompatible,
        HandshakeFailure::Alert,
        HandshakeFailure::Malformed,
        HandshakeFailure::Other,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            HandshakeFailure::Timeout => "timeout",
            HandshakeFailure::Closed => "closed",
            HandshakeFailure::NotTls => "not_tls",
            HandshakeFailure::NoProtocol => "no_protocol",
            HandshakeFailure::Incompatible => "incompatible",
            HandshakeFailure::Alert => "alert",
            HandshakeFailure::Malformed => "malformed",
            HandshakeFailure::Other => "other",
        }
    }

    pub(crate) fn of(error: &rustls::Error) -> HandshakeFailure {
        use rustls::Error;
        match error {
            Error::AlertReceived(_) => HandshakeFailure::Alert,
            Error::NoApplicationProtocol => HandshakeFailure::NoProtocol,
            Error::PeerIncompatible(_) => HandshakeFailure::Incompatible,
            Error::InvalidMessage(_)
            | Error::InappropriateMessage { .. }
            | Error::InappropriateHandshakeMessage { .. }
            | Error::DecryptError
            | Error::PeerMisbehaved(_)
            | Error::PeerSentOversizedRecord => HandshakeFailure::Malformed,
            // The enumeration is not closed.
            _ => HandshakeFailure::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HandshakeFailure;

    #[test]
    fn every_failure_has_its_own_place_and_name() {
        for (place, failure) in HandshakeFailure::ALL.into_iter().enumerate() {
            assert_eq!(failure as usize, place);
            assert_eq!(
                HandshakeFailure::ALL.iter().filter(|other| other.name() == failure.name()).count(),
                1
            );
        }
    }
}
