//! Operations: element instance.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::element_instance::{
    ELEMENT_INSTANCE_RESULT, ELEMENT_INSTANCE_SEARCH_QUERY, ELEMENT_INSTANCE_SEARCH_QUERY_RESULT,
    ELEMENT_INSTANCE_WAIT_STATE_QUERY, ELEMENT_INSTANCE_WAIT_STATE_QUERY_RESULT, SET_VARIABLE_REQUEST,
};
use crate::objects::incident::{INCIDENT_SEARCH_QUERY, INCIDENT_SEARCH_QUERY_RESULT};
use crate::operation::{Group, Method, Version, done, empty, json, op, path};
use crate::request::Request;
use crate::schema::kinds::KEY;
use crate::schema::{At, Object, Schema};
use ringbolt_record::command::UpdateSemantics;

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
        .says("Sets variables of an element, or of the instance around it")
        .command(set_variables, done)
        .gives(&[empty(204)])
        .errors(&[400, 500, 503, 504]),
    ],
};

fn set_variables(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &SET_VARIABLE_REQUEST;
    const VARIABLES: At = BODY.at("variables");
    let is_empty = call.value(VARIABLES).is_some_and(|value| value.members().next().is_none());
    if is_empty {
        call.violated("No variables provided");
    }
    call.check()?;
    let is_local = call.flag(const { BODY.at("local") });
    let semantics = if is_local { UpdateSemantics::Local } else { UpdateSemantics::Propagate };
    let variables = call.variables(VARIABLES)?;
    let reference = call.reference(const { BODY.at("operationReference") });
    Ok(call.mapper.set_variables(call.path_key(0)?, variables, semantics, reference))
}
