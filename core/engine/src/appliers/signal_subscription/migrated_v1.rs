//! An element instance waits for a signal for an event of another definition.

use ringbolt_record::values::{ArchivedSignalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{EventSubscriptionRow, NamedKind, NamedSubscriptionRow, SubscriptionKind, Tables};

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedSignalSubscriptionRecord<'_>) {
    let element_index = ElementIndex::of(&value.element_index);
    let scope_key = Key::of(&value.element_instance_key);
    let row = NamedSubscriptionRow {
        kind: NamedKind::Signal,
        scope_key,
        instance: InstanceRef::of(&value.instance),
        element_index,
        tenant_id: &value.tenant_id,
        name: &value.signal_name,
    };
    tables.put_named_subscription(key, &row);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Signal, element_index };
    tables.put_event_subscription(scope_key, key, subscription);
}
