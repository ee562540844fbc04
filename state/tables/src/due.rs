//! What time brings about: one queue for everything, by time, then kind, then key.

use crate::key::{key_at, time_at, time_bytes};
use crate::row::known;
use crate::{Tables, table};
use ringbolt_record::{Key, TimestampMs};
use ringbolt_store::RowOwner;

/// What becomes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum DueKind {
    /// A job is taken back from its worker.
    JobDeadline = 1,
    /// A failed job has rested and is offered again.
    JobBackoff = 2,
    /// The event that a timer stands for is there.
    Timer = 3,
    /// A message expires.
    MessageDeadline = 8,
}

impl DueKind {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::JobDeadline),
            2 => Some(Self::JobBackoff),
            3 => Some(Self::Timer),
            8 => Some(Self::MessageDeadline),
            _ => None,
        }
    }
}

fn row_key(time: TimestampMs, kind: DueKind, key: Key) -> [u8; 17] {
    let mut bytes = [0; 17];
    bytes[..8].copy_from_slice(&time_bytes(time));
    bytes[8] = kind as u8;
    bytes[9..].copy_from_slice(&key.0.to_be_bytes());
    bytes
}

impl Tables {
    fn put_due(&mut self, time: TimestampMs, kind: DueKind, key: Key) {
        let row_key = row_key(time, kind, key);
        self.hints.inserted(table::DUE, &[], &row_key);
        self.store.put(table::DUE, &row_key, &[]);
        self.earliest_due = self.earliest_due.min(time);
    }

    fn delete_due(&mut self, time: TimestampMs, kind: DueKind, key: Key) {
        let row_key = row_key(time, kind, key);
        self.hints.deleted(table::DUE, &[], &row_key);
        self.store.delete(table::DUE, &row_key, RowOwner::Generated(key.0));
    }

    /// What becomes due, the earliest first.
    pub fn due(&self) -> impl Iterator<Item = (TimestampMs, DueKind, Key)> {
        let rows = self.first(table::DUE, &[]).map(|(from, _)| self.store.range(table::DUE, &[], from));
        let rows = rows.into_iter().flatten();
        rows.map(|(key, _)| (time_at(key, 0), known(DueKind::from_number(key[8])), key_at(key, 9)))
    }

    /// The earliest time that something was made due at since the last call; the end of time for none. What was
    /// deleted or rolled back since counts too.
    pub fn take_earliest_due(&mut self) -> TimestampMs {
        std::mem::replace(&mut self.earliest_due, TimestampMs(i64::MAX))
    }

    /// Notes when a job is taken back.
    pub fn put_job_deadline(&mut self, deadline: TimestampMs, job_key: Key) {
        self.put_due(deadline, DueKind::JobDeadline, job_key);
    }

    /// Forgets when a job is taken back.
    pub fn delete_job_deadline(&mut self, deadline: TimestampMs, job_key: Key) {
        self.delete_due(deadline, DueKind::JobDeadline, job_key);
    }

    /// Notes when a message expires.
    pub(crate) fn put_message_deadline(&mut self, deadline: TimestampMs, message_key: Key) {
        self.put_due(deadline, DueKind::MessageDeadline, message_key);
    }

    /// Forgets when a message expires.
    pub(crate) fn delete_message_deadline(&mut self, deadline: TimestampMs, message_key: Key) {
        self.delete_due(deadline, DueKind::MessageDeadline, message_key);
    }

    /// Notes when a failed job is offered again.
    pub fn put_job_backoff(&mut self, recurring_time: TimestampMs, job_key: Key) {
        self.put_due(recurring_time, DueKind::JobBackoff, job_key);
    }

    /// Whether it is noted that a timer is due.
    pub(crate) fn has_timer_due(&self, due: TimestampMs, timer_key: Key) -> bool {
        self.store.get(table::DUE, &row_key(due, DueKind::Timer, timer_key)).is_some()
    }

    /// Notes when a timer is due.
    pub fn put_timer_due(&mut self, due: TimestampMs, timer_key: Key) {
        self.put_due(due, DueKind::Timer, timer_key);
    }

    /// Forgets when a timer is due.
    pub fn delete_timer_due(&mut self, due: TimestampMs, timer_key: Key) {
        self.delete_due(due, DueKind::Timer, timer_key);
    }

    /// Forgets when a failed job is offered again.
    pub fn delete_job_backoff(&mut self, recurring_time: TimestampMs, job_key: Key) {
        self.delete_due(recurring_time, DueKind::JobBackoff, job_key);
    }
}
