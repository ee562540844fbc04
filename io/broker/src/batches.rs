//! Batch operations of this core's partitions whose items are still to be selected: whoever selects asks for them, and brings the items as commands.

use crate::core::CoreBroker;
use ringbolt_record::{BatchOperationType, Key, PartitionId};

/// A batch operation whose items are to be selected on a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToSelect {
    /// Which one.
    pub batch_operation_key: Key,
    /// What is done with each item.
    pub kind: BatchOperationType,
    /// Whom it is for: a filter of the API, as JSON.
    pub filter: String,
    /// Up to which key they were selected already.
    pub after: Key,
}

impl CoreBroker {
    /// The partitions of this core.
    pub fn local_partitions(&self) -> &[PartitionId] {
        &self.shared.local_ids
    }

    /// The batch operation whose items a partition of this core waits for, if there is one. They come one after the other.
    pub fn batch_operation_to_select(&self, partition: PartitionId) -> Option<ToSelect> {
        let inner = self.shared.inner.borrow();
        let partition = inner.partitions.get(&partition).filter(|partition| partition.stopped().is_none())?;
        let tables = partition.tables();
        let batch_operation_key = tables.batch_operation_to_select()?;
        let row = tables.batch_operation(batch_operation_key)?;
        let after = tables.batch_operation_progress(batch_operation_key)?.cursor;
        Some(ToSelect { batch_operation_key, kind: row.kind, filter: row.filter.to_owned(), after })
    }
}
