//! An element is being ended. A process is not suspended any more.

use super::rows_v1::set_state;
use ringbolt_record::values::ArchivedProcessInstanceRecord;
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceState, Tables};

pub(super) fn apply_element_terminating(
    tables: &mut Tables,
    key: Key,
    _value: &ArchivedProcessInstanceRecord<'_>,
) {
    set_state(tables, key, ProcessInstanceIntent::ElementTerminating, ElementInstanceState::Terminating);
    tables.end_suspension(key);
}
