//! Objects of the protocol: of several topics.

use crate::objects::enums::BATCH_OPERATION_TYPE;
use crate::objects::parts::TEXT_OPERATORS;
use crate::schema::kinds::{CURSOR, LONG, TEXT, at_least, between};
use crate::schema::{Bits, Object, Schema, field};

/// `BatchOperationCreatedResult`.
pub static BATCH_OPERATION_CREATED_RESULT: Object = Object {
    name: "BatchOperationCreatedResult",
    fields: &[
        field("batchOperationKey", TEXT).required(),
        field("batchOperationType", BATCH_OPERATION_TYPE).required(),
    ],
};

/// `CursorBackwardPagination`.
pub static CURSOR_BACKWARD_PAGINATION: Object = Object {
    name: "CursorBackwardPagination",
    fields: &[
        field("before", CURSOR).required_until_8_9(),
        field("limit", Schema::Levels(&between(Bits::B32, 1, 10_000), &between(Bits::B32, 0, 10_000))),
    ],
};

/// `CursorForwardPagination`.
pub static CURSOR_FORWARD_PAGINATION: Object = Object {
    name: "CursorForwardPagination",
    fields: &[
        field("after", CURSOR).required_until_8_9(),
        field("limit", Schema::Levels(&between(Bits::B32, 1, 10_000), &between(Bits::B32, 0, 10_000))),
    ],
};

/// `LimitPagination`.
pub static LIMIT_PAGINATION: Object = Object {
    name: "LimitPagination",
    fields: &[field("limit", Schema::Levels(&between(Bits::B32, 1, 10_000), &between(Bits::B32, 0, 10_000)))],
};

/// `OffsetPagination`.
pub static OFFSET_PAGINATION: Object = Object {
    name: "OffsetPagination",
    fields: &[
        field("from", at_least(Bits::B32, 0)),
        field("limit", Schema::Levels(&at_least(Bits::B32, 1), &at_least(Bits::B32, 0))),
    ],
};

/// `SearchQueryPageResponse`.
pub static SEARCH_QUERY_PAGE_RESPONSE: Object = Object {
    name: "SearchQueryPageResponse",
    fields: &[
        field("totalItems", LONG).required(),
        field("hasMoreTotalItems", Schema::Flag).required(),
        field("startCursor", CURSOR).required().nullable(),
        field("endCursor", CURSOR).required().nullable(),
    ],
};

/// `VariableValueFilterProperty`.
pub static VARIABLE_VALUE_FILTER_PROPERTY: Object = Object {
    name: "VariableValueFilterProperty",
    fields: &[
        field("name", TEXT).required(),
        field("value", Schema::Filter(&TEXT, TEXT_OPERATORS)).required(),
    ],
};
