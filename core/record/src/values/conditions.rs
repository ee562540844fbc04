//! Who waits for a condition, and evaluations of those that start processes.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::{ElementIndex, Key};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// Somebody waits for a condition.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ConditionalSubscriptionRecord<'a> {
    /// Definition and instance; of the start event of a process there is no instance.
    pub instance: InstanceRef,
    /// The element instance that waits, whose variables the condition sees; none of a process's start event.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// Whether nobody waits any more once it holds.
    pub is_interrupting: bool,
    /// The process's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// The condition as it stands in the model, with its mark.
    #[rkyv(with = InlineAsBox)]
    pub condition: &'a str,
    /// Variables whose changes are looked at, with commas between them; empty for all.
    #[rkyv(with = InlineAsBox)]
    pub variable_names: &'a str,
    /// Changes that are looked at, `create` and `update` with a comma between them; empty for all.
    #[rkyv(with = InlineAsBox)]
    pub variable_events: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// The conditions of processes' start events were evaluated.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ConditionalEvaluationRecord<'a> {
    /// The definition whose conditions they were; none for those of all.
    pub process_definition_key: Key,
    /// What they were evaluated over, and what the instances begin with: a JSON object.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
    /// The instances that begin, in the order of those who waited.
    pub started: Vec<StartedInstance>,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// An instance that a condition has started.
#[derive(Archive, rkyv::Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct StartedInstance {
    /// What it runs.
    pub process_definition_key: Key,
    /// The instance.
    pub process_instance_key: Key,
}
