//! A task for people that the engine keeps itself: it is there when it is entered, and left when somebody completes it.

use crate::at::At;
use crate::behaviors::{assignments, user_tasks};
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct UserTask;

impl Hooks for UserTask {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let Some(task) = at.model().user_task() else {
            return Err(at.unexpected(format!("'{}' is no user task", at.model().id)).into());
        };
        let assignment = assignments::evaluate(p, task, at)?;
        user_tasks::create(p, at, assignment);
        Ok(Next::Wait)
    }

    fn activated(&self, p: &mut Processing<'_>, at: &At) {
        let waits_for = p.tables().element_instance(at.key).map(|row| row.waits_for);
        if let Some(key) = waits_for {
            user_tasks::assign_first(p, key);
        }
    }
}
