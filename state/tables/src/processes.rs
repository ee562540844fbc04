//! Process definitions: by key with their resource, by id and version, by label, by deployment, and the newest of each id.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;

const VERSION: u8 = 1;

/// A process definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessRow<'a> {
    /// The process's id in the model.
    pub bpmn_process_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    pub version_tag: &'a str,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// The resource's file name.
    pub resource_name: &'a str,
    /// Digest of the resource's bytes.
    pub checksum: [u8; 16],
    /// Owner.
    pub tenant_id: &'a str,
    /// The resource.
    pub resource: &'a [u8],
}

/// The newest definition of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestProcess {
    /// Its key.
    pub key: Key,
    /// Its version.
    pub version: i32,
    /// Digest of its resource.
    pub checksum: [u8; 16],
}

fn key_of(row: &[u8]) -> Key {
    Key(u64::from_le_bytes(row.try_into().expect("a key has eight bytes")))
}

impl Tables {
    /// A definition.
    pub fn process(&self, key: Key) -> Option<ProcessRow<'_>> {
        let mut row = RowReader::begin(self.store.get(table::PROCESSES, &key.0.to_be_bytes())?, VERSION);
        Some(ProcessRow {
            bpmn_process_id: row.text(),
            version: row.i32(),
            version_tag: row.text(),
            deployment_key: row.key(),
            resource_name: row.text(),
            checksum: row.raw(),
            tenant_id: row.text(),
            resource: row.rest(),
        })
    }

    /// The key of one version of an id.
    pub fn process_by_version(&self, tenant_id: &str, bpmn_process_id: &str, version: i32) -> Option<Key> {
        let version = u32::try_from(version).ok()?;
        let key = RowKey::new().text(tenant_id).text(bpmn_process_id).number(version);
        self.store.get(table::PROCESS_BY_VERSION, &key).map(key_of)
    }

    /// The key of the newest version of an id that has a label.
    pub fn process_by_version_tag(
        &self,
        tenant_id: &str,
        bpmn_process_id: &str,
        version_tag: &str,
    ) -> Option<Key> {
        let key = RowKey::new().text(tenant_id).text(bpmn_process_id).text(version_tag);
        self.store.get(table::PROCESS_BY_VERSION_TAG, &key).map(key_of)
    }

    /// The key of an id's version that a deployment brought.
    pub fn process_by_deployment(&self, deployment_key: Key, bpmn_process_id: &str) -> Option<Key> {
        let key = RowKey::new().key(deployment_key).text(bpmn_process_id);
        self.store.get(table::PROCESS_BY_DEPLOYMENT, &key).map(key_of)
    }

    /// The newest definition of an id.
    pub fn latest_process(&self, tenant_id: &str, bpmn_process_id: &str) -> Option<LatestProcess> {
        let key = RowKey::new().text(tenant_id).text(bpmn_process_id);
        let mut row = RowReader::begin(self.store.get(table::LATEST_PROCESS, &key)?, VERSION);
        Some(LatestProcess { key: row.key(), version: row.i32(), checksum: row.raw() })
    }

    /// Writes a definition; it becomes the newest of its id, and of its id and label, unless a newer one is there.
    pub fn put_process(&mut self, key: Key, process: &ProcessRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .bytes(process.bpmn_process_id.as_bytes())
            .i32(process.version)
            .bytes(process.version_tag.as_bytes())
            .key(process.deployment_key)
            .bytes(process.resource_name.as_bytes())
            .raw(&process.checksum)
            .bytes(process.tenant_id.as_bytes())
            .raw(process.resource);
        self.store.put(table::PROCESSES, &key.0.to_be_bytes(), &self.scratch);
        let id = RowKey::new().text(process.tenant_id).text(process.bpmn_process_id);
        let version = u32::try_from(process.version).expect("versions are counted from 1");
        self.store.put(table::PROCESS_BY_VERSION, &id.clone().number(version), &key.0.to_le_bytes());
        let latest = self.latest_process(process.tenant_id, process.bpmn_process_id);
        if latest.is_none_or(|latest| latest.version < process.version) {
            RowWriter::begin(&mut self.scratch, VERSION).key(key).i32(process.version).raw(&process.checksum);
            self.store.put(table::LATEST_PROCESS, &id, &self.scratch);
        }
        let row = key.0.to_le_bytes();
        let tag = process.version_tag;
        if !tag.is_empty() {
            let newest = self.process_by_version_tag(process.tenant_id, process.bpmn_process_id, tag);
            let newest = newest.and_then(|newest| self.process(newest)).map_or(0, |newest| newest.version);
            if newest < process.version {
                self.store.put(table::PROCESS_BY_VERSION_TAG, &id.text(tag), &row);
            }
        }
        let of_deployment = RowKey::new().key(process.deployment_key).text(process.bpmn_process_id);
        self.store.put(table::PROCESS_BY_DEPLOYMENT, &of_deployment, &row);
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessRow;
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    /// Another partition may bring versions in another order.
    #[test]
    fn labels_and_deployments_lead_to_versions() {
        let row = |version, version_tag, deployment| ProcessRow {
            bpmn_process_id: "order",
            version,
            version_tag,
            deployment_key: Key(deployment),
            resource_name: "order.bpmn",
            checksum: [0; 16],
            tenant_id: "t",
            resource: b"",
        };
        let mut tables = Tables::new(open_memory());
        tables.put_process(Key(5), &row(2, "stable", 10));
        tables.put_process(Key(4), &row(1, "stable", 20));
        tables.put_process(Key(6), &row(3, "", 30));
        assert_eq!(tables.process_by_version_tag("t", "order", "stable"), Some(Key(5)));
        assert_eq!(tables.process_by_version_tag("t", "order", ""), None);
        assert_eq!(tables.process_by_version_tag("other", "order", "stable"), None);
        assert_eq!(tables.process_by_deployment(Key(20), "order"), Some(Key(4)));
        assert_eq!(tables.process_by_deployment(Key(20), "other"), None);
    }
}
