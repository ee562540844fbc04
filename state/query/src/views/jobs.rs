//! Jobs and user tasks.

use crate::codes::{JOB_KINDS, JOB_LISTENER_EVENT_TYPES, JOB_STATES, USER_TASK_STATES};
use crate::view::{By, Column, Kind, Place, View, own, plain, within};
use crate::views::{of_definition, of_element, of_instance, tenant};

/// Jobs.
pub static JOBS: View = View {
    thing: "Job",
    from: "jobs j",
    key: &["j.job_key"],
    place: Place::Instances,
    columns: &[
        own("jobKey", "j.job_key"),
        own("processInstanceKey", "j.process_instance_key"),
        plain("processDefinitionKey", "j.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "j", "process_definition_id", Text),
        plain("rootProcessInstanceKey", "j.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "j.element_instance_key"),
        plain("elementId", "j.element_id", Kind::Text),
        of_instance!("businessId", "j", "business_id", Text),
        plain("type", "j.type", Kind::Text),
        plain("worker", "j.worker", Kind::Text),
        plain("kind", "j.kind", Kind::Enum(&JOB_KINDS)),
        plain("listenerEventType", "j.listener_event_type", Kind::Enum(&JOB_LISTENER_EVENT_TYPES)),
        plain("state", "j.state", Kind::Enum(&JOB_STATES)),
        plain("retries", "j.retries", Kind::Int),
        plain("priority", "j.priority", Kind::Int),
        plain("hasFailedWithRetriesLeft", "j.has_failed_with_retries_left", Kind::Flag),
        plain("isDenied", "j.is_denied", Kind::Flag),
        plain("deniedReason", "j.denied_reason", Kind::LongText),
        plain("deadline", "j.deadline", Kind::Time),
        plain("errorMessage", "j.error_message", Kind::LongText),
        plain("errorCode", "j.error_code", Kind::Text),
        plain("customHeaders", "j.custom_headers", Kind::Json),
        plain("creationTime", "j.creation_time", Kind::Time),
        plain("lastUpdateTime", "j.last_update_time", Kind::Time),
        plain("endTime", "j.end_time", Kind::Time),
        tenant!("j"),
    ],
};

/// A group of those who may claim a user task.
const GROUPS: &str = "EXISTS (SELECT 1 FROM json_each(u.candidate_groups) g WHERE ";
/// One of those who may.
const USERS: &str = "EXISTS (SELECT 1 FROM json_each(u.candidate_users) g WHERE ";
/// A label of its instance.
const TAGS: &str = "EXISTS (SELECT 1 FROM process_instances p, json_each(p.tags) g \
                    WHERE p.process_instance_key = u.process_instance_key AND ";
/// Variables of its instance.
pub const VARIABLES_OF_INSTANCE: &str =
    "u.process_instance_key IN (SELECT v.scope_key FROM variables v WHERE ";
/// Its own variables.
pub const VARIABLES_OF_TASK: &str = "u.element_instance_key IN (SELECT v.scope_key FROM variables v WHERE ";

/// User tasks.
pub static USER_TASKS: View = View {
    thing: "User Task",
    from: "user_tasks u",
    key: &["u.user_task_key"],
    place: Place::Instances,
    columns: &[
        own("userTaskKey", "u.user_task_key"),
        own("processInstanceKey", "u.process_instance_key"),
        plain("processDefinitionKey", "u.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "u", "process_definition_id", Text),
        of_definition!("processDefinitionVersion", "u", "version", Int),
        of_definition!("processName", "u", "name", Text),
        plain("rootProcessInstanceKey", "u.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "u.element_instance_key"),
        plain("elementId", "u.element_id", Kind::Text),
        of_element!("name", "u", "element_name", Text),
        of_instance!("businessId", "u", "business_id", Text),
        plain("state", "u.state", Kind::Enum(&USER_TASK_STATES)),
        plain("assignee", "u.assignee", Kind::Text),
        plain("candidateGroups", "u.candidate_groups", Kind::Json),
        plain("candidateUsers", "u.candidate_users", Kind::Json),
        Column { name: "candidateGroup", sql: "NULL", kind: Kind::Text, by: By::Any(GROUPS, "g.value") },
        Column { name: "candidateUser", sql: "NULL", kind: Kind::Text, by: By::Any(USERS, "g.value") },
        plain("creationDate", "u.creation_date", Kind::Time),
        plain("completionDate", "u.completion_date", Kind::Time),
        plain("dueDate", "u.due_date", Kind::Time),
        plain("followUpDate", "u.follow_up_date", Kind::Time),
        plain("priority", "u.priority", Kind::Int),
        plain("formKey", "u.form_key", Kind::Key),
        plain("externalFormReference", "u.external_form_reference", Kind::Text),
        plain("customHeaders", "u.custom_headers", Kind::Json),
        Column {
            name: "tags",
            sql: "(SELECT p.tags FROM process_instances p WHERE p.process_instance_key = u.process_instance_key)",
            kind: Kind::Json,
            by: By::Any(TAGS, "g.value"),
        },
        within("processInstanceVariables", VARIABLES_OF_INSTANCE, "v.value", Kind::Value),
        within("localVariables", VARIABLES_OF_TASK, "v.value", Kind::Value),
        tenant!("u"),
    ],
};
