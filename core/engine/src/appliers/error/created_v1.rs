//! Processing gave up on an instance: it goes on no more. What it gives free is given free in a step of its own.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedErrorRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, _key: Key, value: &ArchivedErrorRecord<'_>) {
    tables.put_banned(Key::of(&value.process_instance_key));
}
