//! Deployments on their way to other partitions, and those that came from one.

use crate::key::{RowKey, key_at};
use crate::{Tables, table};
use ringbolt_record::{Key, PartitionId};
use ringbolt_store::RowOwner;

impl Tables {
    /// A deployment is to reach a partition.
    pub fn put_distribution(&mut self, deployment_key: Key, partition: PartitionId) {
        let key = RowKey::new().key(deployment_key).number(u32::from(partition.0));
        self.store.put(table::PENDING_DISTRIBUTIONS, &key, &[]);
    }

    /// A deployment has reached a partition.
    pub fn delete_distribution(&mut self, deployment_key: Key, partition: PartitionId) {
        let key = RowKey::new().key(deployment_key).number(u32::from(partition.0));
        self.store.delete(table::PENDING_DISTRIBUTIONS, &key, RowOwner::Generated(deployment_key.0));
    }

    /// Whether a deployment is still to reach a partition.
    pub fn has_distribution(&self, deployment_key: Key, partition: PartitionId) -> bool {
        let key = RowKey::new().key(deployment_key).number(u32::from(partition.0));
        self.store.get(table::PENDING_DISTRIBUTIONS, &key).is_some()
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
