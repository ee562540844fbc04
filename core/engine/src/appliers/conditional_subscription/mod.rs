//! Events of those who wait for conditions.

mod created_v1;
mod deleted_v1;
mod migrated_v1;
mod rows_v1;
mod start_created_v1;
mod start_deleted_v1;
mod triggered_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ConditionalSubscriptionRecord;
use ringbolt_record::{ConditionalSubscriptionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for ConditionalSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ConditionalSubscription(intent) = intent else { return Err(NoEvent) };
        let is_start = Key::of(&value.element_instance_key).is_none();
        match intent {
            ConditionalSubscriptionIntent::Created if is_start => {
                start_created_v1::apply_start_created(tables, key, value);
            }
            ConditionalSubscriptionIntent::Deleted if is_start => {
                start_deleted_v1::apply_start_deleted(tables, key, value);
            }
            ConditionalSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            ConditionalSubscriptionIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            ConditionalSubscriptionIntent::Triggered => triggered_v1::apply_triggered(tables, key, value),
            ConditionalSubscriptionIntent::Deleted => deleted_v1::apply_deleted(tables, key, value),
        }
        Ok(())
    }
}
