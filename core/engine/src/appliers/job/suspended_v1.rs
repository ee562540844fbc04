//! A job waits for no worker while its instance is suspended.

use super::rows_v1::{row_of, take_out};
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_suspended(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    take_out(tables, key);
    tables.put_job(key, &row_of(value, JobState::Suspended));
}
