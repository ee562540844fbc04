//! What the appliers of jobs share. Frozen with them.

use ringbolt_record::values::{ArchivedJobRecord, InstanceRef};
use ringbolt_record::{DurationMs, ElementIndex, JobKind, JobListenerEventType, Key, TimestampMs};
use ringbolt_tables::{JobRow, JobState, JobText, Tables};

/// The row that an event describes.
pub(super) fn row_of(value: &ArchivedJobRecord<'_>, state: JobState) -> JobRow {
    let text = JobText {
        job_type: &value.job_type,
        worker: &value.worker,
        error_message: &value.error_message,
        error_code: &value.error_code,
        tenant_id: &value.tenant_id,
    };
    let mut row = JobRow::new(
        InstanceRef::of(&value.instance),
        Key::of(&value.element_instance_key),
        ElementIndex::of(&value.element_index),
        JobKind::of(&value.kind),
        text,
    );
    row.listener_event_type = JobListenerEventType::of(&value.listener_event_type);
    row.listener_index = value.listener_index.to_native();
    row.has_own_headers = value.has_own_headers;
    row.state = state;
    row.retries = value.retries.to_native();
    row.priority = value.priority.to_native();
    row.lease = Key::of(&value.lease);
    row.deadline = TimestampMs::of(&value.deadline);
    row.retry_backoff = DurationMs::of(&value.retry_backoff);
    row.recurring_time = TimestampMs::of(&value.recurring_time);
    row
}

/// Takes a job out of the index that its state puts it in, and returns it.
pub(in crate::appliers) fn take_out(tables: &mut Tables, key: Key) -> JobRow {
    let row = tables.job(key).expect("an event is about a job that is there");
    match row.state {
        JobState::Activatable => tables.delete_activatable_job(&row, key),
        JobState::Activated => tables.delete_job_deadline(row.deadline, key),
        JobState::Failed => {
            if row.recurring_time.0 != 0 {
                tables.delete_job_backoff(row.recurring_time, key);
            }
        }
        JobState::ErrorThrown | JobState::Suspended => {}
    }
    row
}

/// Removes a job with all that belongs to it alone.
pub(super) fn remove(tables: &mut Tables, key: Key) {
    if take_out(tables, key).has_own_headers {
        tables.delete_job_headers(key);
    }
    tables.delete_job(key);
}

/// Replaces a job by what an event says, offered to workers.
pub(super) fn make_activatable(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    take_out(tables, key);
    let row = row_of(value, JobState::Activatable);
    tables.put_job(key, &row);
    tables.put_activatable_job(&row, key);
}
