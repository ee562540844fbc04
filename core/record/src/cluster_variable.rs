//! Cluster variables as commands and answers have them, and what can happen to them.

use crate::ids::Key;
use crate::wire_enums::{ClusterVariableIntent, ClusterVariableScope};
use bytes::Bytes;
use rkyv::{Archive, Deserialize, Serialize};

/// A change of a cluster variable.
#[derive(Archive, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterVariableChange {
    /// It comes to be.
    Create,
    /// It has another value.
    Update,
    /// It is gone.
    Delete,
}

impl ClusterVariableChange {
    /// The command's intent.
    pub fn command(self) -> ClusterVariableIntent {
        match self {
            Self::Create => ClusterVariableIntent::Create,
            Self::Update => ClusterVariableIntent::Update,
            Self::Delete => ClusterVariableIntent::Delete,
        }
    }

    /// The event's intent.
    pub fn event(self) -> ClusterVariableIntent {
        match self {
            Self::Create => ClusterVariableIntent::Created,
            Self::Update => ClusterVariableIntent::Updated,
            Self::Delete => ClusterVariableIntent::Deleted,
        }
    }
}

/// See [`crate::Command::ChangeClusterVariable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeClusterVariable {
    /// What is to happen to it.
    pub change: ClusterVariableChange,
    /// What it is to be; of one that is deleted, scope, name and owner.
    pub variable: ClusterVariable,
}

/// A cluster variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterVariable {
    /// Who sees it.
    pub scope: ClusterVariableScope,
    /// Owner of what only one tenant sees; empty of what all see.
    pub tenant_id: String,
    /// Its name.
    pub name: String,
    /// Its value as JSON text.
    pub value: Bytes,
    /// What clients note about it, a JSON object.
    pub metadata: Bytes,
}

/// See [`crate::PartitionMessage::ClusterVariable`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedClusterVariable {
    /// Key of the change; names the partition on which it was made.
    pub key: Key,
    /// What has happened to it.
    pub change: ClusterVariableChange,
    /// Who sees it.
    pub scope: ClusterVariableScope,
    /// Its name.
    pub name: String,
    /// Its value as JSON text.
    pub value: Vec<u8>,
    /// What clients note about it, a JSON object.
    pub metadata: Vec<u8>,
    /// Owner of what only one tenant sees.
    pub tenant_id: String,
}
