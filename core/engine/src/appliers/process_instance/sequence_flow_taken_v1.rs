//! A sequence flow was taken, as the element that was left has promised. What it leads to is not entered yet; where that
//! waits for other flows, it is noted that this one is there.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, Arrival, ElementInstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_sequence_flow_taken(
    tables: &mut Tables,
    _key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    if let Arrival::Join(gateway) = Arrival::of(&value.arrival) {
        let flow = ElementInstanceRef::of(&value.element);
        tables.add_taken_flow(flow.flow_scope_key, gateway, flow.element_index);
    }
}
