//! Events of those who wait for signals.

mod created_v1;
mod deleted_v1;
mod migrated_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::SignalSubscriptionRecord;
use ringbolt_record::{Intent, Key, SignalSubscriptionIntent};
use ringbolt_tables::Tables;

impl Applied for SignalSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::SignalSubscription(intent) = intent else { return Err(NoEvent) };
        match intent {
            SignalSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            SignalSubscriptionIntent::Deleted => deleted_v1::apply_deleted(tables, key, value),
            SignalSubscriptionIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
        }
        Ok(())
    }
}
