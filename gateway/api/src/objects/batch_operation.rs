//! Objects of the protocol: batch operation.

use crate::objects::enums::{AUDIT_LOG_ACTOR_TYPE, BATCH_OPERATION_STATE, BATCH_OPERATION_TYPE, SORT_ORDER};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, INT, KEY, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `BatchOperationError`.
pub static BATCH_OPERATION_ERROR: Object = Object {
    name: "BatchOperationError",
    fields: &[
        field("partitionId", INT).required(),
        field("type", Schema::Enum(&["QUERY_FAILED", "RESULT_BUFFER_SIZE_EXCEEDED"], &[])).required(),
        field("message", TEXT).required(),
    ],
};

/// `BatchOperationItemResponse`.
pub static BATCH_OPERATION_ITEM_RESPONSE: Object = Object {
    name: "BatchOperationItemResponse",
    fields: &[
        field("operationType", BATCH_OPERATION_TYPE).required(),
        field("batchOperationKey", TEXT).required(),
        field("itemKey", TEXT).required(),
        field("processInstanceKey", KEY).required().nullable(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("state", Schema::Enum(&["ACTIVE", "CANCELED", "COMPLETED", "FAILED", "SKIPPED"], &[]))
            .required(),
        field("processedDate", DATE_TIME).required().nullable(),
        field("errorMessage", TEXT).required().nullable(),
    ],
};

/// `BatchOperationItemSearchQuery`.
pub static BATCH_OPERATION_ITEM_SEARCH_QUERY: Object = Object {
    name: "BatchOperationItemSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&BATCH_OPERATION_ITEM_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&BATCH_OPERATION_ITEM_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `BatchOperationItemSearchQueryFilter`.
pub static BATCH_OPERATION_ITEM_SEARCH_QUERY_FILTER: Object = Object {
    name: "BatchOperationItemSearchQueryFilter",
    fields: &[
        field("batchOperationKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("itemKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field(
            "state",
            Schema::Filter(
                &Schema::Enum(&["ACTIVE", "CANCELED", "COMPLETED", "FAILED"], &[]),
                ENUM_OPERATORS,
            ),
        ),
        field("operationType", Schema::Filter(&BATCH_OPERATION_TYPE, ENUM_OPERATORS)),
    ],
};

/// `BatchOperationItemSearchQueryResult`.
pub static BATCH_OPERATION_ITEM_SEARCH_QUERY_RESULT: Object = Object {
    name: "BatchOperationItemSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&BATCH_OPERATION_ITEM_RESPONSE))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `BatchOperationItemSearchQuerySortRequest`.
pub static BATCH_OPERATION_ITEM_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "BatchOperationItemSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &["batchOperationKey", "itemKey", "processInstanceKey", "processedDate", "state"],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `BatchOperationResponse`.
pub static BATCH_OPERATION_RESPONSE: Object = Object {
    name: "BatchOperationResponse",
    fields: &[
        field("batchOperationKey", TEXT).required(),
        field("state", BATCH_OPERATION_STATE).required(),
        field("batchOperationType", BATCH_OPERATION_TYPE).required().nullable_since_8_10(),
        field("startDate", DATE_TIME).required().nullable(),
        field("endDate", DATE_TIME).required().nullable(),
        field("actorType", AUDIT_LOG_ACTOR_TYPE).required().nullable(),
        field("actorId", TEXT).required().nullable(),
        field("operationsTotalCount", INT).required(),
        field("operationsFailedCount", INT).required(),
        field("operationsCompletedCount", INT).required(),
        field("errors", list(&Schema::Object(&BATCH_OPERATION_ERROR))).required(),
    ],
};

/// `BatchOperationSearchQuery`.
pub static BATCH_OPERATION_SEARCH_QUERY: Object = Object {
    name: "BatchOperationSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&BATCH_OPERATION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&BATCH_OPERATION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `BatchOperationSearchQueryFilter`.
pub static BATCH_OPERATION_SEARCH_QUERY_FILTER: Object = Object {
    name: "BatchOperationSearchQueryFilter",
    fields: &[
        field("batchOperationKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("operationType", Schema::Filter(&BATCH_OPERATION_TYPE, ENUM_OPERATORS)),
        field("state", Schema::Filter(&BATCH_OPERATION_STATE, ENUM_OPERATORS)),
        field("actorType", AUDIT_LOG_ACTOR_TYPE),
        field("actorId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `BatchOperationSearchQueryResult`.
pub static BATCH_OPERATION_SEARCH_QUERY_RESULT: Object = Object {
    name: "BatchOperationSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&BATCH_OPERATION_RESPONSE))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `BatchOperationSearchQuerySortRequest`.
pub static BATCH_OPERATION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "BatchOperationSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "actorId",
                    "actorType",
                    "batchOperationKey",
                    "endDate",
                    "operationType",
                    "startDate",
                    "state",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
