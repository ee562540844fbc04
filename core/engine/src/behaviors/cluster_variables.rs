//! Changing cluster variables, on every partition alike.
//!
//! One partition decides, the one that keeps deployments, so that all take the changes in one order.

use crate::behaviors::distributions;
use crate::writers::Processing;
use ringbolt_record::partition_message::DistributedClusterVariable;
use ringbolt_record::values::ClusterVariableRecord;
use ringbolt_record::{ChangeClusterVariable, ClusterVariableChange, PartitionMessage};

/// Changes a variable on all partitions.
pub(crate) fn change(p: &mut Processing<'_>, command: &ChangeClusterVariable) {
    let ChangeClusterVariable { change, variable } = command;
    let is_deleted = *change == ClusterVariableChange::Delete;
    let kept = |bytes: &[u8]| if is_deleted { Vec::new() } else { bytes.to_vec() };
    let changed = DistributedClusterVariable {
        key: p.next_key(),
        change: *change,
        scope: variable.scope,
        name: variable.name.clone(),
        value: kept(&variable.value),
        metadata: kept(&variable.metadata),
        tenant_id: variable.tenant_id.clone(),
    };
    arrive(p, &changed);
    distributions::begin(p, &PartitionMessage::ClusterVariable(changed));
}

/// A change comes to this partition.
pub(crate) fn arrive(p: &mut Processing<'_>, changed: &DistributedClusterVariable) {
    let DistributedClusterVariable { key, change, scope, name, value, metadata, tenant_id } = changed;
    let record = ClusterVariableRecord { scope: *scope, name, value, metadata, tenant_id };
    p.append(change.event(), *key, &record);
}
