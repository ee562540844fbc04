//! The one table of kinds of elements: what the compiler and the engine want to know about a kind without asking which one
//! it is. A new kind has its row here and its arm among the engine's hooks, and no other list to stand in.
//!
//! It is also the one switch for what the engine runs: a kind whose row says so is refused at deployment, by name and id,
//! however well it is read and checked.

use crate::event::{EventDefinition, Message, StartEvent};
use crate::process::{Element, ElementKind, TaskKind};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex};

/// Properties of an element, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Other elements stand in it.
    pub const IS_SCOPE: Self = Self(1);
    /// A client can have an instance start at it.
    pub const STARTABLE: Self = Self(1 << 1);
    /// An instance passes through it without waiting for anything.
    pub const PASSES_THROUGH: Self = Self(1 << 2);
    /// A search for loops without a wait state begins at it, as in Camunda.
    pub const STARTS_LOOP: Self = Self(1 << 3);
    /// Its outgoing sequence flows may have conditions.
    pub const MAY_CONDITION: Self = Self(1 << 4);
    /// It is entered once each of its incoming sequence flows was taken, or those that can still be.
    pub const JOINS: Self = Self(1 << 5);
    /// Events can be attached to it.
    pub const IS_ACTIVITY: Self = Self(1 << 6);
    /// No sequence flow may leave it.
    pub const IS_END: Self = Self(1 << 7);
    /// Its input mappings are applied.
    pub const USES_INPUTS: Self = Self(1 << 8);
    /// Its output mappings are applied.
    pub const USES_OUTPUTS: Self = Self(1 << 9);
    /// It has input mappings that are applied.
    pub const HAS_INPUTS: Self = Self(1 << 10);
    /// It has output mappings that are applied.
    pub const HAS_OUTPUTS: Self = Self(1 << 11);
    /// It has execution listeners.
    pub const HAS_LISTENERS: Self = Self(1 << 12);
    /// Events are attached to it, or it holds event sub-processes.
    pub const HAS_EVENTS: Self = Self(1 << 13);

    /// It begins a scope that waits for events; the scope does so from when it is left.
    pub const OPENS_SCOPE: Self = Self(1 << 14);
    /// An event that was caught starts or ends it.
    pub const CATCHES: Self = Self(1 << 15);
    /// It is repeated for the items of a list: a multi-instance body is around it.
    pub const IS_REPEATED: Self = Self(1 << 16);
    /// An event-based gateway waits for it.
    pub const IS_BRANCH: Self = Self(1 << 17);
    /// What a caught event brought stands in its own scope from the beginning, and goes outside when it is left.
    pub const HOLDS_EVENT: Self = Self(1 << 18);
    /// It is a process that messages can start.
    pub const MESSAGE_STARTS: Self = Self(1 << 19);
    /// It can be compensated or compensates, something in it may, or it is the process around that.
    pub const COMPENSATION: Self = Self(1 << 20);
    /// It is an ad-hoc sub-process, which has variables of its own from the beginning.
    pub const IS_AD_HOC: Self = Self(1 << 21);
    /// It stands directly in an ad-hoc sub-process, which may end with it.
    pub const IN_AD_HOC: Self = Self(1 << 22);
    /// What runs of it can go on in another definition.
    pub const MIGRATABLE: Self = Self(1 << 23);

    /// Whether all of `other` are among these.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and others.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A row of the table.
pub(crate) struct Kind {
    pub(crate) element_type: BpmnElementType,
    pub(crate) event_type: BpmnEventType,
    pub(crate) flags: Flags,
    /// Whether the engine runs it.
    pub(crate) is_run: bool,
}

/// What the engine runs of each position of events: the switches.
const STARTS_RUN: &[BpmnEventType] = &[
    BpmnEventType::None,
    BpmnEventType::Timer,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Conditional,
];
const SUB_PROCESS_STARTS_RUN: &[BpmnEventType] = &[
    BpmnEventType::Timer,
    BpmnEventType::Error,
    BpmnEventType::Escalation,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Conditional,
];
const ENDS_RUN: &[BpmnEventType] = &[
    BpmnEventType::None,
    BpmnEventType::Terminate,
    BpmnEventType::Error,
    BpmnEventType::Escalation,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Compensation,
];
const CATCHES_RUN: &[BpmnEventType] = &[
    BpmnEventType::Link,
    BpmnEventType::Timer,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Conditional,
];
const THROWS_RUN: &[BpmnEventType] = &[
    BpmnEventType::None,
    BpmnEventType::Link,
    BpmnEventType::Escalation,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Compensation,
];
const BOUNDARIES_RUN: &[BpmnEventType] = &[
    BpmnEventType::Timer,
    BpmnEventType::Error,
    BpmnEventType::Escalation,
    BpmnEventType::Message,
    BpmnEventType::Signal,
    BpmnEventType::Conditional,
    BpmnEventType::Compensation,
];

