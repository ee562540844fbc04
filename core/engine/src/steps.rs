//! Follow-ups of a command within its entry, first in first out, and what becomes of those beyond the bound.

use crate::failure::Unexpected;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::{ElementInstanceRef, PendingCommandRecord};
use ringbolt_record::{ElementIndex, Key, PendingCommandIntent, ProcessInstanceIntent};
use ringbolt_tables::PendingCommandRow;

/// The room in an entry that is kept for a step that may have to be put off, bytes: its record at the most.
pub(crate) const STEP_BYTES: usize = 512;

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

/// Takes the steps in turn until none is left or a bound is reached; what is left becomes pending commands.
pub(crate) fn run(p: &mut Processing<'_>) -> Result<(), Unexpected> {
    while p.has_turn() {
        let Some(step) = p.next_step() else { return Ok(()) };
        if !take(p, step, Room::Shared, |_| ())? {
            p.put_back(step);
            break;
        }
    }
    while let Some(step) = p.next_step() {
        put_off(p, step)?;
    }
    assert!(!p.has_overflowed(), "the room for steps that are put off is reserved");
    Ok(())
}

/// What else is in the entry that a step is taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// What came before it: a step that does not fit is to be taken in another entry.
    Shared,
    /// Nothing: a step that does not fit here fits nowhere.
    Alone,
}

/// Takes a step, after what `before` writes. A step that does not fit beside the rest of the entry leaves no trace, and
/// the answer is false; one that does not even fit alone raises an incident.
pub(crate) fn take(
    p: &mut Processing<'_>,
    step: Step,
    room: Room,
    before: impl Fn(&mut Processing<'_>),
) -> Result<bool, Unexpected> {
    let mark = p.begin();
    before(p);
    let result = run_one(p, step);
    if result.is_ok() && !p.has_overflowed() {
        p.keep_step();
        p.count_turn();
        return Ok(true);
    }
    let is_too_large = p.has_overflowed();
    p.roll_back(mark);
    match room {
        _ if !is_too_large => result.map(|()| true),
        Room::Shared => Ok(false),
        Room::Alone => {
            before(p);
            give_up(p, step)?;
            p.count_turn();
            Ok(true)
        }
    }
}

fn run_one(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    match step {
        Step::Activate { key, element } => lifecycle::activate(p, key, element),
        Step::Complete { key, element } => lifecycle::complete(p, key, element),
        Step::Terminate { key, element } => lifecycle::terminate(p, key, element),
    }
}

/// Brings an element instance to where the step would have begun, and raises an incident there.
fn give_up(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    match step {
        Step::Activate { key, element } => lifecycle::activate_too_large(p, key, element),
        Step::Complete { key, element } => lifecycle::complete_too_large(p, key, element, None),
        Step::Terminate { element, .. } => Err(Unexpected::new(
            element.instance.process_instance_key,
            "The end of an element instance does not fit into an entry of the log",
        )),
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
