//! Completes a user task; the element instance that waits for it is left in the same entry.

use crate::behaviors::user_tasks::{self, With};
use crate::drive;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{Key, Reply, UserTaskIntent, VariableDocument};
use ringbolt_tables::{ElementInstanceState, UserTaskRow};

pub(super) fn process_complete(
    p: &mut Processing<'_>,
    key: Key,
    task: &UserTaskRow,
    variables: &VariableDocument,
    action: &str,
) -> Result<(), Refusal> {
    let with = With { action, ..With::default() };
    user_tasks::append(p, UserTaskIntent::Completing, key, task, with);
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
