//! Raising and resolving incidents.

use crate::at::At;
use crate::failure::Failure;
use crate::writers::Processing;
use ringbolt_record::values::{IncidentRecord, InstanceRef};
use ringbolt_record::{ElementIndex, ErrorType, IncidentIntent, Key};
use ringbolt_tables::IncidentRow;

/// Raises an incident at an element instance, about a job if there is one.
pub(crate) fn raise(p: &mut Processing<'_>, at: &At, job_key: Key, failure: &Failure) {
    let variable_scope_key =
        if failure.variable_scope_key.is_some() { failure.variable_scope_key } else { at.key };
    let value = IncidentRecord {
        instance: at.element.instance,
        error_type: failure.error_type,
        error_message: p.bounded(&failure.message),
        element_instance_key: at.key,
        element_index: at.element.element_index,
        job_key,
        variable_scope_key,
        tenant_id: &at.definition.tenant_id,
    };
    let key = p.next_key();
    p.append(IncidentIntent::Created, key, &value);
}

/// What an element instance does is more than an entry of the log holds.
pub(crate) fn too_large(at: &At) -> Failure {
    let message = format!(
        "Expected to process element '{}', but exceeded MAX_MESSAGE_SIZE limitation. If you have large or many \
         variables consider reducing these.",
        at.model().id
    );
    Failure::new(ErrorType::MessageSizeExceeded, message)
}

/// Writes that an incident is resolved.
pub(crate) fn resolve(p: &mut Processing<'_>, key: Key, incident: &IncidentRow, tenant_id: &str) {
    append(p, IncidentIntent::Resolved, key, incident, tenant_id);
}

/// Lets the incident of a job or an element instance, if it has one, be one of another element in another definition.
pub(crate) fn migrate_of(
    p: &mut Processing<'_>,
    owner: Key,
    (instance, element_index): (InstanceRef, ElementIndex),
    tenant_id: &str,
) {
    let found = p.tables().incident_of(owner).and_then(|key| Some((key, p.tables().incident(key)?)));
    if let Some((key, incident)) = found {
        let incident = IncidentRow { instance, element_index, ..incident };
        append(p, IncidentIntent::Migrated, key, &incident, tenant_id);
    }
}

fn append(p: &mut Processing<'_>, intent: IncidentIntent, key: Key, incident: &IncidentRow, tenant_id: &str) {
    let value = IncidentRecord {
        instance: incident.instance,
        error_type: incident.error_type,
        error_message: &incident.error_message,
        element_instance_key: incident.element_instance_key,
        element_index: incident.element_index,
        job_key: incident.job_key,
        variable_scope_key: incident.variable_scope_key,
        tenant_id,
    };
    p.append(intent, key, &value);
}

/// Resolves the incident of a job or an element instance, if it has one.
pub(crate) fn resolve_of(p: &mut Processing<'_>, owner: Key, tenant_id: &str) {
    let found = p.tables().incident_of(owner).and_then(|key| Some((key, p.tables().incident(key)?)));
    if let Some((key, incident)) = found {
        resolve(p, key, &incident, tenant_id);
    }
}
