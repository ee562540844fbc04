//! Messages that start instances. One that a message with a correlation key has started is the only one of its process for that
//! key while it runs: it holds a lock, on the partition of the key, where it runs too. It takes the business id of its message, as in
//! Camunda 8.10 (`MessageCorrelateBehavior` of its engine), which begins it on the partition of that id instead.
//!
//! Where business ids have to differ, a message whose id another instance of the process has starts none: it waits until the id is free or
//! its time is over, as there. An id that falls to another partition is asked for there, and the instance begins with the answer, under the
//! key that was asked for. What the answer finds is looked at anew: the message may be gone, or its correlation key locked.

use crate::behaviors::{business_ids, events, messages, partitions, starts};
use crate::definitions::Definition;
use crate::writers::Processing;
use ringbolt_record::partition_message::{AnsweredStart, AskedStart, BusinessId};
use ringbolt_record::values::MessageStartEventSubscriptionRecord;
use ringbolt_record::{
    BusinessIdHoldIntent, ElementIndex, Key, MessageStartEventSubscriptionIntent, PartitionId,
    PartitionMessage,
};
use ringbolt_tables::{ForWhom, MessageLock, MessageRow, NamedKind, NamedSubscriptionRow};
use std::sync::Arc;

/// What starting an instance takes of a message.
struct Found {
    key: Key,
    tenant_id: String,
    name: String,
    correlation_key: String,
    business_id: String,
    /// Beyond the command that brings it.
    is_kept: bool,
    variables: Vec<u8>,
}

fn find(p: &Processing<'_>, key: Key) -> Option<Found> {
    let message = p.tables().message_of_client(key)?;
    let [tenant_id, name, correlation_key, business_id] =
        [message.tenant_id, message.name, message.correlation_key, message.business_id].map(str::to_owned);
    let (is_kept, variables) = (message.deadline > p.now, message.variables.to_vec());
    Some(Found { key, tenant_id, name, correlation_key, business_id, is_kept, variables })
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

/// Why a message is to start an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// It has come, or its business id is free: others of its correlation key have an occasion of their own.
    Own,
    /// The lock of its correlation key has become free: all that are kept for it have this one, in turn.
    Turn,
}

/// Starts an instance of each process that waits for a message, unless one runs for its correlation key; the first of them.
pub(crate) fn correlate(p: &mut Processing<'_>, message_key: Key) -> Option<Key> {
    let message = find(p, message_key)?;
    let waits =
        p.tables().named_subscriptions(NamedKind::MessageStart, &message.tenant_id, &message.name, Key::NONE);
    let waits: Vec<Start> = waits.map(Start::of).collect();
    let mut first = None;
    for wait in waits {
        let started = start(p, wait, &message, Occasion::Own);
        first = first.or(started);
    }
    first
}

/// The processes that run an instance for a correlation key already, or with a business id that is to be the only one, of those that a
/// message could start.
pub(crate) fn blocked(
    p: &Processing<'_>,
    [tenant_id, name, correlation_key, business_id]: [&str; 4],
) -> Vec<String> {
    let tables = p.tables();
    let waits = tables.named_subscriptions(NamedKind::MessageStart, tenant_id, name, Key::NONE);
    let ids = waits
        .filter_map(|(_, row)| Some(tables.process(row.instance.process_definition_key)?.bpmn_process_id));
    let is_blocked = |id: &&str| {
        tables.has_message_lock(tenant_id, id, correlation_key) || is_id_taken(p, tenant_id, id, business_id)
    };
    ids.filter(is_blocked).map(str::to_owned).collect()
}

/// Whether another instance of a process is known here to have a message's business id, which is to be the only one.
fn is_id_taken(p: &Processing<'_>, tenant_id: &str, bpmn_process_id: &str, business_id: &str) -> bool {
    let is_asked_here = p.settings.business_ids_are_unique && !business_id.is_empty();
    let of = || BusinessId {
        tenant_id: tenant_id.to_owned(),
        bpmn_process_id: bpmn_process_id.to_owned(),
        business_id: business_id.to_owned(),
    };
    is_asked_here && business_ids::is_here(p, business_id) && business_ids::is_taken(p, &of())
}

