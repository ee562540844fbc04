//! Deployments on their way to other partitions, and those that came from one.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::{Key, PartitionId};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

fn row_key(deployment_key: Key, partition: PartitionId) -> RowKey {
    RowKey::new().key(deployment_key).number(u32::from(partition.0))
}

impl Tables {
    /// A deployment of these definitions is to reach a partition.
    pub fn put_distribution(&mut self, deployment_key: Key, partition: PartitionId, definitions: &[Key]) {
        let mut row = RowWriter::begin(&mut self.scratch, VERSION);
        for key in definitions {
            row = row.key(*key);
        }
        self.store.put(table::PENDING_DISTRIBUTIONS, &row_key(deployment_key, partition), &self.scratch);
    }

    /// A deployment has reached a partition.
    pub fn delete_distribution(&mut self, deployment_key: Key, partition: PartitionId) {
        let owner = RowOwner::Generated(deployment_key.0);
        self.store.delete(table::PENDING_DISTRIBUTIONS, &row_key(deployment_key, partition), owner);
    }

    /// The definitions of a deployment that is still to reach a partition.
    pub fn distribution(&self, deployment_key: Key, partition: PartitionId) -> Option<Vec<Key>> {
        let row = self.store.get(table::PENDING_DISTRIBUTIONS, &row_key(deployment_key, partition))?;
        let mut row = RowReader::begin(row, VERSION);
        let mut keys = Vec::new();
        while !row.is_empty() {
            keys.push(row.key());
        }
        Some(keys)
    }

    /// Deployments that have not reached a partition, oldest first.
    pub fn distributions(&self) -> impl Iterator<Item = (Key, PartitionId)> {
        let rows = self.store.range(table::PENDING_DISTRIBUTIONS, &[], &[]);
        rows.map(|(key, _)| {
            let number = u32::from_be_bytes(key[8..12].try_into().expect("four bytes"));
            (key_at(key, 0), PartitionId(u16::try_from(number).expect("a partition has 13 bits")))
        })
    }

    /// Another partition's deployment has arrived here.
    pub fn put_seen_distribution(&mut self, deployment_key: Key) {
        self.store.put(table::SEEN_DISTRIBUTIONS, &deployment_key.0.to_be_bytes(), &[]);
    }

    /// Whether another partition's deployment has arrived here before.
    pub fn has_seen_distribution(&self, deployment_key: Key) -> bool {
        self.store.get(table::SEEN_DISTRIBUTIONS, &deployment_key.0.to_be_bytes()).is_some()
    }
}
