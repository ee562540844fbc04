//! The completion condition holds: nothing more is entered in the body, which completes once it is empty.

use crate::appliers::process_instance::interrupt_v1::interrupt_scope;
use ringbolt_record::values::ArchivedMultiInstanceRecord;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{Afterwards, Tables};

pub(super) fn apply_satisfied(tables: &mut Tables, key: Key, value: &ArchivedMultiInstanceRecord<'_>) {
    // Nothing has the body's own index in it.
    interrupt_scope(tables, key, ElementIndex::of(&value.element_index), Afterwards::Completed);
}
