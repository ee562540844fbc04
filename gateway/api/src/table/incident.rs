//! Operations: incident.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::incident::{
    INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY,
    INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_RESULT,
    INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY,
    INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_RESULT, INCIDENT_RESOLUTION_REQUEST, INCIDENT_RESULT,
    INCIDENT_SEARCH_QUERY, INCIDENT_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, done, empty, json, op, path};
use crate::request::Request;
use crate::schema::Schema;
use crate::schema::kinds::KEY;
use crate::search::{row_by, rows_of};
use crate::table::figures;
use ringbolt_query::views::instances::INCIDENTS_VIEW;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Incident",
    operations: &[
        op("searchIncidents", Method::Post, "/incidents/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&INCIDENT_SEARCH_QUERY))
            .says("Searches incidents")
            .search(rows_of(&INCIDENTS_VIEW))
            .gives(&[json(200, Schema::Object(&INCIDENT_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceStatisticsByDefinition",
            Method::Post,
            "/incidents/statistics/process-instances-by-definition",
            Version::V8_9,
        )
        .json(Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY))
        .says("Instances with open incidents of an error, by process definition")
        .look(|call, operation| figures::DEFINITIONS.look(call, operation, Vec::new()))
        .gives(&[json(200, Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceStatisticsByError",
            Method::Post,
            "/incidents/statistics/process-instances-by-error",
            Version::V8_9,
        )
        .json_or_nothing(Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY))
        .says("Instances with open incidents, by error")
        .look(|call, operation| figures::ERRORS.look(call, operation, Vec::new()))
        .gives(&[json(200, Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getIncident", Method::Get, "/incidents/{incidentKey}", Version::V8_6)
            .takes(&[path("incidentKey", KEY)])
            .says("An incident")
            .row(row_by(&INCIDENTS_VIEW, "incidentKey"))
            .gives(&[json(200, Schema::Object(&INCIDENT_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("resolveIncident", Method::Post, "/incidents/{incidentKey}/resolution", Version::V8_6)
            .takes(&[path("incidentKey", KEY)])
            .json_or_nothing(Schema::Object(&INCIDENT_RESOLUTION_REQUEST))
            .says("Tries again what an incident stopped")
            .command(resolve, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
    ],
};

fn resolve(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let reference = call.reference(const { INCIDENT_RESOLUTION_REQUEST.at("operationReference") });
    Ok(call.mapper.resolve_incident(call.path_key(0)?, reference))
}
