//! Lets a process instance stand elsewhere: enters elements, with the scopes around them, and ends element instances, with the
//! scopes that are empty then. All of it or nothing, in one step.

use super::check::Checker;
use super::instructions::{self, ELEMENTS_MAX, Instructions, too_much};
use super::scopes;
use crate::at::{At, element_ref};
use crate::commands::check_not_banned;
use crate::failure::{Refusal, invalid_argument, not_found};
use crate::writers::Processing;
use crate::{drive, ending};
use ringbolt_record::modification::ModifyProcessInstance;
use ringbolt_record::values::{ActivatedInstruction, Arrival, ProcessInstanceModificationRecord};
use ringbolt_record::{
    BpmnElementType, ElementIndex, FollowUp, Key, ProcessInstanceModificationIntent, Reply,
};
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState};
use std::collections::BTreeSet;

pub(crate) fn process_modify(p: &mut Processing<'_>, modify: &ModifyProcessInstance) -> Result<(), Refusal> {
    let key = modify.process_instance_key;
    let process = find_process(p, key)?;
    let instructions = instructions::resolve(p, &process.definition, modify)?;
    let checker = Checker { p, definition: &process.definition, process_instance_key: key };
    let elements = checker.check(&instructions)?;
    let activated = enter_scopes(p, &process, &instructions, &elements)?;
    end(p, &process, &instructions.terminate, &activated)?;
    let entered = activated.into_iter().map(|(element_key, instruction)| {
        let scope_key = instruction.scope_keys.last().copied().unwrap_or_default();
        let index = instruction.element_index;
        let element = element_ref(&process.definition, process.element.instance, index, scope_key);
        ((element_key, element), instruction)
    });
    let (entered, activate): (Vec<_>, Vec<_>) = entered.unzip();
    let record = ProcessInstanceModificationRecord {
        instance: process.element.instance,
        activate,
        terminate: instructions.terminate,
        tenant_id: &process.definition.tenant_id,
    };
    p.append(ProcessInstanceModificationIntent::Modified, key, &record);
    let is_suspended = p.tables().is_suspended(key);
    for (element_key, element) in entered {
        let arrival = Arrival::Modification;
        match is_suspended {
            false => drive::activate(p, element_key, element, arrival)?,
            // It is entered when the instance goes on.
            true => p.follow_up(key, FollowUp::Activate { key: element_key, element, arrival }),
        }
    }
    if p.has_overflowed() {
        return Err(too_much(key));
    }
    p.reply(Reply::Done);
    Ok(())
}

/// The instance, which is there and is not ending.
fn find_process(p: &mut Processing<'_>, key: Key) -> Result<At, Refusal> {
    let is_process = |row: &ElementInstanceRow| {
        row.element.element_type == BpmnElementType::Process && row.state != ElementInstanceState::Terminating
    };
    let Some(row) = p.tables().element_instance(key).filter(is_process) else {
        return Err(not_found(format!(
            "Expected to modify process instance but no process instance found with key '{}'",
            key.to_wire()
        )));
    };
    check_not_banned(p, key)?;
    Ok(At::find(p, key, row.element)?)
}

/// Enters the scopes that are missing. The keys of the elements to be entered, and where.
fn enter_scopes(
    p: &mut Processing<'_>,
    process: &At,
    instructions: &Instructions<'_>,
    elements: &[ElementIndex],
) -> Result<Vec<(Key, ActivatedInstruction)>, Refusal> {
    let mut activated = Vec::with_capacity(elements.len());
    for (activation, element_index) in instructions.activate.iter().zip(elements) {
        let scope_keys = scopes::enter_around(p, process, activation, *element_index)?;
        let key = p.next_key();
        scopes::set_variables(p, process, activation, *element_index, key)?;
        let ancestor_scope_key = activation.ancestor_key;
        let instruction =
            ActivatedInstruction { element_index: *element_index, ancestor_scope_key, scope_keys };
        activated.push((key, instruction));
    }
    Ok(activated)
}

/// Ends element instances, and each scope around them in which nothing stands then, unless something is going to be entered there.
fn end(
    p: &mut Processing<'_>,
    process: &At,
    terminate: &[Key],
    activated: &[(Key, ActivatedInstruction)],
) -> Result<(), Refusal> {
    let needed: BTreeSet<Key> =
        activated.iter().flat_map(|(_, instruction)| instruction.scope_keys.iter().copied()).collect();
    let mut left = ELEMENTS_MAX;
    for key in terminate {
        let mut next = p.tables().element_instance(*key).map(|row| (*key, row));
        while let Some((key, row)) = next {
            if row.element.element_type == BpmnElementType::Process
                && row.parent_element_instance_key.is_some()
            {
                return Err(invalid_argument(format!(
                    "Expected to modify instance of process '{}' but the given instructions would terminate the instance. The \
                     instance was created by a call activity in the parent process. To terminate this instance please modify \
                     the parent process instead.",
                    process.definition.bpmn_process_id
                )));
            }
            left = ending::terminate_at_once(p, key, left).ok_or_else(|| too_much(process.key))?;
            let scope_key = row.element.flow_scope_key;
            let is_empty = |row: &ElementInstanceRow| {
                row.active_children == 0 && row.arriving == 0 && !needed.contains(&scope_key)
            };
            next = p.tables().element_instance(scope_key).filter(is_empty).map(|row| (scope_key, row));
        }
    }
    Ok(())
}
