//! What an element says of itself, and what it answers when its hour has come. Hooks do what only their kind does and
//! return; what comes next is the driver's.

use crate::at::At;
use crate::behaviors::jobs::NewJob;
use crate::definitions::Definition;
use crate::failure::{Interruption, Unexpected};
use crate::writers::Processing;
use ringbolt_model::{ElementIndex, FlowIndex};
use ringbolt_record::{Key, VariableDocument};
use ringbolt_tables::ElementInstanceRow;
use std::sync::Arc;

/// What comes after an element was entered.
pub(crate) enum Next {
    /// It waits for something that was begun, or for its events.
    Wait,
    /// It waits, for its events too already.
    Stand,
    /// It waits for a job, which is to be made.
    Job(NewJob),
    /// It waits for an instance of this process, which is to be begun.
    Call(Arc<Definition>),
    /// It is a body, in which an activity is repeated for these items.
    Repeat(Vec<u8>),
    /// It is an ad-hoc sub-process; these elements are entered in it.
    Choose(Vec<ElementIndex>),
    /// It is left in a later step.
    Complete,
    /// It is left in a later step, with variables that it brings.
    CompleteWith(VariableDocument),
    /// It is left in this step, by these flows.
    Pass(Flows),
    /// It throws something that an event of a scope around it catches, and waits to be ended.
    Throw(Box<Catcher>),
    /// It throws a signal of this name that brings these variables: that is broadcast, and it is left, in later steps.
    Broadcast(String, VariableDocument),
    /// It throws an escalation of this code, and is left in a later step unless that ends it.
    Escalate(String),
    /// It has activities compensated, and waits for that if there is anything to compensate.
    Compensate,
    /// It is a process that begins with an event.
    StartBy(StartedBy),
    /// It is left in this step, by these flows of several.
    PassBy(Vec<FlowIndex>),
    /// It is a scope; this element is entered in it.
    Start(ElementIndex),
}

/// An event that was caught.
pub(crate) struct StartedBy {
    pub(crate) key: Key,
    pub(crate) element: ElementIndex,
    /// What it brought, the text of a JSON object; empty for nothing.
    pub(crate) variables: Vec<u8>,
}

/// An event that catches what an element throws.
pub(crate) struct Catcher {
    /// What waited for it: what the event is attached to, or what holds the event sub-process.
    pub(crate) scope: At,
    /// Its row.
    pub(crate) row: ElementInstanceRow,
    /// The event.
    pub(crate) event: ElementIndex,
}

/// Which flows leave an element.
#[derive(Clone, Copy)]
pub(crate) enum Flows {
    /// All of them.
    All,
    /// One of them, or none where none leaves it.
    Chosen(Option<FlowIndex>),
    /// None; this element of the same scope is entered instead.
    Jump(ElementIndex),
    /// None; the same element of the same scope is entered for the item with this number.
    Again(u32),
    /// None; the event that it has caught is entered instead.
    Branch,
    /// None, and the scope goes on even where nothing is left in it.
    Stay,
    /// None; everything else in the scope is ended, and the scope completes.
    EndOthers,
}

/// The hooks of a kind of element. The events of its life are the driver's to write, so a hook can fail at any point: the
/// element instance stays in the phase that it is in, and the hook is called again when its incident is resolved.
pub(crate) trait Hooks {
    /// The element is entered; its inputs are there.
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption>;

    /// It has become active and waits. What comes with that is not to fail.
    fn activated(&self, _p: &mut Processing<'_>, _at: &At) -> Result<(), Unexpected> {
        Ok(())
    }

    /// The element is about to be left; its variables are still there.
    fn complete(&self, _p: &mut Processing<'_>, _at: &At) -> Result<(), Interruption> {
        Ok(())
    }

    /// It has been left, and is not there any more.
    fn left(&self, _p: &mut Processing<'_>, _at: &At) -> Result<(), Unexpected> {
        Ok(())
    }

    /// How it is left.
    fn way_out(&self, _at: &At) -> Flows {
        Flows::All
    }
}
