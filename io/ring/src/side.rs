//! Side threads: a bounded pool for slow work (password hashing, name resolution, file copies, secondary storage).
//!
//! The queue refuses when it is full; the caller pushes back. The threads run at a lower priority than the cores,
//! which they may share a CPU with. A panic in a closure is caught and reported to its caller.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    thread,
};

use parking_lot::{Condvar, Mutex};

use crate::core_local::{self, Local};
use crate::cores::panic_message;
use crate::doorbell::Doorbell;
use crate::turns;

/// Sizes of a pool.
#[derive(Clone, Copy, Debug)]
pub struct SideConfig {
    /// What the threads are called, at most 12 bytes; a number follows.
    pub name: &'static str,
    /// Threads, at least 1.
    pub threads: usize,
    /// Closures that may wait for a thread.
    pub queue_max: usize,
    /// The threads' nice value, 0 to 19: 19 yields to everything, 0 to nobody.
    pub nice: i32,
}

impl Default for SideConfig {
    fn default() -> SideConfig {
        SideConfig { name: "side", threads: 2, queue_max: 256, nice: 10 }
    }
}

/// The queue is full: try later, or refuse the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the side threads' queue is full")
    }
}

impl std::error::Error for Full {}

/// The closure panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked(pub String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a side task panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

type Job = Box<dyn FnOnce() + Send>;

struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    available: Condvar,
    queue_max: usize,
}

/// A pool of side threads; cloneable and shared by all cores. The threads end when the last handle is dropped and the
/// queue is empty.
#[derive(Clone)]
pub struct Side {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.lock().closed = true;
        self.shared.available.notify_all();
    }
}

impl Side {
    /// Starts the threads.
    pub fn start(config: SideConfig) -> io::Result<Side> {
        assert!(config.threads > 0, "a side pool needs a thread");
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { jobs: VecDeque::with_capacity(config.queue_max), closed: false }),
            available: Condvar::new(),
            queue_max: config.queue_max,
        });
        let side = Side { handle: Arc::new(Handle { shared: shared.clone() }) };
        for index in 0..config.threads {
            let shared = shared.clone();
            thread::Builder::new()
                .name(format!("{}-{index}", config.name))
                .spawn(move || work(&shared, config.nice))?;
        }
        Ok(side)
    }

    /// Runs `closure` on a side thread. Called on a core; the returned future belongs to it. Dropping the future does not stop the
    /// closure.
    pub fn run<T, C>(&self, closure: C) -> Result<SideTask<T>, Full>
    where
        T: Send + 'static,
        C: FnOnce() -> T + Send + 'static,
    {
        let local = core_local::expect_local();
        let shared = &self.handle.shared;
        let mut queue = shared.queue.lock();
        if queue.jobs.len() >= shared.queue_max {
            return Err(Full);
        }
        let (teller, task) = pair(&local);
        queue.jobs.push_back(Box::new(move || {
            let outcome = catch_unwind(AssertUnwindSafe(closure));
            teller.finish(outcome.map_err(|panic| Panicked(panic_message(&*panic))));
        }));
        drop(queue);
        shared.available.notify_one();
        Ok(task)
    }

    /// How many closures wait for a thread.
    pub fn queued(&self) -> usize {
        self.handle.shared.queue.lock().jobs.len()
    }
}

/// A value that some other thread tells this core once, and the future of it. Whoever hands many out bounds how many.
pub fn told<T: Send + 'static>() -> (Teller<T>, SideTask<T>) {
    pair(&core_local::expect_local())
}

fn pair<T>(local: &Local) -> (Teller<T>, SideTask<T>) {
    let (number, result) = (local.number(), Arc::new(Mutex::new(None)));
    let doorbell = local.doorbell().clone();
    (Teller { number, doorbell, result: result.clone() }, SideTask { number, result })
}

/// Tells a core something, once, from any thread. Dropping it without tells that nothing will come.
pub struct Teller<T> {
    number: u64,
    doorbell: Arc<Doorbell>,
    result: Arc<Mutex<Option<Result<T, Panicked>>>>,
}

impl<T> Teller<T> {
    /// Tells it.
    pub fn tell(self, value: T) {
        self.finish(Ok(value));
    }

    fn finish(self, outcome: Result<T, Panicked>) {
        *self.result.lock() = Some(outcome);
    }
}

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        self.result.lock().get_or_insert_with(|| Err(Panicked("nothing was told".into())));
        self.doorbell.finish(self.number);
    }
}

/// Makes the calling thread yield to the cores: its nice value becomes `nice`, 0 to 19, and it runs where [`crate::aside`] says, also when
/// it was started from a core. One that yields to nobody, 0, has a core's short turns.
pub fn lower_priority(nice: i32) {
    // SAFETY: setpriority takes no pointers; on Linux, process id 0 with PRIO_PROCESS means the calling thread. A refusal only
    // costs the lower priority.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) };
    if nice == 0 {
        turns::take_short_turns()
    } else {
        turns::take_usual_turns()
    }
    crate::aside::go();
}

fn work(shared: &Shared, nice: i32) {
    lower_priority(nice);
    let mut queue = shared.queue.lock();
    loop {
        match queue.jobs.pop_front() {
            Some(job) => {
                drop(queue);
                job();
                queue = shared.queue.lock();
            }
            None if queue.closed => return,
            None => shared.available.wait(&mut queue),
        }
    }
}

/// The result of a closure on a side thread.
pub struct SideTask<T> {
    number: u64,
    result: Arc<Mutex<Option<Result<T, Panicked>>>>,
}

impl<T> Future for SideTask<T> {
    type Output = Result<T, Panicked>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Register first: the number may be finished between the look and the registration.
        core_local::expect_local().set_number_waker(self.number, cx.waker());
        match self.result.lock().take() {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for SideTask<T> {
    fn drop(&mut self) {
        core_local::with(|local| local.drop_number(self.number));
    }
}
