//! Events of deletions of what has ended. The state has nothing of it any more, so these change nothing.

use super::{Applied, NoEvent};
use ringbolt_record::values::HistoryDeletionRecord;
use ringbolt_record::{HistoryDeletionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for HistoryDeletionRecord {
    fn apply(_: &mut Tables, intent: Intent, _: Key, _: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::HistoryDeletion(intent) = intent else { return Err(NoEvent) };
        match intent {
            HistoryDeletionIntent::Deleted => Ok(()),
            HistoryDeletionIntent::Delete => Err(NoEvent),
        }
    }
}
