//! Cluster variables, and what expressions see of them.
//!
//! That is one JSON object, `camunda` to them, written anew with each change: changes are rare and the variables few, and so an
//! expression reads it like any variable, without a copy.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::ClusterVariableScope;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// What expressions see when there is none.
const NONE: &[u8] = br#"{"vars":{"cluster":{},"tenant":{},"env":{}}}"#;

/// A cluster variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterVariableRow<'a> {
    /// Who sees it.
    pub scope: ClusterVariableScope,
    /// Owner of what only one tenant sees.
    pub tenant_id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What clients note about it, a JSON object.
    pub metadata: &'a [u8],
    /// Its value as JSON text.
    pub value: &'a [u8],
}

fn row_key(scope: ClusterVariableScope, tenant_id: &str, name: &str) -> RowKey {
    RowKey::new().byte(scope.number()).text(tenant_id).text(name)
}

fn read(row: &[u8]) -> ClusterVariableRow<'_> {
    let mut row = RowReader::begin(row, VERSION);
    ClusterVariableRow {
        scope: known(ClusterVariableScope::from_number(row.u8())),
        tenant_id: row.text(),
        name: row.text(),
        metadata: row.bytes(),
        value: row.rest(),
    }
}

impl Tables {
    /// A cluster variable.
    pub fn cluster_variable(
        &self,
        scope: ClusterVariableScope,
        tenant_id: &str,
        name: &str,
    ) -> Option<ClusterVariableRow<'_>> {
        self.store.get(table::CLUSTER_VARIABLES, &row_key(scope, tenant_id, name)).map(read)
    }

    /// That of a row's key.
    pub fn cluster_variable_at(&self, row_key: &[u8]) -> Option<ClusterVariableRow<'_>> {
        self.store.get(table::CLUSTER_VARIABLES, row_key).map(read)
    }

    /// All of them.
    pub fn cluster_variables(&self) -> impl Iterator<Item = ClusterVariableRow<'_>> {
        self.store.range(table::CLUSTER_VARIABLES, &[], &[]).map(|(_, row)| read(row))
    }

    /// Writes a cluster variable.
    pub fn put_cluster_variable(&mut self, variable: &ClusterVariableRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .u8(variable.scope.number())
            .bytes(variable.tenant_id.as_bytes())
            .bytes(variable.name.as_bytes())
            .bytes(variable.metadata)
            .raw(variable.value);
        let key = row_key(variable.scope, variable.tenant_id, variable.name);
        self.store.put(table::CLUSTER_VARIABLES, &key, &self.scratch);
    }

    /// Deletes a cluster variable.
    pub fn delete_cluster_variable(&mut self, scope: ClusterVariableScope, tenant_id: &str, name: &str) {
        self.store.delete(table::CLUSTER_VARIABLES, &row_key(scope, tenant_id, name), RowOwner::Shared);
    }

    /// What expressions see as `camunda`, a JSON object.
    pub fn seen_cluster_variables(&self) -> &[u8] {
        self.store.get(table::SEEN_CLUSTER_VARIABLES, &[0]).unwrap_or(NONE)
    }

    /// Writes what expressions see.
    pub fn put_seen_cluster_variables(&mut self, document: &[u8]) {
        self.store.put(table::SEEN_CLUSTER_VARIABLES, &[0], document);
    }
}

#[cfg(test)]
mod tests {
    use super::ClusterVariableRow;
    use crate::Tables;
    use ringbolt_record::ClusterVariableScope;
    use ringbolt_store::open_memory;

    #[test]
    fn a_cluster_variable_is_read_as_it_was_written() {
        let mut tables = Tables::new(open_memory());
        let long = "n".repeat(256);
        let row = |scope, name, value| ClusterVariableRow {
            scope,
            tenant_id: "t",
            name,
            metadata: b"{\"a\":1}",
            value,
        };
        let (global, tenant) = (ClusterVariableScope::Global, ClusterVariableScope::Tenant);
        let rows = [row(global, "b", b"1"), row(tenant, "b", b"[2]"), row(tenant, &long, b"{}")];
        rows.iter().for_each(|row| tables.put_cluster_variable(row));
        assert_eq!(tables.cluster_variable(global, "t", "b"), Some(rows[0]));
        assert_eq!(tables.cluster_variable(tenant, "t", &long), Some(rows[2]));
        assert_eq!(tables.cluster_variable(tenant, "t", "c"), None);
        assert!(tables.cluster_variables().eq(rows));
        tables.delete_cluster_variable(tenant, "t", "b");
        assert_eq!(tables.cluster_variable(tenant, "t", "b"), None);
        assert!(tables.seen_cluster_variables().starts_with(b"{\"vars\":"));
        tables.put_seen_cluster_variables(b"{}");
        assert_eq!(tables.seen_cluster_variables(), b"{}");
    }
}
