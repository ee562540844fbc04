//! An attempt at a job failed: it waits again, rests, or has no retries left.

use super::rows_v1::{make_activatable, row_of, take_out};
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_failed(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let row = row_of(value, JobState::Failed);
    let has_retries = row.retries > 0;
    if has_retries && row.retry_backoff.0 <= 0 {
        return make_activatable(tables, key, value);
    }
    take_out(tables, key);
    tables.put_job(key, &row);
    if has_retries {
        tables.put_job_backoff(row.recurring_time, key);
    }
}
