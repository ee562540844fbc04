//! The three ports: bound, perhaps under TLS, opened on each core; what they count, what they have to say.

use crate::config::Config;
use crate::logging::{Level, log};
use ringbolt_http::balance::{Seat, seats};
use ringbolt_http::{
    ArrivingBytes, Guard, HandshakeFailure, HostName, Hosts, Limits, Notice, Offer, Origin, Reason, Server,
    ServerStats, ServerTls, Service, Setup, Sites, StatsReader, TlsFiles, TlsWarning, UnsentBytes,
};
use ringbolt_management::PortFigures;
use ringbolt_ring::net::{BindError, BoundListener, bind_until};
use ringbolt_ring::time::{now, unix_ms};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a start waits for ports that a process which was just killed may still hold.
pub(crate) const PORTS_WAIT: Duration = Duration::from_secs(5);

/// A port's name in settings, logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Rest,
    Grpc,
    Management,
}

impl Port {
    fn name(self) -> &'static str {
        match self {
            Port::Rest => "rest",
            Port::Grpc => "grpc",
            Port::Management => "management",
        }
    }

    /// gRPC is HTTP/2; the others are asked by browsers and scripts too.
    fn offer(self) -> Offer {
        match self {
            Port::Rest | Port::Management => Offer::Http,
            Port::Grpc => Offer::Http2,
        }
    }
}

/// One core's listeners and its part in their balance.
pub(crate) struct Doors {
    pub(crate) rest: (BoundListener, Seat),
    pub(crate) grpc: (BoundListener, Seat),
    pub(crate) management: Option<BoundListener>,
}

/// All ports, bound, for one life of the server.
pub(crate) struct Bound {
    rest: Vec<BoundListener>,
    grpc: Vec<BoundListener>,
    management: Vec<BoundListener>,
}

impl Bound {
    /// Binds all ports before anything else is touched: a port in use must not cost a recovery. One that is in use is waited for
    /// as long as `wait`, which is said.
    ///
    /// # Errors
    /// When a port cannot be had: which setting has it, and why.
    pub(crate) fn bind(config: &Config, wait: Duration) -> Result<Bound, (&'static str, BindError)> {
        let (deadline, cores) = (now() + wait, config.cores.len());
        Ok(Bound {
            rest: bound(Port::Rest, config.rest, cores, deadline)?,
            grpc: bound(Port::Grpc, config.grpc, cores, deadline)?,
            management: bound(Port::Management, config.management, 1, deadline)?,
        })
    }

    /// The same ports once more, for the next life.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub(crate) fn try_clone(&self) -> io::Result<Bound> {
        let all = |listeners: &[BoundListener]| {
            listeners.iter().map(BoundListener::try_clone).collect::<io::Result<Vec<_>>>()
        };
        Ok(Bound { rest: all(&self.rest)?, grpc: all(&self.grpc)?, management: all(&self.management)? })
    }

    /// The cores' listeners, and their places in the balance.
    pub(crate) fn into_doors(self) -> Vec<Doors> {
        let cores = self.rest.len();
        let mut management = self.management.into_iter();
        let rest = self.rest.into_iter().zip(seats(cores));
        let grpc = self.grpc.into_iter().zip(seats(cores));
        let pairs = rest.zip(grpc);
        pairs.map(|(rest, grpc)| Doors { rest, grpc, management: management.next() }).collect()
    }
}

fn bound(
    port: Port,
    address: SocketAddr,
    cores: usize,
    deadline: Instant,
) -> Result<Vec<BoundListener>, (&'static str, BindError)> {
    let left = deadline.saturating_duration_since(now());
    let come = match bind_until(address, cores, now()) {
        Err(BindError::InUse(_)) if !left.is_zero() => {
            let up_to_ms = left.as_millis();
            let fields: [(&str, &dyn std::fmt::Display); 3] =
                [("port", &port.name()), ("address", &address), ("up_to_ms", &up_to_ms)];
            log(Level::Warn, "a port is in use by another process: it is waited for", &fields);
            bind_until(address, cores, deadline)
        }
        come => come,
    };
    come.map_err(|error| (port.name(), error))
}

fn warn(warnings: &[TlsWarning]) {
    for warning in warnings {
        log(Level::Warn, "the TLS certificate is out of its time", &[("notice", warning)]);
    }
}

/// Reads certificate and key, if there are any, and from then on again with each SIGHUP.
pub(crate) fn load_tls(config: &Config) -> Result<Option<ServerTls>, String> {
    let Some(files) = config.tls.clone() else { return Ok(None) };
    let (tls, warnings) = ServerTls::load(files, unix_ms()).map_err(|error| format!("TLS: {error}"))?;
    warn(&warnings);
    let reloading = tls.clone();
    ringbolt_ring::on_hangup(move || match reloading.reload(unix_ms()) {
        Ok(warnings) => {
            let certificate = reloading.files().certificate.display();
            log(Level::Info, "the TLS certificate was read again", &[("certificate", &certificate)]);
            warn(&warnings);
        }
        Err(error) => log(
            Level::Error,
            "the TLS certificate could not be read again: the old one stays",
            &[("cause", &error)],
        ),
    })
    .map_err(|error| format!("cannot handle SIGHUP: {error}"))?;
    Ok(Some(tls))
}

/// Reads certificate and key as a start would; what is said of them that is no reason not to start.
pub(crate) fn check_tls(files: TlsFiles) -> Result<Vec<TlsWarning>, String> {
    let (_, warnings) = ServerTls::load(files, unix_ms()).map_err(|error| format!("TLS: {error}"))?;
    Ok(warnings)
}

