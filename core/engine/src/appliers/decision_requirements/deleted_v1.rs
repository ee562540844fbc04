//! A model of decisions is there no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedDecisionRequirementsRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedDecisionRequirementsRecord<'_>) {
    tables.delete_decision_requirements(Key::of(&value.decision_requirements_key));
}
