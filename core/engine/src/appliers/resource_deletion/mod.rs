//! Events of deletions. What is deleted has events of its own, so these change nothing.

use super::{Applied, NoEvent};
use ringbolt_record::values::ResourceDeletionRecord;
use ringbolt_record::{Intent, Key, ResourceDeletionIntent};
use ringbolt_tables::Tables;

impl Applied for ResourceDeletionRecord<'_> {
    fn apply(_: &mut Tables, intent: Intent, _: Key, _: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ResourceDeletion(intent) = intent else { return Err(NoEvent) };
        match intent {
            ResourceDeletionIntent::Deleting | ResourceDeletionIntent::Deleted => Ok(()),
            ResourceDeletionIntent::Delete => Err(NoEvent),
        }
    }
}
