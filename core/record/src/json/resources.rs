//! Forms, other resources and deletions as JSON.

use super::derived::{self, Placed};
use super::values::{Written, tenant};
use super::writer::Object;
use super::{Resources, Style};
use crate::entry::RecordRef;
use crate::ids::Key;
use crate::values::{
    ArchivedDeploymentRecord, ArchivedResourceMetadata, ArchivedResourceRecord, FormRecord,
    ResourceDeletionRecord, ResourceRecord,
};
use crate::wire_enums::{FormIntent, Intent, ResourceIntent};

/// What forms and other resources call their id and their key.
const FORM: [&str; 2] = ["formId", "formKey"];
const RESOURCE: [&str; 2] = ["resourceId", "resourceKey"];

/// What a deployment brought of forms and other resources.
pub(super) fn write_metadata(
    out: &mut Object<'_>,
    value: &ArchivedDeploymentRecord<'_>,
    placed: Placed<'_>,
) -> Written {
    let mut failure = None;
    let mut write =
        |out: &mut Object<'_>, [id, key]: [&str; 2], made: Intent, it: &ArchivedResourceMetadata<'_>| {
            let resource_key = Key::of(&it.resource_key);
            out.text(id, &it.resource_id);
            out.number("version", it.version.to_native());
            out.text("versionTag", &it.version_tag);
            out.key(key, resource_key);
            out.text("resourceName", &it.resource_name);
            out.boolean("duplicate", it.is_duplicate);
            if !it.is_duplicate {
                out.key("deploymentKey", placed.record.header.key);
            }
            tenant(out, &value.tenant_id);
            let checksum = derived::checksum_of(placed, resource_key, made, |record| {
                Ok(if made == FormIntent::Created.into() {
                    record.value::<FormRecord<'_>>()?.0.checksum
                } else {
                    record.value::<ResourceRecord<'_>>()?.checksum
                })
            });
            match checksum {
                Ok(checksum) => checksum.iter().for_each(|checksum| out.base64("checksum", checksum)),
                Err(error) => drop(failure.get_or_insert(error)),
            }
        };
    out.objects("formMetadata", value.forms.iter(), |out, form| {
        write(out, FORM, FormIntent::Created.into(), form);
    });
    out.objects("resourceMetadata", value.resources.iter(), |out, resource| {
        write(out, RESOURCE, ResourceIntent::Created.into(), resource);
    });
    failure.map_or(Ok(()), Err)
}

pub(super) fn write_form(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = &record.value::<FormRecord<'_>>()?.0;
    write_fields(out, FORM, value);
    match style.resources {
        Resources::Whole => out.base64("resource", &value.content),
        Resources::Size => out.number("resourceBytes", value.content.len()),
    }
    Ok(())
}

pub(super) fn write_resource(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ResourceRecord<'_>>()?;
    write_fields(out, RESOURCE, value);
    match style.resources {
        Resources::Whole => out.text("resourceProp", &String::from_utf8_lossy(&value.content)),
        Resources::Size => out.number("resourceBytes", value.content.len()),
    }
    Ok(())
}

fn write_fields(out: &mut Object<'_>, [id, key]: [&str; 2], value: &ArchivedResourceRecord<'_>) {
    out.text(id, &value.resource_id);
    out.number("version", value.version.to_native());
    out.text("versionTag", &value.version_tag);
    out.key(key, Key::of(&value.resource_key));
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("resourceName", &value.resource_name);
    out.base64("checksum", &value.checksum);
    // What is unchanged brings no event.
    out.boolean("duplicate", false);
    tenant(out, &value.tenant_id);
}

pub(super) fn write_deletion(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<ResourceDeletionRecord<'_>>()?;
    out.key("resourceKey", Key::of(&value.resource_key));
    // As in Zeebe, it is empty before the resource is found.
    out.text("tenantId", &value.tenant_id);
    Ok(())
}
