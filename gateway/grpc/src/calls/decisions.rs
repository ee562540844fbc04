//! Decisions: what a deployment brought of them, and their evaluation.

use super::{CallContext, Calls, unexpected};
use crate::messages as m;
use bytes::Bytes;
use ringbolt_api::Broker;
use ringbolt_api::request::EvaluateDecisionInput;
use ringbolt_grpc::Status;
use ringbolt_record::reply::{DecisionEvaluation, DeploymentReply, EvaluatedDecision};
use ringbolt_record::{Key, Reply};

impl<B: Broker> Calls<B> {
    pub(crate) async fn evaluate_decision(
        &self,
        context: CallContext,
        request: m::EvaluateDecisionRequest,
    ) -> Result<m::EvaluateDecisionResponse, Status> {
        let m::EvaluateDecisionRequest { decision_key, decision_id, variables, tenant_id } = request;
        let mapper = self.gateway.mapper();
        let input = mapper.variables(variables).map(|variables| EvaluateDecisionInput {
            decision_id,
            decision_key,
            variables,
            tenant_id,
        });
        match self.submit(context, input.and_then(|input| mapper.evaluate_decision(input))).await? {
            Reply::DecisionEvaluated(evaluation) => Ok(response(*evaluation)),
            other => Err(unexpected(&other)),
        }
    }
}

/// Decisions first, then their models, as Camunda lists them.
pub(super) fn deployed(reply: &DeploymentReply) -> impl Iterator<Item = m::Metadata> {
    let decisions = reply.decisions.iter().map(|decision| {
        m::Metadata::Decision(m::DecisionMetadata {
            dmn_decision_id: decision.decision_id.clone(),
            dmn_decision_name: decision.decision_name.clone(),
            version: decision.version,
            decision_key: decision.decision_key.to_wire(),
            dmn_decision_requirements_id: decision.decision_requirements_id.clone(),
            decision_requirements_key: decision.decision_requirements_key.to_wire(),
            tenant_id: reply.tenant_id.clone(),
        })
    });
    let models = reply.decision_requirements.iter().map(|model| {
        m::Metadata::DecisionRequirements(m::DecisionRequirementsMetadata {
            dmn_decision_requirements_id: model.decision_requirements_id.clone(),
            dmn_decision_requirements_name: model.decision_requirements_name.clone(),
            version: model.version,
            decision_requirements_key: model.decision_requirements_key.to_wire(),
            resource_name: model.resource_name.clone(),
            tenant_id: reply.tenant_id.clone(),
        })
    });
    decisions.chain(models)
}

fn response(evaluation: DecisionEvaluation) -> m::EvaluateDecisionResponse {
    let key = evaluation.key;
    let tenant_id = evaluation.tenant_id.to_string();
    let evaluated = evaluation.evaluated.into_iter().enumerate();
    let evaluated_decisions =
        evaluated.map(|(at, decision)| evaluated_decision(key, at, decision, &tenant_id));
    let evaluated_decisions = evaluated_decisions.collect();
    let (decision_output, failed_decision_id, failure_message) = match evaluation.output {
        Ok(output) => (output, String::new(), String::new()),
        Err(failure) => (Bytes::from_static(b"null"), failure.decision_id.to_string(), failure.message),
    };
    m::EvaluateDecisionResponse {
        decision_key: evaluation.decision_key.to_wire(),
        decision_id: evaluation.decision_id.to_string(),
        decision_name: evaluation.decision_name.to_string(),
        decision_version: evaluation.decision_version,
        decision_requirements_id: evaluation.decision_requirements_id.to_string(),
        decision_requirements_key: evaluation.decision_requirements_key.to_wire(),
        decision_output,
        evaluated_decisions,
        failed_decision_id,
        failure_message,
        tenant_id,
        decision_instance_key: key.to_wire(),
        decision_evaluation_key: key.to_wire(),
    }
}

fn evaluated_decision(
    evaluation_key: Key,
    at: usize,
    decision: EvaluatedDecision,
    tenant_id: &str,
) -> m::EvaluatedDecision {
    let rules = decision.matched_rules.into_iter().map(|rule| m::MatchedDecisionRule {
        rule_id: rule.rule_id.to_string(),
        rule_index: i32::try_from(rule.rule_index).unwrap_or(i32::MAX),
        evaluated_outputs: rule
            .outputs
            .into_iter()
            .map(|output| m::EvaluatedDecisionOutput {
                output_id: output.id.to_string(),
                output_name: output.name.to_string(),
                output_value: output.value,
            })
            .collect(),
    });
    let inputs = decision.inputs.into_iter().map(|input| m::EvaluatedDecisionInput {
        input_id: input.id.to_string(),
        input_name: input.name.to_string(),
        input_value: input.value,
    });
    m::EvaluatedDecision {
        decision_key: decision.decision_key.to_wire(),
        decision_id: decision.decision_id.to_string(),
        decision_name: decision.decision_name.to_string(),
        decision_version: decision.decision_version,
        decision_type: decision.decision_type.name().to_owned(),
        decision_output: decision.output,
        matched_rules: rules.collect(),
        evaluated_inputs: inputs.collect(),
        tenant_id: tenant_id.to_owned(),
        decision_evaluation_instance_key: format!("{evaluation_key}-{}", at + 1),
    }
}
