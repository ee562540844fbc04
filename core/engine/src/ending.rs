//! Ending element instances from outside, from the leaves up. It rests on the state alone, never on the model: an instance
//! whose definition can no longer be had can still be ended.

use crate::aspects::{listeners, task_listeners};
use crate::behaviors::{
    business_ids, compensated, events, freed_business_ids, incidents, jobs, last_instances, message_starts,
    results, results_of_items, runtime_instructions, suspensions,
};
use crate::failure::Unexpected;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::ElementInstanceRef;
use ringbolt_record::{BpmnElementType, FollowUp, Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};

/// Ends an element instance.
pub(crate) fn terminate(p: &mut Processing<'_>, key: Key) -> Result<(), Unexpected> {
    let Some(row) = p.tables().element_instance(key) else { return Ok(()) };
    let tenant_id = lifecycle::tenant_of(p, row.element.instance);
    let called = called(p, &row);
    if row.state == ElementInstanceState::Terminating {
        // What it called has ended, or is going to.
        let is_listening = p.tables().user_task(row.waits_for).is_some();
        let has_ended = called.is_none() && row.active_children == 0 && !is_listening;
        return if has_ended { end(p, key, row, &tenant_id) } else { Ok(()) };
    }
    begin(p, key, &row, &tenant_id);
    if is_user_task(&row) && task_listeners::cancel(p, key, &row)? {
        return Ok(());
    }
    if let Some(called) = called {
        p.follow_up(called, FollowUp::Terminate { key: called });
        return Ok(());
    }
    if row.active_children > 0 {
        let children = FollowUp::TerminateChildren { scope_key: key, after: Key::NONE };
        p.follow_up(row.element.instance.process_instance_key, children);
        return Ok(());
    }
    end(p, key, row, &tenant_id)
}

/// Begins to end an element instance: what it holds goes with it.
fn begin(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow, tenant_id: &str) {
    write(p, key, &row.element, tenant_id, ProcessInstanceIntent::ElementTerminating);
    if row.flags.has(ElementInstanceFlags::SUSPENDED) {
        suspensions::ends_with(p, key);
    }
    cancel_job(p, row, tenant_id);
    if row.flags.has(ElementInstanceFlags::SUBSCRIPTIONS) {
        events::unsubscribe(p, key, tenant_id);
    }
    resolve_incidents(p, key, row, tenant_id);
    if row.flags.has(ElementInstanceFlags::COMPENSATIONS) {
        compensated::forget(p, key, &row.element, tenant_id);
    }
}

/// Cancels the job that an element instance waits for, be it its own or a listener's, with the incident of that job.
fn cancel_job(p: &mut Processing<'_>, row: &ElementInstanceRow, tenant_id: &str) {
    let listener = if is_user_task(row) { task_listeners::job_of(p, row) } else { Key::NONE };
    let job_key = if listener.is_some() { listener } else { row.waits_for };
    jobs::cancel(p, job_key, tenant_id);
    resolve_incidents(p, job_key, row, tenant_id);
}

/// Resolves the incident of an element instance or of its job, `of`.
fn resolve_incidents(p: &mut Processing<'_>, of: Key, row: &ElementInstanceRow, tenant_id: &str) {
    if row.flags.has(ElementInstanceFlags::INCIDENT) {
        incidents::resolve_of(p, of, tenant_id);
    }
}

fn is_user_task(row: &ElementInstanceRow) -> bool {
    row.element.element_type == BpmnElementType::UserTask
}

/// Ends an element instance with everything in it as one part of a step, without anything that follows. One that is ending already
/// is left alone. Returns how many more may be ended so, of `left`; none if that is not enough.
pub(crate) fn terminate_at_once(p: &mut Processing<'_>, key: Key, mut left: usize) -> Option<usize> {
    if p.tables().element_instance_state(key) == Some(ElementInstanceState::Terminating) {
        return Some(left);
    }
    let (mut to_begin, mut begun) = (vec![key], Vec::new());
    while let Some(key) = to_begin.pop() {
        let Some(row) = p.tables().element_instance(key) else { continue };
        left = left.checked_sub(1)?;
        let (tenant_id, called) = (lifecycle::tenant_of(p, row.element.instance), called(p, &row));
        if row.state != ElementInstanceState::Terminating {
            begin(p, key, &row, &tenant_id);
        } else {
            // It waits for a listener that nobody asks any more.
            cancel_job(p, &row, &tenant_id);
            resolve_incidents(p, key, &row, &tenant_id);
        }
        if is_user_task(&row) {
            task_listeners::cancel_at_once(p, &row);
        }
        // The last child first, as in the reference engine.
        to_begin.extend(called.into_iter().chain(p.tables().children_after(key, Key::NONE).take(left + 1)));
        begun.push((key, row, tenant_id));
    }
    while let Some((key, row, tenant_id)) = begun.pop() {
        write_ended(p, key, &row, &tenant_id);
    }
    Some(left)
}

