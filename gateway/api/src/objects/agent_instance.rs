//! Objects of the protocol: agent instance.

use crate::objects::document::DOCUMENT_METADATA_RESPONSE;
use crate::objects::enums::{
    AGENT_INSTANCE_HISTORY_COMMIT_STATUS, AGENT_INSTANCE_HISTORY_ROLE, AGENT_INSTANCE_STATUS, DOCUMENT_TYPE,
    SORT_ORDER,
};
use crate::objects::parts::{
    ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, SET_OPERATORS, TEXT_OPERATORS,
};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{
    DATE_TIME, INT, KEY, LONG, MODEL_ID, TENANT, TEXT, at_least, list, list_of, text,
};
use crate::schema::{Bits, Object, Schema, field};

/// `AgentInstanceCreatedHistoryItem`.
pub static AGENT_INSTANCE_CREATED_HISTORY_ITEM: Object = Object {
    name: "AgentInstanceCreatedHistoryItem",
    fields: &[
        field("historyItemId", text(1, 256)).required(),
        field("historyItemKey", KEY).required(),
        field("isDuplicate", Schema::Flag).required(),
    ],
};

/// `AgentInstanceCreationRequest`.
pub static AGENT_INSTANCE_CREATION_REQUEST: Object = Object {
    name: "AgentInstanceCreationRequest",
    fields: &[
        field("elementInstanceKey", KEY).required(),
        field("jobKey", KEY).required(),
        field("jobLeaseToken", text(1, 0)).required(),
        field("history", list_of(&Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM), 1, 0)).required(),
    ],
};

/// `AgentInstanceCreationResult`.
pub static AGENT_INSTANCE_CREATION_RESULT: Object = Object {
    name: "AgentInstanceCreationResult",
    fields: &[
        field("agentInstanceKey", KEY).required(),
        field("createdHistory", list(&Schema::Object(&AGENT_INSTANCE_CREATED_HISTORY_ITEM))).required(),
    ],
};

/// `AgentInstanceDocumentContent`.
pub static AGENT_INSTANCE_DOCUMENT_CONTENT: Object = Object {
    name: "AgentInstanceDocumentContent",
    fields: &[
        field("contentType", TEXT).required(),
        field("documentReference", Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT_DOCUMENT_REFERENCE))
            .required(),
    ],
};

/// `AgentInstanceDocumentContentDocumentReference`.
pub static AGENT_INSTANCE_DOCUMENT_CONTENT_DOCUMENT_REFERENCE: Object = Object {
    name: "AgentInstanceDocumentContentDocumentReference",
    fields: &[
        field("camunda.document.type", DOCUMENT_TYPE).required(),
        field("storeId", TEXT).required(),
        field("documentId", TEXT).required(),
        field("contentHash", TEXT).required().nullable(),
        field("metadata", Schema::Object(&DOCUMENT_METADATA_RESPONSE)).required(),
    ],
};

/// `AgentInstanceHistoryItem`.
pub static AGENT_INSTANCE_HISTORY_ITEM: Object = Object {
    name: "AgentInstanceHistoryItem",
    fields: &[
        field("historyItemId", text(1, 256)).required(),
        field("loopIteration", at_least(Bits::B32, 1)).required(),
        field("role", AGENT_INSTANCE_HISTORY_ROLE).required(),
        field(
            "content",
            list(&Schema::OneOf(&[
                Schema::Object(&AGENT_INSTANCE_TEXT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_OBJECT_CONTENT),
            ])),
        )
        .required(),
        field("toolCalls", list(&Schema::Object(&AGENT_INSTANCE_TOOL_CALL))).nullable(),
        field("metrics", Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM_METRICS1)).nullable(),
        field("producedAt", DATE_TIME).required(),
        field("tools", list(&Schema::Object(&AGENT_TOOL))).nullable(),
        field("model", TEXT),
        field("provider", TEXT),
        field("limits", Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM_LIMITS)),
        field(
            "systemPrompt",
            list(&Schema::OneOf(&[
                Schema::Object(&AGENT_INSTANCE_TEXT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_OBJECT_CONTENT),
            ])),
        )
        .nullable(),
    ],
};

/// `AgentInstanceHistoryItemLimits`.
pub static AGENT_INSTANCE_HISTORY_ITEM_LIMITS: Object = Object {
    name: "AgentInstanceHistoryItemLimits",
    fields: &[
        field("maxModelCalls", INT).required(),
        field("maxToolCalls", INT).required(),
        field("maxTokens", LONG).required(),
    ],
};

/// `AgentInstanceHistoryItemMetrics1`.
pub static AGENT_INSTANCE_HISTORY_ITEM_METRICS1: Object = Object {
    name: "AgentInstanceHistoryItemMetrics1",
    fields: &[
        field("inputTokens", LONG).nullable(),
        field("outputTokens", LONG).nullable(),
        field("reasoningTokenCount", LONG).nullable(),
        field("cacheCreationTokenCount", LONG).nullable(),
        field("cacheReadTokenCount", LONG).nullable(),
        field("durationMs", LONG).nullable(),
    ],
};

