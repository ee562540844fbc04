//! Objects of the protocol: incident.

use crate::objects::enums::{INCIDENT_ERROR_TYPE, INCIDENT_STATE, SORT_ORDER};
use crate::objects::parts::{KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, INT, KEY, LONG, MODEL_ID, TENANT, TEXT, WHOLE, at_least, list};
use crate::schema::{Bits, Object, Schema, field};

/// `IncidentProcessInstanceStatisticsByDefinitionQuery`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionQuery",
    fields: &[
        field("filter", Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_FILTER))
            .required(),
        field("page", Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_PAGE)),
        field(
            "sort",
            list(&Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_SORT_REQUEST)),
        ),
    ],
};

/// `IncidentProcessInstanceStatisticsByDefinitionQueryFilter`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_FILTER: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionQueryFilter",
    fields: &[field("errorHashCode", INT).required()],
};

/// `IncidentProcessInstanceStatisticsByDefinitionQueryPage`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_PAGE: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionQueryPage",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `IncidentProcessInstanceStatisticsByDefinitionQueryResult`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_RESULT: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_RESULT)))
            .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `IncidentProcessInstanceStatisticsByDefinitionQuerySortRequest`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_QUERY_SORT_REQUEST: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(&["activeInstancesWithErrorCount", "processDefinitionKey", "tenantId"], &[]),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `IncidentProcessInstanceStatisticsByDefinitionResult`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION_RESULT: Object = Object {
    name: "IncidentProcessInstanceStatisticsByDefinitionResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionName", TEXT).required(),
        field("processDefinitionVersion", WHOLE).required(),
        field("tenantId", TENANT).required(),
        field("activeInstancesWithErrorCount", LONG).required(),
    ],
};

/// `IncidentProcessInstanceStatisticsByErrorQuery`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY: Object = Object {
    name: "IncidentProcessInstanceStatisticsByErrorQuery",
    fields: &[
        field("page", Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_PAGE)),
        field(
            "sort",
            list(&Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_SORT_REQUEST)),
        ),
    ],
};

/// `IncidentProcessInstanceStatisticsByErrorQueryPage`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_PAGE: Object = Object {
    name: "IncidentProcessInstanceStatisticsByErrorQueryPage",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `IncidentProcessInstanceStatisticsByErrorQueryResult`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_RESULT: Object = Object {
    name: "IncidentProcessInstanceStatisticsByErrorQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_RESULT)))
            .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `IncidentProcessInstanceStatisticsByErrorQuerySortRequest`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_QUERY_SORT_REQUEST: Object = Object {
    name: "IncidentProcessInstanceStatisticsByErrorQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["activeInstancesWithErrorCount", "errorMessage"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `IncidentProcessInstanceStatisticsByErrorResult`.
pub static INCIDENT_PROCESS_INSTANCE_STATISTICS_BY_ERROR_RESULT: Object = Object {
    name: "IncidentProcessInstanceStatisticsByErrorResult",
    fields: &[
        field("errorHashCode", INT).required(),
        field("errorMessage", TEXT).required(),
        field("activeInstancesWithErrorCount", LONG).required(),
    ],
};

/// `IncidentResolutionRequest`.
pub static INCIDENT_RESOLUTION_REQUEST: Object = Object {
    name: "IncidentResolutionRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};

/// `IncidentResult`.
pub static INCIDENT_RESULT: Object = Object {
    name: "IncidentResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("errorType", INCIDENT_ERROR_TYPE).required(),
        field("errorMessage", TEXT).required(),
        field("elementId", TEXT).required(),
        field("creationTime", DATE_TIME).required(),
        field("state", INCIDENT_STATE).required(),
        field("tenantId", TENANT).required(),
        field("incidentKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("elementInstanceKey", KEY).required(),
        field("jobKey", KEY).required().nullable(),
    ],
};

/// `IncidentSearchQuery`.
pub static INCIDENT_SEARCH_QUERY: Object = Object {
    name: "IncidentSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&INCIDENT_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&INCIDENT_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `IncidentSearchQueryFilter`.
pub static INCIDENT_SEARCH_QUERY_FILTER: Object = Object {
    name: "IncidentSearchQueryFilter",
    fields: &[
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorType", Schema::Filter(&INCIDENT_ERROR_TYPE, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("creationTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("state", Schema::Filter(&INCIDENT_STATE, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("incidentKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("jobKey", Schema::Filter(&KEY, KEY_OPERATORS)),
    ],
};

/// `IncidentSearchQueryResult`.
pub static INCIDENT_SEARCH_QUERY_RESULT: Object = Object {
    name: "IncidentSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&INCIDENT_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `IncidentSearchQuerySortRequest`.
pub static INCIDENT_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "IncidentSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "creationTime",
                    "elementId",
                    "elementInstanceKey",
                    "errorType",
                    "incidentKey",
                    "jobKey",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "state",
                    "tenantId",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
