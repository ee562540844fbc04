//! A user task is one of another element in another definition, and so is how it will be. It keeps the headers that it had.

use ringbolt_record::values::{ArchivedUserTaskRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedUserTaskRecord<'_>) {
    let of = (InstanceRef::of(&value.instance), ElementIndex::of(&value.element_index));
    let mut row = tables.user_task(key).expect("an event is about a user task that is there");
    (row.instance, row.element_index) = of;
    tables.put_user_task(key, &row);
    if let Some(mut change) = tables.user_task_change(key) {
        (change.task.instance, change.task.element_index) = of;
        tables.put_user_task_change(key, &change);
    }
    if !value.custom_headers.is_empty() {
        tables.put_job_headers(key, &value.custom_headers);
    }
}
