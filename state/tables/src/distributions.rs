//! Commands that every partition is to process, and the partitions that have not acknowledged them.

use crate::key::RowKey;
use crate::{Tables, table};
use ringbolt_record::{Key, PartitionId};
use ringbolt_store::RowOwner;

fn row_key(distribution_key: Key, partition: PartitionId) -> RowKey {
    RowKey::new().key(distribution_key).number(u32::from(partition.0))
}

impl Tables {
    /// A command is to reach a partition.
    pub fn put_distribution(&mut self, distribution_key: Key, partition: PartitionId) {
        self.store.put(table::PENDING_DISTRIBUTIONS, &row_key(distribution_key, partition), &[]);
    }

    /// A command has reached a partition.
    pub fn delete_distribution(&mut self, distribution_key: Key, partition: PartitionId) {
        let owner = RowOwner::Generated(distribution_key.0);
        self.store.delete(table::PENDING_DISTRIBUTIONS, &row_key(distribution_key, partition), owner);
    }

    /// Whether a command is still to reach a partition.
    pub fn has_distribution(&self, distribution_key: Key) -> bool {
        self.range_of(table::PENDING_DISTRIBUTIONS, distribution_key).next().is_some()
    }
}
