//! Primitives for tasks of one core. No atomics: they are `Rc` based and stay where they were made.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
    sender_gone: bool,
    receiver_gone: bool,
}

/// Gives one value to the [`OneshotReceiver`].
pub struct OneshotSender<T> {
    slot: Rc<RefCell<Slot<T>>>,
}

/// Completes with the value, or with [`Dropped`] when the sender is gone without one.
pub struct OneshotReceiver<T> {
    slot: Rc<RefCell<Slot<T>>>,
}

/// The sender was dropped without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sender was dropped without a value")
    }
}

impl std::error::Error for Dropped {}

/// One value, once, inside one core: one allocation.
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let slot =
        Rc::new(RefCell::new(Slot { value: None, waker: None, sender_gone: false, receiver_gone: false }));
    (OneshotSender { slot: slot.clone() }, OneshotReceiver { slot })
}

impl<T> OneshotSender<T> {
    /// Completes the receiver; gives the value back if it is gone.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut slot = self.slot.borrow_mut();
        if slot.receiver_gone {
            return Err(value);
        }
        slot.value = Some(value);
        Ok(())
    }

    /// Whether nobody waits for the value any more.
    pub fn is_closed(&self) -> bool {
        self.slot.borrow().receiver_gone
    }
}

impl<T> Drop for OneshotSender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut slot = self.slot.borrow_mut();
            slot.sender_gone = true;
            slot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for OneshotReceiver<T> {
    type Output = Result<T, Dropped>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = self.slot.borrow_mut();
        if let Some(value) = slot.value.take() {
            return Poll::Ready(Ok(value));
        }
        if slot.sender_gone {
            return Poll::Ready(Err(Dropped));
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => slot.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl<T> Drop for OneshotReceiver<T> {
    fn drop(&mut self) {
        let mut slot = self.slot.borrow_mut();
        slot.receiver_gone = true;
        slot.waker = None;
        let value = slot.value.take();
        drop(slot);
        drop(value);
    }
}

/// A level that tasks of one core wait for. `notify_one` without a waiter is remembered, once.
#[derive(Default)]
pub struct Notify {
    permit: Cell<bool>,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

struct Waiter {
    notified: Cell<bool>,
    waker: RefCell<Waker>,
}

impl Notify {
    /// Without a permit.
    pub fn new() -> Notify {
        Notify::default()
    }

    /// Wakes the oldest waiter, or lets the next one through at once.
    pub fn notify_one(&self) {
        let waiter = self.waiters.borrow_mut().pop_front();
        match waiter {
            Some(waiter) => waiter.wake(),
            None => self.permit.set(true),
        }
    }

    /// Wakes every present waiter and leaves no permit.
    pub fn notify_all(&self) {
        let waiters = std::mem::take(&mut *self.waiters.borrow_mut());
        for waiter in waiters {
            waiter.wake();
        }
    }

    /// Waits for a notification. Cancel-safe: a notification given to a dropped wait goes to the next waiter.
    pub async fn notified(&self) {
        let mut wait = Wait { notify: self, waiter: None };
        poll_fn(|cx| wait.poll(cx)).await;
    }
}

impl Waiter {
    fn wake(&self) {
        self.notified.set(true);
        self.waker.borrow().wake_by_ref();
    }
}

struct Wait<'a> {
    notify: &'a Notify,
    waiter: Option<Rc<Waiter>>,
}

impl Wait<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.waiter {
            None => {
                if self.notify.permit.replace(false) {
                    return Poll::Ready(());
                }
                let waiter =
                    Rc::new(Waiter { notified: Cell::new(false), waker: RefCell::new(cx.waker().clone()) });
                self.notify.waiters.borrow_mut().push_back(waiter.clone());
                self.waiter = Some(waiter);
                Poll::Pending
            }
            Some(waiter) if waiter.notified.get() => {
                self.waiter = None;
                Poll::Ready(())
            }
            Some(waiter) => {
                waiter.waker.borrow_mut().clone_from(cx.waker());
                Poll::Pending
            }
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let Some(waiter) = self.waiter.take() else { return };
        if waiter.notified.get() {
            self.notify.notify_one();
        } else {
            self.notify.waiters.borrow_mut().retain(|other| !Rc::ptr_eq(other, &waiter));
        }
    }
}
