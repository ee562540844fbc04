//! Cluster variables: what expressions of all processes see as `camunda.vars`.

use crate::wire_enums::ClusterVariableScope;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A cluster variable, as it is after the event.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ClusterVariableRecord<'a> {
    /// Who sees it.
    pub scope: ClusterVariableScope,
    /// Its name, one of its scope.
    #[rkyv(with = InlineAsBox)]
    pub name: &'a str,
    /// Its value as JSON text; empty once it is deleted.
    #[rkyv(with = InlineAsBox)]
    pub value: &'a [u8],
    /// What clients note about it, a JSON object.
    #[rkyv(with = InlineAsBox)]
    pub metadata: &'a [u8],
    /// Owner of what only one tenant sees; empty of what all see.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
