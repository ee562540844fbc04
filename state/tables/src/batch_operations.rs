//! Batch operations that have not ended, how far each has come on this partition, and the items that it has still to do.
//!
//! A batch operation has the same key on every partition, so no row is owned by it. Its items stand in chunks, in the order in which
//! they were selected; of the first chunk those before `offset` were taken.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::{BatchItem, BatchOperationErrorType, BatchOperationType, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;
/// Bytes of an item in a row.
const ITEM_BYTES: usize = 24;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOperationRow<'a> {
    /// What is done with each item.
    pub kind: BatchOperationType,
    /// How many partitions it runs on.
    pub partition_count: u16,
    /// Whom it is for: a filter of the API, as JSON.
    pub filter: &'a str,
    /// How it is done, as bytes of their own version.
    pub plan: &'a [u8],
}

/// Whether a batch operation goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchOperationStatus {
    /// It does.
    #[default]
    Going = 0,
    /// It rests until it is resumed.
    Suspended = 1,
    /// It was canceled; its items are being forgotten.
    Canceled = 2,
}

/// How far a batch operation has come on this partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchOperationProgress {
    /// Whether it goes on.
    pub status: BatchOperationStatus,
    /// All items were selected.
    pub is_selected: bool,
    /// This partition's part has ended.
    pub has_ended: bool,
    /// The last key that was looked at while they were.
    pub cursor: Key,
    /// Items selected.
    pub items: u64,
    /// Items taken.
    pub taken: u64,
    /// Items that could not be done.
    pub failed: u64,
    /// Items of the first chunk that were taken.
    pub offset: u32,
    /// Partitions whose part has ended; only the one that leads it knows.
    pub ended_partitions: Vec<u16>,
    /// What failed there.
    pub failures: Vec<BatchOperationFailure>,
}

/// Why a partition's part failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOperationFailure {
    /// Which partition.
    pub partition_id: u16,
    /// The kind of failure.
    pub error_type: BatchOperationErrorType,
    /// What went wrong.
    pub message: String,
}

fn read_progress(row: &[u8]) -> BatchOperationProgress {
    let mut row = RowReader::begin(row, VERSION);
    let status = match row.u8() {
        0 => BatchOperationStatus::Going,
        1 => BatchOperationStatus::Suspended,
        2 => BatchOperationStatus::Canceled,
        _ => known(None),
    };
    let (is_selected, has_ended) = (row.u8() != 0, row.u8() != 0);
    let cursor = row.key();
    let [items, taken, failed] = [row.key().0, row.key().0, row.key().0];
    let offset = row.u32();
    let ended_partitions = (0..row.u32()).map(|_| row.u16()).collect();
    let failures = (0..row.u32()).map(|_| BatchOperationFailure {
        partition_id: row.u16(),
        error_type: known(BatchOperationErrorType::from_number(row.u8())),
        message: row.text().to_owned(),
    });
    let failures = failures.collect();
    BatchOperationProgress {
        status,
        is_selected,
        has_ended,
        cursor,
        items,
        taken,
        failed,
        offset,
        ended_partitions,
        failures,
    }
}

/// The items of a chunk.
fn items_of(row: &[u8]) -> impl ExactSizeIterator<Item = BatchItem> {
    assert_eq!(row.first(), Some(&VERSION), "a row's version is not the one this version of Ringbolt knows");
    let (items, rest) = row[1..].as_chunks::<ITEM_BYTES>();
    assert!(rest.is_empty(), "a chunk ends within an item");
    items.iter().map(|item| {
        let key = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&item[at..at + 8]);
            Key(u64::from_le_bytes(bytes))
        };
        BatchItem { item_key: key(0), process_instance_key: key(8), root_process_instance_key: key(16) }
    })
}

