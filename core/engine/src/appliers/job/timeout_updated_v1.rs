//! A worker has a job until another time.

use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::Tables;

pub(super) fn apply_timeout_updated(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let mut row = tables.job(key).expect("an event is about a job that is there");
    tables.delete_job_deadline(row.deadline, key);
    row.deadline = TimestampMs::of(&value.deadline);
    tables.put_job_deadline(row.deadline, key);
    tables.put_job(key, &row);
}
