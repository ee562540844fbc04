//! Execution listeners: jobs for workers that an element instance waits for before it does its work, before it is left, and, where
//! it is a process, before it has been ended.
//!
//! How many of its listeners an element instance has begun to ask stands beside its row, and which one a job is for in the job: what
//! was done before a listener is not done again when the incident of its job is resolved. After an incident of the element instance itself,
//! be it of a listener's expression or of what comes behind the listeners, all of that event are asked again, as in Camunda.

use crate::at::At;
use crate::behaviors::variables::Owner;
use crate::behaviors::{conditions, incidents, jobs};
use crate::failure::{Interruption, Unexpected};
use crate::writers::Processing;
use ringbolt_model::{Flags, ListenerPhase, listeners_of};
use ringbolt_record::{JobListenerEventType, Key, VariableDocument};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow};

/// How many of its listeners were begun; with the one, if there is any, that it waits for.
fn begun(p: &Processing<'_>, at: &At) -> (usize, bool) {
    let row = p.tables().element_instance(at.key);
    match row.filter(|row| row.flags.has(ElementInstanceFlags::LISTENERS)) {
        Some(row) => (p.tables().listeners_begun(at.key) as usize, p.tables().job(row.waits_for).is_some()),
        None => (0, false),
    }
}

/// Whether any listener of the phase was begun: what comes before them is done.
pub(crate) fn has_begun(p: &Processing<'_>, at: &At, phase: ListenerPhase) -> bool {
    begun(p, at).0 > listeners_of(&at.model().listeners, phase).start
}

/// Asks the next listener of the phase unless one is being asked; whether there is one for which the element instance waits.
pub(crate) fn wait(p: &mut Processing<'_>, at: &At, phase: ListenerPhase) -> Result<bool, Interruption> {
    let of_phase = listeners_of(&at.model().listeners, phase);
    let (count, is_waiting) = begun(p, at);
    let next = count.max(of_phase.start);
    if count > of_phase.start && is_waiting {
        return Ok(true);
    }
    if next >= of_phase.end {
        return Ok(false);
    }
    let job = jobs::prepare_listener(p, at, next)?;
    jobs::create(p, at, &job);
    Ok(true)
}

/// The same before a process instance in which nothing stands any more has been ended. Without its definition nobody can be
/// asked, and it ends.
pub(crate) fn wait_to_end(
    p: &mut Processing<'_>,
    key: Key,
    row: &ElementInstanceRow,
) -> Result<bool, Unexpected> {
    let Ok(at) = At::find(p, key, row.element) else { return Ok(false) };
    if !at.model().flags.has(Flags::HAS_LISTENERS) {
        return Ok(false);
    }
    match wait(p, &at, ListenerPhase::Cancel) {
        Ok(waits) => Ok(waits),
        Err(Interruption::Incident(failure)) => {
            incidents::raise(p, &at, Key::NONE, &failure);
            Ok(true)
        }
        Err(Interruption::Unexpected(unexpected)) => Err(unexpected),
    }
}

/// Keeps what the worker of a listener sends: before the element's work in its own scope, after it in the one where the
/// instance goes on.
pub(crate) fn keep_result(
    p: &mut Processing<'_>,
    at: &At,
    event: JobListenerEventType,
    result: &VariableDocument,
) -> Result<(), Unexpected> {
    let owner = Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id };
    let is_after = event == JobListenerEventType::End && at.element.flow_scope_key.is_some();
    let scope_key = if is_after { at.element.flow_scope_key } else { at.key };
    conditions::set_local(p, owner, scope_key, result.iter())
}
