//! A model of decisions is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedDecisionRequirementsRecord;
use ringbolt_tables::{DecisionRequirementsRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedDecisionRequirementsRecord<'_>) {
    let row = DecisionRequirementsRow {
        decision_requirements_id: &value.decision_requirements_id,
        decision_requirements_name: &value.decision_requirements_name,
        version: value.decision_requirements_version.to_native(),
        namespace: &value.namespace,
        deployment_key: Key::of(&value.deployment_key),
        resource_name: &value.resource_name,
        checksum: value.checksum,
        tenant_id: &value.tenant_id,
        resource: &value.resource,
    };
    tables.put_decision_requirements(key, &row);
}
