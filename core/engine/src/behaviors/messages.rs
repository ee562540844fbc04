//! Messages and who waits for them, on the partition of their correlation key.
//!
//! A subscription is told of one message at a time, and answers whether the instance took it. Everything that the two sides tell
//! each other names the subscription, and the message where it is about one, by their keys: what is late finds nothing.
//! Both sides tell in order, so a subscription that is closed while it is told of a message has not taken it.

use crate::behaviors::partitions;
use crate::contract::Effect;
use crate::writers::Processing;
use ringbolt_record::partition_message::OpenSubscription;
use ringbolt_record::values::{MessageCorrelationRecord, MessageSubscriptionRecord};
use ringbolt_record::{
    FollowUp, Key, MessageCorrelationIntent, MessageStep, MessageSubscriptionIntent, Rejection,
    RejectionType, Reply,
};
use ringbolt_tables::{ForWhom, MessageRow, What};

/// A subscription as it stands in the tables.
struct Found {
    of: OpenSubscription,
    message_key: Key,
    is_correlating: bool,
}

fn find(p: &Processing<'_>, subscription_key: Key) -> Option<Found> {
    let row = p.tables().message_subscription(subscription_key)?;
    let of = OpenSubscription {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        owner_key: row.owner_key,
        is_interrupting: row.is_interrupting,
        bpmn_process_id: row.bpmn_process_id.to_owned(),
        message_name: row.message_name.to_owned(),
        correlation_key: row.correlation_key.to_owned(),
        business_id: row.business_id.to_owned(),
        tenant_id: row.tenant_id.to_owned(),
    };
    Some(Found { of, message_key: row.message_key, is_correlating: row.is_correlating })
}

fn append(
    p: &mut Processing<'_>,
    intent: MessageSubscriptionIntent,
    key: Key,
    of: &OpenSubscription,
    message_key: Key,
) {
    let record = MessageSubscriptionRecord {
        instance: of.instance,
        element_instance_key: of.element_instance_key,
        owner_key: of.owner_key,
        message_key,
        is_interrupting: of.is_interrupting,
        bpmn_process_id: &of.bpmn_process_id,
        message_name: &of.message_name,
        correlation_key: &of.correlation_key,
        business_id: &of.business_id,
        tenant_id: &of.tenant_id,
    };
    p.append(intent, key, &record);
}

/// Tells one subscription of each process that waits for a message; where that has a business id, only of instances with the same.
/// As Camunda 8.10 does it: `zeebe/docs/adr/0001-810-message-correlation-business-id-cross-partition.md`, D5, of its sources.
pub(crate) fn correlate(p: &mut Processing<'_>, message_key: Key) {
    let Some(message) = p.tables().message_of_client(message_key) else { return };
    for subscription_key in p.tables().subscriptions_to_correlate(what(&message)) {
        if let Some(found) = find(p, subscription_key) {
            tell_of(p, subscription_key, &found.of, message_key);
        }
    }
}

/// Who may be told of a message.
fn what<'a>(message: &MessageRow<'a>) -> What<'a> {
    What {
        tenant_id: message.tenant_id,
        message_name: message.name,
        correlation_key: message.correlation_key,
        business_id: message.business_id,
    }
}

fn tell_of(p: &mut Processing<'_>, subscription_key: Key, of: &OpenSubscription, message_key: Key) {
    append(p, MessageSubscriptionIntent::Correlating, subscription_key, of, message_key);
    let step = MessageStep::Correlate { owner_key: of.owner_key, subscription_key, message_key };
    p.follow_up(of.instance.process_instance_key, FollowUp::Messages(step));
}

/// What the message brings that a subscription was told of and has not answered; none where that is no longer so.
pub(crate) fn brought(p: &Processing<'_>, subscription_key: Key, message_key: Key) -> Option<Vec<u8>> {
    let row = p.tables().message_subscription(subscription_key)?;
    (row.is_correlating && row.message_key == message_key).then(|| row.variables.to_vec())
}

/// Tells a subscription of the oldest message that has not reached its process; whether there is one.
fn tell_of_next(p: &mut Processing<'_>, subscription_key: Key, of: &OpenSubscription) -> bool {
    let whom = ForWhom {
        tenant_id: &of.tenant_id,
        name: &of.message_name,
        correlation_key: &of.correlation_key,
        business_id: Some(&of.business_id),
    };
    let next = p.tables().next_message_for(whom, &of.bpmn_process_id, p.now);
    let Some(message_key) = next else { return false };
    tell_of(p, subscription_key, of, message_key);
    true
}

