//! Messages from one CPU to another: a queue behind a lock with a condition variable, and the mailbox of `io/ring`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use ringbolt_ring::mailbox::{self, Receiver, SendError, Sender};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{Cores, CoresConfig, yield_now};

use crate::lock::pin;

const ROUND_TRIPS: u64 = 300;
const MESSAGES: u64 = 20_000;
/// Messages that may wait, as in the broker's mailboxes.
const CAPACITY: usize = 1024;

/// A queue of numbers between threads that waits when it is empty and when it is full.
pub(crate) trait Hop: Default + Send + Sync + 'static {
    /// Puts a number at the end, waiting while the queue is full.
    fn put(&self, number: u64);
    /// Takes the first number, waiting for one.
    fn take(&self) -> u64;
}

/// parking_lot's mutex and condition variables around `Q`.
#[derive(Default)]
pub(crate) struct ParkingQueue<Q> {
    queue: parking_lot::Mutex<Q>,
    filled: parking_lot::Condvar,
    emptied: parking_lot::Condvar,
}

impl Hop for ParkingQueue<VecDeque<u64>> {
    fn put(&self, number: u64) {
        let mut queue = self.queue.lock();
        while queue.len() >= CAPACITY {
            self.emptied.wait(&mut queue);
        }
        queue.push_back(number);
        drop(queue);
        self.filled.notify_one();
    }

    fn take(&self) -> u64 {
        let mut queue = self.queue.lock();
        let number = loop {
            match queue.pop_front() {
                Some(number) => break number,
                None => self.filled.wait(&mut queue),
            }
        };
        drop(queue);
        self.emptied.notify_one();
        number
    }
}

/// The standard library's mutex and condition variables around `Q`.
#[derive(Default)]
pub(crate) struct StdQueue<Q> {
    queue: Mutex<Q>,
    filled: std::sync::Condvar,
    emptied: std::sync::Condvar,
}

impl Hop for StdQueue<VecDeque<u64>> {
    fn put(&self, number: u64) {
        let queue = self.queue.lock().expect("not poisoned");
        let mut queue =
            self.emptied.wait_while(queue, |queue| queue.len() >= CAPACITY).expect("not poisoned");
        queue.push_back(number);
        drop(queue);
        self.filled.notify_one();
    }

    fn take(&self) -> u64 {
        let queue = self.queue.lock().expect("not poisoned");
        let mut queue = self.filled.wait_while(queue, |queue| queue.is_empty()).expect("not poisoned");
        let number = queue.pop_front().expect("waited for one");
        drop(queue);
        self.emptied.notify_one();
        number
    }
}

/// Nanoseconds from putting a message to taking its answer, one at a time.
pub(crate) fn round_trip<H: Hop>(cpus: [usize; 2]) -> f64 {
    let (there, back) = (Arc::new(H::default()), Arc::new(H::default()));
    let (inbox, outbox) = (there.clone(), back.clone());
    let other = thread::spawn(move || {
        pin(cpus[1]);
        (0..ROUND_TRIPS).for_each(|_| outbox.put(inbox.take()));
    });
    let this = thread::spawn(move || {
        pin(cpus[0]);
        let start = Instant::now();
        for number in 0..ROUND_TRIPS {
            there.put(number);
            assert_eq!(back.take(), number);
        }
        start.elapsed()
    });
    let elapsed = this.join().expect("no panic");
    other.join().expect("no panic");
    elapsed.as_nanos() as f64 / ROUND_TRIPS as f64
}

/// Nanoseconds per message when one side sends as fast as the other takes.
pub(crate) fn stream<H: Hop>(cpus: [usize; 2]) -> f64 {
    let queue = Arc::new(H::default());
    let inbox = queue.clone();
    let start = Instant::now();
    let other = thread::spawn(move || {
        pin(cpus[1]);
        (0..MESSAGES).for_each(|number| assert_eq!(inbox.take(), number));
    });
    let this = thread::spawn(move || {
        pin(cpus[0]);
        (0..MESSAGES).for_each(|number| queue.put(number));
    });
    this.join().expect("no panic");
    other.join().expect("no panic");
    start.elapsed().as_nanos() as f64 / MESSAGES as f64
}

