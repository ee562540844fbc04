//! Completes a user task; the element instance that waits for it is left in the same entry.

use crate::aspects::task_listeners;
use crate::behaviors::user_tasks::{self, With};
use crate::drive;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{Key, Reply, UserTaskIntent, VariableDocument};
use ringbolt_tables::{ElementInstanceState, UserTaskRow, UserTaskState};

pub(super) fn process_complete(
    p: &mut Processing<'_>,
    key: Key,
    task: &UserTaskRow,
    variables: &VariableDocument,
    action: &str,
) -> Result<(), Refusal> {
    let json = if variables.is_empty() { Vec::new() } else { variables.to_json() };
    let with = With { action, ..With::default() };
    let under_way = (UserTaskIntent::Completing, UserTaskState::Completing);
    if task_listeners::begin_asked(p, key, under_way, task, With { variables: &json, ..with })? {
        return Ok(());
    }
    user_tasks::append(p, UserTaskIntent::Completed, key, task, with);
    let state = p.tables().element_instance_state(task.element_instance_key);
    if state == Some(ElementInstanceState::Activated) {
        // Not put behind other steps: the variables are at hand only now.
        let variables = (!variables.is_empty()).then_some(variables);
        drive::complete_or_raise(p, task.element_instance_key, variables)?;
    }
    p.reply(Reply::Done);
    Ok(())
}
