//! Who has a business id: of each process and owner the instances that have it, wherever they run, on the partition of the id; and on each
//! partition those that run there. Besides, which partitions are told when an id is free.
//!
//! Kept whether or not ids have to differ, so that this may be asked for at any start.

use crate::key::{RowKey, key_at};
use crate::{InstanceMetadataRow, Tables, table};
use ringbolt_record::{Key, PartitionId};
use ringbolt_store::RowOwner;

/// A business id of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfBusiness<'a> {
    /// Owner.
    pub tenant_id: &'a str,
    /// The process's id in the model.
    pub bpmn_process_id: &'a str,
    /// The client's own id.
    pub business_id: &'a str,
}

impl OfBusiness<'_> {
    fn row_key(&self) -> RowKey {
        RowKey::new().text(self.tenant_id).text(self.bpmn_process_id).text(self.business_id)
    }
}

/// What an instance has by what it carries.
fn held(metadata: &InstanceMetadataRow) -> Option<OfBusiness<'_>> {
    let [tenant_id, bpmn_process_id] = metadata.business_id_of.as_ref()?;
    Some(OfBusiness { tenant_id, bpmn_process_id, business_id: &metadata.business_id })
}

impl Tables {
    /// The instances that have a business id, the oldest key first.
    pub fn holders_of_business_id(&self, of: OfBusiness<'_>) -> impl Iterator<Item = Key> + '_ {
        let list = of.row_key();
        let first = self.first(table::BUSINESS_IDS, &list).map(|(key, _)| key_at(key, key.len() - 8));
        let rows = first.map(|first| self.store.range(table::BUSINESS_IDS, &list, &first.0.to_be_bytes()));
        rows.into_iter().flatten().map(|(key, _)| key_at(key, key.len() - 8))
    }

    /// Whether an instance has a business id.
    pub fn has_business_id(&self, of: OfBusiness<'_>, holder: Key) -> bool {
        self.store.get(table::BUSINESS_IDS, &of.row_key().key(holder)).is_some()
    }

    /// An instance has a business id.
    pub fn put_business_id(&mut self, of: OfBusiness<'_>, holder: Key) {
        let list = of.row_key();
        self.hints.inserted(table::BUSINESS_IDS, &list, &holder.0.to_be_bytes());
        self.store.put(table::BUSINESS_IDS, &list.key(holder), &[]);
    }

    /// An instance has a business id no more.
    pub fn delete_business_id(&mut self, of: OfBusiness<'_>, holder: Key) {
        let newest = Key(self.store.newest_mark().key_counter);
        // Keys of other partitions say nothing of when the row was written.
        let owner = match newest.is_none() || newest.partition() == holder.partition() {
            true => RowOwner::Generated(holder.0),
            false => RowOwner::Shared,
        };
        if self.has_business_id(of, holder) {
            self.store.delete(table::BUSINESS_IDS, &of.row_key().key(holder), owner);
        }
    }

    /// The instance of a definition begins to have the business id that it carries. Not to be called for one that was called.
    pub fn note_business_id(&mut self, holder: Key, definition_key: Key) {
        let Some(mut metadata) = self.instance_metadata(holder).filter(|row| !row.business_id.is_empty())
        else {
            return;
        };
        let process = self.process(definition_key);
        metadata.business_id_of = process.map(|row| [row.tenant_id, row.bpmn_process_id].map(str::to_owned));
        self.put_instance_metadata(holder, &metadata);
        if let Some(of) = held(&metadata) {
            self.put_business_id(of, holder);
        }
    }

    /// An instance that is about to end, or to run another definition, has its business id no more; what it carries stays as it is.
    pub fn forget_business_id(&mut self, holder: Key) {
        if let Some(metadata) = self.instance_metadata(holder)
            && let Some(of) = held(&metadata)
        {
            self.delete_business_id(of, holder);
        }
    }

    /// An instance that is still there has its business id no more, as what it carries says from now on.
    pub fn release_business_id(&mut self, holder: Key) {
        self.forget_business_id(holder);
        if let Some(mut metadata) = self.instance_metadata(holder)
            && metadata.business_id_of.take().is_some()
        {
            self.put_instance_metadata(holder, &metadata);
        }
    }

    /// The partitions that are told when a business id is free, in the order of their numbers.
    pub fn waits_for_business_id(&self, of: OfBusiness<'_>) -> Vec<PartitionId> {
        let rows = self.store.range(table::BUSINESS_ID_WAITS, &of.row_key(), &[]);
        rows.map(|(key, _)| {
            let (_, number) = key.split_last_chunk::<4>().expect("a key ends with a partition");
            PartitionId(u32::from_be_bytes(*number) as u16)
        })
        .collect()
    }

    /// A partition is to be told when a business id is free.
    pub fn put_wait_for_business_id(&mut self, of: OfBusiness<'_>, partition: PartitionId) {
        self.store.put(table::BUSINESS_ID_WAITS, &of.row_key().number(partition.0.into()), &[]);
    }

    /// A partition was told.
    pub fn delete_wait_for_business_id(&mut self, of: OfBusiness<'_>, partition: PartitionId) {
        self.store.delete(
            table::BUSINESS_ID_WAITS,
            &of.row_key().number(partition.0.into()),
            RowOwner::Shared,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::OfBusiness;
    use crate::Tables;
    use ringbolt_record::{Key, PartitionId};
    use ringbolt_store::{Finished, Mark, open_memory};
    use std::collections::BTreeSet;

    const OF: OfBusiness<'static> =
        OfBusiness { tenant_id: "t", bpmn_process_id: "p", business_id: "order-1" };

    fn key(partition: u16, local: u64) -> Key {
        Key::new(PartitionId(partition), local)
    }

    /// Whatever is written, deleted, rolled back and checkpointed: those that have it are found, and no others.
    #[test]
    fn holders_are_those_that_have_it() {
        for seed in 1..200u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut below = |bound: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % bound
            };
            let mut tables = Tables::new(open_memory());
            let (mut holders, mut kept) = (BTreeSet::new(), None);
            for number in 1..80 {
                match below(6) {
                    0 | 1 => {
                        let holder = key(1 + below(3) as u16, number);
                        tables.put_business_id(OF, holder);
                        holders.insert(holder);
                    }
                    2 => {
                        let holder = holders.iter().nth(below(1 + holders.len() as u64) as usize).copied();
                        let holder = holder.unwrap_or(key(1, 1_000));
                        tables.delete_business_id(OF, holder);
                        holders.remove(&holder);
                    }
                    3 if kept.is_none() => {
                        tables.savepoint();
                        kept = Some(holders.clone());
                    }
                    4 => {
                        if let Some(before) = kept.take() {
                            tables.rollback();
                            holders = before;
                        }
                    }
                    5 if kept.is_none() => {
                        let key_counter = key(2, number).0;
                        let outcome =
                            tables.store_mut().freeze(Mark { key_counter, ..Mark::default() }).run();
                        let Finished::Committed(_) = tables.store_mut().finish_checkpoint(outcome) else {
                            panic!("a checkpoint in memory is written");
                        };
                    }
                    _ => {}
                }
                let found: Vec<Key> = tables.holders_of_business_id(OF).collect();
                assert_eq!(found, holders.iter().copied().collect::<Vec<_>>(), "seed {seed}");
            }
        }
    }

    #[test]
    fn who_waits_for_an_id_is_told_once() {
        let mut tables = Tables::new(open_memory());
        [3, 1, 3].into_iter().for_each(|id| tables.put_wait_for_business_id(OF, PartitionId(id)));
        assert_eq!(tables.waits_for_business_id(OF), [PartitionId(1), PartitionId(3)]);
        let other = OfBusiness { business_id: "order-2", ..OF };
        assert_eq!(tables.waits_for_business_id(other), []);
        [1, 3].into_iter().for_each(|id| tables.delete_wait_for_business_id(OF, PartitionId(id)));
        assert_eq!(tables.store().dump().count(), 0);
    }
}
