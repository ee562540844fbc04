//! What is asked of user tasks.

use super::{Mapper, Missing, Request};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{Command, Key, UserTaskCommand};

impl Mapper<'_> {
    /// Does something with a user task; an empty action is the usual one.
    pub fn user_task(&self, user_task_key: i64, action: String, operation: UserTaskOperation) -> Request {
        let wish = match &operation {
            UserTaskOperation::Assign { .. } => "assign user task",
            UserTaskOperation::Claim { .. } => "claim user task",
            UserTaskOperation::Update(_) => "update user task",
            UserTaskOperation::Complete { .. } => "complete user task",
        };
        let command = UserTaskCommand { user_task_key: Key::from_wire(user_task_key), action, operation };
        self.for_key(user_task_key, Missing::new(wish, "user task"), Command::UserTask(command))
    }
}
