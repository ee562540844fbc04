//! Objects of the protocol: user task.

use crate::objects::audit_log::AUDIT_LOG_SEARCH_QUERY_SORT_REQUEST;
use crate::objects::enums::{
    AUDIT_LOG_ACTOR_TYPE, AUDIT_LOG_OPERATION_TYPE, AUDIT_LOG_OUTCOME, SORT_ORDER, USER_TASK_STATE,
    USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD,
};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::{SEARCH_QUERY_PAGE_RESPONSE, VARIABLE_VALUE_FILTER_PROPERTY};
use crate::objects::variable::VARIABLE_SEARCH_QUERY_SORT_REQUEST;
use crate::schema::kinds::{
    DATE_TIME, DATE_TIME_OR_NOTHING, INT, KEY, MODEL_ID, TAG, TENANT, TEXT, at_least, between, list, list_of,
    text,
};
use crate::schema::{Bits, Object, Schema, field};

/// `Changeset`.
pub static CHANGESET: Object = Object {
    name: "Changeset",
    fields: &[
        field("dueDate", DATE_TIME_OR_NOTHING).nullable(),
        field("followUpDate", DATE_TIME_OR_NOTHING).nullable(),
        field("candidateUsers", list(&TEXT)).nullable(),
        field("candidateGroups", list(&TEXT)).nullable(),
        field("priority", between(Bits::B32, 0, 100)).nullable(),
    ],
};

/// `UserTaskAssignmentRequest`.
pub static USER_TASK_ASSIGNMENT_REQUEST: Object = Object {
    name: "UserTaskAssignmentRequest",
    fields: &[
        field("assignee", TEXT),
        field("allowOverride", Schema::Flag).nullable(),
        field("action", TEXT).nullable(),
    ],
};

