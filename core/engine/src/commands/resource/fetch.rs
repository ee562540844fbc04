//! Reads a form or another resource. Writes nothing.

use crate::failure::{Refusal, not_found};
use crate::writers::Processing;
use ringbolt_record::command::ResourceType;
use ringbolt_record::reply::{DeployedResource, FetchedResource};
use ringbolt_record::{Key, Reply};
use ringbolt_tables::ResourceKind;

pub(crate) fn process_fetch(
    p: &mut Processing<'_>,
    resource_key: Key,
    resource_type: ResourceType,
) -> Result<(), Refusal> {
    let kind = match resource_type {
        ResourceType::Form => ResourceKind::Form,
        ResourceType::Other => ResourceKind::Other,
    };
    let Some(row) = p.tables().resource(resource_key).filter(|row| row.kind == kind) else {
        let key = resource_key.to_wire();
        return Err(not_found(match resource_type {
            ResourceType::Form => format!("Form with key '{key}' not found"),
            ResourceType::Other => {
                format!("Expected to fetch resource but no resource found with key `{key}`")
            }
        }));
    };
    let reply = FetchedResource {
        deployed: DeployedResource {
            resource_id: row.resource_id.to_owned(),
            version: row.version,
            resource_key,
            resource_name: row.resource_name.to_owned(),
        },
        version_tag: row.version_tag.to_owned(),
        tenant_id: row.tenant_id.to_owned(),
        content: row.content.to_vec().into(),
    };
    p.reply(Reply::Resource(Box::new(reply)));
    Ok(())
}
