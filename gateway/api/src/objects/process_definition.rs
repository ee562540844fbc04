//! Objects of the protocol: process definition.

use crate::objects::enums::{
    ELEMENT_INSTANCE_STATE, MESSAGE_SUBSCRIPTION_STATE, MESSAGE_SUBSCRIPTION_TYPE,
    PROCESS_DEFINITION_RESULT_STATE, PROCESS_DEFINITION_SEARCH_QUERY_FILTER_STATE, PROCESS_INSTANCE_STATE,
    SORT_ORDER,
};
use crate::objects::job_search::JOB_TYPE_STATISTICS_QUERY_PAGE;
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::{SEARCH_QUERY_PAGE_RESPONSE, VARIABLE_VALUE_FILTER_PROPERTY};
use crate::schema::kinds::{DATE_TIME, INT, KEY, LONG, MODEL_ID, TAG, TENANT, TEXT, at_least, list, list_of};
use crate::schema::{Bits, Object, Schema, field};

/// `BaseProcessInstanceFilterFields`.
pub static BASE_PROCESS_INSTANCE_FILTER_FIELDS: Object = Object {
    name: "BaseProcessInstanceFilterFields",
    fields: &[
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

/// `ProcessDefinitionElementStatisticsQuery`.
pub static PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY: Object = Object {
    name: "ProcessDefinitionElementStatisticsQuery",
    fields: &[field("filter", Schema::Object(&PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY_FILTER))],
};

/// `ProcessDefinitionElementStatisticsQueryFilter`.
pub static PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY_FILTER: Object = Object {
    name: "ProcessDefinitionElementStatisticsQueryFilter",
    fields: &[
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
        field("$or", list(&Schema::Object(&BASE_PROCESS_INSTANCE_FILTER_FIELDS))),
    ],
};

/// `ProcessDefinitionElementStatisticsQueryResult`.
pub static PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionElementStatisticsQueryResult",
    fields: &[field("items", list(&Schema::Object(&PROCESS_ELEMENT_STATISTICS_RESULT))).required()],
};

/// `ProcessDefinitionInstanceStatisticsQuery`.
pub static PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY: Object = Object {
    name: "ProcessDefinitionInstanceStatisticsQuery",
    fields: &[
        field("page", Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_PAGE)),
        field("sort", list(&Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_SORT_REQUEST))),
    ],
};

/// `ProcessDefinitionInstanceStatisticsQueryPage`.
pub static PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_PAGE: Object = Object {
    name: "ProcessDefinitionInstanceStatisticsQueryPage",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `ProcessDefinitionInstanceStatisticsQueryResult`.
pub static PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionInstanceStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessDefinitionInstanceStatisticsQuerySortRequest`.
pub static PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_SORT_REQUEST: Object = Object {
    name: "ProcessDefinitionInstanceStatisticsQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "activeInstancesWithIncidentCount",
                    "activeInstancesWithoutIncidentCount",
                    "processDefinitionId",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ProcessDefinitionInstanceStatisticsResult`.
pub static PROCESS_DEFINITION_INSTANCE_STATISTICS_RESULT: Object = Object {
    name: "ProcessDefinitionInstanceStatisticsResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("tenantId", TENANT).required(),
        field("latestProcessDefinitionName", TEXT).required().nullable(),
        field("hasMultipleVersions", Schema::Flag).required(),
        field("activeInstancesWithoutIncidentCount", LONG).required(),
        field("activeInstancesWithIncidentCount", LONG).required(),
    ],
};

/// `ProcessDefinitionInstanceVersionStatisticsQuery`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsQuery",
    fields: &[
        field("page", Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_PAGE)),
        field(
            "sort",
            list(&Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_SORT_REQUEST)),
        ),
        field("filter", Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_FILTER))
            .required(),
    ],
};

/// `ProcessDefinitionInstanceVersionStatisticsQueryFilter`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_FILTER: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsQueryFilter",
    fields: &[field("processDefinitionId", MODEL_ID).required(), field("tenantId", TENANT)],
};

/// `ProcessDefinitionInstanceVersionStatisticsQueryPage`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_PAGE: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsQueryPage",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `ProcessDefinitionInstanceVersionStatisticsQueryResult`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_RESULT)))
            .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessDefinitionInstanceVersionStatisticsQuerySortRequest`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_SORT_REQUEST: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "activeInstancesWithIncidentCount",
                    "activeInstancesWithoutIncidentCount",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processDefinitionName",
                    "processDefinitionVersion",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ProcessDefinitionInstanceVersionStatisticsResult`.
pub static PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_RESULT: Object = Object {
    name: "ProcessDefinitionInstanceVersionStatisticsResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionName", TEXT).required().nullable(),
        field("tenantId", TENANT).required(),
        field("processDefinitionVersion", INT).required(),
        field("activeInstancesWithIncidentCount", LONG).required(),
        field("activeInstancesWithoutIncidentCount", LONG).required(),
    ],
};

