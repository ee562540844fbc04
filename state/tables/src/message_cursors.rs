//! Where the oldest message can be at the earliest that has not reached a process.
//!
//! Messages stay until their time is over, also those that have reached a process: whoever takes one after the other would walk
//! over all that came before, each time. A cursor remembers how far the last search of a list came.
//!
//! Invariant: every message below a cursor has reached the process. So what a rollback takes back forgets the cursors that moved
//! meanwhile, and a message that was not taken after all forgets its own. New messages have greater keys than all before.

use crate::key::RowKey;
use ringbolt_record::Key;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Cursors remembered at most. Past it everything is forgotten, which is always correct.
const CURSORS_MAX: usize = 4096;

#[derive(Default)]
pub(crate) struct MessageCursors(RefCell<Cursors>);

#[derive(Default)]
struct Cursors {
    places: FxHashMap<Box<[u8]>, Key>,
    /// Those that moved since the outermost savepoint.
    moved: Vec<Box<[u8]>>,
}

impl MessageCursors {
    /// Every message below has reached the process.
    pub(crate) fn get(&self, wait: &RowKey) -> Key {
        self.0.borrow().places.get(&**wait).copied().unwrap_or(Key::NONE)
    }

    /// A search found that every message below has reached the process.
    pub(crate) fn set(&self, wait: &RowKey, place: Key) {
        let cursors = &mut *self.0.borrow_mut();
        if cursors.places.len() >= CURSORS_MAX || cursors.moved.len() >= CURSORS_MAX {
            *cursors = Cursors::default();
        }
        cursors.places.insert((&**wait).into(), place);
        cursors.moved.push((&**wait).into());
    }

    /// A message has not reached the process after all.
    pub(crate) fn forget(&self, wait: &RowKey) {
        self.0.borrow_mut().places.remove(&**wait);
    }

    /// What was done since the outermost savepoint is taken back.
    pub(crate) fn roll_back(&mut self) {
        let Cursors { places, moved } = self.0.get_mut();
        for wait in moved.drain(..) {
            places.remove(&wait);
        }
    }

    /// What was done is kept.
    pub(crate) fn release(&mut self) {
        self.0.get_mut().moved.clear();
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self.0.get_mut() = Cursors::default();
    }
}
