//! Process definitions: by key, their resource beside it, by id and version, by label, by deployment, and the newest of each id. What is
//! being deleted is found by its key alone, until its last instance has ended.

use crate::key::RowKey;
use crate::resources::{plain_key, version_number};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

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

impl Tables {
    /// A definition, without its resource: most who ask want little of it, and reading a row verifies all of it.
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
        })
    }

    /// The resource of a definition.
    pub fn process_resource(&self, key: Key) -> Option<&[u8]> {
        self.store.get(table::PROCESS_RESOURCES, &key.0.to_be_bytes())
    }

    /// The key of one version of an id.
    pub fn process_by_version(&self, tenant_id: &str, bpmn_process_id: &str, version: i32) -> Option<Key> {
        let version = u32::try_from(version).ok()?;
        let key = RowKey::new().text(tenant_id).text(bpmn_process_id).number(version);
        self.store.get(table::PROCESS_BY_VERSION, &key).map(plain_key)
    }

    /// The key of the newest version of an id that has a label.
    pub fn process_by_version_tag(
        &self,
        tenant_id: &str,
        bpmn_process_id: &str,
        version_tag: &str,
    ) -> Option<Key> {
        let key = RowKey::new().text(tenant_id).text(bpmn_process_id).text(version_tag);
        self.store.get(table::PROCESS_BY_VERSION_TAG, &key).map(plain_key)
    }

    /// The key of an id's version that a deployment brought.
    pub fn process_by_deployment(&self, deployment_key: Key, bpmn_process_id: &str) -> Option<Key> {
        let key = RowKey::new().key(deployment_key).text(bpmn_process_id);
        self.store.get(table::PROCESS_BY_DEPLOYMENT, &key).map(plain_key)
    }

    /// The newest definition of an id.
    pub fn latest_process(&self, tenant_id: &str, bpmn_process_id: &str) -> Option<LatestProcess> {
        let (latest, _) = self.newest_process(&RowKey::new().text(tenant_id).text(bpmn_process_id))?;
        latest.key.is_some().then_some(latest)
    }

    /// The highest version that was given to any definition of an id, deleted ones too; 0 for none.
    pub fn process_version_max(&self, tenant_id: &str, bpmn_process_id: &str) -> i32 {
        let newest = self.newest_process(&RowKey::new().text(tenant_id).text(bpmn_process_id));
        newest.map_or(0, |(_, version_max)| version_max)
    }

    fn newest_process(&self, id: &RowKey) -> Option<(LatestProcess, i32)> {
        let mut row = RowReader::begin(self.store.get(table::LATEST_PROCESS, id)?, VERSION);
        let latest = LatestProcess { key: row.key(), version: row.i32(), checksum: row.raw() };
        Some((latest, row.i32()))
    }

    fn put_latest_process(&mut self, id: &RowKey, latest: &LatestProcess, version_max: i32) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .key(latest.key)
            .i32(latest.version)
            .raw(&latest.checksum)
            .i32(version_max);
        self.store.put(table::LATEST_PROCESS, id, &self.scratch);
    }

    /// Writes a definition; it becomes the newest of its id, and of its id and label, unless a newer one is there.
    pub fn put_process(&mut self, key: Key, process: &ProcessRow<'_>, resource: &[u8]) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .bytes(process.bpmn_process_id.as_bytes())
            .i32(process.version)
            .bytes(process.version_tag.as_bytes())
            .key(process.deployment_key)
            .bytes(process.resource_name.as_bytes())
            .raw(&process.checksum)
            .bytes(process.tenant_id.as_bytes());
        self.store.put(table::PROCESSES, &key.0.to_be_bytes(), &self.scratch);
        self.store.put(table::PROCESS_RESOURCES, &key.0.to_be_bytes(), resource);
        let id = RowKey::new().text(process.tenant_id).text(process.bpmn_process_id);
        let by_version = id.clone().number(version_number(process.version));
        self.store.put(table::PROCESS_BY_VERSION, &by_version, &key.0.to_le_bytes());
        let version_max = self.newest_process(&id).map_or(0, |(_, version_max)| version_max);
        if version_max < process.version {
            let latest = LatestProcess { key, version: process.version, checksum: process.checksum };
            self.put_latest_process(&id, &latest, process.version);
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

    /// Begins to delete a definition: nothing finds it by its id any more, and the newest one before it takes its place.
    pub fn put_deleting_process(&mut self, key: Key) {
        let Some(row) = self.process(key) else { return };
        let id = RowKey::new().text(row.tenant_id).text(row.bpmn_process_id);
        let by_version = id.clone().number(version_number(row.version));
        let tagged = (!row.version_tag.is_empty()).then(|| id.clone().text(row.version_tag));
        let of_deployment = RowKey::new().key(row.deployment_key).text(row.bpmn_process_id);
        self.store.delete(table::PROCESS_BY_VERSION, &by_version, RowOwner::Shared);
        self.store.delete(table::PROCESS_BY_DEPLOYMENT, &of_deployment, RowOwner::Shared);
        if let Some(tagged) = tagged {
            self.delete_pointer(table::PROCESS_BY_VERSION_TAG, &tagged, key);
        }
        self.store.put(table::DELETING_PROCESSES, &key.0.to_be_bytes(), &[]);
        let Some((latest, version_max)) = self.newest_process(&id) else { return };
        if latest.key != key {
            return;
        }
        let none = LatestProcess { key: Key::NONE, version: 0, checksum: [0; 16] };
        let before = self.newest_version(table::PROCESS_BY_VERSION, &id);
        let before = before.and_then(|key| self.process(key).map(|row| (key, row.version, row.checksum)));
        let latest = before.map_or(none, |(key, version, checksum)| LatestProcess { key, version, checksum });
        self.put_latest_process(&id, &latest, version_max);
    }

    /// Whether a definition is being deleted.
    pub fn is_deleting_process(&self, key: Key) -> bool {
        self.store.get(table::DELETING_PROCESSES, &key.0.to_be_bytes()).is_some()
    }

    /// Deletes a definition that is being deleted.
    pub fn delete_process(&mut self, key: Key) {
        let owner = RowOwner::Generated(key.0);
        self.store.delete(table::DELETING_PROCESSES, &key.0.to_be_bytes(), owner);
        self.store.delete(table::PROCESSES, &key.0.to_be_bytes(), owner);
        self.store.delete(table::PROCESS_RESOURCES, &key.0.to_be_bytes(), owner);
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
        };
        let mut tables = Tables::new(open_memory());
        tables.put_process(Key(5), &row(2, "stable", 10), b"two");
        tables.put_process(Key(4), &row(1, "stable", 20), b"one");
        tables.put_process(Key(6), &row(3, "", 30), b"three");
        assert_eq!(tables.process_resource(Key(4)), Some(&b"one"[..]));
        assert_eq!(tables.process_by_version_tag("t", "order", "stable"), Some(Key(5)));
        assert_eq!(tables.process_by_version_tag("t", "order", ""), None);
        assert_eq!(tables.process_by_version_tag("other", "order", "stable"), None);
        assert_eq!(tables.process_by_deployment(Key(20), "order"), Some(Key(4)));
        assert_eq!(tables.process_by_deployment(Key(20), "other"), None);
    }
}
