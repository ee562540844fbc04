//! A job may fail as often as it now says.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_retries_updated(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    let mut row = tables.job(key).expect("an event is about a job that is there");
    row.retries = value.retries.to_native();
    tables.put_job(key, &row);
}
