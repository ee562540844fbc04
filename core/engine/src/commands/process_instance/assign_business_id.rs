//! Gives a process instance a business id that has none: once, and for what it makes from then on. So is it in Camunda 8.10
//! (`zeebe/docs/adr/0006-810-late-business-id-assignment.md`, `ProcessInstanceBusinessIdAssignmentBehavior`): also the id that an instance
//! has already is refused, since every command that is taken has an event. Where business ids have to differ none is given later.

use crate::behaviors::business_ids;
use crate::commands::check_not_banned;
use crate::failure::{Refusal, invalid_state, not_found};
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::ProcessInstanceBusinessIdRecord;
use ringbolt_record::{BpmnElementType, Key, ProcessInstanceBusinessIdIntent, Reply};
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState};

pub(crate) fn process_assign(
    p: &mut Processing<'_>,
    process_instance_key: Key,
    business_id: &str,
) -> Result<(), Refusal> {
    assign(p, process_instance_key, business_id)?;
    p.reply(Reply::Done);
    Ok(())
}

/// The same as a part of what a worker reports of one of its jobs.
pub(crate) fn assign(p: &mut Processing<'_>, key: Key, business_id: &str) -> Result<(), Refusal> {
    let row = find(p, key)?;
    let but = |why: &str| Err(invalid_state(refused(key, why)));
    if row.element.instance.is_called() {
        return but(
            "it is a child process instance; a business id can only be assigned to root process instances",
        );
    }
    if row.state != ElementInstanceState::Activated {
        return but("it is not active; a business id can only be assigned to active process instances");
    }
    if p.settings.business_ids_are_unique {
        return but("business id assignment is not allowed while business id uniqueness is enabled");
    }
    if p.tables().instance_metadata(key).is_some_and(|metadata| !metadata.business_id.is_empty()) {
        return but("it already has a business id assigned");
    }
    let instance = row.element.instance;
    let tenant_id = lifecycle::tenant_of(p, instance);
    let since = p.next_key();
    let record = ProcessInstanceBusinessIdRecord { instance, business_id, since, tenant_id: &tenant_id };
    p.append(ProcessInstanceBusinessIdIntent::Assigned, key, &record);
    business_ids::begun(p, key);
    Ok(())
}

fn refused(key: Key, why: &str) -> String {
    format!("Expected to assign a business id to process instance with key '{}', but {why}", key.to_wire())
}

fn find(p: &Processing<'_>, key: Key) -> Result<ElementInstanceRow, Refusal> {
    let but = |why: &str| not_found(refused(key, why));
    let row = p.tables().element_instance(key);
    let row = row.ok_or_else(|| but("no such process instance was found"))?;
    if row.element.element_type != BpmnElementType::Process {
        return Err(but("the element with this key is not a process instance"));
    }
    check_not_banned(p, key)?;
    Ok(row)
}
