//! Changes what a user task says. Only what differs counts as changed.

use crate::behaviors::user_tasks::{self, With};
use crate::writers::Processing;
use ringbolt_record::{ChangedAttributes, Key, Reply, UserTaskChanges, UserTaskIntent};
use ringbolt_tables::UserTaskRow;

pub(super) fn process_update(
    p: &mut Processing<'_>,
    key: Key,
    mut task: UserTaskRow,
    changes: &UserTaskChanges,
    action: &str,
) {
    let changed = ChangedAttributes::NONE
        .with_if(
            ChangedAttributes::CANDIDATE_GROUPS,
            set(&mut task.candidate_groups, &changes.candidate_groups),
        )
        .with_if(ChangedAttributes::CANDIDATE_USERS, set(&mut task.candidate_users, &changes.candidate_users))
        .with_if(ChangedAttributes::DUE_DATE, set(&mut task.due_date, &changes.due_date))
        .with_if(ChangedAttributes::FOLLOW_UP_DATE, set(&mut task.follow_up_date, &changes.follow_up_date))
        .with_if(ChangedAttributes::PRIORITY, set(&mut task.priority, &changes.priority));
    let with = With { changed, action, ..With::default() };
    user_tasks::append(p, UserTaskIntent::Updating, key, &task, with);
    user_tasks::append(p, UserTaskIntent::Updated, key, &task, with);
    p.reply(Reply::Done);
}

/// Sets an attribute; whether that changed it.
fn set<T: Clone + PartialEq>(attribute: &mut T, new: &Option<T>) -> bool {
    match new {
        Some(new) if new != attribute => {
            *attribute = new.clone();
            true
        }
        Some(_) | None => false,
    }
}
