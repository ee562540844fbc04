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
    tables.put_activatable_job(&value.tenant_id, &value.job_type, key);
    tables.set_element_instance_waits_for(row.element_instance_key, key);
    if row.kind == JobKind::ExecutionListener {
        tables.put_listeners_begun(row.element_instance_key, row.listener_index + 1);
        tables.change_element_instance_flags(row.element_instance_key, |flags| {
            flags.with(ElementInstanceFlags::LISTENERS)
        });
    }
}
