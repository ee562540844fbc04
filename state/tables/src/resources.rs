//! Forms and other resources that were deployed beside models: by key with their content, by id and version, the newest of
//! each id, by label and by deployment.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::{RowOwner, TableId};

const VERSION: u8 = 1;

/// What a resource is. Each kind has its own ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ResourceKind {
    /// A form.
    Form = 1,
    /// Anything else that is no model.
    Other = 2,
}

impl ResourceKind {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Form),
            2 => Some(Self::Other),
            _ => None,
        }
    }
}

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceRow<'a> {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id, as it says itself.
    pub resource_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Its own label of the version; empty when it has none.
    pub version_tag: &'a str,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// The resource's file name.
    pub resource_name: &'a str,
    /// Digest of the content.
    pub checksum: [u8; 16],
    /// Owner.
    pub tenant_id: &'a str,
    /// The content.
    pub content: &'a [u8],
}

/// The newest resource of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatestResource {
    /// Its key.
    pub key: Key,
    /// The highest version that was given to any of its id; it may be deleted.
    pub version_max: i32,
}

fn id_key(kind: ResourceKind, tenant_id: &str, resource_id: &str) -> RowKey {
    RowKey::new().byte(kind as u8).text(tenant_id).text(resource_id)
}

fn of_deployment(deployment_key: Key, kind: ResourceKind, resource_id: &str) -> RowKey {
    RowKey::new().key(deployment_key).byte(kind as u8).text(resource_id)
}

impl Tables {
    /// A resource.
    pub fn resource(&self, key: Key) -> Option<ResourceRow<'_>> {
        let mut row = RowReader::begin(self.store.get(table::RESOURCES, &key.0.to_be_bytes())?, VERSION);
        Some(ResourceRow {
            kind: known(ResourceKind::from_number(row.u8())),
            resource_id: row.text(),
            version: row.i32(),
            version_tag: row.text(),
            deployment_key: row.key(),
            resource_name: row.text(),
            checksum: row.raw(),
            tenant_id: row.text(),
            content: row.rest(),
        })
    }

    /// The newest of an id.
    pub fn latest_resource(
        &self,
        kind: ResourceKind,
        tenant_id: &str,
        resource_id: &str,
    ) -> Option<LatestResource> {
        let row = self.store.get(table::LATEST_RESOURCE, &id_key(kind, tenant_id, resource_id))?;
        let mut row = RowReader::begin(row, VERSION);
        Some(LatestResource { key: row.key(), version_max: row.i32() })
    }

    /// The newest of an id that has a label; none once that was deleted, until another one comes.
    pub fn resource_by_version_tag(
        &self,
        kind: ResourceKind,
        tenant_id: &str,
        resource_id: &str,
        version_tag: &str,
    ) -> Option<Key> {
        let key = id_key(kind, tenant_id, resource_id).text(version_tag);
        self.store.get(table::RESOURCE_BY_VERSION_TAG, &key).map(plain_key)
    }

    /// The one of an id that a deployment brought.
    pub fn resource_by_deployment(
        &self,
        kind: ResourceKind,
        deployment_key: Key,
        resource_id: &str,
    ) -> Option<Key> {
        let key = of_deployment(deployment_key, kind, resource_id);
        self.store.get(table::RESOURCE_BY_DEPLOYMENT, &key).map(plain_key)
    }

    fn put_latest_resource(&mut self, id: &RowKey, latest: LatestResource) {
        RowWriter::begin(&mut self.scratch, VERSION).key(latest.key).i32(latest.version_max);
        self.store.put(table::LATEST_RESOURCE, id, &self.scratch);
    }

    /// Writes a resource; it becomes the newest of its id, and of its id and label, unless a newer one is there.
    pub fn put_resource(&mut self, key: Key, resource: &ResourceRow<'_>) {
        let ResourceRow { kind, resource_id, version, version_tag, tenant_id, .. } = *resource;
        RowWriter::begin(&mut self.scratch, VERSION)
            .u8(kind as u8)
            .bytes(resource_id.as_bytes())
            .i32(version)
            .bytes(version_tag.as_bytes())
            .key(resource.deployment_key)
            .bytes(resource.resource_name.as_bytes())
            .raw(&resource.checksum)
            .bytes(tenant_id.as_bytes())
            .raw(resource.content);
        self.store.put(table::RESOURCES, &key.0.to_be_bytes(), &self.scratch);
        let id = id_key(kind, tenant_id, resource_id);
        let row = key.0.to_le_bytes();
        self.store.put(table::RESOURCE_BY_VERSION, &id.clone().number(version_number(version)), &row);
        let latest = self.latest_resource(kind, tenant_id, resource_id);
        if latest.is_none_or(|latest| latest.version_max < version) {
            self.put_latest_resource(&id, LatestResource { key, version_max: version });
        }
        if !version_tag.is_empty() {
            let tagged = self.resource_by_version_tag(kind, tenant_id, resource_id, version_tag);
            let tagged = tagged.and_then(|tagged| self.resource(tagged));
            if tagged.is_none_or(|tagged| tagged.version < version) {
                self.store.put(table::RESOURCE_BY_VERSION_TAG, &id.text(version_tag), &row);
            }
        }
        let of_deployment = of_deployment(resource.deployment_key, kind, resource_id);
        self.store.put(table::RESOURCE_BY_DEPLOYMENT, &of_deployment, &row);
    }

    /// Deletes a resource; the newest one before it takes its place. With the last of an id its versions are forgotten.
    pub fn delete_resource(&mut self, key: Key) {
        let Some(row) = self.resource(key) else { return };
        let (kind, version) = (row.kind, row.version);
        let id = id_key(kind, row.tenant_id, row.resource_id);
        let tagged = (!row.version_tag.is_empty()).then(|| id.clone().text(row.version_tag));
        let of_deployment = of_deployment(row.deployment_key, kind, row.resource_id);
        let latest = self.latest_resource(kind, row.tenant_id, row.resource_id);
        self.store.delete(table::RESOURCES, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        let by_version = id.clone().number(version_number(version));
        self.store.delete(table::RESOURCE_BY_VERSION, &by_version, RowOwner::Shared);
        self.store.delete(table::RESOURCE_BY_DEPLOYMENT, &of_deployment, RowOwner::Shared);
        if let Some(tagged) = tagged {
            self.delete_pointer(table::RESOURCE_BY_VERSION_TAG, &tagged, key);
        }
        let Some(latest) = latest.filter(|latest| latest.key == key) else { return };
        match self.newest_version(table::RESOURCE_BY_VERSION, &id) {
            Some(key) => self.put_latest_resource(&id, LatestResource { key, ..latest }),
            None => self.store.delete(table::LATEST_RESOURCE, &id, RowOwner::Shared),
        }
    }

    /// Deletes a plain row if it leads to a key.
    pub(crate) fn delete_pointer(&mut self, table: TableId, row: &RowKey, key: Key) {
        if self.store.get(table, row).map(plain_key) == Some(key) {
            self.store.delete(table, row, RowOwner::Shared);
        }
    }

    /// Lets a plain row lead to the newest version that is left of an id; deletes it where none is.
    pub(crate) fn point_to_newest(&mut self, latest: TableId, by_version: TableId, id: &RowKey) {
        match self.newest_version(by_version, id) {
            Some(key) => self.store.put(latest, id, &key.0.to_le_bytes()),
            None => self.store.delete(latest, id, RowOwner::Shared),
        }
    }

    /// The newest version that is left of an id.
    pub(crate) fn newest_version(&self, by_version: TableId, id: &RowKey) -> Option<Key> {
        self.store.range(by_version, id, &[]).last().map(|(_, row)| plain_key(row))
    }
}

