//! User tasks in records.

use super::Style;
use super::derived;
use super::values::{Written, element_id, instance, tenant, time};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::user_task::ChangedAttributes;
use crate::values::UserTaskRecord;
use crate::wire_enums::{Intent, UserTaskIntent};

/// A user task. The variables that complete it stand in the events that follow.
pub(super) fn write_user_task(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<UserTaskRecord<'_>>()?;
    let element = ElementIndex(value.element_index.0.to_native());
    out.key("userTaskKey", record.header.key);
    instance(out, &value.instance, Some("processDefinitionVersion"), style);
    element_id(out, &value.instance, element, style);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.text("assignee", &value.assignee);
    out.texts("candidateGroupsList", value.candidate_groups.iter().map(|name| &**name));
    out.texts("candidateUsersList", value.candidate_users.iter().map(|name| &**name));
    out.text("dueDate", &value.due_date);
    out.text("followUpDate", &value.follow_up_date);
    out.number("priority", value.priority.to_native());
    out.key("formKey", Key::of(&value.form_key));
    out.text("externalFormReference", &value.external_form_reference);
    out.texts("changedAttributes", ChangedAttributes(value.changed_attributes).names());
    out.text("action", &value.action);
    out.text("deniedReason", &value.denied_reason);
    out.number("creationTimestamp", time(value.creation_timestamp.0.to_native()));
    derived::custom_headers(out, &value.custom_headers, &value.instance, element, style);
    let is_of_completion = matches!(
        record.header.intent,
        Intent::UserTask(UserTaskIntent::Completing | UserTaskIntent::Completed)
    );
    let of_variables = value.changed_attributes & ChangedAttributes::VARIABLES.0 != 0;
    if !value.variables.is_empty() {
        out.member("variables", &value.variables);
    } else if !is_of_completion && !of_variables {
        out.raw("variables", "{}");
    }
    tenant(out, &value.tenant_id);
    Ok(())
}
