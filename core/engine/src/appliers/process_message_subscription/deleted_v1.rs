//! The messages' side has ended too.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, key: Key) {
    tables.delete_message_wait(key);
}
