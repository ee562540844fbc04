//! Errors and escalations that are thrown, and what catches them: searched for from the inside out over what stands, by the lists of the
//! model. There are no rows for it.

use crate::at::At;
use crate::behaviors::{events, suspended};
use crate::failure::{Failure, Unexpected};
use crate::hook::Catcher;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_model::Caught;
use ringbolt_record::values::EscalationRecord;
use ringbolt_record::{BpmnEventType, ElementIndex, ErrorType, EscalationIntent, Key};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};

/// Whether nothing came before it that ends what waited for it, nor keeps a suspended instance as much as it may.
pub(crate) fn can_catch(p: &Processing<'_>, catcher: &Catcher) -> bool {
    events::can_catch(p, &catcher.scope, &catcher.row, catcher.event)
        && !suspended::is_full(p, catcher.scope.process_instance_key())
}

/// An event catches what was thrown, with what that brings: the text of a JSON object, or nothing.
pub(crate) fn catch(p: &mut Processing<'_>, catcher: &Catcher, variables: &[u8]) -> Result<(), Unexpected> {
    events::trigger(p, &catcher.scope, catcher.event, variables)
}

/// The same, where nothing came before it that ends what waited for it.
pub(crate) fn catch_if_there(p: &mut Processing<'_>, catcher: &Catcher) -> Result<(), Unexpected> {
    if can_catch(p, catcher) { catch(p, catcher, &[]) } else { Ok(()) }
}

/// The event that catches an error thrown by an element instance, or what the incident says where there is none.
pub(crate) fn find_error(
    p: &mut Processing<'_>,
    code: &str,
    message: &str,
    thrown_by: Key,
) -> Result<Result<Catcher, Failure>, Unexpected> {
    let mut available: Vec<String> = Vec::new();
    let mut instance_key = thrown_by;
    while let Some(row) = p.tables().element_instance(instance_key).filter(is_active) {
        if let Some(catcher) = find_error_in_instance(p, code, instance_key, &mut available)? {
            return Ok(Ok(catcher));
        }
        // From a process that was called to who called it.
        instance_key = lifecycle::caller(p, row.element.instance).element_instance_key;
    }
    let with_message = match message {
        "" => String::new(),
        message => format!(" with message '{message}'"),
    };
    let available = match &available[..] {
        [] => "No error events are available in the scope.".to_owned(),
        codes => format!("Available error events are [{}]", codes.join(", ")),
    };
    let message = format!(
        "Expected to throw an error event with the code '{code}'{with_message}, but it was not caught. {available}"
    );
    Ok(Err(Failure::new(ErrorType::UnhandledErrorEvent, message)))
}

fn is_active(row: &ElementInstanceRow) -> bool {
    row.state == ElementInstanceState::Activated
}

/// Searches from an element instance to its process, as far as nothing was interrupted. Codes that do not fit are noted.
fn find_error_in_instance(
    p: &mut Processing<'_>,
    code: &str,
    from: Key,
    available: &mut Vec<String>,
) -> Result<Option<Catcher>, Unexpected> {
    let mut key = from;
    while let Some(row) = p.tables().element_instance(key).filter(is_active) {
        if row.flags.has(ElementInstanceFlags::INTERRUPTED) {
            break;
        }
        let scope = At::find(p, key, row.element)?;
        let caught = catching(&scope, BpmnEventType::Error, code);
        if let Some(event) = caught {
            return Ok(Some(Catcher { scope, row, event }));
        }
        let catchers = scope.definition.process.catchers(row.element.element_index, BpmnEventType::Error);
        let before = available.len();
        available.extend(catchers.map(|(_, code)| code.to_owned()));
        available[before..].sort_by(|a, b| b.cmp(a));
        key = row.element.flow_scope_key;
    }
    Ok(None)
}

/// What becomes of the element that threw an escalation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escalated {
    /// It goes on.
    GoesOn,
    /// What caught the escalation ends it.
    Ends,
}

/// Throws an escalation, and says what came of it.
pub(crate) fn escalate(p: &mut Processing<'_>, at: &At, code: &str) -> Result<Escalated, Unexpected> {
    let found = find_escalation(p, code, at.element.flow_scope_key)?;
    let key = p.next_key();
    let mut escalated = Escalated::GoesOn;
    let mut intent = EscalationIntent::NotEscalated;
    if let Some(catcher) = &found
        && can_catch(p, catcher)
    {
        catch(p, catcher, &[])?;
        intent = EscalationIntent::Escalated;
        let caught = catcher.scope.definition.element(catcher.event).when_caught();
        if let Some(
            Caught::Boundary { is_interrupting: true }
            | Caught::EventSubProcess { is_interrupting: true, .. },
        ) = caught
        {
            escalated = Escalated::Ends;
        }
    }
    let value = EscalationRecord {
        instance: at.element.instance,
        element_index: at.element.element_index,
        caught_in: found.as_ref().map_or(Key::NONE, |catcher| catcher.scope.definition.key),
        catcher: found.as_ref().map_or(ElementIndex::PROCESS, |catcher| catcher.event),
        code,
        tenant_id: &at.definition.tenant_id,
    };
    p.append(intent, key, &value);
    Ok(escalated)
}

/// The event that an escalation comes to from a scope. What was interrupted is the last that it comes to in its process.
fn find_escalation(p: &mut Processing<'_>, code: &str, from: Key) -> Result<Option<Catcher>, Unexpected> {
    let mut key = from;
    while let Some(row) = p.tables().element_instance(key) {
        let scope = At::find(p, key, row.element)?;
        if let Some(event) = catching(&scope, BpmnEventType::Escalation, code) {
            return Ok(Some(Catcher { scope, row, event }));
        }
        let goes_up = is_active(&row) && !row.flags.has(ElementInstanceFlags::INTERRUPTED);
        key = if goes_up { row.element.flow_scope_key } else { Key::NONE };
        if key.is_none() {
            let caller = lifecycle::caller(p, row.element.instance).element_instance_key;
            key = p.tables().element_instance(caller).filter(is_active).map_or(Key::NONE, |_| caller);
        }
    }
    Ok(None)
}

/// The event of an element instance with a code, or else the one without.
fn catching(scope: &At, thrown: BpmnEventType, code: &str) -> Option<ElementIndex> {
    let mut any = None;
    for (event, caught) in scope.definition.process.catchers(scope.element.element_index, thrown) {
        if caught == code {
            return Some(event);
        }
        if caught.is_empty() {
            any = any.or(Some(event));
        }
    }
    any
}
