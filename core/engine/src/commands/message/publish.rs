//! Publishes a message: whoever waits for it is told, and it is kept for those who do not wait yet.

use crate::behaviors::{message_starts, messages};
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::command::PublishMessage;
use ringbolt_record::values::MessageRecord;
use ringbolt_record::{MessageIntent, PartitionId, Rejection, RejectionType, Reply};

pub(crate) fn process_publish(p: &mut Processing<'_>, publish: &PublishMessage) -> Result<(), Refusal> {
    check_partition(p, &publish.correlation_key)?;
    check_id(p, publish)?;
    check_room(p, publish)?;
    let key = p.next_key();
    let record = MessageRecord {
        name: &publish.name,
        correlation_key: &publish.correlation_key,
        message_id: &publish.message_id,
        business_id: &publish.business_id,
        time_to_live: publish.time_to_live,
        deadline: p.now.plus(publish.time_to_live),
        variables: &publish.variables.to_json(),
        tenant_id: &publish.tenant_id,
    };
    p.append(MessageIntent::Published, key, &record);
    messages::correlate(p, key);
    message_starts::correlate(p, key);
    if publish.time_to_live.0 <= 0 {
        // What it brought stands in the event before.
        p.append(MessageIntent::Expired, key, &MessageRecord { variables: &[], ..record });
    }
    p.reply(Reply::MessagePublished { message_key: key });
    Ok(())
}

pub(super) fn check_partition(p: &Processing<'_>, correlation_key: &str) -> Result<(), Refusal> {
    let partition = PartitionId::of_correlation_key(correlation_key, p.tables().partition_count());
    if partition == p.settings.partition_id {
        return Ok(());
    }
    let reason = "The message has not been routed to the right partition. This is probably a temporary issue, please \
                  retry in a few seconds";
    Err(invalid_state(reason.to_owned()))
}

fn check_id(p: &Processing<'_>, publish: &PublishMessage) -> Result<(), Refusal> {
    let PublishMessage { name, correlation_key, message_id, tenant_id, .. } = publish;
    if message_id.is_empty() || !p.tables().has_message_id(tenant_id, name, correlation_key, message_id) {
        return Ok(());
    }
    let reason = format!(
        "Expected to publish a new message with id '{message_id}', but a message with that id was already published"
    );
    Err(Rejection::new(RejectionType::AlreadyExists, reason).into())
}

/// A message that nobody keeps needs no room.
fn check_room(p: &Processing<'_>, publish: &PublishMessage) -> Result<(), Refusal> {
    let totals = p.tables().message_totals();
    let (count_max, bytes_max) = (p.settings.messages_max, p.settings.message_bytes_max);
    if publish.time_to_live.0 <= 0 || (totals.count < count_max && totals.bytes < bytes_max) {
        return Ok(());
    }
    let reason = format!(
        "Expected to keep a message for {} ms, but the partition keeps {} messages of {} bytes, and no more at {count_max} \
         messages (--messages-max) or {bytes_max} bytes (--messages-mib); publish it without a time to live, or again when some \
         have expired",
        publish.time_to_live, totals.count, totals.bytes
    );
    Err(Rejection::new(RejectionType::ResourceExhausted, reason).into())
}
