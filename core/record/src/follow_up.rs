//! What an instance still has to do, as data: a follow-up of a command, taken in the command's entry or in a later one.
//!
//! In state and log a follow-up is opaque bytes: the layout's version, then its archive. So the tables and the events that
//! carry it stay as they are when a kind of follow-up is added; that is a new version beside the old one, read by
//! [`FollowUp::read`].
//!
//! Invariant: a follow-up is small whatever it stands for. What is large (all children of a scope) is a place to go on
//! from, never a list.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the enum's own are documented"
)]

use crate::ids::Key;
use crate::values::{Arrival, ElementInstanceRef};
use rkyv::Archive;
use rkyv::rancor::Error as RkyvError;

/// The version of the layout that is written.
const VERSION: u8 = 1;

/// Most bytes of a follow-up in state and log.
pub const FOLLOW_UP_BYTES_MAX: usize = 96;

/// A follow-up.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// Enter an element, or go on entering it when its incident was resolved.
    Activate {
        /// The element instance's key, generated with what leads to it.
        key: Key,
        /// Which element, and where.
        element: ElementInstanceRef,
        /// How it is entered.
        arrival: Arrival,
    },
    /// Go on taking the sequence flows that leave an element.
    TakeFlows {
        /// The element instance that was left.
        key: Key,
        /// Which element, and where.
        element: ElementInstanceRef,
        /// How many of them were taken.
        taken: u32,
    },
    /// Leave an element instance, or go on leaving it when its incident was resolved.
    Complete {
        /// The element instance.
        key: Key,
    },
    /// End an element instance from outside.
    Terminate {
        /// The element instance.
        key: Key,
    },
    /// Go on ending what stands in an element instance that is ending.
    TerminateChildren {
        /// The element instance.
        scope_key: Key,
        /// The last child that was told to end.
        after: Key,
    },
    /// Go on ending what stood in an ad-hoc sub-process that goes on itself.
    TerminateRange {
        /// The ad-hoc sub-process.
        scope_key: Key,
        /// The last child that was told to end.
        after: Key,
        /// The last child that is to end.
        last: Key,
    },
    /// Go on entering the instances of a repeated activity.
    Spawn {
        /// The body around them.
        body_key: Key,
        /// The number of the next item.
        next: u32,
    },
    /// Go on deleting the results of a repeated activity that has ended.
    Forget {
        /// The body around its instances.
        body_key: Key,
    },
    /// What the two sides of a subscription of messages tell each other, where both are on one partition.
    Messages(MessageStep),
    /// Go on telling who waits for a signal.
    Signal {
        /// Under which key it is kept; who began to wait later is not told.
        key: Key,
        /// The last subscription that was told.
        after: Key,
    },
    /// Go on triggering what an event compensates.
    Compensate {
        /// The event's instance.
        throw_event_key: Key,
        /// The subscription that comes next.
        next: Key,
        /// What completed later is not compensated: it has greater keys.
        before: Key,
    },
    /// An event whose condition has come to hold is caught.
    Condition {
        /// The element instance that waits for it.
        scope_key: Key,
        /// The subscription.
        key: Key,
    },
    /// Go on deleting what could have been compensated.
    ForgetCompensations {
        /// The element instance in which it stood, which has ended; of a process all of it.
        scope_key: Key,
    },
    /// Go on with the items of a batch operation.
    BatchOperation {
        /// Which one.
        key: Key,
    },
    /// Go on letting everything in an instance rest that waits for something, or letting it wait again.
    Rest {
        /// The element instance that was seen to last; all in it comes next. None before the first.
        at: Key,
        /// What that stands in; none around the process.
        within: Key,
        /// What is entered later has greater keys, and is not seen to.
        last: Key,
        /// Whether it is to wait again.
        ends: bool,
    },
    /// Go on taking up what an instance kept while it was suspended.
    Drain {
        /// The instance.
        process_instance_key: Key,
    },
    /// Broadcast a signal that was thrown.
    Broadcast {
        /// Under which key it is kept.
        key: Key,
    },
    /// Give free what an instance held that was banned.
    ReleaseBanned {
        /// The instance.
        process_instance_key: Key,
    },
}

