//! Finding the forms and resources that elements are bound to.

use crate::at::At;
use crate::behaviors::variables::{ObjectWriter, write_json_text};
use crate::failure::Failure;
use crate::writers::Processing;
use ringbolt_model::{Binding, JobWorkerTask};
use ringbolt_record::{ErrorType, Key};
use ringbolt_tables::ResourceKind;

/// The header that names linked resources.
const LINKED_RESOURCES: &str = "linkedResources";

/// The version of a form or resource that an element is bound to.
pub(crate) fn find(
    p: &Processing<'_>,
    at: &At,
    kind: ResourceKind,
    id: &str,
    binding: &Binding,
) -> Result<Key, Failure> {
    let (tables, tenant_id) = (p.tables(), &at.definition.tenant_id);
    // How messages begin, what they call it, and how they join their parts.
    let (find, using, word, with, end) = match kind {
        ResourceKind::Form => ("find a form", "use a form", "form", "with", ""),
        ResourceKind::Other => ("link a resource", "link a resource", "resource", "and", ".\n"),
    };
    let (found, message) = match binding {
        Binding::Latest => (
            tables.latest_resource(kind, tenant_id, id).map(|latest| latest.key),
            format!(
                "Expected to {find} with id '{id}', but no {word} with this id is found, at least a {word} with this id \
                 should be available. To resolve the Incident please deploy a {word} with the same id{end}"
            ),
        ),
        Binding::Deployment => {
            let deployment_key =
                tables.process(at.definition.key).map_or(Key::NONE, |row| row.deployment_key);
            let message = format!(
                "Expected to {using} with id '{id}' {with} binding type 'deployment', but no such {word} found in the \
                 deployment with key {deployment_key} which contained the current process. To resolve this incident, \
                 migrate the process instance to a process definition that is deployed together with the intended {word} \
                 to use."
            );
            (tables.resource_by_deployment(kind, deployment_key, id), message)
        }
        Binding::VersionTag(tag) => (
            tables.resource_by_version_tag(kind, tenant_id, id, tag),
            format!(
                "Expected to {using} with id '{id}' and version tag '{tag}', but no such {word} found. To resolve the \
                 incident, deploy a {word} with the given id and version tag.\n"
            ),
        ),
    };
    let error_type = match kind {
        ResourceKind::Form => ErrorType::FormNotFound,
        ResourceKind::Other => ErrorType::ResourceNotFound,
    };
    found.ok_or_else(|| Failure::new(error_type, message))
}

/// The headers of a job whose task has linked resources: its own, and one with the keys of the resources.
pub(crate) fn linked_headers(p: &Processing<'_>, at: &At, task: &JobWorkerTask) -> Result<String, Failure> {
    let mut object = ObjectWriter::new();
    for header in &task.headers {
        object.member(&header.key, &json_text(&header.value));
    }
    let mut list = String::from("[");
    for link in &task.linked_resources {
        let key = find(p, at, ResourceKind::Other, &link.resource_id, &link.binding)?;
        let mut item = ObjectWriter::new();
        item.member("resourceKey", &json_text(&key.to_wire().to_string()));
        item.member("resourceType", &json_text(&link.resource_type));
        item.member("linkName", &json_text(&link.link_name));
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&text(item.finish()));
    }
    list.push(']');
    object.member(LINKED_RESOURCES, &json_text(&list));
    Ok(text(object.finish()))
}

fn json_text(text: &str) -> Vec<u8> {
    let mut json = Vec::with_capacity(text.len() + 2);
    write_json_text(&mut json, text);
    json
}

fn text(json: Vec<u8>) -> String {
    String::from_utf8(json).expect("it is made of text")
}
