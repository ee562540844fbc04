//! An exclusive gateway: the outgoing flow whose condition holds, or else the default. In one step.
//!
//! Of several conditions that hold the last one in the document wins, as in the reference engine.

use super::Behavior;
use crate::behaviors::expressions;
use crate::failure::{Failure, Interruption};
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_model::{ElementKind, FlowIndex};
use ringbolt_record::{ErrorType, ProcessInstanceIntent, VariableDocument};

pub(crate) struct ExclusiveGateway;

impl Behavior for ExclusiveGateway {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        let flow = choose(p, at)?;
        transition(p, at, ProcessInstanceIntent::ElementActivated);
        transition(p, at, ProcessInstanceIntent::ElementCompleting);
        lifecycle::completed(p, at, usize::from(flow.is_some()));
        match flow {
            Some(flow) => lifecycle::take_flow(p, at, flow),
            None => lifecycle::on_path_ended(p, at)?,
        }
        Ok(())
    }

    fn on_complete(
        &self,
        _p: &mut Processing<'_>,
        at: &At,
        _variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        Err(at.unexpected("an exclusive gateway is left in the step that enters it").into())
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
    match gateway.kind {
        ElementKind::ExclusiveGateway { default: Some(default) } => Ok(Some(default)),
        ElementKind::ExclusiveGateway { default: None }
        | ElementKind::Process
        | ElementKind::SubProcess
        | ElementKind::StartEvent(_)
        | ElementKind::EndEvent(_)
        | ElementKind::JobWorkerTask(_)
        | ElementKind::CalledDecision(_)
        | ElementKind::ManualTask
        | ElementKind::UndefinedTask
        | ElementKind::ParallelGateway => Err(Failure::new(
            ErrorType::ConditionError,
            "Expected at least one condition to evaluate to true, or to have a default flow",
        )),
    }
}
