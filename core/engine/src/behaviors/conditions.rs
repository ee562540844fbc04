//! Waiting for conditions: the events of a wait's life, and when a condition is looked at.
//!
//! A condition is looked at when somebody begins to wait for it, and whenever variables are set that its scope sees, once for
//! all that are set together, from the outermost scope inwards. One that holds is caught in a step of its own. One that fails,
//! or needs more work than the entry has for it, does not hold. So it is in Camunda 8.9 (its documentation, "Conditionals";
//! `BpmnConditionalBehavior`).

use crate::at::At;
use crate::behaviors::expressions;
use crate::behaviors::variables::{self, Change, Owner};
use crate::failure::Unexpected;
use crate::writers::Processing;
use ringbolt_model::{Condition, EventDefinition};
use ringbolt_record::values::{ConditionalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ConditionalSubscriptionIntent, ElementIndex, FollowUp, Key};
use ringbolt_tables::{ConditionalSubscriptionRow, ElementInstanceFlags};
use std::collections::BTreeSet;

/// Begins to wait for the condition of an event.
pub(crate) fn create(p: &mut Processing<'_>, at: &At, event: ElementIndex, is_interrupting: bool) {
    let Some(condition) = condition_of(at, event) else { return };
    let record = ConditionalSubscriptionRecord {
        instance: at.element.instance,
        element_instance_key: at.key,
        element_index: event,
        is_interrupting,
        bpmn_process_id: &at.definition.process.bpmn_process_id,
        condition: &condition.text,
        variable_names: &condition.variable_names,
        variable_events: &condition.variable_events,
        tenant_id: &at.definition.tenant_id,
    };
    let key = p.next_key();
    p.append(ConditionalSubscriptionIntent::Created, key, &record);
    if holds(p, condition, at.key) {
        p.follow_up(at.process_instance_key(), FollowUp::Condition { scope_key: at.key, key });
    }
}

fn condition_of(at: &At, event: ElementIndex) -> Option<&Condition> {
    at.definition.element(event).event().and_then(EventDefinition::condition)
}

fn holds(p: &Processing<'_>, condition: &Condition, scope_key: Key) -> bool {
    expressions::evaluate_condition(p, &condition.expression, scope_key).unwrap_or(false)
}

/// Waits no more. Rests on the state alone.
pub(crate) fn close(p: &mut Processing<'_>, scope_key: Key, key: Key, tenant_id: &str) {
    append(p, ConditionalSubscriptionIntent::Deleted, scope_key, key, tenant_id);
}

/// Writes an event of somebody who waits.
pub(super) fn append(
    p: &mut Processing<'_>,
    intent: ConditionalSubscriptionIntent,
    scope_key: Key,
    key: Key,
    tenant_id: &str,
) {
    let Some(row) = p.tables().conditional_subscription(scope_key, key) else { return };
    let ConditionalSubscriptionRow { instance, element_index, is_interrupting, .. } = row;
    let texts = [row.condition, row.variable_names, row.variable_events].map(str::to_owned);
    let [condition, variable_names, variable_events] = &texts;
    let process = p.tables().process(instance.process_definition_key);
    let record = ConditionalSubscriptionRecord {
        instance,
        element_instance_key: scope_key,
        element_index,
        is_interrupting,
        bpmn_process_id: &process.map_or_else(String::new, |row| row.bpmn_process_id.to_owned()),
        condition,
        variable_names,
        variable_events,
        tenant_id,
    };
    p.append(intent, key, &record);
}

/// Somebody who waits below or at a place where variables were set together.
struct Candidate {
    /// The scopes around it, the process first, itself last.
    scopes: Vec<Key>,
    key: Key,
}

/// Sets each variable in the nearest scope that has it, else in the outermost, and looks at the conditions of those who see them.
pub(crate) fn propagate<'v>(
    p: &mut Processing<'_>,
    owner: Owner<'_>,
    scope_key: Key,
    variables: impl Iterator<Item = (&'v str, &'v [u8])>,
) -> Result<(), Unexpected> {
    let changes = variables::propagate(p, owner, scope_key, variables);
    look(p, owner.instance, &changes)
}

/// Sets variables in exactly this scope, and looks at the conditions of those who see them.
pub(crate) fn set_local<'v>(
    p: &mut Processing<'_>,
    owner: Owner<'_>,
    scope_key: Key,
    variables: impl Iterator<Item = (&'v str, &'v [u8])>,
) -> Result<(), Unexpected> {
    let changes = variables::set_all_local(p, owner, scope_key, variables);
    look(p, owner.instance, &changes)
}

/// Variables of an instance were set together: looks at the conditions of those who see them.
fn look(p: &mut Processing<'_>, instance: InstanceRef, changes: &[Change<'_>]) -> Result<(), Unexpected> {
    let process_instance_key = instance.process_instance_key;
    let flags = p.tables().element_instance_scope(process_instance_key).map(|(_, flags)| flags);
    if changes.is_empty() || !flags.is_some_and(|flags| flags.has(ElementInstanceFlags::CONDITIONS)) {
        return Ok(());
    }
    let waits = p.tables().conditional_subscriptions(process_instance_key);
    let mut found: Vec<Candidate> = waits
        .map(|(key, scope_key)| Candidate { scopes: around(p, scope_key), key })
        .filter(|candidate| is_meant(p, candidate, changes))
        .collect();
    found.sort_by(|a, b| (a.scopes.len(), &a.scopes, a.key).cmp(&(b.scopes.len(), &b.scopes, b.key)));
    let mut interrupted: BTreeSet<Key> = BTreeSet::new();
    for Candidate { scopes, key } in found {
        let scope_key = *scopes.last().expect("it stands somewhere");
        if scopes.iter().any(|scope| interrupted.contains(scope)) {
            continue;
        }
        let Some(row) = p.tables().conditional_subscription(scope_key, key) else { continue };
        let (event, is_interrupting) = (row.element_index, row.is_interrupting);
        let Some(scope) = p.tables().element_instance(scope_key) else { continue };
        let at = At::find(p, scope_key, scope.element)?;
        if condition_of(&at, event).is_some_and(|condition| holds(p, condition, scope_key)) {
            p.follow_up(process_instance_key, FollowUp::Condition { scope_key, key });
            if is_interrupting {
                interrupted.insert(scope_key);
            }
        }
    }
    Ok(())
}

/// The scopes around an element instance, the process first, itself last.
fn around(p: &Processing<'_>, scope_key: Key) -> Vec<Key> {
    let outer = |key: &Key| p.tables().element_instance_scope(*key).map(|(outer, _)| outer);
    let outwards = std::iter::successors(Some(scope_key), |key| outer(key).filter(|key| key.is_some()));
    let mut scopes: Vec<Key> = outwards.collect();
    scopes.reverse();
    scopes
}

/// Whether one of the changes is to have a condition looked at.
fn is_meant(p: &Processing<'_>, candidate: &Candidate, changes: &[Change<'_>]) -> bool {
    let scope_key = *candidate.scopes.last().expect("it stands somewhere");
    let Some(row) = p.tables().conditional_subscription(scope_key, candidate.key) else { return false };
    let lists = |list: &str, name: &str| list.is_empty() || list.split(',').any(|item| item == name);
    changes.iter().any(|change| {
        candidate.scopes.contains(&change.scope_key)
            && lists(row.variable_names, change.name)
            && lists(row.variable_events, if change.is_new { "create" } else { "update" })
    })
}
