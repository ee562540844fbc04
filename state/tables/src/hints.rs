//! Where the first row of a range can be at the earliest.
//!
//! Queues (activatable jobs, deadlines, pending commands) are read at their front and deleted there. Deleted rows
//! leave tombstones until the next checkpoint, and a scan from the beginning would walk over all of them each time.
//! A hint remembers how far the last scan came.
//!
//! Invariant: no row of a range lies below its hint, none at all in a range that is known to be empty, and none but the one
//! in a range that is known to have one at most. So every insertion into a hinted table goes through [`Hints::inserted`], a
//! rollback lowers the hints of what it may bring back, and everything is forgotten when the store is used directly
//! (recovery). Deletions may go through [`Hints::deleted`], which only makes a hint sharper.

use crate::key::text_bytes;
use crate::table;
use ringbolt_store::TableId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// Ranges of a table remembered at most: one per job type in use. Past it everything is forgotten, which is always correct.
const RANGES_MAX: usize = 4096;

/// The rest of a key after its prefix.
pub(crate) type Suffix = SmallVec<[u8; 24]>;

/// What is known of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Front {
    /// It has no row.
    Empty,
    /// It has no row but this one, and perhaps not even that.
    Only(Suffix),
    /// It has no row below this.
    From(Suffix),
}

/// The tables that have hints.
#[derive(Clone, Copy)]
enum Queue {
    ActivatableJobs,
    Due,
    PendingCommands,
    Messages,
    MessagesOfBusiness,
    MessagesByBusiness,
    BusinessIds,
    BatchItems,
    Selections,
}

impl Queue {
    fn of(table: TableId) -> Option<Self> {
        match table {
            table::ACTIVATABLE_JOBS => Some(Self::ActivatableJobs),
            table::DUE => Some(Self::Due),
            table::PENDING_COMMANDS => Some(Self::PendingCommands),
            table::MESSAGES_BY_NAME => Some(Self::Messages),
            table::MESSAGES_OF_BUSINESS => Some(Self::MessagesOfBusiness),
            table::MESSAGES_BY_BUSINESS => Some(Self::MessagesByBusiness),
            table::BUSINESS_IDS => Some(Self::BusinessIds),
            table::BATCH_OPERATION_CHUNKS => Some(Self::BatchItems),
            table::BATCH_OPERATIONS_TO_SELECT => Some(Self::Selections),
            _ => None,
        }
    }

    /// How many bytes of a key name its range.
    fn prefix_bytes(self, key: &[u8]) -> usize {
        match self {
            Self::ActivatableJobs => {
                let tenant = text_bytes(key);
                // Behind the texts stands whether they had a lease.
                tenant + text_bytes(&key[tenant..]) + 1
            }
            Self::Due | Self::Selections => 0,
            // The key of a process instance, or of a batch operation.
            Self::PendingCommands | Self::BatchItems => 8,
            // Whom messages are for, or which id instances have; the key of the message or the instance follows.
            Self::Messages | Self::MessagesOfBusiness | Self::MessagesByBusiness | Self::BusinessIds => {
                key.len() - size_of::<u64>()
            }
        }
    }
}

type Fronts = RefCell<FxHashMap<Box<[u8]>, Front>>;

#[derive(Default)]
pub(crate) struct Hints {
    /// By queue, then by prefix.
    fronts: [Fronts; 9],
}

impl Hints {
    fn fronts(&self, table: TableId) -> &Fronts {
        &self.fronts[Queue::of(table).expect("a table with hints") as usize]
    }

    /// No row of the range has a smaller suffix; `None` when it has no row.
    pub(crate) fn get(&self, table: TableId, prefix: &[u8]) -> Option<Suffix> {
        match self.fronts(table).borrow().get(prefix) {
            Some(Front::Empty) => None,
            Some(Front::Only(first) | Front::From(first)) => Some(first.clone()),
            None => Some(Suffix::new()),
        }
    }

    /// Whether the range is known to have no row but this one.
    pub(crate) fn is_only(&self, table: TableId, prefix: &[u8], suffix: &[u8]) -> bool {
        match self.fronts(table).borrow().get(prefix) {
            Some(Front::Empty) => true,
            Some(Front::Only(only)) => only.as_slice() == suffix,
            Some(Front::From(_)) | None => false,
        }
    }

    /// A scan found no row but this one.
    pub(crate) fn found_only(&self, table: TableId, prefix: &[u8], suffix: &[u8]) {
        self.set(table, prefix, Front::Only(Suffix::from_slice(suffix)));
    }

