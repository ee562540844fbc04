//! Spreading one port's connections over the cores.
//!
//! The kernel spreads new connections by a hash of their addresses, which is fair for thousands and arbitrary for five. So a core that
//! accepts while another one holds clearly fewer hands the raw socket over, before it is registered anywhere. The counts
//! are shared between cores but touched only when a connection opens or closes.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ringbolt_ring::{
    mailbox::{self, Receiver, Sender},
    net::Socket,
};

/// Sockets on their way to one core; when they are full, the accepting core keeps its own.
const HANDED_OVER_MAX: usize = 256;

/// A core may hold this fraction more than the least loaded one before it hands over: with many connections a perfect
/// balance is not worth the hops.
const SLACK_DIVISOR: usize = 16;

/// One count per core, each on its own cache line.
#[repr(align(64))]
#[derive(Default)]
struct Load(AtomicUsize);

/// How many connections of a port each core holds; a metric, and cloneable.
#[derive(Clone)]
pub struct Loads {
    loads: Arc<[Load]>,
}

impl Loads {
    /// Connections per core.
    pub fn per_core(&self) -> Vec<usize> {
        self.loads.iter().map(|load| load.0.load(Ordering::Relaxed)).collect()
    }

    /// The most loaded core's connections above the least loaded one's.
    pub fn imbalance(&self) -> usize {
        let loads = self.per_core();
        let most = loads.iter().copied().max().unwrap_or(0);
        most - loads.iter().copied().min().unwrap_or(0)
    }
}

/// One core's part in the balance of one port.
pub struct Seat {
    index: usize,
    loads: Loads,
    senders: Arc<[Sender<Socket>]>,
    receiver: Cell<Option<Receiver<Socket>>>,
}

/// One seat per core, for one port.
pub fn seats(cores: usize) -> Vec<Seat> {
    assert!(cores > 0, "connections are balanced over at least one core");
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..cores).map(|_| mailbox::channel(HANDED_OVER_MAX)).unzip();
    let senders: Arc<[Sender<Socket>]> = senders.into();
    let loads = Loads { loads: (0..cores).map(|_| Load::default()).collect() };
    receivers
        .into_iter()
        .enumerate()
        .map(|(index, receiver)| Seat {
            index,
            loads: loads.clone(),
            senders: senders.clone(),
            receiver: Cell::new(Some(receiver)),
        })
        .collect()
}

/// Where an accepted socket goes.
pub(crate) enum Placed {
    /// To this core, already counted.
    Here(Socket),
    /// To another one.
    HandedOver,
}

impl Seat {
    /// The counts of all cores.
    pub fn loads(&self) -> Loads {
        self.loads.clone()
    }

    pub(crate) fn take_receiver(&self) -> Option<Receiver<Socket>> {
        self.receiver.take()
    }

    pub(crate) fn place(&self, socket: Socket) -> Placed {
        let mine = self.load(self.index);
        let (least, target) = self.least_loaded();
        if mine <= least + mine / SLACK_DIVISOR {
            self.count_here();
            return Placed::Here(socket);
        }
        // Counted before it is sent, so that a burst of connections is not all sent to the same core.
        self.loads.loads[target].0.fetch_add(1, Ordering::Relaxed);
        match self.senders[target].try_send(socket) {
            Ok(()) => Placed::HandedOver,
            Err(mailbox::SendError::Full(socket) | mailbox::SendError::Closed(socket)) => {
                self.loads.loads[target].0.fetch_sub(1, Ordering::Relaxed);
                self.count_here();
                Placed::Here(socket)
            }
        }
    }

    fn count_here(&self) {
        self.loads.loads[self.index].0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_closed(&self) {
        self.loads.loads[self.index].0.fetch_sub(1, Ordering::Relaxed);
    }

    fn load(&self, core: usize) -> usize {
        self.loads.loads[core].0.load(Ordering::Relaxed)
    }

    fn least_loaded(&self) -> (usize, usize) {
        (0..self.senders.len()).map(|core| (self.load(core), core)).min().expect("at least one core")
    }
}
