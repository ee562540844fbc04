//! Operations: agent definition.

use crate::objects::agent_definition::{
    AGENT_DEFINITION_RESULT, AGENT_DEFINITION_SEARCH_QUERY, AGENT_DEFINITION_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Agent definition",
    operations: &[
        op("searchAgentDefinitions", Method::Post, "/agent-definitions/search", Version::V8_10)
            .json_or_nothing(Schema::Object(&AGENT_DEFINITION_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&AGENT_DEFINITION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getAgentDefinition", Method::Get, "/agent-definitions/{agentDefinitionKey}", Version::V8_10)
            .takes(&[path("agentDefinitionKey", KEY)])
            .gives(&[json(200, Schema::Object(&AGENT_DEFINITION_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
    ],
};
