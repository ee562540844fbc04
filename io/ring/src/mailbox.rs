//! The bounded way from any thread into a core: many senders, one receiver.
//!
//! A message is one slot in a lock-free ring, and one doorbell when the receiver may sleep. Messages of one sender arrive in
//! order. A full mailbox refuses: the sender still holds its message and pushes back. The receiver is bound to the
//! core that first polls it and stays there.

use std::{
    fmt,
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering, fence},
    },
    task::{Context, Poll},
};

use crossbeam_queue::ArrayQueue;

use crate::{
    core_local::{self, Watched},
    doorbell::Doorbell,
    shutdown::WatchGuard,
};

struct Shared<T> {
    queue: ArrayQueue<T>,
    doorbell: OnceLock<Arc<Doorbell>>,
    senders: AtomicUsize,
    receiver_gone: AtomicBool,
}

impl<T: Send> Watched for Shared<T> {
    fn is_ready(&self) -> bool {
        !self.queue.is_empty() || self.senders.load(Ordering::SeqCst) == 0
    }
}

/// The sending side; cloneable, usable from any thread.
pub struct Sender<T: Send + 'static> {
    shared: Arc<Shared<T>>,
}

/// The receiving side; may be moved to its core before it is first polled, not after.
pub struct Receiver<T: Send + 'static> {
    shared: Arc<Shared<T>>,
    watch: Option<WatchGuard>,
}

/// Why a message was not taken; it comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendError<T> {
    /// `capacity` messages wait already.
    Full(T),
    /// The receiver is gone.
    Closed(T),
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Full(_) => "Full",
            SendError::Closed(_) => "Closed",
        })
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Full(_) => "the mailbox is full",
            SendError::Closed(_) => "the mailbox is closed",
        })
    }
}

impl<T> std::error::Error for SendError<T> {}

/// A mailbox for at most `capacity` messages (at least 1).
pub fn channel<T: Send + 'static>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        queue: ArrayQueue::new(capacity),
        doorbell: OnceLock::new(),
        senders: AtomicUsize::new(1),
        receiver_gone: AtomicBool::new(false),
    });
    (Sender { shared: shared.clone() }, Receiver { shared, watch: None })
}

impl<T: Send + 'static> Sender<T> {
    /// Puts `message` into the mailbox, or gives it back.
    pub fn try_send(&self, message: T) -> Result<(), SendError<T>> {
        if self.shared.receiver_gone.load(Ordering::Acquire) {
            return Err(SendError::Closed(message));
        }
        self.shared.queue.push(message).map_err(SendError::Full)?;
        self.notify();
        Ok(())
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.shared.queue.len()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.shared.queue.is_empty()
    }

    fn notify(&self) {
        // Pairs with the fence in `bind`: an unbound receiver looks at the queue after it became visible here.
        fence(Ordering::SeqCst);
        let doorbell = self.shared.doorbell.get();
        let sent_to_own_core = core_local::with(|local| {
            let own = doorbell.is_some_and(|doorbell| Arc::ptr_eq(local.doorbell(), doorbell));
            if own {
                local.wake_ready();
            } else {
                local.count_sent();
            }
            own
        });
        if let Some(doorbell) = doorbell
            && sent_to_own_core != Some(true)
        {
            doorbell.ring();
        }
    }
}

impl<T: Send + 'static> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender { shared: self.shared.clone() }
    }
}

impl<T: Send + 'static> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.shared.senders.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some(doorbell) = self.shared.doorbell.get()
        {
            doorbell.ring();
        }
    }
}

impl<T: Send + 'static> Receiver<T> {
    /// The next message; `None` when every sender is gone and the mailbox is empty.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next message, if one waits. It does not register for a wake-up.
    pub fn try_recv(&mut self) -> Option<T> {
        let message = self.shared.queue.pop()?;
        core_local::with(|local| local.count_received());
        Some(message)
    }

    /// As [`Receiver::recv`], for hand-written futures.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(message) = self.try_recv() {
            return Poll::Ready(Some(message));
        }
        let local = core_local::expect_local();
        let newly_bound = self.watch.is_none();
        if newly_bound {
            let bound = self.shared.doorbell.set(local.doorbell().clone());
            assert!(bound.is_ok(), "a mailbox receiver was polled on two cores");
            self.watch = Some(WatchGuard { id: local.watch(self.shared.clone()) });
            fence(Ordering::SeqCst);
        }
        let watch = self.watch.as_ref().expect("just bound");
        local.set_watch_waker(watch.id, cx.waker());
        // A message may have come before the senders knew which doorbell to ring; the last sender may be gone. From here on the
        // doorbell task sees to it.
        if let Some(message) = self.try_recv() {
            return Poll::Ready(Some(message));
        }
        if self.shared.senders.load(Ordering::SeqCst) == 0 {
            return Poll::Ready(self.try_recv());
        }
        Poll::Pending
    }
}

impl<T: Send + 'static> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.receiver_gone.store(true, Ordering::Release);
        // What came too late is dropped here rather than with the last sender.
        while self.shared.queue.pop().is_some() {}
    }
}
