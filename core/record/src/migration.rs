//! What is asked of a process instance that is to run another definition.

use crate::ids::Key;

/// See [`crate::Command::MigrateProcessInstance`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrateProcessInstance {
    /// The instance.
    pub process_instance_key: Key,
    /// The definition that it is to run.
    pub target_process_definition_key: Key,
    /// Which elements become which.
    pub mappings: Vec<MigrateMapping>,
}

/// An element that becomes another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrateMapping {
    /// Its id in the definition that the instance runs.
    pub source_element_id: String,
    /// Its id in the new one.
    pub target_element_id: String,
}
