//! Process instances that processing gave up on. Rows are empty.

use crate::key::key_at;
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

impl Tables {
    /// Whether an instance is banned.
    #[inline]
    pub fn is_banned(&self, process_instance_key: Key) -> bool {
        // Mostly there are none at all, which is known at once.
        self.has_banned()
            && self.store.get(table::BANNED_INSTANCES, &process_instance_key.0.to_be_bytes()).is_some()
    }

    /// Whether any instance may be banned.
    #[inline]
    pub fn has_banned(&self) -> bool {
        self.banned.may_be_there(|| self.banned().next().is_some())
    }

    /// All banned instances, oldest first.
    pub fn banned(&self) -> impl Iterator<Item = Key> {
        self.store.range(table::BANNED_INSTANCES, &[], &[]).map(|(key, _)| key_at(key, 0))
    }

    /// Bans an instance.
    pub fn put_banned(&mut self, process_instance_key: Key) {
        self.store.put(table::BANNED_INSTANCES, &process_instance_key.0.to_be_bytes(), &[]);
        self.banned.inserted();
    }

    /// Lifts a ban, when the instance ends.
    pub fn delete_banned(&mut self, process_instance_key: Key) {
        if self.is_banned(process_instance_key) {
            let key = process_instance_key.0;
            self.store.delete(table::BANNED_INSTANCES, &key.to_be_bytes(), RowOwner::Generated(key));
            self.banned.deleted();
        }
    }
}