/// The key that is a plain row.
pub(crate) fn plain_key(row: &[u8]) -> Key {
    Key(u64::from_le_bytes(row.try_into().expect("a key has eight bytes")))
}

/// A version as it stands in keys.
pub(crate) fn version_number(version: i32) -> u32 {
    u32::try_from(version).expect("versions are counted from 1")
}

#[cfg(test)]
mod tests {
    use super::{LatestResource, ResourceKind, ResourceRow};
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    fn row(kind: ResourceKind, version: i32, version_tag: &'static str) -> ResourceRow<'static> {
        ResourceRow {
            kind,
            resource_id: "r",
            version,
            version_tag,
            deployment_key: Key(100 + version as u64),
            resource_name: "r.form",
            checksum: [3; 16],
            tenant_id: "t",
            content: b"{}",
        }
    }

    #[test]
    fn the_newest_that_is_left_is_the_newest() {
        let mut tables = Tables::new(open_memory());
        for version in [2, 1, 3] {
            tables.put_resource(Key(version as u64), &row(ResourceKind::Form, version, "stable"));
        }
        tables.put_resource(Key(9), &row(ResourceKind::Other, 1, ""));
        let latest = |tables: &Tables| tables.latest_resource(ResourceKind::Form, "t", "r");
        let tagged = |tables: &Tables| tables.resource_by_version_tag(ResourceKind::Form, "t", "r", "stable");
        assert_eq!(tables.resource(Key(2)), Some(row(ResourceKind::Form, 2, "stable")));
        assert_eq!(latest(&tables), Some(LatestResource { key: Key(3), version_max: 3 }));
        assert_eq!(tagged(&tables), Some(Key(3)));
        tables.delete_resource(Key(1));
        assert_eq!(latest(&tables), Some(LatestResource { key: Key(3), version_max: 3 }));
        tables.delete_resource(Key(3));
        assert_eq!(latest(&tables), Some(LatestResource { key: Key(2), version_max: 3 }));
        assert_eq!(tagged(&tables), None);
        assert_eq!(tables.resource_by_deployment(ResourceKind::Form, Key(102), "r"), Some(Key(2)));
        tables.delete_resource(Key(2));
        assert_eq!((latest(&tables), tables.resource(Key(2))), (None, None));
        assert_eq!(
            tables.latest_resource(ResourceKind::Other, "t", "r").map(|latest| latest.key),
            Some(Key(9))
        );
        tables.delete_resource(Key(9));
        assert!(
            (70..80).all(|table| tables
                .store()
                .range(ringbolt_store::TableId(table), &[], &[])
                .next()
                .is_none())
        );
    }
}
