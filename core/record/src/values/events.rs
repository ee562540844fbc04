//! Layouts of events that are waited for and caught.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::{ElementIndex, Key, TimestampMs};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A timer that an event waits for.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct TimerRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for the event.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// When it is due.
    pub due: TimestampMs,
    /// How often it comes, this time included; -1 without an end.
    pub repetitions: i32,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// An escalation that was thrown.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct EscalationRecord<'a> {
    /// Definition and instance of the element that threw it.
    pub instance: InstanceRef,
    /// That element.
    pub element_index: ElementIndex,
    /// The definition of what would have caught it; none where nothing would.
    pub caught_in: Key,
    /// The event that would have caught it, of that definition.
    pub catcher: ElementIndex,
    /// Its code.
    #[rkyv(with = InlineAsBox)]
    pub code: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// What a caught event interrupts.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interrupts {
    /// Nothing: what comes of it stands beside what was there, or goes on with it.
    Nothing,
    /// The element instance that waited for it is going to end, and the event is entered then.
    Element,
    /// Everything in the element instance that waited for it is going to end, and the event sub-process with this index is
    /// entered then.
    Scope(ElementIndex),
}

impl Interrupts {
    /// Reads the archived form.
    pub fn of(archived: &ArchivedInterrupts) -> Self {
        match archived {
            ArchivedInterrupts::Nothing => Self::Nothing,
            ArchivedInterrupts::Element => Self::Element,
            ArchivedInterrupts::Scope(element) => Self::Scope(ElementIndex::of(element)),
        }
    }
}

/// An event that was caught; the record's key is the event's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessEventRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// What it is about: the element instance that waited for it, or the start event that it has started.
    pub scope_key: Key,
    /// The element instance that waited for it.
    pub caught_by: Key,
    /// The event's element.
    pub element_index: ElementIndex,
    /// What it interrupts.
    pub interrupts: Interrupts,
    /// The scope in which one element is to be entered because of it; none where it is none, or not yet.
    pub entered_in: Key,
    /// What it brought, the text of a JSON object; empty for nothing.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