/// The lock of an instance that is about to end has become free: the oldest message that is kept for its process and correlation
/// key, and that nothing else keeps back, starts the next one.
pub(crate) fn start_next(p: &mut Processing<'_>, lock: &MessageLock) {
    start_next_after(p, lock, Key::NONE);
}

/// The same, of the messages after one.
fn start_next_after(p: &mut Processing<'_>, lock: &MessageLock, after: Key) {
    let MessageLock { tenant_id, bpmn_process_id, correlation_key } = lock;
    let (tables, now) = (p.tables(), p.now);
    let Some(latest) = tables.latest_process(tenant_id, bpmn_process_id) else { return };
    let is_wanted =
        |_: Key, row: &MessageRow<'_>| !is_id_taken(p, tenant_id, bpmn_process_id, row.business_id);
    let waits = tables.named_subscriptions_of(latest.key);
    let waits = waits.filter(|(_, row)| row.kind == NamedKind::MessageStart);
    let oldest = waits.filter_map(|wait| {
        let whom = ForWhom { tenant_id, name: wait.1.name, correlation_key, business_id: None };
        let next = tables.next_message_wanted(whom, bpmn_process_id, now, after, &is_wanted)?;
        Some((next, Start::of(wait)))
    });
    let next = oldest.min_by_key(|(message, _)| *message);
    start_with(p, next, Occasion::Turn);
}

fn start_with(p: &mut Processing<'_>, next: Option<(Key, Start)>, occasion: Occasion) {
    if let Some((message, wait)) = next.and_then(|(message, wait)| Some((find(p, message)?, wait))) {
        start(p, wait, &message, occasion);
    }
}

/// A business id of a process has become free: the oldest message that is kept for it, and whose correlation key is not locked, starts the
/// next instance, or asks for the id where that falls to another partition. Whether there is one.
pub(crate) fn start_next_of_business(p: &mut Processing<'_>, of: &BusinessId) -> bool {
    let BusinessId { tenant_id, bpmn_process_id, business_id } = of;
    let (tables, now) = (p.tables(), p.now);
    let Some(latest) = tables.latest_process(tenant_id, bpmn_process_id) else { return false };
    let is_wanted =
        |_: Key, row: &MessageRow<'_>| !is_locked(p, tenant_id, bpmn_process_id, row.correlation_key);
    let waits = tables.named_subscriptions_of(latest.key);
    let waits = waits.filter(|(_, row)| row.kind == NamedKind::MessageStart);
    let oldest = waits.filter_map(|wait| {
        let whose = [tenant_id, wait.1.name, business_id];
        let next = tables.next_message_of_business(whose, bpmn_process_id, now, &is_wanted)?;
        Some((next, Start::of(wait)))
    });
    let next = oldest.min_by_key(|(message, _)| *message);
    let is_found = next.is_some();
    start_with(p, next, Occasion::Own);
    is_found
}

fn is_locked(p: &Processing<'_>, tenant_id: &str, bpmn_process_id: &str, correlation_key: &str) -> bool {
    !correlation_key.is_empty() && p.tables().has_message_lock(tenant_id, bpmn_process_id, correlation_key)
}

/// Starts an instance, unless the message has reached the process or another one runs; it begins in a later step. None also where it has
/// to ask for its business id first.
fn start(p: &mut Processing<'_>, wait: Start, message: &Found, occasion: Occasion) -> Option<Key> {
    let definition = may_begin(p, wait, message)?;
    let business_id = message.business_id.clone();
    if !business_id.is_empty() && p.settings.business_ids_are_unique {
        let of = business_ids::of_process(p, wait.definition_key, business_id)?;
        if !business_ids::is_here(p, &of.business_id) {
            ask(p, wait, message, of, occasion);
            return None;
        }
        if business_ids::is_taken(p, &of) {
            return None;
        }
    }
    let key = p.next_key();
    begin(p, wait, message, &definition, key);
    business_ids::begun(p, key);
    Some(key)
}

/// The definition that a message may start, as far as that does not depend on business ids.
fn may_begin(p: &mut Processing<'_>, wait: Start, message: &Found) -> Option<Arc<Definition>> {
    let tables = p.tables();
    let bpmn_process_id = tables.process(wait.definition_key)?.bpmn_process_id;
    let is_locked = is_locked(p, &message.tenant_id, bpmn_process_id, &message.correlation_key);
    if is_locked || tables.has_message_correlation(message.key, bpmn_process_id) {
        return None;
    }
    // A model that this version of Ringbolt cannot read starts nothing.
    p.definition(wait.definition_key).ok().flatten()
}

