//! Gives a user task to somebody.

use crate::aspects::task_listeners;
use crate::behaviors::user_tasks::{self, With};
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{ChangedAttributes, Key, Reply, UserTaskIntent};
use ringbolt_tables::{UserTaskRow, UserTaskState};

/// Whoever has it: it is given to another, or to nobody.
pub(super) fn process_assign(
    p: &mut Processing<'_>,
    key: Key,
    task: UserTaskRow,
    assignee: &str,
    action: &str,
) -> Result<(), Refusal> {
    give(p, key, task, assignee, action, (UserTaskIntent::Assigning, UserTaskState::Assigning))
}

/// Only if nobody else has it.
pub(super) fn process_claim(
    p: &mut Processing<'_>,
    key: Key,
    task: UserTaskRow,
    assignee: &str,
    action: &str,
) -> Result<(), Refusal> {
    let wish = format!("Expected to claim user task with key '{}'", key.to_wire());
    if assignee.trim().is_empty() {
        return Err(invalid_state(format!("{wish}, but provided assignee is empty")));
    }
    if !task.assignee.trim().is_empty() && task.assignee != assignee {
        return Err(invalid_state(format!("{wish}, but it has already been assigned")));
    }
    give(p, key, task, assignee, action, (UserTaskIntent::Claiming, UserTaskState::Claiming))
}

fn give(
    p: &mut Processing<'_>,
    key: Key,
    mut task: UserTaskRow,
    assignee: &str,
    action: &str,
    under_way: (UserTaskIntent, UserTaskState),
) -> Result<(), Refusal> {
    let changed = ChangedAttributes::NONE.with_if(ChangedAttributes::ASSIGNEE, task.assignee != assignee);
    task.assignee = assignee.to_owned();
    let with = With { changed, action, ..With::default() };
    if !task_listeners::begin_asked(p, key, under_way, &task, with)? {
        user_tasks::append(p, UserTaskIntent::Assigned, key, &task, with);
        p.reply(Reply::Done);
    }
    Ok(())
}
