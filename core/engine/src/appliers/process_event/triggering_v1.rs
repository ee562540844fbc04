//! An event was caught: it is kept until what comes of it has begun, and what it interrupts knows what follows.

use super::rows_v1::promise;
use crate::appliers::process_instance::interrupt_v1::interrupt_scope;
use ringbolt_record::values::{ArchivedProcessEventRecord, Interrupts};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{Afterwards, ElementInstanceFlags, EventTriggerRow, Tables};

pub(super) fn apply_triggering(tables: &mut Tables, key: Key, value: &ArchivedProcessEventRecord<'_>) {
    let scope_key = Key::of(&value.scope_key);
    let trigger = EventTriggerRow {
        element_index: ElementIndex::of(&value.element_index),
        variables: &value.variables,
    };
    let caught_by = Key::of(&value.caught_by);
    tables.put_event_trigger(caught_by, key, &trigger);
    if caught_by != scope_key {
        // It begins an instance that is not there yet.
        return;
    }
    tables.change_element_instance_flags(scope_key, |flags| flags.with(ElementInstanceFlags::TRIGGERS));
    match Interrupts::of(&value.interrupts) {
        Interrupts::Nothing => {}
        Interrupts::Element => tables.set_element_instance_afterwards(scope_key, Afterwards::Boundary(key)),
        Interrupts::Scope(element) => {
            interrupt_scope(tables, scope_key, element, Afterwards::EventSubProcess(key));
        }
    }
    promise(tables, value);
}