/// What the engine runs, by where an event can be: the element, and whether it starts an event sub-process.
pub const EVENTS_RUN: [(BpmnElementType, bool, &[BpmnEventType]); 6] = [
    (BpmnElementType::StartEvent, false, STARTS_RUN),
    (BpmnElementType::StartEvent, true, SUB_PROCESS_STARTS_RUN),
    (BpmnElementType::EndEvent, false, ENDS_RUN),
    (BpmnElementType::IntermediateCatchEvent, false, CATCHES_RUN),
    (BpmnElementType::IntermediateThrowEvent, false, THROWS_RUN),
    (BpmnElementType::BoundaryEvent, false, BOUNDARIES_RUN),
];

const MAPPED: Flags = Flags::USES_INPUTS.with(Flags::USES_OUTPUTS);
const ACTIVITY: Flags = Flags::STARTABLE.with(Flags::IS_ACTIVITY);
const TASK: Flags = ACTIVITY.with(MAPPED).with(Flags::MIGRATABLE);
const SCOPE: Flags = Flags::IS_SCOPE.with(Flags::STARTABLE).with(Flags::MIGRATABLE);
const PASSED: Flags = Flags::STARTABLE.with(Flags::PASSES_THROUGH);
const CHOICE: Flags = PASSED.with(Flags::MAY_CONDITION);
const JOIN: Flags = Flags::JOINS.with(Flags::MIGRATABLE);

impl ElementKind {
    /// Its row.
    pub(crate) fn row(&self) -> Kind {
        let row = |element_type, flags| Kind {
            element_type,
            event_type: BpmnEventType::Unspecified,
            flags,
            is_run: true,
        };
        match self {
            // It stands in no scope in which it could be entered.
            Self::Process => row(BpmnElementType::Process, Flags::IS_SCOPE.with(Flags::MIGRATABLE)),
            Self::SubProcess => {
                row(BpmnElementType::SubProcess, SCOPE.with(TASK).with(Flags::PASSES_THROUGH))
            }
            Self::EventSubProcess => row(BpmnElementType::EventSubProcess, SCOPE.with(MAPPED)),
            Self::AdHocSubProcess(_) => {
                let flags = Flags::IS_SCOPE.with(ACTIVITY).with(MAPPED).with(Flags::IS_AD_HOC);
                row(BpmnElementType::AdHocSubProcess, flags)
            }
            // It is entered with what stands in it, never by itself.
            Self::AdHocSubProcessInnerInstance => {
                row(BpmnElementType::AdHocSubProcessInnerInstance, Flags::IS_SCOPE)
            }
            Self::MultiInstanceBody(_) => {
                row(BpmnElementType::MultiInstanceBody, SCOPE.with(Flags::IS_ACTIVITY))
            }
            Self::StartEvent(start) => start_event(start),
            Self::EndEvent(definition) => {
                let flags = passed(definition).with(Flags::IS_END).with(mapped_at_end(definition));
                event(BpmnElementType::EndEvent, definition, flags, ENDS_RUN)
            }
            Self::IntermediateCatchEvent(definition) => {
                let flags = match definition.link() {
                    Some(_) => PASSED.with(Flags::USES_OUTPUTS),
                    None => Flags::STARTABLE.with(MAPPED).with(Flags::MIGRATABLE),
                };
                event(BpmnElementType::IntermediateCatchEvent, definition, flags, CATCHES_RUN)
            }
            Self::IntermediateThrowEvent(definition) => {
                let flags = passed(definition).with(mapped_at_throw(definition));
                event(BpmnElementType::IntermediateThrowEvent, definition, flags, THROWS_RUN)
            }
            Self::BoundaryEvent(boundary) => event(
                BpmnElementType::BoundaryEvent,
                &boundary.definition,
                Flags::USES_OUTPUTS.with(held(&boundary.definition)),
                BOUNDARIES_RUN,
            ),
            Self::ReceiveTask(_) => {
                Kind { event_type: BpmnEventType::Message, ..row(BpmnElementType::ReceiveTask, TASK) }
            }
            Self::JobWorkerTask(task) => row(type_of_task(task.kind), TASK),
            Self::CalledDecision(_) => row(BpmnElementType::BusinessRuleTask, TASK),
            Self::Script(_) => row(BpmnElementType::ScriptTask, TASK),
            Self::UserTask(_) => row(BpmnElementType::UserTask, TASK),
            Self::CallActivity(_) => row(BpmnElementType::CallActivity, TASK),
            Self::ManualTask => {
                row(BpmnElementType::ManualTask, ACTIVITY.with(PASSED).with(Flags::STARTS_LOOP))
            }
            Self::UndefinedTask => row(BpmnElementType::Task, ACTIVITY.with(PASSED).with(Flags::STARTS_LOOP)),
            Self::ExclusiveGateway { .. } => {
                row(BpmnElementType::ExclusiveGateway, CHOICE.with(Flags::MIGRATABLE))
            }
            Self::InclusiveGateway(_) => row(BpmnElementType::InclusiveGateway, CHOICE.with(JOIN)),
            Self::EventBasedGateway => {
                row(BpmnElementType::EventBasedGateway, Flags::STARTABLE.with(Flags::MIGRATABLE))
            }
            Self::ParallelGateway => row(BpmnElementType::ParallelGateway, PASSED.with(JOIN)),
        }
    }
}

