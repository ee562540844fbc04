//! An event has thrown a signal: it is kept until it is broadcast, in a later step.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedSignalRecord;
use ringbolt_tables::{SignalRow, Tables};

pub(super) fn apply_thrown(tables: &mut Tables, key: Key, value: &ArchivedSignalRecord<'_>) {
    let row = SignalRow {
        signal_key: key,
        tenant_id: &value.tenant_id,
        name: &value.name,
        variables: &value.variables,
    };
    tables.put_signal(Key::of(&value.kept_under), &row);
}
