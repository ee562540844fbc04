//! The forms and other resources of a deployment: what is no model.

use super::checksum;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_feel::Val;
use ringbolt_record::command::Resource;
use ringbolt_record::reply::DeployedResource;
use ringbolt_record::values::{FormRecord, ResourceMetadata, ResourceRecord};
use ringbolt_record::{FormIntent, Key, ResourceIntent, VariableDocument};
use ringbolt_tables::{LatestResource, ResourceKind};

/// A form or another resource of a deployment.
pub(super) struct FoundResource<'a> {
    pub(super) resource: &'a Resource,
    pub(super) kind: ResourceKind,
    pub(super) id: String,
    version_tag: String,
    checksum: [u8; 16],
    version: i32,
    pub(super) key: Key,
    pub(super) is_duplicate: bool,
}

/// What rejections call a kind.
fn word(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Form => "form",
        ResourceKind::Other => "resource",
    }
}

fn check_id(id: &str, kind: ResourceKind, resource: &Resource, id_bytes_max: usize) -> Result<(), String> {
    if id.len() <= id_bytes_max {
        return Ok(());
    }
    Err(format!(
        "The ID of a {} must not be longer than the configured max-id-length of {id_bytes_max} characters, but was \
         '{id}' in resource '{}'",
        word(kind),
        resource.name
    ))
}

impl<'a> FoundResource<'a> {
    /// A resource that says itself what its id is; or why it does not.
    pub(super) fn read(
        resource: &'a Resource,
        kind: ResourceKind,
        id_bytes_max: usize,
    ) -> Result<Self, String> {
        let (word, name) = (word(kind), &resource.name);
        let parsed = VariableDocument::parse(Bytes::clone(&resource.content));
        let parsed = parsed.map_err(|error| format!("Failed to parse {word} JSON. '{name}': {error}"))?;
        let member = |member: &str| -> Result<Option<String>, String> {
            match parsed.get(member).and_then(Val::from_json) {
                None | Some(Val::Null) => Ok(None),
                Some(value) if value.as_str().is_some() => Ok(value.as_str().map(str::to_owned)),
                // A number or a truth value is as good as its text.
                Some(value @ (Val::Number(_) | Val::Bool(_))) => {
                    let mut text = Vec::new();
                    value.write_json(&mut text);
                    Ok(String::from_utf8(text).ok())
                }
                Some(other) => Err(format!(
                    "Failed to parse {word} JSON. '{name}': '{member}' is no text but {}",
                    other.type_name()
                )),
            }
        };
        let Some(id) = member("id")? else {
            return Err(format!("Expected the {word} id to be present, but none given"));
        };
        if id.trim().is_empty() {
            return Err(format!("Expected the {word} id to be filled, but it is blank"));
        }
        check_id(&id, kind, resource, id_bytes_max)?;
        Ok(Self::new(resource, kind, id, member("versionTag")?.unwrap_or_default()))
    }

    /// A resource that is known by its file name.
    pub(super) fn by_name(resource: &'a Resource, id_bytes_max: usize) -> Result<Self, String> {
        let (kind, id) = (ResourceKind::Other, resource.name.clone());
        check_id(&id, kind, resource, id_bytes_max)?;
        Ok(Self::new(resource, kind, id, String::new()))
    }

    fn new(resource: &'a Resource, kind: ResourceKind, id: String, version_tag: String) -> Self {
        let checksum = checksum(resource);
        Self { resource, kind, id, version_tag, checksum, version: 0, key: Key::NONE, is_duplicate: false }
    }

    /// What is said of two resources of one deployment that have an id in common.
    pub(super) fn shares_id_with(&self, first: &Self) -> Option<String> {
        (self.kind == first.kind && self.id == first.id).then(|| {
            format!(
                "Expected the {} ids to be unique within a deployment but found a duplicated id '{}' in the resources \
                 '{}' and '{}'.",
                word(self.kind),
                self.id,
                first.resource.name,
                self.resource.name
            )
        })
    }

    /// Marks what is the newest of its id already: the same bytes under the same file name.
    pub(super) fn find_duplicate(&mut self, p: &Processing<'_>, tenant_id: &str) {
        let Some(LatestResource { key, .. }) = p.tables().latest_resource(self.kind, tenant_id, &self.id)
        else {
            return;
        };
        let Some(row) = p.tables().resource(key) else { return };
        if row.checksum == self.checksum && row.resource_name == self.resource.name {
            (self.key, self.version, self.is_duplicate) = (key, row.version, true);
        }
    }

    /// Makes the next version of its id.
    pub(super) fn make(&mut self, p: &mut Processing<'_>, tenant_id: &str, deployment_key: Key) {
        let latest = p.tables().latest_resource(self.kind, tenant_id, &self.id);
        self.is_duplicate = false;
        self.version = latest.map_or(0, |latest| latest.version_max) + 1;
        self.key = p.next_key();
        let record = ResourceRecord {
            resource_key: self.key,
            resource_id: &self.id,
            version: self.version,
            version_tag: &self.version_tag,
            deployment_key,
            resource_name: &self.resource.name,
            checksum: self.checksum,
            content: &self.resource.content,
            tenant_id,
        };
        append_created(p, self.kind, record);
    }

    pub(super) fn metadata(&self) -> ResourceMetadata<'_> {
        ResourceMetadata {
            resource_id: &self.id,
            version: self.version,
            version_tag: &self.version_tag,
            resource_key: self.key,
            resource_name: &self.resource.name,
            is_duplicate: self.is_duplicate,
        }
    }

    pub(super) fn deployed(&self) -> DeployedResource {
        DeployedResource {
            resource_id: self.id.clone(),
            version: self.version,
            resource_key: self.key,
            resource_name: self.resource.name.clone(),
        }
    }
}

/// Writes that a form or another resource is there.
pub(super) fn append_created(p: &mut Processing<'_>, kind: ResourceKind, record: ResourceRecord<'_>) {
    let key = record.resource_key;
    match kind {
        ResourceKind::Form => p.append(FormIntent::Created, key, &FormRecord(record)),
        ResourceKind::Other => p.append(ResourceIntent::Created, key, &record),
    }
}