/// `AgentInstanceHistoryItemResult`.
pub static AGENT_INSTANCE_HISTORY_ITEM_RESULT: Object = Object {
    name: "AgentInstanceHistoryItemResult",
    fields: &[
        field("historyItemKey", KEY).required(),
        field("historyItemId", text(1, 256)).required(),
        field("agentInstanceKey", KEY).required(),
        field("elementInstanceKey", KEY).required(),
        field("jobKey", KEY).required(),
        field("jobLeaseToken", text(1, 0)).required(),
        field("loopIteration", at_least(Bits::B32, 1)).required(),
        field("role", AGENT_INSTANCE_HISTORY_ROLE).required(),
        field(
            "content",
            list(&Schema::OneOf(&[
                Schema::Object(&AGENT_INSTANCE_TEXT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_OBJECT_CONTENT),
            ])),
        )
        .required(),
        field("toolCalls", list(&Schema::Object(&AGENT_INSTANCE_TOOL_CALL))).required(),
        field("metrics", Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM_RESULT_METRICS)).required().nullable(),
        field("commitStatus", AGENT_INSTANCE_HISTORY_COMMIT_STATUS).required(),
        field("producedAt", DATE_TIME).required(),
        field("tools", list(&Schema::Object(&AGENT_TOOL))).required(),
        field("model", TEXT).required().nullable(),
        field("provider", TEXT).required().nullable(),
        field("limits", Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM_RESULT_LIMITS)).required(),
        field(
            "systemPrompt",
            list(&Schema::OneOf(&[
                Schema::Object(&AGENT_INSTANCE_TEXT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_OBJECT_CONTENT),
            ])),
        )
        .required(),
    ],
};

/// `AgentInstanceHistoryItemResultLimits`.
pub static AGENT_INSTANCE_HISTORY_ITEM_RESULT_LIMITS: Object = Object {
    name: "AgentInstanceHistoryItemResultLimits",
    fields: &[
        field("maxModelCalls", INT).required(),
        field("maxToolCalls", INT).required(),
        field("maxTokens", LONG).required(),
    ],
};

/// `AgentInstanceHistoryItemResultMetrics`.
pub static AGENT_INSTANCE_HISTORY_ITEM_RESULT_METRICS: Object = Object {
    name: "AgentInstanceHistoryItemResultMetrics",
    fields: &[
        field("inputTokens", LONG).required().nullable(),
        field("outputTokens", LONG).required().nullable(),
        field("reasoningTokenCount", LONG).required().nullable(),
        field("cacheCreationTokenCount", LONG).required().nullable(),
        field("cacheReadTokenCount", LONG).required().nullable(),
        field("durationMs", LONG).required().nullable(),
    ],
};

