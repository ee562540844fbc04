//! Evaluating decisions and expressions.

use crate::answer::Answer;
use crate::fields::Fields;
use crate::json::{put, put_key, put_list, put_number, put_text, put_text_or_null};
use crate::problem::Problem;
use crate::rest::{Head, Rest, unexpected};
use bytes::Bytes;
use ringbolt_api::Broker;
use ringbolt_api::request::EvaluateDecisionInput;
use ringbolt_record::reply::{
    DecisionEvaluation, EvaluatedDecision, EvaluatedValue, ExpressionEvaluation, MatchedRule,
};
use ringbolt_record::{Key, Reply};

impl<B: Broker> Rest<B> {
    pub(crate) async fn evaluate_decision(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let input = read_decision(body)?;
        let request = self.gateway.mapper().evaluate_decision(input);
        match self.submit(head, request).await? {
            Reply::DecisionEvaluated(evaluation) => Ok(Answer::json(decision_document(&evaluation))),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn evaluate_expression(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let (mut expression, mut variables, mut tenant_id) = (None, Bytes::new(), String::new());
        for field in Fields::required(body)?.iter() {
            match field.name {
                "expression" => expression = Some(field.text()?),
                "variables" => variables = field.raw(),
                "tenantId" => tenant_id = field.text()?,
                _ => return Err(field.unknown()),
            }
        }
        let Some(expression) = expression else {
            return Err(Problem::invalid(&["No expression provided".to_owned()]));
        };
        let request = self.gateway.mapper().evaluate_expression(expression, variables, &tenant_id);
        match self.submit(head, request).await? {
            Reply::ExpressionEvaluated(evaluation) => Ok(Answer::json(expression_document(&evaluation))),
            other => Err(unexpected(&other)),
        }
    }
}

fn read_decision(body: Bytes) -> Result<EvaluateDecisionInput, Problem> {
    let (mut id, mut key) = (None, None);
    let (mut variables, mut tenant_id) = (Bytes::new(), String::new());
    for field in Fields::required(body)?.iter() {
        match field.name {
            "decisionDefinitionId" => id = Some(field.text()?),
            "decisionDefinitionKey" => key = Some(field.key()?),
            "variables" => variables = field.raw(),
            "tenantId" => tenant_id = field.text()?,
            _ => return Err(field.unknown()),
        }
    }
    let wrong = |text: &str| Err(Problem::invalid(&[text.to_owned()]));
    let (decision_id, decision_key) = match (id, key) {
        (Some(id), None) if !id.trim().is_empty() => (id, -1),
        (None, Some(key)) => (String::new(), key),
        (Some(_), Some(_)) => {
            return wrong("Only one of [decisionDefinitionId, decisionDefinitionKey] is allowed");
        }
        (Some(_) | None, None) => {
            return wrong("At least one of [decisionDefinitionId, decisionDefinitionKey] is required");
        }
    };
    Ok(EvaluateDecisionInput { decision_id, decision_key, variables, tenant_id })
}

fn decision_document(evaluation: &DecisionEvaluation) -> Vec<u8> {
    let mut document = Vec::with_capacity(1024);
    let out = &mut document;
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
    document
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

fn expression_document(evaluation: &ExpressionEvaluation) -> Vec<u8> {
    let mut document = Vec::with_capacity(128 + evaluation.expression.len() + evaluation.result.len());
    let out = &mut document;
    put(out, r#"{"expression":"#);
    put_text(out, &evaluation.expression);
    put(out, r#","result":"#);
    out.extend_from_slice(&evaluation.result);
    put(out, r#","warnings":"#);
    put_list(out, evaluation.warnings.iter(), |out, warning| {
        put(out, r#"{"message":"#);
        put_text(out, warning);
        out.push(b'}');
    });
    out.push(b'}');
    document
}
