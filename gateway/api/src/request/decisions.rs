//! Evaluating decisions and expressions.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::command::{DecisionSelector, EvaluateDecision, EvaluateExpression};
use ringbolt_record::{Command, Key, VariableDocument};

/// What a client says about an evaluation.
#[derive(Clone, Debug, Default)]
pub struct EvaluateDecisionInput {
    /// The decision's id in the model; empty for none. It wins over a key.
    pub decision_id: String,
    /// The decision's key as it came on the wire; below 0 for none.
    pub decision_key: i64,
    /// What the decision sees.
    pub variables: VariableDocument,
    /// Empty for the default.
    pub tenant_id: String,
}

impl Mapper<'_> {
    /// Evaluates a decision. Without an id and a key the engine refuses it.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn evaluate_decision(&self, input: EvaluateDecisionInput) -> Result<Request, ApiError> {
        let EvaluateDecisionInput { decision_id, decision_key, variables, tenant_id } = input;
        let tenant_id = self.tenant("EvaluateDecision", "Evaluate Decision", &tenant_id)?;
        self.check_length("decisionDefinitionId", &decision_id, self.limits.id_bytes_max)?;
        let decision = match u64::try_from(decision_key) {
            Ok(key) if decision_id.is_empty() => DecisionSelector::Key(Key(key)),
            Ok(_) | Err(_) => DecisionSelector::Latest { decision_id },
        };
        let command = Command::EvaluateDecision(EvaluateDecision { decision, variables, tenant_id });
        Ok(self.request(Target::Any, command))
    }

    /// Evaluates an expression.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn evaluate_expression(
        &self,
        expression: String,
        variables: VariableDocument,
        tenant_id: &str,
    ) -> Result<Request, ApiError> {
        self.tenant("EvaluateExpression", "Evaluate Expression", tenant_id)?;
        self.check_length("expression", &expression, self.limits.expression_bytes_max)?;
        let command = Command::EvaluateExpression(EvaluateExpression { expression, variables });
        Ok(self.request(Target::Any, command))
    }
}
