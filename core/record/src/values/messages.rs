//! Messages, and who waits for them: on the partition of their correlation key, and on that of the instance.

use super::InstanceRef;
use crate::ids::{DurationMs, ElementIndex, Key, PartitionId, TimestampMs};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A message.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MessageRecord<'a> {
    /// What kind of message it is.
    #[rkyv(with = InlineAsBox)]
    pub name: &'a str,
    /// Whom it is for; empty when it is only for start events.
    #[rkyv(with = InlineAsBox)]
    pub correlation_key: &'a str,
    /// The client's own id of it; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub message_id: &'a str,
    /// It is only for instances of this business id; empty for all.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// How long it is kept for those who do not wait for it yet.
    pub time_to_live: DurationMs,
    /// When it expires.
    pub deadline: TimestampMs,
    /// What it brings, a JSON object; nothing when it expires.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Somebody waits for a message: the side of the message.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MessageSubscriptionRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits.
    pub element_instance_key: Key,
    /// The subscription on the instance's side.
    pub owner_key: Key,
    /// The message that it was told of last; none at first.
    pub message_key: Key,
    /// Whether it ends with the first message.
    pub is_interrupting: bool,
    /// The process's id in the model: a message reaches each process once.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// The message's name.
    #[rkyv(with = InlineAsBox)]
    pub message_name: &'a str,
    /// The message's correlation key.
    #[rkyv(with = InlineAsBox)]
    pub correlation_key: &'a str,
    /// The instance's business id; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Somebody waits for a message: the side of the instance.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessMessageSubscriptionRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// The partition of the correlation key.
    pub partition_id: PartitionId,
    /// The message that it took last; none at first.
    pub message_key: Key,
    /// Whether it ends with the first message.
    pub is_interrupting: bool,
    /// Whether it only rests while its instance is suspended, or goes on after that.
    pub is_for_suspension: bool,
    /// The message's name.
    #[rkyv(with = InlineAsBox)]
    pub message_name: &'a str,
    /// The message's correlation key.
    #[rkyv(with = InlineAsBox)]
    pub correlation_key: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// The start event of a process waits for messages, on every partition.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MessageStartEventSubscriptionRecord<'a> {
    /// The definition, and the instance that a message has started.
    pub instance: InstanceRef,
    /// The event.
    pub element_index: ElementIndex,
    /// The message that has started an instance; none before.
    pub message_key: Key,
    /// The process's id in the model: a message reaches each process once.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// The message's name.
    #[rkyv(with = InlineAsBox)]
    pub message_name: &'a str,
    /// Of the message that has started an instance: no other is started for it while that one runs. Empty for none.
    #[rkyv(with = InlineAsBox)]
    pub correlation_key: &'a str,
    /// Of the message that has started an instance, and so of the instance. Empty for none.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A message whose publisher waits for whom it reaches; under the message's key.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MessageCorrelationRecord<'a> {
    /// The instance that it has reached; none before.
    pub process_instance_key: Key,
    /// The message's name.
    #[rkyv(with = InlineAsBox)]
    pub name: &'a str,
    /// The message's correlation key.
    #[rkyv(with = InlineAsBox)]
    pub correlation_key: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
