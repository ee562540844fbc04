//! Writing what the page cache has of a file to its disk, a piece after the other, so that the sync at the end finds little to write.
//!
//! A log on the same disk is flushed many times a second. Where a checkpoint, secondary storage or a spill leaves tens of megabytes to one
//! sync, each flush that comes meanwhile stands behind all of them; where only a piece of them is on its way, behind that.
//! Deliberately not here: durability. Pages become durable by the sync that comes after this, as without it.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes of a file that are on their way at a time, ...
const PIECE_BYTES: u64 = 256 << 10;
/// ... or as many as make so many pieces: what waits is looked for in each, and a large file that is written here and there has little in one.
const PIECES_MAX: u64 = 1024;

/// A file of which pages are written that are in the page cache only. A descriptor of its own: an error that it is told, the sync that
/// comes after it is told as well.
#[derive(Debug)]
pub struct WriteBack {
    file: File,
}

impl WriteBack {
    /// Opens a file that somebody else writes.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)? })
    }

    /// Whether it is the file that a path names now; finds out without opening that.
    ///
    /// # Errors
    /// When nobody can tell.
    pub fn is_of(&self, path: &Path) -> io::Result<bool> {
        let (own, other) = (self.file.metadata()?, std::fs::metadata(path)?);
        Ok((own.dev(), own.ino()) == (other.dev(), other.ino()))
    }

    /// Has all pages written that wait for it, and waits until they are; nothing when none does. Blocks: for side threads.
    ///
    /// # Errors
    /// When a page could not be written. That the file system knows no such wish is none.
    pub fn wait(&self) -> io::Result<()> {
        let bytes = self.file.metadata()?.len();
        let piece = PIECE_BYTES.max(bytes.div_ceil(PIECES_MAX));
        let mut from = 0;
        while from < bytes {
            if !self.wait_for(from, piece)? {
                break;
            }
            from += piece;
        }
        Ok(())
    }

    /// As [`WriteBack::wait`], and what was written before is on stable storage then.
    ///
    /// # Errors
    /// When something of the file could not be written.
    pub fn sync(&self) -> io::Result<()> {
        self.wait()?;
        self.file.sync_data()
    }

    /// Whether the file system does that at all.
    fn wait_for(&self, from: u64, bytes: u64) -> io::Result<bool> {
        let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        let (Ok(from), Ok(bytes)) = (from.try_into(), bytes.try_into()) else { return Ok(false) };
        #[allow(unsafe_code)]
        // SAFETY: the call takes no pointers, and the descriptor is open as long as `self`.
        let result = unsafe { libc::sync_file_range(self.file.as_raw_fd(), from, bytes, all) };
        if result == 0 {
            return Ok(true);
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EIO | libc::ENOSPC | libc::EDQUOT) => Err(error),
            Some(_) | None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PIECE_BYTES, WriteBack};
    use std::fs::File;
    use std::io::{self, Write};

    /// Bytes of a process that its disks were told to write, where the kernel counts them.
    fn written() -> Option<u64> {
        let figures = std::fs::read_to_string("/proc/self/io").ok()?;
        figures.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok())
    }

    #[test]
    fn a_file_of_any_size_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        for bytes in [0, 1, PIECE_BYTES as usize, 3 * PIECE_BYTES as usize + 1] {
            let path = directory.path().join(bytes.to_string());
            let mut file = File::create(&path).expect("made");
            file.write_all(&vec![7; bytes]).expect("written");
            let back = WriteBack::open(&path).expect("opened");
            back.wait().expect("written back");
            back.sync().expect("synced");
            assert!(back.is_of(&path).expect("it is there"));
            assert!(!back.is_of(directory.path()).expect("it is there"));
            assert_eq!(std::fs::read(&path).expect("read"), vec![7; bytes]);
        }
        assert!(written().is_none_or(|bytes| bytes >= 3 * PIECE_BYTES));
    }

    #[test]
    fn what_cannot_be_written_back_is_left_to_the_sync() {
        // A device has no pages that could be written.
        WriteBack::open("/dev/null".as_ref()).expect("opened").wait().expect("nothing to do");
        let missing = WriteBack::open("/nowhere/file".as_ref()).map(drop).map_err(|error| error.kind());
        assert_eq!(missing, Err(io::ErrorKind::NotFound));
    }
}
