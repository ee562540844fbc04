//! A job is there and waits for a worker.

use super::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let row = row_of(value, JobState::Activatable);
    tables.put_job(key, &row);
    tables.put_activatable_job(&value.tenant_id, &value.job_type, key);
    let waiting_key = row.element_instance_key;
    let mut waiting =
        tables.element_instance(waiting_key).expect("a job is made for an element instance that is there");
    waiting.job_key = key;
    tables.put_element_instance(waiting_key, &waiting);
}
