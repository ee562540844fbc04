//! What is asked of user tasks, and which of their attributes an event changed.

use crate::ids::Key;
use crate::variables::VariableDocument;
use crate::wire_enums::{Intent, UserTaskIntent};

/// A command on a user task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserTaskCommand {
    /// The user task.
    pub user_task_key: Key,
    /// The client's own word for what it does; the usual one when empty.
    pub action: String,
    /// What is to be done.
    pub operation: UserTaskOperation,
}

/// What is to be done with a user task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserTaskOperation {
    /// Gives it to somebody, whoever has it.
    Assign {
        /// Who gets it; nobody when empty.
        assignee: String,
    },
    /// Gives it to somebody, unless another has it.
    Claim {
        /// Who takes it; not empty.
        assignee: String,
    },
    /// Changes what it says.
    Update(UserTaskChanges),
    /// Ends it well.
    Complete {
        /// Its results.
        variables: VariableDocument,
    },
}

/// New values of attributes of a user task; those that are none stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserTaskChanges {
    /// The groups whose members may do it.
    pub candidate_groups: Option<Vec<String>>,
    /// The people who may do it.
    pub candidate_users: Option<Vec<String>>,
    /// When it is to be done, as text of a date and time with an offset; empty for never.
    pub due_date: Option<String>,
    /// When it is to be looked after; as `due_date`.
    pub follow_up_date: Option<String>,
    /// From 0 to 100.
    pub priority: Option<i32>,
}

/// What a task listener answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskListenerResult {
    /// Whether it is against the change.
    pub is_denied: bool,
    /// Why; may be empty.
    pub denied_reason: String,
    /// Who is to have the task; nobody when empty.
    pub assignee: Option<String>,
    /// What else is to be otherwise.
    pub corrections: UserTaskChanges,
}

impl TaskListenerResult {
    /// Whether it corrects anything.
    pub fn has_corrections(&self) -> bool {
        self.assignee.is_some() || self.corrections != UserTaskChanges::default()
    }
}

impl UserTaskCommand {
    /// How the command stands in the log.
    pub fn record(&self) -> (Intent, Key) {
        let intent = match &self.operation {
            UserTaskOperation::Assign { .. } => UserTaskIntent::Assign,
            UserTaskOperation::Claim { .. } => UserTaskIntent::Claim,
            UserTaskOperation::Update(_) => UserTaskIntent::Update,
            UserTaskOperation::Complete { .. } => UserTaskIntent::Complete,
        };
        (intent.into(), self.user_task_key)
    }

    /// What the command wants to do, as rejections say it.
    pub fn verb(&self) -> &'static str {
        match &self.operation {
            UserTaskOperation::Assign { .. } => "assign",
            UserTaskOperation::Claim { .. } => "claim",
            UserTaskOperation::Update(_) => "update",
            UserTaskOperation::Complete { .. } => "complete",
        }
    }
}

/// Attributes of a user task, as bits in the order in which records name them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangedAttributes(pub u8);

impl ChangedAttributes {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Who has it.
    pub const ASSIGNEE: Self = Self(1);
    /// The groups whose members may do it.
    pub const CANDIDATE_GROUPS: Self = Self(1 << 1);
    /// The people who may do it.
    pub const CANDIDATE_USERS: Self = Self(1 << 2);
    /// When it is to be done.
    pub const DUE_DATE: Self = Self(1 << 3);
    /// When it is to be looked after.
    pub const FOLLOW_UP_DATE: Self = Self(1 << 4);
    /// Its priority.
    pub const PRIORITY: Self = Self(1 << 5);
    /// Variables that it sees.
    pub const VARIABLES: Self = Self(1 << 6);

    const NAMES: [&'static str; 7] = [
        "assignee",
        "candidateGroupsList",
        "candidateUsersList",
        "dueDate",
        "followUpDate",
        "priority",
        "variables",
    ];

    /// These, and others where something holds.
    #[must_use]
    pub const fn with_if(self, others: Self, holds: bool) -> Self {
        if holds { Self(self.0 | others.0) } else { self }
    }

    /// Their names on the wire.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & 1 << bit != 0)
            .map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::ChangedAttributes as Changed;

    #[test]
    fn attributes_have_names() {
        let some = Changed::NONE.with_if(Changed::PRIORITY, true).with_if(Changed::ASSIGNEE, true);
        assert_eq!(some.names().collect::<Vec<_>>(), ["assignee", "priority"]);
        assert_eq!(Changed::NONE.with_if(Changed::DUE_DATE, false).names().count(), 0);
        assert_eq!(Changed::VARIABLES.names().collect::<Vec<_>>(), ["variables"]);
    }
}
