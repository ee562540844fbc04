//! The load: connections that each keep a number of requests outstanding, from one thread.
//!
//! It speaks just enough HTTP to be cheaper than the server it measures: fixed requests, and answers that are only
//! counted. Latencies are from the write of a request to the last byte of its answer, in a closed loop.

mod http1;
mod http2;

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::service::Protocol;

/// One way to put load on a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// How it is spoken.
    pub(crate) protocol: Protocol,
    /// Connections, all opened before the first request.
    pub(crate) connections: usize,
    /// Requests that a connection has outstanding; 1 with HTTP/1.1.
    pub(crate) outstanding: usize,
}

/// What the connections found in the window.
pub(crate) struct Counted {
    /// Answered requests.
    pub(crate) requests: u64,
    /// Length of the window.
    pub(crate) elapsed: Duration,
    /// Latencies in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// Server processor time within the window.
    pub(crate) server_cpu: Duration,
}

/// What the connections of a run share.
struct Run {
    measuring: Cell<bool>,
    stopping: Cell<bool>,
    requests: Cell<u64>,
    latencies: RefCell<Histogram<u64>>,
}

impl Run {
    fn done(&self, sent: Instant) {
        if self.measuring.get() {
            self.requests.set(self.requests.get() + 1);
            self.latencies.borrow_mut().saturating_record(sent.elapsed().as_nanos() as u64);
        }
    }
}

/// Loads a server for a warm-up and a window, in which `server_cpu` is asked twice.
///
/// # Errors
/// When a connection fails or the server answers anything but what it should.
pub(crate) fn run(
    port: u16,
    shape: Shape,
    warm_up: Duration,
    window: Duration,
    server_cpu: &dyn Fn() -> io::Result<Duration>,
) -> io::Result<Counted> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let latencies = Histogram::new_with_bounds(1_000, 60_000_000_000, 3).map_err(io::Error::other)?;
    let run = Rc::new(Run {
        measuring: Cell::new(false),
        stopping: Cell::new(false),
        requests: Cell::new(0),
        latencies: RefCell::new(latencies),
    });
    let shared = run.clone();
    let (elapsed, server_cpu) = LocalSet::new().block_on(&runtime, async move {
        let mut connections = Vec::new();
        for _ in 0..shape.connections {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            let run = shared.clone();
            connections.push(tokio::task::spawn_local(async move {
                match shape.protocol {
                    Protocol::Http1 => http1::connection(stream, &run).await,
                    Protocol::Http2 => http2::connection(stream, shape.outstanding, &run).await,
                }
            }));
        }
        tokio::time::sleep(warm_up).await;
        let (cpu_before, started) = (server_cpu()?, Instant::now());
        shared.measuring.set(true);
        tokio::time::sleep(window).await;
        shared.measuring.set(false);
        let (elapsed, cpu) = (started.elapsed(), server_cpu()? - cpu_before);
        shared.stopping.set(true);
        for connection in connections {
            connection.await.map_err(io::Error::other)??;
        }
        Ok::<_, io::Error>((elapsed, cpu))
    })?;
    let latencies = run.latencies.borrow().clone();
    Ok(Counted { requests: run.requests.get(), elapsed, latencies, server_cpu })
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
