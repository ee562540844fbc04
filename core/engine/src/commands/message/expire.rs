//! Ends the time of a message. One that has ended already is left alone. Who it was stands in the event of its publication.

use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::values::MessageRecord;
use ringbolt_record::{DurationMs, Key, MessageIntent, Reply, TimestampMs};

pub(crate) fn process_expire(p: &mut Processing<'_>, message_key: Key) -> Result<(), Refusal> {
    let deadline = p.tables().message_of_client(message_key).map(|message| message.deadline);
    if deadline.is_some_and(|deadline| deadline <= p.now) {
        let record = MessageRecord {
            name: "",
            correlation_key: "",
            message_id: "",
            business_id: "",
            time_to_live: DurationMs(-1),
            deadline: TimestampMs(0),
            variables: &[],
            tenant_id: "",
        };
        p.append(MessageIntent::Expired, message_key, &record);
    }
    p.reply(Reply::Done);
    Ok(())
}
