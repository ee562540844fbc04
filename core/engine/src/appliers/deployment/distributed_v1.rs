//! Another partition's deployment has arrived.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedDeploymentRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_distributed(tables: &mut Tables, key: Key, _value: &ArchivedDeploymentRecord<'_>) {
    tables.put_seen_distribution(key);
}
