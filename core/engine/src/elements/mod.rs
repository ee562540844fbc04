//! What each kind of element does when it is entered, left or ended. One file per kind; see
//! `docs/dev/adding-an-element.md`.

mod ad_hoc_inner_instance;
mod ad_hoc_sub_process;
mod boundary_event;
mod call_activity;
mod called_decision;
mod compensation_event;
mod end_event;
mod error_end_event;
mod escalation_event;
mod event_based_gateway;
mod event_sub_process;
mod exclusive_gateway;
mod inclusive_gateway;
mod intermediate_catch_event;
mod intermediate_throw_event;
mod job_worker_task;
mod multi_instance_body;
mod parallel_gateway;
mod pass_through_task;
mod process;
mod script_task;
mod signal_event;
mod start_event;
mod sub_process;
mod terminate_end_event;
mod user_task;
mod waiting_event;

use crate::hook::Hooks;
use ringbolt_model::{ElementKind, EventDefinition};

/// The hooks of a kind. Exhaustive: a new kind does not compile here until it has its place.
pub(crate) fn hooks_of(kind: &ElementKind) -> &'static dyn Hooks {
    match kind {
        ElementKind::Process => &process::Process,
        ElementKind::SubProcess => &sub_process::SubProcess,
        ElementKind::AdHocSubProcess(_) => &ad_hoc_sub_process::AdHocSubProcess,
        ElementKind::AdHocSubProcessInnerInstance => &ad_hoc_inner_instance::AdHocInnerInstance,
        ElementKind::StartEvent(_) => &start_event::StartEvent,
        ElementKind::EndEvent(EventDefinition::Terminate) => &terminate_end_event::TerminateEndEvent,
        ElementKind::EndEvent(EventDefinition::Escalation(_))
        | ElementKind::IntermediateThrowEvent(EventDefinition::Escalation(_)) => {
            &escalation_event::EscalationEvent
        }
        ElementKind::EndEvent(EventDefinition::Compensation(_))
        | ElementKind::IntermediateThrowEvent(EventDefinition::Compensation(_)) => {
            &compensation_event::CompensationEvent
        }
        ElementKind::EndEvent(EventDefinition::Error(_)) => &error_end_event::ErrorEndEvent,
        ElementKind::EndEvent(EventDefinition::Send(_))
        | ElementKind::IntermediateThrowEvent(EventDefinition::Send(_))
        | ElementKind::JobWorkerTask(_) => &job_worker_task::JobWorkerTask,
        ElementKind::EndEvent(EventDefinition::Signal(_))
        | ElementKind::IntermediateThrowEvent(EventDefinition::Signal(_)) => &signal_event::SignalEvent,
        ElementKind::EndEvent(_) => &end_event::EndEvent,
        ElementKind::CalledDecision(_) => &called_decision::CalledDecision,
        ElementKind::Script(_) => &script_task::ScriptTask,
        ElementKind::UserTask(_) => &user_task::UserTask,
        ElementKind::CallActivity(_) => &call_activity::CallActivity,
        ElementKind::ManualTask | ElementKind::UndefinedTask => &pass_through_task::PassThroughTask,
        ElementKind::InclusiveGateway(_) => &inclusive_gateway::InclusiveGateway,
        ElementKind::ExclusiveGateway { .. } => &exclusive_gateway::ExclusiveGateway,
        ElementKind::IntermediateCatchEvent(
            EventDefinition::Timer(_)
            | EventDefinition::Message(_)
            | EventDefinition::Signal(_)
            | EventDefinition::Conditional(_),
        )
        | ElementKind::ReceiveTask(_) => &waiting_event::WaitingEvent,
        ElementKind::IntermediateCatchEvent(_) => &intermediate_catch_event::IntermediateCatchEvent,
        ElementKind::EventBasedGateway => &event_based_gateway::EventBasedGateway,
        ElementKind::IntermediateThrowEvent(_) => &intermediate_throw_event::IntermediateThrowEvent,
        ElementKind::ParallelGateway => &parallel_gateway::ParallelGateway,
        ElementKind::BoundaryEvent(_) => &boundary_event::BoundaryEvent,
        ElementKind::EventSubProcess => &event_sub_process::EventSubProcess,
        ElementKind::MultiInstanceBody(_) => &multi_instance_body::MultiInstanceBody,
    }
}
