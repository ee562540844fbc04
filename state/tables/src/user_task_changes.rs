//! Changes of user tasks that listeners are asked about: how the task will be, and what the command brought.

use crate::row::{RowReader, RowWriter};
use crate::user_tasks::{UserTaskRow, write_task};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A change of variables that is a change of a user task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentOfChange {
    /// Of its events.
    pub key: Key,
    /// Whether they are set where the task stands, and nowhere else.
    pub is_local: bool,
}

/// A change that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserTaskChangeRow {
    /// The job of the listener that is being asked; none before the first.
    pub job_key: Key,
    /// Listeners of the task up to here were asked, or do not listen to this.
    pub asked: u32,
    /// What the command changes, see [`ringbolt_record::ChangedAttributes`].
    pub changed: u8,
    /// Of a change of variables.
    pub document: Option<DocumentOfChange>,
    /// The client's word for what it does.
    pub action: String,
    /// What the command brought, the text of a JSON object; empty for nothing.
    pub variables: Vec<u8>,
    /// How the task will be.
    pub task: UserTaskRow,
}

impl Tables {
    /// The change of a user task that listeners are asked about.
    pub fn user_task_change(&self, user_task_key: Key) -> Option<UserTaskChangeRow> {
        let row = self.get_of(table::USER_TASK_CHANGES, user_task_key, &user_task_key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        let (job_key, asked, changed) = (row.key(), row.u32(), row.u8());
        let (document_key, is_local) = (row.key(), row.u8() != 0);
        let document = document_key.is_some().then_some(DocumentOfChange { key: document_key, is_local });
        let (action, variables) = (row.text().to_owned(), row.bytes().to_vec());
        let task = UserTaskRow::read(&mut row);
        Some(UserTaskChangeRow { job_key, asked, changed, document, action, variables, task })
    }

    /// Writes a change of a user task.
    pub fn put_user_task_change(&mut self, user_task_key: Key, change: &UserTaskChangeRow) {
        let document = change.document.unwrap_or(DocumentOfChange { key: Key::NONE, is_local: false });
        let row = RowWriter::begin(&mut self.scratch, VERSION)
            .key(change.job_key)
            .u32(change.asked)
            .u8(change.changed)
            .key(document.key)
            .u8(u8::from(document.is_local))
            .bytes(change.action.as_bytes())
            .bytes(&change.variables);
        write_task(row, &change.task);
        self.store.put(table::USER_TASK_CHANGES, &user_task_key.0.to_be_bytes(), &self.scratch);
    }

    /// Forgets the change of a user task, if one is under way.
    pub fn delete_user_task_change(&mut self, user_task_key: Key) {
        let key = user_task_key.0.to_be_bytes();
        if self.get_of(table::USER_TASK_CHANGES, user_task_key, &key).is_some() {
            self.store.delete(table::USER_TASK_CHANGES, &key, RowOwner::Generated(user_task_key.0));
        }
    }
}
