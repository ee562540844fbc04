//! Events of jobs.

mod canceled_v1;
mod completed_v1;
mod created_v1;
mod error_thrown_v1;
mod failed_v1;
mod recurred_after_backoff_v1;
mod retries_updated_v1;
mod timed_out_v1;
mod timeout_updated_v1;
mod yielded_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::JobRecord;
use ringbolt_record::values::{ArchivedJobRecord, InstanceRef};
use ringbolt_record::{DurationMs, ElementIndex, JobKind, TimestampMs};
use ringbolt_record::{Intent, JobIntent, Key};
use ringbolt_tables::Tables;
use ringbolt_tables::{JobRow, JobState, JobText};

impl Applied for JobRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Job(intent) = intent else { return Err(NoEvent) };
        match intent {
            JobIntent::Created => created_v1::apply_created(tables, key, value),
            JobIntent::Completed => completed_v1::apply_completed(tables, key, value),
            JobIntent::TimedOut => timed_out_v1::apply_timed_out(tables, key, value),
            JobIntent::Failed => failed_v1::apply_failed(tables, key, value),
            JobIntent::RetriesUpdated => retries_updated_v1::apply_retries_updated(tables, key, value),
            JobIntent::Canceled => canceled_v1::apply_canceled(tables, key, value),
            JobIntent::ErrorThrown => error_thrown_v1::apply_error_thrown(tables, key, value),
            JobIntent::RecurredAfterBackoff => {
                recurred_after_backoff_v1::apply_recurred_after_backoff(tables, key, value)
            }
            JobIntent::Yielded => yielded_v1::apply_yielded(tables, key, value),
            JobIntent::TimeoutUpdated => timeout_updated_v1::apply_timeout_updated(tables, key, value),
            JobIntent::Updated => {}
            JobIntent::Complete
            | JobIntent::TimeOut
            | JobIntent::Fail
            | JobIntent::UpdateRetries
            | JobIntent::ThrowError
            | JobIntent::RecurAfterBackoff
            | JobIntent::Yield
            | JobIntent::UpdateTimeout
            | JobIntent::Update => return Err(NoEvent),
        }
        Ok(())
    }
}

/// The row that an event describes.
fn row_of(value: &ArchivedJobRecord<'_>, state: JobState) -> JobRow {
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
    row.state = state;
    row.retries = value.retries.to_native();
    row.deadline = TimestampMs::of(&value.deadline);
    row.retry_backoff = DurationMs::of(&value.retry_backoff);
    row.recurring_time = TimestampMs::of(&value.recurring_time);
    row
}

/// Takes a job out of the index that its state puts it in, and returns it.
pub(super) fn take_out(tables: &mut Tables, key: Key) -> JobRow {
    let row = tables.job(key).expect("an event is about a job that is there");
    match row.state {
        JobState::Activatable => tables.delete_activatable_job(row.tenant_id(), row.job_type(), key),
        JobState::Activated => tables.delete_job_deadline(row.deadline, key),
        JobState::Failed => {
            if row.recurring_time.0 != 0 {
                tables.delete_job_backoff(row.recurring_time, key);
            }
        }
        JobState::ErrorThrown => {}
    }
    row
}

/// Replaces a job by what an event says, offered to workers.
fn make_activatable(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    take_out(tables, key);
    tables.put_job(key, &row_of(value, JobState::Activatable));
    tables.put_activatable_job(&value.tenant_id, &value.job_type, key);
}
