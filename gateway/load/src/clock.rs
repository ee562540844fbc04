//! Waiting for a moment to within tens of microseconds.
//!
//! The executor's timers tick in milliseconds, which is as long as what is to be measured. A thread sleeps until the
//! earliest moment anybody waits for and rings this core's mailbox; only that one moment crosses threads, the rest is a heap
//! on this core. The thread inherits the CPU the core is pinned to.

use parking_lot::{Condvar, Mutex};
use ringbolt_ring::mailbox;
use ringbolt_ring::time::now;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq)]
enum Wish {
    Nothing,
    Wake(Instant),
    Stop,
}

struct Shared {
    wish: Mutex<Wish>,
    changed: Condvar,
}

/// One waiting task; ordered so that the earliest is the heap's greatest.
struct Waiting {
    at: Instant,
    waker: Waker,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

/// The precise clock of one core.
pub(crate) struct Clock {
    waiting: RefCell<BinaryHeap<Waiting>>,
    /// The moment the thread sleeps until.
    armed: Cell<Option<Instant>>,
    shared: Arc<Shared>,
}

impl Clock {
    /// Starts its thread and its task on this core.
    pub(crate) fn start() -> std::io::Result<Rc<Self>> {
        let shared = Arc::new(Shared { wish: Mutex::new(Wish::Nothing), changed: Condvar::new() });
        let (bell, mut rings) = mailbox::channel::<()>(1);
        let sleeper = shared.clone();
        thread::Builder::new().name("load-clock".to_owned()).spawn(move || sleep_for(&sleeper, &bell))?;
        let clock = Rc::new(Self { waiting: RefCell::default(), armed: Cell::new(None), shared });
        let weak = Rc::downgrade(&clock);
        ringbolt_ring::spawn(async move {
            while rings.recv().await.is_some() {
                let Some(clock) = weak.upgrade() else { return };
                clock.wake_due(now());
            }
        });
        Ok(clock)
    }

    /// Completes at `at`, at once if that is past.
    pub(crate) fn until(self: &Rc<Self>, at: Instant) -> Until {
        Until { clock: self.clone(), at, waker: None }
    }

    fn wake_due(&self, now: Instant) {
        self.armed.set(None);
        loop {
            let mut waiting = self.waiting.borrow_mut();
            match waiting.peek() {
                None => return,
                Some(next) if next.at > now => {
                    let at = next.at;
                    drop(waiting);
                    self.arm(at);
                    return;
                }
                Some(_) => {
                    let due = waiting.pop();
                    drop(waiting);
                    due.into_iter().for_each(|due| due.waker.wake());
                }
            }
        }
    }

    fn arm(&self, at: Instant) {
        if self.armed.get().is_some_and(|armed| armed <= at) {
            return;
        }
        self.armed.set(Some(at));
        *self.shared.wish.lock() = Wish::Wake(at);
        self.shared.changed.notify_one();
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        *self.shared.wish.lock() = Wish::Stop;
        self.shared.changed.notify_one();
    }
}

fn sleep_for(shared: &Shared, bell: &mailbox::Sender<()>) {
    let mut wish = shared.wish.lock();
    loop {
        match *wish {
            Wish::Stop => return,
            Wish::Nothing => shared.changed.wait(&mut wish),
            Wish::Wake(at) if now() < at => {
                shared.changed.wait_until(&mut wish, at);
            }
            Wish::Wake(_) => {
                *wish = Wish::Nothing;
                // Full means that the core has not looked yet and will see every moment that is due by then.
                let _ = bell.try_send(());
            }
        }
    }
}

/// Made by [`Clock::until`].
pub(crate) struct Until {
    clock: Rc<Clock>,
    at: Instant,
    waker: Option<Waker>,
}

impl Future for Until {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if now() >= self.at {
            return Poll::Ready(());
        }
        if self.waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
            let waker = cx.waker().clone();
            self.waker = Some(waker.clone());
            self.clock.waiting.borrow_mut().push(Waiting { at: self.at, waker });
            self.clock.arm(self.at);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Until};
    use parking_lot::Mutex;
    use ringbolt_ring::DriverChoice;
    use ringbolt_ring::time::now;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Wake, Waker};
    use std::time::Duration;

    struct Named(u64, Arc<Mutex<Vec<u64>>>);

    impl Wake for Named {
        fn wake(self: Arc<Self>) {
            self.1.lock().push(self.0);
        }
    }

    #[test]
    fn the_earlier_moment_wakes_first_and_none_too_early() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let far = now() + Duration::from_secs(3600);
        let at = |second: u64| far + Duration::from_secs(second);
        ringbolt_ring::block_on(DriverChoice::Auto, async {
            let clock = Clock::start().expect("a thread");
            for second in [3, 1, 2, 0] {
                let waker = Waker::from(Arc::new(Named(second, order.clone())));
                let until: Until = clock.until(at(second));
                assert!(pin!(until).poll(&mut Context::from_waker(&waker)).is_pending());
            }
            assert_eq!(clock.armed.get(), Some(at(0)));
            clock.wake_due(at(2));
            assert_eq!(clock.armed.get(), Some(at(3)));
        })
        .expect("an executor");
        assert_eq!(*order.lock(), [0, 1, 2]);
    }

    #[test]
    fn a_moment_comes() {
        let at = now() + Duration::from_millis(2);
        let woken = ringbolt_ring::block_on(DriverChoice::Auto, async {
            Clock::start().expect("a thread").until(at).await;
            now()
        });
        assert!(woken.expect("an executor") >= at);
    }
}
