//! Events of jobs.

mod canceled_v1;
mod completed_v1;
mod created_v1;
mod error_thrown_v1;
mod failed_v1;
mod migrated_v1;
mod priority_updated_v1;
mod recurred_after_backoff_v1;
mod resumed_v1;
mod retries_updated_v1;
pub(super) mod rows_v1;
mod suspended_v1;
mod timed_out_v1;
mod timeout_updated_v1;
mod yielded_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::JobRecord;
use ringbolt_record::{Intent, JobIntent, Key};
use ringbolt_tables::Tables;

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
            JobIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            JobIntent::PriorityUpdated => priority_updated_v1::apply_priority_updated(tables, key, value),
            JobIntent::Updated => {}
            JobIntent::Suspended => suspended_v1::apply_suspended(tables, key, value),
            JobIntent::Resumed => resumed_v1::apply_resumed(tables, key, value),
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
