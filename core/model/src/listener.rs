//! Jobs for workers that are asked before and after what an element does.

use crate::process::Text;
use ringbolt_record::JobListenerEventType;
use std::ops::Range;

/// When listeners of an element instance are asked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListenerPhase {
    /// Before it does its work.
    Start,
    /// Before it is left.
    End,
    /// Of a process: once everything in it has ended, before it has itself.
    Cancel,
}

/// A worker that is asked.
#[derive(Clone, Debug)]
pub struct Listener {
    /// When, as its jobs say it.
    pub event: JobListenerEventType,
    /// The type of its jobs; must evaluate to text.
    pub job_type: Text,
    /// How often its job may fail; must evaluate to a number. `3` if the model does not say.
    pub retries: Text,
    /// The headers of its element and its own as the text of one JSON object; none where it has none of its own.
    pub headers_json: Option<Box<str>>,
}

impl Listener {
    /// The phase of an execution listener.
    pub fn phase(&self) -> ListenerPhase {
        match self.event {
            JobListenerEventType::End => ListenerPhase::End,
            JobListenerEventType::Cancel => ListenerPhase::Cancel,
            _ => ListenerPhase::Start,
        }
    }
}

/// Where the listeners of a phase stand among those of an element, which are in the order of the phases.
pub fn listeners_of(listeners: &[Listener], phase: ListenerPhase) -> Range<usize> {
    let begin = listeners.partition_point(|listener| listener.phase() < phase);
    begin..listeners.partition_point(|listener| listener.phase() <= phase)
}
