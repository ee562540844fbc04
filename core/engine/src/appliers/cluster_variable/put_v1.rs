//! A cluster variable is there, or has another value.

use super::seen_v1::write_seen;
use ringbolt_record::ClusterVariableScope;
use ringbolt_record::values::ArchivedClusterVariableRecord;
use ringbolt_tables::{ClusterVariableRow, Tables};

pub(super) fn apply_put(tables: &mut Tables, value: &ArchivedClusterVariableRecord<'_>) {
    tables.put_cluster_variable(&ClusterVariableRow {
        scope: ClusterVariableScope::of(&value.scope),
        tenant_id: &value.tenant_id,
        name: &value.name,
        metadata: &value.metadata,
        value: &value.value,
    });
    write_seen(tables);
}