/// The counters of all opened ports, for a scrape.
#[derive(Clone, Default)]
pub(crate) struct PortCounters {
    readers: Arc<parking_lot::Mutex<Vec<(Port, usize, StatsReader)>>>,
    unsent: Arc<parking_lot::Mutex<Vec<(usize, UnsentBytes)>>>,
}

/// What one core may hold of requests that are arriving: as much as of answers that are not read, and at least the largest request.
pub(crate) fn arriving(config: &Config) -> ArrivingBytes {
    let largest = config.documents.document_bytes_max.max(config.request_bytes_max as u64);
    ArrivingBytes::up_to(config.unsent_bytes_max.max(2 * largest))
}

/// What one core may hold of what polls and streams want that wait for jobs there: a quarter of that.
pub(crate) fn waiting(config: &Config) -> ArrivingBytes {
    ArrivingBytes::up_to(config.unsent_bytes_max / 4)
}

impl PortCounters {
    /// What the ports of a core may hold together for clients that do not read.
    pub(crate) fn unsent_of(&self, core: usize, bytes_max: u64) -> UnsentBytes {
        let unsent = UnsentBytes::up_to(bytes_max);
        self.unsent.lock().push((core, unsent.clone()));
        unsent
    }

    /// What they hold now, in bytes by core.
    pub(crate) fn unsent(&self) -> Vec<(usize, u64)> {
        let mut unsent: Vec<(usize, u64)> =
            self.unsent.lock().iter().map(|(core, unsent)| (*core, unsent.now())).collect();
        unsent.sort_unstable();
        unsent
    }

    /// What they say now, by port and core.
    pub(crate) fn figures(&self) -> Vec<PortFigures> {
        let mut readers = self.readers.lock().clone();
        readers.sort_by_key(|(port, core, _)| (port.name(), *core));
        readers.iter().map(|(port, core, reader)| figures(*port, *core, &reader.read())).collect()
    }
}

fn figures(port: Port, core: usize, stats: &ServerStats) -> PortFigures {
    let failures =
        HandshakeFailure::ALL.map(HandshakeFailure::name).into_iter().zip(stats.handshake_failures);
    PortFigures {
        port: port.name(),
        core,
        open: stats.open as u64,
        connections: vec![
            ("accepted", stats.accepted),
            ("handed_over", stats.handed_over),
            ("refused", stats.refused),
            ("header_timeout", stats.header_timeouts),
            ("idle_timeout", stats.idle_timeouts),
            ("stalled", stats.stalled),
            ("unread", stats.unread),
            ("flood", stats.floods),
            ("unexpected_tls", stats.unexpected_tls),
            ("accept_error", stats.accept_errors),
        ],
        handshakes: std::iter::once(("ok", stats.handshakes)).chain(failures).collect(),
        refused_requests: Reason::ALL.map(Reason::name).into_iter().zip(stats.refused_requests).collect(),
    }
}

/// Logs what a port has to say of a client.
fn say(port: Port, notice: &Notice) {
    let (port, peer) = (port.name(), notice.peer());
    let fields: [(&str, &dyn std::fmt::Display); 2] = [("port", &port), ("peer", &peer)];
    match notice {
        Notice::PlainOnTls { .. } => {
            log(Level::Warn, "a client spoke plain text to a port that speaks TLS", &fields);
        }
        Notice::TlsOnPlain { .. } => {
            log(Level::Warn, "a client spoke TLS to a port that does not (see --tls-cert)", &fields);
        }
        Notice::HandshakeFailed { cause, .. } => {
            log(Level::Warn, "a TLS handshake failed", &[fields[0], fields[1], ("cause", cause)]);
        }
        Notice::Refused { cause, id, .. } => {
            let fields = [fields[0], fields[1], ("cause", cause), ("request_id", id)];
            log(Level::Warn, "a request was refused", &fields);
        }
        Notice::Unread { bytes, .. } => {
            let fields = [fields[0], fields[1], ("bytes", bytes as &dyn std::fmt::Display)];
            log(Level::Warn, "a client that did not read its answers was cut (see --unsent-mib)", &fields);
        }
        Notice::Flood { .. } => {
            log(Level::Warn, "a client sent a flood of control frames and was cut", &fields);
        }
    }
}

/// Whom a port at this address answers.
fn guard(opening: &Opening, port: Port, address: SocketAddr) -> Guard {
    let origins = opening.cors_origins.clone().into();
    let sites = match port {
        Port::Rest | Port::Management => Sites::Own(origins),
        Port::Grpc => Sites::OwnButGrpc(origins),
    };
    Guard { hosts: Hosts::of_port(address, &opening.allowed_hosts), sites }
}

/// What all doors of a core have in common.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) core: usize,
    pub(crate) allowed_hosts: Vec<HostName>,
    pub(crate) cors_origins: Vec<Origin>,
    pub(crate) unsent: UnsentBytes,
    pub(crate) limits: Limits,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) counters: PortCounters,
}

impl Opening {
    /// Opens one port on this core.
    ///
    /// # Errors
    /// When the listener cannot be registered.
    pub(crate) fn open<S: Service>(
        &self,
        port: Port,
        service: S,
        listener: BoundListener,
        seat: Option<Seat>,
    ) -> Result<Rc<Server<S>>, String> {
        let address = listener.local_addr();
        let cannot = |error: io::Error| format!("cannot listen on {address}: {error}");
        let listener = listener.into_listener().map_err(cannot)?;
        let setup = Setup {
            limits: self.limits.clone(),
            unsent: self.unsent.clone(),
            seat,
            tls: self.tls.clone().map(|tls| (tls, port.offer())),
            guard: guard(self, port, address),
            on_notice: Some(Box::new(move |notice| say(port, notice))),
        };
        let server = Server::with(setup, service);
        self.counters.readers.lock().push((port, self.core, server.stats_reader()));
        server.start(listener);
        Ok(server)
    }
}
