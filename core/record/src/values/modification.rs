//! The layout of a change of where an instance stands.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::{ElementIndex, Key};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// What was changed. The variables that came with it stand in the records before it.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceModificationRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// What is entered, in order.
    pub activate: Vec<ActivatedInstruction>,
    /// What was told to end, in order.
    pub terminate: Vec<Key>,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// An element that is going to be entered.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ActivatedInstruction {
    /// The element.
    pub element_index: ElementIndex,
    /// The ancestor that was asked for; none where none was.
    pub ancestor_scope_key: Key,
    /// The element instances around it, from the process inwards. It is entered in the last.
    pub scope_keys: Vec<Key>,
}
