//! Deletes what is known of something that has ended. The state knows nothing of that any more, so only what runs is refused; secondary
//! storage deletes its rows when it comes to this event.

use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::values::HistoryDeletionRecord;
use ringbolt_record::{HistoryDeletionIntent, HistoryDeletionType, Key, Reply};

pub(crate) fn process_delete(
    p: &mut Processing<'_>,
    kind: HistoryDeletionType,
    key: Key,
) -> Result<(), Refusal> {
    if kind == HistoryDeletionType::ProcessInstance && p.tables().element_instance(key).is_some() {
        return Err(invalid_state(format!(
            "Expected to delete history for process instance with key '{}', but it is still active.",
            key.to_wire()
        )));
    }
    p.append(HistoryDeletionIntent::Deleted, key, &HistoryDeletionRecord { kind });
    p.reply(Reply::Done);
    Ok(())
}
