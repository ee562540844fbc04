//! Operations: element instance.

use crate::objects::element_instance::{
    ELEMENT_INSTANCE_RESULT, ELEMENT_INSTANCE_SEARCH_QUERY, ELEMENT_INSTANCE_SEARCH_QUERY_RESULT,
    ELEMENT_INSTANCE_WAIT_STATE_QUERY, ELEMENT_INSTANCE_WAIT_STATE_QUERY_RESULT, SET_VARIABLE_REQUEST,
};
use crate::objects::incident::{INCIDENT_SEARCH_QUERY, INCIDENT_SEARCH_QUERY_RESULT};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Element instance",
    operations: &[
        op("searchElementInstances", Method::Post, "/element-instances/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "searchElementInstanceWaitStates",
            Method::Post,
            "/element-instances/wait-states/search",
            Version::V8_10,
        )
        .json_or_nothing(Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY))
        .gives(&[json(200, Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getElementInstance", Method::Get, "/element-instances/{elementInstanceKey}", Version::V8_8)
            .takes(&[path("elementInstanceKey", KEY)])
            .gives(&[json(200, Schema::Object(&ELEMENT_INSTANCE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "searchElementInstanceIncidents",
            Method::Post,
            "/element-instances/{elementInstanceKey}/incidents/search",
            Version::V8_9,
        )
        .takes(&[path("elementInstanceKey", KEY)])
        .json(Schema::Object(&INCIDENT_SEARCH_QUERY))
        .gives(&[json(200, Schema::Object(&INCIDENT_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "createElementInstanceVariables",
            Method::Put,
            "/element-instances/{elementInstanceKey}/variables",
            Version::V8_6,
        )
        .takes(&[path("elementInstanceKey", KEY)])
        .json(Schema::Object(&SET_VARIABLE_REQUEST))
        .gives(&[empty(204)])
        .errors(&[400, 500, 503, 504]),
    ],
};
