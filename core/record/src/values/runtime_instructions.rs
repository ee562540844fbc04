//! The layout of what an instance was told for its run.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::ElementIndex;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// An instance is going to end, as it was told, since one of its elements has.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct RuntimeInstructionRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element.
    pub element_index: ElementIndex,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
