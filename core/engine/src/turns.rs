//! Whose follow-ups come next: instances in turn, so that one with much to do delays no other by more than one entry.
//!
//! Volatile: the order of turns is no state, only what comes of them is. After a restart the order begins anew. So is the
//! count of steps that found no room in their entry, and how many an entry may take where others wait.
//! Invariant: once known, the queue holds each instance with follow-ups in the tables, except the one whose turn it is.

use crate::contract::EngineSettings;
use ringbolt_record::Key;
use ringbolt_tables::Tables;
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Turns {
    queue: VecDeque<Key>,
    /// Whose turn it is; none between turns.
    taking: Key,
    is_known: bool,
    undone: u64,
    /// Less than the settings allow, if the caller says so.
    steps_max: Option<u32>,
    /// Steps of the last command.
    taken: u32,
}

impl Turns {
    /// The tables changed behind its back.
    pub(crate) fn forget(&mut self) {
        self.queue.clear();
        self.taking = Key::NONE;
        self.is_known = false;
    }

    /// Whether any instance has follow-ups.
    pub(crate) fn has_next(&mut self, tables: &Tables) -> bool {
        self.know(tables);
        !self.queue.is_empty()
    }

    /// The instance whose turn it is, until [`Turns::end`].
    pub(crate) fn next(&mut self, tables: &Tables) -> Option<Key> {
        self.know(tables);
        let next = self.queue.pop_front();
        self.taking = next.unwrap_or(Key::NONE);
        next
    }

    /// An instance's turn is over: it comes behind the others again where it has more to do.
    pub(crate) fn end(&mut self, process_instance_key: Key, tables: &Tables) {
        if self.taking != process_instance_key {
            return;
        }
        self.taking = Key::NONE;
        if tables.has_follow_ups(process_instance_key) {
            self.join(process_instance_key);
        }
    }

    /// An instance has follow-ups now, and had none before.
    pub(crate) fn join(&mut self, process_instance_key: Key) {
        if self.is_known && self.taking != process_instance_key {
            self.queue.push_back(process_instance_key);
        }
    }

    /// How many instances wait for their turn, as far as is known.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Most steps of the next entries, where that is less than the settings allow.
    pub(crate) fn allow(&mut self, steps_max: Option<u32>) {
        self.steps_max = steps_max.map(|steps| steps.max(1));
    }

    /// A command begins.
    pub(crate) fn begin(&mut self) {
        self.taken = 0;
    }

    /// Whether an entry with so many steps takes another one.
    pub(crate) fn allows(&self, settings: &EngineSettings) -> bool {
        self.taken < self.steps_max.unwrap_or(u32::MAX).min(settings.batch_steps_max)
    }

    /// A step was taken.
    pub(crate) fn count(&mut self) {
        self.taken += 1;
    }

    /// The steps of the last command.
    pub(crate) fn taken(&self) -> u32 {
        self.taken
    }

    /// A step was undone, because it found no room in its entry or too few units of work.
    pub(crate) fn note_undone(&mut self) {
        self.undone += 1;
    }

    /// How many steps were undone.
    pub(crate) fn undone(&self) -> u64 {
        self.undone
    }

    fn know(&mut self, tables: &Tables) {
        if self.is_known {
            return;
        }
        self.is_known = true;
        let mut from = Key::NONE;
        while let Some(process_instance_key) = tables.instance_with_follow_ups(from) {
            self.queue.push_back(process_instance_key);
            from = Key(process_instance_key.0 + 1);
        }
    }
}
