//! Objects of the protocol: job.

use crate::objects::enums::{JOB_KIND, JOB_LISTENER_EVENT_TYPE_2};
use crate::objects::job_search::JOB_BATCH_UPDATE_REQUEST_FILTER;
use crate::schema::kinds::{
    DATE_TIME, INT, KEY, LONG, MODEL_ID, TAG, TENANT, TEXT, at_least, between, list, list_of, text,
};
use crate::schema::{Bits, Object, Schema, field};

/// `ActivatedJobResult`.
pub static ACTIVATED_JOB_RESULT: Object = Object {
    name: "ActivatedJobResult",
    fields: &[
        field("type", TEXT).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersion", INT).required(),
        field("elementId", TEXT).required(),
        field("customHeaders", Schema::Document).required(),
        field("worker", TEXT).required(),
        field("retries", INT).required(),
        field("deadline", LONG).required(),
        field("variables", Schema::Document).required(),
        field("tenantId", TENANT).required(),
        field("physicalTenantId", TEXT).required().since_8_10(),
        field("jobKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("elementInstanceKey", KEY).required(),
        field("kind", JOB_KIND).required(),
        field("listenerEventType", JOB_LISTENER_EVENT_TYPE_2).required(),
        field("userTask", Schema::Object(&ACTIVATED_JOB_RESULT_USER_TASK)).required().nullable(),
        field("tags", list_of(&TAG, 0, 10)).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("priority", INT).required().since_8_10(),
        field("jobLeaseToken", text(1, 0)).required().nullable().since_8_10(),
    ],
};

/// `ActivatedJobResultUserTask`.
pub static ACTIVATED_JOB_RESULT_USER_TASK: Object = Object {
    name: "ActivatedJobResultUserTask",
    fields: &[
        field("action", TEXT).required(),
        field("assignee", TEXT).required().nullable(),
        field("candidateGroups", list(&TEXT)).required(),
        field("candidateUsers", list(&TEXT)).required(),
        field("changedAttributes", list(&TEXT)).required(),
        field("dueDate", TEXT).required().nullable(),
        field("followUpDate", TEXT).required().nullable(),
        field("formKey", KEY).required().nullable(),
        field("priority", between(Bits::B32, 0, 100)).required().nullable(),
        field("userTaskKey", KEY).required().nullable(),
    ],
};

/// `JobActivationRequest`.
pub static JOB_ACTIVATION_REQUEST: Object = Object {
    name: "JobActivationRequest",
    fields: &[
        field("type", TEXT).required(),
        field("worker", TEXT),
        field("timeout", LONG).required(),
        field("maxJobsToActivate", INT).required(),
        field("fetchVariable", list(&TEXT)),
        field("requestTimeout", LONG),
        field("tenantIds", list(&TENANT)),
        field("tenantFilter", Schema::Enum(&["ASSIGNED", "PROVIDED"], &[])),
        field("withLease", Schema::Flag).nullable().since_8_10(),
    ],
};

/// `JobActivationResult`.
pub static JOB_ACTIVATION_RESULT: Object = Object {
    name: "JobActivationResult",
    fields: &[field("jobs", list(&Schema::Object(&ACTIVATED_JOB_RESULT))).required()],
};

/// `JobBatchUpdateRequest`.
pub static JOB_BATCH_UPDATE_REQUEST: Object = Object {
    name: "JobBatchUpdateRequest",
    fields: &[
        field("filter", Schema::Object(&JOB_BATCH_UPDATE_REQUEST_FILTER)).required(),
        field("changeset", Schema::Object(&JOB_BATCH_UPDATE_REQUEST_CHANGESET)).required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `JobBatchUpdateRequestChangeset`.
pub static JOB_BATCH_UPDATE_REQUEST_CHANGESET: Object = Object {
    name: "JobBatchUpdateRequestChangeset",
    fields: &[
        field("retries", INT).nullable(),
        field("timeout", LONG).nullable(),
        field("priority", INT).nullable(),
    ],
};

/// `JobChangeset`.
pub static JOB_CHANGESET: Object = Object {
    name: "JobChangeset",
    fields: &[
        field("retries", INT).nullable(),
        field("timeout", LONG).nullable(),
        field("priority", INT).nullable().since_8_10(),
    ],
};

/// `JobCompletionRequest`.
pub static JOB_COMPLETION_REQUEST: Object = Object {
    name: "JobCompletionRequest",
    fields: &[
        field("variables", Schema::Document).nullable(),
        field(
            "result",
            Schema::OneOf(&[
                Schema::Object(&JOB_RESULT_USER_TASK),
                Schema::Object(&JOB_RESULT_AD_HOC_SUB_PROCESS),
            ]),
        ),
        field("jobLeaseToken", text(1, 0)).nullable().since_8_10(),
        field("businessId", text(1, 256)).nullable().since_8_10(),
    ],
};

/// `JobErrorRequest`.
pub static JOB_ERROR_REQUEST: Object = Object {
    name: "JobErrorRequest",
    fields: &[
        field("errorCode", TEXT).required(),
        field("errorMessage", TEXT).nullable(),
        field("variables", Schema::Document).nullable(),
        field("jobLeaseToken", text(1, 0)).nullable().since_8_10(),
    ],
};

/// `JobFailRequest`.
pub static JOB_FAIL_REQUEST: Object = Object {
    name: "JobFailRequest",
    fields: &[
        field("retries", INT),
        field("errorMessage", TEXT),
        field("retryBackOff", LONG),
        field("variables", Schema::Document),
        field("jobLeaseToken", text(1, 0)).nullable().since_8_10(),
    ],
};

/// `JobResultActivateElement`.
pub static JOB_RESULT_ACTIVATE_ELEMENT: Object = Object {
    name: "JobResultActivateElement",
    fields: &[field("elementId", TEXT), field("variables", Schema::Document).nullable()],
};

/// `JobResultAdHocSubProcess`.
pub static JOB_RESULT_AD_HOC_SUB_PROCESS: Object = Object {
    name: "JobResultAdHocSubProcess",
    fields: &[
        field("activateElements", list(&Schema::Object(&JOB_RESULT_ACTIVATE_ELEMENT))),
        field("isCompletionConditionFulfilled", Schema::Flag),
        field("isCancelRemainingInstances", Schema::Flag),
        field("type", TEXT),
    ],
};

/// `JobResultCorrections`.
pub static JOB_RESULT_CORRECTIONS: Object = Object {
    name: "JobResultCorrections",
    fields: &[
        field("assignee", TEXT).nullable(),
        field("dueDate", DATE_TIME).nullable(),
        field("followUpDate", DATE_TIME).nullable(),
        field("candidateUsers", list(&TEXT)).nullable(),
        field("candidateGroups", list(&TEXT)).nullable(),
        field("priority", between(Bits::B32, 0, 100)).nullable(),
    ],
};

/// `JobResultUserTask`.
pub static JOB_RESULT_USER_TASK: Object = Object {
    name: "JobResultUserTask",
    fields: &[
        field("denied", Schema::Flag).nullable(),
        field("deniedReason", TEXT).nullable(),
        field("corrections", Schema::Object(&JOB_RESULT_CORRECTIONS)).nullable(),
        field("type", TEXT),
    ],
};

/// `JobUpdateRequest`.
pub static JOB_UPDATE_REQUEST: Object = Object {
    name: "JobUpdateRequest",
    fields: &[
        field("changeset", Schema::Object(&JOB_CHANGESET)).required(),
        field("operationReference", at_least(Bits::B64, 1)),
        field("jobLeaseToken", text(1, 0)).nullable().since_8_10(),
    ],
};

/// `StatusMetric`.
pub static STATUS_METRIC: Object = Object {
    name: "StatusMetric",
    fields: &[field("count", LONG).required(), field("lastUpdatedAt", DATE_TIME).required().nullable()],
};
