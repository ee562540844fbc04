//! Cancels a process instance with everything in it.

use crate::failure::{Refusal, not_found};
use crate::steps::Step;
use crate::writers::Processing;
use ringbolt_record::{BpmnElementType, Key, Reply};
use ringbolt_tables::ElementInstanceState;

pub(crate) fn process_cancel(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let instance = p.tables().element_instance(key).filter(|row| {
        row.element.element_type == BpmnElementType::Process && row.state != ElementInstanceState::Terminating
    });
    let Some(instance) = instance else {
        return Err(not_found(format!(
            "Expected to cancel a process instance with key '{}', but no such process was found",
            key.to_wire()
        )));
    };
    p.follow_up(Step::Terminate { key, element: instance.element });
    p.reply(Reply::Done);
    Ok(())
}
