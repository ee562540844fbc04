//! A timer is due whose time has passed while its instance was suspended. What it missed it makes up for.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedTimerRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_resumed(tables: &mut Tables, key: Key, _value: &ArchivedTimerRecord<'_>) {
    let mut row = tables.timer(key).expect("an event is about a timer that is there");
    row.catches_up = true;
    tables.put_timer(key, &row);
}
