//! An element does its work; in a scope there are elements to be entered.

use super::rows_v1::set_state;
use ringbolt_record::values::ArchivedProcessInstanceRecord;
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceState, Tables};

pub(super) fn apply_element_activated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    set_state(tables, key, ProcessInstanceIntent::ElementActivated, ElementInstanceState::Activated);
    let promised = value.promised.to_native();
    if promised > 0 {
        tables.change_element_instance_counts(key, |_, arriving| {
            *arriving = arriving.checked_add(promised).expect("a model has fewer elements");
        });
    }
}
