//! Events of start events that wait for messages.

mod correlated_v1;
mod created_v1;
mod deleted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::MessageStartEventSubscriptionRecord;
use ringbolt_record::{Intent, Key, MessageStartEventSubscriptionIntent};
use ringbolt_tables::Tables;

impl Applied for MessageStartEventSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::MessageStartEventSubscription(intent) = intent else { return Err(NoEvent) };
        match intent {
            MessageStartEventSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            MessageStartEventSubscriptionIntent::Correlated => correlated_v1::apply_correlated(tables, value),
            MessageStartEventSubscriptionIntent::Deleted => deleted_v1::apply_deleted(tables, key, value),
        }
        Ok(())
    }
}
