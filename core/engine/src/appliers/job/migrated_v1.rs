//! A job is one of another element in another definition. It keeps the headers that it had.

use ringbolt_record::values::{ArchivedJobRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let mut row = tables.job(key).expect("an event is about a job that is there");
    row.instance = InstanceRef::of(&value.instance);
    row.element_index = ElementIndex::of(&value.element_index);
    if value.has_own_headers && !row.has_own_headers {
        row.has_own_headers = true;
        tables.put_job_headers(key, &value.custom_headers);
    }
    tables.put_job(key, &row);
}
