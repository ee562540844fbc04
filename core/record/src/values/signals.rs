//! Signals, and who waits for them.

use super::InstanceRef;
use crate::ids::{ElementIndex, Key};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A signal, on each partition under the same key.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct SignalRecord<'a> {
    /// Under which key the partition keeps what it brings until it has reached all; none where it reaches them at once.
    pub kept_under: Key,
    /// Its name.
    #[rkyv(with = InlineAsBox)]
    pub name: &'a str,
    /// What it brings, a JSON object; nothing when it has reached all.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Somebody waits for a signal.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct SignalSubscriptionRecord<'a> {
    /// Definition and instance; of the start event of a process there is no instance.
    pub instance: InstanceRef,
    /// The element instance that waits; none of a process's start event.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// The process's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// The signal's name.
    #[rkyv(with = InlineAsBox)]
    pub signal_name: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
