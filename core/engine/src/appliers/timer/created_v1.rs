//! A timer is there, and an element instance waits for the event that it stands for.

use super::rows_v1::waits;
use ringbolt_record::values::{ArchivedTimerRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key, TimestampMs};
use ringbolt_tables::{ElementInstanceFlags, EventSubscriptionRow, SubscriptionKind, Tables, TimerRow};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    let row = TimerRow {
        instance: InstanceRef::of(&value.instance),
        element_instance_key: Key::of(&value.element_instance_key),
        element_index: ElementIndex::of(&value.element_index),
        due: TimestampMs::of(&value.due),
        repetitions: value.repetitions.to_native(),
        catches_up: false,
    };
    tables.put_timer(key, &row);
    let subscription =
        EventSubscriptionRow { kind: SubscriptionKind::Timer, element_index: row.element_index };
    tables.put_event_subscription(waits(value), key, subscription);
    let scope_key = row.element_instance_key;
    if scope_key.is_some() {
        tables.change_element_instance_flags(scope_key, |flags| {
            flags.with(ElementInstanceFlags::SUBSCRIPTIONS)
        });
    }
}
