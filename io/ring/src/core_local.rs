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
    pin::pin,
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
    /// Tasks that let others go first or wait for the driver's turn, and the relay task that wakes them again.
    yielded: RefCell<Vec<Waker>>,
    relay: RefCell<Option<Waker>>,
    /// How often the relay woke the yielded tasks.
    relayed: Cell<u64>,
    /// An eventfd: waiting for it when it was written takes one turn of the driver.
    turn_bell: Doorbell,
    turn_event: UnixStream,
    /// Polls of this core's tasks, to look at the clock only now and then.
    polls: Cell<u32>,
    last_turn: Cell<Instant>,
    /// The queue is being emptied for the driver's turn: no task is polled.
    is_draining: Cell<bool>,
}

/// Counters of one core since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreStats {
    /// Mailbox messages sent to another core, or to a receiver that no core had polled yet.
    pub handoffs_sent: u64,
    /// Mailbox messages taken out on this core, wherever they came from.
    pub handoffs_received: u64,
    /// Wake-ups from another thread that cost a system call.
    pub doorbells: u64,
}

thread_local! {
    static LOCAL: RefCell<Option<Rc<Local>>> = const { RefCell::new(None) };
}

/// How long tasks may keep the executor's queue from being empty.
///
/// The executor looks at its sockets and timers only when no task can run. Under load there is always one, and timers, new
/// requests and acknowledgements would wait for ever. So every few milliseconds the tasks stand aside once.
const TURN_AFTER: Duration = Duration::from_millis(2);
/// Polls between two looks at the clock; a power of two.
const POLLS_PER_LOOK: u32 = 64;

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
    let turn_bell = Doorbell::new()?;
    if driver == Driver::IoUring {
        // Left readable for ever: polling it anew completes at once, in the next turn.
        turn_bell.arm();
        turn_bell.ring();
    }
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
        turn_event: pollable(turn_bell.event()?)?,
        turn_bell,
        polls: Cell::new(0),
        last_turn: Cell::new(Instant::now()),
        is_draining: Cell::new(false),
    });
    let event = pollable(doorbell.event()?)?;
    LOCAL.with(|slot| *slot.borrow_mut() = Some(local.clone()));
    monoio::spawn(answer(local.clone(), event));
    monoio::spawn(relay(local));
    Ok(crate::task::Tracked::new(future).await)
}

/// Clears the thread's core when it is dropped. Held around the executor's run, not inside: when the main future has ended, the
/// executor still polls the tasks that were in its queue.
pub(crate) struct Leave;

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

/// The relay task: wakes the tasks that stood aside. The executor runs a task that wakes itself again before every other one; a
/// task that is woken by the relay goes to the end of the queue instead.
async fn relay(local: Rc<Local>) {
    loop {
        poll_fn(|cx| {
            if local.yielded.borrow().is_empty() {
                *local.relay.borrow_mut() = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        if local.is_turn_due() {
            local.is_draining.set(true);
            local.turn().await;
            local.is_draining.set(false);
            local.last_turn.set(Instant::now());
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

    fn is_turn_due(&self) -> bool {
        self.is_draining.get() || self.last_turn.get().elapsed() >= TURN_AFTER
    }

    /// Called before every poll of a task. `false`: the task stands aside and is woken after the driver's turn.
    pub(crate) fn may_poll(&self, waker: &Waker) -> bool {
        if !self.is_draining.get() {
            let polls = self.polls.get().wrapping_add(1);
            self.polls.set(polls);
            if !polls.is_multiple_of(POLLS_PER_LOOK) || !self.is_turn_due() {
                return true;
            }
            self.is_draining.set(true);
        }
        self.yield_later(waker.clone());
        false
    }

    async fn turn(&self) {
        let mut readable = pin!(self.turn_event.readable(false));
        // epoll reports changes only, so the bell is rung when somebody waits already, and cleared afterwards.
        let mut must_ring = self.driver == Driver::Epoll;
        poll_fn(|cx| {
            let polled = readable.as_mut().poll(cx);
            if polled.is_pending() && must_ring {
                must_ring = false;
                self.turn_bell.arm();
                self.turn_bell.ring();
            }
            // An error means that the driver is going away: then there is no turn to wait for.
            polled.map(drop)
        })
        .await;
        if self.driver == Driver::Epoll {
            self.turn_bell.clear();
        }
    }
}
