//! A timer stands for an event of another definition.

use super::rows_v1::waits;
use ringbolt_record::values::{ArchivedTimerRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{EventSubscriptionRow, SubscriptionKind, Tables};

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    let mut row = tables.timer(key).expect("an event is about a timer that is there");
    row.instance = InstanceRef::of(&value.instance);
    row.element_index = ElementIndex::of(&value.element_index);
    tables.put_timer(key, &row);
    let subscription =
        EventSubscriptionRow { kind: SubscriptionKind::Timer, element_index: row.element_index };
    tables.put_event_subscription(waits(value), key, subscription);
}
