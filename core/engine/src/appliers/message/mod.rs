//! Events of messages.

mod expired_v1;
mod published_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::MessageRecord;
use ringbolt_record::{Intent, Key, MessageIntent};
use ringbolt_tables::Tables;

impl Applied for MessageRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Message(intent) = intent else { return Err(NoEvent) };
        match intent {
            MessageIntent::Published => published_v1::apply_published(tables, key, value),
            MessageIntent::Expired => expired_v1::apply_expired(tables, key, value),
            MessageIntent::Publish | MessageIntent::Expire => return Err(NoEvent),
        }
        Ok(())
    }
}
