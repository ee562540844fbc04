//! Takes the items over that were selected for a batch operation on this partition, a page at a time; or that they cannot be.
//!
//! Whoever selects says up to where items were selected before. What comes late, or twice, says another place and changes nothing.

use crate::behaviors::batch_operations;
use crate::contract::BATCH_ITEMS_MAX;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::batch_operation::AddItems;
use ringbolt_record::values::{BatchOperationChunkRecord, BatchOperationInitializationRecord};
use ringbolt_record::{
    BatchItem, BatchOperationChunkIntent, BatchOperationErrorType, BatchOperationInitializationIntent, Key,
    Reply,
};
use ringbolt_tables::{BatchOperationProgress, BatchOperationStatus};

/// Items of one chunk, as in Zeebe.
const CHUNK_ITEMS: usize = 100;

pub(crate) fn process_add(p: &mut Processing<'_>, add: &AddItems) -> Result<(), Refusal> {
    let key = add.batch_operation_key;
    let progress = selecting(p, key, add.after)?;
    if progress.items + add.items.len() as u64 > BATCH_ITEMS_MAX {
        let message = format!("More than {BATCH_ITEMS_MAX} items were selected on this partition");
        let error_type = BatchOperationErrorType::ResultBufferSizeExceeded;
        batch_operations::end_part(p, key, Some((error_type, message)));
        p.reply(Reply::Done);
        return Ok(());
    }
    for items in add.items.chunks(CHUNK_ITEMS) {
        append_chunk(p, key, items);
    }
    let intent = if add.is_last {
        BatchOperationInitializationIntent::Initialized
    } else {
        BatchOperationInitializationIntent::Initializing
    };
    let record = BatchOperationInitializationRecord {
        batch_operation_key: key,
        cursor: add.cursor,
        items: u32::try_from(add.items.len()).unwrap_or(u32::MAX),
    };
    p.append(intent, key, &record);
    if add.is_last && progress.status == BatchOperationStatus::Going {
        if p.tables().batch_chunks(key, 1) == 0 {
            batch_operations::end_part(p, key, None);
        } else {
            batch_operations::go_on(p, key);
        }
    }
    p.reply(Reply::Done);
    Ok(())
}

pub(crate) fn process_fail(
    p: &mut Processing<'_>,
    key: Key,
    after: Key,
    error_type: BatchOperationErrorType,
    message: &str,
) -> Result<(), Refusal> {
    selecting(p, key, after)?;
    batch_operations::end_part(p, key, Some((error_type, message.to_owned())));
    p.reply(Reply::Done);
    Ok(())
}

/// How far a batch operation has come whose items were selected up to a place, and not all of them.
fn selecting(p: &Processing<'_>, key: Key, after: Key) -> Result<BatchOperationProgress, Refusal> {
    let progress = batch_operations::changeable(p, key);
    progress
        .filter(|progress| !progress.is_selected && !progress.has_ended && progress.cursor == after)
        .ok_or_else(|| {
            invalid_state(format!(
                "Expected to select items of a batch operation with key '{}' behind '{}', but it does not wait for them",
                key.to_wire(),
                after.to_wire()
            ))
        })
}

fn append_chunk(p: &mut Processing<'_>, batch_operation_key: Key, items: &[BatchItem]) {
    let Some(kind) = p.tables().batch_operation(batch_operation_key).map(|row| row.kind) else { return };
    let chunk_key = p.next_key();
    let record = BatchOperationChunkRecord { batch_operation_key, kind, items: items.to_vec(), forgotten: 0 };
    p.append(BatchOperationChunkIntent::Created, chunk_key, &record);
}
