//! Repeated activities: what they work through, how far they are, and what came of each item until all are done.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_record::values::ItemList;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// Of a body with so many items the results are deleted with it; of one with more, in steps of so many at most.
pub const RESULTS_AT_ONCE_MAX: u32 = 1000;

/// How far a repeated activity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MultiInstanceCounts {
    /// Instances that have completed.
    pub completed: u32,
    /// Instances that were ended.
    pub terminated: u32,
}

impl Tables {
    /// The items of a multi-instance body.
    pub fn multi_instance_items(&self, body_key: Key) -> Option<ItemList<'_>> {
        let row = self.get_of(table::MULTI_INSTANCE_ITEMS, body_key, &body_key.0.to_be_bytes())?;
        Some(ItemList::new(RowReader::begin(row, VERSION).rest()))
    }

    /// Writes a multi-instance body that begins, with its items as [`ItemList`] has them.
    pub fn put_multi_instance(&mut self, body_key: Key, items: &[u8]) {
        RowWriter::begin(&mut self.scratch, VERSION);
        self.store.put_parts(table::MULTI_INSTANCE_ITEMS, &body_key.0.to_be_bytes(), [&self.scratch, items]);
        self.put_counts(body_key, MultiInstanceCounts::default());
    }

    /// How far a multi-instance body is.
    pub fn multi_instance_counts(&self, body_key: Key) -> MultiInstanceCounts {
        let Some(row) = self.get_of(table::MULTI_INSTANCES, body_key, &body_key.0.to_be_bytes()) else {
            return MultiInstanceCounts::default();
        };
        let mut row = RowReader::begin(row, VERSION);
        MultiInstanceCounts { completed: row.u32(), terminated: row.u32() }
    }

    /// Changes how far a multi-instance body is.
    pub fn count_multi_instance(&mut self, body_key: Key, change: impl FnOnce(&mut MultiInstanceCounts)) {
        let mut counts = self.multi_instance_counts(body_key);
        change(&mut counts);
        self.put_counts(body_key, counts);
    }

    fn put_counts(&mut self, body_key: Key, counts: MultiInstanceCounts) {
        RowWriter::begin(&mut self.scratch, VERSION).u32(counts.completed).u32(counts.terminated);
        self.store.put(table::MULTI_INSTANCES, &body_key.0.to_be_bytes(), &self.scratch);
    }

    /// The results so far with the numbers of their items, in the order of the items.
    pub fn multi_instance_results(&self, body_key: Key) -> impl Iterator<Item = (u32, &[u8])> {
        let rows = self.range_of(table::MULTI_INSTANCE_RESULTS, body_key);
        rows.map(|(key, row)| {
            (u32::from_be_bytes(key[8..12].try_into().expect("a number has four bytes")), row)
        })
    }

    /// Writes the result of an item, JSON text.
    pub fn put_multi_instance_result(&mut self, body_key: Key, number: u32, value: &[u8]) {
        self.store.put(table::MULTI_INSTANCE_RESULTS, &RowKey::new().key(body_key).number(number), value);
    }

    /// Deletes all that belongs to a multi-instance body; of more items than [`RESULTS_AT_ONCE_MAX`] the results stay, and are
    /// deleted later.
    pub fn delete_multi_instance(&mut self, body_key: Key) {
        let (key, owner) = (body_key.0.to_be_bytes(), RowOwner::Generated(body_key.0));
        let Some(count) = self.multi_instance_items(body_key).map(ItemList::len) else { return };
        self.store.delete(table::MULTI_INSTANCES, &key, owner);
        self.store.delete(table::MULTI_INSTANCE_ITEMS, &key, owner);
        if count <= RESULTS_AT_ONCE_MAX {
            self.delete_multi_instance_results(body_key, count);
        }
    }

    /// Deletes the results of a multi-instance body up to the item with a number, which is included.
    pub fn delete_multi_instance_results(&mut self, body_key: Key, last: u32) {
        let numbers = self.multi_instance_results(body_key).map(|(number, _)| number);
        let numbers: Vec<u32> = numbers.take_while(|number| *number <= last).collect();
        for number in numbers {
            let key = RowKey::new().key(body_key).number(number);
            self.store.delete(table::MULTI_INSTANCE_RESULTS, &key, RowOwner::Generated(body_key.0));
        }
    }

    /// The number of the item that an instance of a repeated activity is for, from 0.
    pub fn item_number(&self, element_instance_key: Key) -> Option<u32> {
        let key = element_instance_key.0.to_be_bytes();
        let row = self.get_of(table::ITEM_NUMBERS, element_instance_key, &key)?;
        Some(u32::from_le_bytes(row.try_into().expect("a number has four bytes")))
    }

    /// Writes which item an instance of a repeated activity is for.
    pub fn put_item_number(&mut self, element_instance_key: Key, number: u32) {
        let key = element_instance_key.0.to_be_bytes();
        self.store.put(table::ITEM_NUMBERS, &key, &number.to_le_bytes());
    }

    /// Deletes which item an instance of a repeated activity is for.
    pub fn delete_item_number(&mut self, element_instance_key: Key) {
        let key = element_instance_key.0.to_be_bytes();
        self.store.delete(table::ITEM_NUMBERS, &key, RowOwner::Generated(element_instance_key.0));
    }
}

#[cfg(test)]
mod tests {
    use super::MultiInstanceCounts;
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_record::values::ItemListBuilder;
    use ringbolt_store::open_memory;

    #[test]
    fn a_body_with_all_that_belongs_to_it() {
        let mut tables = Tables::new(open_memory());
        let mut items = ItemListBuilder::default();
        items.add(|out| out.extend_from_slice(b"7"));
        items.add(|out| out.extend_from_slice(b"8"));
        let bytes = items.finish();
        for body in [5, 6] {
            tables.put_multi_instance(Key(body), &bytes);
            tables.put_multi_instance_result(Key(body), 1, b"[1]");
            tables.put_multi_instance_result(Key(body), 0, b"null");
            tables.count_multi_instance(Key(body), |counts| counts.completed += 2);
        }
        tables.put_item_number(Key(9), 300);
        assert_eq!(tables.item_number(Key(9)), Some(300));
        tables.delete_item_number(Key(9));
        assert_eq!(tables.item_number(Key(9)), None);
        assert_eq!(tables.multi_instance_items(Key(5)).unwrap().get(0), Some(&b"7"[..]));
        let counts = MultiInstanceCounts { completed: 2, terminated: 0 };
        assert_eq!(tables.multi_instance_counts(Key(5)), counts);
        tables.delete_multi_instance(Key(6));
        let results: Vec<_> = tables.multi_instance_results(Key(5)).collect();
        assert_eq!(results, [(0, &b"null"[..]), (1, b"[1]")]);
        tables.delete_multi_instance(Key(5));
        assert_eq!(tables.store().dump().count(), 0);
    }
}
