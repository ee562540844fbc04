//! Models of decisions: by key with their resource, by id and version, and the newest of each id.

use crate::key::RowKey;
use crate::resources::{plain_key, version_number};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A model of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionRequirementsRow<'a> {
    /// The model's id.
    pub decision_requirements_id: &'a str,
    /// The model's name.
    pub decision_requirements_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's namespace.
    pub namespace: &'a str,
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

impl Tables {
    /// A model.
    pub fn decision_requirements(&self, key: Key) -> Option<DecisionRequirementsRow<'_>> {
        let row = self.store.get(table::DECISION_REQUIREMENTS, &key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some(DecisionRequirementsRow {
            decision_requirements_id: row.text(),
            decision_requirements_name: row.text(),
            version: row.i32(),
            namespace: row.text(),
            deployment_key: row.key(),
            resource_name: row.text(),
            checksum: row.raw(),
            tenant_id: row.text(),
            resource: row.rest(),
        })
    }

    /// The key of the newest version of an id.
    pub fn latest_decision_requirements(&self, tenant_id: &str, id: &str) -> Option<Key> {
        let key = RowKey::new().text(tenant_id).text(id);
        self.store.get(table::LATEST_DECISION_REQUIREMENTS, &key).map(plain_key)
    }

    /// Writes a model; it becomes the newest of its id unless a newer one is there.
    pub fn put_decision_requirements(&mut self, key: Key, model: &DecisionRequirementsRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .bytes(model.decision_requirements_id.as_bytes())
            .bytes(model.decision_requirements_name.as_bytes())
            .i32(model.version)
            .bytes(model.namespace.as_bytes())
            .key(model.deployment_key)
            .bytes(model.resource_name.as_bytes())
            .raw(&model.checksum)
            .bytes(model.tenant_id.as_bytes())
            .raw(model.resource);
        self.store.put(table::DECISION_REQUIREMENTS, &key.0.to_be_bytes(), &self.scratch);
        let id = RowKey::new().text(model.tenant_id).text(model.decision_requirements_id);
        let row = key.0.to_le_bytes();
        let by_version = id.clone().number(version_number(model.version));
        self.store.put(table::DECISION_REQUIREMENTS_BY_VERSION, &by_version, &row);
        let latest = self.latest_decision_requirements(model.tenant_id, model.decision_requirements_id);
        let latest = latest.and_then(|latest| self.decision_requirements(latest));
        if latest.is_none_or(|latest| latest.version < model.version) {
            self.store.put(table::LATEST_DECISION_REQUIREMENTS, &id, &row);
        }
    }

    /// Deletes a model; the newest one before it takes its place.
    pub fn delete_decision_requirements(&mut self, key: Key) {
        let Some(row) = self.decision_requirements(key) else { return };
        let id = RowKey::new().text(row.tenant_id).text(row.decision_requirements_id);
        let by_version = id.clone().number(version_number(row.version));
        let latest = self.latest_decision_requirements(row.tenant_id, row.decision_requirements_id);
        self.store.delete(table::DECISION_REQUIREMENTS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        self.store.delete(table::DECISION_REQUIREMENTS_BY_VERSION, &by_version, RowOwner::Shared);
        if latest == Some(key) {
            let (latest, by_version) =
                (table::LATEST_DECISION_REQUIREMENTS, table::DECISION_REQUIREMENTS_BY_VERSION);
            self.point_to_newest(latest, by_version, &id);
        }
    }
}
