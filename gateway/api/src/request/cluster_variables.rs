//! Changing cluster variables.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::{
    ChangeClusterVariable, ClusterVariable, ClusterVariableChange, ClusterVariableScope, Command,
};

/// Most entries of what clients note about a cluster variable, as in Camunda.
const METADATA_ENTRIES_MAX: usize = 100;

impl Mapper<'_> {
    /// A change of a cluster variable; of what one tenant sees the tenant has to be the one that there is.
    ///
    /// # Errors
    /// When it is another tenant's, or notes too much.
    pub fn change_cluster_variable(
        &self,
        change: ClusterVariableChange,
        mut variable: ClusterVariable,
        metadata_entries: usize,
    ) -> Result<Request, ApiError> {
        if variable.scope == ClusterVariableScope::Tenant {
            let what = match change {
                ClusterVariableChange::Create => ["CreateClusterVariable", "Create Cluster Variable"],
                ClusterVariableChange::Update => ["UpdateClusterVariable", "Update Cluster Variable"],
                ClusterVariableChange::Delete => ["DeleteClusterVariable", "Delete Cluster Variable"],
            };
            variable.tenant_id = self.tenant(what[0], what[1], &variable.tenant_id)?;
        }
        if metadata_entries > METADATA_ENTRIES_MAX {
            return Err(ApiError::invalid(format!(
                "The metadata of a cluster variable must not have more than {METADATA_ENTRIES_MAX} entries, but has \
                 {metadata_entries}."
            )));
        }
        let command = Command::ChangeClusterVariable(Box::new(ChangeClusterVariable { change, variable }));
        Ok(self.request(Target::Deployments, command))
    }
}
