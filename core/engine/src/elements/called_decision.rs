//! A business rule task that evaluates a decision. What it gave is kept until the task is left, in a later step, as in the reference engine.

use crate::at::At;
use crate::behaviors::expressions::VisibleVariables;
use crate::behaviors::{decisions, expressions};
use crate::failure::{Failure, Interruption};
use crate::hook::{Hooks, Next};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_model::Binding;
use ringbolt_record::{ErrorType, Key, VariableDocument};

pub(crate) struct CalledDecision;

impl Hooks for CalledDecision {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let Some(called) = at.model().decision() else {
            return Err(at.unexpected(format!("'{}' calls no decision", at.model().id)).into());
        };
        let result = evaluate(p, at, called)?;
        let variables = VariableDocument::from_members([(&*called.result_variable, &result[..])]);
        Ok(Next::CompleteWith(variables))
    }
}

/// The result as JSON text.
fn evaluate(
    p: &mut Processing<'_>,
    at: &At,
    called: &ringbolt_model::CalledDecision,
) -> Result<Bytes, Failure> {
    let decision_id = expressions::evaluate_name(p, &called.decision_id, at.key)?;
    let found = find(p, at, called, &decision_id)
        .map_err(|message| Failure::new(ErrorType::CalledDecisionError, message))?;
    let key = p.next_key();
    let variables = VisibleVariables { tables: p.tables(), scope_key: at.key };
    let evaluation = decisions::evaluate(p, &found, &variables, key).map_err(|too_large| {
        let max = too_large.bytes_max;
        let message = format!(
            "Expected to evaluate decision '{decision_id}', but the record of the evaluation would have more than \
             {max} bytes"
        );
        Failure::new(ErrorType::DecisionEvaluationError, message)
    })?;
    decisions::append(p, &evaluation, Some(at));
    evaluation.output.map_err(|failure| Failure::new(ErrorType::DecisionEvaluationError, failure.message))
}

/// The version that the task is bound to.
fn find(
    p: &mut Processing<'_>,
    at: &At,
    called: &ringbolt_model::CalledDecision,
    decision_id: &str,
) -> Result<decisions::Found, String> {
    let tenant_id = &at.definition.tenant_id;
    let key = match &called.binding {
        Binding::Latest => p.tables().latest_decision(tenant_id, decision_id),
        Binding::Deployment => {
            let deployment_key =
                p.tables().process(at.definition.key).map_or(Key::NONE, |row| row.deployment_key);
            let key = p.tables().decision_by_deployment(deployment_key, decision_id);
            Some(key.ok_or_else(|| {
                format!(
                    "Expected to evaluate decision '{decision_id}' with binding type 'deployment', but no such decision \
                     found in the deployment with key {deployment_key} which contained the current process. To resolve \
                     this incident, migrate the process instance to a process definition that is deployed together with \
                     the intended decision to evaluate."
                )
            })?)
        }
        Binding::VersionTag(tag) => {
            let key = p.tables().decision_by_version_tag(tenant_id, decision_id, tag);
            Some(key.ok_or_else(|| {
                format!(
                    "Expected to evaluate decision with id '{decision_id}' and version tag '{tag}', but no such decision \
                     found. To resolve this incident, deploy a decision with the given id and version tag."
                )
            })?)
        }
    };
    decisions::find(p, key, decision_id, "id")
}
