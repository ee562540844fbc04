//! What interrupts a scope does to its rows. Frozen with the appliers.

use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{Afterwards, Tables};

/// Interrupts a scope: nothing that was promised to it comes any more, and what waits for others in it waits no more.
pub(in crate::appliers) fn interrupt_scope(
    tables: &mut Tables,
    scope_key: Key,
    interrupter: ElementIndex,
    afterwards: Afterwards,
) {
    if tables.interrupt_element_instance(scope_key, interrupter, afterwards) > 0 {
        tables.delete_taken_flows(scope_key);
    }
}
