//! Enters elements of an ad-hoc sub-process that a client has chosen.

use crate::aspects::ad_hoc;
use crate::at::At;
use crate::commands::{check_not_banned, check_not_suspended};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::{BpmnElementType, InstructAdHocSubProcess, Key, Reply};
use ringbolt_tables::ElementInstanceState;

pub(crate) fn process_activate(
    p: &mut Processing<'_>,
    command: &InstructAdHocSubProcess,
) -> Result<(), Refusal> {
    let InstructAdHocSubProcess { element_instance_key: key, instruction } = command;
    let row = p.tables().element_instance(*key);
    let Some(row) = row.filter(|row| row.element.element_type == BpmnElementType::AdHocSubProcess) else {
        return Err(not_found(format!(
            "Expected to activate activities for ad-hoc sub-process but no ad-hoc sub-process instance found with key '{}'.",
            key.to_wire()
        )));
    };
    check_not_banned(p, row.element.instance.process_instance_key)?;
    check_not_suspended(p, row.element.instance.process_instance_key, *key)?;
    if row.state != ElementInstanceState::Activated {
        return Err(invalid_state(format!(
            "Expected to activate activities for ad-hoc sub-process with key '{}', but it is not active.",
            key.to_wire()
        )));
    }
    let at = At::find(p, *key, row.element)?;
    let ids = instruction.activate.iter().map(|element| element.element_id.as_str());
    let elements = ad_hoc::find(&at, ids)?.map_err(not_found)?;
    ad_hoc::activate(p, &at, Key::NONE, instruction, &elements)?;
    p.reply(Reply::Done);
    Ok(())
}