/// One core's ends of the mailboxes, to be fetched by the core that they belong to.
type Ends = Arc<Mutex<Option<(Sender<u64>, Receiver<u64>)>>>;

async fn put(sender: &Sender<u64>, number: u64) {
    while let Err(SendError::Full(_)) = sender.try_send(number) {
        yield_now().await;
    }
}

async fn answer_all(sender: Sender<u64>, mut receiver: Receiver<u64>) {
    while let Some(number) = receiver.recv().await {
        put(&sender, number).await;
    }
}

async fn ask(sender: Sender<u64>, mut receiver: Receiver<u64>) {
    for number in 0..ROUND_TRIPS {
        put(&sender, number).await;
        assert_eq!(receiver.recv().await, Some(number));
    }
}

async fn send_all(sender: Sender<u64>, mut receiver: Receiver<u64>) {
    for number in 0..MESSAGES {
        put(&sender, number).await;
    }
    drop(sender);
    assert_eq!(receiver.recv().await, None, "the other side ends when it has everything");
}

async fn take_all(sender: Sender<u64>, mut receiver: Receiver<u64>) {
    for number in 0..MESSAGES {
        assert_eq!(receiver.recv().await, Some(number));
    }
    drop(sender);
}

/// Which conversation two cores have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Talk {
    RoundTrips,
    OneWay,
}

/// Seconds that two cores need for a conversation, their start and end included.
fn between_cores(cpus: [usize; 2], talk: Talk) -> f64 {
    let (to_other, from_this) = mailbox::channel(CAPACITY);
    let (to_this, from_other) = mailbox::channel(CAPACITY);
    let ends: [Ends; 2] =
        [(to_other, from_other), (to_this, from_this)].map(|ends| Arc::new(Mutex::new(Some(ends))));
    let time = Arc::new(Mutex::new(0.0));
    let taken = time.clone();
    let cores = Cores::<String>::start(&CoresConfig::pinned(cpus), move |core| {
        let ends = ends[core.index].lock().expect("not poisoned").take();
        let time = time.clone();
        async move {
            let (sender, receiver) = ends.ok_or("fetched twice")?;
            let start = Instant::now();
            match (talk, core.index) {
                (Talk::RoundTrips, 0) => ask(sender, receiver).await,
                (Talk::RoundTrips, _) => answer_all(sender, receiver).await,
                (Talk::OneWay, 0) => send_all(sender, receiver).await,
                (Talk::OneWay, _) => take_all(sender, receiver).await,
            }
            if core.index == 0 {
                *time.lock().expect("not poisoned") = start.elapsed().as_secs_f64();
            }
            Ok(())
        }
    });
    cores.expect("two cores").join().expect("no failure");
    *taken.lock().expect("not poisoned")
}

/// Nanoseconds from sending a message to another core to its answer, one at a time.
pub(crate) fn mailbox_round_trip(cpus: [usize; 2]) -> f64 {
    between_cores(cpus, Talk::RoundTrips) * 1e9 / ROUND_TRIPS as f64
}

/// Nanoseconds per message when one core sends as fast as the other takes.
pub(crate) fn mailbox_stream(cpus: [usize; 2]) -> f64 {
    between_cores(cpus, Talk::OneWay) * 1e9 / MESSAGES as f64
}

/// Nanoseconds from handing a closure to a side thread to its result, one at a time. The side thread may run anywhere.
pub(crate) fn side_round_trip(cpu: usize) -> f64 {
    let time = Arc::new(Mutex::new(0.0));
    let taken = time.clone();
    let cores = Cores::<String>::start(&CoresConfig::pinned([cpu]), move |_| {
        let time = time.clone();
        async move {
            let side =
                Side::start(SideConfig { threads: 1, ..SideConfig::default() }).map_err(|e| e.to_string())?;
            let start = Instant::now();
            for number in 0..ROUND_TRIPS {
                let task = side.run(move || number).map_err(|full| full.to_string())?;
                assert_eq!(task.await, Ok(number));
            }
            *time.lock().expect("not poisoned") = start.elapsed().as_secs_f64();
            Ok(())
        }
    });
    cores.expect("a core").join().expect("no failure");
    *taken.lock().expect("not poisoned") * 1e9 / ROUND_TRIPS as f64
}
