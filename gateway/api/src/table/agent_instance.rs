//! Operations: agent instance.

use crate::objects::agent_instance::{
    AGENT_INSTANCE_CREATION_REQUEST, AGENT_INSTANCE_CREATION_RESULT, AGENT_INSTANCE_HISTORY_SEARCH_QUERY,
    AGENT_INSTANCE_HISTORY_SEARCH_QUERY_RESULT, AGENT_INSTANCE_RESULT, AGENT_INSTANCE_SEARCH_QUERY,
    AGENT_INSTANCE_SEARCH_QUERY_RESULT, AGENT_INSTANCE_UPDATE_REQUEST, AGENT_INSTANCE_UPDATE_RESULT,
};
use crate::operation::{Group, Method, Version, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Agent instance",
    operations: &[
        op("createAgentInstance", Method::Post, "/agent-instances", Version::V8_10)
            .json(Schema::Object(&AGENT_INSTANCE_CREATION_REQUEST))
            .gives(&[json(200, Schema::Object(&AGENT_INSTANCE_CREATION_RESULT))])
            .errors(&[400, 401, 403, 404, 409, 500, 503]),
        op("searchAgentInstances", Method::Post, "/agent-instances/search", Version::V8_10)
            .json_or_nothing(Schema::Object(&AGENT_INSTANCE_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&AGENT_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getAgentInstance", Method::Get, "/agent-instances/{agentInstanceKey}", Version::V8_10)
            .takes(&[path("agentInstanceKey", KEY)])
            .gives(&[json(200, Schema::Object(&AGENT_INSTANCE_RESULT))])
            .errors(&[400, 401, 403, 404, 500, 503]),
        op("updateAgentInstance", Method::Patch, "/agent-instances/{agentInstanceKey}", Version::V8_10)
            .takes(&[path("agentInstanceKey", KEY)])
            .json(Schema::Object(&AGENT_INSTANCE_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&AGENT_INSTANCE_UPDATE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "searchAgentInstanceHistory",
            Method::Post,
            "/agent-instances/{agentInstanceKey}/history/search",
            Version::V8_10,
        )
        .takes(&[path("agentInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&AGENT_INSTANCE_HISTORY_SEARCH_QUERY))
        .gives(&[json(200, Schema::Object(&AGENT_INSTANCE_HISTORY_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};
