//! Waiting for messages, on the instance's side: the events of a wait's life, and what the messages' side is told of it.

use crate::behaviors::{expressions, partitions};
use crate::failure::Failure;
use crate::writers::Processing;
use ringbolt_model::Message;
use ringbolt_record::partition_message::OpenSubscription;
use ringbolt_record::values::{InstanceRef, ProcessMessageSubscriptionRecord};
use ringbolt_record::{
    ElementIndex, FollowUp, Key, MessageStep, PartitionId, PartitionMessage, ProcessMessageSubscriptionIntent,
};
use ringbolt_tables::MessageWaitState;

/// Which messages are waited for.
pub(crate) struct WaitedFor {
    pub(crate) message_name: String,
    pub(crate) correlation_key: String,
}

/// A wait as it stands in the tables.
pub(crate) struct Wait {
    pub(crate) instance: InstanceRef,
    pub(crate) element_instance_key: Key,
    pub(crate) element_index: ElementIndex,
    pub(crate) message_key: Key,
    pub(crate) state: MessageWaitState,
    partition_id: PartitionId,
    is_interrupting: bool,
    waited_for: WaitedFor,
    tenant_id: String,
}

/// Evaluates which messages an event waits for: the name where the event is waited for, the key where its instance is known.
pub(crate) fn evaluate(
    p: &Processing<'_>,
    message: &Message,
    scope_key: Key,
    key_scope_key: Key,
) -> Result<WaitedFor, Failure> {
    let at = |scope_key| move |failure: Failure| Failure { variable_scope_key: scope_key, ..failure };
    let message_name =
        expressions::evaluate_known_name(p, &message.name, scope_key).map_err(at(scope_key))?;
    let correlation_key = match &message.correlation_key {
        None => String::new(),
        Some(key) => {
            expressions::evaluate_correlation_key(p, key, key_scope_key).map_err(at(key_scope_key))?
        }
    };
    Ok(WaitedFor { message_name, correlation_key })
}

pub(crate) fn find(p: &Processing<'_>, key: Key) -> Option<Wait> {
    let row = p.tables().message_wait(key)?;
    Some(Wait {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        message_key: row.message_key,
        state: row.state,
        partition_id: row.partition_id,
        is_interrupting: row.is_interrupting,
        waited_for: WaitedFor {
            message_name: row.message_name.to_owned(),
            correlation_key: row.correlation_key.to_owned(),
        },
        tenant_id: row.tenant_id.to_owned(),
    })
}

pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: ProcessMessageSubscriptionIntent,
    key: Key,
    wait: &Wait,
    message_key: Key,
) {
    write(p, intent, key, wait, message_key, false);
}

fn write(
    p: &mut Processing<'_>,
    intent: ProcessMessageSubscriptionIntent,
    key: Key,
    wait: &Wait,
    message_key: Key,
    is_for_suspension: bool,
) {
    let record = ProcessMessageSubscriptionRecord {
        instance: wait.instance,
        element_instance_key: wait.element_instance_key,
        element_index: wait.element_index,
        partition_id: wait.partition_id,
        message_key,
        is_interrupting: wait.is_interrupting,
        is_for_suspension,
        message_name: &wait.waited_for.message_name,
        correlation_key: &wait.waited_for.correlation_key,
        tenant_id: &wait.tenant_id,
    };
    p.append(intent, key, &record);
}

/// Begins to wait; the messages' side is told in a later step.
pub(crate) fn create(
    p: &mut Processing<'_>,
    instance: InstanceRef,
    element_instance_key: Key,
    (element_index, is_interrupting): (ElementIndex, bool),
    waited_for: WaitedFor,
    tenant_id: &str,
) {
    let count = p.tables().partition_count();
    let wait = Wait {
        instance,
        element_instance_key,
        element_index,
        message_key: Key::NONE,
        state: MessageWaitState::Opening,
        partition_id: PartitionId::of_correlation_key(&waited_for.correlation_key, count),
        is_interrupting,
        waited_for,
        tenant_id: tenant_id.to_owned(),
    };
    let key = p.next_key();
    append(p, ProcessMessageSubscriptionIntent::Creating, key, &wait, Key::NONE);
    let step = MessageStep::Open { owner_key: key };
    p.follow_up(instance.process_instance_key, FollowUp::Messages(step));
}

/// What the messages' side has to know of a wait that begins, and where that is; none where it was never told before the end.
pub(crate) fn to_open(p: &Processing<'_>, key: Key) -> Option<(PartitionId, OpenSubscription)> {
    to_tell(p, key, |state| state == MessageWaitState::Opening)
}

/// The same of a wait that goes on in another definition.
pub(crate) fn to_migrate(p: &Processing<'_>, key: Key) -> Option<(PartitionId, OpenSubscription)> {
    to_tell(p, key, |state| state != MessageWaitState::Closing)
}

