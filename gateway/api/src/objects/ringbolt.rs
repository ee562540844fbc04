//! Objects of Ringbolt's own operations.

use crate::objects::enums::{SORT_ORDER, WAIT_STATE_ELEMENT_TYPE};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, INT, KEY, LONG, MODEL_ID, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// Which jobs a stream wants.
pub static JOB_STREAM_REQUEST: Object = Object {
    name: "JobStreamRequest",
    fields: &[
        field("type", TEXT).required(),
        field("worker", TEXT).nullable(),
        field("timeout", LONG).required(),
        field("fetchVariable", list(&TEXT)).nullable(),
        field("tenantIds", list(&TENANT)),
        field("tenantFilter", Schema::Enum(&["ASSIGNED", "PROVIDED"], &[])),
    ],
};

/// A timer of an instance.
pub static TIMER_RESULT: Object = Object {
    name: "TimerResult",
    fields: &[
        field("timerKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("elementInstanceKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("elementId", TEXT).required(),
        field("elementType", WAIT_STATE_ELEMENT_TYPE).required(),
        field("dueDate", DATE_TIME).required().nullable(),
        field("repetitions", INT).required().nullable(),
        field("tenantId", TENANT).required(),
    ],
};

/// Which timers are looked for.
pub static TIMER_SEARCH_QUERY: Object = Object {
    name: "TimerSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&TIMER_SORT_REQUEST))),
        field("filter", Schema::Object(&TIMER_FILTER)),
        field("page", PAGE),
    ],
};

/// What they are like.
pub static TIMER_FILTER: Object = Object {
    name: "TimerFilter",
    fields: &[
        field("timerKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementType", Schema::Filter(&WAIT_STATE_ELEMENT_TYPE, ENUM_OPERATORS)),
        field("dueDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
    ],
};

/// By what they are sorted.
pub static TIMER_SORT_REQUEST: Object = Object {
    name: "TimerSortRequest",
    fields: &[
        field("field", Schema::Enum(&["dueDate", "elementId", "processInstanceKey", "timerKey"], &[]))
            .required(),
        field("order", SORT_ORDER),
    ],
};

/// Timers that were found.
pub static TIMER_SEARCH_QUERY_RESULT: Object = Object {
    name: "TimerSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&TIMER_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
