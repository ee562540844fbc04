//! Pages put behind those that a file has, in order.

use super::Error;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that are written at a time.
const WRITE_BYTES: usize = 256 * 1024;
/// Bytes of the header that a file begins with.
const HEADER_BYTES: usize = 100;
/// Where SQLite locks: the page that has this byte is never used.
const LOCK_BYTE: u64 = 0x4000_0000;
/// Places in the header: the counter of changes, the size in pages, and the counter for which that size is valid.
const CHANGES: usize = 24;
const SIZE: usize = 28;
const VALID_FOR: usize = 92;

/// A file that grows by pages.
#[derive(Debug)]
pub(super) struct Pages {
    file: File,
    is_given_up: Arc<AtomicBool>,
    page_bytes: usize,
    /// Pages in the file and in `buffer`; the number of the last one.
    count: u32,
    /// Pages that are not in the file yet.
    buffer: Vec<u8>,
    header: [u8; HEADER_BYTES],
}

fn number(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

/// Whether a header is of a file as we expect it: nothing reserved in pages, no map of pointers, UTF-8, no write-ahead log, and the size that it says.
fn is_as_expected(header: &[u8; HEADER_BYTES], page_bytes: usize, file_bytes: u64) -> bool {
    header.starts_with(b"SQLite format 3\0")
        && (512..=32_768).contains(&page_bytes)
        && page_bytes.is_power_of_two()
        && header[18..21] == [1, 1, 0]
        && number(header, 44) == 4
        && number(header, 52) == 0
        && number(header, 56) == 1
        && number(header, CHANGES) == number(header, VALID_FOR)
        && u64::from(number(header, SIZE)) * page_bytes as u64 == file_bytes
}

impl Pages {
    /// Opens a file that nobody else has open.
    ///
    /// # Errors
    /// When it cannot be read, or is of a kind that is not written here.
    pub(super) fn open(path: &Path, is_given_up: Arc<AtomicBool>) -> Result<Self, Error> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0)?;
        let page_bytes = usize::from(u16::from_be_bytes([header[16], header[17]]));
        if !is_as_expected(&header, page_bytes, file.metadata()?.len()) {
            return Err(Error::Unexpected);
        }
        let count = number(&header, SIZE);
        let buffer = Vec::with_capacity(WRITE_BYTES + page_bytes);
        Ok(Self { file, is_given_up, page_bytes, count, buffer, header })
    }

    /// Bytes of a page, of which all can be used.
    pub(super) fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    /// The number of the page that comes after this one.
    fn after(&self, number: u32) -> u32 {
        let is_locked = u64::from(number) == LOCK_BYTE / self.page_bytes as u64;
        number + 1 + u32::from(is_locked)
    }

    /// Adds a page, of these parts and zeros; its number.
    ///
    /// # Errors
    /// When it cannot be written, or is not wanted any more.
    fn append_parts(&mut self, parts: [&[u8]; 2]) -> Result<u32, Error> {
        let number = self.after(self.count);
        let pages = (number - self.count) as usize;
        self.count = number;
        // Where one is left out its bytes are zeros.
        self.buffer.resize(self.buffer.len() + (pages - 1) * self.page_bytes, 0);
        let end = self.buffer.len() + self.page_bytes;
        for part in parts {
            self.buffer.extend_from_slice(part);
        }
        self.buffer.resize(end, 0);
        if self.buffer.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(number)
    }

    /// Adds a page; its number.
    ///
    /// # Errors
    /// As [`Pages::complete`].
    pub(super) fn append(&mut self, page: &[u8]) -> Result<u32, Error> {
        self.append_parts([page, &[]])
    }

    /// Adds pages that have these bytes, each with the number of the next one before its own; the number of the first one.
    ///
    /// # Errors
    /// As [`Pages::complete`].
    pub(super) fn append_chain(&mut self, mut rest: &[u8]) -> Result<u32, Error> {
        let first = self.after(self.count);
        while !rest.is_empty() {
            let (own, others) = rest.split_at(rest.len().min(self.page_bytes - 4));
            let next = if others.is_empty() { 0 } else { self.after(self.after(self.count)) };
            self.append_parts([&next.to_be_bytes(), own])?;
            rest = others;
        }
        Ok(first)
    }

    /// Writes a tree's first page, which is there and empty.
    ///
    /// # Errors
    /// When it is not, or cannot be written.
    pub(super) fn write_root(&mut self, root: u32, page: &[u8], leaf_kind: u8) -> Result<(), Error> {
        let at = u64::from(root.checked_sub(1).ok_or(Error::Unexpected)?) * self.page_bytes as u64;
        let mut head = [0; 5];
        self.file.read_exact_at(&mut head, at)?;
        // Page 1 has the header first, so that it is none.
        if head != [leaf_kind, 0, 0, 0, 0] {
            return Err(Error::Unexpected);
        }
        Ok(self.file.write_all_at(page, at)?)
    }

    /// Says that the file is not wanted any more, if it is not.
    ///
    /// # Errors
    /// Then.
    pub(super) fn check_wanted(&self) -> Result<(), Error> {
        if self.is_given_up.load(Ordering::Relaxed) {
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.check_wanted()?;
        let after = (u64::from(self.count)) * self.page_bytes as u64;
        self.file.write_all_at(&self.buffer, after - self.buffer.len() as u64)?;
        self.buffer.clear();
        Ok(())
    }

    /// Has the header say how large the file is now.
    ///
    /// # Errors
    /// When the file cannot be written, or is not wanted any more.
    pub(super) fn complete(mut self) -> Result<(), Error> {
        self.flush()?;
        let changes = number(&self.header, CHANGES).wrapping_add(1).to_be_bytes();
        for (at, bytes) in [(CHANGES, changes), (VALID_FOR, changes), (SIZE, self.count.to_be_bytes())] {
            self.header[at..at + 4].copy_from_slice(&bytes);
        }
        Ok(self.file.write_all_at(&self.header, 0)?)
    }
}