/// `AgentInstanceHistorySearchQuery`.
pub static AGENT_INSTANCE_HISTORY_SEARCH_QUERY: Object = Object {
    name: "AgentInstanceHistorySearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&AGENT_INSTANCE_HISTORY_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&AGENT_INSTANCE_HISTORY_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `AgentInstanceHistorySearchQueryFilter`.
pub static AGENT_INSTANCE_HISTORY_SEARCH_QUERY_FILTER: Object = Object {
    name: "AgentInstanceHistorySearchQueryFilter",
    fields: &[
        field("historyItemKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("role", Schema::Filter(&AGENT_INSTANCE_HISTORY_ROLE, SET_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("jobKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("loopIteration", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("commitStatus", Schema::Filter(&AGENT_INSTANCE_HISTORY_COMMIT_STATUS, SET_OPERATORS)),
        field("producedAt", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
    ],
};

/// `AgentInstanceHistorySearchQueryResult`.
pub static AGENT_INSTANCE_HISTORY_SEARCH_QUERY_RESULT: Object = Object {
    name: "AgentInstanceHistorySearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `AgentInstanceHistorySearchQuerySortRequest`.
pub static AGENT_INSTANCE_HISTORY_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "AgentInstanceHistorySearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["historyItemKey", "loopIteration", "producedAt"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `AgentInstanceObjectContent`.
pub static AGENT_INSTANCE_OBJECT_CONTENT: Object = Object {
    name: "AgentInstanceObjectContent",
    fields: &[field("contentType", TEXT).required(), field("object", Schema::Any).required()],
};

/// `AgentInstanceResult`.
pub static AGENT_INSTANCE_RESULT: Object = Object {
    name: "AgentInstanceResult",
    fields: &[
        field("agentInstanceKey", KEY).required(),
        field("agentDefinitionKey", KEY).required(),
        field("status", AGENT_INSTANCE_STATUS).required(),
        field("definition", Schema::Object(&AGENT_INSTANCE_RESULT_DEFINITION)).required(),
        field("metrics", Schema::Object(&AGENT_INSTANCE_RESULT_METRICS)).required(),
        field("limits", Schema::Object(&AGENT_INSTANCE_RESULT_LIMITS)).required(),
        field("tools", list(&Schema::Object(&AGENT_TOOL))).required(),
        field("elementId", TEXT).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersion", INT).required(),
        field("processDefinitionVersionTag", TEXT).required().nullable(),
        field("tenantId", TENANT).required(),
        field("creationDate", DATE_TIME).required(),
        field("lastUpdatedDate", DATE_TIME).required(),
        field("completionDate", DATE_TIME).required().nullable(),
        field("elementInstanceKeys", list(&KEY)).required(),
    ],
};

/// `AgentInstanceResultDefinition`.
pub static AGENT_INSTANCE_RESULT_DEFINITION: Object = Object {
    name: "AgentInstanceResultDefinition",
    fields: &[
        field("model", TEXT).required(),
        field("provider", TEXT).required(),
        field(
            "systemPrompt",
            list(&Schema::OneOf(&[
                Schema::Object(&AGENT_INSTANCE_TEXT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_DOCUMENT_CONTENT),
                Schema::Object(&AGENT_INSTANCE_OBJECT_CONTENT),
            ])),
        )
        .required(),
    ],
};

/// `AgentInstanceResultLimits`.
pub static AGENT_INSTANCE_RESULT_LIMITS: Object = Object {
    name: "AgentInstanceResultLimits",
    fields: &[
        field("maxModelCalls", INT).required(),
        field("maxToolCalls", INT).required(),
        field("maxTokens", LONG).required(),
    ],
};

/// `AgentInstanceResultMetrics`.
pub static AGENT_INSTANCE_RESULT_METRICS: Object = Object {
    name: "AgentInstanceResultMetrics",
    fields: &[
        field("inputTokens", LONG).required(),
        field("outputTokens", LONG).required(),
        field("reasoningTokenCount", LONG).required(),
        field("cacheCreationTokenCount", LONG).required(),
        field("cacheReadTokenCount", LONG).required(),
        field("modelCalls", INT).required(),
        field("toolCalls", INT).required(),
    ],
};

/// `AgentInstanceSearchQuery`.
pub static AGENT_INSTANCE_SEARCH_QUERY: Object = Object {
    name: "AgentInstanceSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&AGENT_INSTANCE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&AGENT_INSTANCE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `AgentInstanceSearchQueryFilter`.
pub static AGENT_INSTANCE_SEARCH_QUERY_FILTER: Object = Object {
    name: "AgentInstanceSearchQueryFilter",
    fields: &[
        field("agentInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("agentDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("status", Schema::Filter(&AGENT_INSTANCE_STATUS, ENUM_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("rootProcessInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("creationDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("lastUpdatedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("completionDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("elementInstanceKeys", list(&Schema::Filter(&KEY, KEY_OPERATORS))),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionVersionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `AgentInstanceSearchQueryResult`.
pub static AGENT_INSTANCE_SEARCH_QUERY_RESULT: Object = Object {
    name: "AgentInstanceSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&AGENT_INSTANCE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `AgentInstanceSearchQuerySortRequest`.
pub static AGENT_INSTANCE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "AgentInstanceSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "agentDefinitionKey",
                    "agentInstanceKey",
                    "completionDate",
                    "creationDate",
                    "elementId",
                    "lastUpdatedDate",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "rootProcessInstanceKey",
                    "status",
                    "tenantId",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `AgentInstanceTextContent`.
pub static AGENT_INSTANCE_TEXT_CONTENT: Object = Object {
    name: "AgentInstanceTextContent",
    fields: &[field("contentType", TEXT).required(), field("text", TEXT).required()],
};

/// `AgentInstanceToolCall`.
pub static AGENT_INSTANCE_TOOL_CALL: Object = Object {
    name: "AgentInstanceToolCall",
    fields: &[
        field("toolCallId", TEXT).required(),
        field("toolName", TEXT).required(),
        field("elementId", TEXT).required().nullable(),
        field("arguments", Schema::Document).required().nullable(),
    ],
};

/// `AgentInstanceUpdateRequest`.
pub static AGENT_INSTANCE_UPDATE_REQUEST: Object = Object {
    name: "AgentInstanceUpdateRequest",
    fields: &[
        field("elementInstanceKey", KEY).required(),
        field("status", Schema::Enum(&["IDLE", "THINKING", "TOOL_CALLING", "TOOL_DISCOVERY"], &[])),
        field("jobKey", KEY).required(),
        field("jobLeaseToken", text(1, 0)).required(),
        field("history", list(&Schema::Object(&AGENT_INSTANCE_HISTORY_ITEM))).nullable(),
    ],
};

/// `AgentInstanceUpdateResult`.
pub static AGENT_INSTANCE_UPDATE_RESULT: Object = Object {
    name: "AgentInstanceUpdateResult",
    fields: &[field("createdHistory", list(&Schema::Object(&AGENT_INSTANCE_CREATED_HISTORY_ITEM))).required()],
};

/// `AgentTool`.
pub static AGENT_TOOL: Object = Object {
    name: "AgentTool",
    fields: &[
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
        field("elementId", TEXT).required().nullable(),
    ],
};
