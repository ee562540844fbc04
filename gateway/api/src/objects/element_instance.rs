//! Objects of the protocol: element instance.

use crate::objects::enums::{
    ELEMENT_INSTANCE_STATE, JOB_KIND, JOB_LISTENER_EVENT_TYPE, SORT_ORDER, WAIT_STATE_ELEMENT_TYPE,
};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, INT, KEY, LONG, MODEL_ID, TENANT, TEXT, at_least, list};
use crate::schema::{Bits, Object, Schema, field};

/// `ConditionWaitStateDetails`.
pub static CONDITION_WAIT_STATE_DETAILS: Object = Object {
    name: "ConditionWaitStateDetails",
    fields: &[
        field("expression", TEXT).required(),
        field("events", list(&Schema::Enum(&["create", "update"], &[]))).required(),
        field("waitStateType", TEXT).required(),
    ],
};

/// `ElementInstanceFilterFields`.
pub static ELEMENT_INSTANCE_FILTER_FIELDS: Object = Object {
    name: "ElementInstanceFilterFields",
    fields: &[
        field("processDefinitionId", MODEL_ID),
        field("state", Schema::Filter(&ELEMENT_INSTANCE_STATE, ENUM_OPERATORS)),
        field("type", WAIT_STATE_ELEMENT_TYPE),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasIncident", Schema::Flag),
        field("tenantId", TENANT),
        field("elementInstanceKey", KEY),
        field("processInstanceKey", KEY),
        field("processDefinitionKey", KEY),
        field("incidentKey", KEY),
        field("startDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("endDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("elementInstanceScopeKey", KEY),
    ],
};

/// `ElementInstanceResult`.
pub static ELEMENT_INSTANCE_RESULT: Object = Object {
    name: "ElementInstanceResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required().nullable_since_8_10(),
        field("startDate", DATE_TIME).required(),
        field("endDate", DATE_TIME).required().nullable(),
        field("elementId", TEXT).required(),
        field("elementName", TEXT).required(),
        field("type", WAIT_STATE_ELEMENT_TYPE).required(),
        field("state", ELEMENT_INSTANCE_STATE).required(),
        field("hasIncident", Schema::Flag).required(),
        field("tenantId", TENANT).required(),
        field("elementInstanceKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("processDefinitionKey", KEY).required().nullable_since_8_10(),
        field("incidentKey", KEY).required().nullable(),
    ],
};

/// `ElementInstanceSearchQuery`.
pub static ELEMENT_INSTANCE_SEARCH_QUERY: Object = Object {
    name: "ElementInstanceSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&ELEMENT_INSTANCE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ElementInstanceSearchQueryFilter`.
pub static ELEMENT_INSTANCE_SEARCH_QUERY_FILTER: Object = Object {
    name: "ElementInstanceSearchQueryFilter",
    fields: &[
        field("processDefinitionId", MODEL_ID),
        field("state", Schema::Filter(&ELEMENT_INSTANCE_STATE, ENUM_OPERATORS)),
        field("type", WAIT_STATE_ELEMENT_TYPE),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("hasIncident", Schema::Flag),
        field("tenantId", TENANT),
        field("elementInstanceKey", KEY),
        field("processInstanceKey", KEY),
        field("processDefinitionKey", KEY),
        field("incidentKey", KEY),
        field("startDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("endDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("elementInstanceScopeKey", KEY),
        field("$or", list(&Schema::Object(&ELEMENT_INSTANCE_FILTER_FIELDS))).since_8_10(),
    ],
};

/// `ElementInstanceSearchQueryResult`.
pub static ELEMENT_INSTANCE_SEARCH_QUERY_RESULT: Object = Object {
    name: "ElementInstanceSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&ELEMENT_INSTANCE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ElementInstanceSearchQuerySortRequest`.
pub static ELEMENT_INSTANCE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "ElementInstanceSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "elementId",
                    "elementInstanceKey",
                    "elementName",
                    "endDate",
                    "incidentKey",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "startDate",
                    "state",
                    "tenantId",
                    "type",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ElementInstanceWaitStateQuery`.
pub static ELEMENT_INSTANCE_WAIT_STATE_QUERY: Object = Object {
    name: "ElementInstanceWaitStateQuery",
    fields: &[
        field("sort", list(&Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ElementInstanceWaitStateQueryFilter`.
pub static ELEMENT_INSTANCE_WAIT_STATE_QUERY_FILTER: Object = Object {
    name: "ElementInstanceWaitStateQueryFilter",
    fields: &[
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("rootProcessInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementType", Schema::Filter(&WAIT_STATE_ELEMENT_TYPE, ENUM_OPERATORS)),
        field(
            "waitStateType",
            Schema::Filter(
                &Schema::Enum(&["CONDITION", "JOB", "MESSAGE", "SIGNAL", "TIMER", "USER_TASK"], &[]),
                ENUM_OPERATORS,
            ),
        ),
    ],
};

/// `ElementInstanceWaitStateQueryResult`.
pub static ELEMENT_INSTANCE_WAIT_STATE_QUERY_RESULT: Object = Object {
    name: "ElementInstanceWaitStateQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&ELEMENT_INSTANCE_WAIT_STATE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ElementInstanceWaitStateQuerySortRequest`.
pub static ELEMENT_INSTANCE_WAIT_STATE_QUERY_SORT_REQUEST: Object = Object {
    name: "ElementInstanceWaitStateQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &["elementId", "elementInstanceKey", "processInstanceKey", "rootProcessInstanceKey"],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `ElementInstanceWaitStateResult`.
pub static ELEMENT_INSTANCE_WAIT_STATE_RESULT: Object = Object {
    name: "ElementInstanceWaitStateResult",
    fields: &[
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("processInstanceKey", KEY).required(),
        field("elementInstanceKey", KEY).required(),
        field("elementId", TEXT).required(),
        field("elementType", WAIT_STATE_ELEMENT_TYPE).required(),
        field("tenantId", TENANT).required(),
        field("bpmnProcessId", TEXT).required(),
        field(
            "details",
            Schema::OneOf(&[
                Schema::Object(&JOB_WAIT_STATE_DETAILS),
                Schema::Object(&MESSAGE_WAIT_STATE_DETAILS),
                Schema::Object(&USER_TASK_WAIT_STATE_DETAILS),
                Schema::Object(&TIMER_WAIT_STATE_DETAILS),
                Schema::Object(&SIGNAL_WAIT_STATE_DETAILS),
                Schema::Object(&CONDITION_WAIT_STATE_DETAILS),
            ]),
        )
        .required(),
    ],
};

/// `JobWaitStateDetails`.
pub static JOB_WAIT_STATE_DETAILS: Object = Object {
    name: "JobWaitStateDetails",
    fields: &[
        field("jobKey", KEY).required(),
        field("jobType", TEXT).required(),
        field("jobKind", JOB_KIND).required(),
        field("listenerEventType", JOB_LISTENER_EVENT_TYPE).required().nullable(),
        field("retries", INT).required().nullable(),
        field("waitStateType", TEXT).required(),
    ],
};

/// `MessageWaitStateDetails`.
pub static MESSAGE_WAIT_STATE_DETAILS: Object = Object {
    name: "MessageWaitStateDetails",
    fields: &[
        field("messageName", TEXT).required(),
        field("correlationKey", TEXT).required().nullable(),
        field("waitStateType", TEXT).required(),
    ],
};

/// `SetVariableRequest`.
pub static SET_VARIABLE_REQUEST: Object = Object {
    name: "SetVariableRequest",
    fields: &[
        field("variables", Schema::Document).required(),
        field("local", Schema::Flag),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `SignalWaitStateDetails`.
pub static SIGNAL_WAIT_STATE_DETAILS: Object = Object {
    name: "SignalWaitStateDetails",
    fields: &[field("signalName", TEXT).required(), field("waitStateType", TEXT).required()],
};

/// `TimerWaitStateDetails`.
pub static TIMER_WAIT_STATE_DETAILS: Object = Object {
    name: "TimerWaitStateDetails",
    fields: &[
        field("dueDate", LONG).required().nullable(),
        field("repetitions", INT).required().nullable(),
        field("waitStateType", TEXT).required(),
    ],
};

/// `UserTaskWaitStateDetails`.
pub static USER_TASK_WAIT_STATE_DETAILS: Object = Object {
    name: "UserTaskWaitStateDetails",
    fields: &[
        field("taskKey", KEY).required(),
        field("dueDate", DATE_TIME).required().nullable(),
        field("waitStateType", TEXT).required(),
    ],
};
