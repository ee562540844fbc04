//! Goes on after an incident: a job is offered again, or the element instance takes up where it stopped.

use crate::aspects::task_listeners;
use crate::behaviors::{incidents, jobs};
use crate::commands::{check_not_banned, check_not_suspended};
use crate::failure::{Refusal, Unexpected, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::values::Arrival;
use ringbolt_record::{BpmnElementType, FollowUp, Key, Reply};
use ringbolt_tables::{ElementInstanceState, IncidentRow};

pub(crate) fn process_resolve(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let Some(incident) = p.tables().incident(key) else {
        return Err(not_found(format!(
            "Expected to resolve incident with key '{}', but no such incident was found",
            key.to_wire()
        )));
    };
    let instance = incident.instance;
    check_not_banned(p, instance.process_instance_key)?;
    check_not_suspended(p, instance.process_instance_key, incident.element_instance_key)?;
    let job = p.tables().job(incident.job_key);
    if let Some(job) = &job
        && incident.error_type == jobs::no_retries(job.kind)
        && job.retries <= 0
    {
        return Err(invalid_state(format!(
            "Expected to resolve incident with key '{key}', but job with key '{}' has no retries left. Please update \
             the job retries and retry resolving the incident",
            incident.job_key
        )));
    }
    let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key)?;
    incidents::resolve(p, key, &incident, &definition.tenant_id);
    match job {
        Some(job) => jobs::offer(p, incident.job_key, &definition, job.job_type()),
        None => go_on(p, &incident)?,
    }
    p.reply(Reply::Done);
    Ok(())
}

/// Takes up an element instance where it stopped.
fn go_on(p: &mut Processing<'_>, incident: &IncidentRow) -> Result<(), Unexpected> {
    let key = incident.element_instance_key;
    let Some(row) = p.tables().element_instance(key) else { return Ok(()) };
    if row.element.element_type == BpmnElementType::UserTask && task_listeners::ask_again(p, key, &row)? {
        return Ok(());
    }
    let process_instance_key = row.element.instance.process_instance_key;
    match row.state {
        ElementInstanceState::Activating => {
            p.follow_up(
                process_instance_key,
                FollowUp::Activate { key, element: row.element, arrival: Arrival::Again },
            );
        }
        ElementInstanceState::Completing => {
            p.follow_up(process_instance_key, FollowUp::Complete { key });
        }
        // A process instance that ends asks its listeners.
        ElementInstanceState::Terminating => {
            p.follow_up(process_instance_key, FollowUp::Terminate { key });
        }
        ElementInstanceState::Activated => {}
    }
    Ok(())
}
