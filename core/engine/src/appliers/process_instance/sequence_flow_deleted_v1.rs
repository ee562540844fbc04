//! A sequence flow waits no more for others, as the definition in which it was taken has it: it waits in another one.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, Arrival, ElementInstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_sequence_flow_deleted(
    tables: &mut Tables,
    _key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    if let Arrival::Join(gateway) = Arrival::of(&value.arrival) {
        let flow = ElementInstanceRef::of(&value.element);
        tables.remove_taken_flow(flow.flow_scope_key, gateway, flow.element_index);
    }
}
