//! Operations: decision requirements.

use crate::objects::decision_requirements::{
    DECISION_REQUIREMENTS_RESULT, DECISION_REQUIREMENTS_SEARCH_QUERY,
    DECISION_REQUIREMENTS_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, json, media, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{KEY, TEXT};
use crate::search::{row_by, rows_of};
use ringbolt_query::views::definitions::DECISION_REQUIREMENTS;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Decision requirements",
    operations: &[
        op("searchDecisionRequirements", Method::Post, "/decision-requirements/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&DECISION_REQUIREMENTS_SEARCH_QUERY))
            .says("Searches models of decisions")
            .search(rows_of(&DECISION_REQUIREMENTS))
            .gives(&[json(200, Schema::Object(&DECISION_REQUIREMENTS_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getDecisionRequirements",
            Method::Get,
            "/decision-requirements/{decisionRequirementsKey}",
            Version::V8_8,
        )
        .takes(&[path("decisionRequirementsKey", KEY)])
        .says("A model of decisions")
        .row(row_by(&DECISION_REQUIREMENTS, "decisionRequirementsKey"))
        .gives(&[json(200, Schema::Object(&DECISION_REQUIREMENTS_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getDecisionRequirementsXML",
            Method::Get,
            "/decision-requirements/{decisionRequirementsKey}/xml",
            Version::V8_8,
        )
        .takes(&[path("decisionRequirementsKey", KEY)])
        .says("A model of decisions, as it was deployed")
        .row(row_by(&DECISION_REQUIREMENTS, "decisionRequirementsKey"))
        .gives(&[media(200, "text/xml", TEXT)])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};
