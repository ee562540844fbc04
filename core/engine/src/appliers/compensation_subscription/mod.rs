//! Events of activities that can be compensated.

mod created_v1;
mod ended_v1;
mod migrated_v1;
mod rows_v1;
mod triggered_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::CompensationSubscriptionRecord;
use ringbolt_record::{CompensationSubscriptionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for CompensationSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::CompensationSubscription(intent) = intent else { return Err(NoEvent) };
        match intent {
            CompensationSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            CompensationSubscriptionIntent::Triggered => triggered_v1::apply_triggered(tables, key, value),
            CompensationSubscriptionIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            CompensationSubscriptionIntent::Completed | CompensationSubscriptionIntent::Deleted => {
                ended_v1::apply_ended(tables, key, value)
            }
        }
        Ok(())
    }
}
