//! What belongs to one core: its number, its doorbell, and who on it waits for another thread.
//!
//! The doorbell task is the only reader of the doorbell. It wakes a *watch* (a mailbox receiver, the shutdown
//! signal: few, looked at on every ring) and a *number* (a side task: many, woken by number). Both live in thread-local
//! state, so wakers never cross threads.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::{Future, poll_fn},
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdUnixStream},
    rc::Rc,
    sync::Arc,
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use monoio::net::UnixStream;

use crate::{doorbell::Doorbell, driver::Driver};

/// Something another thread makes ready.
pub(crate) trait Watched: Send + Sync {
    fn is_ready(&self) -> bool;
}

struct Watch {
    id: u64,
    what: Arc<dyn Watched>,
    waker: Option<Waker>,
}

pub(crate) struct Local {
    index: usize,
    driver: Driver,
    doorbell: Arc<Doorbell>,
    next_id: Cell<u64>,
    watches: RefCell<Vec<Watch>>,
    numbered: RefCell<HashMap<u64, Option<Waker>>>,
    sent: Cell<u64>,
    received: Cell<u64>,
    /// Tasks that let others go first, and the relay task that wakes them again.
    yielded: RefCell<Vec<Waker>>,
    relay: RefCell<Option<Waker>>,
    /// How often the relay woke the yielded tasks.
    relayed: Cell<u64>,
    /// An eventfd that is always readable: waiting for it takes one turn of the driver.
    always_ready: UnixStream,
}

/// Counters of one core since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreStats {
    /// Mailbox messages sent to another core.
    pub handoffs_sent: u64,
    /// Mailbox messages taken out on this core that another thread had sent.
    pub handoffs_received: u64,
    /// Wake-ups from another thread that cost a system call.
    pub doorbells: u64,
}

thread_local! {
    static LOCAL: RefCell<Option<Rc<Local>>> = const { RefCell::new(None) };
}

/// How long tasks may yield in a loop before a yield takes a turn of the driver (timers, completions).
const TURN_AFTER: Duration = Duration::from_millis(2);

/// The number of the core this thread runs, from 0; `None` outside a core.
pub fn core_index() -> Option<usize> {
    with(|local| local.index)
}

/// This core's counters; `None` outside a core.
pub fn stats() -> Option<CoreStats> {
    with(|local| CoreStats {
        handoffs_sent: local.sent.get(),
        handoffs_received: local.received.get(),
        doorbells: local.doorbell.rung(),
    })
}

pub(crate) fn with<R>(f: impl FnOnce(&Rc<Local>) -> R) -> Option<R> {
    LOCAL.with(|slot| slot.borrow().as_ref().map(f))
}

/// The current core, for code that may only run on one.
pub(crate) fn expect_local() -> Rc<Local> {
    with(Rc::clone).expect("called outside a core: this future must be polled by a core's executor")
}

/// Runs `future` as the core's main future, with the doorbell answered beside it. Called on the executor.
pub(crate) async fn enter<F: Future>(
    index: usize,
    driver: Driver,
    doorbell: Arc<Doorbell>,
    future: F,
) -> io::Result<F::Output> {
    let ready = Doorbell::new()?;
    ready.arm();
    ready.ring();
    let local = Rc::new(Local {
        index,
        driver,
        doorbell: doorbell.clone(),
        next_id: Cell::new(1),
        watches: RefCell::new(Vec::new()),
        numbered: RefCell::new(HashMap::new()),
        sent: Cell::new(0),
        received: Cell::new(0),
        yielded: RefCell::new(Vec::new()),
        relay: RefCell::new(None),
        relayed: Cell::new(0),
        always_ready: pollable(ready.event()?)?,
    });
    let event = pollable(doorbell.event()?)?;
    LOCAL.with(|slot| *slot.borrow_mut() = Some(local.clone()));
    let _leave = Leave;
    monoio::spawn(answer(local.clone(), event));
    monoio::spawn(relay(local));
    Ok(future.await)
}

/// Clears the thread's core when the main future ends, also by a panic.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        LOCAL.with(|slot| slot.borrow_mut().take());
    }
}

