//! What an element instance waits for: what is mapped is kept as it was, what is not is closed, and what is new is opened.

use super::compensations;
use super::elements::instance;
use super::map::Map;
use crate::at::At;
use crate::behaviors::events::{self, Wait};
use crate::behaviors::{conditions, message_waits, signals, timers};
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::values::ElementInstanceRef;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{
    ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, EventSubscriptionRow, SubscriptionKind,
};

pub(super) fn migrate(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    key: Key,
    row: &ElementInstanceRow,
    target: ElementIndex,
) -> Result<(), Refusal> {
    if key == map.process_instance_key {
        compensations::migrate(p, map, row)?;
    }
    let mut subscriptions = events::subscriptions(p, key);
    // Messages first, as in the reference engine.
    subscriptions.sort_by_key(|(_, subscription)| subscription.kind != SubscriptionKind::Message);
    let (kept, closed): (Vec<_>, Vec<_>) = subscriptions
        .into_iter()
        .partition(|(_, subscription)| map.target_of(map.source_id(subscription.element_index)).is_some());
    let names = message_names(p, kept.iter().chain(&closed));
    for (subscription_key, subscription) in closed {
        events::close(p, key, (subscription_key, subscription.kind), &map.source.tenant_id);
    }
    let at = migrated(map, key, row, target);
    // What is being entered waits for nothing yet, what is being left for nothing any more.
    let is_waiting = row.state == ElementInstanceState::Activated
        && !row.flags.has(ElementInstanceFlags::INTERRUPTED)
        && begins(map, target);
    if is_waiting {
        open(p, map, &at, row, &names)?;
    }
    for (subscription_key, subscription) in kept {
        keep(p, map, &at, subscription_key, subscription);
    }
    Ok(())
}

/// A call activity or a user task waits for its events as long as it does its work, and so does everything else that can.
fn begins(map: &Map<'_>, target: ElementIndex) -> bool {
    map.target.process.waits(target).next().is_some()
}

/// The element instance as one of its new element.
fn migrated(map: &Map<'_>, key: Key, row: &ElementInstanceRow, target: ElementIndex) -> At {
    let element = ElementInstanceRef { instance: instance(map, row), element_index: target, ..row.element };
    At { key, element, definition: map.target.clone() }
}

fn message_names<'s>(
    p: &Processing<'_>,
    subscriptions: impl Iterator<Item = &'s (Key, EventSubscriptionRow)>,
) -> Vec<String> {
    subscriptions
        .filter_map(|(key, _)| Some(p.tables().message_wait(*key)?.message_name.to_owned()))
        .collect()
}

/// Opens what nothing is mapped to. A message that the element instance waits for already is not waited for anew, as in the reference
/// engine.
fn open(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    at: &At,
    row: &ElementInstanceRow,
    names: &[String],
) -> Result<(), Refusal> {
    let id = map.source_id(row.element.element_index);
    let waits = match events::to_wait_for(p, at, |event| !map.is_target(event)) {
        Ok(waits) => waits,
        Err(failure) => {
            return map.refuse(&format!(
                "active element with id '{id}' is mapped to element with id '{}' that must be subscribed to a catch event. {}",
                at.model().id,
                failure.message
            ));
        }
    };
    for (event, wait) in &waits {
        let Wait::Message(waited_for) = wait else { continue };
        if names.contains(&waited_for.message_name) {
            return map.refuse(&format!(
                "active element with id '{id}' is already subscribed to the same message name '{}'. Currently, migrating message \
                 subscriptions to the same message name isn't supported without a mapping. Please provide a mapping instruction \
                 between message catch event with id '{}' and the target message catch event. ",
                waited_for.message_name,
                map.target.element(*event).id
            ));
        }
    }
    events::wait_for(p, at, waits);
    Ok(())
}

/// Keeps what an event waits for, for the event that it is mapped to.
fn keep(p: &mut Processing<'_>, map: &Map<'_>, at: &At, key: Key, subscription: EventSubscriptionRow) {
    let Some(event) = map.element(subscription.element_index) else { return };
    let definition_key = map.target.key;
    match subscription.kind {
        SubscriptionKind::Message => {
            message_waits::migrate(p, key, definition_key, (event, events::ends_its_wait(at, event)));
        }
        SubscriptionKind::Timer => timers::migrate(p, key, definition_key, event, &map.target.tenant_id),
        SubscriptionKind::Signal => signals::migrate(p, at.key, key, definition_key, event),
        SubscriptionKind::Condition => {
            let (to, ends) = ((definition_key, event), events::ends_its_wait(at, event));
            conditions::migrate(p, at.key, key, to, ends, &map.target.tenant_id);
        }
    }
}
