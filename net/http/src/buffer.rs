//! What the connections of a core read into, one after the other.

use std::cell::Cell;

/// What is read at a time, in bytes.
pub(crate) const READ_BYTES: usize = 64 * 1024;

thread_local! {
    /// Empty while somebody reads into it.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The core's buffer, of [`READ_BYTES`]; what is in it means nothing.
pub(crate) fn take() -> Vec<u8> {
    let mut buffer = BUFFER.take();
    buffer.resize(READ_BYTES, 0);
    buffer
}

/// The next connection reads into it.
pub(crate) fn give_back(buffer: Vec<u8>) {
    BUFFER.set(buffer);
}