fn begin(
    p: &mut Processing<'_>,
    wait: Start,
    message: &Found,
    definition: &Arc<Definition>,
    process_instance_key: Key,
) {
    let record = MessageStartEventSubscriptionRecord {
        instance: starts::instance_ref(wait.definition_key, process_instance_key),
        element_index: wait.event,
        message_key: message.key,
        bpmn_process_id: &definition.bpmn_process_id,
        message_name: &message.name,
        correlation_key: &message.correlation_key,
        business_id: &message.business_id,
        tenant_id: &message.tenant_id,
    };
    p.append(MessageStartEventSubscriptionIntent::Correlated, wait.subscription_key, &record);
    starts::begin(p, definition, process_instance_key, wait.event, events::brought(&message.variables));
}

/// Asks the partition of a message's business id for it.
fn ask(p: &mut Processing<'_>, wait: Start, message: &Found, of: BusinessId, occasion: Occasion) {
    let partition = business_ids::partition_of(p, &of.business_id);
    let holder_key = p.next_key();
    if p.tables().awaited_message(message.key).is_some() {
        note(p, BusinessIdHoldIntent::Asked, holder_key, &of, message.key);
    }
    let asked = AskedStart {
        of,
        holder_key,
        subscription_key: wait.subscription_key,
        definition_key: wait.definition_key,
        event: wait.event,
        message_key: message.key,
        is_kept: message.is_kept,
        message_name: message.name.clone(),
        correlation_key: message.correlation_key.clone(),
        variables: if message.is_kept { Vec::new() } else { message.variables.clone() },
        has_turn: occasion == Occasion::Turn,
    };
    partitions::send(p, partition, &PartitionMessage::AskForBusinessId(asked));
}

fn note(
    p: &mut Processing<'_>,
    intent: BusinessIdHoldIntent,
    holder_key: Key,
    of: &BusinessId,
    message_key: Key,
) {
    business_ids::append(p, intent, holder_key, of, PartitionId(0), message_key);
}

/// The partition of a business id has answered: the instance begins where it was granted and still may. Whether it does.
pub(crate) fn on_answer(p: &mut Processing<'_>, answer: &AnsweredStart) -> bool {
    let asked = &answer.asked;
    let started = answer.is_granted && begin_granted(p, asked);
    let is_awaited = p.tables().awaited_message(asked.message_key).is_some();
    if is_awaited {
        note(p, BusinessIdHoldIntent::Answered, asked.holder_key, &asked.of, asked.message_key);
    }
    let reached = if started { asked.holder_key } else { Key::NONE };
    if is_awaited && (started || p.tables().awaited_message(asked.message_key) == Some(0)) {
        let whose = [&*asked.message_name, &*asked.correlation_key, &*asked.of.tenant_id];
        messages::answer(p, whose, asked.message_key, reached);
    }
    if !started && asked.has_turn {
        let BusinessId { tenant_id, bpmn_process_id, .. } = asked.of.clone();
        let lock = MessageLock { tenant_id, bpmn_process_id, correlation_key: asked.correlation_key.clone() };
        if !is_locked(p, &lock.tenant_id, &lock.bpmn_process_id, &lock.correlation_key) {
            start_next_after(p, &lock, asked.message_key);
        }
    }
    started
}

fn begin_granted(p: &mut Processing<'_>, asked: &AskedStart) -> bool {
    let wait = Start {
        subscription_key: asked.subscription_key,
        definition_key: asked.definition_key,
        event: asked.event,
    };
    let message = match asked.is_kept {
        true => find(p, asked.message_key).filter(|message| message.is_kept),
        false => Some(Found {
            key: asked.message_key,
            tenant_id: asked.of.tenant_id.clone(),
            name: asked.message_name.clone(),
            correlation_key: asked.correlation_key.clone(),
            business_id: asked.of.business_id.clone(),
            is_kept: false,
            variables: asked.variables.clone(),
        }),
    };
    let Some(message) = message else { return false };
    let definition = may_begin(p, wait, &message).filter(|definition| !definition.is_deleting);
    if let Some(definition) = &definition {
        begin(p, wait, &message, definition, asked.holder_key);
    }
    definition.is_some()
}
