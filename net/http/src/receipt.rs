//! What is given to one client and to nobody else, as jobs are: whether it arrived.
//!
//! The server cannot see whether its client read an answer. It sees whether the client's machine took it: a client that had gone before the
//! answer was written has its machine refuse it. Over HTTP/1.1 an answer's receipt is kept by its connection until the client asks again,
//! some time has passed, or the connection ends. What nobody can know counts as delivered: a client that ends a connection later may
//! have read what its machine did not acknowledge.
//!
//! Deliberately absent: the same for HTTP/2. Its clients say that they give up, and [`Connection::settle`] hears them.

use std::{cell::Cell, fmt, rc::Rc, time::Duration};

use ringbolt_ring::{
    net::{KeptSocket, Sent, SocketView, Written},
    sleep, spawn,
};

use crate::conn::Connection;

/// The first pause between two looks at a socket whose connection ended with an answer under way; it doubles each time, ...
const PAUSE_MIN: Duration = Duration::from_millis(1);
/// ... up to this: about a second together.
const PAUSE_MAX: Duration = Duration::from_millis(512);
/// Sockets of a server that are looked at like that at a time.
const LOOKS_MAX: usize = 64;

/// Hears what becomes of an answer. Dropping it says that it did not arrive.
pub trait Receipt {
    /// The answer arrived, or nobody knows that it did not.
    fn delivered(self: Box<Self>);
}

impl fmt::Debug for dyn Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a receipt")
    }
}

/// The receipt of the last answer over HTTP/1.1.
pub(crate) struct Kept {
    pub(crate) receipt: Box<dyn Receipt>,
    /// When all of the answer was in the socket.
    pub(crate) flushed: Option<Flushed>,
}

/// An answer that is in the socket.
#[derive(Clone, Copy)]
pub(crate) struct Flushed {
    /// Since this tick.
    pub(crate) tick: u64,
    /// How far the connection was then, if the kernel says.
    pub(crate) written: Option<Written>,
}

/// A connection of HTTP/1.1 has ended; its socket is still open.
pub(crate) fn conclude(connection: &Connection, socket: SocketView) {
    // An answer that never was in the socket did not arrive: its receipt is dropped.
    let Some(Kept { receipt, flushed: Some(Flushed { written, .. }) }) = connection.take_receipt() else {
        return;
    };
    let Some(written) = written else { return receipt.delivered() };
    match socket.sent(written) {
        Sent::Arrived => receipt.delivered(),
        Sent::Lost => {}
        Sent::Unknown => match Look::begin(connection, socket, written) {
            Some(look) => drop(spawn(look.until_known(receipt))),
            None => receipt.delivered(),
        },
    }
}

/// A look at a socket whose connection ended.
struct Look {
    socket: KeptSocket,
    written: Written,
    /// How many there are on this server.
    count: Rc<Cell<usize>>,
}

impl Look {
    /// None when there are too many already, or no descriptors.
    fn begin(connection: &Connection, socket: SocketView, written: Written) -> Option<Look> {
        let count = connection.looks();
        if count.get() >= LOOKS_MAX {
            return None;
        }
        let socket = socket.keep().ok()?;
        count.set(count.get() + 1);
        Some(Look { socket, written, count })
    }

    async fn until_known(self, receipt: Box<dyn Receipt>) {
        let mut pause = PAUSE_MIN;
        while pause <= PAUSE_MAX {
            sleep(pause).await;
            match self.socket.sent(self.written) {
                Sent::Arrived => break,
                Sent::Lost => return,
                Sent::Unknown => pause *= 2,
            }
        }
        receipt.delivered();
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.count.set(self.count.get() - 1);
    }
}