/// `UserTaskAuditLogFilter`.
pub static USER_TASK_AUDIT_LOG_FILTER: Object = Object {
    name: "UserTaskAuditLogFilter",
    fields: &[
        field("operationType", Schema::Filter(&AUDIT_LOG_OPERATION_TYPE, ENUM_OPERATORS)),
        field("result", Schema::Filter(&AUDIT_LOG_OUTCOME, ENUM_OPERATORS)),
        field("timestamp", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("actorType", Schema::Filter(&AUDIT_LOG_ACTOR_TYPE, ENUM_OPERATORS)),
        field("actorId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `UserTaskAuditLogSearchQueryRequest`.
pub static USER_TASK_AUDIT_LOG_SEARCH_QUERY_REQUEST: Object = Object {
    name: "UserTaskAuditLogSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&AUDIT_LOG_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&USER_TASK_AUDIT_LOG_FILTER)),
        field("page", PAGE),
    ],
};

/// `UserTaskCompletionRequest`.
pub static USER_TASK_COMPLETION_REQUEST: Object = Object {
    name: "UserTaskCompletionRequest",
    fields: &[field("variables", Schema::Document).nullable(), field("action", TEXT).nullable()],
};

/// `UserTaskEffectiveVariableSearchQueryRequest`.
pub static USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST: Object = Object {
    name: "UserTaskEffectiveVariableSearchQueryRequest",
    fields: &[
        field("page", Schema::Object(&USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST_PAGE)),
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&VARIABLE_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("filter", Schema::Object(&USER_TASK_VARIABLE_FILTER)),
    ],
};

/// `UserTaskEffectiveVariableSearchQueryRequestPage`.
pub static USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST_PAGE: Object = Object {
    name: "UserTaskEffectiveVariableSearchQueryRequestPage",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `UserTaskFilterFields`.
pub static USER_TASK_FILTER_FIELDS: Object = Object {
    name: "UserTaskFilterFields",
    fields: &[
        field("state", Schema::Filter(&USER_TASK_STATE, ENUM_OPERATORS)),
        field("assignee", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("priority", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("elementId", TEXT),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("candidateGroup", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("candidateUser", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&MODEL_ID, TEXT_OPERATORS)),
        field("creationDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("completionDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("followUpDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("dueDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("processInstanceVariables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("localVariables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("userTaskKey", KEY),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", KEY),
        field("tags", list_of(&TAG, 0, 10)),
    ],
};

/// `UserTaskResult`.
pub static USER_TASK_RESULT: Object = Object {
    name: "UserTaskResult",
    fields: &[
        field("name", TEXT).required().nullable(),
        field("state", USER_TASK_STATE).required(),
        field("assignee", TEXT).required().nullable(),
        field("elementId", TEXT).required(),
        field("candidateGroups", list(&TEXT)).required(),
        field("candidateUsers", list(&TEXT)).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("creationDate", DATE_TIME).required(),
        field("completionDate", DATE_TIME).required().nullable(),
        field("followUpDate", DATE_TIME).required().nullable(),
        field("dueDate", DATE_TIME).required().nullable(),
        field("tenantId", TENANT).required(),
        field("externalFormReference", TEXT).required().nullable(),
        field("processDefinitionVersion", INT).required(),
        field("customHeaders", Schema::Map(&TEXT)).required(),
        field("priority", between(Bits::Unsaid, 0, 100)).required(),
        field("userTaskKey", KEY).required(),
        field("elementInstanceKey", KEY).required(),
        field("processName", TEXT).required().nullable(),
        field("processDefinitionKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("formKey", KEY).required().nullable(),
        field("tags", list_of(&TAG, 0, 10)).required(),
    ],
};

/// `UserTaskSearchQuery`.
pub static USER_TASK_SEARCH_QUERY: Object = Object {
    name: "UserTaskSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&USER_TASK_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&USER_TASK_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `UserTaskSearchQueryFilter`.
pub static USER_TASK_SEARCH_QUERY_FILTER: Object = Object {
    name: "UserTaskSearchQueryFilter",
    fields: &[
        field("state", Schema::Filter(&USER_TASK_STATE, ENUM_OPERATORS)),
        field("assignee", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("priority", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("elementId", TEXT),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("candidateGroup", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("candidateUser", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&MODEL_ID, TEXT_OPERATORS)),
        field("creationDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("completionDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("followUpDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("dueDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("processInstanceVariables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("localVariables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("userTaskKey", KEY),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", KEY),
        field("tags", list_of(&TAG, 0, 10)),
        field("$or", list(&Schema::Object(&USER_TASK_FILTER_FIELDS))).since_8_10(),
    ],
};

/// `UserTaskSearchQueryResult`.
pub static USER_TASK_SEARCH_QUERY_RESULT: Object = Object {
    name: "UserTaskSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&USER_TASK_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `UserTaskSearchQuerySortRequest`.
pub static USER_TASK_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "UserTaskSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &["completionDate", "creationDate", "dueDate", "followUpDate", "name", "priority"],
                &["businessId"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `UserTaskUpdateRequest`.
pub static USER_TASK_UPDATE_REQUEST: Object = Object {
    name: "UserTaskUpdateRequest",
    fields: &[field("changeset", Schema::Object(&CHANGESET)).nullable(), field("action", TEXT).nullable()],
};

/// `UserTaskVariableFilter`.
pub static USER_TASK_VARIABLE_FILTER: Object = Object {
    name: "UserTaskVariableFilter",
    fields: &[field("name", Schema::Filter(&TEXT, TEXT_OPERATORS))],
};

/// `UserTaskVariableSearchQueryRequest`.
pub static USER_TASK_VARIABLE_SEARCH_QUERY_REQUEST: Object = Object {
    name: "UserTaskVariableSearchQueryRequest",
    fields: &[
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&VARIABLE_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("filter", Schema::Object(&USER_TASK_VARIABLE_FILTER)),
        field("page", PAGE),
    ],
};

/// `UserTaskVariableSearchQuerySortRequest`.
pub static USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "UserTaskVariableSearchQuerySortRequest",
    fields: &[
        field("field", USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};
