//! What a server counts. One core writes, anybody may read: relaxed cells, touched when a connection opens, ends or misbehaves, never per
//! request.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{guard::Reason, tls::HandshakeFailure};

/// Counters of one server since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerStats {
    /// Connections open now.
    pub open: usize,
    /// Connections accepted by this core, also those handed over.
    pub accepted: u64,
    /// Connections handed to another core.
    pub handed_over: u64,
    /// Connections taken from another core.
    pub taken_over: u64,
    /// Connections closed at once: too many.
    pub refused: u64,
    /// Connections closed because a request header took too long, or nothing came at all.
    pub header_timeouts: u64,
    /// Connections closed because they were idle.
    pub idle_timeouts: u64,
    /// Connections closed because their client took nothing for too long.
    pub stalled: u64,
    /// Connections closed because their client did not read while the core held too much for such clients.
    pub unread: u64,
    /// Connections closed for more control frames or resets than anybody needs.
    pub floods: u64,
    /// Connections closed because they began with TLS on a port that does not speak it.
    pub unexpected_tls: u64,
    /// TLS handshakes that were completed.
    pub handshakes: u64,
    /// TLS handshakes that were not, in the order of [`HandshakeFailure::ALL`].
    pub handshake_failures: [u64; HandshakeFailure::ALL.len()],
    /// Accept errors of the process.
    pub accept_errors: u64,
    /// Requests refused by the guard, in the order of [`Reason::ALL`].
    pub refused_requests: [u64; Reason::ALL.len()],
}

/// A figure of [`ServerStats`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    Open,
    Accepted,
    HandedOver,
    TakenOver,
    Refused,
    HeaderTimeout,
    IdleTimeout,
    Flood,
    UnexpectedTls,
    Handshake,
    AcceptError,
    Stalled,
    Unread,
    HandshakeFailed(HandshakeFailure),
    RequestRefused(Reason),
}

/// Cells before those of the handshake failures.
const PLAIN_FIGURES: usize = 13;
/// Cells before those of refused requests.
const REASONS_FROM: usize = PLAIN_FIGURES + HandshakeFailure::ALL.len();
const CELLS: usize = REASONS_FROM + Reason::ALL.len();

impl Figure {
    fn cell(self) -> usize {
        match self {
            Figure::Open => 0,
            Figure::Accepted => 1,
            Figure::HandedOver => 2,
            Figure::TakenOver => 3,
            Figure::Refused => 4,
            Figure::HeaderTimeout => 5,
            Figure::IdleTimeout => 6,
            Figure::Flood => 7,
            Figure::UnexpectedTls => 8,
            Figure::Handshake => 9,
            Figure::AcceptError => 10,
            Figure::Stalled => 11,
            Figure::Unread => 12,
            Figure::HandshakeFailed(failure) => PLAIN_FIGURES + failure as usize,
            Figure::RequestRefused(reason) => REASONS_FROM + reason as usize,
        }
    }
}

/// A server's counters as another thread may read them.
#[derive(Clone, Debug)]
pub struct StatsReader {
    cells: Arc<[AtomicU64; CELLS]>,
}

impl StatsReader {
    /// The figures now; each by itself is right, together they may be a moment apart.
    pub fn read(&self) -> ServerStats {
        let get = |figure: Figure| self.cells[figure.cell()].load(Ordering::Relaxed);
        ServerStats {
            open: usize::try_from(get(Figure::Open)).unwrap_or(usize::MAX),
            accepted: get(Figure::Accepted),
            handed_over: get(Figure::HandedOver),
            taken_over: get(Figure::TakenOver),
            refused: get(Figure::Refused),
            header_timeouts: get(Figure::HeaderTimeout),
            idle_timeouts: get(Figure::IdleTimeout),
            stalled: get(Figure::Stalled),
            unread: get(Figure::Unread),
            floods: get(Figure::Flood),
            unexpected_tls: get(Figure::UnexpectedTls),
            handshakes: get(Figure::Handshake),
            handshake_failures: HandshakeFailure::ALL.map(|failure| get(Figure::HandshakeFailed(failure))),
            accept_errors: get(Figure::AcceptError),
            refused_requests: Reason::ALL.map(|reason| get(Figure::RequestRefused(reason))),
        }
    }
}

/// The writing side, on the server's core.
#[derive(Debug)]
pub(crate) struct Counters {
    reader: StatsReader,
}

impl Counters {
    pub(crate) fn new() -> Counters {
        Counters { reader: StatsReader { cells: Arc::new([const { AtomicU64::new(0) }; CELLS]) } }
    }

    pub(crate) fn reader(&self) -> StatsReader {
        self.reader.clone()
    }

    pub(crate) fn count(&self, figure: Figure) {
        let cell = &self.reader.cells[figure.cell()];
        // One core writes, so this needs no read-modify-write.
        cell.store(cell.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(crate) fn set_open(&self, open: usize) {
        self.reader.cells[Figure::Open.cell()].store(open as u64, Ordering::Relaxed);
    }
}
