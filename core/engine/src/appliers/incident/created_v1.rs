//! An incident was raised; a job that it is about is no longer offered.

use crate::appliers::job::rows_v1::take_out;
use ringbolt_record::values::{ArchivedIncidentRecord, InstanceRef};
use ringbolt_record::{ElementIndex, ErrorType, Key};
use ringbolt_tables::{ElementInstanceFlags, IncidentRow, JobState, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedIncidentRecord<'_>) {
    let job_key = Key::of(&value.job_key);
    let row = IncidentRow {
        instance: InstanceRef::of(&value.instance),
        error_type: ErrorType::of(&value.error_type),
        error_message: value.error_message.to_string(),
        element_instance_key: Key::of(&value.element_instance_key),
        element_index: ElementIndex::of(&value.element_index),
        job_key,
        variable_scope_key: Key::of(&value.variable_scope_key),
    };
    tables.put_incident(key, &row);
    tables.change_element_instance_flags(row.element_instance_key, |flags| {
        flags.with(ElementInstanceFlags::INCIDENT)
    });
    let is_offered = tables.job(job_key).is_some_and(|job| job.state == JobState::Activatable);
    if is_offered {
        let mut job = take_out(tables, job_key);
        job.state = JobState::Failed;
        tables.put_job(job_key, &job);
    }
}
