//! An exclusive gateway: the outgoing flow whose condition holds, or else the default. In one step.
//!
//! Of several conditions that hold the last one in the document wins, as in the reference engine.

use crate::at::At;
use crate::behaviors::expressions;
use crate::failure::{Failure, Interruption};
use crate::hook::{Flows, Hooks, Next};
use crate::writers::Processing;
use ringbolt_model::FlowIndex;

pub(crate) struct ExclusiveGateway;

impl Hooks for ExclusiveGateway {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::Pass(Flows::Chosen(choose(p, at)?)))
    }
}

/// The flow to take; none where none leaves the gateway.
fn choose(p: &Processing<'_>, at: &At) -> Result<Option<FlowIndex>, Failure> {
    let gateway = at.model();
    if let [only] = &*gateway.outgoing
        && at.definition.flow(*only).condition.is_none()
    {
        return Ok(Some(*only));
    }
    if gateway.outgoing.is_empty() {
        return Ok(None);
    }
    for flow in gateway.outgoing.iter().rev() {
        if let Some(condition) = &at.definition.flow(*flow).condition
            && expressions::evaluate_condition(p, condition, at.key)?
        {
            return Ok(Some(*flow));
        }
    }
    match gateway.default_flow() {
        Some(default) => Ok(Some(default)),
        None => Err(expressions::no_flow_holds()),
    }
}
