//! Local tasks. They run on the core that spawned them and may hold `Rc` state.
//!
//! Tasks are cooperative and are not preempted: a task that computes for long calls [`yield_now`]. When a core's main
//! future ends, its other tasks are not run any more.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use crate::core_local;

/// The result of a spawned task, when it is wanted. Dropping it lets the task run on alone.
pub struct JoinHandle<T>(monoio::task::JoinHandle<T>);

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Starts `future` on this core. A panic in it ends the core.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    JoinHandle(monoio::spawn(Tracked::new(future)))
}

/// Stands aside when the driver must have its turn; around every task.
pub(crate) struct Tracked<F> {
    future: F,
    local: Option<Rc<core_local::Local>>,
}

impl<F> Tracked<F> {
    pub(crate) fn new(future: F) -> Tracked<F> {
        Tracked { future, local: core_local::with(Rc::clone) }
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is pinned with its wrapper and never moved out; `local` is only looked at.
        let (future, local) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), &this.local)
        };
        if let Some(local) = local
            && !local.may_poll(cx.waker())
        {
            return Poll::Pending;
        }
        future.poll(cx)
    }
}

/// Lets every task of the core that can run go first.
pub async fn yield_now() {
    let local = core_local::expect_local();
    let mut yielded_at = None;
    poll_fn(|cx| match yielded_at {
        // Another wake-up may come first; the turn of the others is over only when the relay says so.
        Some(at) if local.relayed() != at => Poll::Ready(()),
        Some(_) => Poll::Pending,
        None => {
            yielded_at = Some(local.relayed());
            local.yield_later(cx.waker().clone());
            Poll::Pending
        }
    })
    .await;
}

/// Makes a future that wakes itself (as hyper's connections do to stay fair) yield to the core's other tasks then. Without it the
/// executor would poll it again at once: one busy connection could keep a core to itself.
pub fn fair<F: Future>(future: F) -> Fair<F> {
    Fair { future, state: None }
}

/// Made by [`fair`].
pub struct Fair<F> {
    future: F,
    state: Option<(Arc<FairState>, Waker)>,
}

struct FairState {
    /// The task around the [`Fair`]; it does not change during a task's life.
    task: Waker,
    polling: AtomicBool,
    woken: AtomicBool,
}

impl Wake for FairState {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Sequentially consistent like the other side in `poll`: either that sees `woken`, or this sees that polling ended.
        self.woken.store(true, Ordering::SeqCst);
        if !self.polling.load(Ordering::SeqCst) && self.woken.swap(false, Ordering::SeqCst) {
            self.task.wake_by_ref();
        }
    }
}

impl<F: Future> Future for Fair<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is pinned with its wrapper and never moved out; `state` is not pinned by anybody.
        let (future, slot) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), &mut this.state)
        };
        if slot.as_ref().is_none_or(|(state, _)| !state.task.will_wake(cx.waker())) {
            let state = Arc::new(FairState {
                task: cx.waker().clone(),
                polling: AtomicBool::new(false),
                woken: AtomicBool::new(false),
            });
            *slot = Some((state.clone(), Waker::from(state)));
        }
        let (state, waker) = slot.as_ref().expect("just made");
        state.polling.store(true, Ordering::SeqCst);
        let polled = future.poll(&mut Context::from_waker(waker));
        state.polling.store(false, Ordering::SeqCst);
        if state.woken.swap(false, Ordering::SeqCst) && polled.is_pending() {
            core_local::expect_local().yield_later(state.task.clone());
        }
        polled
    }
}
