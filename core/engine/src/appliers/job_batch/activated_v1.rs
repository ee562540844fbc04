//! Jobs were handed to a worker.

use crate::appliers::job::rows_v1::take_out;
use ringbolt_record::values::ArchivedJobBatchRecord;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_activated(tables: &mut Tables, batch_key: Key, value: &ArchivedJobBatchRecord<'_>) {
    let deadline = TimestampMs::of(&value.deadline);
    for key in value.job_keys.iter() {
        let key = Key::of(key);
        let mut job = take_out(tables, key);
        job.state = JobState::Activated;
        job.deadline = deadline;
        job.set_worker(&value.worker);
        if value.with_leases {
            job.lease = batch_key;
        }
        tables.put_job(key, &job);
        tables.put_job_deadline(deadline, key);
    }
}
