//! A decision is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedDecisionRecord;
use ringbolt_tables::{DecisionRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedDecisionRecord<'_>) {
    let row = DecisionRow {
        decision_id: &value.decision_id,
        decision_name: &value.decision_name,
        version: value.version.to_native(),
        version_tag: &value.version_tag,
        decision_requirements_id: &value.decision_requirements_id,
        decision_requirements_key: Key::of(&value.decision_requirements_key),
        deployment_key: Key::of(&value.deployment_key),
        tenant_id: &value.tenant_id,
    };
    tables.put_decision(key, &row);
}