/// The runtime waits for readiness only of its own socket types. An eventfd wrapped as one is never read or written
/// through it, only polled, which works on any descriptor that can be polled.
fn pollable(event: OwnedFd) -> io::Result<UnixStream> {
    UnixStream::from_std(StdUnixStream::from(event))
}

/// The doorbell task: arm, look, sleep.
async fn answer(local: Rc<Local>, event: UnixStream) {
    loop {
        local.doorbell.arm();
        local.wake_ready();
        if event.readable(false).await.is_err() {
            // Only a driver that is being torn down refuses to poll a valid descriptor.
            return;
        }
        local.doorbell.clear();
    }
}

/// The relay task: wakes the tasks that yielded. The executor runs a task that wakes itself again before every other one; a task
/// that is woken by the relay goes to the end of the queue instead. The executor also looks at timers only when
/// its queue is empty, so the relay lets it run empty every [`TURN_AFTER`].
async fn relay(local: Rc<Local>) {
    let mut last_turn = Instant::now();
    loop {
        poll_fn(|cx| {
            if local.yielded.borrow().is_empty() {
                *local.relay.borrow_mut() = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        if last_turn.elapsed() >= TURN_AFTER {
            local.turn().await;
            last_turn = Instant::now();
        }
        local.relayed.set(local.relayed.get() + 1);
        let yielded = std::mem::take(&mut *local.yielded.borrow_mut());
        for waker in yielded {
            waker.wake();
        }
    }
}

impl Local {
    pub(crate) fn doorbell(&self) -> &Arc<Doorbell> {
        &self.doorbell
    }

    /// Wakes every watch that became ready and every finished number. Also called directly by a sender on this core.
    pub(crate) fn wake_ready(&self) {
        for watch in self.watches.borrow_mut().iter_mut() {
            if watch.waker.is_some()
                && watch.what.is_ready()
                && let Some(waker) = watch.waker.take()
            {
                waker.wake();
            }
        }
        for number in self.doorbell.take_finished() {
            if let Some(waker) = self.numbered.borrow_mut().get_mut(&number).and_then(Option::take) {
                waker.wake();
            }
        }
    }

    fn next_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }

    pub(crate) fn watch(&self, what: Arc<dyn Watched>) -> u64 {
        let id = self.next_id();
        self.watches.borrow_mut().push(Watch { id, what, waker: None });
        id
    }

    pub(crate) fn set_watch_waker(&self, id: u64, waker: &Waker) {
        let mut watches = self.watches.borrow_mut();
        let watch = watches.iter_mut().find(|watch| watch.id == id).expect("a registered watch");
        match &mut watch.waker {
            Some(existing) => existing.clone_from(waker),
            None => watch.waker = Some(waker.clone()),
        }
    }

    pub(crate) fn unwatch(&self, id: u64) {
        self.watches.borrow_mut().retain(|watch| watch.id != id);
    }

    pub(crate) fn number(&self) -> u64 {
        let id = self.next_id();
        self.numbered.borrow_mut().insert(id, None);
        id
    }

    pub(crate) fn set_number_waker(&self, id: u64, waker: &Waker) {
        self.numbered.borrow_mut().insert(id, Some(waker.clone()));
    }

    pub(crate) fn drop_number(&self, id: u64) {
        self.numbered.borrow_mut().remove(&id);
    }

    pub(crate) fn count_sent(&self) {
        self.sent.set(self.sent.get() + 1);
    }

    pub(crate) fn count_received(&self) {
        self.received.set(self.received.get() + 1);
    }

    /// Wakes `waker` after every task that can run now had its turn.
    pub(crate) fn yield_later(&self, waker: Waker) {
        self.yielded.borrow_mut().push(waker);
        let relay = self.relay.borrow_mut().take();
        if let Some(relay) = relay {
            relay.wake();
        }
    }

    /// Changes between a [`Local::yield_later`] and its wake-up.
    pub(crate) fn relayed(&self) -> u64 {
        self.relayed.get()
    }

    async fn turn(&self) {
        match self.driver {
            // An error means that the driver is going away: then there is no turn to wait for.
            Driver::IoUring => drop(self.always_ready.readable(false).await),
            // On epoll a known-readable descriptor answers without a turn; the shortest timer does not.
            Driver::Epoll => monoio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}
