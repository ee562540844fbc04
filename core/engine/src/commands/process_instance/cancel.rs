//! Cancels a process instance with everything in it.

use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::{BpmnElementType, FollowUp, Key, Reply};
use ringbolt_tables::ElementInstanceState;

pub(crate) fn process_cancel(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let found = p.tables().element_instance(key).filter(|row| {
        row.element.element_type == BpmnElementType::Process && row.state != ElementInstanceState::Terminating
    });
    let Some(row) = found else {
        return Err(not_found(format!(
            "Expected to cancel a process instance with key '{}', but no such process was found",
            key.to_wire()
        )));
    };
    let root = row.element.instance.root_process_instance_key;
    if root != key {
        return Err(invalid_state(format!(
            "Expected to cancel a process instance with key '{key}', but it is created by a parent process instance. \
             Cancel the root process instance '{root}' instead."
        )));
    }
    p.follow_up(key, FollowUp::Terminate { key });
    p.reply(Reply::Done);
    Ok(())
}