/// `ProcessDefinitionMessageSubscriptionStatisticsQuery`.
pub static PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY: Object = Object {
    name: "ProcessDefinitionMessageSubscriptionStatisticsQuery",
    fields: &[
        field("page", Schema::Object(&JOB_TYPE_STATISTICS_QUERY_PAGE)),
        field("filter", Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_FILTER)),
    ],
};

/// `ProcessDefinitionMessageSubscriptionStatisticsQueryFilter`.
pub static PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_FILTER: Object = Object {
    name: "ProcessDefinitionMessageSubscriptionStatisticsQueryFilter",
    fields: &[
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("messageSubscriptionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("messageSubscriptionState", Schema::Filter(&MESSAGE_SUBSCRIPTION_STATE, ENUM_OPERATORS)),
        field("lastUpdatedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("messageName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("correlationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("messageSubscriptionType", Schema::Filter(&MESSAGE_SUBSCRIPTION_TYPE, ENUM_OPERATORS)),
        field("processDefinitionName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("toolName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("inboundConnectorType", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `ProcessDefinitionMessageSubscriptionStatisticsQueryResult`.
pub static PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionMessageSubscriptionStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_RESULT)))
            .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessDefinitionMessageSubscriptionStatisticsResult`.
pub static PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_RESULT: Object = Object {
    name: "ProcessDefinitionMessageSubscriptionStatisticsResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("tenantId", TENANT).required(),
        field("processDefinitionKey", KEY).required(),
        field("processInstancesWithActiveSubscriptions", LONG).required(),
        field("activeSubscriptions", LONG).required(),
    ],
};

/// `ProcessDefinitionResult`.
pub static PROCESS_DEFINITION_RESULT: Object = Object {
    name: "ProcessDefinitionResult",
    fields: &[
        field("name", TEXT).required().nullable(),
        field("resourceName", TEXT).required(),
        field("version", INT).required(),
        field("versionTag", TEXT).required().nullable(),
        field("processDefinitionId", MODEL_ID).required(),
        field("tenantId", TENANT).required(),
        field("processDefinitionKey", KEY).required(),
        field("hasStartForm", Schema::Flag).required(),
        field("state", PROCESS_DEFINITION_RESULT_STATE).required().since_8_10(),
    ],
};

/// `ProcessDefinitionSearchQuery`.
pub static PROCESS_DEFINITION_SEARCH_QUERY: Object = Object {
    name: "ProcessDefinitionSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ProcessDefinitionSearchQueryFilter`.
pub static PROCESS_DEFINITION_SEARCH_QUERY_FILTER: Object = Object {
    name: "ProcessDefinitionSearchQueryFilter",
    fields: &[
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("isLatestVersion", Schema::Flag),
        field("resourceName", TEXT),
        field("version", INT),
        field("versionTag", TEXT),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", TENANT),
        field("processDefinitionKey", KEY),
        field("hasStartForm", Schema::Flag),
        field("state", PROCESS_DEFINITION_SEARCH_QUERY_FILTER_STATE).since_8_10(),
    ],
};

/// `ProcessDefinitionSearchQueryResult`.
pub static PROCESS_DEFINITION_SEARCH_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_DEFINITION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessDefinitionSearchQuerySortRequest`.
pub static PROCESS_DEFINITION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "ProcessDefinitionSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "name",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "resourceName",
                    "tenantId",
                    "version",
                    "versionTag",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ProcessDefinitionVariableNameSearchQuery`.
pub static PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY: Object = Object {
    name: "ProcessDefinitionVariableNameSearchQuery",
    fields: &[
        field("filter", Schema::Object(&PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ProcessDefinitionVariableNameSearchQueryFilter`.
pub static PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_FILTER: Object = Object {
    name: "ProcessDefinitionVariableNameSearchQueryFilter",
    fields: &[field("name", Schema::Filter(&TEXT, TEXT_OPERATORS))],
};

/// `ProcessDefinitionVariableNameSearchQueryResult`.
pub static PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_RESULT: Object = Object {
    name: "ProcessDefinitionVariableNameSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ProcessDefinitionVariableNameSearchResult`.
pub static PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_RESULT: Object =
    Object { name: "ProcessDefinitionVariableNameSearchResult", fields: &[field("name", TEXT).required()] };

/// `ProcessElementStatisticsResult`.
pub static PROCESS_ELEMENT_STATISTICS_RESULT: Object = Object {
    name: "ProcessElementStatisticsResult",
    fields: &[
        field("elementId", TEXT).required(),
        field("active", LONG).required(),
        field("canceled", LONG).required(),
        field("incidents", LONG).required(),
        field("completed", LONG).required(),
    ],
};
