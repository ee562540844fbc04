//! Completes a job; the element instance that waits for it is left, or goes on, in the same entry.

use super::{WORKABLE, find};
use crate::behaviors::jobs;
use crate::drive;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{JobIntent, JobKind, Key, Reply, VariableDocument};
use ringbolt_tables::ElementInstanceState;

pub(crate) fn process_complete(
    p: &mut Processing<'_>,
    key: Key,
    variables: &VariableDocument,
) -> Result<(), Refusal> {
    let job = find(p, key, "complete", &WORKABLE)?;
    let definition = jobs::definition_of(p, &job)?;
    jobs::append(p, JobIntent::Completed, key, &job, &definition.tenant_id, jobs::Change::default());
    let state = p.tables().element_instance_state(job.element_instance_key);
    if job.kind == JobKind::ExecutionListener {
        drive::go_on_listening(p, &job, variables)?;
    } else if state == Some(ElementInstanceState::Activated) {
        // Not put behind other steps: the variables are at hand only now.
        let variables = (!variables.is_empty()).then_some(variables);
        drive::complete_or_raise(p, job.element_instance_key, variables)?;
    }
    p.reply(Reply::Done);
    Ok(())
}
