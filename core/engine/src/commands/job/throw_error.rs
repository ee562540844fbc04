//! Ends a job with a business error. An event that catches it goes on with what the worker sent; where none does, the job
//! waits with an incident.

use super::{WORKABLE, find_held};
use crate::behaviors::{incidents, jobs, thrown};
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{JobIntent, JobKind, Key, Reply, VariableDocument};

pub(crate) fn process_throw_error(
    p: &mut Processing<'_>,
    key: Key,
    error_code: &str,
    error_message: &str,
    variables: &VariableDocument,
) -> Result<(), Refusal> {
    let job = find_held(p, key, "throw an error for", &WORKABLE)?;
    if matches!(job.kind, JobKind::ExecutionListener | JobKind::TaskListener) {
        return Err(invalid_state(format!(
            "Cannot throw BPMN error from {} job with key '{}', type '{}' and processInstanceKey '{}'",
            job.kind.name(),
            key.to_wire(),
            job.job_type(),
            job.instance.process_instance_key
        )));
    }
    let definition = jobs::definition_of(p, &job)?;
    let found = thrown::find_error(p, error_code, error_message, job.element_instance_key)?;
    let change = jobs::Change {
        error_code: Some(error_code),
        error_message: Some(error_message),
        is_caught: found.is_ok(),
        ..jobs::Change::default()
    };
    match found {
        Ok(catcher) if !thrown::can_catch(p, &catcher) => {
            return Err(invalid_state(format!(
                "Expected to throw an error for job with key '{}', but what catches the error is not accepting events",
                key.to_wire()
            )));
        }
        Ok(catcher) => {
            jobs::append(p, JobIntent::ErrorThrown, key, &job, &definition.tenant_id, change);
            let text = if variables.is_empty() { Vec::new() } else { variables.to_json() };
            thrown::catch(p, &catcher, &text)?;
        }
        Err(failure) => {
            jobs::append(p, JobIntent::ErrorThrown, key, &job, &definition.tenant_id, change);
            if let Some(at) = jobs::waiting_for(p, &job, &definition) {
                incidents::raise(p, &at, key, &failure);
            }
        }
    }
    p.reply(Reply::Done);
    Ok(())
}
