//! How much waits in a partition, known without looking at it.

use crate::{Tables, table};

/// Rows that wait for something. What stood there at the last checkpoint and was changed since, as a user task that was assigned, counts
/// twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Timers, those of start events too.
    pub timers: u64,
    /// Who waits for messages, signals and conditions; of messages the greater of the waits of instances here and of the subscriptions
    /// to what is kept here.
    pub subscriptions: u64,
    /// User tasks that the engine keeps itself.
    pub user_tasks: u64,
}

impl Waits {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.timers + self.subscriptions + self.user_tasks
    }
}

impl Tables {
    /// See the module.
    pub fn waits(&self) -> Waits {
        let rows = |table| self.store.rows_about(table);
        let for_messages = rows(table::MESSAGE_WAITS).max(rows(table::MESSAGE_SUBSCRIPTIONS));
        Waits {
            timers: rows(table::TIMERS),
            subscriptions: for_messages
                + rows(table::NAMED_SUBSCRIPTIONS)
                + rows(table::CONDITIONAL_SUBSCRIPTIONS),
            user_tasks: rows(table::USER_TASKS),
        }
    }
}