/// See [`FollowUp::Messages`]. Between partitions the same goes by [`crate::PartitionMessage`], with what the other side
/// cannot look up.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStep {
    /// A subscription is there.
    Opened {
        /// The one on the instance's side.
        owner_key: Key,
        /// The one on the messages' side.
        subscription_key: Key,
    },
    /// A subscription is told of a message.
    Correlate {
        /// The one on the instance's side.
        owner_key: Key,
        /// The one on the messages' side.
        subscription_key: Key,
        /// The message.
        message_key: Key,
    },
    /// The instance took a message.
    Correlated {
        /// The subscription on the messages' side.
        subscription_key: Key,
        /// The message.
        message_key: Key,
    },
    /// The instance did not take a message.
    NotCorrelated {
        /// The subscription on the messages' side.
        subscription_key: Key,
        /// The message.
        message_key: Key,
    },
    /// A subscription is to end.
    Close {
        /// The one on the instance's side.
        owner_key: Key,
    },
    /// A subscription has ended.
    Closed {
        /// The one on the instance's side.
        owner_key: Key,
    },
    /// A subscription is to begin.
    Open {
        /// The one on the instance's side.
        owner_key: Key,
    },
    /// The instance of a subscription runs another definition.
    Migrate {
        /// The one on the instance's side.
        owner_key: Key,
    },
}

const _: () = assert!(align_of::<ArchivedFollowUp>() == 1, "layouts have alignment 1");
const _: () = assert!(size_of::<ArchivedFollowUp>() < FOLLOW_UP_BYTES_MAX, "a follow-up is small");

/// Bytes that are no follow-up which this version of Ringbolt knows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown follow-up of version {version:?}: {why}")]
pub struct UnknownFollowUp {
    /// The version they say they have, if they say one.
    pub version: Option<u8>,
    /// What the check says.
    pub why: String,
}

impl FollowUp {
    /// Its bytes in state and log.
    pub fn to_bytes(&self) -> Box<[u8]> {
        let bytes = rkyv::api::high::to_bytes_in::<_, RkyvError>(self, vec![VERSION])
            .unwrap_or_else(|error| panic!("a value in memory always serializes: {error}"));
        bytes.into_boxed_slice()
    }

    /// Reads the bytes of any version.
    ///
    /// # Errors
    /// When they are of a newer version or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, UnknownFollowUp> {
        let unknown = |version, why: String| UnknownFollowUp { version, why };
        match bytes.split_first() {
            Some((&VERSION, archive)) => rkyv::from_bytes::<Self, RkyvError>(archive)
                .map_err(|error| unknown(Some(VERSION), error.to_string())),
            Some((version, _)) => Err(unknown(Some(*version), "its layout is not known".to_owned())),
            None => Err(unknown(None, "it has no bytes".to_owned())),
        }
    }

    /// What it is about: the element instance, which may have to be made yet, or a subscription of messages.
    pub fn element_instance_key(&self) -> Key {
        match *self {
            Self::Activate { key, .. }
            | Self::TakeFlows { key, .. }
            | Self::Complete { key }
            | Self::Terminate { key } => key,
            Self::TerminateChildren { scope_key, .. } | Self::TerminateRange { scope_key, .. } => scope_key,
            Self::Spawn { body_key, .. } | Self::Forget { body_key } => body_key,
            Self::Messages(step) => step.subscription_key(),
            Self::Signal { key, .. } | Self::BatchOperation { key } | Self::Broadcast { key } => key,
            Self::Condition { scope_key, .. } => scope_key,
            Self::Compensate { throw_event_key, .. } => throw_event_key,
            Self::ForgetCompensations { scope_key } => scope_key,
            Self::Rest { at, .. } => at,
            Self::Drain { process_instance_key } | Self::ReleaseBanned { process_instance_key } => {
                process_instance_key
            }
        }
    }

    /// Its name in records as people read them.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Activate { .. } => "ACTIVATE_ELEMENT",
            Self::TakeFlows { .. } => "TAKE_SEQUENCE_FLOWS",
            Self::Complete { .. } => "COMPLETE_ELEMENT",
            Self::Terminate { .. } => "TERMINATE_ELEMENT",
            Self::TerminateChildren { .. } => "TERMINATE_CHILDREN",
            Self::TerminateRange { .. } => "TERMINATE_SOME_CHILDREN",
            Self::Spawn { .. } => "SPAWN_INSTANCES",
            Self::Forget { .. } => "FORGET_RESULTS",
            Self::Messages(step) => step.name(),
            Self::Broadcast { .. } => "BROADCAST_SIGNAL",
            Self::Signal { .. } => "SPREAD_SIGNAL",
            Self::Condition { .. } => "TRIGGER_CONDITION",
            Self::Compensate { .. } => "TRIGGER_COMPENSATION",
            Self::ForgetCompensations { .. } => "FORGET_COMPENSATION",
            Self::BatchOperation { .. } => "EXECUTE_BATCH_OPERATION",
            Self::Rest { ends: false, .. } => "SUSPEND_ELEMENTS",
            Self::Rest { ends: true, .. } => "RESUME_ELEMENTS",
            Self::Drain { .. } => "DRAIN",
            Self::ReleaseBanned { .. } => "RELEASE_BANNED",
        }
    }
}

