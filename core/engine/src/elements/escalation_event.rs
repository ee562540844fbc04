//! An event on a path, or at its end, that throws an escalation. It is left as if nothing had come of that, unless what
//! catches the escalation ends it. Like the reference engine it has no use for input mappings.

use crate::at::At;
use crate::behaviors::expressions;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct EscalationEvent;

impl Hooks for EscalationEvent {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::Escalate(expressions::thrown_code(p, at, expressions::evaluate_text)?))
    }
}
