//! Finding decisions and evaluating them, for clients and for business rule tasks.
//!
//! An evaluation is recorded whole, with or without success: what was asked, everything that was evaluated on the way, and the
//! result. The record's size is bounded; an evaluation beyond it counts as not done.

use crate::at::At;
use crate::behaviors::expressions::environment;
use crate::decision_model::{DecisionModel, DeployedDecision};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_dmn::DecisionType as Kind;
use ringbolt_feel::{Value, Variables};
use ringbolt_record::reply::{
    DecisionEvaluation, EvaluatedDecision, EvaluatedValue, EvaluationFailure, MatchedRule,
};
use ringbolt_record::values::{
    DecisionEvaluationRecord, EvaluatedDecisionValue, EvaluatedInputValue, EvaluatedOutputValue, InstanceRef,
    MatchedRuleValue,
};
use ringbolt_record::{DecisionEvaluationIntent, DecisionType, ElementIndex, Key};
use std::sync::Arc;

/// The version that records give what is no decision.
const NO_VERSION: i32 = -1;
/// What the ids begin with that rules without an id get, as Camunda makes them.
const NO_RULE_ID: &str = "ZB_SYNTH_RULE_ID";
/// Bytes that a record spends on each decision, input, rule or output beside its text.
const ITEM_BYTES: usize = 64;

/// A decision with its model.
pub(crate) struct Found {
    model: Arc<DecisionModel>,
    id: String,
}

/// A decision by its key, if there is one. `shown` is what messages call it.
///
/// # Errors
/// The message for a client when there is none, or when it can no longer be read.
pub(crate) fn find(p: &mut Processing<'_>, key: Option<Key>, shown: &str, by: &str) -> Result<Found, String> {
    let expected = |reason: String| format!("Expected to evaluate decision '{shown}', but {reason}");
    let row = key.and_then(|key| p.tables().decision(key));
    let Some(row) = row else { return Err(expected(format!("no decision found for {by} '{shown}'"))) };
    let (id, model_key) = (row.decision_id.to_owned(), row.decision_requirements_key);
    let missing = format!("no drg found for id '{}'", row.decision_requirements_id);
    match p.decision_model(model_key) {
        Ok(Some(model)) if model.decision(&id).is_some() => Ok(Found { model, id }),
        Ok(Some(_) | None) => Err(expected(missing)),
        Err(reason) => Err(expected(reason)),
    }
}

/// The evaluation is too large to be recorded.
pub(crate) struct TooLarge {
    pub(crate) bytes_max: usize,
}

/// Evaluates a decision. Writes nothing.
pub(crate) fn evaluate(
    p: &Processing<'_>,
    found: &Found,
    variables: &dyn Variables,
    evaluation_key: Key,
) -> Result<DecisionEvaluation, TooLarge> {
    let model = &found.model;
    let environment = environment(p, evaluation_key);
    let evaluation = model.requirements.evaluate(&found.id, variables, &environment);
    let bytes_max = p.settings.batch_bytes_max;
    let mut writer = Writer { bytes_left: bytes_max, bytes_max };
    let evaluated = evaluation.evaluated.iter().map(|decision| writer.decision(model, decision));
    let evaluated = evaluated.collect::<Result<Vec<_>, TooLarge>>()?;
    let output = match &evaluation.output {
        Ok(value) => Ok(writer.json(value)?),
        Err(failure) => {
            writer.spend(failure.message.len())?;
            let message = failure.message.clone();
            Err(EvaluationFailure { decision_id: failure.decision_id.clone(), message })
        }
    };
    let DeployedDecision { key, id, name, version } =
        model.decision(&found.id).expect("a decision is found with its model");
    Ok(DecisionEvaluation {
        key: evaluation_key,
        decision_id: id.clone(),
        decision_name: name.clone(),
        decision_version: *version,
        decision_key: *key,
        decision_requirements_id: model.id.clone(),
        decision_requirements_key: model.key,
        tenant_id: model.tenant_id.clone(),
        output,
        evaluated,
    })
}

/// Turns values into JSON within a bound.
struct Writer {
    bytes_left: usize,
    bytes_max: usize,
}

impl Writer {
    fn spend(&mut self, bytes: usize) -> Result<(), TooLarge> {
        let left = self.bytes_left.checked_sub(bytes.saturating_add(ITEM_BYTES));
        self.bytes_left = left.ok_or(TooLarge { bytes_max: self.bytes_max })?;
        Ok(())
    }

    fn json(&mut self, value: &Value) -> Result<Bytes, TooLarge> {
        let mut text = Vec::new();
        value.write_json(&mut text);
        self.spend(text.len())?;
        Ok(text.into())
    }

