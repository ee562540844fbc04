//! A job has another priority; one that waits goes to another place.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_priority_updated(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let mut row = tables.job(key).expect("an event is about a job that is there");
    let waits = row.state == JobState::Activatable;
    if waits {
        tables.delete_activatable_job(&row, key);
    }
    row.priority = value.priority.to_native();
    tables.put_job(key, &row);
    if waits {
        tables.put_activatable_job(&row, key);
    }
}