impl MessageStep {
    fn subscription_key(self) -> Key {
        match self {
            Self::Opened { owner_key, .. }
            | Self::Correlate { owner_key, .. }
            | Self::Open { owner_key }
            | Self::Migrate { owner_key }
            | Self::Close { owner_key }
            | Self::Closed { owner_key } => owner_key,
            Self::Correlated { subscription_key, .. } | Self::NotCorrelated { subscription_key, .. } => {
                subscription_key
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Open { .. } => "CREATE_MESSAGE_SUBSCRIPTION",
            Self::Migrate { .. } => "MIGRATE_MESSAGE_SUBSCRIPTION",
            Self::Opened { .. } => "CREATE_PROCESS_MESSAGE_SUBSCRIPTION",
            Self::Correlate { .. } => "CORRELATE_PROCESS_MESSAGE_SUBSCRIPTION",
            Self::Correlated { .. } => "CORRELATE_MESSAGE_SUBSCRIPTION",
            Self::NotCorrelated { .. } => "REJECT_MESSAGE_SUBSCRIPTION",
            Self::Close { .. } => "DELETE_MESSAGE_SUBSCRIPTION",
            Self::Closed { .. } => "DELETE_PROCESS_MESSAGE_SUBSCRIPTION",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FOLLOW_UP_BYTES_MAX, FollowUp, MessageStep};
    use crate::ids::{ElementIndex, Key};
    use crate::values::{Arrival, ElementInstanceRef, InstanceRef};
    use crate::wire_enums::{BpmnElementType, BpmnEventType};

    fn samples() -> [FollowUp; 22] {
        let instance = InstanceRef {
            process_definition_key: Key(1),
            process_instance_key: Key(2),
            root_process_instance_key: Key(3),
        };
        let element = ElementInstanceRef {
            instance,
            flow_scope_key: Key(4),
            element_index: ElementIndex(5),
            element_type: BpmnElementType::ServiceTask,
            event_type: BpmnEventType::Unspecified,
        };
        [
            FollowUp::Activate { key: Key(6), element, arrival: Arrival::Flow(ElementIndex(3)) },
            FollowUp::Activate { key: Key(6), element, arrival: Arrival::Direct },
            FollowUp::Activate { key: Key(6), element, arrival: Arrival::Item(u32::MAX) },
            FollowUp::Spawn { body_key: Key(6), next: 100_000 },
            FollowUp::Forget { body_key: Key(6) },
            FollowUp::TakeFlows { key: Key(6), element, taken: 7 },
            FollowUp::Complete { key: Key(7) },
            FollowUp::Terminate { key: Key(8) },
            FollowUp::TerminateChildren { scope_key: Key(9), after: Key(10) },
            FollowUp::TerminateRange { scope_key: Key(9), after: Key(10), last: Key(u64::MAX) },
            FollowUp::Signal { key: Key(11), after: Key(10) },
            FollowUp::Compensate { throw_event_key: Key(11), next: Key(10), before: Key(12) },
            FollowUp::ForgetCompensations { scope_key: Key(11) },
            FollowUp::BatchOperation { key: Key(11) },
            FollowUp::Condition { scope_key: Key(11), key: Key(12) },
            FollowUp::Rest { at: Key(11), within: Key(12), last: Key(u64::MAX), ends: true },
            FollowUp::Drain { process_instance_key: Key(13) },
            FollowUp::ReleaseBanned { process_instance_key: Key(13) },
            FollowUp::Broadcast { key: Key(11) },
            FollowUp::Messages(MessageStep::Close { owner_key: Key(11) }),
            FollowUp::Messages(MessageStep::Migrate { owner_key: Key(11) }),
            FollowUp::Messages(MessageStep::Correlate {
                owner_key: Key(11),
                subscription_key: Key(12),
                message_key: Key(13),
            }),
        ]
    }

    /// What was written is in logs and states; it stays readable.
    #[test]
    fn every_follow_up_is_read_as_it_was_written() {
        for follow_up in samples() {
            let bytes = follow_up.to_bytes();
            assert!(bytes.len() <= FOLLOW_UP_BYTES_MAX, "{follow_up:?} takes {} bytes", bytes.len());
            assert_eq!(FollowUp::read(&bytes), Ok(follow_up));
        }
    }

    #[test]
    fn damaged_bytes_are_errors_never_panics() {
        for follow_up in samples() {
            let bytes = follow_up.to_bytes();
            for cut in 0..bytes.len() {
                assert!(FollowUp::read(&bytes[..cut]).is_err(), "cut at {cut}");
            }
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x55;
                let _ = FollowUp::read(&damaged);
            }
        }
    }
}
