//! Operations: decision definition.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_list, put_number, put_text, put_text_or_null};
use crate::objects::creation::DECISION_EVALUATION;
use crate::objects::decision_definition::{
    DECISION_DEFINITION_RESULT, DECISION_DEFINITION_SEARCH_QUERY, DECISION_DEFINITION_SEARCH_QUERY_RESULT,
    DECISION_EVALUATION_BY_ID, DECISION_EVALUATION_BY_KEY, EVALUATE_DECISION_RESULT,
};
use crate::operation::{Group, Method, Version, Written, json, media, op, path};
use crate::request::{EvaluateDecisionInput, Request};
use crate::schema::kinds::{KEY, TEXT};
use crate::schema::{Level, Object, Schema};
use crate::search::{row_by, rows_of};
use ringbolt_query::views::definitions::DECISION_DEFINITIONS;
use ringbolt_record::reply::{DecisionEvaluation, EvaluatedDecision, EvaluatedValue, MatchedRule};
use ringbolt_record::{Key, Reply};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Decision definition",
    operations: &[
        op("evaluateDecision", Method::Post, "/decision-definitions/evaluation", Version::V8_6)
            .json(Schema::OneOf(&[
                Schema::Object(&DECISION_EVALUATION_BY_ID),
                Schema::Object(&DECISION_EVALUATION_BY_KEY),
            ]))
            .read_as(&DECISION_EVALUATION)
            .says("Evaluates a decision and all that it needs")
            .new_work("EVALUATE", evaluate, evaluated)
            .gives(&[json(200, Schema::Object(&EVALUATE_DECISION_RESULT))])
            .errors(&[400, 404, 500, 503]),
        op("searchDecisionDefinitions", Method::Post, "/decision-definitions/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY))
            .says("Searches decisions")
            .search(rows_of(&DECISION_DEFINITIONS))
            .gives(&[json(200, Schema::Object(&DECISION_DEFINITION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getDecisionDefinition",
            Method::Get,
            "/decision-definitions/{decisionDefinitionKey}",
            Version::V8_8,
        )
        .takes(&[path("decisionDefinitionKey", KEY)])
        .says("A decision")
        .row(row_by(&DECISION_DEFINITIONS, "decisionDefinitionKey"))
        .gives(&[json(200, Schema::Object(&DECISION_DEFINITION_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getDecisionDefinitionXML",
            Method::Get,
            "/decision-definitions/{decisionDefinitionKey}/xml",
            Version::V8_6,
        )
        .takes(&[path("decisionDefinitionKey", KEY)])
        .says("The model of a decision, as it was deployed")
        .row(row_by(&DECISION_DEFINITIONS, "decisionDefinitionKey"))
        .gives(&[media(200, "text/xml", TEXT)])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};

fn evaluate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &DECISION_EVALUATION;
    let id = call.text(const { BODY.at("decisionDefinitionId") });
    let key = call.key(const { BODY.at("decisionDefinitionKey") });
    let (decision_id, decision_key) = match (id, key) {
        (Some(id), None) if !id.trim().is_empty() => (id, -1),
        (None, Some(key)) => (String::new(), key),
        (_, Some(_)) => {
            call.violated("Only one of [decisionDefinitionId, decisionDefinitionKey] is allowed");
            (String::new(), -1)
        }
        (_, None) => {
            if !call.has(const { BODY.at("decisionDefinitionKey") }) {
                call.violated("At least one of [decisionDefinitionId, decisionDefinitionKey] is required");
            }
            (String::new(), -1)
        }
    };
    call.check()?;
    let input = EvaluateDecisionInput {
        decision_id,
        decision_key,
        variables: call.variables(const { BODY.at("variables") })?,
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
    };
    call.mapper.evaluate_decision(input)
}

fn evaluated(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::DecisionEvaluated(evaluation) = reply else { return Written::Unexpected };
    put_evaluation(out, evaluation);
    Written::Yes
}

fn put_evaluation(out: &mut Vec<u8>, evaluation: &DecisionEvaluation) {
    out.reserve(1024);
    let (output, failure) = match &evaluation.output {
        Ok(output) => (&output[..], None),
        Err(failure) => (&b"null"[..], Some(failure)),
    };
    put(out, r#"{"decisionDefinitionId":"#);
    put_text(out, &evaluation.decision_id);
    put(out, r#","decisionDefinitionName":"#);
    put_text(out, &evaluation.decision_name);
    put(out, r#","decisionDefinitionVersion":"#);
    put_number(out, evaluation.decision_version);
    put(out, r#","decisionRequirementsId":"#);
    put_text(out, &evaluation.decision_requirements_id);
    put(out, r#","output":"#);
    put_json_text(out, output);
    put(out, r#","failedDecisionDefinitionId":"#);
    put_text_or_null(out, failure.map_or("", |failure| &failure.decision_id));
    put(out, r#","failureMessage":"#);
    put_text_or_null(out, failure.map_or("", |failure| &failure.message));
    put(out, r#","tenantId":"#);
    put_text(out, &evaluation.tenant_id);
    put(out, r#","decisionDefinitionKey":"#);
    put_key(out, evaluation.decision_key);
    put(out, r#","decisionRequirementsKey":"#);
    put_key(out, evaluation.decision_requirements_key);
    // The same key under its old and its new name.
    put(out, r#","decisionInstanceKey":"#);
    put_key(out, evaluation.key);
    put(out, r#","decisionEvaluationKey":"#);
    put_key(out, evaluation.key);
    put(out, r#","evaluatedDecisions":"#);
    put_list(out, evaluation.evaluated.iter().enumerate(), |out, (at, decision)| {
        put_evaluated(out, evaluation.key, at, decision, &evaluation.tenant_id);
    });
    out.push(b'}');
}

fn put_evaluated(
    out: &mut Vec<u8>,
    evaluation_key: Key,
    at: usize,
    decision: &EvaluatedDecision,
    tenant_id: &str,
) {
    put(out, r#"{"decisionDefinitionId":"#);
    put_text(out, &decision.decision_id);
    put(out, r#","decisionDefinitionName":"#);
    put_text(out, &decision.decision_name);
    put(out, r#","decisionDefinitionVersion":"#);
    put_number(out, decision.decision_version);
    put(out, r#","decisionDefinitionType":"#);
    put_text(out, decision.decision_type.name());
    put(out, r#","output":"#);
    put_json_text(out, &decision.output);
    put(out, r#","tenantId":"#);
    put_text(out, tenant_id);
    put(out, r#","matchedRules":"#);
    put_list(out, decision.matched_rules.iter(), put_rule);
    put(out, r#","evaluatedInputs":"#);
    put_list(out, decision.inputs.iter(), |out, input| {
        out.push(b'{');
        put_value(out, "input", input);
        out.push(b'}');
    });
    put(out, r#","decisionDefinitionKey":"#);
    put_key(out, decision.decision_key);
    put(out, r#","decisionEvaluationInstanceKey":""#);
    put_number(out, evaluation_key.to_wire());
    out.push(b'-');
    put_number(out, at + 1);
    put(out, r#""}"#);
}

fn put_rule(out: &mut Vec<u8>, rule: &MatchedRule) {
    put(out, r#"{"ruleId":"#);
    put_text(out, &rule.rule_id);
    put(out, r#","ruleIndex":"#);
    put_number(out, rule.rule_index);
    put(out, r#","evaluatedOutputs":"#);
    put_list(out, rule.outputs.iter(), |out, output| {
        out.push(b'{');
        put_value(out, "output", output);
        put(out, r#","ruleId":"#);
        put_text(out, &rule.rule_id);
        put(out, r#","ruleIndex":"#);
        put_number(out, rule.rule_index);
        out.push(b'}');
    });
    out.push(b'}');
}

/// The members of an input or output.
fn put_value(out: &mut Vec<u8>, kind: &str, value: &EvaluatedValue) {
    for (part, text) in [("Id", &value.id), ("Name", &value.name)] {
        put_text(out, &format!("{kind}{part}"));
        out.push(b':');
        put_text(out, text);
        out.push(b',');
    }
    put_text(out, &format!("{kind}Value"));
    out.push(b':');
    put_json_text(out, &value.value);
}

/// A value that is JSON, as text: so the protocol has results of decisions.
fn put_json_text(out: &mut Vec<u8>, json: &[u8]) {
    put_text(out, &String::from_utf8_lossy(json));
}
