//! When jobs are taken back from their workers, and when failed jobs are offered again: by time, then job.

use crate::key::{RowKey, key_at, time_at};
use crate::{Tables, table};
use ringbolt_record::{Key, TimestampMs};
use ringbolt_store::{RowOwner, TableId};

impl Tables {
    fn put_time(&mut self, table: TableId, time: TimestampMs, job_key: Key) {
        let key = RowKey::new().time(time).key(job_key);
        self.hints.inserted(table, &[], &key);
        self.store.put(table, &key, &[]);
    }

    fn delete_time(&mut self, table: TableId, time: TimestampMs, job_key: Key) {
        let key = RowKey::new().time(time).key(job_key);
        self.store.delete(table, &key, RowOwner::Generated(job_key.0));
    }

    fn times(&self, table: TableId) -> impl Iterator<Item = (TimestampMs, Key)> {
        let rows = self.first(table, &[]).map(|(from, _)| self.store.range(table, &[], from));
        rows.into_iter().flatten().map(|(key, _)| (time_at(key, 0), key_at(key, 8)))
    }

    /// Notes when a job is taken back.
    pub fn put_job_deadline(&mut self, deadline: TimestampMs, job_key: Key) {
        self.put_time(table::JOB_DEADLINES, deadline, job_key);
    }

    /// Forgets when a job is taken back.
    pub fn delete_job_deadline(&mut self, deadline: TimestampMs, job_key: Key) {
        self.delete_time(table::JOB_DEADLINES, deadline, job_key);
    }

    /// Jobs in workers' hands, earliest deadline first.
    pub fn job_deadlines(&self) -> impl Iterator<Item = (TimestampMs, Key)> {
        self.times(table::JOB_DEADLINES)
    }

    /// Notes when a failed job is offered again.
    pub fn put_job_backoff(&mut self, recurring_time: TimestampMs, job_key: Key) {
        self.put_time(table::JOB_BACKOFFS, recurring_time, job_key);
    }

    /// Forgets when a failed job is offered again.
    pub fn delete_job_backoff(&mut self, recurring_time: TimestampMs, job_key: Key) {
        self.delete_time(table::JOB_BACKOFFS, recurring_time, job_key);
    }

    /// Failed jobs that rest, the one offered next first.
    pub fn job_backoffs(&self) -> impl Iterator<Item = (TimestampMs, Key)> {
        self.times(table::JOB_BACKOFFS)
    }
}
