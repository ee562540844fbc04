//! What triggers events or is thrown by them, wherever they stand.

use crate::process::{JobWorkerTask, Text};
use ringbolt_feel::Expression;
use ringbolt_record::{BpmnEventType, ElementIndex};
use std::sync::Arc;

/// What an event waits for or throws.
#[derive(Clone, Debug)]
pub enum EventDefinition {
    /// Nothing.
    None,
    /// Waits for a time.
    Timer(Timer),
    /// Waits for a message.
    Message(Arc<Message>),
    /// Has a job worker send a message.
    Send(Box<JobWorkerTask>),
    /// Waits for a signal, or throws one.
    Signal(Arc<Signal>),
    /// Catches a business error of this code, or throws one. See [`EventDefinition::code`].
    Error(Text),
    /// Catches an escalation of this code, or throws one. See [`EventDefinition::code`].
    Escalation(Text),
    /// Handles a compensation, or triggers it.
    Compensation(Compensation),
    /// Jumps, or is jumped to, within a scope.
    Link(Link),
    /// Ends everything else in the scope.
    Terminate,
    /// Waits for a condition.
    Conditional(Box<Condition>),
}

impl EventDefinition {
    /// Its name in records.
    pub fn event_type(&self) -> BpmnEventType {
        match self {
            Self::None => BpmnEventType::None,
            Self::Timer(_) => BpmnEventType::Timer,
            Self::Message(_) | Self::Send(_) => BpmnEventType::Message,
            Self::Signal(_) => BpmnEventType::Signal,
            Self::Error(_) => BpmnEventType::Error,
            Self::Escalation(_) => BpmnEventType::Escalation,
            Self::Compensation(_) => BpmnEventType::Compensation,
            Self::Link(_) => BpmnEventType::Link,
            Self::Terminate => BpmnEventType::Terminate,
            Self::Conditional(_) => BpmnEventType::Conditional,
        }
    }

    /// The timer, where it is one.
    pub fn timer(&self) -> Option<&Timer> {
        if let Self::Timer(timer) = self { Some(timer) } else { None }
    }

    /// The message that is waited for, where it is one.
    pub fn message(&self) -> Option<&Message> {
        if let Self::Message(message) = self { Some(message) } else { None }
    }

    /// The signal, where it is one.
    pub fn signal(&self) -> Option<&Signal> {
        if let Self::Signal(signal) = self { Some(signal) } else { None }
    }

    /// The job that sends a message, where it is one.
    pub fn job(&self) -> Option<&JobWorkerTask> {
        if let Self::Send(task) = self { Some(task) } else { None }
    }

    /// The code by which an error or an escalation finds what catches it: static text where it is caught, empty for
    /// every code; where it is thrown it may be an expression, and is not empty.
    pub fn code(&self) -> Option<&Text> {
        if let Self::Error(code) | Self::Escalation(code) = self { Some(code) } else { None }
    }

    /// The condition that is waited for, where it is one.
    pub fn condition(&self) -> Option<&Condition> {
        if let Self::Conditional(condition) = self { Some(condition) } else { None }
    }

    /// What compensates or is compensated, where it is about that.
    pub fn compensation(&self) -> Option<&Compensation> {
        if let Self::Compensation(compensation) = self { Some(compensation) } else { None }
    }

    /// The link, where it is one.
    pub fn link(&self) -> Option<&Link> {
        if let Self::Link(link) = self { Some(link) } else { None }
    }
}

/// A condition that is waited for.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What must evaluate to true.
    pub expression: Expression,
    /// The same as it stands in the model, with its mark.
    pub text: Box<str>,
    /// Variables whose changes have it looked at, with commas between them; empty for all.
    pub variable_names: Box<str>,
    /// Changes that do, `create` and `update`, with a comma between them; empty for all.
    pub variable_events: Box<str>,
}

/// What compensates, or is compensated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compensation {
    /// Of an event attached to an activity: what compensates that.
    pub handler: Option<ElementIndex>,
    /// Of an event that triggers compensation: the only activity that is compensated. None for all in the scope.
    pub activity: Option<ElementIndex>,
}

/// A message that is waited for.
#[derive(Clone, Debug)]
pub struct Message {
    /// Must evaluate to text. Static where it starts a process.
    pub name: Text,
    /// By which an instance knows its own: must evaluate to text or a number. None where it starts a process.
    pub correlation_key: Option<Expression>,
}

/// A signal.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Must evaluate to text. Static where it starts a process.
    pub name: Text,
}

/// When a timer is due, as text that a [`Schedule`](crate::Schedule) is read from. Static text was checked.
#[derive(Clone, Debug)]
pub enum Timer {
    /// At a date and time.
    Date(Text),
    /// After a span.
    Duration(Text),
    /// Again and again: a repeated span, or a cron expression with six fields.
    Cycle(Text),
}

impl Timer {
    /// What its text is called in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Date(_) => "date",
            Self::Duration(_) => "duration",
            Self::Cycle(_) => "cycle",
        }
    }
}

/// One end of a jump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Not empty; of the events that are jumped to in a scope each has another.
    pub name: Box<str>,
    /// Of an event that jumps: the event in the same scope that is jumped to.
    pub target: Option<ElementIndex>,
}

/// Where a scope starts.
#[derive(Clone, Debug)]
pub struct StartEvent {
    /// What triggers it.
    pub definition: EventDefinition,
    /// Whether the event starts an event sub-process, and stands in it.
    pub starts_event_sub_process: bool,
    /// Of an event sub-process: whether the scope around it is interrupted.
    pub is_interrupting: bool,
    /// The id of the form that people fill in to start a process. Nothing runs differently because of it.
    pub form_id: Option<Box<str>>,
}

/// An event on the border of an activity.
#[derive(Clone, Debug)]
pub struct BoundaryEvent {
    /// The activity; it may stand behind the event in the document.
    pub attached_to: ElementIndex,
    /// Whether the activity is interrupted.
    pub is_interrupting: bool,
    /// What triggers it.
    pub definition: EventDefinition,
}