    fn value(&mut self, id: &Arc<str>, name: &Arc<str>, value: &Value) -> Result<EvaluatedValue, TooLarge> {
        self.spend(id.len() + name.len())?;
        Ok(EvaluatedValue { id: id.clone(), name: name.clone(), value: self.json(value)? })
    }

    fn decision(
        &mut self,
        model: &DecisionModel,
        decision: &ringbolt_dmn::EvaluatedDecision,
    ) -> Result<EvaluatedDecision, TooLarge> {
        self.spend(decision.id.len() + decision.name.len())?;
        let deployed = model.decision(&decision.id);
        let version = deployed.map_or(NO_VERSION, |deployed| deployed.version);
        let mut inputs = Vec::with_capacity(decision.inputs.len());
        for input in &decision.inputs {
            inputs.push(self.value(&input.id, &input.name, &input.value)?);
        }
        let mut matched_rules = Vec::with_capacity(decision.matched_rules.len());
        for rule in &decision.matched_rules {
            let rule_id = match &*rule.id {
                "" => Arc::from(format!("{NO_RULE_ID}_{}_v{version}_r{}", decision.id, rule.index)),
                _ => rule.id.clone(),
            };
            self.spend(rule_id.len())?;
            let outputs =
                rule.outputs.iter().map(|output| self.value(&output.id, &output.name, &output.value));
            let outputs = outputs.collect::<Result<Vec<_>, TooLarge>>()?;
            matched_rules.push(MatchedRule { rule_id, rule_index: rule.index, outputs });
        }
        Ok(EvaluatedDecision {
            decision_id: decision.id.clone(),
            decision_name: decision.name.clone(),
            decision_key: deployed.map_or(Key::NONE, |deployed| deployed.key),
            decision_version: version,
            decision_type: type_of(decision.decision_type),
            output: self.json(&decision.output)?,
            inputs,
            matched_rules,
        })
    }
}

fn type_of(kind: Kind) -> DecisionType {
    match kind {
        Kind::DecisionTable => DecisionType::DecisionTable,
        Kind::LiteralExpression => DecisionType::LiteralExpression,
        Kind::Context => DecisionType::Context,
        Kind::Invocation => DecisionType::Invocation,
        Kind::List => DecisionType::List,
        Kind::Relation => DecisionType::Relation,
        Kind::Unknown => DecisionType::Unknown,
    }
}

/// Writes an evaluation, for an element instance if one asked.
pub(crate) fn append(p: &mut Processing<'_>, evaluation: &DecisionEvaluation, at: Option<&At>) {
    let (intent, output, message, failed) = match &evaluation.output {
        Ok(output) => (DecisionEvaluationIntent::Evaluated, &output[..], "", ""),
        Err(failure) => {
            (DecisionEvaluationIntent::Failed, &b"null"[..], &*failure.message, &*failure.decision_id)
        }
    };
    let record = DecisionEvaluationRecord {
        decision_key: evaluation.decision_key,
        decision_id: &evaluation.decision_id,
        decision_name: &evaluation.decision_name,
        decision_version: evaluation.decision_version,
        decision_requirements_key: evaluation.decision_requirements_key,
        decision_requirements_id: &evaluation.decision_requirements_id,
        decision_output: output,
        evaluated_decisions: evaluation.evaluated.iter().map(decision_value).collect(),
        evaluation_failure_message: message,
        failed_decision_id: failed,
        instance: at.map_or_else(InstanceRef::default, |at| at.element.instance),
        element_instance_key: at.map_or(Key::NONE, |at| at.key),
        element_index: at.map_or(ElementIndex::PROCESS, |at| at.element.element_index),
        tenant_id: &evaluation.tenant_id,
    };
    p.append(intent, evaluation.key, &record);
}

fn decision_value(decision: &EvaluatedDecision) -> EvaluatedDecisionValue<'_> {
    let inputs = decision.inputs.iter().map(|input| EvaluatedInputValue {
        input_id: &input.id,
        input_name: &input.name,
        input_value: &input.value,
    });
    let rules = decision.matched_rules.iter().map(|rule| {
        let outputs = rule.outputs.iter().map(|output| EvaluatedOutputValue {
            output_id: &output.id,
            output_name: &output.name,
            output_value: &output.value,
        });
        let evaluated_outputs = outputs.collect();
        MatchedRuleValue { rule_id: &rule.rule_id, rule_index: rule.rule_index, evaluated_outputs }
    });
    EvaluatedDecisionValue {
        decision_id: &decision.decision_id,
        decision_name: &decision.decision_name,
        decision_key: decision.decision_key,
        decision_version: decision.decision_version,
        decision_type: decision.decision_type,
        decision_output: &decision.output,
        evaluated_inputs: inputs.collect(),
        matched_rules: rules.collect(),
    }
}
