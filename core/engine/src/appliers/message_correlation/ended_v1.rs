//! A message's publisher knows whom it has reached, or that it has reached nobody.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_ended(tables: &mut Tables, key: Key) {
    tables.delete_awaited_message(key);
}
