//! Objects of the protocol: job, searching.

use crate::objects::enums::{
    JOB_KIND, JOB_LISTENER_EVENT_TYPE, JOB_LISTENER_EVENT_TYPE_2, JOB_STATE, JOB_STATE_2, SORT_ORDER,
};
use crate::objects::job::STATUS_METRIC;
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{CURSOR, DATE_TIME, INT, KEY, MODEL_ID, TENANT, TEXT, between, list, text};
use crate::schema::{Bits, Object, Schema, field};

/// `GlobalJobStatisticsQueryResult`.
pub static GLOBAL_JOB_STATISTICS_QUERY_RESULT: Object = Object {
    name: "GlobalJobStatisticsQueryResult",
    fields: &[
        field("created", Schema::Object(&STATUS_METRIC)).required(),
        field("completed", Schema::Object(&STATUS_METRIC)).required(),
        field("failed", Schema::Object(&STATUS_METRIC)).required(),
        field("isIncomplete", Schema::Flag).required(),
    ],
};

/// `JobBatchUpdateRequestFilter`.
pub static JOB_BATCH_UPDATE_REQUEST_FILTER: Object = Object {
    name: "JobBatchUpdateRequestFilter",
    fields: &[
        field("deadline", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)).nullable(),
        field("deniedReason", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("endTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("errorCode", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasFailedWithRetriesLeft", Schema::Flag),
        field("isDenied", Schema::Flag).nullable(),
        field("jobKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("kind", Schema::Filter(&JOB_KIND, ENUM_OPERATORS)),
        field("listenerEventType", Schema::Filter(&JOB_LISTENER_EVENT_TYPE, ENUM_OPERATORS)),
        field("priority", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("retries", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("state", Schema::Filter(&JOB_STATE, ENUM_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("type", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("worker", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("creationTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("lastUpdateTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
    ],
};

/// `JobErrorStatisticsFilter`.
pub static JOB_ERROR_STATISTICS_FILTER: Object = Object {
    name: "JobErrorStatisticsFilter",
    fields: &[
        field("from", DATE_TIME).required(),
        field("to", DATE_TIME).required(),
        field("jobType", TEXT).required(),
        field("errorCode", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `JobErrorStatisticsItem`.
pub static JOB_ERROR_STATISTICS_ITEM: Object = Object {
    name: "JobErrorStatisticsItem",
    fields: &[
        field("errorCode", TEXT).required(),
        field("errorMessage", TEXT).required(),
        field("workers", INT).required(),
    ],
};

/// `JobErrorStatisticsQuery`.
pub static JOB_ERROR_STATISTICS_QUERY: Object = Object {
    name: "JobErrorStatisticsQuery",
    fields: &[
        field("filter", Schema::Object(&JOB_ERROR_STATISTICS_FILTER)).required(),
        field("page", Schema::Object(&JOB_TYPE_STATISTICS_QUERY_PAGE)),
    ],
};

/// `JobErrorStatisticsQueryResult`.
pub static JOB_ERROR_STATISTICS_QUERY_RESULT: Object = Object {
    name: "JobErrorStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&JOB_ERROR_STATISTICS_ITEM))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `JobSearchQuery`.
pub static JOB_SEARCH_QUERY: Object = Object {
    name: "JobSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&JOB_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&JOB_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `JobSearchQueryFilter`.
pub static JOB_SEARCH_QUERY_FILTER: Object = Object {
    name: "JobSearchQueryFilter",
    fields: &[
        field("deadline", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)).nullable(),
        field("deniedReason", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("endTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("errorCode", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("errorMessage", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasFailedWithRetriesLeft", Schema::Flag),
        field("isDenied", Schema::Flag).nullable(),
        field("jobKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("kind", Schema::Filter(&JOB_KIND, ENUM_OPERATORS)),
        field("listenerEventType", Schema::Filter(&JOB_LISTENER_EVENT_TYPE_2, ENUM_OPERATORS)),
        field("priority", Schema::Filter(&INT, RANGE_OPERATORS)).since_8_10(),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("retries", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("state", Schema::Filter(&JOB_STATE_2, ENUM_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("type", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("worker", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("creationTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("lastUpdateTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
    ],
};

/// `JobSearchQueryResult`.
pub static JOB_SEARCH_QUERY_RESULT: Object = Object {
    name: "JobSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&JOB_SEARCH_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `JobSearchQuerySortRequest`.
pub static JOB_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "JobSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "deadline",
                    "deniedReason",
                    "elementId",
                    "elementInstanceKey",
                    "endTime",
                    "errorCode",
                    "errorMessage",
                    "hasFailedWithRetriesLeft",
                    "isDenied",
                    "jobKey",
                    "kind",
                    "listenerEventType",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "retries",
                    "state",
                    "tenantId",
                    "type",
                    "worker",
                ],
                &["creationTime", "priority"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `JobSearchResult`.
pub static JOB_SEARCH_RESULT: Object = Object {
    name: "JobSearchResult",
    fields: &[
        field("customHeaders", Schema::Map(&TEXT)).required(),
        field("deadline", DATE_TIME).required().nullable(),
        field("deniedReason", TEXT).required().nullable(),
        field("elementId", TEXT).required().nullable(),
        field("elementInstanceKey", KEY).required(),
        field("endTime", DATE_TIME).required().nullable(),
        field("errorCode", TEXT).required().nullable(),
        field("errorMessage", TEXT).required().nullable(),
        field("hasFailedWithRetriesLeft", Schema::Flag).required(),
        field("isDenied", Schema::Flag).required().nullable(),
        field("jobKey", KEY).required(),
        field("kind", JOB_KIND).required(),
        field("listenerEventType", JOB_LISTENER_EVENT_TYPE_2).required(),
        field("processDefinitionId", MODEL_ID).required().nullable_since_8_10(),
        field("processDefinitionKey", KEY).required().nullable_since_8_10(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("retries", INT).required(),
        field("state", JOB_STATE_2).required(),
        field("tenantId", TENANT).required(),
        field("type", TEXT).required(),
        field("worker", TEXT).required(),
        field("creationTime", DATE_TIME).required().nullable(),
        field("lastUpdateTime", DATE_TIME).required().nullable(),
        field("priority", INT).required().since_8_10(),
    ],
};

/// `JobTimeSeriesStatisticsFilter`.
pub static JOB_TIME_SERIES_STATISTICS_FILTER: Object = Object {
    name: "JobTimeSeriesStatisticsFilter",
    fields: &[
        field("from", DATE_TIME).required(),
        field("to", DATE_TIME).required(),
        field("jobType", TEXT).required(),
        field("resolution", TEXT),
    ],
};

/// `JobTimeSeriesStatisticsItem`.
pub static JOB_TIME_SERIES_STATISTICS_ITEM: Object = Object {
    name: "JobTimeSeriesStatisticsItem",
    fields: &[
        field("time", DATE_TIME).required(),
        field("created", Schema::Object(&STATUS_METRIC)).required(),
        field("completed", Schema::Object(&STATUS_METRIC)).required(),
        field("failed", Schema::Object(&STATUS_METRIC)).required(),
    ],
};

/// `JobTimeSeriesStatisticsQuery`.
pub static JOB_TIME_SERIES_STATISTICS_QUERY: Object = Object {
    name: "JobTimeSeriesStatisticsQuery",
    fields: &[
        field("filter", Schema::Object(&JOB_TIME_SERIES_STATISTICS_FILTER)).required(),
        field("page", Schema::Object(&JOB_TYPE_STATISTICS_QUERY_PAGE)),
    ],
};

/// `JobTimeSeriesStatisticsQueryResult`.
pub static JOB_TIME_SERIES_STATISTICS_QUERY_RESULT: Object = Object {
    name: "JobTimeSeriesStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&JOB_TIME_SERIES_STATISTICS_ITEM))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `JobTypeStatisticsFilter`.
pub static JOB_TYPE_STATISTICS_FILTER: Object = Object {
    name: "JobTypeStatisticsFilter",
    fields: &[
        field("from", DATE_TIME).required(),
        field("to", DATE_TIME).required(),
        field("jobType", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `JobTypeStatisticsItem`.
pub static JOB_TYPE_STATISTICS_ITEM: Object = Object {
    name: "JobTypeStatisticsItem",
    fields: &[
        field("jobType", TEXT).required(),
        field("created", Schema::Object(&STATUS_METRIC)).required(),
        field("completed", Schema::Object(&STATUS_METRIC)).required(),
        field("failed", Schema::Object(&STATUS_METRIC)).required(),
        field("workers", INT).required(),
    ],
};

/// `JobTypeStatisticsQuery`.
pub static JOB_TYPE_STATISTICS_QUERY: Object = Object {
    name: "JobTypeStatisticsQuery",
    fields: &[
        field("filter", Schema::Object(&JOB_TYPE_STATISTICS_FILTER)),
        field("page", Schema::Object(&JOB_TYPE_STATISTICS_QUERY_PAGE)),
    ],
};

/// `JobTypeStatisticsQueryPage`.
pub static JOB_TYPE_STATISTICS_QUERY_PAGE: Object = Object {
    name: "JobTypeStatisticsQueryPage",
    fields: &[
        field("after", CURSOR).required_until_8_9(),
        field("limit", Schema::Levels(&between(Bits::B32, 1, 10_000), &between(Bits::B32, 0, 10_000))),
    ],
};

/// `JobTypeStatisticsQueryResult`.
pub static JOB_TYPE_STATISTICS_QUERY_RESULT: Object = Object {
    name: "JobTypeStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&JOB_TYPE_STATISTICS_ITEM))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `JobWorkerStatisticsFilter`.
pub static JOB_WORKER_STATISTICS_FILTER: Object = Object {
    name: "JobWorkerStatisticsFilter",
    fields: &[
        field("from", DATE_TIME).required(),
        field("to", DATE_TIME).required(),
        field("jobType", TEXT).required(),
    ],
};

/// `JobWorkerStatisticsItem`.
pub static JOB_WORKER_STATISTICS_ITEM: Object = Object {
    name: "JobWorkerStatisticsItem",
    fields: &[
        field("worker", TEXT).required(),
        field("created", Schema::Object(&STATUS_METRIC)).required(),
        field("completed", Schema::Object(&STATUS_METRIC)).required(),
        field("failed", Schema::Object(&STATUS_METRIC)).required(),
    ],
};

/// `JobWorkerStatisticsQuery`.
pub static JOB_WORKER_STATISTICS_QUERY: Object = Object {
    name: "JobWorkerStatisticsQuery",
    fields: &[
        field("filter", Schema::Object(&JOB_WORKER_STATISTICS_FILTER)).required(),
        field("page", Schema::Object(&JOB_TYPE_STATISTICS_QUERY_PAGE)),
    ],
};

/// `JobWorkerStatisticsQueryResult`.
pub static JOB_WORKER_STATISTICS_QUERY_RESULT: Object = Object {
    name: "JobWorkerStatisticsQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&JOB_WORKER_STATISTICS_ITEM))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
