//! Repeated activities: what they work through, how far they are, and what came of each item until all are done.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_record::values::ItemList;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// So many results that follow each other are a group: the small ones of a group stand together in one row, so that many are
/// read and deleted as few.
const GROUP: u32 = 64;
/// Longest result that stands with others, bytes: adding one to the row copies them.
const TOGETHER_BYTES_MAX: usize = 256;
/// Where in a group the row of those together stands; others stand at their place.
const TOGETHER: u8 = u8::MAX;

/// Of a body with so many items the results are deleted with it; of one with more, in steps of so many rows at most.
pub const RESULTS_AT_ONCE_MAX: u32 = 1000;

fn group_of(key: &[u8]) -> u32 {
    u32::from_be_bytes(key[8..12].try_into().expect("a number has four bytes"))
}

/// The results in a row with their places in the group.
fn together(mut row: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let ([index, low, high], rest) = row.split_first_chunk()?;
        let (text, after) = rest.split_at(usize::from(u16::from_le_bytes([*low, *high])));
        row = after;
        Some((*index, text))
    })
}

fn push_together(row: &mut Vec<u8>, index: u8, text: &[u8]) {
    row.push(index);
    row.extend_from_slice(&(text.len() as u16).to_le_bytes());
    row.extend_from_slice(text);
}

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
    pub fn multi_instance_results(&self, body_key: Key) -> Vec<(u32, &[u8])> {
        let mut results = Vec::new();
        for (key, row) in self.range_of(table::MULTI_INSTANCE_RESULTS, body_key) {
            let (first, place) = (group_of(key) * GROUP, key[12]);
            match place {
                TOGETHER => {
                    results.extend(together(row).map(|(index, text)| (first + u32::from(index), text)))
                }
                alone => results.push((first + u32::from(alone), row)),
            }
        }
        results.sort_unstable_by_key(|(number, _)| *number);
        results
    }

    /// For each row of results the number of the last item that can stand in it, in their order.
    pub fn multi_instance_result_rows(&self, body_key: Key) -> impl Iterator<Item = u32> {
        let rows = self.range_of(table::MULTI_INSTANCE_RESULTS, body_key);
        rows.map(|(key, _)| group_of(key) * GROUP + GROUP - 1)
    }

    /// Writes the result of an item, JSON text.
    pub fn put_multi_instance_result(&mut self, body_key: Key, number: u32, value: &[u8]) {
        let (group, index) = (number / GROUP, (number % GROUP) as u8);
        let key = |place: u8| RowKey::new().key(body_key).number(group).byte(place);
        let owner = RowOwner::Generated(body_key.0);
        let is_alone = value.len() > TOGETHER_BYTES_MAX;
        let mut row = Vec::new();
        let mut was_there = false;
        for (other, text) in self
            .get_of(table::MULTI_INSTANCE_RESULTS, body_key, &key(TOGETHER))
            .into_iter()
            .flat_map(together)
        {
            was_there |= other == index;
            if other != index {
                push_together(&mut row, other, text);
            }
        }
        if self.get_of(table::MULTI_INSTANCE_RESULTS, body_key, &key(index)).is_some() && !is_alone {
            self.store.delete(table::MULTI_INSTANCE_RESULTS, &key(index), owner);
        }
        if is_alone {
            self.store.put(table::MULTI_INSTANCE_RESULTS, &key(index), value);
        } else {
            push_together(&mut row, index, value);
        }
        match row.is_empty() {
            false if !is_alone || was_there => {
                self.store.put(table::MULTI_INSTANCE_RESULTS, &key(TOGETHER), &row)
            }
            true if was_there => self.store.delete(table::MULTI_INSTANCE_RESULTS, &key(TOGETHER), owner),
            _ => {}
        }
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

    /// Deletes the rows of results of a multi-instance body up to the item with a number, which is included with its row.
    pub fn delete_multi_instance_results(&mut self, body_key: Key, last: u32) {
        let rows = self.range_of(table::MULTI_INSTANCE_RESULTS, body_key);
        let keys = rows.map(|(key, _)| (group_of(key), key[12]));
        let keys: Vec<(u32, u8)> = keys.take_while(|(group, _)| *group <= last / GROUP).collect();
        for (group, place) in keys {
            let key = RowKey::new().key(body_key).number(group).byte(place);
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
        assert_eq!(tables.multi_instance_results(Key(5)), [(0, &b"null"[..]), (1, b"[1]")]);
        tables.delete_multi_instance(Key(5));
        assert_eq!(tables.store().dump().count(), 0);
    }

    /// Whatever a result was before, small or large, the last one written is read, once and in its place.
    #[test]
    fn results_small_and_large_in_any_order() {
        let mut tables = Tables::new(open_memory());
        let (small, large) = (b"1".to_vec(), vec![b'2'; 300]);
        let mut expected = std::collections::BTreeMap::new();
        for round in 0..1_000_u32 {
            let number = round * 37 % 200;
            let value = if round * 11 % 3 == 0 { &large } else { &small };
            tables.put_multi_instance_result(Key(5), number, value);
            expected.insert(number, value.as_slice());
        }
        tables.put_multi_instance_result(Key(6), 0, b"other");
        let expected: Vec<(u32, &[u8])> = expected.into_iter().collect();
        assert_eq!(tables.multi_instance_results(Key(5)), expected);
        assert_eq!(tables.multi_instance_result_rows(Key(5)).last(), Some(255));
        tables.delete_multi_instance_results(Key(5), 63);
        assert_eq!(tables.multi_instance_results(Key(5))[0].0, 64);
        tables.delete_multi_instance_results(Key(5), 199);
        assert_eq!(tables.store().dump().count(), 1);
    }
}
