//! An incident was resolved; a job that it was about is offered again. Where it was about the element instance itself, the listeners of what
//! failed are asked again.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedIncidentRecord;
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, JobState, Tables};

pub(super) fn apply_resolved(tables: &mut Tables, key: Key, value: &ArchivedIncidentRecord<'_>) {
    tables.delete_incident(key);
    let element_instance_key = Key::of(&value.element_instance_key);
    let job_key = Key::of(&value.job_key);
    // Its own incident and its job's can stand beside each other.
    let waits_for = tables.element_instance(element_instance_key).map_or(Key::NONE, |row| row.waits_for);
    let has_another =
        [element_instance_key, waits_for].iter().any(|owner| tables.incident_of(*owner).is_some());
    if !has_another {
        tables.change_element_instance_flags(element_instance_key, |flags| {
            flags.without(ElementInstanceFlags::INCIDENT)
        });
    }
    let has_asked = |row: ElementInstanceRow| row.flags.has(ElementInstanceFlags::LISTENERS);
    if job_key.is_none() && tables.element_instance(element_instance_key).is_some_and(has_asked) {
        tables.put_listeners_begun(element_instance_key, 0);
    }
    let Some(mut job) = tables.job(job_key) else { return };
    if matches!(job.state, JobState::Failed | JobState::ErrorThrown) {
        job.state = JobState::Activatable;
        tables.put_job(job_key, &job);
        tables.put_activatable_job(&job, job_key);
    }
}