/// What comes of an event that an element instance waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// The element itself waited, and goes on.
    Itself,
    /// The gateway before it waited, and goes on with it.
    Branch,
    /// The event is attached to an activity.
    Boundary {
        /// Whether the activity ends.
        is_interrupting: bool,
    },
    /// The event starts an event sub-process.
    EventSubProcess {
        /// The event sub-process.
        element: ElementIndex,
        /// Whether everything else in the scope ends.
        is_interrupting: bool,
    },
}

impl Element {
    /// What comes of it when it is an event that was caught; none where it waits for nothing.
    pub fn when_caught(&self) -> Option<Caught> {
        match &self.kind {
            ElementKind::BoundaryEvent(boundary) => {
                Some(Caught::Boundary { is_interrupting: boundary.is_interrupting })
            }
            ElementKind::IntermediateCatchEvent(_) if self.flags.has(Flags::IS_BRANCH) => {
                Some(Caught::Branch)
            }
            ElementKind::IntermediateCatchEvent(definition) if definition.link().is_none() => {
                Some(Caught::Itself)
            }
            ElementKind::ReceiveTask(_) => Some(Caught::Itself),
            ElementKind::StartEvent(start)
                if !matches!(start.definition, EventDefinition::None)
                    && self.parent != ElementIndex::PROCESS =>
            {
                Some(Caught::EventSubProcess { element: self.parent, is_interrupting: start.is_interrupting })
            }
            _ => None,
        }
    }

    /// The message that it waits for, where it waits for one.
    pub fn message(&self) -> Option<&Message> {
        match &self.kind {
            ElementKind::ReceiveTask(message) => Some(message),
            _ => self.event()?.message(),
        }
    }

    /// What triggers or is thrown by it, where it is an event.
    pub fn event(&self) -> Option<&EventDefinition> {
        match &self.kind {
            ElementKind::StartEvent(start) => Some(&start.definition),
            ElementKind::BoundaryEvent(boundary) => Some(&boundary.definition),
            ElementKind::EndEvent(definition)
            | ElementKind::IntermediateCatchEvent(definition)
            | ElementKind::IntermediateThrowEvent(definition) => Some(definition),
            _ => None,
        }
    }
}

/// What an event brings that starts a process stands in the start event first.
fn start_event(StartEvent { definition, starts_event_sub_process, .. }: &StartEvent) -> Kind {
    let (held, run) = match starts_event_sub_process {
        true => (Flags::NONE, SUB_PROCESS_STARTS_RUN),
        // Whoever has conditions evaluated brings the variables for it.
        false if definition.condition().is_some() => (Flags::HOLDS_EVENT, STARTS_RUN),
        false => (held(definition), STARTS_RUN),
    };
    let flags = Flags::PASSES_THROUGH.with(Flags::USES_OUTPUTS).with(held);
    event(BpmnElementType::StartEvent, definition, flags, run)
}

/// Which mappings a throw event applies.
fn mapped_at_throw(definition: &EventDefinition) -> Flags {
    match definition {
        EventDefinition::Compensation(_) => Flags::NONE,
        EventDefinition::None | EventDefinition::Link(_) | EventDefinition::Escalation(_) => {
            Flags::USES_OUTPUTS
        }
        _ => MAPPED,
    }
}

/// Which mappings of an end event are applied.
fn mapped_at_end(definition: &EventDefinition) -> Flags {
    match definition {
        EventDefinition::None | EventDefinition::Escalation(_) => Flags::USES_OUTPUTS,
        EventDefinition::Terminate | EventDefinition::Error(_) | EventDefinition::Compensation(_) => {
            Flags::NONE
        }
        _ => MAPPED,
    }
}

/// What a message or a signal brought goes outside when the event is left.
fn held(definition: &EventDefinition) -> Flags {
    match definition {
        EventDefinition::Message(_) | EventDefinition::Signal(_) => Flags::HOLDS_EVENT,
        _ => Flags::NONE,
    }
}

/// An event that is thrown is passed through, unless a job worker throws it.
fn passed(definition: &EventDefinition) -> Flags {
    if definition.job().is_some() { Flags::STARTABLE } else { PASSED }
}

fn event(
    element_type: BpmnElementType,
    definition: &EventDefinition,
    flags: Flags,
    run: &[BpmnEventType],
) -> Kind {
    let event_type = definition.event_type();
    Kind { element_type, event_type, flags, is_run: run.contains(&event_type) }
}

fn type_of_task(kind: TaskKind) -> BpmnElementType {
    match kind {
        TaskKind::Service => BpmnElementType::ServiceTask,
        TaskKind::Send => BpmnElementType::SendTask,
        TaskKind::Script => BpmnElementType::ScriptTask,
        TaskKind::BusinessRule => BpmnElementType::BusinessRuleTask,
        TaskKind::User => BpmnElementType::UserTask,
        TaskKind::AdHocSubProcess => BpmnElementType::AdHocSubProcess,
    }
}
