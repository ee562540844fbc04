//! The layouts of a business id that an instance is given while it runs, and of who has one on other partitions.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::{Key, PartitionId};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// An instance that had no business id has one from now on. The record's key is the instance's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceBusinessIdRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The business id; 1 to 256 characters.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// What the partition made under a smaller key does without it.
    pub since: Key,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Ringbolt's own: who has a business id elsewhere, on the partition of the id. The record's key is the instance's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BusinessIdHoldRecord<'a> {
    /// The process's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// The business id.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// The partition that is told when the id is free; 0 where it is not about that.
    pub partition_id: PartitionId,
    /// The message that asks for the id, on its partition; none where it is not about one.
    pub message_key: Key,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
