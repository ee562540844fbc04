//! Follow-up commands beyond their entry's bound, oldest first.

use crate::element_instances::{read_element, write_element};
use crate::key::key_at;
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::ElementInstanceRef;
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A follow-up command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingCommandRow {
    /// What is to happen.
    pub intent: ProcessInstanceIntent,
    /// To which element instance; none when it is yet to be made.
    pub element_instance_key: Key,
    /// Of which element.
    pub element: ElementInstanceRef,
}

fn decode(row: &[u8]) -> PendingCommandRow {
    let mut row = RowReader::begin(row, VERSION);
    PendingCommandRow {
        intent: known(ProcessInstanceIntent::from_number(row.u8())),
        element_instance_key: row.key(),
        element: read_element(&mut row),
    }
}

impl Tables {
    /// The oldest follow-up command with its key.
    pub fn first_pending_command(&self) -> Option<(Key, PendingCommandRow)> {
        self.first(table::PENDING_COMMANDS, &[]).map(|(key, row)| (key_at(key, 0), decode(row)))
    }

    /// Writes a follow-up command.
    pub fn put_pending_command(&mut self, key: Key, command: &PendingCommandRow) {
        let bytes = key.0.to_be_bytes();
        self.hints.inserted(table::PENDING_COMMANDS, &[], &bytes);
        let row = RowWriter::begin(&mut self.scratch, VERSION)
            .u8(command.intent.number())
            .key(command.element_instance_key);
        write_element(row, &command.element);
        self.store.put(table::PENDING_COMMANDS, &bytes, &self.scratch);
    }

    /// Deletes a follow-up command.
    pub fn delete_pending_command(&mut self, key: Key) {
        self.store.delete(table::PENDING_COMMANDS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}
