//! Evaluating the conditions of start events.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::Command;
use ringbolt_record::command::EvaluateConditionals;

impl Mapper<'_> {
    /// Evaluates conditions; an empty tenant is the default.
    ///
    /// # Errors
    /// When the tenant is another.
    pub fn evaluate_conditionals(&self, mut evaluate: EvaluateConditionals) -> Result<Request, ApiError> {
        evaluate.tenant_id =
            self.tenant("EvaluateConditional", "Evaluate Conditional", &evaluate.tenant_id)?;
        Ok(self.request(Target::Any, Command::EvaluateConditionals(evaluate)))
    }
}
