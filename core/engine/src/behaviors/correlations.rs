//! What the two sides of a subscription tell each other, and what it does on the side that hears it.

use crate::at::At;
use crate::behaviors::{bans, events, message_waits, messages, partitions};
use crate::failure::Unexpected;
use crate::writers::Processing;
use ringbolt_record::partition_message::CorrelateMessage;
use ringbolt_record::{Key, MessageStep, PartitionMessage, ProcessMessageSubscriptionIntent};
use ringbolt_tables::MessageWaitState;

/// Does what was told. `process_instance_key` has the turn.
pub(crate) fn take(
    p: &mut Processing<'_>,
    step: MessageStep,
    process_instance_key: Key,
) -> Result<(), Unexpected> {
    match step {
        MessageStep::Open { owner_key } => open(p, owner_key),
        MessageStep::Migrate { owner_key } => migrate(p, owner_key),
        MessageStep::Opened { owner_key, .. } => message_waits::opened(p, owner_key),
        MessageStep::Correlate { owner_key, subscription_key, message_key } => {
            return tell_of(p, owner_key, subscription_key, message_key);
        }
        MessageStep::Correlated { subscription_key, message_key } => {
            messages::correlated(p, subscription_key, message_key);
        }
        MessageStep::NotCorrelated { subscription_key, message_key } => {
            messages::not_correlated(p, subscription_key, message_key);
        }
        MessageStep::Close { owner_key } => messages::close(p, owner_key, process_instance_key),
        MessageStep::Closed { owner_key } => message_waits::closed(p, owner_key),
    }
    Ok(())
}

/// Tells the messages' side that a wait begins.
fn open(p: &mut Processing<'_>, owner_key: Key) {
    let Some((partition, subscription)) = message_waits::to_open(p, owner_key) else { return };
    if partition == p.settings.partition_id {
        messages::open(p, &subscription);
    } else {
        message_waits::open_there(p, partition, subscription);
    }
}

/// Tells the messages' side that a wait goes on in another definition.
fn migrate(p: &mut Processing<'_>, owner_key: Key) {
    let Some((partition, subscription)) = message_waits::to_migrate(p, owner_key) else { return };
    if partition == p.settings.partition_id {
        messages::migrate(p, &subscription);
    } else {
        partitions::send(p, partition, &PartitionMessage::MigrateSubscription(subscription));
    }
}

/// Tells the instance's side of a message.
fn tell_of(
    p: &mut Processing<'_>,
    owner_key: Key,
    subscription_key: Key,
    message_key: Key,
) -> Result<(), Unexpected> {
    let Some(variables) = messages::brought(p, subscription_key, message_key) else { return Ok(()) };
    let message = CorrelateMessage { owner_key, subscription_key, message_key, variables };
    if owner_key.partition() == p.settings.partition_id {
        return correlate(p, &message);
    }
    partitions::send(p, owner_key.partition(), &PartitionMessage::CorrelateMessage(message));
    Ok(())
}

/// The instance's side is told of a message: it takes it, or says that it does not.
pub(crate) fn correlate(p: &mut Processing<'_>, message: &CorrelateMessage) -> Result<(), Unexpected> {
    let CorrelateMessage { owner_key, subscription_key, message_key, .. } = *message;
    let wait = message_waits::find(p, owner_key);
    let process_instance_key = wait.as_ref().map_or(Key::NONE, |wait| wait.instance.process_instance_key);
    let step = if catch_or_ban(p, message)? {
        MessageStep::Correlated { subscription_key, message_key }
    } else {
        MessageStep::NotCorrelated { subscription_key, message_key }
    };
    partitions::tell(p, subscription_key.partition(), process_instance_key, step);
    Ok(())
}

/// The same where an instance that cannot go on is banned and catches nothing: who sent the message asked for no instance, and others may
/// wait for it.
fn catch_or_ban(p: &mut Processing<'_>, message: &CorrelateMessage) -> Result<bool, Unexpected> {
    let mark = p.begin();
    match catch(p, message) {
        Err(unexpected) if unexpected.process_instance_key.is_some() => {
            p.roll_back(mark);
            bans::ban(p, unexpected.process_instance_key, &unexpected.message);
            Ok(false)
        }
        result => {
            p.keep_step();
            result
        }
    }
}

/// Catches the event that a message is; whether the element instance still waits for it.
fn catch(p: &mut Processing<'_>, message: &CorrelateMessage) -> Result<bool, Unexpected> {
    let Some(wait) = message_waits::find(p, message.owner_key) else { return Ok(false) };
    let is_banned = p.tables().is_banned(wait.instance.process_instance_key);
    let is_waiting = matches!(wait.state, MessageWaitState::Opening | MessageWaitState::Open);
    if is_banned || !is_waiting || p.tables().is_suspended(wait.instance.process_instance_key) {
        return Ok(false);
    }
    let Some(scope) = p.tables().element_instance(wait.element_instance_key) else { return Ok(false) };
    let at = At::find(p, wait.element_instance_key, scope.element)?;
    if !events::can_catch(p, &at, &scope, wait.element_index) {
        return Ok(false);
    }
    let correlated = ProcessMessageSubscriptionIntent::Correlated;
    message_waits::append(p, correlated, message.owner_key, &wait, message.message_key);
    events::trigger(p, &at, wait.element_index, events::brought(&message.variables))?;
    Ok(true)
}
