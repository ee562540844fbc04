//! Locks around one number: alone, and wanted by two CPUs at the same time.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_setaffinity};

/// Ties the calling thread to a CPU.
///
/// # Panics
/// When there is no such CPU.
pub(crate) fn pin(cpu: usize) {
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set).expect("the CPU exists");
}

/// A number behind a lock.
pub(crate) trait Shared: Default + Send + Sync + 'static {
    /// Takes the lock, looks at or changes the number, and gives the lock back.
    fn touch(&self);
}

macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident($lock:ty) = |$this:ident| $touch:expr;)*) => {
        $($(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name($lock);

        impl Shared for $name {
            fn touch(&self) {
                let $this = &self.0;
                $touch;
            }
        })*
    };
}

shared! {
    /// parking_lot's mutex.
    ParkingMutex(parking_lot::Mutex<u64>) = |lock| *lock.lock() += 1;
    /// The standard library's mutex.
    StdMutex(std::sync::Mutex<u64>) = |lock| *lock.lock().expect("not poisoned") += 1;
    /// parking_lot's read-write lock, read.
    ParkingRead(parking_lot::RwLock<u64>) = |lock| black_box(*lock.read());
    /// The standard library's read-write lock, read.
    StdRead(std::sync::RwLock<u64>) = |lock| black_box(*lock.read().expect("not poisoned"));
    /// parking_lot's read-write lock, written.
    ParkingWrite(parking_lot::RwLock<u64>) = |lock| *lock.write() += 1;
    /// The standard library's read-write lock, written.
    StdWrite(std::sync::RwLock<u64>) = |lock| *lock.write().expect("not poisoned") += 1;
}

/// Touches of a round: alone short enough for an undisturbed one, in a fight long enough for the two to meet.
const ALONE: u32 = 20_000;
const FIGHT: u32 = 400_000;

fn touch_many<L: Shared>(lock: &L, touches: u32) {
    (0..touches).for_each(|_| black_box(lock).touch());
}

/// Nanoseconds per touch with nobody else about.
pub(crate) fn uncontended<L: Shared>() -> f64 {
    let lock = L::default();
    let start = Instant::now();
    touch_many(&lock, ALONE);
    start.elapsed().as_nanos() as f64 / f64::from(ALONE)
}

/// Nanoseconds until a thread has had its touch, while another CPU does the same.
pub(crate) fn contended<L: Shared>(cpus: [usize; 2]) -> f64 {
    let lock = Arc::new(L::default());
    let barrier = Arc::new(Barrier::new(2));
    let threads = cpus.map(|cpu| {
        let (lock, barrier) = (lock.clone(), barrier.clone());
        thread::spawn(move || {
            pin(cpu);
            barrier.wait();
            let start = Instant::now();
            touch_many(&*lock, FIGHT);
            start.elapsed()
        })
    });
    let times = threads.map(|thread| thread.join().expect("no panic"));
    (times[0] + times[1]).as_nanos() as f64 / 2.0 / f64::from(FIGHT)
}
