//! The server of one port on one core: accepts, hands over, watches the time limits, stops gracefully.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::Poll,
    time::Duration,
};

use http::{Request, Response};
use ringbolt_ring::{
    local::Notify,
    memory,
    net::{Socket, TcpListener},
    sleep, spawn,
    time::{interval, now},
    timeout,
};

use crate::{
    balance::{Placed, Seat},
    body::{self, Body},
    conn::{Command, Connection, Protocol, Shared, Stage},
    frames::FrameLimits,
    guard::Guard,
    incoming::Incoming,
    limits::Limits,
    notice::{Notice, OnNotice},
    serve::{Serving, serve},
    stats::{Counters, Figure, ServerStats, StatsReader},
    tls::{HandshakeFailure, Offer, ServerTls},
    unsent::UnsentBytes,
};

/// After an accept error that concerns the whole process (no descriptors), wait this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The time limits are checked this often within the shortest of them, ...
const TICKS_PER_LIMIT: u32 = 4;
/// ... but not more often, ...
const TICK_MIN: Duration = Duration::from_millis(5);
/// ... and not less often than this.
const TICK_MAX: Duration = Duration::from_secs(1);
/// Control frames and resets of a client are counted within this.
const FLOOD_WINDOW: Duration = Duration::from_secs(1);

/// When so many connections more were open than now, free memory is given back: each takes some 20 KiB.
const BURST: usize = 500;

/// A response that is being made, in a box from the start: such futures are some KiB, and each move of one copies all of it.
pub type Answering = Pin<Box<dyn Future<Output = Response<Body>>>>;

/// Answers requests on one core. Implemented by every `Fn(Request<Incoming>) -> Future<Output = Response<Body>>`; implement it by hand to
/// also see the connection.
pub trait Service: 'static {
    /// The response. Its future is dropped when the client goes away first. It must not panic: a panic ends the core.
    fn call(self: Rc<Self>, request: Request<Incoming>, connection: Rc<Connection>) -> Answering;

    /// The answer to a request that is turned away on sight: asked as soon as its head is there, before anything is made ready for
    /// it.
    fn turn_away(&self, _: &Request<()>) -> Option<TurnedAway> {
        None
    }

    /// Whether answers over HTTP/2 say when they were made.
    fn dates_answers(&self) -> bool {
        true
    }

    /// The response to a request that is refused because the core holds too much for clients that do not read. `refusal` is how
    /// HTTP says so; a service whose clients expect something else makes that of it.
    fn busy(&self, _: &Request<()>, refusal: Response<Body>) -> Response<Body> {
        refusal
    }
}

/// A request that is turned away.
pub struct TurnedAway {
    /// Its answer. Over HTTP/2 it is sent at once; over HTTP/1.1 when the request's body is over, since the rest of that could not be told from
    /// the next request. Nothing of the body is kept.
    pub response: Response<Body>,
    /// More bytes of the body than these are not waited for, and not let come.
    pub body_bytes_max: usize,
    /// Over HTTP/1.1 the answer does not wait longer than this.
    pub body_time_max: Duration,
}

impl<F, A> Service for F
where
    F: Fn(Request<Incoming>) -> A + 'static,
    A: Future<Output = Response<Body>> + 'static,
{
    fn call(self: Rc<Self>, request: Request<Incoming>, _: Rc<Connection>) -> Answering {
        Box::pin(self(request))
    }
}

/// How a [`Server::stop`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every connection finished by itself.
    Gracefully,
    /// This many connections were cut at the deadline.
    Cut(usize),
}

/// How a server is set up; by default plain, alone, silent.
#[derive(Default)]
pub struct Setup {
    /// Its bounds.
    pub limits: Limits,
    /// Its part in the balance of its port.
    pub seat: Option<Seat>,
    /// Certificate and offered protocols of a port that speaks TLS.
    pub tls: Option<(ServerTls, Offer)>,
    /// Which names it answers to, and from which pages a browser may ask.
    pub guard: Guard,
    /// What the servers of this core hold together for clients that do not read.
    pub unsent: UnsentBytes,
    /// Hears what no answer carries; the server limits nothing.
    pub on_notice: Option<OnNotice>,
}

/// The server of one port on one core.
pub struct Server<S> {
    limits: Limits,
    service: Rc<S>,
    seat: Option<Seat>,
    tls: Option<(ServerTls, Offer)>,
    guard: Rc<Guard>,
    connections: RefCell<HashMap<u64, Rc<Connection>>>,
    next_id: Cell<u64>,
    shared: Rc<Shared>,
    /// The most connections since free memory was last given back.
    most: Cell<usize>,
    tick_length: Duration,
    stopping: Cell<bool>,
    stop: Notify,
    last_closed: Notify,
}

impl<S: Service> Server<S> {
    /// A plain server that is not listening yet. With a seat it takes part in the balance of its port.
    pub fn new(limits: Limits, service: S, seat: Option<Seat>) -> Rc<Server<S>> {
        Server::with(Setup { limits, seat, ..Setup::default() }, service)
    }

