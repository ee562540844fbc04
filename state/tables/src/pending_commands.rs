//! Follow-ups that wait for another entry, by instance, each instance's oldest first.
//!
//! A row is a follow-up's own bytes, with its own version. Its key ends in a generated key, so the order of an instance's
//! rows is the order in which they were put off.

use crate::key::{RowKey, key_at};
use crate::{Tables, table};
use ringbolt_record::{FollowUp, Key};
use ringbolt_store::RowOwner;

/// # Panics
/// When a newer version of Ringbolt wrote it: what an instance has to do cannot be guessed.
fn decode(row: &[u8]) -> FollowUp {
    FollowUp::read(row).unwrap_or_else(|unknown| panic!("{unknown}"))
}

impl Tables {
    /// The oldest follow-up of an instance with its key.
    pub fn first_follow_up(&self, process_instance_key: Key) -> Option<(Key, FollowUp)> {
        let prefix = process_instance_key.0.to_be_bytes();
        self.first(table::PENDING_COMMANDS, &prefix).map(|(key, row)| (key_at(key, 8), decode(row)))
    }

    /// The follow-up of an instance that comes after another.
    pub fn next_follow_up(&self, process_instance_key: Key, after: Key) -> Option<(Key, FollowUp)> {
        let (prefix, from) = (process_instance_key.0.to_be_bytes(), (after.0 + 1).to_be_bytes());
        let mut rows = self.store.range(table::PENDING_COMMANDS, &prefix, &from);
        rows.next().map(|(key, row)| (key_at(key, 8), decode(row)))
    }

    /// Whether an instance has any.
    pub fn has_follow_ups(&self, process_instance_key: Key) -> bool {
        self.first(table::PENDING_COMMANDS, &process_instance_key.0.to_be_bytes()).is_some()
    }

    /// The first instance with follow-ups whose key is at least `from`.
    pub fn instance_with_follow_ups(&self, from: Key) -> Option<Key> {
        let mut rows = self.store.range(table::PENDING_COMMANDS, &[], &from.0.to_be_bytes());
        rows.next().map(|(key, _)| key_at(key, 0))
    }

    /// Writes a follow-up.
    pub fn put_follow_up(&mut self, process_instance_key: Key, key: Key, follow_up: &[u8]) {
        let (prefix, suffix) = (process_instance_key.0.to_be_bytes(), key.0.to_be_bytes());
        self.hints.inserted(table::PENDING_COMMANDS, &prefix, &suffix);
        let row_key = RowKey::new().key(process_instance_key).key(key);
        self.store.put(table::PENDING_COMMANDS, &row_key, follow_up);
    }

    /// Deletes an instance's follow-ups from one to another, both included.
    pub fn delete_follow_ups(&mut self, process_instance_key: Key, first: Key, last: Key) {
        let prefix = process_instance_key.0.to_be_bytes();
        let rows = self.store.range(table::PENDING_COMMANDS, &prefix, &first.0.to_be_bytes());
        let keys: Vec<Key> = rows.map(|(key, _)| key_at(key, 8)).take_while(|key| *key <= last).collect();
        for key in keys {
            let row_key = RowKey::new().key(process_instance_key).key(key);
            self.store.delete(table::PENDING_COMMANDS, &row_key, RowOwner::Generated(key.0));
        }
    }
}

/// The same of what an instance keeps while it is suspended.
impl Tables {
    /// What an instance keeps, oldest first, with the keys of it, from a key on.
    pub fn held_follow_ups(
        &self,
        process_instance_key: Key,
        from: Key,
    ) -> impl Iterator<Item = (Key, FollowUp)> {
        let (prefix, from) = (process_instance_key.0.to_be_bytes(), from.0.to_be_bytes());
        let rows = self.store.range(table::HELD_COMMANDS, &prefix, &from);
        rows.map(|(key, row)| (key_at(key, 8), decode(row)))
    }

    /// Keeps a follow-up.
    pub fn put_held_follow_up(&mut self, process_instance_key: Key, key: Key, follow_up: &[u8]) {
        let row_key = RowKey::new().key(process_instance_key).key(key);
        self.store.put(table::HELD_COMMANDS, &row_key, follow_up);
    }

    /// Keeps the follow-ups from one to another no more, both included. How many there were.
    pub fn delete_held_follow_ups(&mut self, process_instance_key: Key, first: Key, last: Key) -> u32 {
        let held = self.held_follow_ups(process_instance_key, first).map(|(key, _)| key);
        let keys: Vec<Key> = held.take_while(|key| *key <= last).collect();
        for key in &keys {
            let row_key = RowKey::new().key(process_instance_key).key(*key);
            self.store.delete(table::HELD_COMMANDS, &row_key, RowOwner::Generated(key.0));
        }
        keys.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use crate::Tables;
    use ringbolt_record::{FollowUp, Key};
    use ringbolt_store::open_memory;

    #[test]
    fn each_instance_has_a_queue_of_its_own() {
        let mut tables = Tables::new(open_memory());
        let complete = |key: u64| FollowUp::Complete { key: Key(key) };
        for (instance, key) in [(5, 10), (3, 11), (5, 12), (5, 13)] {
            tables.put_follow_up(Key(instance), Key(key), &complete(key).to_bytes());
        }
        assert_eq!(tables.first_follow_up(Key(5)), Some((Key(10), complete(10))));
        assert_eq!(tables.next_follow_up(Key(5), Key(10)), Some((Key(12), complete(12))));
        assert_eq!(tables.next_follow_up(Key(5), Key(13)), None);
        assert_eq!(tables.instance_with_follow_ups(Key(0)), Some(Key(3)));
        assert_eq!(tables.instance_with_follow_ups(Key(4)), Some(Key(5)));
        tables.delete_follow_ups(Key(5), Key(10), Key(12));
        assert_eq!(tables.first_follow_up(Key(5)), Some((Key(13), complete(13))));
        tables.delete_follow_ups(Key(5), Key(13), Key(13));
        assert!(!tables.has_follow_ups(Key(5)) && tables.has_follow_ups(Key(3)));
    }
}
