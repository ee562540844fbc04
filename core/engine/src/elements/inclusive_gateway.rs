//! An inclusive gateway: every outgoing flow whose condition holds, or else the default. In one step.

use crate::at::At;
use crate::behaviors::expressions;
use crate::failure::{Failure, Interruption};
use crate::hook::{Hooks, Next};
use crate::writers::Processing;
use ringbolt_model::FlowIndex;

pub(crate) struct InclusiveGateway;

impl Hooks for InclusiveGateway {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::PassBy(choose(p, at)?))
    }
}

/// The flows to take, the last of the document first, as in the reference engine; none where none leaves the gateway.
fn choose(p: &Processing<'_>, at: &At) -> Result<Vec<FlowIndex>, Failure> {
    let gateway = at.model();
    match &*gateway.outgoing {
        [] => return Ok(Vec::new()),
        [only] if at.definition.flow(*only).condition.is_none() => return Ok(vec![*only]),
        _ => {}
    }
    let default = gateway.default_flow();
    let mut chosen = Vec::new();
    for flow in gateway.outgoing.iter().rev().filter(|flow| Some(**flow) != default) {
        if let Some(condition) = &at.definition.flow(*flow).condition
            && expressions::evaluate_condition(p, condition, at.key)?
        {
            chosen.push(*flow);
        }
    }
    if chosen.is_empty() {
        chosen.push(default.ok_or_else(expressions::no_flow_holds)?);
    }
    Ok(chosen)
}