/// Somebody begins to wait for a message.
pub(crate) fn open(p: &mut Processing<'_>, of: &OpenSubscription) {
    let subscription_key = p.next_key();
    append(p, MessageSubscriptionIntent::Created, subscription_key, of, Key::NONE);
    if !tell_of_next(p, subscription_key, of) {
        let opened = MessageStep::Opened { owner_key: of.owner_key, subscription_key };
        partitions::tell(p, of.owner_key.partition(), of.instance.process_instance_key, opened);
    }
}

/// The instance that waits for a message runs another definition.
pub(crate) fn migrate(p: &mut Processing<'_>, of: &OpenSubscription) {
    let subscription_key = p.tables().message_subscription_of(of.owner_key);
    if let Some((key, found)) = subscription_key.and_then(|key| Some((key, find(p, key)?))) {
        append(p, MessageSubscriptionIntent::Migrated, key, of, found.message_key);
    }
}

/// The instance took the message that a subscription was told of.
pub(crate) fn correlated(p: &mut Processing<'_>, subscription_key: Key, message_key: Key) {
    let Some(found) = find_correlating(p, subscription_key, message_key) else { return };
    append(p, MessageSubscriptionIntent::Correlated, subscription_key, &found.of, message_key);
    if p.tables().awaited_message(message_key).is_some() {
        let process_instance_key = found.of.instance.process_instance_key;
        answer(p, whose(&found.of), message_key, process_instance_key);
    }
    if !found.of.is_interrupting {
        tell_of_next(p, subscription_key, &found.of);
    }
}

/// The instance did not take the message that a subscription was told of: it goes to another one of the process.
pub(crate) fn not_correlated(p: &mut Processing<'_>, subscription_key: Key, message_key: Key) {
    let Some(Found { of, .. }) = find_correlating(p, subscription_key, message_key) else { return };
    append(p, MessageSubscriptionIntent::Rejected, subscription_key, &of, message_key);
    let tables = p.tables();
    let message = tables.message_of_client(message_key);
    let other =
        message.and_then(|message| tables.subscription_to_correlate(what(&message), &of.bpmn_process_id));
    if let Some((other, found)) = other.and_then(|key| Some((key, find(p, key)?))) {
        tell_of(p, other, &found.of, message_key);
    } else if p.tables().awaited_message(message_key) == Some(0) {
        answer(p, whose(&of), message_key, Key::NONE);
    }
}

/// Name, correlation key and owner of a message that a subscription waits for.
fn whose(of: &OpenSubscription) -> [&str; 3] {
    [&of.message_name, &of.correlation_key, &of.tenant_id]
}

/// Answers the publisher who waits for whom a message reaches, by name, correlation key and owner: the first that took it, or that nobody
/// did.
pub(crate) fn answer(
    p: &mut Processing<'_>,
    [name, correlation_key, tenant_id]: [&str; 3],
    message_key: Key,
    process_instance_key: Key,
) {
    let record = MessageCorrelationRecord { process_instance_key, name, correlation_key, tenant_id };
    let (intent, result) = if process_instance_key.is_some() {
        let reply = Reply::MessageCorrelated { message_key, process_instance_key };
        (MessageCorrelationIntent::Correlated, Ok(reply))
    } else {
        let rejection = Rejection::new(RejectionType::NotFound, not_found(name, correlation_key));
        (MessageCorrelationIntent::NotCorrelated, Err(rejection))
    };
    p.append(intent, message_key, &record);
    if let Some(waiting) = p.awaiting.take(message_key) {
        p.effect(Effect::Reply { request: waiting.request, result });
    }
}

/// Why a message that somebody wants to reach anybody does not.
pub(crate) fn not_found(name: &str, correlation_key: &str) -> String {
    format!(
        "Expected to find subscription for message with name '{name}' and correlation key '{correlation_key}', but none was \
         found."
    )
}

fn find_correlating(p: &Processing<'_>, subscription_key: Key, message_key: Key) -> Option<Found> {
    find(p, subscription_key).filter(|found| found.is_correlating && found.message_key == message_key)
}

/// Nobody waits any more. One that is told of a message at the moment has not taken it, and will not.
pub(crate) fn close(p: &mut Processing<'_>, owner_key: Key, process_instance_key: Key) {
    let subscription_key = p.tables().message_subscription_of(owner_key);
    if let Some((subscription_key, found)) = subscription_key.and_then(|key| Some((key, find(p, key)?))) {
        if found.is_correlating && found.message_key.is_some() {
            not_correlated(p, subscription_key, found.message_key);
        }
        append(p, MessageSubscriptionIntent::Deleted, subscription_key, &found.of, found.message_key);
    }
    partitions::tell(p, owner_key.partition(), process_instance_key, MessageStep::Closed { owner_key });
}
