//! The layout of a business id that an instance is given while it runs.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::Key;
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
