//! Changes what a user task says. Only what differs counts as changed.

use crate::aspects::task_listeners;
use crate::behaviors::user_tasks::{self, With, apply};
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{Key, Reply, UserTaskChanges, UserTaskIntent};
use ringbolt_tables::{UserTaskRow, UserTaskState};

pub(super) fn process_update(
    p: &mut Processing<'_>,
    key: Key,
    mut task: UserTaskRow,
    changes: &UserTaskChanges,
    action: &str,
) -> Result<(), Refusal> {
    let changed = apply(changes, &mut task);
    let with = With { changed, action, ..With::default() };
    let under_way = (UserTaskIntent::Updating, UserTaskState::Updating);
    if !task_listeners::begin_asked(p, key, under_way, &task, with)? {
        user_tasks::append(p, UserTaskIntent::Updated, key, &task, with);
        p.reply(Reply::Done);
    }
    Ok(())
}
