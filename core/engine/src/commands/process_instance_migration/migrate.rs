//! Lets a process instance run another definition: everything in it becomes something of that. All of it or nothing, in one step.

use super::map::Map;
use super::{elements, events, flows};
use crate::at::At;
use crate::behaviors::{business_ids, freed_business_ids, last_instances, message_starts};
use crate::commands::check_not_banned;
use crate::definitions::Definition;
use crate::failure::{Refusal, invalid_argument, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_model::Flags;
use ringbolt_record::values::{MigratedMapping, ProcessInstanceMigrationRecord};
use ringbolt_record::{
    BpmnElementType, ElementIndex, Key, MigrateProcessInstance, ProcessInstanceMigrationIntent, Reply,
};
use std::collections::VecDeque;
use std::sync::Arc;

pub(crate) fn process_migrate(
    p: &mut Processing<'_>,
    migrate: &MigrateProcessInstance,
) -> Result<(), Refusal> {
    let key = migrate.process_instance_key;
    let process = find_process(p, key)?;
    check_sources(migrate)?;
    let target = find_target(p, migrate, &process)?;
    check_lock(p, key, &process, &target)?;
    let map = Map::of(migrate, process.definition.clone(), target)?;
    let keeps_any = p.tables().held_follow_ups(key, Key::NONE).next().is_some();
    if keeps_any || p.tables().has_follow_ups(key) {
        return map.refuse_concurrent();
    }
    migrate_all(p, &map)?;
    let lock = p.tables().message_lock_of(key);
    let is_other = map.source.bpmn_process_id != map.target.bpmn_process_id;
    let business_id = if is_other { business_ids::of_instance(p, key) } else { None };
    p.append(ProcessInstanceMigrationIntent::Migrated, key, &record(migrate, &process, &map));
    // What waited for the lock waits no more, as when the instance had ended.
    if let Some(lock) = lock.filter(|_| is_other) {
        message_starts::start_next(p, &lock);
    }
    if business_id.is_some() {
        business_ids::begun(p, key);
        freed_business_ids::on_freed(p, key, business_id);
    }
    last_instances::on_instance_ended(p, map.source.key);
    p.reply(Reply::Done);
    Ok(())
}

/// The instance, which is there.
fn find_process(p: &mut Processing<'_>, key: Key) -> Result<At, Refusal> {
    let row = p.tables().element_instance(key);
    let Some(row) = row.filter(|row| row.element.element_type == BpmnElementType::Process) else {
        return Err(not_found(format!(
            "Expected to migrate process instance but no process instance found with key '{}'",
            key.to_wire()
        )));
    };
    check_not_banned(p, key)?;
    Ok(At::find(p, key, row.element)?)
}

/// No element becomes two.
fn check_sources(migrate: &MigrateProcessInstance) -> Result<(), Refusal> {
    let ids = || migrate.mappings.iter().map(|mapping| mapping.source_element_id.as_str());
    let mut sorted: Vec<&str> = ids().collect();
    sorted.sort_unstable();
    let twice: Vec<&str> =
        sorted.chunk_by(|a, b| a == b).filter(|ids| ids.len() > 1).map(|ids| ids[0]).collect();
    if twice.is_empty() {
        return Ok(());
    }
    let mut listed: Vec<&str> = Vec::with_capacity(twice.len());
    for id in ids().filter(|id| twice.binary_search(id).is_ok()) {
        if listed.len() < twice.len() && !listed.contains(&id) {
            listed.push(id);
        }
    }
    Err(invalid_argument(format!(
        "Expected to migrate process instance '{}' but the mapping instructions contain duplicate source element ids '[{}]'.",
        migrate.process_instance_key,
        listed.join(", ")
    )))
}

/// The definition that it is to run, of the same owner; nothing begins to run one that is being deleted.
fn find_target(
    p: &mut Processing<'_>,
    migrate: &MigrateProcessInstance,
    process: &At,
) -> Result<Arc<Definition>, Refusal> {
    let key = migrate.target_process_definition_key;
    let target = p.definition(key).map_err(invalid_state)?;
    target.filter(|target| !target.is_deleting && target.tenant_id == process.definition.tenant_id).ok_or_else(
        || {
            not_found(format!(
                "Expected to migrate process instance to process definition but no process definition found with key '{}'",
                key.to_wire()
            ))
        },
    )
}

/// Of each process one instance runs for a message's correlation key.
fn check_lock(p: &Processing<'_>, key: Key, process: &At, target: &Definition) -> Result<(), Refusal> {
    let is_other = process.definition.bpmn_process_id != target.bpmn_process_id;
    let Some(lock) = p.tables().message_lock_of(key).filter(|_| is_other && takes_locks(target)) else {
        return Ok(());
    };
    if p.tables().has_message_lock(&lock.tenant_id, &target.bpmn_process_id, &lock.correlation_key) {
        return Err(invalid_state(format!(
            "Expected to migrate process instance '{key}' but target process definition '{}' has an active instance triggered by a \
             message start event with correlation key '{}'. Only one instance per correlation key is allowed for message start events.",
            target.key, lock.correlation_key
        )));
    }
    Ok(())
}

/// Whether messages start a process.
fn takes_locks(definition: &Definition) -> bool {
    definition.element(ElementIndex::PROCESS).flags.has(Flags::MESSAGE_STARTS)
}

/// Migrates everything that stands in the instance, scopes before what is in them.
fn migrate_all(p: &mut Processing<'_>, map: &Map<'_>) -> Result<(), Refusal> {
    let mut to_migrate = VecDeque::from([map.process_instance_key]);
    while let Some(key) = to_migrate.pop_front() {
        let Some(row) = p.tables().element_instance(key) else { continue };
        let target = map.check(p, key, &row)?;
        elements::migrate(p, map, key, &row, target);
        flows::migrate(p, map, key, &row)?;
        elements::migrate_parts(p, map, key, &row, target)?;
        events::migrate(p, map, key, &row, target)?;
        elements::migrate_called(p, &row);
        // More than an entry holds: the rest need not be looked at.
        p.check_fits()?;
        to_migrate.extend(p.tables().children_after(key, Key::NONE));
    }
    Ok(())
}

fn record<'a>(
    migrate: &'a MigrateProcessInstance,
    process: &At,
    map: &'a Map<'_>,
) -> ProcessInstanceMigrationRecord<'a> {
    let mappings = migrate.mappings.iter().map(|mapping| MigratedMapping {
        source_element_id: &mapping.source_element_id,
        target_element_id: &mapping.target_element_id,
    });
    ProcessInstanceMigrationRecord {
        instance: process.element.instance,
        target_process_definition_key: map.target.key,
        mappings: mappings.collect(),
        keeps_lock: takes_locks(&map.target),
        tenant_id: &map.source.tenant_id,
    }
}
