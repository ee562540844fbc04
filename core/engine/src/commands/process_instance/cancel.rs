//! Cancels a process instance with everything in it.

use crate::failure::{Refusal, not_found};
use crate::writers::Processing;
use ringbolt_record::{BpmnElementType, FollowUp, Key, Reply};
use ringbolt_tables::ElementInstanceState;

pub(crate) fn process_cancel(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let is_there = p.tables().element_instance(key).is_some_and(|row| {
        row.element.element_type == BpmnElementType::Process && row.state != ElementInstanceState::Terminating
    });
    if !is_there {
        return Err(not_found(format!(
            "Expected to cancel a process instance with key '{}', but no such process was found",
            key.to_wire()
        )));
    }
    p.follow_up(key, FollowUp::Terminate { key });
    p.reply(Reply::Done);
    Ok(())
}
