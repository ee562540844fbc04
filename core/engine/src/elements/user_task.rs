//! A task for people that the engine keeps itself: it is there when it is entered, and left when somebody completes it.

use crate::aspects::task_listeners;
use crate::at::At;
use crate::behaviors::user_tasks::{self, With};
use crate::behaviors::{assignments, events};
use crate::failure::{Interruption, Unexpected};
use crate::hook::{Hooks, Next};
use crate::writers::Processing;
use ringbolt_model::Flags;
use ringbolt_record::UserTaskIntent;
use ringbolt_tables::UserTaskState;

pub(crate) struct UserTask;

impl Hooks for UserTask {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let Some(task) = at.model().user_task() else {
            return Err(at.unexpected(format!("'{}' is no user task", at.model().id)).into());
        };
        let assignment = assignments::evaluate(p, task, at)?;
        let mut task = user_tasks::of(p, at, assignment);
        // As in the reference engine, what is attached to it is waited for before the task is there.
        if at.model().flags.has(Flags::HAS_EVENTS) {
            events::subscribe(p, at)?;
        }
        let key = p.next_key();
        let headers = &at.definition.facts(at.element.element_index).headers;
        let of = (UserTaskIntent::Creating, UserTaskState::Creating);
        let with = With { custom_headers: headers, ..With::default() };
        if !task_listeners::begin(p, at, key, of, &task, with)? {
            task.assignee.clear();
            user_tasks::append(p, UserTaskIntent::Created, key, &task, With::default());
        }
        Ok(Next::Stand)
    }

    fn activated(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
        let waits_for = p.tables().element_instance(at.key).map(|row| row.waits_for);
        waits_for.map_or(Ok(()), |key| task_listeners::assign_first(p, at, key))
    }
}
