//! A message's publisher waits for whom it reaches.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_correlating(tables: &mut Tables, key: Key) {
    tables.put_awaited_message(key);
}
