//! A script task that evaluates an expression. What it gave is kept until the task is left, in a later step, as in the reference engine.

use crate::at::At;
use crate::behaviors::expressions;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;
use ringbolt_record::VariableDocument;

pub(crate) struct ScriptTask;

impl Hooks for ScriptTask {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let Some(script) = at.model().script() else {
            return Err(at.unexpected(format!("'{}' evaluates nothing", at.model().id)).into());
        };
        let result = expressions::evaluate_any(p, &script.expression, at.key)?;
        let variables = VariableDocument::from_members([(&*script.result_variable, &result[..])]);
        Ok(Next::CompleteWith(variables))
    }
}