fn to_tell(
    p: &Processing<'_>,
    key: Key,
    is_it: impl Fn(MessageWaitState) -> bool,
) -> Option<(PartitionId, OpenSubscription)> {
    let wait = find(p, key).filter(|wait| is_it(wait.state))?;
    let process = p.tables().process(wait.instance.process_definition_key)?;
    let metadata = p.tables().instance_metadata(wait.instance.process_instance_key);
    let subscription = OpenSubscription {
        instance: wait.instance,
        element_instance_key: wait.element_instance_key,
        owner_key: key,
        is_interrupting: wait.is_interrupting,
        bpmn_process_id: process.bpmn_process_id.to_owned(),
        message_name: wait.waited_for.message_name,
        correlation_key: wait.waited_for.correlation_key,
        business_id: metadata.map_or_else(String::new, |metadata| metadata.business_id_at(key)),
        tenant_id: wait.tenant_id,
    };
    Some((wait.partition_id, subscription))
}

/// Tells another partition that a wait begins.
pub(crate) fn open_there(p: &mut Processing<'_>, partition: PartitionId, subscription: OpenSubscription) {
    partitions::send(p, partition, &PartitionMessage::OpenSubscription(subscription));
}

/// Goes on to wait for the same messages for an event of another definition; the messages' side is told in a later step.
pub(crate) fn migrate(
    p: &mut Processing<'_>,
    key: Key,
    definition_key: Key,
    (element_index, is_interrupting): (ElementIndex, bool),
) {
    let Some(mut wait) = find(p, key) else { return };
    wait.instance.process_definition_key = definition_key;
    (wait.element_index, wait.is_interrupting) = (element_index, is_interrupting);
    append(p, ProcessMessageSubscriptionIntent::Migrated, key, &wait, wait.message_key);
    let step = MessageStep::Migrate { owner_key: key };
    p.follow_up(wait.instance.process_instance_key, FollowUp::Messages(step));
}

/// The messages' side knows who waits.
pub(crate) fn opened(p: &mut Processing<'_>, key: Key) {
    if let Some(wait) = find(p, key).filter(|wait| wait.state == MessageWaitState::Opening) {
        append(p, ProcessMessageSubscriptionIntent::Created, key, &wait, Key::NONE);
    }
}

/// Waits no more. Rests on the state alone.
pub(crate) fn close(p: &mut Processing<'_>, key: Key) {
    let Some(wait) = find(p, key).filter(|wait| wait.state != MessageWaitState::Closing) else { return };
    append(p, ProcessMessageSubscriptionIntent::Deleting, key, &wait, wait.message_key);
    match wait.state {
        // The messages' side was told already.
        MessageWaitState::Parking | MessageWaitState::Reopening => {}
        MessageWaitState::Parked => {
            append(p, ProcessMessageSubscriptionIntent::Deleted, key, &wait, wait.message_key);
        }
        MessageWaitState::Opening | MessageWaitState::Open | MessageWaitState::Closing => {
            tell_to_close(p, key, &wait)
        }
    }
}

fn tell_to_close(p: &mut Processing<'_>, key: Key, wait: &Wait) {
    let step = MessageStep::Close { owner_key: key };
    partitions::tell(p, wait.partition_id, wait.instance.process_instance_key, step);
}

/// The messages' side has ended.
pub(crate) fn closed(p: &mut Processing<'_>, key: Key) {
    let Some(wait) = find(p, key) else { return };
    match wait.state {
        MessageWaitState::Closing => {
            append(p, ProcessMessageSubscriptionIntent::Deleted, key, &wait, wait.message_key);
        }
        MessageWaitState::Parking => {
            write(p, ProcessMessageSubscriptionIntent::Created, key, &wait, wait.message_key, true);
        }
        MessageWaitState::Reopening => open_again(p, key, &wait),
        MessageWaitState::Opening | MessageWaitState::Open | MessageWaitState::Parked => {}
    }
}

/// Waits no more while its instance is suspended.
pub(crate) fn park(p: &mut Processing<'_>, key: Key) {
    let Some(wait) = find(p, key) else { return };
    let is_told = match wait.state {
        MessageWaitState::Opening | MessageWaitState::Open => false,
        MessageWaitState::Reopening => true,
        MessageWaitState::Closing | MessageWaitState::Parking | MessageWaitState::Parked => return,
    };
    write(p, ProcessMessageSubscriptionIntent::Deleting, key, &wait, wait.message_key, true);
    if !is_told {
        tell_to_close(p, key, &wait);
    }
}

/// Waits again, once the messages' side has ended what it was told to end.
pub(crate) fn reopen(p: &mut Processing<'_>, key: Key) {
    let Some(wait) = find(p, key) else { return };
    match wait.state {
        MessageWaitState::Parking => {
            write(p, ProcessMessageSubscriptionIntent::Creating, key, &wait, wait.message_key, true);
        }
        MessageWaitState::Parked => open_again(p, key, &wait),
        _ => {}
    }
}

/// Tells the messages' side that a wait goes on, unless a step that does so is still to come.
fn open_again(p: &mut Processing<'_>, key: Key, wait: &Wait) {
    write(p, ProcessMessageSubscriptionIntent::Creating, key, wait, wait.message_key, true);
    let process_instance_key = wait.instance.process_instance_key;
    let open = FollowUp::Messages(MessageStep::Open { owner_key: key });
    if !p.has_to_come(process_instance_key, |follow_up| *follow_up == open) {
        p.follow_up(process_instance_key, open);
    }
}