    /// A scan from the hint found its first row there, or none at all.
    pub(crate) fn found(&self, table: TableId, prefix: &[u8], suffix: Option<&[u8]>) {
        match suffix {
            // What is known already may be more.
            Some(suffix) if self.is_only(table, prefix, suffix) => {}
            Some(suffix) => self.set(table, prefix, Front::From(Suffix::from_slice(suffix))),
            None => self.set(table, prefix, Front::Empty),
        }
    }

    fn set(&self, table: TableId, prefix: &[u8], front: Front) {
        debug_assert!(
            match &front {
                Front::Empty => true,
                Front::Only(suffix) | Front::From(suffix) => {
                    let queue = Queue::of(table).expect("a table with hints");
                    queue.prefix_bytes(&[prefix, suffix].concat()) == prefix.len()
                }
            },
            "a rollback does not find the hints of {table:?}"
        );
        let mut fronts = self.fronts(table).borrow_mut();
        if let Some(known) = fronts.get_mut(prefix) {
            *known = front;
            return;
        }
        if fronts.len() >= RANGES_MAX {
            fronts.clear();
        }
        fronts.insert(prefix.into(), front);
    }

    /// A row was inserted.
    pub(crate) fn inserted(&self, table: TableId, prefix: &[u8], suffix: &[u8]) {
        let mut fronts = self.fronts(table).borrow_mut();
        let Some(front) = fronts.get_mut(prefix) else { return };
        match front {
            Front::Empty => *front = Front::Only(Suffix::from_slice(suffix)),
            Front::Only(only) if only.as_slice() == suffix => {}
            Front::Only(first) => {
                let first =
                    if suffix < first.as_slice() { Suffix::from_slice(suffix) } else { first.clone() };
                *front = Front::From(first);
            }
            Front::From(first) if suffix < first.as_slice() => *first = Suffix::from_slice(suffix),
            Front::From(_) => {}
        }
    }

    /// A row was deleted.
    pub(crate) fn deleted(&self, table: TableId, prefix: &[u8], suffix: &[u8]) {
        let mut fronts = self.fronts(table).borrow_mut();
        let Some(front) = fronts.get_mut(prefix) else { return };
        match front {
            Front::Only(only) if only.as_slice() == suffix => *front = Front::Empty,
            Front::Empty | Front::Only(_) | Front::From(_) => {}
        }
    }

    /// A row that was deleted may be there again.
    pub(crate) fn may_come_back(&self, table: TableId, key: &[u8]) {
        if let Some(queue) = Queue::of(table) {
            let (prefix, suffix) = key.split_at(queue.prefix_bytes(key));
            self.inserted(table, prefix, suffix);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.fronts.iter_mut().for_each(|fronts| fronts.get_mut().clear());
    }
}

#[cfg(test)]
mod tests {
    use crate::{DueKind, JobRow, JobText, Tables, table};
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, FollowUp, JobKind, Key, TimestampMs};
    use ringbolt_store::TableId;
    use ringbolt_store::open_memory;
    use std::cmp::Reverse;
    use std::collections::BTreeSet;

    fn job(key: Key) -> JobRow {
        let text =
            JobText { job_type: "work", worker: "", error_message: "", error_code: "", tenant_id: "t" };
        let (instance, element) = (InstanceRef::default(), ElementIndex(1));
        let mut job = JobRow::new(instance, Key::NONE, element, JobKind::BpmnElement, text);
        job.priority = key.0 as i32 % 3;
        job
    }

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
            // Of a few keys a queue is often empty, or has one job.
            let keys = if seed % 2 == 0 { 30 } else { 3 };
            for _ in 0..200 {
                let key = Key(1 + below(keys));
                match below(8) {
                    0 | 1 => {
                        tables.put_activatable_job(&job(key), key);
                        tables.put_job_deadline(TimestampMs(key.0 as i64 * 7 % 11), key);
                        jobs.insert((Reverse(job(key).priority), key));
                        times.insert((TimestampMs(key.0 as i64 * 7 % 11), key));
                    }
                    2 | 3 => {
                        tables.delete_activatable_job(&job(key), key);
                        tables.delete_job_deadline(TimestampMs(key.0 as i64 * 7 % 11), key);
                        jobs.remove(&(Reverse(job(key).priority), key));
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
                let due = tables.due().next();
                assert_eq!(due, times.first().map(|(time, key)| (*time, DueKind::JobDeadline, *key)));
                assert!(tables.activatable_jobs("t", "work").eq(jobs.iter().map(|(_, key)| *key)));
                let only = tables.is_only_activatable_job(&job(key), key);
                assert_eq!(only, jobs.iter().all(|(_, job)| *job == key), "{key} of {jobs:?}");
            }
        }
    }
}
