//! A start event begins to wait for messages.

use ringbolt_record::values::{ArchivedMessageStartEventSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{NamedKind, NamedSubscriptionRow, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedMessageStartEventSubscriptionRecord<'_>,
) {
    let instance = InstanceRef::of(&value.instance);
    let row = NamedSubscriptionRow {
        kind: NamedKind::MessageStart,
        scope_key: instance.process_definition_key,
        instance,
        element_index: ElementIndex::of(&value.element_index),
        tenant_id: &value.tenant_id,
        name: &value.message_name,
    };
    tables.put_named_subscription(key, &row);
}
