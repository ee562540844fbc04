//! Which instance was started by a message for a correlation key: it is the only one of its process while it runs.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// What an instance holds that a message has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLock {
    /// Owner.
    pub tenant_id: String,
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// The correlation key.
    pub correlation_key: String,
}

fn held(tenant_id: &str, bpmn_process_id: &str, correlation_key: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(bpmn_process_id).text(correlation_key)
}

impl Tables {
    /// Whether an instance of a process runs that a message for a correlation key has started.
    pub fn has_message_lock(&self, tenant_id: &str, bpmn_process_id: &str, correlation_key: &str) -> bool {
        self.store.get(table::MESSAGE_LOCKS, &held(tenant_id, bpmn_process_id, correlation_key)).is_some()
    }

    /// What an instance holds.
    pub fn message_lock_of(&self, process_instance_key: Key) -> Option<MessageLock> {
        let row_key = process_instance_key.0.to_be_bytes();
        let row = self.get_of(table::MESSAGE_LOCK_OF_INSTANCE, process_instance_key, &row_key)?;
        let mut row = RowReader::begin(row, VERSION);
        let mut text = || row.text().to_owned();
        Some(MessageLock { tenant_id: text(), bpmn_process_id: text(), correlation_key: text() })
    }

    /// A message has started an instance.
    pub fn put_message_lock(&mut self, process_instance_key: Key, lock: &MessageLock) {
        let MessageLock { tenant_id, bpmn_process_id, correlation_key } = lock;
        let held = held(tenant_id, bpmn_process_id, correlation_key);
        let instance = process_instance_key.0.to_be_bytes();
        self.store.put(table::MESSAGE_LOCKS, &held, &instance);
        RowWriter::begin(&mut self.scratch, VERSION)
            .bytes(tenant_id.as_bytes())
            .bytes(bpmn_process_id.as_bytes())
            .bytes(correlation_key.as_bytes());
        self.store.put(table::MESSAGE_LOCK_OF_INSTANCE, &instance, &self.scratch);
    }

    /// An instance has ended: what it held, if it held anything, is free.
    pub fn delete_message_lock(&mut self, process_instance_key: Key) {
        let Some(lock) = self.message_lock_of(process_instance_key) else { return };
        let held = held(&lock.tenant_id, &lock.bpmn_process_id, &lock.correlation_key);
        // Another instance may have held it before.
        self.store.delete(table::MESSAGE_LOCKS, &held, RowOwner::Shared);
        let instance = process_instance_key.0;
        let owner = RowOwner::Generated(instance);
        self.store.delete(table::MESSAGE_LOCK_OF_INSTANCE, &instance.to_be_bytes(), owner);
    }
}

#[cfg(test)]
mod tests {
    use super::MessageLock;
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    #[test]
    fn a_lock_goes_with_its_instance() {
        let mut tables = Tables::new(open_memory());
        let [tenant_id, bpmn_process_id, correlation_key] = ["t", "p", "order-1"].map(str::to_owned);
        let lock = MessageLock { tenant_id, bpmn_process_id, correlation_key };
        tables.put_message_lock(Key(7), &lock);
        assert!(tables.has_message_lock("t", "p", "order-1") && !tables.has_message_lock("t", "p", ""));
        assert_eq!(tables.message_lock_of(Key(7)), Some(lock));
        tables.delete_message_lock(Key(8));
        tables.delete_message_lock(Key(7));
        assert_eq!(tables.store().dump().count(), 0);
    }
}
