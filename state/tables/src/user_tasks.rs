//! User tasks as they are now. A task has a row from its creation to its end.

use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key, TimestampMs};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// Where a user task is in its life. Commands find it created; in between it is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UserTaskState {
    /// It is being created.
    Creating = 1,
    /// It waits for somebody to do it.
    Created = 2,
    /// It is being given to somebody.
    Assigning = 3,
    /// Somebody takes it.
    Claiming = 4,
    /// What it says is being changed.
    Updating = 5,
    /// It is being completed.
    Completing = 6,
    /// It is being ended from outside.
    Canceling = 7,
}

impl UserTaskState {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Creating),
            2 => Some(Self::Created),
            3 => Some(Self::Assigning),
            4 => Some(Self::Claiming),
            5 => Some(Self::Updating),
            6 => Some(Self::Completing),
            7 => Some(Self::Canceling),
            _ => None,
        }
    }

    /// The name that rejections give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Created => "CREATED",
            Self::Assigning => "ASSIGNING",
            Self::Claiming => "CLAIMING",
            Self::Updating => "UPDATING",
            Self::Completing => "COMPLETING",
            Self::Canceling => "CANCELING",
        }
    }
}

/// A user task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserTaskRow {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for it.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// Where it is in its life.
    pub state: UserTaskState,
    /// From 0 to 100.
    pub priority: i32,
    /// Its form; none when it has none that was deployed.
    pub form_key: Key,
    /// When it was created.
    pub creation_timestamp: TimestampMs,
    /// Who has it; empty for nobody.
    pub assignee: String,
    /// Who is to get it once it is created; empty for nobody, and when that is done.
    pub first_assignee: String,
    /// The groups whose members may do it.
    pub candidate_groups: Vec<String>,
    /// The people who may do it.
    pub candidate_users: Vec<String>,
    /// When it is to be done; empty for never.
    pub due_date: String,
    /// When it is to be looked after; empty for never.
    pub follow_up_date: String,
    /// A form that somebody else keeps; empty when it has none.
    pub external_form_reference: String,
    /// Owner.
    pub tenant_id: String,
}

impl UserTaskRow {
    fn decode(row: &[u8]) -> Self {
        Self::read(&mut RowReader::begin(row, VERSION))
    }

    /// Reads what [`write_task`] has written.
    pub(crate) fn read(row: &mut RowReader<'_>) -> Self {
        Self {
            instance: row.instance(),
            element_instance_key: row.key(),
            element_index: ElementIndex(row.u32()),
            state: known(UserTaskState::from_number(row.u8())),
            priority: row.i32(),
            form_key: row.key(),
            creation_timestamp: TimestampMs(row.i64()),
            assignee: row.text().to_owned(),
            first_assignee: row.text().to_owned(),
            candidate_groups: row.texts(),
            candidate_users: row.texts(),
            due_date: row.text().to_owned(),
            follow_up_date: row.text().to_owned(),
            external_form_reference: row.text().to_owned(),
            tenant_id: row.text().to_owned(),
        }
    }
}

/// Writes a user task behind what a row begins with.
pub(crate) fn write_task(row: RowWriter<'_>, task: &UserTaskRow) {
    row.instance(task.instance)
        .key(task.element_instance_key)
        .u32(task.element_index.0)
        .u8(task.state as u8)
        .i32(task.priority)
        .key(task.form_key)
        .i64(task.creation_timestamp.0)
        .bytes(task.assignee.as_bytes())
        .bytes(task.first_assignee.as_bytes())
        .texts(task.candidate_groups.iter().map(String::as_str))
        .texts(task.candidate_users.iter().map(String::as_str))
        .bytes(task.due_date.as_bytes())
        .bytes(task.follow_up_date.as_bytes())
        .bytes(task.external_form_reference.as_bytes())
        .bytes(task.tenant_id.as_bytes());
}

impl Tables {
    /// A user task.
    pub fn user_task(&self, key: Key) -> Option<UserTaskRow> {
        self.get_of(table::USER_TASKS, key, &key.0.to_be_bytes()).map(UserTaskRow::decode)
    }

    /// Writes a user task.
    pub fn put_user_task(&mut self, key: Key, task: &UserTaskRow) {
        write_task(RowWriter::begin(&mut self.scratch, VERSION), task);
        self.store.put(table::USER_TASKS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// Deletes a user task.
    pub fn delete_user_task(&mut self, key: Key) {
        self.store.delete(table::USER_TASKS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}

#[cfg(test)]
mod tests {
    use super::{UserTaskRow, UserTaskState};
    use crate::Tables;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key, TimestampMs};
    use ringbolt_store::open_memory;

    #[test]
    fn a_user_task_reads_back_as_it_was_written() {
        let row = UserTaskRow {
            instance: InstanceRef {
                process_definition_key: Key(1),
                process_instance_key: Key(2),
                root_process_instance_key: Key(3),
            },
            element_instance_key: Key(4),
            element_index: ElementIndex(5),
            state: UserTaskState::Updating,
            priority: 6,
            form_key: Key(7),
            creation_timestamp: TimestampMs(8),
            assignee: "a".into(),
            first_assignee: "b".into(),
            candidate_groups: vec!["c".into(), "d".into()],
            candidate_users: Vec::new(),
            due_date: "e".into(),
            follow_up_date: String::new(),
            external_form_reference: "f".into(),
            tenant_id: "t".into(),
        };
        let mut tables = Tables::new(open_memory());
        tables.put_user_task(Key(9), &row);
        assert_eq!(tables.user_task(Key(9)), Some(row));
        tables.delete_user_task(Key(9));
        assert_eq!(tables.user_task(Key(9)), None);
        for number in 1..=7 {
            assert_eq!(UserTaskState::from_number(number).map(|state| state as u8), Some(number));
        }
    }
}
