//! SIGHUP: read your files again.
//!
//! The handler only writes to an eventfd; a thread of its own waits there and does what was asked, so that files are never
//! read on a core. A signal that arrives while the work is done leads to one more round.

use std::{
    io,
    sync::atomic::{AtomicI32, Ordering},
};

/// The eventfd that the signal handler writes; -1 until the first installation. Never closed, so that a late
/// handler cannot write into somebody else's descriptor.
static HANGUP_EVENT: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(_signal: libc::c_int) {
    let one = 1u64.to_ne_bytes();
    // SAFETY: write is async-signal-safe and the descriptor, once set, is never closed. errno is kept for the
    // interrupted code.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        libc::write(HANGUP_EVENT.load(Ordering::SeqCst), one.as_ptr().cast(), one.len());
        *errno = saved;
    }
}

/// Runs `action` on a thread of its own for each SIGHUP from now on, instead of the end of the process; several in quick
/// succession may count as one. A second call moves the signal to its own action.
///
/// # Errors
/// When the kernel refuses a descriptor, a thread or the handler.
pub fn on_hangup(action: impl FnMut() + Send + 'static) -> io::Result<()> {
    // SAFETY: eventfd takes no pointers. Blocking on purpose: a thread waits on it.
    let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    if event < 0 {
        return Err(io::Error::last_os_error());
    }
    std::thread::Builder::new().name("hangups".to_owned()).spawn(move || act(event, action))?;
    HANGUP_EVENT.store(event, Ordering::SeqCst);
    // SAFETY: the action is fully initialized (zeroed is a valid empty mask) and the handler only calls
    // async-signal-safe functions.
    let result = unsafe {
        let mut handler: libc::sigaction = std::mem::zeroed();
        handler.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as usize;
        handler.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGHUP, &handler, std::ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn act(event: libc::c_int, mut action: impl FnMut()) {
    let mut count = [0u8; 8];
    loop {
        // SAFETY: the buffer is 8 valid bytes and the descriptor is never closed.
        let read = unsafe { libc::read(event, count.as_mut_ptr().cast(), count.len()) };
        if read == 8 {
            action();
        } else if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::on_hangup;
    use std::sync::mpsc;

    #[test]
    fn each_signal_leads_to_an_action_and_the_process_goes_on() {
        let (sender, receiver) = mpsc::channel();
        on_hangup(move || sender.send(()).expect("somebody waits")).expect("installed");
        for _ in 0..3 {
            // SAFETY: raise takes no pointers, and the handler is installed.
            assert_eq!(unsafe { libc::raise(libc::SIGHUP) }, 0);
            receiver.recv().expect("the action ran");
        }
    }
}
