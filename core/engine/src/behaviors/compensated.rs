//! What could have been compensated in an element instance that ends. Rests on the state alone.

use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::{CompensationSubscriptionRecord, CompensationTurn, ElementInstanceRef};
use ringbolt_record::{BpmnElementType, CompensationSubscriptionIntent, FollowUp, Key};
use ringbolt_tables::CompensationSubscriptionRow;

/// Most subscriptions that one step triggers or deletes.
const AT_ONCE_MAX: usize = 100;
/// What one that is deleted takes in an entry, bytes.
const DELETE_BYTES: usize = 512;

/// How many subscriptions a step has taken.
#[derive(Default)]
pub(super) struct Slice(usize);

impl Slice {
    /// Takes one; whether the step may take another one, for which the entry has so many bytes.
    pub(super) fn has_another(&mut self, p: &Processing<'_>, bytes: usize) -> bool {
        self.0 += 1;
        self.0 < AT_ONCE_MAX && p.has_room(bytes)
    }
}

/// What the records of a subscription have in common.
pub(crate) fn record<'a>(
    row: &CompensationSubscriptionRow,
    tenant_id: &'a str,
) -> CompensationSubscriptionRecord<'a> {
    CompensationSubscriptionRecord {
        instance: row.instance,
        activity: row.activity,
        activity_key: row.activity_key,
        scope_key: row.scope_key,
        handler: row.handler,
        handler_key: row.handler_key,
        throw_event: row.throw_event,
        throw_event_key: row.throw_event_key,
        entered_in: Key::NONE,
        turn: CompensationTurn::default(),
        tenant_id,
    }
}

/// A process or a sub-process is about to end: nothing in it can be compensated any more. What is too much for the step is deleted
/// in later ones.
pub(crate) fn forget(p: &mut Processing<'_>, key: Key, element: &ElementInstanceRef, tenant_id: &str) {
    let process_instance_key = element.instance.process_instance_key;
    let found: Vec<Key> = match element.element_type {
        BpmnElementType::Process => first_of_process(p, process_instance_key),
        BpmnElementType::SubProcess
        | BpmnElementType::AdHocSubProcess
        | BpmnElementType::AdHocSubProcessInnerInstance => first_in(p, process_instance_key, key),
        _ => return,
    };
    if found.len() <= AT_ONCE_MAX && p.has_room(found.len() * DELETE_BYTES) {
        found.into_iter().for_each(|found| delete(p, process_instance_key, found, tenant_id));
    } else {
        p.follow_up(process_instance_key, FollowUp::ForgetCompensations { scope_key: key });
    }
}

/// Goes on with it.
pub(crate) fn forget_more(p: &mut Processing<'_>, process_instance_key: Key, scope_key: Key) {
    let mut slice = Slice::default();
    loop {
        let next = match scope_key == process_instance_key {
            true => p.tables().compensation_subscriptions(process_instance_key).next().map(|(key, _)| key),
            false => innermost(p, process_instance_key, scope_key),
        };
        let Some(key) = next else { return };
        let row = p.tables().compensation_subscription(process_instance_key, key);
        let Some(row) = row else { return };
        let tenant_id = lifecycle::tenant_of(p, row.instance);
        delete(p, process_instance_key, key, &tenant_id);
        if !slice.has_another(p, 2 * DELETE_BYTES) {
            return p.follow_up(process_instance_key, FollowUp::ForgetCompensations { scope_key });
        }
    }
}

fn delete(p: &mut Processing<'_>, process_instance_key: Key, key: Key, tenant_id: &str) {
    if let Some(row) = p.tables().compensation_subscription(process_instance_key, key) {
        p.append(CompensationSubscriptionIntent::Deleted, key, &record(&row, tenant_id));
    }
}

/// The oldest of an instance, one more than a step deletes.
fn first_of_process(p: &Processing<'_>, process_instance_key: Key) -> Vec<Key> {
    let all = p.tables().compensation_subscriptions(process_instance_key);
    all.map(|(key, _)| key).take(AT_ONCE_MAX + 1).collect()
}

/// Those in a scope, each before what stood in it, one more than a step deletes.
fn first_in(p: &Processing<'_>, process_instance_key: Key, scope_key: Key) -> Vec<Key> {
    let mut found = Vec::new();
    let mut open: Vec<(Key, Key)> = vec![(scope_key, Key::NONE)];
    while let Some((scope_key, after)) = open.pop() {
        let Some(key) = p.tables().compensations_in(scope_key, after).next() else { continue };
        found.push(key);
        if found.len() > AT_ONCE_MAX {
            break;
        }
        open.push((scope_key, key));
        let row = p.tables().compensation_subscription(process_instance_key, key);
        open.extend(row.map(|row| (row.activity_key, Key::NONE)));
    }
    found
}

/// One in a scope in which nothing stood that can be compensated, so that none is left which nobody finds.
fn innermost(p: &Processing<'_>, process_instance_key: Key, scope_key: Key) -> Option<Key> {
    let mut key = p.tables().compensations_in(scope_key, Key::NONE).next()?;
    while let Some(row) = p.tables().compensation_subscription(process_instance_key, key)
        && let Some(inner) = p.tables().compensations_in(row.activity_key, Key::NONE).next()
    {
        key = inner;
    }
    Some(key)
}
