//! Operations: decision definition.

use crate::objects::decision_definition::{
    DECISION_DEFINITION_RESULT, DECISION_DEFINITION_SEARCH_QUERY, DECISION_DEFINITION_SEARCH_QUERY_RESULT,
    DECISION_EVALUATION_BY_ID, DECISION_EVALUATION_BY_KEY, EVALUATE_DECISION_RESULT,
};
use crate::operation::{Group, Method, Version, json, media, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{KEY, TEXT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Decision definition",
    operations: &[
        op("evaluateDecision", Method::Post, "/decision-definitions/evaluation", Version::V8_6)
            .json(Schema::OneOf(&[
                Schema::Object(&DECISION_EVALUATION_BY_ID),
                Schema::Object(&DECISION_EVALUATION_BY_KEY),
            ]))
            .gives(&[json(200, Schema::Object(&EVALUATE_DECISION_RESULT))])
            .errors(&[400, 404, 500, 503]),
        op("searchDecisionDefinitions", Method::Post, "/decision-definitions/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getDecisionDefinition",
            Method::Get,
            "/decision-definitions/{decisionDefinitionKey}",
            Version::V8_8,
        )
        .takes(&[path("decisionDefinitionKey", KEY)])
        .gives(&[json(200, Schema::Object(&DECISION_DEFINITION_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getDecisionDefinitionXML",
            Method::Get,
            "/decision-definitions/{decisionDefinitionKey}/xml",
            Version::V8_6,
        )
        .takes(&[path("decisionDefinitionKey", KEY)])
        .gives(&[media(200, "text/xml", TEXT)])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};
