//! An incident was resolved; a job that it was about is offered again.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedIncidentRecord;
use ringbolt_tables::{JobState, Tables};

pub(super) fn apply_resolved(tables: &mut Tables, key: Key, value: &ArchivedIncidentRecord<'_>) {
    tables.delete_incident(key);
    let job_key = Key::of(&value.job_key);
    let Some(mut job) = tables.job(job_key) else { return };
    if matches!(job.state, JobState::Failed | JobState::ErrorThrown) {
        job.state = JobState::Activatable;
        tables.put_job(job_key, &job);
        tables.put_activatable_job(job.tenant_id(), job.job_type(), job_key);
    }
}
