//! Objects of the protocol: global listener.

use crate::objects::enums::{GLOBAL_LISTENER_SOURCE, GLOBAL_TASK_LISTENER_EVENT_TYPE, SORT_ORDER};
use crate::objects::parts::{ENUM_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{ENTITY_ID, INT, TEXT, WHOLE, list};
use crate::schema::{Object, Schema, field};

/// `CreateGlobalTaskListenerRequest`.
pub static CREATE_GLOBAL_TASK_LISTENER_REQUEST: Object = Object {
    name: "CreateGlobalTaskListenerRequest",
    fields: &[
        field("id", ENTITY_ID).required(),
        field("eventTypes", list(&GLOBAL_TASK_LISTENER_EVENT_TYPE)).required(),
        field("type", TEXT).required(),
        field("retries", WHOLE),
        field("afterNonGlobal", Schema::Flag),
        field("priority", WHOLE),
    ],
};

/// `GlobalTaskListenerResult`.
pub static GLOBAL_TASK_LISTENER_RESULT: Object = Object {
    name: "GlobalTaskListenerResult",
    fields: &[
        field("id", ENTITY_ID).required(),
        field("source", GLOBAL_LISTENER_SOURCE).required(),
        field("eventTypes", list(&GLOBAL_TASK_LISTENER_EVENT_TYPE)).required(),
        field("type", TEXT).required(),
        field("retries", WHOLE).required(),
        field("afterNonGlobal", Schema::Flag).required(),
        field("priority", WHOLE).required(),
    ],
};

/// `GlobalTaskListenerSearchQueryRequest`.
pub static GLOBAL_TASK_LISTENER_SEARCH_QUERY_REQUEST: Object = Object {
    name: "GlobalTaskListenerSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&GLOBAL_TASK_LISTENER_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&GLOBAL_TASK_LISTENER_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `GlobalTaskListenerSearchQueryRequestFilter`.
pub static GLOBAL_TASK_LISTENER_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "GlobalTaskListenerSearchQueryRequestFilter",
    fields: &[
        field("id", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("type", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("retries", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("eventTypes", list(&Schema::Filter(&GLOBAL_TASK_LISTENER_EVENT_TYPE, ENUM_OPERATORS))),
        field("afterNonGlobal", Schema::Flag),
        field("priority", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("source", Schema::Filter(&GLOBAL_LISTENER_SOURCE, ENUM_OPERATORS)),
    ],
};

/// `GlobalTaskListenerSearchQueryResult`.
pub static GLOBAL_TASK_LISTENER_SEARCH_QUERY_RESULT: Object = Object {
    name: "GlobalTaskListenerSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&GLOBAL_TASK_LISTENER_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `GlobalTaskListenerSearchQuerySortRequest`.
pub static GLOBAL_TASK_LISTENER_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "GlobalTaskListenerSearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["afterNonGlobal", "id", "priority", "source", "type"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `UpdateGlobalTaskListenerRequest`.
pub static UPDATE_GLOBAL_TASK_LISTENER_REQUEST: Object = Object {
    name: "UpdateGlobalTaskListenerRequest",
    fields: &[
        field("eventTypes", list(&GLOBAL_TASK_LISTENER_EVENT_TYPE)).required(),
        field("type", TEXT).required(),
        field("retries", WHOLE),
        field("afterNonGlobal", Schema::Flag),
        field("priority", WHOLE),
    ],
};
