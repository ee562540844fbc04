//! A job is there and waits for a worker.

use super::rows_v1::row_of;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_record::{JobKind, Key};
use ringbolt_tables::{ElementInstanceFlags, JobState, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let row = row_of(value, JobState::Activatable);
    tables.put_job(key, &row);
    if row.has_own_headers {
        tables.put_job_headers(key, &value.custom_headers);
    }
    tables.put_activatable_job(&row, key);
    if row.kind == JobKind::TaskListener {
        // The element instance waits for its user task.
        let task_key =
            tables.element_instance(row.element_instance_key).map_or(Key::NONE, |row| row.waits_for);
        let mut change = tables.user_task_change(task_key).expect("a change of the task is under way");
        (change.job_key, change.asked) = (key, row.listener_index + 1);
        return tables.put_user_task_change(task_key, &change);
    }
    tables.set_element_instance_waits_for(row.element_instance_key, key);
    if row.kind == JobKind::ExecutionListener {
        tables.put_listeners_begun(row.element_instance_key, row.listener_index + 1);
        tables.change_element_instance_flags(row.element_instance_key, |flags| {
            flags.with(ElementInstanceFlags::LISTENERS)
        });
    }
}
