//! What a server knows of one connection.
//!
//! The time limits of a connection cost nothing per request: the connection notes the number of the server's last tick at its
//! turning points, and the server compares on its next tick. What a limit or a stop wants of a connection is left in a cell
//! that its task looks at when it is woken.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use ringbolt_http2::Counts;
use ringbolt_ring::{net::SocketView, time::now, yield_now};

use crate::{
    frames::{FloodWatch, FrameLimits},
    guard::{KnownHost, Stopped},
    notice::{Notice, OnNotice},
    receipt::{Flushed, Kept, Receipt},
    stats::{Counters, Figure},
    unsent::{Share, UnsentBytes},
};

/// Who has waited for so long may have given up.
const SETTLE_AFTER: Duration = Duration::from_millis(5);
/// How often a socket is looked at, and its connection given a turn to read, before an answer goes out all the same.
const SETTLE_TURNS_MAX: usize = 2;

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

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// TLS is being agreed.
    Handshake,
    /// It speaks HTTP, or is about to.
    Http,
    /// It was refused and is only waited for.
    Refused,
}

/// What the connections of a server share.
pub(crate) struct Shared {
    /// The server's tick.
    pub(crate) tick: Cell<u64>,
    pub(crate) counters: Counters,
    pub(crate) frame_limits: FrameLimits,
    pub(crate) on_notice: Option<OnNotice>,
    pub(crate) unsent: UnsentBytes,
    /// Sockets that are looked at beyond their connections.
    pub(crate) looks: Rc<Cell<usize>>,
}

