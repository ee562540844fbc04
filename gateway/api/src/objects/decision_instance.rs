//! Objects of the protocol: decision instance.

use crate::objects::decision_definition::{EVALUATED_DECISION_INPUT_ITEM, MATCHED_DECISION_RULE_ITEM};
use crate::objects::enums::{DECISION_DEFINITION_TYPE, DECISION_INSTANCE_STATE, SORT_ORDER};
use crate::objects::parts::{KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{
    DATE_TIME, EVALUATION_KEY, INT, KEY, MODEL_ID, TENANT, TEXT, at_least, list, text,
};
use crate::schema::{Bits, Object, Schema, field};

/// `DecisionInstanceDeletionBatchOperationRequest`.
pub static DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "DecisionInstanceDeletionBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `DecisionInstanceDeletionBatchOperationRequestFilter`.
pub static DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST_FILTER: Object = Object {
    name: "DecisionInstanceDeletionBatchOperationRequestFilter",
    fields: &[
        field("decisionEvaluationInstanceKey", Schema::Filter(&EVALUATION_KEY, KEY_OPERATORS)),
        field("state", Schema::Filter(&DECISION_INSTANCE_STATE, TEXT_OPERATORS)),
        field("evaluationFailure", TEXT),
        field("evaluationDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("decisionDefinitionId", MODEL_ID),
        field("decisionDefinitionName", TEXT),
        field("decisionDefinitionVersion", INT),
        field("decisionDefinitionType", DECISION_DEFINITION_TYPE),
        field("tenantId", TENANT),
        field("decisionEvaluationKey", KEY),
        field("processDefinitionKey", KEY),
        field("processInstanceKey", KEY),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("decisionDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("rootDecisionDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("decisionRequirementsKey", Schema::Filter(&KEY, KEY_OPERATORS)),
    ],
};

/// `DecisionInstanceGetQueryResult`.
pub static DECISION_INSTANCE_GET_QUERY_RESULT: Object = Object {
    name: "DecisionInstanceGetQueryResult",
    fields: &[
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("decisionDefinitionId", MODEL_ID).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionDefinitionName", TEXT).required(),
        field("decisionDefinitionType", DECISION_DEFINITION_TYPE).required(),
        field("decisionDefinitionVersion", INT).required(),
        field("decisionEvaluationInstanceKey", EVALUATION_KEY).required(),
        field("decisionEvaluationKey", KEY).required(),
        field("elementInstanceKey", KEY).required().nullable(),
        field("evaluationDate", DATE_TIME).required(),
        field("evaluationFailure", TEXT).required().nullable(),
        field("processDefinitionKey", KEY).required().nullable(),
        field("processInstanceKey", KEY).required().nullable(),
        field("result", TEXT).required(),
        field("rootDecisionDefinitionKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("state", DECISION_INSTANCE_STATE).required(),
        field("tenantId", TENANT).required(),
        field("evaluatedInputs", list(&Schema::Object(&EVALUATED_DECISION_INPUT_ITEM))).required(),
        field("matchedRules", list(&Schema::Object(&MATCHED_DECISION_RULE_ITEM))).required(),
    ],
};

/// `DecisionInstanceResult`.
pub static DECISION_INSTANCE_RESULT: Object = Object {
    name: "DecisionInstanceResult",
    fields: &[
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("decisionDefinitionId", MODEL_ID).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionDefinitionName", TEXT).required(),
        field("decisionDefinitionType", DECISION_DEFINITION_TYPE).required(),
        field("decisionDefinitionVersion", INT).required(),
        field("decisionEvaluationInstanceKey", EVALUATION_KEY).required(),
        field("decisionEvaluationKey", KEY).required(),
        field("elementInstanceKey", KEY).required().nullable(),
        field("evaluationDate", DATE_TIME).required(),
        field("evaluationFailure", TEXT).required().nullable(),
        field("processDefinitionKey", KEY).required().nullable(),
        field("processInstanceKey", KEY).required().nullable(),
        field("result", TEXT).required(),
        field("rootDecisionDefinitionKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("state", DECISION_INSTANCE_STATE).required(),
        field("tenantId", TENANT).required(),
    ],
};

/// `DecisionInstanceSearchQuery`.
pub static DECISION_INSTANCE_SEARCH_QUERY: Object = Object {
    name: "DecisionInstanceSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&DECISION_INSTANCE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&DECISION_INSTANCE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `DecisionInstanceSearchQueryFilter`.
pub static DECISION_INSTANCE_SEARCH_QUERY_FILTER: Object = Object {
    name: "DecisionInstanceSearchQueryFilter",
    fields: &[
        field("decisionEvaluationInstanceKey", Schema::Filter(&EVALUATION_KEY, KEY_OPERATORS)),
        field("state", Schema::Filter(&DECISION_INSTANCE_STATE, TEXT_OPERATORS)),
        field("evaluationFailure", TEXT),
        field("evaluationDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("decisionDefinitionId", MODEL_ID),
        field("decisionDefinitionName", TEXT),
        field("decisionDefinitionVersion", INT),
        field("decisionDefinitionType", DECISION_DEFINITION_TYPE),
        field("tenantId", TENANT),
        field("decisionEvaluationKey", KEY),
        field("processDefinitionKey", KEY),
        field("processInstanceKey", KEY),
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("decisionDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("rootDecisionDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("decisionRequirementsKey", Schema::Filter(&KEY, KEY_OPERATORS)),
    ],
};

/// `DecisionInstanceSearchQueryResult`.
pub static DECISION_INSTANCE_SEARCH_QUERY_RESULT: Object = Object {
    name: "DecisionInstanceSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&DECISION_INSTANCE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `DecisionInstanceSearchQuerySortRequest`.
pub static DECISION_INSTANCE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "DecisionInstanceSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "decisionDefinitionId",
                    "decisionDefinitionKey",
                    "decisionDefinitionName",
                    "decisionDefinitionType",
                    "decisionDefinitionVersion",
                    "decisionEvaluationInstanceKey",
                    "decisionEvaluationKey",
                    "elementInstanceKey",
                    "evaluationDate",
                    "evaluationFailure",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "rootDecisionDefinitionKey",
                    "state",
                    "tenantId",
                ],
                &["businessId"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `DeleteDecisionInstanceRequest`.
pub static DELETE_DECISION_INSTANCE_REQUEST: Object = Object {
    name: "DeleteDecisionInstanceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};
