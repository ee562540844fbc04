//! Objects of the protocol: process instance, searching.

use crate::objects::enums::{ELEMENT_INSTANCE_STATE, PROCESS_INSTANCE_STATE, SORT_ORDER};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::process_definition::PROCESS_ELEMENT_STATISTICS_RESULT;
use crate::objects::process_instance::{PROCESS_INSTANCE_RESULT, PROCESS_INSTANCE_SEQUENCE_FLOW_RESULT};
use crate::objects::shared::{SEARCH_QUERY_PAGE_RESPONSE, VARIABLE_VALUE_FILTER_PROPERTY};
use crate::schema::kinds::{DATE_TIME, INT, KEY, LONG, TAG, TEXT, list, list_of};
use crate::schema::{Object, Schema, field};

/// `ProcessInstanceCancellationBatchOperationRequestFilter`.
pub static PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER: Object = Object {
    name: "ProcessInstanceCancellationBatchOperationRequestFilter",
    fields: &[
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionVersionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("startDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("endDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("state", Schema::Filter(&PROCESS_INSTANCE_STATE, ENUM_OPERATORS)),
        field("hasIncident", Schema::Flag),
        field("suspendedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)).since_8_10(),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("variables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentProcessInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentElementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("batchOperationId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("batchOperationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasRetriesLeft", Schema::Flag),
        field("elementInstanceState", Schema::Filter(&ELEMENT_INSTANCE_STATE, ENUM_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasElementInstanceIncident", Schema::Flag),
        field("incidentErrorHashCode", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("$or", list(&Schema::Object(&PROCESS_INSTANCE_FILTER_FIELDS))),
    ],
};

/// `ProcessInstanceElementStatisticsQueryResult`.
pub static PROCESS_INSTANCE_ELEMENT_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessInstanceElementStatisticsQueryResult",
    fields: &[field("items", list(&Schema::Object(&PROCESS_ELEMENT_STATISTICS_RESULT))).required()],
};

/// `ProcessInstanceFilterFields`.
pub static PROCESS_INSTANCE_FILTER_FIELDS: Object = Object {
    name: "ProcessInstanceFilterFields",
    fields: &[
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionVersionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("startDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("endDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("state", Schema::Filter(&PROCESS_INSTANCE_STATE, ENUM_OPERATORS)),
        field("hasIncident", Schema::Flag),
        field("suspendedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)).since_8_10(),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("variables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentProcessInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentElementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("batchOperationId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("batchOperationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasRetriesLeft", Schema::Flag),
        field("elementInstanceState", Schema::Filter(&ELEMENT_INSTANCE_STATE, ENUM_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasElementInstanceIncident", Schema::Flag),
        field("incidentErrorHashCode", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `ProcessInstanceSearchQuery`.
pub static PROCESS_INSTANCE_SEARCH_QUERY: Object = Object {
    name: "ProcessInstanceSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ProcessInstanceSearchQueryFilter`.
pub static PROCESS_INSTANCE_SEARCH_QUERY_FILTER: Object = Object {
    name: "ProcessInstanceSearchQueryFilter",
    fields: &[
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionVersionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("startDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("endDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("state", Schema::Filter(&PROCESS_INSTANCE_STATE, ENUM_OPERATORS)),
        field("hasIncident", Schema::Flag),
        field("suspendedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)).since_8_10(),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("variables", list(&Schema::Object(&VARIABLE_VALUE_FILTER_PROPERTY))),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentProcessInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("parentElementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("batchOperationId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("batchOperationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasRetriesLeft", Schema::Flag),
        field("elementInstanceState", Schema::Filter(&ELEMENT_INSTANCE_STATE, ENUM_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasElementInstanceIncident", Schema::Flag),
        field("incidentErrorHashCode", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("$or", list(&Schema::Object(&PROCESS_INSTANCE_FILTER_FIELDS))),
    ],
};

/// `ProcessInstanceSearchQueryResult`.
pub static PROCESS_INSTANCE_SEARCH_QUERY_RESULT: Object = Object {
    name: "ProcessInstanceSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_INSTANCE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessInstanceSearchQuerySortRequest`.
pub static PROCESS_INSTANCE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "ProcessInstanceSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "businessId",
                    "endDate",
                    "hasIncident",
                    "parentElementInstanceKey",
                    "parentProcessInstanceKey",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processDefinitionName",
                    "processDefinitionVersion",
                    "processDefinitionVersionTag",
                    "processInstanceKey",
                    "startDate",
                    "state",
                    "tenantId",
                ],
                &["suspendedDate"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ProcessInstanceSequenceFlowsQueryResult`.
pub static PROCESS_INSTANCE_SEQUENCE_FLOWS_QUERY_RESULT: Object = Object {
    name: "ProcessInstanceSequenceFlowsQueryResult",
    fields: &[field("items", list(&Schema::Object(&PROCESS_INSTANCE_SEQUENCE_FLOW_RESULT))).required()],
};

/// `ProcessInstanceWaitStateStatisticsQueryResult`.
pub static PROCESS_INSTANCE_WAIT_STATE_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessInstanceWaitStateStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_INSTANCE_WAIT_STATE_STATISTICS_RESULT))).required()
    ],
};

/// `ProcessInstanceWaitStateStatisticsResult`.
pub static PROCESS_INSTANCE_WAIT_STATE_STATISTICS_RESULT: Object = Object {
    name: "ProcessInstanceWaitStateStatisticsResult",
    fields: &[field("elementId", TEXT).required(), field("waitingCount", LONG).required()],
};
