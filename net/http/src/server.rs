//! The server of one port on one core: accepts, hands over, watches the time limits, stops gracefully.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use http::{Request, Response};
use hyper::body::Incoming;
use ringbolt_ring::{
    local::Notify,
    net::{Socket, TcpListener},
    sleep, spawn,
    time::interval,
    timeout,
};

use crate::{
    balance::{Placed, Seat},
    body::Body,
    conn::{self, Command, Connection, Protocol},
    limits::Limits,
};

/// After an accept error that concerns the whole process (no descriptors), wait this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The time limits are checked this often within the shortest of them, ...
const TICKS_PER_LIMIT: u32 = 4;
/// ... but not more often, ...
const TICK_MIN: Duration = Duration::from_millis(5);
/// ... and not less often than this.
const TICK_MAX: Duration = Duration::from_secs(1);

/// Answers requests on one core. Implemented by every `Fn(Request<Incoming>) -> Future<Output = Response<Body>>`; implement it by hand to
/// also see the connection.
pub trait Service: 'static {
    /// The response. Its future is dropped when the client goes away first. It must not panic: a panic ends the core.
    fn call(
        self: Rc<Self>,
        request: Request<Incoming>,
        connection: Rc<Connection>,
    ) -> impl Future<Output = Response<Body>> + 'static;
}

impl<F, A> Service for F
where
    F: Fn(Request<Incoming>) -> A + 'static,
    A: Future<Output = Response<Body>> + 'static,
{
    fn call(
        self: Rc<Self>,
        request: Request<Incoming>,
        _: Rc<Connection>,
    ) -> impl Future<Output = Response<Body>> + 'static {
        self(request)
    }
}

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
    /// Connections closed because a request header took too long.
    pub header_timeouts: u64,
    /// Connections closed because they were idle.
    pub idle_timeouts: u64,
    /// Accept errors of the process.
    pub accept_errors: u64,
}

/// How a [`Server::stop`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every connection finished by itself.
    Gracefully,
    /// This many connections were cut at the deadline.
    Cut(usize),
}

/// The server of one port on one core.
pub struct Server<S> {
    limits: Limits,
    service: Rc<S>,
    seat: Option<Seat>,
    connections: RefCell<HashMap<u64, Rc<Connection>>>,
    next_id: Cell<u64>,
    tick: Rc<Cell<u64>>,
    tick_length: Duration,
    stopping: Cell<bool>,
    stop: Notify,
    last_closed: Notify,
    stats: Cell<ServerStats>,
}

impl<S: Service> Server<S> {
    /// A server that is not listening yet. With a seat it takes part in the balance of its port.
    pub fn new(limits: Limits, service: S, seat: Option<Seat>) -> Rc<Server<S>> {
        let shortest = limits.header_read_timeout.min(limits.idle_timeout);
        let shortest = limits.h2_idle_timeout.map_or(shortest, |idle| shortest.min(idle));
        Rc::new(Server {
            tick_length: (shortest / TICKS_PER_LIMIT).clamp(TICK_MIN, TICK_MAX),
            limits,
            service: Rc::new(service),
            seat,
            connections: RefCell::new(HashMap::new()),
            next_id: Cell::new(0),
            tick: Rc::new(Cell::new(0)),
            stopping: Cell::new(false),
            stop: Notify::new(),
            last_closed: Notify::new(),
            stats: Cell::new(ServerStats::default()),
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
                    taking.count(|stats| stats.taken_over += 1);
                    taking.open(socket);
                }
            });
        }
        let watching = self.clone();
        spawn(async move { watching.watch().await });
    }

    /// Counters.
    pub fn stats(&self) -> ServerStats {
        ServerStats { open: self.connections.borrow().len(), ..self.stats.get() }
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

    fn count(&self, change: impl FnOnce(&mut ServerStats)) {
        let mut stats = self.stats.get();
        change(&mut stats);
        self.stats.set(stats);
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
                    self.count(|stats| stats.accepted += 1);
                    let placed = match &self.seat {
                        Some(seat) => seat.place(socket),
                        None => Placed::Here(socket),
                    };
                    match placed {
                        Placed::Here(socket) => self.open(socket),
                        Placed::HandedOver => self.count(|stats| stats.handed_over += 1),
                    }
                }
                Err(_) => {
                    self.count(|stats| stats.accept_errors += 1);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves a socket that the balance has counted for this core.
    fn open(self: &Rc<Self>, socket: Socket) {
        let connection = Connection::new(socket.peer(), self.tick.clone());
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let full = self.connections.borrow().len() >= self.limits.connections_max;
        self.connections.borrow_mut().insert(id, connection.clone());
        let open = OpenConnection { server: self.clone(), id };
        let stream = match socket.into_stream() {
            Ok(stream) if !full => stream,
            Ok(_) | Err(_) => {
                self.count(|stats| stats.refused += 1);
                return;
            }
        };
        if self.stopping.get() {
            return;
        }
        spawn(async move {
            conn::serve(stream, connection, &open.server.limits, open.server.service.clone()).await;
            drop(open);
        });
    }

    /// The time limits of all connections, once per tick.
    async fn watch(self: Rc<Self>) {
        let mut ticks = interval(self.tick_length);
        let header_ticks = self.in_ticks(self.limits.header_read_timeout);
        let idle_ticks = self.in_ticks(self.limits.idle_timeout);
        let h2_idle_ticks = self.limits.h2_idle_timeout.map(|idle| self.in_ticks(idle));
        while self.until_stop(ticks.tick()).await.is_some() {
            self.tick.set(self.tick.get() + 1);
            let connections: Vec<Rc<Connection>> = self
                .connections
                .borrow()
                .values()
                .filter(|connection| connection.header_age().is_some() || connection.idle_age().is_some())
                .cloned()
                .collect();
            for connection in connections {
                let idle_limit = match connection.protocol() {
                    Protocol::Http2 => h2_idle_ticks,
                    Protocol::Unknown | Protocol::Http1 => Some(idle_ticks),
                };
                if connection.header_age().is_some_and(|age| age > header_ticks) {
                    if connection.command(Command::Abort) {
                        self.count(|stats| stats.header_timeouts += 1);
                    }
                } else if let Some((limit, age)) = idle_limit.zip(connection.idle_age())
                    && age > limit
                {
                    self.end_idle(&connection, age - limit > header_ticks);
                }
            }
        }
    }

    /// An idle connection is asked to finish first, so that a request on its way is answered; a client that does not
    /// play its part in that is cut.
    fn end_idle(&self, connection: &Connection, was_asked: bool) {
        if connection.command(Command::Finish) {
            self.count(|stats| stats.idle_timeouts += 1);
        } else if was_asked {
            connection.command(Command::Abort);
        }
    }

    fn in_ticks(&self, limit: Duration) -> u64 {
        u64::try_from(limit.as_nanos() / self.tick_length.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Leaves the server's map and the balance when the connection ends, however it ends.
struct OpenConnection<S: Service> {
    server: Rc<Server<S>>,
    id: u64,
}

impl<S: Service> Drop for OpenConnection<S> {
    fn drop(&mut self) {
        self.server.connections.borrow_mut().remove(&self.id);
        if let Some(seat) = &self.server.seat {
            seat.count_closed();
        }
        if self.server.connections.borrow().is_empty() {
            self.server.last_closed.notify_all();
        }
    }
}
