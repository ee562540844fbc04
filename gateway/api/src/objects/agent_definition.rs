//! Objects of the protocol: agent definition.

use crate::objects::enums::{AGENT_DEFINITION_TYPE, SORT_ORDER};
use crate::objects::parts::{KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{INT, KEY, MODEL_ID, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AgentDefinitionResult`.
pub static AGENT_DEFINITION_RESULT: Object = Object {
    name: "AgentDefinitionResult",
    fields: &[
        field("agentDefinitionKey", KEY).required(),
        field("agentType", AGENT_DEFINITION_TYPE).required(),
        field("name", TEXT).required(),
        field("elementId", TEXT).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionVersion", INT).required(),
        field("processDefinitionVersionTag", TEXT).required().nullable(),
        field("tenantId", TENANT).required(),
    ],
};

/// `AgentDefinitionSearchQuery`.
pub static AGENT_DEFINITION_SEARCH_QUERY: Object = Object {
    name: "AgentDefinitionSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&AGENT_DEFINITION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&AGENT_DEFINITION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `AgentDefinitionSearchQueryFilter`.
pub static AGENT_DEFINITION_SEARCH_QUERY_FILTER: Object = Object {
    name: "AgentDefinitionSearchQueryFilter",
    fields: &[
        field("agentDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("agentType", Schema::Filter(&AGENT_DEFINITION_TYPE, TEXT_OPERATORS)),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&MODEL_ID, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionVersionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `AgentDefinitionSearchQueryResult`.
pub static AGENT_DEFINITION_SEARCH_QUERY_RESULT: Object = Object {
    name: "AgentDefinitionSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&AGENT_DEFINITION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `AgentDefinitionSearchQuerySortRequest`.
pub static AGENT_DEFINITION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "AgentDefinitionSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "agentDefinitionKey",
                    "agentType",
                    "elementId",
                    "name",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processDefinitionVersion",
                    "processDefinitionVersionTag",
                    "tenantId",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
