//! Operations: decision instance.

use crate::objects::decision_instance::{
    DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST, DECISION_INSTANCE_GET_QUERY_RESULT,
    DECISION_INSTANCE_SEARCH_QUERY, DECISION_INSTANCE_SEARCH_QUERY_RESULT, DELETE_DECISION_INSTANCE_REQUEST,
};
use crate::objects::shared::BATCH_OPERATION_CREATED_RESULT;
use crate::operation::{Group, Method, Version, done, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{EVALUATION_KEY, KEY};
use crate::search::{is, row_by, row_by_text, rows_of};
use crate::table::batches;
use ringbolt_query::views::instances::DECISION_INSTANCES;
use ringbolt_query::{Filter, Value};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Decision instance",
    operations: &[
        op(
            "deleteDecisionInstancesBatchOperation",
            Method::Post,
            "/decision-instances/deletion",
            Version::V8_9,
        )
        .json(Schema::Object(&DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST))
        .says("Deletes what is known of all evaluated decisions that a filter selects")
        .command(batches::delete_decisions, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("searchDecisionInstances", Method::Post, "/decision-instances/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&DECISION_INSTANCE_SEARCH_QUERY))
            .says("Searches decisions that were evaluated")
            .search(rows_of(&DECISION_INSTANCES))
            .gives(&[json(200, Schema::Object(&DECISION_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getDecisionInstance",
            Method::Get,
            "/decision-instances/{decisionEvaluationInstanceKey}",
            Version::V8_8,
        )
        .takes(&[path("decisionEvaluationInstanceKey", EVALUATION_KEY)])
        .says("A decision that was evaluated")
        .row(row_by_text(&DECISION_INSTANCES, by_id))
        .gives(&[json(200, Schema::Object(&DECISION_INSTANCE_GET_QUERY_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "deleteDecisionInstance",
            Method::Post,
            "/decision-instances/{decisionEvaluationKey}/deletion",
            Version::V8_9,
        )
        .takes(&[path("decisionEvaluationKey", KEY)])
        .json_or_nothing(Schema::Object(&DELETE_DECISION_INSTANCE_REQUEST))
        .says("Deletes what is known of the evaluation of a decision")
        .command_of(row_by(&DECISION_INSTANCES, "decisionEvaluationKey"), batches::delete_decision, done)
        .gives(&[empty(204)])
        .errors(&[401, 403, 404, 500, 503]),
    ],
};

/// The key of an evaluation, and the number of the decision in it.
fn by_id(id: &str) -> Vec<Filter> {
    let numbers =
        id.split_once('-').and_then(|(key, number)| Some((key.parse().ok()?, number.parse().ok()?)));
    match numbers {
        Some((key, number)) => vec![
            is(&DECISION_INSTANCES, "decisionEvaluationKey", Value::Int(key)),
            is(&DECISION_INSTANCES, "decisionEvaluationNumber", Value::Int(number)),
        ],
        None => vec![Filter::Any(Vec::new())],
    }
}
