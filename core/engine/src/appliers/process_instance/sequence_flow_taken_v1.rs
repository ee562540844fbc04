//! A sequence flow was taken; what it leads to is not entered yet.

use super::scope_of;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_sequence_flow_taken(
    tables: &mut Tables,
    _key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    let flow = ElementInstanceRef::of(&value.element);
    let mut scope = scope_of(tables, flow.flow_scope_key);
    scope.active_flows += 1;
    tables.put_element_instance(flow.flow_scope_key, &scope);
    let gateway = ElementIndex::of(&value.joining_at);
    if gateway != ElementIndex::PROCESS {
        tables.add_taken_flow(flow.flow_scope_key, gateway, flow.element_index);
    }
}
