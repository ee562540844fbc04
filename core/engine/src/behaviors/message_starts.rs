//! Messages that start instances. One that a message with a correlation key has started is the only one of its process for that
//! key while it runs: it holds a lock, on the partition of the key, where it runs too. It takes the business id of its message, as in
//! Camunda 8.10 (`MessageCorrelateBehavior` of its engine), which begins it on the partition of that id instead.

use crate::behaviors::{events, starts};
use crate::writers::Processing;
use ringbolt_record::values::MessageStartEventSubscriptionRecord;
use ringbolt_record::{ElementIndex, Key, MessageStartEventSubscriptionIntent};
use ringbolt_tables::{ForWhom, MessageLock, NamedKind, NamedSubscriptionRow};

/// What starting an instance takes of a message.
struct Found {
    key: Key,
    tenant_id: String,
    name: String,
    correlation_key: String,
    business_id: String,
    variables: Vec<u8>,
}

fn find(p: &Processing<'_>, key: Key) -> Option<Found> {
    let message = p.tables().message_of_client(key)?;
    let [tenant_id, name, correlation_key, business_id] =
        [message.tenant_id, message.name, message.correlation_key, message.business_id].map(str::to_owned);
    Some(Found { key, tenant_id, name, correlation_key, business_id, variables: message.variables.to_vec() })
}

/// A start event that waits.
#[derive(Clone, Copy)]
struct Start {
    subscription_key: Key,
    definition_key: Key,
    event: ElementIndex,
}

impl Start {
    fn of((subscription_key, row): (Key, NamedSubscriptionRow<'_>)) -> Self {
        let definition_key = row.instance.process_definition_key;
        Self { subscription_key, definition_key, event: row.element_index }
    }
}

/// Starts an instance of each process that waits for a message, unless one runs for its correlation key; the first of them.
pub(crate) fn correlate(p: &mut Processing<'_>, message_key: Key) -> Option<Key> {
    let message = find(p, message_key)?;
    let waits =
        p.tables().named_subscriptions(NamedKind::MessageStart, &message.tenant_id, &message.name, Key::NONE);
    let waits: Vec<Start> = waits.map(Start::of).collect();
    let mut first = None;
    for wait in waits {
        let started = start(p, wait, &message);
        first = first.or(started);
    }
    first
}

/// The processes that run an instance for a correlation key already, of those that a message could start.
pub(crate) fn locked(p: &Processing<'_>, tenant_id: &str, name: &str, correlation_key: &str) -> Vec<String> {
    let tables = p.tables();
    let waits = tables.named_subscriptions(NamedKind::MessageStart, tenant_id, name, Key::NONE);
    let ids = waits
        .filter_map(|(_, row)| Some(tables.process(row.instance.process_definition_key)?.bpmn_process_id));
    ids.filter(|id| tables.has_message_lock(tenant_id, id, correlation_key)).map(str::to_owned).collect()
}

/// The lock of an instance that is about to end has become free: the oldest message that is kept for its process and correlation
/// key starts the next one.
pub(crate) fn start_next(p: &mut Processing<'_>, lock: &MessageLock) {
    let MessageLock { tenant_id, bpmn_process_id, correlation_key } = lock;
    let tables = p.tables();
    let Some(latest) = tables.latest_process(tenant_id, bpmn_process_id) else { return };
    let waits = tables.named_subscriptions_of(latest.key);
    let waits = waits.filter(|(_, row)| row.kind == NamedKind::MessageStart);
    let oldest = waits.filter_map(|wait| {
        let whom = ForWhom { tenant_id, name: wait.1.name, correlation_key, business_id: None };
        Some((tables.next_message_for(whom, bpmn_process_id, p.now)?, Start::of(wait)))
    });
    let next = oldest.min_by_key(|(message, _)| *message);
    if let Some((message, wait)) = next.and_then(|(message, wait)| Some((find(p, message)?, wait))) {
        start(p, wait, &message);
    }
}

/// Starts an instance, unless the message has reached the process or another one runs; it begins in a later step.
fn start(p: &mut Processing<'_>, wait: Start, message: &Found) -> Option<Key> {
    let Found { tenant_id, name, correlation_key, .. } = message;
    let tables = p.tables();
    let bpmn_process_id = tables.process(wait.definition_key)?.bpmn_process_id.to_owned();
    let is_locked =
        !correlation_key.is_empty() && tables.has_message_lock(tenant_id, &bpmn_process_id, correlation_key);
    if is_locked || tables.has_message_correlation(message.key, &bpmn_process_id) {
        return None;
    }
    // A model that this version of Ringbolt cannot read starts nothing.
    let definition = p.definition(wait.definition_key).ok().flatten()?;
    let key = p.next_key();
    let record = MessageStartEventSubscriptionRecord {
        instance: starts::instance_ref(wait.definition_key, key),
        element_index: wait.event,
        message_key: message.key,
        bpmn_process_id: &bpmn_process_id,
        message_name: name,
        correlation_key,
        business_id: &message.business_id,
        tenant_id,
    };
    p.append(MessageStartEventSubscriptionIntent::Correlated, wait.subscription_key, &record);
    starts::begin(p, &definition, key, wait.event, events::brought(&message.variables));
    Some(key)
}
