//! Turns SIGBUS, which the kernel sends when a mapped page cannot be read, into a line that names file and offset, a
//! marker beside the base, and an exit.
//!
//! Every base registers the range its file is mapped at. The handler looks the address up, so that the next start knows
//! which base to verify before it serves from it.
//!
//! Invariants: the handler does only what is async-signal-safe: it reads atomics, formats into stack buffers, calls
//! `open`, `write`, `fsync`, `_exit`. It deliberately recovers nothing: a page that cannot be read means state that
//! cannot be trusted.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// The exit status after an unreadable mapped page (EX_IOERR of `sysexits.h`).
const EXIT_STATUS: libc::c_int = 74;
/// Only the owner may read what a base's directory holds.
const MARKER_MODE: libc::c_uint = 0o600;
/// A message with a path of the longest kind, and what goes around it.
const MESSAGE_BYTES: usize = 4096 + 256;

/// Names that the handler needs ready, with their ends.
struct Names {
    file: CString,
    marker: CString,
    directory: CString,
}

/// A range of addresses where a file is mapped. Slots are never freed; a base that closes leaves its own empty.
struct Slot {
    start: AtomicUsize,
    /// 0: the slot is free.
    end: AtomicUsize,
    names: AtomicPtr<Names>,
    next: AtomicPtr<Slot>,
}

static SLOTS: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());

fn slots() -> impl Iterator<Item = &'static Slot> {
    #[allow(unsafe_code)]
    // SAFETY: slots come from `Box::leak`, are never freed, and are published with Release.
    let at = |pointer: &AtomicPtr<Slot>| unsafe { pointer.load(Ordering::Acquire).as_ref::<'static>() };
    std::iter::successors(at(&SLOTS), move |slot| at(&slot.next))
}

/// A base's range, known to the handler for as long as this lives.
pub(crate) struct MappedFile(Option<&'static Slot>);

impl MappedFile {
    /// Registers where `file` is mapped; nothing if the kernel does not tell, and then a fault's message has the address
    /// alone. `marker` is what a fault leaves behind.
    pub(crate) fn register(file: &Path, marker: &Path) -> MappedFile {
        let Ok(file) = fs::canonicalize(file) else { return MappedFile(None) };
        let Some((start, end)) = mapped_range(&file) else { return MappedFile(None) };
        let c_string = |path: &Path| CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
        let directory = file.parent().unwrap_or(Path::new("."));
        let marker = directory.join(marker);
        let names =
            Names { file: c_string(&file), marker: c_string(&marker), directory: c_string(directory) };
        // A fault of another base may be reading the names at any time: they stay. That is some hundred bytes an opening.
        let names = ptr::from_mut(Box::leak(Box::new(names)));
        let claim =
            |slot: &&Slot| slot.start.compare_exchange(0, start, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let slot = slots().find(claim).unwrap_or_else(|| add_slot(start));
        slot.names.store(names, Ordering::Release);
        slot.end.store(end, Ordering::Release);
        MappedFile(Some(slot))
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            slot.end.store(0, Ordering::Release);
            slot.start.store(0, Ordering::Release);
        }
    }
}

fn add_slot(start: usize) -> &'static Slot {
    let slot: &'static Slot = Box::leak(Box::new(Slot {
        start: AtomicUsize::new(start),
        end: AtomicUsize::new(0),
        names: AtomicPtr::new(ptr::null_mut()),
        next: AtomicPtr::new(ptr::null_mut()),
    }));
    let mut head = SLOTS.load(Ordering::Acquire);
    loop {
        slot.next.store(head, Ordering::Release);
        let pointer = ptr::from_ref(slot).cast_mut();
        match SLOTS.compare_exchange(head, pointer, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return slot,
            Err(newer) => head = newer,
        }
    }
}

/// Where the kernel says that a file is mapped and no slot knows it yet.
fn mapped_range(file: &Path) -> Option<(usize, usize)> {
    let maps = fs::read("/proc/self/maps").ok()?;
    maps.split(|byte| *byte == b'\n').find_map(|line| {
        // start-end permissions offset device inode, spaces, path
        line.strip_suffix(file.as_os_str().as_bytes())?.last().filter(|byte| **byte == b' ')?;
        let range = std::str::from_utf8(line.split(|byte| *byte == b' ').next()?).ok()?;
        let (start, end) = range.split_once('-')?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        let (start, end) = (number(start)?, number(end)?);
        slots().all(|slot| slot.start.load(Ordering::Acquire) != start).then_some((start, end))
    })
}

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
    let status = unsafe { libc::sigaction(libc::SIGBUS, &action, ptr::null_mut()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A line that is put together without memory from the heap; what does not fit is left out.
struct Line {
    bytes: [u8; MESSAGE_BYTES],
    length: usize,
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        let room = &mut self.bytes[self.length..];
        let taken = text.len().min(room.len());
        room[..taken].copy_from_slice(&text[..taken]);
        self.length += taken;
    }

    fn push_number(&mut self, number: u64, base: u64) {
        let mut digits = [0; 20];
        let (mut at, mut rest) = (digits.len(), number);
        while at == digits.len() || rest > 0 {
            at -= 1;
            digits[at] = b"0123456789abcdef"[(rest % base) as usize];
            rest /= base;
        }
        self.push(&digits[at..]);
    }
}

#[allow(unsafe_code)]
extern "C" fn on_sigbus(_signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid `siginfo_t` to a SA_SIGINFO handler, and SIGBUS fills in the address.
    let address = unsafe { (*info).si_addr() } as usize;
    let is_within = |slot: &&Slot| {
        (slot.start.load(Ordering::Acquire)..slot.end.load(Ordering::Acquire)).contains(&address)
    };
    let slot = slots().find(is_within);
    // SAFETY: names are leaked and set before a slot's end, so they live and are whole.
    let names = slot.and_then(|slot| unsafe { slot.names.load(Ordering::Acquire).as_ref() });
    let mut line = Line { bytes: [0; MESSAGE_BYTES], length: 0 };
    line.push(b"ringbolt: fatal: SIGBUS: ");
    match (slot, names) {
        (Some(slot), Some(names)) => {
            line.push(names.file.as_bytes());
            line.push(b" at offset ");
            line.push_number((address - slot.start.load(Ordering::Acquire)) as u64, 10);
        }
        (_, _) => {
            line.push(b"address 0x");
            line.push_number(address as u64, 16);
        }
    }
    line.push(b": a page of the mapped state cannot be read (disk error, or the file was cut)\n");
    // SAFETY: `write` and `_exit` are async-signal-safe, and the line is initialized. A short write loses only text.
    unsafe { libc::write(libc::STDERR_FILENO, line.bytes.as_ptr().cast(), line.length) };
    if let Some(names) = names {
        leave_marker(names, &line.bytes[..line.length]);
    }
    // SAFETY: as above.
    unsafe { libc::_exit(EXIT_STATUS) };
}

/// Leaves a durable marker beside the base. Where that fails the message alone tells.
#[allow(unsafe_code)]
fn leave_marker(names: &Names, text: &[u8]) {
    let flags = libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: `open`, `write` and `fsync` are async-signal-safe; the names end with a zero and live for ever.
    unsafe {
        let file = libc::open(names.marker.as_ptr(), flags, MARKER_MODE);
        if file >= 0 {
            libc::write(file, text.as_ptr().cast(), text.len());
            libc::fsync(file);
        }
        let directory = libc::open(names.directory.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if directory >= 0 {
            libc::fsync(directory);
        }
    }
}
