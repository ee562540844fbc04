//! How many of its listeners an element instance has begun to ask. What none was asked of has no row.

use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

impl Tables {
    /// How many of its listeners an element instance has begun to ask, those of all phases before counted in.
    pub fn listeners_begun(&self, element_instance_key: Key) -> u32 {
        let key = element_instance_key.0.to_be_bytes();
        let row = self.get_of(table::LISTENERS_BEGUN, element_instance_key, &key);
        row.map_or(0, |row| u32::from_le_bytes(row.try_into().expect("a number has four bytes")))
    }

    /// Writes how many of its listeners an element instance has begun to ask.
    pub fn put_listeners_begun(&mut self, element_instance_key: Key, count: u32) {
        let key = element_instance_key.0.to_be_bytes();
        self.store.put(table::LISTENERS_BEGUN, &key, &count.to_le_bytes());
    }

    /// Forgets the listeners of an element instance.
    pub fn delete_listeners_begun(&mut self, element_instance_key: Key) {
        let key = element_instance_key.0.to_be_bytes();
        self.store.delete(table::LISTENERS_BEGUN, &key, RowOwner::Generated(element_instance_key.0));
    }
}

#[cfg(test)]
mod tests {
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    #[test]
    fn listeners_are_counted() {
        let mut tables = Tables::new(open_memory());
        assert_eq!(tables.listeners_begun(Key(1)), 0);
        tables.put_listeners_begun(Key(1), 7);
        assert_eq!((tables.listeners_begun(Key(1)), tables.listeners_begun(Key(2))), (7, 0));
        tables.delete_listeners_begun(Key(1));
        assert_eq!(tables.listeners_begun(Key(1)), 0);
    }
}
