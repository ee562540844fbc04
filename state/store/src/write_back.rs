//! Writing what a checkpoint has spilled, piece by piece, so that the sync at its end finds little to write.
//!
//! A log on the same disk is flushed many times a second, and each flush would stand behind all of a checkpoint's pages, tens of
//! megabytes at once. Deliberately not here: durability. The pages become durable with the transaction's sync, as without this.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

/// A base's data file, of which pages are written that are in the page cache only. A descriptor of its own: an error that it is told,
/// the transaction's sync is told as well.
pub(crate) struct WriteBack {
    file: File,
}

impl WriteBack {
    /// Opens it.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)? })
    }

    /// Has all pages written that wait for it, and waits until they are; nothing when none does.
    ///
    /// # Errors
    /// When a page could not be written. That the file system knows no such wish is none.
    pub(crate) fn wait(&self) -> io::Result<()> {
        let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        #[allow(unsafe_code)]
        // SAFETY: the call takes no pointers, and the descriptor is open as long as `self`. A length of 0 means to the file's end.
        let result = unsafe { libc::sync_file_range(self.file.as_raw_fd(), 0, 0, all) };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EIO | libc::ENOSPC | libc::EDQUOT) => Err(error),
            Some(_) | None => Ok(()),
        }
    }
}
