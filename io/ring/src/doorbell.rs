//! The one way to wake a core from another thread.
//!
//! A doorbell is an eventfd and an `armed` flag. The core arms it, looks at everything that could have work (its mailboxes,
//! finished side tasks, the shutdown flag), and then sleeps on the eventfd. A producer publishes its work and rings: it writes the
//! eventfd only if it is the one that disarms the flag, so a burst costs one system call.
//!
//! No wake-up is lost: both sides put a sequentially consistent fence between their write (the work; the flag) and
//! their read (the flag; the work). In the one total order of those fences, either the core's comes first and the
//! producer sees the armed flag, or the producer's comes first and the core sees the work.

use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    sync::atomic::{AtomicBool, AtomicU64, Ordering, fence},
};

use parking_lot::Mutex;

pub(crate) struct Doorbell {
    event: OwnedFd,
    armed: AtomicBool,
    /// Wake-ups by number (see `core_local`): finished side tasks. Bounded by the side pools' queues.
    finished: Mutex<Vec<u64>>,
    /// Times a producer had to write the eventfd.
    rung: AtomicU64,
}

impl Doorbell {
    pub(crate) fn new() -> io::Result<Doorbell> {
        // SAFETY: eventfd takes no pointers; the result is checked before it is owned.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just returned by eventfd and nobody else owns it.
        let event = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Doorbell {
            event,
            armed: AtomicBool::new(false),
            finished: Mutex::new(Vec::new()),
            rung: AtomicU64::new(0),
        })
    }

    /// A second handle on the eventfd, to be registered with the core's driver.
    pub(crate) fn event(&self) -> io::Result<OwnedFd> {
        self.event.try_clone()
    }

    /// Called by any thread after its work is visible.
    pub(crate) fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.armed.load(Ordering::Relaxed) && self.armed.swap(false, Ordering::SeqCst) {
            self.rung.fetch_add(1, Ordering::Relaxed);
            let one = 1u64.to_ne_bytes();
            // SAFETY: the buffer is 8 valid bytes and the descriptor lives as long as `self`. The write cannot block: the counter
            // would have to reach 2^64 - 2, and it is written once per arming.
            let written = unsafe { libc::write(self.event.as_raw_fd(), one.as_ptr().cast(), one.len()) };
            assert_eq!(written, 8, "eventfd write failed: {}", io::Error::last_os_error());
        }
    }

    /// Called by the core before it looks for work a last time.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Called by the core when the eventfd became readable.
    pub(crate) fn clear(&self) {
        let mut count = [0u8; 8];
        // SAFETY: the buffer is 8 valid bytes; the descriptor is non-blocking, so a spurious call returns EAGAIN.
        unsafe { libc::read(self.event.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }

    /// Wakes the waiter with this number on the core.
    pub(crate) fn finish(&self, number: u64) {
        self.finished.lock().push(number);
        self.ring();
    }

    pub(crate) fn take_finished(&self) -> Vec<u64> {
        std::mem::take(&mut *self.finished.lock())
    }

    pub(crate) fn rung(&self) -> u64 {
        self.rung.load(Ordering::Relaxed)
    }
}