/// What a service may know about the connection of a request.
pub struct Connection {
    peer: Option<SocketAddr>,
    protocol: Cell<Protocol>,
    stage: Cell<Stage>,
    is_tls: bool,
    known_host: KnownHost,
    in_flight: Cell<u32>,
    shared: Rc<Shared>,
    /// Since which tick the client owes something: its first request, the rest of a handshake, of a request's header, of a
    /// frame.
    owes_since: Cell<Option<u64>>,
    idle_since: Cell<u64>,
    /// Since which tick the socket takes nothing.
    stalled_since: Cell<Option<u64>>,
    /// What is held for the client.
    unsent: Arc<Share>,
    /// What of it was done with when that was last asked.
    released_seen: Cell<u64>,
    /// The client ended its sending half while a request was in flight; HTTP/1.1 only.
    ended: Cell<bool>,
    ended_waker: RefCell<Option<Waker>>,
    /// The socket, for as long as somebody serves it.
    socket: Cell<Option<SocketView>>,
    /// Of the last answer that has one; HTTP/1.1 only.
    receipt: RefCell<Option<Kept>>,
    /// When the client last said something; HTTP/2 only.
    heard: Cell<u64>,
    /// Since when it has not answered whether it lives.
    asked: Cell<Option<u64>>,
    /// Its task is to ask it.
    is_to_ask: Cell<bool>,
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
    pub(crate) fn new(peer: Option<SocketAddr>, is_tls: bool, shared: Rc<Shared>) -> Rc<Connection> {
        let now = shared.tick.get();
        Rc::new(Connection {
            peer,
            protocol: Cell::new(Protocol::Unknown),
            stage: Cell::new(if is_tls { Stage::Handshake } else { Stage::Http }),
            is_tls,
            known_host: KnownHost::default(),
            in_flight: Cell::new(0),
            unsent: Share::of(&shared.unsent),
            released_seen: Cell::new(0),
            ended: Cell::new(false),
            ended_waker: RefCell::new(None),
            socket: Cell::new(None),
            receipt: RefCell::new(None),
            shared,
            owes_since: Cell::new(Some(now)),
            idle_since: Cell::new(now),
            stalled_since: Cell::new(None),
            heard: Cell::new(now),
            asked: Cell::new(None),
            is_to_ask: Cell::new(false),
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

    /// Whether it is encrypted.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The name that it was last asked under.
    pub(crate) fn known_host(&self) -> &KnownHost {
        &self.known_host
    }

    /// Requests whose response is not yet written.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.get()
    }

    /// Whether the client ended its sending half while its request is answered. It may still read, as after `shutdown`, or be gone,
    /// as after `close`: nobody can tell before something was sent. Never over HTTP/2, where a client that goes cancels.
    pub fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Waits until [`Connection::has_ended`]. At a time one task waits: a second one would take the first one's place.
    pub async fn ended(&self) {
        poll_fn(|cx| {
            if self.ended.get() {
                return Poll::Ready(());
            }
            keep(&self.ended_waker, cx);
            Poll::Pending
        })
        .await;
    }

    pub(crate) fn end(&self) {
        self.ended.set(true);
        let waker = self.ended_waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Has the server read first what the client has sent by now: over HTTP/2 it may have given up what it is about to get. Costs a system
    /// call or two, so it is for answers that are given once, to whoever has waited for them since some time ago.
    pub async fn settle(&self, since: Instant) {
        if self.protocol.get() != Protocol::Http2 || now().saturating_duration_since(since) < SETTLE_AFTER {
            return;
        }
        for _ in 0..SETTLE_TURNS_MAX {
            match self.socket.get() {
                Some(socket) if socket.has_news() => yield_now().await,
                Some(_) | None => return,
            }
        }
    }

    pub(crate) fn serve(&self, socket: Option<SocketView>) {
        self.socket.set(socket);
    }

    /// An answer is written next that has a receipt.
    pub(crate) fn keep_receipt(&self, receipt: Box<dyn Receipt>) {
        if self.protocol.get() == Protocol::Http2 {
            receipt.delivered();
        } else {
            let before = self.receipt.borrow_mut().replace(Kept { receipt, flushed: None });
            // Of a client that asked again before it had its answer.
            if let Some(Kept { receipt, .. }) = before {
                receipt.delivered();
            }
        }
    }

    pub(crate) fn take_receipt(&self) -> Option<Kept> {
        self.receipt.borrow_mut().take()
    }

    /// All that there was to write is in the socket.
    pub(crate) fn on_flushed(&self) {
        if let Some(kept) = &mut *self.receipt.borrow_mut() {
            kept.flushed.get_or_insert_with(|| Flushed {
                tick: self.shared.tick.get(),
                written: self.socket.get().and_then(SocketView::written),
            });
        }
    }

    /// The client asks again, or has said nothing for a tick and more: it has its answer, as far as anybody will know.
    pub(crate) fn release_receipt(&self, is_due: impl FnOnce(u64) -> bool) {
        let kept = self
            .receipt
            .borrow_mut()
            .take_if(|kept| kept.flushed.is_some_and(|flushed| is_due(flushed.tick)));
        if let Some(Kept { receipt, .. }) = kept {
            receipt.delivered();
        }
    }

    pub(crate) fn looks(&self) -> Rc<Cell<usize>> {
        self.shared.looks.clone()
    }

    /// Bytes of responses that are held for the client.
    pub(crate) fn unsent_bytes(&self) -> u64 {
        self.unsent.now()
    }

    /// Whether the core's servers hold more for such clients than they may.
    pub(crate) fn is_core_over(&self) -> bool {
        self.unsent.is_core_over()
    }

    /// Whether something is held and nothing of it went anywhere since this was last asked.
    pub(crate) fn reads_nothing(&self) -> bool {
        let released = self.unsent.released();
        let is_still = self.released_seen.replace(released) == released;
        let is_stuck =
            self.protocol.get() == Protocol::Http2 || self.stalled_age().is_some_and(|age| age > 0);
        is_still && is_stuck && self.unsent_bytes() > 0
    }

    pub(crate) fn set_protocol(&self, protocol: Protocol) {
        self.protocol.set(protocol);
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// The time for what comes next begins now.
    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.set(stage);
        self.owes_since.set(Some(self.shared.tick.get()));
    }

    pub(crate) fn count(&self, figure: Figure) {
        self.shared.counters.count(figure);
    }

    pub(crate) fn notify(&self, notice: impl FnOnce() -> Notice) {
        if let Some(on_notice) = &self.shared.on_notice {
            on_notice(&notice());
        }
    }

    /// A request was stopped before it reached the service.
    pub(crate) fn note_stopped(&self, stopped: &Stopped, id: &str) {
        let Stopped::Refused(reason, cause) = stopped else { return };
        self.count(Figure::RequestRefused(*reason));
        self.notify(|| {
            let (reason, cause) = (*reason, cause.clone());
            Notice::Refused { peer: self.peer, reason, cause, id: id.to_owned() }
        });
    }

    /// Tells the connection's task; a command only ever gets stronger. Whether it was new.
    pub(crate) fn command(&self, command: Command) -> bool {
        if command <= self.command.get() {
            return false;
        }
        self.command.set(command);
        self.wake();
        true
    }

    fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The ticks since the client began to owe something.
    pub(crate) fn owing_age(&self) -> Option<u64> {
        self.owes_since.get().map(|since| self.shared.tick.get() - since)
    }

    /// The ticks since the last response, if nothing is in flight.
    pub(crate) fn idle_age(&self) -> Option<u64> {
        (self.in_flight.get() == 0).then(|| self.shared.tick.get() - self.idle_since.get())
    }

    /// Whether some time limit runs.
    pub(crate) fn is_watched(&self) -> bool {
        self.owes_since.get().is_some() || self.stalled_since.get().is_some() || self.in_flight.get() == 0
    }

    /// The ticks since the socket took something, if it should.
    pub(crate) fn stalled_age(&self) -> Option<u64> {
        self.stalled_since.get().map(|since| self.shared.tick.get() - since)
    }

    /// The socket took bytes, or would not.
    pub(crate) fn on_write(&self, is_stalled: bool) {
        if !is_stalled {
            self.stalled_since.set(None);
        } else if self.stalled_since.get().is_none() {
            self.stalled_since.set(Some(self.shared.tick.get()));
        }
    }

    /// The client owes something, and is waited for. Only then does its time run: a server that does not read because it cannot
    /// write has nothing to demand.
    pub(crate) fn on_owing(&self) {
        if self.owes_since.get().is_none() {
            self.owes_since.set(Some(self.shared.tick.get()));
        }
    }

    /// A read brought something of HTTP/2: `was_even` says that the client owed nothing at some moment of it.
    pub(crate) fn on_heard(&self, was_even: bool) {
        self.heard.set(self.shared.tick.get());
        self.asked.set(None);
        if was_even {
            self.owes_since.set(None);
        }
    }

    /// Whether the client has sent too much of what nobody needs.
    pub(crate) fn is_flood(&self, watch: &mut FloodWatch, counts: Counts) -> bool {
        watch.is_flood(self.shared.tick.get(), counts, self.shared.frame_limits)
    }

    /// Asks a client of HTTP/2 that was silent during `interval` ticks whether it lives; it has `limit` ticks to say something. Whether
    /// it has not.
    pub(crate) fn ask_alive(&self, interval: u64, limit: u64) -> bool {
        let tick = self.shared.tick.get();
        match self.asked.get() {
            Some(asked) => tick - asked > limit,
            None if tick - self.heard.get() >= interval => {
                self.asked.set(Some(tick));
                self.is_to_ask.set(true);
                self.wake();
                false
            }
            None => false,
        }
    }

    /// Whether the client is to be asked now.
    pub(crate) fn take_ask(&self) -> bool {
        self.is_to_ask.replace(false)
    }

    pub(crate) fn note_flood(&self) {
        self.count(Figure::Flood);
        self.notify(|| Notice::Flood { peer: self.peer });
    }

    pub(crate) fn begin_request(self: &Rc<Self>) -> InFlight {
        if self.protocol.get() != Protocol::Http2 {
            self.owes_since.set(None);
            self.release_receipt(|_| true);
        }
        self.in_flight.set(self.in_flight.get() + 1);
        InFlight { connection: self.clone() }
    }

    pub(crate) fn poll_command(&self, cx: &mut Context<'_>, seen: Command) -> Poll<Command> {
        let command = self.command.get();
        if command > seen {
            return Poll::Ready(command);
        }
        keep(&self.waker, cx);
        Poll::Pending
    }
}

fn keep(slot: &RefCell<Option<Waker>>, cx: &Context<'_>) {
    match &mut *slot.borrow_mut() {
        Some(waker) => waker.clone_from(cx.waker()),
        empty => *empty = Some(cx.waker().clone()),
    }
}

/// A request whose response is not yet written, or its future not yet dropped.
pub(crate) struct InFlight {
    connection: Rc<Connection>,
}

impl InFlight {
    /// Its response has a receipt, and the connection takes it.
    pub(crate) fn keep_receipt(&self, receipt: Box<dyn Receipt>) {
        self.connection.keep_receipt(receipt);
    }

    /// A piece of its response that the connection takes.
    pub(crate) fn count_unsent(&self, bytes: Bytes) -> Bytes {
        self.connection.unsent.count(bytes)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.in_flight.set(connection.in_flight.get() - 1);
        connection.idle_since.set(connection.shared.tick.get());
    }
}
