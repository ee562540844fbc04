//! A signal was broadcast: it is kept where it does not reach all at once.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedSignalRecord;
use ringbolt_tables::{SignalRow, Tables};

pub(super) fn apply_broadcasted(tables: &mut Tables, key: Key, value: &ArchivedSignalRecord<'_>) {
    let kept_under = Key::of(&value.kept_under);
    if kept_under.is_some() {
        let row = SignalRow {
            signal_key: key,
            tenant_id: &value.tenant_id,
            name: &value.name,
            variables: &value.variables,
        };
        tables.put_signal(kept_under, &row);
    }
}
