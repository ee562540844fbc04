//! An element was left: nothing of it stays.

use super::rows_v1::remove;
use ringbolt_record::values::ArchivedProcessInstanceRecord;
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::Tables;

pub(super) fn apply_element_completed(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    remove(tables, key, value, ProcessInstanceIntent::ElementCompleted);
}