    /// A server that is not listening yet.
    pub fn with(setup: Setup, service: S) -> Rc<Server<S>> {
        let Setup { limits, seat, tls, guard, unsent, on_notice } = setup;
        let shortest = limits.header_read_timeout.min(limits.idle_timeout).min(limits.write_timeout);
        let pings = limits.h2_ping_interval.map(|interval| interval.min(limits.h2_ping_timeout));
        let shortest = [limits.h2_idle_timeout, pings].into_iter().flatten().fold(shortest, Duration::min);
        let tick_length = (shortest / TICKS_PER_LIMIT).clamp(TICK_MIN, TICK_MAX);
        let frame_limits = FrameLimits {
            window_ticks: ticks(FLOOD_WINDOW, tick_length).max(1),
            control: limits.h2_control_frames_max,
            resets: limits.h2_resets_max,
        };
        Rc::new(Server {
            tick_length,
            limits,
            service: Rc::new(service),
            seat,
            tls,
            guard: Rc::new(guard),
            connections: RefCell::new(HashMap::new()),
            next_id: Cell::new(0),
            most: Cell::new(0),
            shared: Rc::new(Shared {
                tick: Cell::new(0),
                counters: Counters::new(),
                frame_limits,
                on_notice,
                unsent,
                looks: Rc::default(),
            }),
            stopping: Cell::new(false),
            stop: Notify::new(),
            last_closed: Notify::new(),
        })
    }

    /// Starts to accept on this core and returns; [`Server::stop`] ends it. Called once.
    pub fn start(self: &Rc<Self>, listener: TcpListener) {
        let accepting = self.clone();
        spawn(async move { accepting.accept(listener).await });
        if let Some(mut receiver) = self.seat.as_ref().and_then(Seat::take_receiver) {
            let taking = self.clone();
            spawn(async move {
                while let Some(Some(socket)) = taking.until_stop(receiver.recv()).await {
                    taking.count(Figure::TakenOver);
                    taking.open(socket);
                }
            });
        }
        let watching = self.clone();
        spawn(async move { watching.watch().await });
    }

    /// Counters.
    pub fn stats(&self) -> ServerStats {
        self.shared.counters.reader().read()
    }

    /// The same for another thread, for as long as it likes.
    pub fn stats_reader(&self) -> StatsReader {
        self.shared.counters.reader()
    }

    /// Stops accepting, lets every connection finish what is in flight, and cuts what is left after `deadline`.
    pub async fn stop(&self, deadline: Duration) -> Stopped {
        self.stopping.set(true);
        self.stop.notify_all();
        self.command_all(Command::Finish);
        if timeout(deadline, self.all_closed()).await.is_ok() {
            return Stopped::Gracefully;
        }
        let left = self.connections.borrow().len();
        self.command_all(Command::Abort);
        self.all_closed().await;
        Stopped::Cut(left)
    }

    async fn all_closed(&self) {
        while !self.connections.borrow().is_empty() {
            self.last_closed.notified().await;
        }
    }

    fn command_all(&self, command: Command) {
        // Collected first: a connection that is woken may close and leave the map.
        let connections: Vec<Rc<Connection>> = self.connections.borrow().values().cloned().collect();
        for connection in connections {
            connection.command(command);
        }
    }

    fn count(&self, figure: Figure) {
        self.shared.counters.count(figure);
    }

