//! A cluster variable is gone.

use super::seen_v1::write_seen;
use ringbolt_record::ClusterVariableScope;
use ringbolt_record::values::ArchivedClusterVariableRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedClusterVariableRecord<'_>) {
    let scope = ClusterVariableScope::of(&value.scope);
    tables.delete_cluster_variable(scope, &value.tenant_id, &value.name);
    write_seen(tables);
}
