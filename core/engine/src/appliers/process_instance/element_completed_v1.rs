//! An element was left: nothing of it stays. A terminate end event interrupts its scope, which completes once it is empty.

use super::interrupt_v1::interrupt_scope;
use super::rows_v1::remove;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{BpmnEventType, Key, ProcessInstanceIntent};
use ringbolt_tables::{Afterwards, Tables};

pub(super) fn apply_element_completed(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    remove(tables, key, value, ProcessInstanceIntent::ElementCompleted);
    let element = ElementInstanceRef::of(&value.element);
    if element.event_type == BpmnEventType::Terminate && element.flow_scope_key.is_some() {
        let scope_key = element.flow_scope_key;
        interrupt_scope(tables, scope_key, element.element_index, Afterwards::Completed);
    }
}
