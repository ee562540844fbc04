//! An element instance becomes one of another element, with its job, its user task, its incidents and its variables.

use super::map::Map;
use super::user_task;
use crate::aspects::task_listeners;
use crate::behaviors::user_tasks::{self, With};
use crate::behaviors::{incidents, jobs};
use crate::failure::Refusal;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_model::{ListenerPhase, listeners_of};
use ringbolt_record::values::{
    Arrival, ElementInstanceRef, InstanceRef, ProcessInstanceRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, DEFAULT_TENANT, ElementIndex, JobKind, Key, ProcessInstanceIntent, UserTaskIntent,
    VariableIntent,
};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, JobRow, UserTaskRow};
use std::collections::VecDeque;

/// Writes that an element instance is one of another element.
pub(super) fn migrate(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    key: Key,
    row: &ElementInstanceRow,
    target: ElementIndex,
) {
    let element = ElementInstanceRef { instance: instance(map, row), element_index: target, ..row.element };
    let value = ProcessInstanceRecord {
        arrival: Arrival::Migrated(map.interrupter(row, target)),
        promised: listeners_begun(p, map, key, row, target),
        ..lifecycle::record(p, element, &map.source.tenant_id)
    };
    p.append(ProcessInstanceIntent::ElementMigrated, key, &value);
}

/// The instance with its new definition.
pub(super) fn instance(map: &Map<'_>, row: &ElementInstanceRow) -> InstanceRef {
    InstanceRef { process_definition_key: map.target.key, ..row.element.instance }
}

/// How many of the listeners of its new element count as asked: all of the phases before, and of the one that it is in as many as were.
fn listeners_begun(
    p: &Processing<'_>,
    map: &Map<'_>,
    key: Key,
    row: &ElementInstanceRow,
    target: ElementIndex,
) -> u32 {
    if !row.flags.has(ElementInstanceFlags::LISTENERS) {
        return 0;
    }
    let (phase, is_in_it) = match row.state {
        ElementInstanceState::Activating => (ListenerPhase::Start, true),
        ElementInstanceState::Activated => (ListenerPhase::End, false),
        ElementInstanceState::Completing => (ListenerPhase::End, true),
        ElementInstanceState::Terminating => (ListenerPhase::Cancel, true),
    };
    let old = listeners_of(&map.source.element(row.element.element_index).listeners, phase);
    let new = listeners_of(&map.target.element(target).listeners, phase);
    let asked = (p.tables().listeners_begun(key) as usize).saturating_sub(old.start);
    let asked = if is_in_it { asked.min(new.len()) } else { 0 };
    (new.start + asked) as u32
}

/// Migrates what belongs to an element instance, which is migrated itself.
pub(super) fn migrate_parts(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    key: Key,
    row: &ElementInstanceRow,
    target: ElementIndex,
) -> Result<(), Refusal> {
    let listener = task_listeners::job_of(p, row);
    let job_key = if listener.is_some() { listener } else { row.waits_for };
    let converts = user_task::converts(map, row.element.element_index, target);
    let job = p.tables().job(job_key).filter(|_| !converts);
    if let Some(job) = job {
        migrate_job(p, map, job_key, job, target);
    }
    let (of, tenant_id) = ((instance(map, row), target), &map.source.tenant_id);
    incidents::migrate_of(p, key, of, tenant_id);
    if job_key != key {
        incidents::migrate_of(p, job_key, of, tenant_id);
    }
    if converts {
        let headers = user_task::convert(p, map, key, row, target)?;
        migrate_user_task(p, map, key, target, &headers);
    } else {
        migrate_user_task(p, map, key, target, "");
    }
    migrate_variables(p, map, key, row);
    Ok(())
}

fn migrate_job(p: &mut Processing<'_>, map: &Map<'_>, key: Key, mut job: JobRow, target: ElementIndex) {
    let source = job.element_index;
    job.instance.process_definition_key = map.target.key;
    job.element_index = target;
    let headers = (&*map.source.facts(source).headers, &*map.target.facts(target).headers);
    // A listener of a task has headers of its own, and another one may have those of its element.
    let is_of_model = !job.has_own_headers && job.kind != JobKind::TaskListener;
    let headers = if is_of_model { headers } else { ("", "") };
    jobs::migrate(p, key, &job, headers, &map.source.tenant_id);
}

/// The user task that an element instance waits for keeps the headers that it had: those of its old element, where it has none of its
/// own and was given none.
fn migrate_user_task(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    key: Key,
    target: ElementIndex,
    given_headers: &str,
) {
    let waits_for = p.tables().element_instance(key).map_or(Key::NONE, |row| row.waits_for);
    let Some(task) = p.tables().user_task(waits_for) else { return };
    let is_of_model = given_headers.is_empty() && p.tables().job_headers(waits_for).is_none();
    let new = &map.target.facts(target).headers;
    let custom_headers = match is_of_model {
        true => Some(&*map.source.facts(task.element_index).headers).filter(|old| *old != &**new),
        false => Some(given_headers),
    };
    let custom_headers = custom_headers.unwrap_or_default();
    let instance = InstanceRef { process_definition_key: map.target.key, ..task.instance };
    let task = UserTaskRow { instance, element_index: target, ..task };
    let with = With { custom_headers, ..With::default() };
    user_tasks::append(p, UserTaskIntent::Migrated, waits_for, &task, with);
}

/// Says of each variable of a scope that it belongs to another definition; it stays as it is.
fn migrate_variables(p: &mut Processing<'_>, map: &Map<'_>, scope_key: Key, row: &ElementInstanceRow) {
    if !row.flags.has(ElementInstanceFlags::LOCAL_VARIABLES) {
        return;
    }
    let names: Vec<String> = p.tables().variables(scope_key).map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let Some((key, _)) = p.tables().variable(scope_key, &name) else { continue };
        let value = VariableRecord {
            instance: instance(map, row),
            scope_key,
            name: &name,
            value: b"null",
            tenant_id: &map.source.tenant_id,
        };
        p.append(VariableIntent::Migrated, key, &value);
    }
}

/// Says of everything in the instance that a call activity has called, and in those that are called there, that it stands in something
/// that was migrated.
pub(super) fn migrate_called(p: &mut Processing<'_>, row: &ElementInstanceRow) {
    if row.element.element_type != BpmnElementType::CallActivity {
        return;
    }
    let mut called = VecDeque::from([row.waits_for]);
    while let Some(key) = called.pop_front() {
        let Some(row) = p.tables().element_instance(key) else { continue };
        let process = p.tables().process(row.element.instance.process_definition_key);
        let tenant_id = process.map_or(DEFAULT_TENANT, |row| row.tenant_id).to_owned();
        let value = lifecycle::record(p, row.element, &tenant_id);
        p.append(ProcessInstanceIntent::AncestorMigrated, key, &value);
        if p.has_overflowed() {
            return;
        }
        called.extend(p.tables().children_after(key, Key::NONE));
        if row.element.element_type == BpmnElementType::CallActivity {
            called.push_back(row.waits_for);
        }
    }
}
