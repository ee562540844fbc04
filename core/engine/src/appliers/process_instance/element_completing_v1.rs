//! An element is being left.

use super::rows_v1::set_state;
use ringbolt_record::values::ArchivedProcessInstanceRecord;
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceState, Tables};

pub(super) fn apply_element_completing(
    tables: &mut Tables,
    key: Key,
    _value: &ArchivedProcessInstanceRecord<'_>,
) {
    set_state(tables, key, ProcessInstanceIntent::ElementCompleting, ElementInstanceState::Completing);
}
