//! An element is being entered: its instance is there, and what was promised to the scope around it is kept.

use super::rows_v1::check_state;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, Arrival, ElementInstanceRef};
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, InstanceMetadataRow, Tables};

pub(super) fn apply_element_activating(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    check_state(tables, key, ProcessInstanceIntent::ElementActivating);
    let element = ElementInstanceRef::of(&value.element);
    let scope_key = element.flow_scope_key;
    // The variables that an instance is created with come before it, and those that a client has for an element.
    let arrival = Arrival::of(&value.arrival);
    let flags = match (scope_key, arrival) {
        (Key::NONE, Arrival::Event) => {
            // What started it is kept until its start event is entered.
            let by_event = ElementInstanceFlags::BY_EVENT.with(ElementInstanceFlags::TRIGGERS);
            ElementInstanceFlags::LOCAL_VARIABLES.with(by_event)
        }
        (Key::NONE, Arrival::Limited) => {
            ElementInstanceFlags::LOCAL_VARIABLES.with(ElementInstanceFlags::LIMITED)
        }
        (Key::NONE, _) => ElementInstanceFlags::LOCAL_VARIABLES,
        (_, Arrival::Modification) if tables.variables(key).next().is_some() => {
            ElementInstanceFlags::LOCAL_VARIABLES
        }
        (_, Arrival::Item(_)) => ElementInstanceFlags::REPEATED,
        _ => ElementInstanceFlags::NONE,
    };
    let is_called = value.parent_element_instance_key.0.to_native() > 0;
    let carries = scope_key.is_none() && (is_called || tables.has_instance_metadata(key));
    let flags = if carries { flags.with(ElementInstanceFlags::METADATA) } else { flags };
    let row = ElementInstanceRow {
        parent_process_instance_key: Key::of(&value.parent_process_instance_key),
        parent_element_instance_key: Key::of(&value.parent_element_instance_key),
        flags,
        ..ElementInstanceRow::new(element)
    };
    tables.put_element_instance(key, &row);
    tables.put_child(row.stands_in(), key);
    if scope_key.is_none() {
        if row.parent_element_instance_key.is_some() {
            note_call(tables, key, &row);
        }
        return;
    }
    let used = match arrival {
        Arrival::None | Arrival::Limited | Arrival::Migrated(_) | Arrival::Again => 0,
        Arrival::Flow(_) | Arrival::Event | Arrival::Direct | Arrival::Modification => 1,
        Arrival::Item(number) => {
            tables.put_item_number(key, number);
            1
        }
        Arrival::Join(gateway) => tables.use_taken_flows(scope_key, gateway),
    };
    tables.change_element_instance_counts(scope_key, |children, arriving| {
        *children += 1;
        *arriving = arriving.checked_sub(used).expect("what is entered was promised");
    });
}

/// The call activity waits for the instance, which carries its caller's id and stands one deeper.
fn note_call(tables: &mut Tables, key: Key, row: &ElementInstanceRow) {
    tables.set_element_instance_waits_for(row.parent_element_instance_key, key);
    let above = tables.instance_metadata(row.parent_process_instance_key).unwrap_or_default();
    let metadata = InstanceMetadataRow {
        business_id: above.business_id,
        call_depth: above.call_depth + 1,
        ..InstanceMetadataRow::default()
    };
    tables.put_instance_metadata(key, &metadata);
}
