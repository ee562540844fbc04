//! An incident was resolved; a job that it was about is offered again.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedIncidentRecord;
use ringbolt_tables::{ElementInstanceFlags, JobState, Tables};

pub(super) fn apply_resolved(tables: &mut Tables, key: Key, value: &ArchivedIncidentRecord<'_>) {
    tables.delete_incident(key);
    let element_instance_key = Key::of(&value.element_instance_key);
    let job_key = Key::of(&value.job_key);
    // An element instance has one at a time: it raises its own only before or after its job is there.
    tables.change_element_instance_flags(element_instance_key, |flags| {
        flags.without(ElementInstanceFlags::INCIDENT)
    });
    let Some(mut job) = tables.job(job_key) else { return };
    if matches!(job.state, JobState::Failed | JobState::ErrorThrown) {
        job.state = JobState::Activatable;
        tables.put_job(job_key, &job);
        tables.put_activatable_job(job.tenant_id(), job.job_type(), job_key);
    }
}
