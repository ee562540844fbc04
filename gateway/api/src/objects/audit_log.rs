//! Objects of the protocol: audit log.

use crate::objects::enums::{
    AUDIT_LOG_ACTOR_TYPE, AUDIT_LOG_CATEGORY, AUDIT_LOG_ENTITY_TYPE, AUDIT_LOG_OPERATION_TYPE,
    AUDIT_LOG_OUTCOME, BATCH_OPERATION_TYPE, SORT_ORDER,
};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, KEY, MODEL_ID, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AuditLogResult`.
pub static AUDIT_LOG_RESULT: Object = Object {
    name: "AuditLogResult",
    fields: &[
        field("auditLogKey", KEY).required(),
        field("entityKey", TEXT).required(),
        field("entityType", AUDIT_LOG_ENTITY_TYPE).required(),
        field("operationType", AUDIT_LOG_OPERATION_TYPE).required(),
        field("batchOperationKey", TEXT).required().nullable(),
        field("batchOperationType", BATCH_OPERATION_TYPE).required().nullable(),
        field("timestamp", DATE_TIME).required(),
        field("actorId", TEXT).required().nullable(),
        field("actorType", AUDIT_LOG_ACTOR_TYPE).required().nullable(),
        field("agentElementId", TEXT).required().nullable(),
        field("tenantId", TENANT).required().nullable(),
        field("result", AUDIT_LOG_OUTCOME).required(),
        field("category", AUDIT_LOG_CATEGORY).required(),
        field("processDefinitionId", MODEL_ID).required().nullable(),
        field("processDefinitionKey", KEY).required().nullable(),
        field("processInstanceKey", KEY).required().nullable(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("elementInstanceKey", KEY).required().nullable(),
        field("jobKey", KEY).required().nullable(),
        field("userTaskKey", KEY).required().nullable(),
        field("decisionRequirementsId", TEXT).required().nullable(),
        field("decisionRequirementsKey", KEY).required().nullable(),
        field("decisionDefinitionId", MODEL_ID).required().nullable(),
        field("decisionDefinitionKey", KEY).required().nullable(),
        field("decisionEvaluationKey", KEY).required().nullable(),
        field("deploymentKey", KEY).required().nullable(),
        field("formKey", KEY).required().nullable(),
        field("resourceKey", KEY).required().nullable(),
        field("relatedEntityKey", TEXT).required().nullable(),
        field("relatedEntityType", AUDIT_LOG_ENTITY_TYPE).required().nullable(),
        field("entityDescription", TEXT).required().nullable(),
        field("inboundChannelType", TEXT).required().nullable().since_8_10(),
        field("inboundChannelToolName", TEXT).required().nullable().since_8_10(),
    ],
};

/// `AuditLogSearchQueryRequest`.
pub static AUDIT_LOG_SEARCH_QUERY_REQUEST: Object = Object {
    name: "AuditLogSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&AUDIT_LOG_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&AUDIT_LOG_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `AuditLogSearchQueryRequestFilter`.
pub static AUDIT_LOG_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "AuditLogSearchQueryRequestFilter",
    fields: &[
        field("auditLogKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("operationType", Schema::Filter(&AUDIT_LOG_OPERATION_TYPE, ENUM_OPERATORS)),
        field("result", Schema::Filter(&AUDIT_LOG_OUTCOME, ENUM_OPERATORS)),
        field("timestamp", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("actorId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("actorType", Schema::Filter(&AUDIT_LOG_ACTOR_TYPE, ENUM_OPERATORS)),
        field("agentElementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("entityKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("entityType", Schema::Filter(&AUDIT_LOG_ENTITY_TYPE, ENUM_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("category", Schema::Filter(&AUDIT_LOG_CATEGORY, ENUM_OPERATORS)),
        field("deploymentKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("formKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("resourceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("batchOperationType", Schema::Filter(&BATCH_OPERATION_TYPE, ENUM_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("jobKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("userTaskKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("decisionRequirementsId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("decisionRequirementsKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("decisionDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("decisionDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("decisionEvaluationKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("relatedEntityKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("relatedEntityType", Schema::Filter(&AUDIT_LOG_ENTITY_TYPE, ENUM_OPERATORS)),
        field("entityDescription", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("inboundChannelType", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("inboundChannelToolName", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
    ],
};

/// `AuditLogSearchQueryResult`.
pub static AUDIT_LOG_SEARCH_QUERY_RESULT: Object = Object {
    name: "AuditLogSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&AUDIT_LOG_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `AuditLogSearchQuerySortRequest`.
pub static AUDIT_LOG_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "AuditLogSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "actorId",
                    "actorType",
                    "auditLogKey",
                    "batchOperationKey",
                    "batchOperationType",
                    "category",
                    "decisionDefinitionId",
                    "decisionDefinitionKey",
                    "decisionEvaluationKey",
                    "decisionRequirementsId",
                    "decisionRequirementsKey",
                    "elementInstanceKey",
                    "entityKey",
                    "entityType",
                    "jobKey",
                    "operationType",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "result",
                    "tenantId",
                    "timestamp",
                    "userTaskKey",
                ],
                &["inboundChannelToolName", "inboundChannelType"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
