//! The layout of what an ad-hoc sub-process is told.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::Key;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// What an ad-hoc sub-process was told. Variables of what is entered stand in the records before it too.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct AdHocSubProcessInstructionRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The ad-hoc sub-process.
    pub element_instance_key: Key,
    /// What is entered, in order.
    pub activate: Vec<ActivatedAdHoc<'a>>,
    /// Whether it completes once nothing stands in it any more.
    pub is_completion_condition_fulfilled: bool,
    /// Whether what stood in it is ended.
    pub cancels_remaining_instances: bool,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// An element that is going to be entered.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ActivatedAdHoc<'a> {
    /// Its id.
    #[rkyv(with = InlineAsBox)]
    pub element_id: &'a str,
    /// Its variables, the text of a JSON object; empty for none.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
}