impl Tables {
    /// What was asked of a batch operation that has not ended.
    pub fn batch_operation(&self, key: Key) -> Option<BatchOperationRow<'_>> {
        let mut row =
            RowReader::begin(self.store.get(table::BATCH_OPERATIONS, &key.0.to_be_bytes())?, VERSION);
        Some(BatchOperationRow {
            kind: known(BatchOperationType::from_number(row.u8())),
            partition_count: row.u16(),
            filter: row.text(),
            plan: row.rest(),
        })
    }

    /// How far it has come here.
    pub fn batch_operation_progress(&self, key: Key) -> Option<BatchOperationProgress> {
        self.store.get(table::BATCH_OPERATION_PROGRESS, &key.0.to_be_bytes()).map(read_progress)
    }

    /// All that have not ended, by key.
    pub fn batch_operations(&self) -> impl Iterator<Item = Key> {
        self.store.range(table::BATCH_OPERATION_PROGRESS, &[], &[]).map(|(key, _)| key_at(key, 0))
    }

    /// The first one whose items are to be selected here.
    pub fn batch_operation_to_select(&self) -> Option<Key> {
        self.first(table::BATCH_OPERATIONS_TO_SELECT, &[]).map(|(key, _)| key_at(key, 0))
    }

    /// The item that comes next.
    pub fn next_batch_item(&self, key: Key) -> Option<BatchItem> {
        let offset = self.batch_operation_progress(key)?.offset as usize;
        let (_, row) = self.first(table::BATCH_OPERATION_CHUNKS, &key.0.to_be_bytes())?;
        items_of(row).nth(offset)
    }

    /// The items of a chunk that are still to do.
    pub fn batch_items_left(&self, key: Key, chunk_key: Key) -> Vec<BatchItem> {
        let row_key = RowKey::new().key(key).key(chunk_key);
        let Some(row) = self.store.get(table::BATCH_OPERATION_CHUNKS, &row_key) else { return Vec::new() };
        let first = self.first(table::BATCH_OPERATION_CHUNKS, &key.0.to_be_bytes());
        let is_first = first.is_some_and(|(first, _)| key_at(first, 8) == chunk_key);
        let taken =
            self.batch_operation_progress(key).filter(|_| is_first).map_or(0, |progress| progress.offset);
        items_of(row).skip(taken as usize).collect()
    }

    /// How many chunks it has, counted up to a bound.
    pub fn batch_chunks(&self, key: Key, max: usize) -> usize {
        let prefix = key.0.to_be_bytes();
        let Some(from) = self.hints.get(table::BATCH_OPERATION_CHUNKS, &prefix) else { return 0 };
        self.store.range(table::BATCH_OPERATION_CHUNKS, &prefix, &from).take(max).count()
    }

    /// Keeps a batch operation.
    pub fn put_batch_operation(&mut self, key: Key, row: &BatchOperationRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .u8(row.kind.number())
            .u16(row.partition_count)
            .bytes(row.filter.as_bytes())
            .raw(row.plan);
        self.store.put(table::BATCH_OPERATIONS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// Keeps how far it has come here.
    pub fn put_batch_operation_progress(&mut self, key: Key, progress: &BatchOperationProgress) {
        let was_to_select = self.store.get(table::BATCH_OPERATIONS_TO_SELECT, &key.0.to_be_bytes()).is_some();
        let count = |len: usize| u32::try_from(len).expect("there are at most 4095 partitions");
        let mut row = RowWriter::begin(&mut self.scratch, VERSION)
            .u8(progress.status as u8)
            .u8(u8::from(progress.is_selected))
            .u8(u8::from(progress.has_ended))
            .key(progress.cursor)
            .key(Key(progress.items))
            .key(Key(progress.taken))
            .key(Key(progress.failed))
            .u32(progress.offset)
            .u32(count(progress.ended_partitions.len()));
        for partition in &progress.ended_partitions {
            row = row.u16(*partition);
        }
        row = row.u32(count(progress.failures.len()));
        for failure in &progress.failures {
            row = row
                .u16(failure.partition_id)
                .u8(failure.error_type.number())
                .bytes(failure.message.as_bytes());
        }
        let _ = row;
        self.store.put(table::BATCH_OPERATION_PROGRESS, &key.0.to_be_bytes(), &self.scratch);
        let is_to_select =
            progress.status == BatchOperationStatus::Going && !progress.is_selected && !progress.has_ended;
        if is_to_select && !was_to_select {
            self.hints.inserted(table::BATCH_OPERATIONS_TO_SELECT, &[], &key.0.to_be_bytes());
            self.store.put(table::BATCH_OPERATIONS_TO_SELECT, &key.0.to_be_bytes(), &[]);
        } else if was_to_select && !is_to_select {
            self.delete_to_select(key);
        }
    }

    fn delete_to_select(&mut self, key: Key) {
        self.store.delete(table::BATCH_OPERATIONS_TO_SELECT, &key.0.to_be_bytes(), RowOwner::Shared);
    }

    /// Adds a chunk of items behind those that there are.
    pub fn put_batch_chunk(&mut self, key: Key, chunk_key: Key, items: impl Iterator<Item = BatchItem>) {
        let row = RowWriter::begin(&mut self.scratch, VERSION);
        let _ = items.fold(row, |row, item| {
            row.key(item.item_key).key(item.process_instance_key).key(item.root_process_instance_key)
        });
        let (prefix, suffix) = (key.0.to_be_bytes(), chunk_key.0.to_be_bytes());
        self.hints.inserted(table::BATCH_OPERATION_CHUNKS, &prefix, &suffix);
        let row_key = RowKey::new().key(key).key(chunk_key);
        self.store.put(table::BATCH_OPERATION_CHUNKS, &row_key, &self.scratch);
    }

    /// Takes the item that comes next out of its chunk, and counts it.
    pub fn take_batch_item(&mut self, key: Key) {
        let Some(mut progress) = self.batch_operation_progress(key) else { return };
        progress.taken += 1;
        progress.offset += 1;
        let first = self.first(table::BATCH_OPERATION_CHUNKS, &key.0.to_be_bytes());
        let Some((chunk_key, is_used_up)) =
            first.map(|(row_key, row)| (key_at(row_key, 8), items_of(row).len() <= progress.offset as usize))
        else {
            return;
        };
        if is_used_up {
            progress.offset = 0;
            self.delete_batch_chunk(key, chunk_key);
        }
        self.put_batch_operation_progress(key, &progress);
    }

    /// Deletes the first chunks of a batch operation.
    pub fn delete_batch_chunks(&mut self, key: Key, count: usize) {
        for _ in 0..count {
            let first = self.first(table::BATCH_OPERATION_CHUNKS, &key.0.to_be_bytes());
            let Some(chunk_key) = first.map(|(row_key, _)| key_at(row_key, 8)) else { return };
            self.delete_batch_chunk(key, chunk_key);
        }
    }

    fn delete_batch_chunk(&mut self, key: Key, chunk_key: Key) {
        let row_key = RowKey::new().key(key).key(chunk_key);
        self.store.delete(table::BATCH_OPERATION_CHUNKS, &row_key, RowOwner::Shared);
    }

    /// Forgets a batch operation that has no chunks.
    pub fn delete_batch_operation(&mut self, key: Key) {
        self.store.delete(table::BATCH_OPERATIONS, &key.0.to_be_bytes(), RowOwner::Shared);
        self.store.delete(table::BATCH_OPERATION_PROGRESS, &key.0.to_be_bytes(), RowOwner::Shared);
        if self.store.get(table::BATCH_OPERATIONS_TO_SELECT, &key.0.to_be_bytes()).is_some() {
            self.delete_to_select(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchOperationFailure, BatchOperationProgress, BatchOperationRow, BatchOperationStatus};
    use crate::Tables;
    use ringbolt_record::{BatchItem, BatchOperationErrorType, BatchOperationType, Key};
    use ringbolt_store::open_memory;

    fn item(number: u64) -> BatchItem {
        BatchItem {
            item_key: Key(number),
            process_instance_key: Key(number + 1),
            root_process_instance_key: Key(number + 2),
        }
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        let mut tables = Tables::new(open_memory());
        let kind = BatchOperationType::ModifyProcessInstance;
        let row = BatchOperationRow { kind, partition_count: 3, filter: "{}", plan: b"plan" };
        tables.put_batch_operation(Key(7), &row);
        assert_eq!(tables.batch_operation(Key(7)), Some(row));
        let failure = BatchOperationFailure {
            partition_id: 2,
            error_type: BatchOperationErrorType::QueryFailed,
            message: "why".to_owned(),
        };
        let progress = BatchOperationProgress {
            status: BatchOperationStatus::Suspended,
            is_selected: true,
            has_ended: true,
            cursor: Key(8),
            items: 9,
            taken: 10,
            failed: 11,
            offset: 12,
            ended_partitions: vec![1, 3],
            failures: vec![failure],
        };
        tables.put_batch_operation_progress(Key(7), &progress);
        assert_eq!(tables.batch_operation_progress(Key(7)), Some(progress));
        tables.delete_batch_operation(Key(7));
        assert_eq!((tables.batch_operation(Key(7)), tables.store().dump().count()), (None, 0));
    }

    #[test]
    fn items_come_in_order_and_chunks_go_when_they_are_used_up() {
        let mut tables = Tables::new(open_memory());
        tables.put_batch_operation_progress(Key(7), &BatchOperationProgress::default());
        tables.put_batch_chunk(Key(7), Key(100), [item(10), item(20)].into_iter());
        tables.put_batch_chunk(Key(7), Key(101), [item(30)].into_iter());
        tables.put_batch_chunk(Key(8), Key(102), [item(40)].into_iter());
        for number in [10, 20, 30] {
            assert_eq!(tables.next_batch_item(Key(7)), Some(item(number)));
            tables.take_batch_item(Key(7));
        }
        assert_eq!(tables.next_batch_item(Key(7)), None);
        assert_eq!((tables.batch_chunks(Key(7), 9), tables.batch_chunks(Key(8), 9)), (0, 1));
        assert_eq!(tables.batch_operation_progress(Key(7)).map(|progress| progress.taken), Some(3));
        tables.delete_batch_chunks(Key(8), 5);
        assert_eq!(tables.batch_chunks(Key(8), 9), 0);
    }

    #[test]
    fn those_that_go_on_and_are_not_selected_are_to_be_selected_by_key() {
        let mut tables = Tables::new(open_memory());
        let mut put = |key, status, is_selected| {
            let progress =
                BatchOperationProgress { status, is_selected, ..BatchOperationProgress::default() };
            tables.put_batch_operation_progress(Key(key), &progress);
            tables.batch_operation_to_select()
        };
        assert_eq!(put(9, BatchOperationStatus::Going, false), Some(Key(9)));
        assert_eq!(put(8, BatchOperationStatus::Going, false), Some(Key(8)));
        assert_eq!(put(8, BatchOperationStatus::Suspended, false), Some(Key(9)));
        assert_eq!(put(8, BatchOperationStatus::Going, false), Some(Key(8)));
        assert_eq!(put(8, BatchOperationStatus::Going, true), Some(Key(9)));
        tables.delete_batch_operation(Key(9));
        assert_eq!(tables.batch_operation_to_select(), None);
    }
}
