//! Publishes a message that is not kept, and says whom it has reached: at once where it starts an instance, else when the first one
//! of those that are told of it has taken it. What reaches nobody is as if it had never been.

use super::publish::check_partition;
use crate::behaviors::{message_starts, messages};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::waiting::{Until, Waiting};
use crate::writers::Processing;
use ringbolt_record::command::CorrelateMessage;
use ringbolt_record::values::{MessageCorrelationRecord, MessageRecord};
use ringbolt_record::{DurationMs, Key, MessageCorrelationIntent, MessageIntent, Reply, TimestampMs};

pub(crate) fn process_correlate(p: &mut Processing<'_>, correlate: &CorrelateMessage) -> Result<(), Refusal> {
    let CorrelateMessage { name, correlation_key, business_id, tenant_id, variables } = correlate;
    check_partition(p, correlation_key)?;
    if p.awaiting.is_full() {
        return Err(invalid_state(
            "Expected to await a result, but too many clients wait for one".to_owned(),
        ));
    }
    let key = p.next_key();
    let message = MessageRecord {
        name,
        correlation_key,
        message_id: "",
        business_id,
        time_to_live: DurationMs(-1),
        deadline: TimestampMs(0),
        variables: &variables.to_json(),
        tenant_id,
    };
    p.append(MessageIntent::Published, key, &message);
    let correlation = |process_instance_key| MessageCorrelationRecord {
        process_instance_key,
        name,
        correlation_key,
        tenant_id,
    };
    p.append(MessageCorrelationIntent::Correlating, key, &correlation(Key::NONE));
    messages::correlate(p, key);
    match message_starts::correlate(p, key) {
        Some(process_instance_key) => {
            p.append(MessageCorrelationIntent::Correlated, key, &correlation(process_instance_key));
            p.reply(Reply::MessageCorrelated { message_key: key, process_instance_key });
        }
        None if p.tables().awaited_message(key) > Some(0) => {
            if let Some(request) = p.request.request {
                p.awaiting.insert(key, Waiting { request, fetch_variables: [].into(), until: Until::Told });
            }
        }
        None => return Err(not_found(reaches_nobody(p, correlate))),
    }
    p.append(MessageIntent::Expired, key, &MessageRecord { variables: &[], ..message });
    Ok(())
}

fn reaches_nobody(p: &Processing<'_>, correlate: &CorrelateMessage) -> String {
    let CorrelateMessage { name, correlation_key, business_id, tenant_id, .. } = correlate;
    let running = message_starts::blocked(p, [tenant_id, name, correlation_key, business_id]);
    if running.is_empty() {
        return messages::not_found(name, correlation_key);
    }
    format!(
        "Expected to find subscription for message with name '{name}' and correlation key '{correlation_key}', but no active \
         subscription was found. A process instance with this correlation key is already active for a message start event with \
         this message name in process IDs [{}]. Only one active process instance per correlation key is allowed for message \
         start events.",
        running.join(", ")
    )
}
