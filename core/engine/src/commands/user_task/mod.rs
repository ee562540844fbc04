//! Commands on user tasks.

mod assign;
mod complete;
mod update;

use super::{check_not_banned, check_not_suspended};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{Key, UserTaskCommand};
use ringbolt_tables::{UserTaskRow, UserTaskState};

/// Does something with a user task.
pub(crate) fn process(p: &mut Processing<'_>, command: &UserTaskCommand) -> Result<(), Refusal> {
    let key = command.user_task_key;
    let task = find(p, key, command.verb())?;
    let action = if command.action.is_empty() { command.verb() } else { &command.action };
    match &command.operation {
        UserTaskOperation::Assign { assignee } => assign::process_assign(p, key, task, assignee, action),
        UserTaskOperation::Claim { assignee } => assign::process_claim(p, key, task, assignee, action),
        UserTaskOperation::Update(changes) => update::process_update(p, key, task, changes, action),
        UserTaskOperation::Complete { variables } => {
            complete::process_complete(p, key, &task, variables, action)
        }
    }
}

/// A user task that waits for somebody. `verb` is what the command wants to do.
fn find(p: &Processing<'_>, key: Key, verb: &str) -> Result<UserTaskRow, Refusal> {
    let Some(task) = p.tables().user_task(key) else {
        return Err(not_found(format!(
            "Expected to {verb} user task with key '{}', but no such user task was found",
            key.to_wire()
        )));
    };
    if task.state != UserTaskState::Created {
        return Err(invalid_state(format!(
            "Expected to {verb} user task with key '{}', but it is in state '{}'",
            key.to_wire(),
            task.state.name()
        )));
    }
    check_not_banned(p, task.instance.process_instance_key)?;
    check_not_suspended(p, task.instance.process_instance_key, task.element_instance_key)?;
    Ok(task)
}
