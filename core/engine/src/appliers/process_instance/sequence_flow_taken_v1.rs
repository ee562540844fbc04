//! A sequence flow was taken; what it leads to is not entered yet.

use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_sequence_flow_taken(
    tables: &mut Tables,
    _key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    let flow = ElementInstanceRef::of(&value.element);
    tables.change_element_instance_counts(flow.flow_scope_key, |_, flows| *flows += 1);
    let gateway = ElementIndex::of(&value.joining_at);
    if gateway != ElementIndex::PROCESS {
        tables.add_taken_flow(flow.flow_scope_key, gateway, flow.element_index);
    }
}
