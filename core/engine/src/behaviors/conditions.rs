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
use ringbolt_feel::{Expression, parse_expression};
use ringbolt_model::{Condition, EventDefinition, Process};
use ringbolt_record::values::{ConditionalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ConditionalSubscriptionIntent, ElementIndex, FollowUp, Key};
use ringbolt_tables::{ConditionalSubscriptionRow, ElementInstanceFlags};
use std::collections::{BTreeMap, BTreeSet};

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
    if holds(p, &condition.expression, at.key) {
        p.follow_up(at.process_instance_key(), FollowUp::Condition { scope_key: at.key, key });
    }
}

/// The start event of a process begins to wait. Its condition is looked at when a client asks for that, over what the client brings;
/// which change of a variable would be looked at means nothing to it (`StartEventSubscriptionManager` of Camunda 8.9).
pub(super) fn create_start(
    p: &mut Processing<'_>,
    instance: InstanceRef,
    event: ElementIndex,
    condition: &Condition,
    process: &Process,
    tenant_id: &str,
) {
    let record = ConditionalSubscriptionRecord {
        instance,
        element_instance_key: Key::NONE,
        element_index: event,
        is_interrupting: true,
        bpmn_process_id: &process.bpmn_process_id,
        condition: &condition.text,
        variable_names: &condition.variable_names,
        variable_events: "",
        tenant_id,
    };
    let key = p.next_key();
    p.append(ConditionalSubscriptionIntent::Created, key, &record);
}

/// The start events of a definition wait no more. Rests on the state alone.
pub(super) fn close_starts(p: &mut Processing<'_>, definition_key: Key) {
    let waits: Vec<Key> = p.tables().conditional_subscriptions_at(definition_key).collect();
    let tenant_id =
        p.tables().process(definition_key).map_or_else(String::new, |row| row.tenant_id.to_owned());
    for key in waits {
        close(p, definition_key, key, &tenant_id);
    }
}

fn condition_of(at: &At, event: ElementIndex) -> Option<&Condition> {
    at.definition.element(event).event().and_then(EventDefinition::condition)
}

fn holds(p: &Processing<'_>, condition: &Expression, scope_key: Key) -> bool {
    expressions::evaluate_condition(p, condition, scope_key).unwrap_or(false)
}

/// Whether a condition that is waited for holds. Whoever was migrated waits for the one that it waited for before, as in Camunda 8.9.
fn still_holds(p: &Processing<'_>, at: &At, event: ElementIndex, key: Key) -> bool {
    let Some(row) = p.tables().conditional_subscription(at.key, key) else { return false };
    match condition_of(at, event).filter(|condition| *condition.text == *row.condition) {
        Some(condition) => holds(p, &condition.expression, at.key),
        None => {
            let text = row.condition.strip_prefix('=').unwrap_or(row.condition);
            parse_expression(text).is_ok_and(|expression| holds(p, &expression, at.key))
        }
    }
}

/// One waits no more, at an element instance or a definition. Rests on the state alone.
pub(crate) fn close(p: &mut Processing<'_>, scope_key: Key, key: Key, tenant_id: &str) {
    append(p, ConditionalSubscriptionIntent::Deleted, scope_key, key, tenant_id);
}

/// Goes on to wait for the same condition for an event of another definition.
pub(crate) fn migrate(
    p: &mut Processing<'_>,
    scope_key: Key,
    key: Key,
    (definition_key, event): (Key, ElementIndex),
    is_interrupting: bool,
    tenant_id: &str,
) {
    let of = |row: &mut Waits| {
        row.instance.process_definition_key = definition_key;
        (row.element_index, row.is_interrupting) = (event, is_interrupting);
    };
    append_changed(p, ConditionalSubscriptionIntent::Migrated, (scope_key, key), tenant_id, of);
}

/// Writes an event of somebody who waits.
pub(super) fn append(
    p: &mut Processing<'_>,
    intent: ConditionalSubscriptionIntent,
    scope_key: Key,
    key: Key,
    tenant_id: &str,
) {
    append_changed(p, intent, (scope_key, key), tenant_id, |_| {});
}

/// What may change of somebody who waits.
struct Waits {
    instance: InstanceRef,
    element_index: ElementIndex,
    is_interrupting: bool,
}

fn append_changed(
    p: &mut Processing<'_>,
    intent: ConditionalSubscriptionIntent,
    (scope_key, key): (Key, Key),
    tenant_id: &str,
    change: impl FnOnce(&mut Waits),
) {
    let Some(row) = p.tables().conditional_subscription(scope_key, key) else { return };
    let ConditionalSubscriptionRow { instance, element_index, is_interrupting, .. } = row;
    let texts = [row.condition, row.variable_names, row.variable_events].map(str::to_owned);
    let [condition, variable_names, variable_events] = &texts;
    let mut waits = Waits { instance, element_index, is_interrupting };
    change(&mut waits);
    let Waits { instance, element_index, is_interrupting } = waits;
    let process = p.tables().process(instance.process_definition_key);
    let record = ConditionalSubscriptionRecord {
        instance,
        element_instance_key: if instance.process_instance_key.is_none() { Key::NONE } else { scope_key },
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
    // Those who see what was set, wherever in the instance that was.
    let scopes: BTreeSet<Key> = changes.iter().map(|change| change.scope_key).collect();
    let waits = scopes.into_iter().flat_map(|scope_key| p.tables().conditional_subscriptions(scope_key));
    let waits: BTreeMap<Key, Key> = waits.collect();
    let mut found: Vec<Candidate> = waits
        .into_iter()
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
        if still_holds(p, &at, event, key) {
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
