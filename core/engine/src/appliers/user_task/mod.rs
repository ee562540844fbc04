//! Events of user tasks.

mod changed_v1;
mod corrected_v1;
mod creating_v1;
mod ended_v1;
mod migrated_v1;
mod rows_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::UserTaskRecord;
use ringbolt_record::{Intent, Key, UserTaskIntent};
use ringbolt_tables::{Tables, UserTaskState};
use rows_v1::{begin, end};

impl Applied for UserTaskRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::UserTask(intent) = intent else { return Err(NoEvent) };
        match intent {
            UserTaskIntent::Creating => creating_v1::apply_creating(tables, key, value),
            UserTaskIntent::Created
            | UserTaskIntent::AssignmentDenied
            | UserTaskIntent::CompletionDenied
            | UserTaskIntent::UpdateDenied => end(tables, key),
            UserTaskIntent::Corrected => corrected_v1::apply_corrected(tables, key, value),
            UserTaskIntent::Assigning => begin(tables, key, value, UserTaskState::Assigning),
            UserTaskIntent::Claiming => begin(tables, key, value, UserTaskState::Claiming),
            UserTaskIntent::Updating => begin(tables, key, value, UserTaskState::Updating),
            UserTaskIntent::Completing => begin(tables, key, value, UserTaskState::Completing),
            UserTaskIntent::Canceling => begin(tables, key, value, UserTaskState::Canceling),
            UserTaskIntent::Assigned | UserTaskIntent::Updated => {
                changed_v1::apply_changed(tables, key, value)
            }
            UserTaskIntent::Completed | UserTaskIntent::Canceled => ended_v1::apply_ended(tables, key),
            UserTaskIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            UserTaskIntent::Complete
            | UserTaskIntent::Assign
            | UserTaskIntent::Claim
            | UserTaskIntent::Update => return Err(NoEvent),
        }
        Ok(())
    }
}
