//! The one shutdown signal of a process, seen by every core.
//!
//! Triggered by SIGTERM or SIGINT (if asked for), by a failing core, or by [`Shutdown::trigger`] from any thread. It
//! only ever goes from off to on. Each signal is caught once: the second SIGTERM or SIGINT has its default action, so
//! that an operator can always end a process that does not stop.

use std::{
    future::poll_fn,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    task::Poll,
};

use parking_lot::Mutex;

use crate::{
    core_local::{self, Watched},
    doorbell::Doorbell,
};

/// A cloneable handle on the shutdown signal.
#[derive(Clone)]
pub struct Shutdown {
    inner: Arc<Inner>,
}

struct Inner {
    triggered: AtomicBool,
    doorbells: Mutex<Vec<Arc<Doorbell>>>,
}

impl Watched for Inner {
    fn is_ready(&self) -> bool {
        self.triggered.load(Ordering::SeqCst)
    }
}

impl Shutdown {
    pub(crate) fn new(doorbells: Vec<Arc<Doorbell>>) -> Shutdown {
        Shutdown {
            inner: Arc::new(Inner { triggered: AtomicBool::new(false), doorbells: Mutex::new(doorbells) }),
        }
    }

    /// Tells every core to stop. Callable from any thread, more than once.
    pub fn trigger(&self) {
        self.inner.triggered.store(true, Ordering::SeqCst);
        for doorbell in self.inner.doorbells.lock().iter() {
            doorbell.ring();
        }
    }

    /// Whether the signal was given.
    pub fn is_triggered(&self) -> bool {
        self.inner.triggered.load(Ordering::SeqCst)
    }

    /// Completes when the signal was given. Each call costs the core a look per wake-up from another thread: wait once per
    /// core or component, not once per connection.
    pub async fn wait(&self) {
        if self.is_triggered() {
            return;
        }
        let local = core_local::expect_local();
        let watch = WatchGuard { id: local.watch(self.inner.clone()) };
        poll_fn(|cx| {
            if self.is_triggered() {
                return Poll::Ready(());
            }
            local.set_watch_waker(watch.id, cx.waker());
            Poll::Pending
        })
        .await;
    }
}

pub(crate) struct WatchGuard {
    pub(crate) id: u64,
}

impl Drop for WatchGuard {
    fn drop(&mut self) {
        // Outside the core (its thread is ending) the watch is gone already.
        core_local::with(|local| local.unwatch(self.id));
    }
}

/// The eventfd that the signal handler writes; -1 until the first installation. Never closed, so that a late
/// handler cannot write into somebody else's descriptor.
static SIGNAL_EVENT: AtomicI32 = AtomicI32::new(-1);

/// Whether a signal came, to whichever cores.
static SIGNALED: AtomicBool = AtomicBool::new(false);

/// Whether SIGTERM or SIGINT has come since cores first caught them. A process that starts cores again looks at it: a signal that came
/// between those of before and the new ones stopped none.
pub fn is_signaled() -> bool {
    SIGNALED.load(Ordering::SeqCst)
}

extern "C" fn on_signal(_signal: libc::c_int) {
    SIGNALED.store(true, Ordering::SeqCst);
    let one = 1u64.to_ne_bytes();
    // SAFETY: write is async-signal-safe and the descriptor, once set, is never closed. errno is kept for the
    // interrupted code.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        libc::write(SIGNAL_EVENT.load(Ordering::SeqCst), one.as_ptr().cast(), one.len());
        *errno = saved;
    }
}

/// Catches the first SIGTERM and the first SIGINT and turns them into `shutdown`. Meant for the one set of cores of a server process; a
/// second installation moves the signals to its own cores.
pub(crate) fn install_signals(shutdown: &Shutdown) -> io::Result<()> {
    // SAFETY: eventfd takes no pointers. Blocking on purpose: a thread waits on it.
    let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    if event < 0 {
        return Err(io::Error::last_os_error());
    }
    SIGNAL_EVENT.store(event, Ordering::SeqCst);
    let waiting = shutdown.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || wait_for_signal(event, &waiting))?;
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: the action is fully initialized (zeroed is a valid empty mask) and the handler only calls
        // async-signal-safe functions.
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as usize;
            action.sa_flags = libc::SA_RESTART | libc::SA_RESETHAND;
            libc::sigaction(signal, &action, std::ptr::null_mut())
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

fn wait_for_signal(event: libc::c_int, shutdown: &Shutdown) {
    let mut count = [0u8; 8];
    loop {
        // SAFETY: the buffer is 8 valid bytes and the descriptor is never closed.
        let read = unsafe { libc::read(event, count.as_mut_ptr().cast(), count.len()) };
        if read == 8 {
            shutdown.trigger();
            return;
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}
