//! Events of subscriptions of messages on the messages' side.

mod correlated_v1;
mod correlating_v1;
mod created_v1;
mod deleted_v1;
mod migrated_v1;
mod rejected_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::MessageSubscriptionRecord;
use ringbolt_record::{Intent, Key, MessageSubscriptionIntent};
use ringbolt_tables::Tables;

impl Applied for MessageSubscriptionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::MessageSubscription(intent) = intent else { return Err(NoEvent) };
        match intent {
            MessageSubscriptionIntent::Created => created_v1::apply_created(tables, key, value),
            MessageSubscriptionIntent::Correlating => correlating_v1::apply_correlating(tables, key, value),
            MessageSubscriptionIntent::Correlated => correlated_v1::apply_correlated(tables, key, value),
            MessageSubscriptionIntent::Rejected => rejected_v1::apply_rejected(tables, key, value),
            MessageSubscriptionIntent::Deleted => deleted_v1::apply_deleted(tables, key, value),
            MessageSubscriptionIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            MessageSubscriptionIntent::Create
            | MessageSubscriptionIntent::Migrate
            | MessageSubscriptionIntent::Correlate
            | MessageSubscriptionIntent::Reject
            | MessageSubscriptionIntent::Delete => return Err(NoEvent),
        }
        Ok(())
    }
}
