//! Waiting for signals: the events of a wait's life.

use crate::writers::Processing;
use ringbolt_record::values::{InstanceRef, SignalSubscriptionRecord};
use ringbolt_record::{ElementIndex, Key, SignalSubscriptionIntent};

/// Begins to wait; of a process's start event there is no element instance.
pub(crate) fn create(
    p: &mut Processing<'_>,
    instance: InstanceRef,
    element_instance_key: Key,
    element_index: ElementIndex,
    name: &str,
    tenant_id: &str,
) {
    let key = p.next_key();
    let wait = SignalSubscriptionRecord {
        instance,
        element_instance_key,
        element_index,
        bpmn_process_id: &bpmn_process_id(p, instance.process_definition_key),
        signal_name: name,
        tenant_id,
    };
    p.append(SignalSubscriptionIntent::Created, key, &wait);
}

/// Waits no more. Rests on the state alone.
pub(crate) fn close(p: &mut Processing<'_>, scope_key: Key, key: Key) {
    let Some(row) = p.tables().named_subscription(scope_key, key) else { return };
    let (instance, element_index) = (row.instance, row.element_index);
    let [name, tenant_id] = [row.name, row.tenant_id].map(str::to_owned);
    let is_start = instance.process_instance_key.is_none();
    let wait = SignalSubscriptionRecord {
        instance,
        element_instance_key: if is_start { Key::NONE } else { scope_key },
        element_index,
        bpmn_process_id: &bpmn_process_id(p, instance.process_definition_key),
        signal_name: &name,
        tenant_id: &tenant_id,
    };
    p.append(SignalSubscriptionIntent::Deleted, key, &wait);
}

/// Goes on to wait for the same signal for an event of another definition.
pub(crate) fn migrate(
    p: &mut Processing<'_>,
    scope_key: Key,
    key: Key,
    definition_key: Key,
    element_index: ElementIndex,
) {
    let Some(row) = p.tables().named_subscription(scope_key, key) else { return };
    let instance = InstanceRef { process_definition_key: definition_key, ..row.instance };
    let [name, tenant_id] = [row.name, row.tenant_id].map(str::to_owned);
    let wait = SignalSubscriptionRecord {
        instance,
        element_instance_key: scope_key,
        element_index,
        bpmn_process_id: &bpmn_process_id(p, definition_key),
        signal_name: &name,
        tenant_id: &tenant_id,
    };
    p.append(SignalSubscriptionIntent::Migrated, key, &wait);
}

fn bpmn_process_id(p: &Processing<'_>, definition_key: Key) -> String {
    p.tables().process(definition_key).map_or_else(String::new, |row| row.bpmn_process_id.to_owned())
}
