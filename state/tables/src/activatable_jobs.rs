//! Jobs that wait for a worker, by tenant, type, whether they had a lease, priority and age. Rows are empty.
//!
//! Jobs that had a lease stand apart, since only who asks with a lease gets them: others do not walk over them.

use crate::JobRow;
use crate::key::{RowKey, key_at};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;
use std::iter::Peekable;

/// Priority and key, behind the prefix.
const SUFFIX_BYTES: usize = 4 + 8;

const NEVER_LEASED: u8 = 0;
const LEASED: u8 = 1;

fn prefix(tenant_id: impl AsRef<[u8]>, job_type: impl AsRef<[u8]>, leased: u8) -> RowKey {
    RowKey::new().text(tenant_id).text(job_type).byte(leased)
}

/// What sorts as the greatest priority first.
fn rank(priority: i32) -> u32 {
    // The sign bit flipped, so that the order is that of the numbers, then all turned round.
    !((priority as u32) ^ 0x8000_0000)
}

/// A row's key, its prefix first.
fn row_key(job: &JobRow, job_key: Key) -> RowKey {
    let leased = if job.lease.is_none() { NEVER_LEASED } else { LEASED };
    let [tenant_id, job_type] = job.queue_bytes();
    prefix(tenant_id, job_type, leased).number(rank(job.priority)).key(job_key)
}

fn parts(row_key: &RowKey) -> (&[u8], &[u8]) {
    row_key.split_at(row_key.len() - SUFFIX_BYTES)
}

impl Tables {
    /// Offers a job.
    pub fn put_activatable_job(&mut self, job: &JobRow, job_key: Key) {
        let key = row_key(job, job_key);
        let (prefix, suffix) = parts(&key);
        self.hints.inserted(table::ACTIVATABLE_JOBS, prefix, suffix);
        self.store.put(table::ACTIVATABLE_JOBS, &key, &[]);
    }

    /// No longer offers a job, which is as it was when it was offered.
    pub fn delete_activatable_job(&mut self, job: &JobRow, job_key: Key) {
        let key = row_key(job, job_key);
        let (prefix, suffix) = parts(&key);
        self.hints.deleted(table::ACTIVATABLE_JOBS, prefix, suffix);
        self.store.delete(table::ACTIVATABLE_JOBS, &key, RowOwner::Generated(job_key.0));
    }

    /// Whether no job of its tenant and type waits but this one, which never had a lease, besides those that had one. Where a
    /// queue empties and fills all the time, no row is looked at.
    pub fn is_only_activatable_job(&self, job: &JobRow, job_key: Key) -> bool {
        let key = row_key(job, job_key);
        let (prefix, suffix) = parts(&key);
        if self.hints.is_only(table::ACTIVATABLE_JOBS, prefix, suffix) {
            return true;
        }
        let mut jobs = self.activatable_jobs(job.tenant_id(), job.job_type()).take(2);
        let is_only = jobs.all(|other| other == job_key);
        if is_only {
            self.hints.found_only(table::ACTIVATABLE_JOBS, prefix, suffix);
        }
        is_only
    }

    /// The jobs that wait and never had a lease, most urgent first and then oldest first.
    pub fn activatable_jobs(&self, tenant_id: &str, job_type: &str) -> impl Iterator<Item = Key> {
        self.waiting(tenant_id, job_type, NEVER_LEASED).map(|(_, key)| key)
    }

    /// All jobs that wait, in the same order.
    pub fn activatable_jobs_even_leased(&self, tenant_id: &str, job_type: &str) -> impl Iterator<Item = Key> {
        let others = self.waiting(tenant_id, job_type, NEVER_LEASED).peekable();
        let leased = self.waiting(tenant_id, job_type, LEASED).peekable();
        Merged(others, leased).map(|(_, key)| key)
    }

    /// Rank and key of the jobs of a prefix.
    fn waiting(&self, tenant_id: &str, job_type: &str, leased: u8) -> impl Iterator<Item = ([u8; 4], Key)> {
        let prefix = prefix(tenant_id, job_type, leased);
        let rank_offset = prefix.len();
        let first = self.first(table::ACTIVATABLE_JOBS, &prefix).map(|(key, _)| &key[prefix.len()..]);
        let rows = first.map(|from| self.store.range(table::ACTIVATABLE_JOBS, &prefix, from));
        rows.into_iter().flatten().map(move |(key, _)| {
            let rank = key[rank_offset..rank_offset + 4].try_into().expect("four bytes");
            (rank, key_at(key, rank_offset + 4))
        })
    }
}

/// Two sorted sequences as one.
struct Merged<I: Iterator, J: Iterator>(Peekable<I>, Peekable<J>);

impl<T: Ord, I: Iterator<Item = T>, J: Iterator<Item = T>> Iterator for Merged<I, J> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match (self.0.peek(), self.1.peek()) {
            (Some(one), Some(other)) if other < one => self.1.next(),
            (Some(_), _) => self.0.next(),
            (None, _) => self.1.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rank;
    use crate::{JobRow, JobText, Tables};
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, JobKind, Key};
    use ringbolt_store::open_memory;

    fn job(priority: i32, lease: Key) -> JobRow {
        let text =
            JobText { job_type: "work", worker: "", error_message: "", error_code: "", tenant_id: "t" };
        let instance = InstanceRef::default();
        let mut job = JobRow::new(instance, Key::NONE, ElementIndex(1), JobKind::BpmnElement, text);
        (job.priority, job.lease) = (priority, lease);
        job
    }

    #[test]
    fn greater_priorities_rank_first_over_the_whole_range() {
        let numbers = [i32::MAX, 100, 1, 0, -1, -100, i32::MIN];
        assert!(numbers.is_sorted_by_key(|number| rank(*number)));
    }

    #[test]
    fn jobs_wait_by_priority_then_age_and_those_that_had_a_lease_apart() {
        let mut tables = Tables::new(open_memory());
        let rows = [(1, 0, 0), (2, 5, 0), (3, 5, 9), (4, -5, 0), (5, 0, 9), (6, 5, 0), (7, i32::MAX, 9)];
        for (key, priority, lease) in rows {
            tables.put_activatable_job(&job(priority, Key(lease)), Key(key));
        }
        let keys = |keys: &mut dyn Iterator<Item = Key>| keys.map(|key| key.0).collect::<Vec<_>>();
        assert_eq!(keys(&mut tables.activatable_jobs("t", "work")), [2, 6, 1, 4]);
        assert_eq!(keys(&mut tables.activatable_jobs_even_leased("t", "work")), [7, 2, 3, 6, 1, 5, 4]);
        tables.delete_activatable_job(&job(5, Key::NONE), Key(2));
        tables.delete_activatable_job(&job(i32::MAX, Key(9)), Key(7));
        assert_eq!(keys(&mut tables.activatable_jobs_even_leased("t", "work")), [3, 6, 1, 5, 4]);
        assert!(keys(&mut tables.activatable_jobs_even_leased("t", "wor")).is_empty());
    }
}
