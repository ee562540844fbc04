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
use crate::search::{OneRow, row_by, rows_of};
use ringbolt_query::views::instances::{ELEMENT_INSTANCES, INCIDENTS_VIEW};
use ringbolt_query::views::jobs::WAIT_STATES;
use ringbolt_query::{Filter, Value};
use ringbolt_record::command::UpdateSemantics;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Element instance",
    operations: &[
        op("searchElementInstances", Method::Post, "/element-instances/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY))
            .says("Searches element instances")
            .search(rows_of(&ELEMENT_INSTANCES))
            .gives(&[json(200, Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "searchElementInstanceWaitStates",
            Method::Post,
            "/element-instances/wait-states/search",
            Version::V8_10,
        )
        .json_or_nothing(Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY))
        .says("Searches what running instances wait for: jobs, user tasks, messages, timers, signals, conditions")
        .search(rows_of(&WAIT_STATES))
        .gives(&[json(200, Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getElementInstance", Method::Get, "/element-instances/{elementInstanceKey}", Version::V8_8)
            .takes(&[path("elementInstanceKey", KEY)])
            .says("An element instance")
            .row(ELEMENT)
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
        .says("Searches the incidents of an element instance and of those inside it")
        .search(rows_of(&INCIDENTS_VIEW).of(ELEMENT).narrowed(inside))
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

/// The element instance of the key in the path.
const ELEMENT: OneRow = row_by(&ELEMENT_INSTANCES, "elementInstanceKey");

/// What belongs to an element instance, or to one inside it.
fn inside(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    let key = Value::Int(call.path_key(0)?);
    Ok(vec![Filter::Of(
        &[
            "i.element_instance_key IN (WITH RECURSIVE s(k) AS (SELECT ",
            " UNION SELECT e.element_instance_key FROM s, element_instances e WHERE e.flow_scope_key = s.k AND \
             e.process_instance_key = (SELECT o.process_instance_key FROM element_instances o \
             WHERE o.element_instance_key = ",
            ")) SELECT s.k FROM s)",
        ],
        key,
    )])
}
