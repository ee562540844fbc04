//! Activities that can be compensated, and what compensates them.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::{ElementIndex, Key};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// An activity that has completed and can be compensated, or that holds others which can.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct CompensationSubscriptionRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The activity.
    pub activity: ElementIndex,
    /// Its instance, which has completed.
    pub activity_key: Key,
    /// The element instance that it stood in.
    pub scope_key: Key,
    /// What compensates it; the process where nothing does, so that only others in it can be compensated.
    pub handler: ElementIndex,
    /// The instance of that; none before it is triggered, and where there is no handler.
    pub handler_key: Key,
    /// The event that has triggered it; the process before that.
    pub throw_event: ElementIndex,
    /// The instance of that.
    pub throw_event_key: Key,
    /// Of TRIGGERED: the scope in which the handler is going to be entered; none where there is no handler.
    pub entered_in: Key,
    /// Of TRIGGERED: how it stands with what the same event triggers.
    pub turn: CompensationTurn,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Where a subscription stands in the row of those that one event triggers: more than fit into a step are taken in several.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CompensationTurn {
    /// The step before it has promised it.
    pub was_promised: bool,
    /// It is the last of its step, and promises another one.
    pub promises: bool,
}

impl CompensationTurn {
    /// Reads the archived form.
    pub fn of(archived: &ArchivedCompensationTurn) -> Self {
        Self { was_promised: archived.was_promised, promises: archived.promises }
    }
}
