//! Events of subscriptions of messages on the instance's side.

mod correlated_v1;
mod created_v1;
mod creating_v1;
mod deleted_v1;
mod deleting_v1;
mod migrated_v1;
mod rows_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessMessageSubscriptionRecord;
use ringbolt_record::{Intent, Key, ProcessMessageSubscriptionIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessMessageSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ProcessMessageSubscription(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessMessageSubscriptionIntent::Creating => creating_v1::apply_creating(tables, key, value),
            ProcessMessageSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            ProcessMessageSubscriptionIntent::Correlated => {
                correlated_v1::apply_correlated(tables, key, value)
            }
            ProcessMessageSubscriptionIntent::Deleting => deleting_v1::apply_deleting(tables, key, value),
            ProcessMessageSubscriptionIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            ProcessMessageSubscriptionIntent::Deleted => deleted_v1::apply_deleted(tables, key),
            ProcessMessageSubscriptionIntent::Create
            | ProcessMessageSubscriptionIntent::Correlate
            | ProcessMessageSubscriptionIntent::Delete => return Err(NoEvent),
        }
        Ok(())
    }
}
