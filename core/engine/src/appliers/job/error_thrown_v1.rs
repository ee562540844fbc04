//! A worker threw an error: the job has ended if an event catches it, else it waits for somebody to mend that.

use super::rows_v1::{remove, row_of, take_out};
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_error_thrown(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    if value.is_caught {
        return remove(tables, key);
    }
    take_out(tables, key);
    tables.put_job(key, &row_of(value, JobState::ErrorThrown));
}
