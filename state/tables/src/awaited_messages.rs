//! Messages whose publishers wait for whom they reach, by key: how many subscriptions are told of each and have not answered.

use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

impl Tables {
    /// How many subscriptions are told of a message and have not answered; none where nobody waits for that.
    pub fn awaited_message(&self, key: Key) -> Option<u32> {
        let row = self.get_of(table::AWAITED_MESSAGES, key, &key.0.to_be_bytes())?;
        Some(u32::from_le_bytes(row.try_into().expect("a count has four bytes")))
    }

    /// A message's publisher waits for whom it reaches.
    pub fn put_awaited_message(&mut self, key: Key) {
        self.set_awaited_message(key, 0);
    }

    /// A subscription is told of a message, or did not take it; of one that nobody waits for nothing is counted.
    pub fn count_awaited_message(&mut self, key: Key, change: i32) {
        if let Some(told) = self.awaited_message(key) {
            let told = told.checked_add_signed(change).expect("only who was told answers");
            self.set_awaited_message(key, told);
        }
    }

    fn set_awaited_message(&mut self, key: Key, told: u32) {
        self.store.put(table::AWAITED_MESSAGES, &key.0.to_be_bytes(), &told.to_le_bytes());
    }

    /// A message's publisher knows.
    pub fn delete_awaited_message(&mut self, key: Key) {
        self.store.delete(table::AWAITED_MESSAGES, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}

#[cfg(test)]
mod tests {
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    #[test]
    fn only_what_is_awaited_is_counted() {
        let mut tables = Tables::new(open_memory());
        tables.count_awaited_message(Key(7), 1);
        assert_eq!(tables.awaited_message(Key(7)), None);
        tables.put_awaited_message(Key(7));
        tables.count_awaited_message(Key(7), 1);
        tables.count_awaited_message(Key(7), 1);
        tables.count_awaited_message(Key(7), -1);
        assert_eq!(tables.awaited_message(Key(7)), Some(1));
        tables.delete_awaited_message(Key(7));
        assert_eq!(tables.store().dump().count(), 0);
    }
}
