//! Objects of the protocol: decision definition.

use crate::objects::enums::SORT_ORDER;
use crate::objects::parts::PAGE;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{EVALUATION_KEY, INT, KEY, MODEL_ID, TENANT, TEXT, WHOLE, list};
use crate::schema::{Object, Schema, field};

/// `DecisionDefinitionResult`.
pub static DECISION_DEFINITION_RESULT: Object = Object {
    name: "DecisionDefinitionResult",
    fields: &[
        field("decisionDefinitionId", MODEL_ID).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionRequirementsId", TEXT).required(),
        field("decisionRequirementsKey", KEY).required(),
        field("decisionRequirementsName", TEXT).required(),
        field("decisionRequirementsVersion", WHOLE).required(),
        field("name", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("version", WHOLE).required(),
    ],
};

/// `DecisionDefinitionSearchQuery`.
pub static DECISION_DEFINITION_SEARCH_QUERY: Object = Object {
    name: "DecisionDefinitionSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `DecisionDefinitionSearchQueryFilter`.
pub static DECISION_DEFINITION_SEARCH_QUERY_FILTER: Object = Object {
    name: "DecisionDefinitionSearchQueryFilter",
    fields: &[
        field("decisionDefinitionId", MODEL_ID),
        field("name", TEXT),
        field("isLatestVersion", Schema::Flag),
        field("version", WHOLE),
        field("decisionRequirementsId", TEXT),
        field("tenantId", TENANT),
        field("decisionDefinitionKey", KEY),
        field("decisionRequirementsKey", KEY),
        field("decisionRequirementsName", TEXT),
        field("decisionRequirementsVersion", WHOLE),
    ],
};

/// `DecisionDefinitionSearchQueryResult`.
pub static DECISION_DEFINITION_SEARCH_QUERY_RESULT: Object = Object {
    name: "DecisionDefinitionSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&DECISION_DEFINITION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `DecisionDefinitionSearchQuerySortRequest`.
pub static DECISION_DEFINITION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "DecisionDefinitionSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "decisionDefinitionId",
                    "decisionDefinitionKey",
                    "decisionRequirementsId",
                    "decisionRequirementsKey",
                    "decisionRequirementsName",
                    "decisionRequirementsVersion",
                    "name",
                    "tenantId",
                    "version",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `DecisionEvaluationById`.
pub static DECISION_EVALUATION_BY_ID: Object = Object {
    name: "DecisionEvaluationById",
    fields: &[
        field("decisionDefinitionId", MODEL_ID).required(),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
    ],
};

/// `DecisionEvaluationByKey`.
pub static DECISION_EVALUATION_BY_KEY: Object = Object {
    name: "DecisionEvaluationByKey",
    fields: &[
        field("decisionDefinitionKey", KEY).required(),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
    ],
};

/// `EvaluateDecisionResult`.
pub static EVALUATE_DECISION_RESULT: Object = Object {
    name: "EvaluateDecisionResult",
    fields: &[
        field("decisionDefinitionId", MODEL_ID).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionDefinitionName", TEXT).required(),
        field("decisionDefinitionVersion", INT).required(),
        field("decisionEvaluationKey", KEY).required(),
        field("decisionInstanceKey", KEY).required(),
        field("decisionRequirementsId", TEXT).required(),
        field("decisionRequirementsKey", KEY).required(),
        field("evaluatedDecisions", list(&Schema::Object(&EVALUATED_DECISION_RESULT))).required(),
        field("failedDecisionDefinitionId", MODEL_ID).required().nullable(),
        field("failureMessage", TEXT).required().nullable(),
        field("output", TEXT).required(),
        field("tenantId", TENANT).required(),
    ],
};

/// `EvaluatedDecisionInputItem`.
pub static EVALUATED_DECISION_INPUT_ITEM: Object = Object {
    name: "EvaluatedDecisionInputItem",
    fields: &[
        field("inputId", TEXT).required(),
        field("inputName", TEXT).required(),
        field("inputValue", TEXT).required(),
    ],
};

/// `EvaluatedDecisionOutputItem`.
pub static EVALUATED_DECISION_OUTPUT_ITEM: Object = Object {
    name: "EvaluatedDecisionOutputItem",
    fields: &[
        field("outputId", TEXT).required(),
        field("outputName", TEXT).required(),
        field("outputValue", TEXT).required(),
        field("ruleId", TEXT).required().nullable(),
        field("ruleIndex", INT).required().nullable(),
    ],
};

/// `EvaluatedDecisionResult`.
pub static EVALUATED_DECISION_RESULT: Object = Object {
    name: "EvaluatedDecisionResult",
    fields: &[
        field("decisionDefinitionId", MODEL_ID).required(),
        field("decisionDefinitionName", TEXT).required(),
        field("decisionDefinitionVersion", INT).required(),
        field("decisionDefinitionType", TEXT).required(),
        field("output", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("matchedRules", list(&Schema::Object(&MATCHED_DECISION_RULE_ITEM))).required(),
        field("evaluatedInputs", list(&Schema::Object(&EVALUATED_DECISION_INPUT_ITEM))).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionEvaluationInstanceKey", EVALUATION_KEY).required(),
    ],
};

/// `MatchedDecisionRuleItem`.
pub static MATCHED_DECISION_RULE_ITEM: Object = Object {
    name: "MatchedDecisionRuleItem",
    fields: &[
        field("ruleId", TEXT).required(),
        field("ruleIndex", INT).required(),
        field("evaluatedOutputs", list(&Schema::Object(&EVALUATED_DECISION_OUTPUT_ITEM))).required(),
    ],
};