/// Writes that an element instance has ended, with what that means where it is a body or an instance.
fn write_ended(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow, tenant_id: &str) {
    let instance = row.element.instance;
    if row.element.element_type == BpmnElementType::MultiInstanceBody {
        results_of_items::forget_later(p, instance.process_instance_key, key);
    }
    let is_by_event = row.flags.has(ElementInstanceFlags::BY_EVENT);
    let lock = if is_by_event { p.tables().message_lock_of(key) } else { None };
    let is_instance = row.element.flow_scope_key.is_none();
    let carries = row.flags.has(ElementInstanceFlags::METADATA);
    let business_id = if carries { business_ids::of_instance(p, key) } else { None };
    write(p, key, &row.element, tenant_id, ProcessInstanceIntent::ElementTerminated);
    if is_instance {
        results::answer_terminated(p, instance.process_instance_key);
        last_instances::on_instance_ended(p, instance.process_definition_key);
        if let Some(lock) = lock {
            message_starts::start_next(p, &lock);
        }
        freed_business_ids::on_freed(p, key, business_id);
    }
}

/// The instance that a call activity waits for, while it is there.
fn called(p: &Processing<'_>, row: &ElementInstanceRow) -> Option<Key> {
    let is_call = row.element.element_type == BpmnElementType::CallActivity && row.waits_for.is_some();
    is_call.then_some(row.waits_for).filter(|called| p.tables().element_instance_state(*called).is_some())
}

/// Ends the next child that is not ending yet, and comes back for the one after it.
pub(crate) fn terminate_children(p: &mut Processing<'_>, scope_key: Key, after: Key) {
    let Some(scope) = p.tables().element_instance(scope_key) else { return };
    let mut left = p.tables().children_after(scope_key, after).filter(|key| {
        p.tables().element_instance_state(*key).is_some_and(|s| s != ElementInstanceState::Terminating)
    });
    let (next, has_more) = (left.next(), left.next().is_some());
    drop(left);
    let Some(key) = next else { return };
    let process_instance_key = scope.element.instance.process_instance_key;
    p.follow_up(process_instance_key, FollowUp::Terminate { key });
    if has_more {
        p.follow_up(process_instance_key, FollowUp::TerminateChildren { scope_key, after: key });
    }
}

/// Ends an element instance in which nothing stands any more, and each scope around it that ends with it.
fn end(
    p: &mut Processing<'_>,
    mut key: Key,
    mut row: ElementInstanceRow,
    tenant_id: &str,
) -> Result<(), Unexpected> {
    loop {
        if row.element.flow_scope_key.is_none() && listeners::wait_to_end(p, key, &row)? {
            return Ok(());
        }
        let interrupter = events::interrupter(p, key, &row);
        write_ended(p, key, &row, tenant_id);
        if let Some(interrupter) = interrupter {
            events::enter_interrupter(p, key, &row, &interrupter)?;
            runtime_instructions::end_after(p, &row.element, tenant_id);
            return Ok(());
        }
        runtime_instructions::end_after(p, &row.element, tenant_id);
        let process_instance_key = row.element.instance.process_instance_key;
        let scope_key = row.element.flow_scope_key;
        if scope_key.is_none() {
            let caller = (row.parent_process_instance_key, row.parent_element_instance_key);
            if caller.1.is_some() {
                // It ends as well, in a step of its own: instances call each other deeply.
                p.follow_up(caller.0, FollowUp::Terminate { key: caller.1 });
            }
            return Ok(());
        }
        let Some(scope) = p.tables().element_instance(scope_key) else {
            let message = format!("element instance {key} stands in {scope_key}, which is not there");
            return Err(Unexpected::new(process_instance_key, message));
        };
        if scope.active_children > 0 {
            return Ok(());
        }
        if scope.state != ElementInstanceState::Terminating {
            // An ad-hoc sub-process ends with the last that was ended in it.
            if scope.element.element_type == BpmnElementType::AdHocSubProcess && scope.arriving == 0 {
                p.follow_up(process_instance_key, FollowUp::Complete { key: scope_key });
            }
            return events::go_on_interrupted(p, scope_key, &scope);
        }
        (key, row) = (scope_key, scope);
    }
}

fn write(
    p: &mut Processing<'_>,
    key: Key,
    element: &ElementInstanceRef,
    tenant_id: &str,
    intent: ProcessInstanceIntent,
) {
    let value = lifecycle::record(p, *element, tenant_id);
    p.append(intent, key, &value);
}
