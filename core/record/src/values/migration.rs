//! The layout of a change of which definition an instance runs.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::Key;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// An instance runs another definition from now on. What stands in it was changed by the events before.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceMigrationRecord<'a> {
    /// The instance, and the definition that it ran.
    pub instance: InstanceRef,
    /// The definition that it runs.
    pub target_process_definition_key: Key,
    /// Which elements became which.
    pub mappings: Vec<MigratedMapping<'a>>,
    /// Whether it keeps the lock on a message's correlation key, if it holds one: messages start the new process too.
    pub keeps_lock: bool,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// An element that became another.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MigratedMapping<'a> {
    /// Its id in the definition that the instance ran.
    #[rkyv(with = InlineAsBox)]
    pub source_element_id: &'a str,
    /// Its id in the new one.
    #[rkyv(with = InlineAsBox)]
    pub target_element_id: &'a str,
}
