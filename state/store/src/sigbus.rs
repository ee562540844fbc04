//! Turns SIGBUS, which the kernel sends when a mapped page cannot be read, into a message and an exit.
//!
//! Invariant: the handler does only what is async-signal-safe: format into a stack buffer, `write`, `_exit`.
//! It deliberately recovers nothing: a page that cannot be read means state that cannot be trusted.

use std::io;

/// The exit status after an unreadable mapped page (EX_IOERR of `sysexits.h`).
const EXIT_STATUS: libc::c_int = 74;

const MESSAGE: &[u8] = b"ringbolt: fatal: SIGBUS: a memory-mapped page of the state could not be read \
(disk error, or the file was cut) at address 0x";
const HEX_DIGITS: usize = 16;

/// Installs the handler for the whole process. Call it once at start, before a store is opened.
///
/// # Errors
/// If the kernel refuses the handler.
#[allow(unsafe_code)]
pub fn install_sigbus_handler() -> io::Result<()> {
    // SAFETY: an all-zero `sigaction` is valid; the fields that matter are set below.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_sigbus as *const () as libc::sighandler_t;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: `action` is initialized, and its handler has the signature that SA_SIGINFO asks for.
    let status = unsafe { libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[allow(unsafe_code)]
extern "C" fn on_sigbus(_signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    let mut text = [0; MESSAGE.len() + HEX_DIGITS + 1];
    text[..MESSAGE.len()].copy_from_slice(MESSAGE);
    // SAFETY: the kernel passes a valid `siginfo_t` to a SA_SIGINFO handler, and SIGBUS fills in the address.
    let address = unsafe { (*info).si_addr() } as u64;
    for (index, digit) in text[MESSAGE.len()..][..HEX_DIGITS].iter_mut().enumerate() {
        let nibble = (address >> (4 * (HEX_DIGITS - 1 - index))) & 0xf;
        *digit = b"0123456789abcdef"[nibble as usize];
    }
    text[MESSAGE.len() + HEX_DIGITS] = b'\n';
    // SAFETY: `write` and `_exit` are async-signal-safe, and `text` is initialized. A short write loses only text.
    unsafe {
        libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len());
        libc::_exit(EXIT_STATUS);
    }
}