    /// `future`, or `None` as soon as the server stops.
    async fn until_stop<F: Future>(&self, future: F) -> Option<F::Output> {
        if self.stopping.get() {
            return None;
        }
        let mut future = pin!(future);
        let mut stop = pin!(self.stop.notified());
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            stop.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    async fn accept(self: Rc<Self>, listener: TcpListener) {
        while let Some(accepted) = self.until_stop(listener.accept()).await {
            match accepted {
                Ok(socket) => {
                    self.count(Figure::Accepted);
                    let placed = match &self.seat {
                        Some(seat) => seat.place(socket),
                        None => Placed::Here(socket),
                    };
                    match placed {
                        Placed::Here(socket) => self.open(socket),
                        Placed::HandedOver => self.count(Figure::HandedOver),
                    }
                }
                Err(_) => {
                    self.count(Figure::AcceptError);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves a socket that the balance has counted for this core.
    fn open(self: &Rc<Self>, socket: Socket) {
        let connection = Connection::new(socket.peer(), self.tls.is_some(), self.shared.clone());
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let full = self.connections.borrow().len() >= self.limits.connections_max;
        self.connections.borrow_mut().insert(id, connection.clone());
        self.count_open();
        let open = OpenConnection { server: self.clone(), id };
        let stream = match socket.into_stream() {
            Ok(stream) if !full => stream,
            Ok(_) | Err(_) => {
                self.count(Figure::Refused);
                return;
            }
        };
        if self.stopping.get() {
            return;
        }
        spawn(async move {
            let server = &open.server;
            let serving = Serving {
                service: server.service.clone(),
                guard: server.guard.clone(),
                limits: &server.limits,
            };
            serve(stream, connection, server.tls.as_ref(), serving).await;
            drop(open);
        });
    }

    /// The time limits of all connections, once per tick.
    async fn watch(self: Rc<Self>) {
        let mut ticks = interval(self.tick_length);
        let header_ticks = self.in_ticks(self.limits.header_read_timeout);
        let idle_ticks = self.in_ticks(self.limits.idle_timeout);
        let stalled_ticks = self.in_ticks(self.limits.write_timeout);
        let h2_idle_ticks = self.limits.h2_idle_timeout.map(|idle| self.in_ticks(idle));
        while self.until_stop(ticks.tick()).await.is_some() {
            let tick = &self.shared.tick;
            tick.set(tick.get() + 1);
            self.cut_unread();
            for _ in 0..body::close_stuck(now(), self.limits.write_timeout) {
                self.count(Figure::Stalled);
            }
            self.trim_memory();
            let connections: Vec<Rc<Connection>> = self
                .connections
                .borrow()
                .values()
                .filter(|connection| connection.is_watched() || connection.protocol() == Protocol::Http2)
                .cloned()
                .collect();
            for connection in connections {
                connection.release_receipt(|since| self.shared.tick.get() - since > 1);
                let idle_limit = match connection.protocol() {
                    Protocol::Http2 => h2_idle_ticks,
                    Protocol::Unknown | Protocol::Http1 => Some(idle_ticks),
                };
                if self.seems_dead(&connection) {
                    connection.command(Command::Abort);
                } else if connection.owing_age().is_some_and(|age| age > header_ticks) {
                    self.end_owing(&connection);
                } else if connection.stalled_age().is_some_and(|age| age > stalled_ticks) {
                    if connection.command(Command::Abort) {
                        self.count(Figure::Stalled);
                    }
                } else if let Some((limit, age)) = idle_limit.zip(connection.idle_age())
                    && age > limit
                {
                    self.end_idle(&connection, age - limit > header_ticks);
                }
            }
        }
    }

    /// Whether a client of HTTP/2 did not say that it lives. It is asked for that when it says nothing.
    fn seems_dead(&self, connection: &Connection) -> bool {
        let Some(interval) = self.limits.h2_ping_interval else { return false };
        if connection.protocol() != Protocol::Http2 {
            return false;
        }
        let (interval, limit) = (self.in_ticks(interval), self.in_ticks(self.limits.h2_ping_timeout));
        connection.ask_alive(interval, limit)
    }

    /// After a burst the memory of its connections is given back; the allocator alone would keep it.
    fn trim_memory(&self) {
        let open = self.connections.borrow().len();
        if self.most.get() - open >= BURST {
            self.most.set(open);
            memory::trim();
        }
    }

    /// When the core holds too much for clients that do not read, those for whom it holds the most are cut, until it is little enough.
    fn cut_unread(&self) {
        let unsent = &self.shared.unsent;
        if !unsent.is_over() {
            return;
        }
        let mut unread: Vec<Rc<Connection>> = self
            .connections
            .borrow()
            .values()
            .filter(|connection| connection.reads_nothing())
            .cloned()
            .collect();
        unread.sort_by_key(|connection| std::cmp::Reverse(connection.unsent_bytes()));
        let mut excess = unsent.now().saturating_sub(unsent.max());
        for connection in unread {
            if excess == 0 {
                return;
            }
            let bytes = connection.unsent_bytes();
            if connection.command(Command::Abort) {
                self.count(Figure::Unread);
                connection.notify(|| Notice::Unread { peer: connection.peer(), bytes });
            }
            excess = excess.saturating_sub(bytes);
        }
    }

    fn end_owing(&self, connection: &Connection) {
        if !connection.command(Command::Abort) {
            return;
        }
        match connection.stage() {
            Stage::Handshake => self.count(Figure::HandshakeFailed(HandshakeFailure::Timeout)),
            Stage::Http => self.count(Figure::HeaderTimeout),
            // Its failure was counted when it was refused.
            Stage::Refused => {}
        }
    }

    /// An idle connection is asked to finish first, so that a request on its way is answered; a client that does not
    /// play its part in that is cut.
    fn end_idle(&self, connection: &Connection, was_asked: bool) {
        if connection.command(Command::Finish) {
            self.count(Figure::IdleTimeout);
        } else if was_asked {
            connection.command(Command::Abort);
        }
    }

    fn in_ticks(&self, limit: Duration) -> u64 {
        ticks(limit, self.tick_length)
    }

    fn count_open(&self) {
        let open = self.connections.borrow().len();
        self.most.set(self.most.get().max(open));
        self.shared.counters.set_open(open);
    }
}

fn ticks(time: Duration, tick_length: Duration) -> u64 {
    u64::try_from(time.as_nanos() / tick_length.as_nanos()).unwrap_or(u64::MAX)
}

/// Leaves the server's map and the balance when the connection ends, however it ends.
struct OpenConnection<S: Service> {
    server: Rc<Server<S>>,
    id: u64,
}

impl<S: Service> Drop for OpenConnection<S> {
    fn drop(&mut self) {
        self.server.connections.borrow_mut().remove(&self.id);
        self.server.count_open();
        if let Some(seat) = &self.server.seat {
            seat.count_closed();
        }
        if self.server.connections.borrow().is_empty() {
            self.server.last_closed.notify_all();
        }
    }
}
