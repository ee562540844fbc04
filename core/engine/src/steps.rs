//! Follow-ups of a command within its entry, first in first out, and what becomes of those beyond the bound.

use crate::failure::Unexpected;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::{ElementInstanceRef, PendingCommandRecord};
use ringbolt_record::{ElementIndex, Key, PendingCommandIntent, ProcessInstanceIntent};
use ringbolt_tables::PendingCommandRow;

/// A follow-up. No record: only what it causes is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Enter an element; the key was generated with the flow that leads there.
    Activate { key: Key, element: ElementInstanceRef },
    /// Leave an element instance.
    Complete { key: Key, element: ElementInstanceRef },
    /// End an element instance, or go on ending what stands in it.
    Terminate { key: Key, element: ElementInstanceRef },
}

impl Step {
    fn parts(&self) -> (ProcessInstanceIntent, Key, ElementInstanceRef) {
        match *self {
            Self::Activate { key, element } => (ProcessInstanceIntent::ActivateElement, key, element),
            Self::Complete { key, element } => (ProcessInstanceIntent::CompleteElement, key, element),
            Self::Terminate { key, element } => (ProcessInstanceIntent::TerminateElement, key, element),
        }
    }

    /// The step that a pending command stands for.
    pub(crate) fn of(row: &PendingCommandRow) -> Option<Self> {
        let (key, element) = (row.element_instance_key, row.element);
        match row.intent {
            ProcessInstanceIntent::ActivateElement => Some(Self::Activate { key, element }),
            ProcessInstanceIntent::CompleteElement => Some(Self::Complete { key, element }),
            ProcessInstanceIntent::TerminateElement => Some(Self::Terminate { key, element }),
            ProcessInstanceIntent::Cancel
            | ProcessInstanceIntent::SequenceFlowTaken
            | ProcessInstanceIntent::ElementActivating
            | ProcessInstanceIntent::ElementActivated
            | ProcessInstanceIntent::ElementCompleting
            | ProcessInstanceIntent::ElementCompleted
            | ProcessInstanceIntent::ElementTerminating
            | ProcessInstanceIntent::ElementTerminated
            | ProcessInstanceIntent::SequenceFlowDeleted
            | ProcessInstanceIntent::Canceling => None,
        }
    }
}

/// Takes the steps in turn until none is left or the bound is reached; what is left becomes pending commands.
pub(crate) fn run(p: &mut Processing<'_>) -> Result<(), Unexpected> {
    let mut taken = 0;
    while let Some(step) = p.steps.pop_front() {
        if taken >= p.settings.batch_steps_max || p.entry_bytes() >= p.settings.batch_bytes_max {
            put_off(p, step)?;
            continue;
        }
        taken += 1;
        run_one(p, step)?;
    }
    Ok(())
}

fn run_one(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    match step {
        Step::Activate { key, element } => lifecycle::activate(p, key, element),
        Step::Complete { key, element } => lifecycle::complete(p, key, element),
        Step::Terminate { key, element } => lifecycle::terminate(p, key, element),
    }
}

fn put_off(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    let (intent, element_instance_key, element) = step.parts();
    let definition =
        p.definition_of(element.instance.process_definition_key, element.instance.process_instance_key)?;
    let key = p.next_key();
    let value =
        PendingCommandRecord { intent, element_instance_key, element, tenant_id: &definition.tenant_id };
    p.append(PendingCommandIntent::Created, key, &value);
    Ok(())
}

/// The element index of a model's element.
pub(crate) fn index_of(index: ringbolt_model::ElementIndex) -> ElementIndex {
    ElementIndex(index.0)
}
