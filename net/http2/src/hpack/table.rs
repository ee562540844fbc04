//! The dynamic table of a decoder (RFC 7541, section 2.3.2).

use std::collections::VecDeque;

use super::{
    TABLE_BYTES_FIRST,
    field::{Entry, FIXED_ENTRIES, fixed},
};

#[derive(Debug)]
pub(crate) struct Table {
    /// The newest first.
    entries: VecDeque<Entry>,
    bytes: usize,
    bytes_max: usize,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table { entries: VecDeque::new(), bytes: 0, bytes_max: TABLE_BYTES_FIRST }
    }

    /// The entry with this index, of the static table or of this one.
    pub(crate) fn get(&self, index: usize) -> Option<&Entry> {
        match index.checked_sub(FIXED_ENTRIES + 1) {
            None => fixed(index),
            Some(place) => self.entries.get(place),
        }
    }

    /// Adds an entry; those that have no room beside it go, and it too if it has none.
    pub(crate) fn add(&mut self, entry: Entry) {
        self.evict_to(self.bytes_max.saturating_sub(entry.bytes));
        if entry.bytes <= self.bytes_max {
            self.bytes += entry.bytes;
            self.entries.push_front(entry);
        }
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(crate) fn resize(&mut self, bytes_max: usize) {
        self.bytes_max = bytes_max;
        self.evict_to(bytes_max);
    }

    fn evict_to(&mut self, bytes: usize) {
        while self.bytes > bytes
            && let Some(oldest) = self.entries.pop_back()
        {
            self.bytes -= oldest.bytes;
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
