//! What a run of a journal knows of the partitions that it writes, and how far each is committed.
//!
//! Invariants: a partition's state is the one of its last append, durable or not; terms are shown to readers before an
//! entry of a new term can be read; an index is published once everything up to it is committed. Deliberately, nothing
//! here decides what is committed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::format::{ENTRY_HEADER_BYTES, entry_stride};
use crate::raft_state::{RaftState, Terms};
use crate::types::{EntryFrame, PartitionId, Position, RaftIndex};

/// How far one partition is committed, shown to readers on other threads. The journal's own mark says what is durable,
/// which in a group is not the same.
#[derive(Debug, Default)]
pub struct CommitIndex {
    index: AtomicU64,
    terms: Mutex<Terms>,
}

impl CommitIndex {
    /// The last committed entry.
    #[must_use]
    pub fn get(&self) -> RaftIndex {
        RaftIndex(self.index.load(Ordering::Acquire))
    }

    /// The terms of the log, no older than any entry that was read before.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn publish(&self, index: RaftIndex) {
        self.index.store(index.0, Ordering::Release);
    }

    fn set_terms(&self, terms: &Terms) {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner).clone_from(terms);
    }
}

#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) state: RaftState,
    pub(crate) commit: Arc<CommitIndex>,
}

/// One book for each partition; a handful.
#[derive(Debug, Default)]
pub(crate) struct Books {
    books: Vec<Book>,
    preamble_bytes: usize,
}

/// A book's place.
#[derive(Clone, Copy)]
pub(crate) struct BookId(usize);

impl Books {
    pub(crate) fn new(states: Vec<RaftState>) -> Self {
        let mut books = Self::default();
        for state in states {
            books.open(state);
        }
        books
    }

    /// Opens the book of a partition that is not known yet.
    pub(crate) fn open(&mut self, mut state: RaftState) -> BookId {
        assert!(self.get(state.partition).is_none(), "partition {} is opened once", state.partition);
        state.commit = state.committed();
        let commit = Arc::new(CommitIndex::default());
        commit.set_terms(&state.terms);
        commit.publish(state.commit);
        self.books.push(Book { state, commit });
        self.measure();
        BookId(self.books.len() - 1)
    }

    /// Records below are needed by nobody.
    pub(crate) fn set_floor(&mut self, partition: PartitionId, floor: Position) {
        if let Some(book) = self.books.iter_mut().find(|book| book.state.partition == partition) {
            book.state.floor = floor;
        }
    }

    /// Closes a partition's book.
    pub(crate) fn close(&mut self, partition: PartitionId) -> Option<RaftState> {
        let at = self.books.iter().position(|book| book.state.partition == partition)?;
        let book = self.books.remove(at);
        self.measure();
        Some(book.state)
    }

    pub(crate) fn get(&self, partition: PartitionId) -> Option<&Book> {
        self.books.iter().find(|book| book.state.partition == partition)
    }

    /// The book of a partition; one that nobody declared begins anew.
    pub(crate) fn find(&mut self, partition: PartitionId) -> BookId {
        let at = self.books.iter().position(|book| book.state.partition == partition);
        at.map_or_else(|| self.open(RaftState::new(partition)), BookId)
    }

    pub(crate) fn state_mut(&mut self, book: BookId) -> &mut RaftState {
        &mut self.books[book.0].state
    }

    /// Takes note of an entry that was appended.
    pub(crate) fn note(&mut self, book: BookId, frame: &EntryFrame, payload: &[u8]) {
        let Book { state, commit } = &mut self.books[book.0];
        if state.note(frame, payload) {
            commit.set_terms(&state.terms);
            self.measure();
        }
    }

    /// Everything up to an index is committed.
    pub(crate) fn commit(&mut self, book: BookId, index: RaftIndex) {
        let Book { state, commit } = &mut self.books[book.0];
        if index > state.commit {
            state.commit = index;
            commit.publish(index);
        }
    }

    pub(crate) fn states(&self) -> impl Iterator<Item = &RaftState> {
        self.books.iter().map(|book| &book.state)
    }

    /// Bytes of all states as entries, and those by which they may grow when this entry is written.
    pub(crate) fn preamble_bytes(&self, book: BookId, frame: &EntryFrame) -> usize {
        self.preamble_bytes + self.books[book.0].state.growth(frame)
    }

    fn measure(&mut self) {
        let stride = |book: &Book| entry_stride(ENTRY_HEADER_BYTES + book.state.encoded_bytes());
        self.preamble_bytes = self.books.iter().map(stride).sum();
    }

    /// Bytes of all states as entries.
    pub(crate) fn all_bytes(&self) -> usize {
        self.preamble_bytes
    }
}
