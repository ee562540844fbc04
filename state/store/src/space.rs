//! How much a file can still grow: tells a short write on a full disk from a broken disk.
//!
//! It only looks: it reserves nothing, and what it saw may change at once.

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::path::Path;

/// LMDB writes at most 64 pages at once: with less room than that (and some slack) a short write means a full disk.
const ROOM_BYTES_MIN: u64 = 4 << 20;

/// Whether `file` has next to no room to grow. An answer that cannot be had is no.
pub(crate) fn is_exhausted(file: &Path) -> bool {
    room_bytes(file).is_some_and(|room| room < ROOM_BYTES_MIN)
}

/// What the file system has free for this user, or what the process's file size limit leaves, whichever is less.
fn room_bytes(path: &Path) -> Option<u64> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let limit = file_size_limit_bytes()?;
    Some(free_bytes(&file)?.min(limit.saturating_sub(length)))
}

#[allow(unsafe_code)]
fn free_bytes(file: &File) -> Option<u64> {
    let mut stat = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the descriptor is open while `file` lives, and `stat` is a valid place for the answer.
    if unsafe { libc::fstatvfs(file.as_raw_fd(), stat.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: all zeros are a valid `statvfs`, and the call succeeded.
    let stat = unsafe { stat.assume_init() };
    Some(stat.f_bavail * stat.f_frsize)
}

#[allow(unsafe_code)]
fn file_size_limit_bytes() -> Option<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the answer.
    let status = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    (status == 0).then_some(limit.rlim_cur)
}
