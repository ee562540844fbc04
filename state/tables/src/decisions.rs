//! Decisions: by key, by id and version, the newest of each id, by label, by model and by deployment.

use crate::key::{RowKey, key_at};
use crate::resources::{plain_key, version_number};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionRow<'a> {
    /// The decision's id in the model.
    pub decision_id: &'a str,
    /// The decision's name in the model.
    pub decision_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    pub version_tag: &'a str,
    /// The model's id.
    pub decision_requirements_id: &'a str,
    /// The model.
    pub decision_requirements_key: Key,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// Owner.
    pub tenant_id: &'a str,
}

fn id_key(tenant_id: &str, decision_id: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(decision_id)
}

impl Tables {
    /// A decision.
    pub fn decision(&self, key: Key) -> Option<DecisionRow<'_>> {
        let mut row = RowReader::begin(self.store.get(table::DECISIONS, &key.0.to_be_bytes())?, VERSION);
        Some(DecisionRow {
            decision_id: row.text(),
            decision_name: row.text(),
            version: row.i32(),
            version_tag: row.text(),
            decision_requirements_id: row.text(),
            decision_requirements_key: row.key(),
            deployment_key: row.key(),
            tenant_id: row.text(),
        })
    }

    /// The key of one version of an id.
    pub fn decision_by_version(&self, tenant_id: &str, decision_id: &str, version: i32) -> Option<Key> {
        let version = u32::try_from(version).ok()?;
        self.store
            .get(table::DECISION_BY_VERSION, &id_key(tenant_id, decision_id).number(version))
            .map(plain_key)
    }

    /// The key of the newest version of an id.
    pub fn latest_decision(&self, tenant_id: &str, decision_id: &str) -> Option<Key> {
        self.store.get(table::LATEST_DECISION, &id_key(tenant_id, decision_id)).map(plain_key)
    }

    /// The key of the newest version of an id that has a label.
    pub fn decision_by_version_tag(
        &self,
        tenant_id: &str,
        decision_id: &str,
        version_tag: &str,
    ) -> Option<Key> {
        let key = id_key(tenant_id, decision_id).text(version_tag);
        self.store.get(table::DECISION_BY_VERSION_TAG, &key).map(plain_key)
    }

    /// The key of an id's version that a deployment brought.
    pub fn decision_by_deployment(&self, deployment_key: Key, decision_id: &str) -> Option<Key> {
        let key = RowKey::new().key(deployment_key).text(decision_id);
        self.store.get(table::DECISION_BY_DEPLOYMENT, &key).map(plain_key)
    }

    /// The keys of a model's decisions, in the order they were made.
    pub fn decisions_of(&self, decision_requirements_key: Key) -> impl Iterator<Item = Key> {
        let prefix = RowKey::new().key(decision_requirements_key);
        self.store.range(table::DECISIONS_OF_REQUIREMENTS, &prefix, &[]).map(|(key, _)| key_at(key, 8))
    }

    /// Writes a decision; it becomes the newest of its id, and of its id and label, unless a newer one is there.
    pub fn put_decision(&mut self, key: Key, decision: &DecisionRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .bytes(decision.decision_id.as_bytes())
            .bytes(decision.decision_name.as_bytes())
            .i32(decision.version)
            .bytes(decision.version_tag.as_bytes())
            .bytes(decision.decision_requirements_id.as_bytes())
            .key(decision.decision_requirements_key)
            .key(decision.deployment_key)
            .bytes(decision.tenant_id.as_bytes());
        self.store.put(table::DECISIONS, &key.0.to_be_bytes(), &self.scratch);
        let row = key.0.to_le_bytes();
        let id = id_key(decision.tenant_id, decision.decision_id);
        let by_version = id.clone().number(version_number(decision.version));
        self.store.put(table::DECISION_BY_VERSION, &by_version, &row);
        let is_newer = |tables: &Self, other: Option<Key>| {
            let other = other.and_then(|other| tables.decision(other));
            other.is_none_or(|other| other.version < decision.version)
        };
        if is_newer(self, self.latest_decision(decision.tenant_id, decision.decision_id)) {
            self.store.put(table::LATEST_DECISION, &id, &row);
        }
        let tag = decision.version_tag;
        if !tag.is_empty()
            && is_newer(self, self.decision_by_version_tag(decision.tenant_id, decision.decision_id, tag))
        {
            self.store.put(table::DECISION_BY_VERSION_TAG, &id.text(tag), &row);
        }
        let of_requirements = RowKey::new().key(decision.decision_requirements_key).key(key);
        self.store.put(table::DECISIONS_OF_REQUIREMENTS, &of_requirements, &[]);
        let of_deployment = RowKey::new().key(decision.deployment_key).text(decision.decision_id);
        self.store.put(table::DECISION_BY_DEPLOYMENT, &of_deployment, &row);
    }

    /// Deletes a decision; the newest one before it takes its place.
    pub fn delete_decision(&mut self, key: Key) {
        let Some(row) = self.decision(key) else { return };
        let id = id_key(row.tenant_id, row.decision_id);
        let by_version = id.clone().number(version_number(row.version));
        let tagged = (!row.version_tag.is_empty()).then(|| id.clone().text(row.version_tag));
        let of_requirements = RowKey::new().key(row.decision_requirements_key).key(key);
        let of_deployment = RowKey::new().key(row.deployment_key).text(row.decision_id);
        let is_latest = self.latest_decision(row.tenant_id, row.decision_id) == Some(key);
        self.store.delete(table::DECISIONS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        self.store.delete(table::DECISION_BY_VERSION, &by_version, RowOwner::Shared);
        self.store.delete(table::DECISIONS_OF_REQUIREMENTS, &of_requirements, RowOwner::Shared);
        self.store.delete(table::DECISION_BY_DEPLOYMENT, &of_deployment, RowOwner::Shared);
        if let Some(tagged) = tagged {
            self.delete_pointer(table::DECISION_BY_VERSION_TAG, &tagged, key);
        }
        if is_latest {
            self.point_to_newest(table::LATEST_DECISION, table::DECISION_BY_VERSION, &id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DecisionRow;
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    fn row(version: i32, version_tag: &'static str, deployment: u64) -> DecisionRow<'static> {
        DecisionRow {
            decision_id: "dish",
            decision_name: "Dish",
            version,
            version_tag,
            decision_requirements_id: "dinner",
            decision_requirements_key: Key(deployment + 1),
            deployment_key: Key(deployment),
            tenant_id: "t",
        }
    }

    /// Another partition may bring versions in another order.
    #[test]
    fn an_older_version_never_takes_the_place_of_a_newer_one() {
        let mut tables = Tables::new(open_memory());
        tables.put_decision(Key(5), &row(2, "stable", 10));
        tables.put_decision(Key(4), &row(1, "stable", 20));
        tables.put_decision(Key(6), &row(3, "", 30));
        assert_eq!(tables.latest_decision("t", "dish"), Some(Key(6)));
        assert_eq!(tables.decision_by_version_tag("t", "dish", "stable"), Some(Key(5)));
        assert_eq!(tables.decision_by_version_tag("t", "dish", ""), None);
        assert_eq!(tables.decision_by_version("t", "dish", 1), Some(Key(4)));
        assert_eq!(tables.decision_by_version("t", "dish", -1), None);
        assert_eq!(tables.decision_by_deployment(Key(20), "dish"), Some(Key(4)));
        assert_eq!(tables.decisions_of(Key(11)).collect::<Vec<_>>(), [Key(5)]);
        assert_eq!(tables.latest_decision("other", "dish"), None);
        assert_eq!(tables.decision(Key(4)), Some(row(1, "stable", 20)));
    }
}
