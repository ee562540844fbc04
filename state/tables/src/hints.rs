//! Where the first row of a range can be at the earliest.
//!
//! Queues (activatable jobs, deadlines, pending commands) are read at their front and deleted there. Deleted rows
//! leave tombstones until the next checkpoint, and a scan from the beginning would walk over all of them each time.
//! A hint remembers how far the last scan came.
//!
//! Invariant: no row of a range lies below its hint, and none at all in a range that is known to be empty. So every insertion into a hinted table goes through
//! [`Hints::inserted`], a rollback lowers the hints of what it may bring back, and everything is forgotten when the store is used directly (recovery).

use crate::key::text_bytes;
use crate::table;
use ringbolt_store::TableId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// Ranges remembered at most: one per job type in use. Past it everything is forgotten, which is always correct.
const RANGES_MAX: usize = 4096;

/// The rest of a key after its prefix.
pub(crate) type Suffix = SmallVec<[u8; 24]>;
type Range = (TableId, SmallVec<[u8; 64]>);

/// How many bytes of a key name its range; `None` where a table's ranges have no hints.
fn prefix_bytes(table: TableId, key: &[u8]) -> Option<usize> {
    match table {
        table::ACTIVATABLE_JOBS => {
            let tenant = text_bytes(key);
            Some(tenant + text_bytes(&key[tenant..]))
        }
        table::DUE => Some(0),
        // A process instance's key.
        table::PENDING_COMMANDS => Some(8),
        _ => None,
    }
}

#[derive(Default)]
pub(crate) struct Hints {
    /// `None`: the range is empty.
    first: RefCell<FxHashMap<Range, Option<Suffix>>>,
}

impl Hints {
    /// No row of the range has a smaller suffix; `None` when it has no row.
    pub(crate) fn get(&self, table: TableId, prefix: &[u8]) -> Option<Suffix> {
        let hint = self.first.borrow().get(&(table, SmallVec::from_slice(prefix))).cloned();
        hint.unwrap_or_else(|| Some(Suffix::new()))
    }

    /// A scan from the hint found its first row there, or none at all.
    pub(crate) fn found(&self, table: TableId, prefix: &[u8], suffix: Option<&[u8]>) {
        debug_assert_eq!(
            suffix.map_or(Some(prefix.len()), |suffix| prefix_bytes(table, &[prefix, suffix].concat())),
            Some(prefix.len()),
            "a rollback does not find the hints of {table:?}"
        );
        let mut first = self.first.borrow_mut();
        if first.len() >= RANGES_MAX {
            first.clear();
        }
        first.insert((table, SmallVec::from_slice(prefix)), suffix.map(Suffix::from_slice));
    }

    /// A row was inserted.
    pub(crate) fn inserted(&self, table: TableId, prefix: &[u8], suffix: &[u8]) {
        let range = (table, SmallVec::from_slice(prefix));
        match self.first.borrow_mut().get_mut(&range) {
            Some(Some(first)) if suffix >= first.as_slice() => {}
            Some(first) => *first = Some(Suffix::from_slice(suffix)),
            None => {}
        }
    }

    /// A row that was deleted may be there again.
    pub(crate) fn may_come_back(&self, table: TableId, key: &[u8]) {
        if let Some(prefix) = prefix_bytes(table, key) {
            self.inserted(table, &key[..prefix], &key[prefix..]);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.first.get_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::{DueKind, Tables, table};
    use ringbolt_record::{FollowUp, Key, TimestampMs};
    use ringbolt_store::TableId;
    use ringbolt_store::open_memory;
    use std::collections::BTreeSet;

    /// A refused command brings back what it deleted, and nothing else is looked at again.
    #[test]
    fn a_rollback_lowers_only_what_it_brings_back() {
        let mut tables = Tables::new(open_memory());
        let instance = Key(7);
        for number in 1..=3 {
            tables.put_job_deadline(TimestampMs(number), Key(number as u64));
            tables.put_follow_up(
                instance,
                Key(number as u64),
                &FollowUp::Complete { key: instance }.to_bytes(),
            );
        }
        tables.delete_job_deadline(TimestampMs(1), Key(1));
        tables.delete_follow_ups(instance, Key(1), Key(1));
        let hints = |tables: &Tables| {
            let hint = |table: TableId, prefix: &[u8]| tables.hints.get(table, prefix).map(|s| s.to_vec());
            [hint(table::DUE, &[]), hint(table::PENDING_COMMANDS, &instance.0.to_be_bytes())]
        };
        let look = |tables: &Tables| {
            let _ = (tables.due().next(), tables.first_follow_up(instance));
            hints(tables)
        };
        let before = look(&tables);
        tables.savepoint();
        tables.rollback();
        assert_eq!(hints(&tables), before);
        tables.savepoint();
        tables.delete_job_deadline(TimestampMs(2), Key(2));
        look(&tables);
        tables.rollback();
        assert_eq!(hints(&tables), before);
    }

    /// Whatever is inserted, deleted, rolled back or checkpointed, the front of a queue is found.
    #[test]
    fn hints_never_hide_a_row() {
        for seed in 1..200u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut below = |bound: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % bound
            };
            let mut tables = Tables::new(open_memory());
            let (mut jobs, mut times) = (BTreeSet::new(), BTreeSet::new());
            let mut kept = None;
            for _ in 0..200 {
                let key = Key(1 + below(30));
                match below(8) {
                    0 | 1 => {
                        tables.put_activatable_job("t", "work", key);
                        tables.put_job_deadline(TimestampMs(key.0 as i64 * 7 % 11), key);
                        jobs.insert(key);
                        times.insert((TimestampMs(key.0 as i64 * 7 % 11), key));
                    }
                    2 | 3 => {
                        tables.delete_activatable_job("t", "work", key);
                        tables.delete_job_deadline(TimestampMs(key.0 as i64 * 7 % 11), key);
                        jobs.remove(&key);
                        times.remove(&(TimestampMs(key.0 as i64 * 7 % 11), key));
                    }
                    4 if kept.is_none() => {
                        tables.savepoint();
                        kept = Some((jobs.clone(), times.clone()));
                    }
                    5 => {
                        if let Some((old_jobs, old_times)) = kept.take() {
                            tables.rollback();
                            (jobs, times) = (old_jobs, old_times);
                        }
                    }
                    6 => {
                        let open = kept.take();
                        if open.is_some() {
                            tables.release();
                        }
                    }
                    _ => {}
                }
                assert_eq!(tables.first_activatable_job("t", "work"), jobs.first().copied());
                let due = tables.due().next();
                assert_eq!(due, times.first().map(|(time, key)| (*time, DueKind::JobDeadline, *key)));
                assert!(tables.activatable_jobs("t", "work").eq(jobs.iter().copied()));
            }
        }
    }
}
