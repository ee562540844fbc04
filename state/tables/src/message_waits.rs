//! Who waits for a message, on the instance's side: by the key of the subscription. The event that is waited for stands among
//! the event subscriptions of its element instance until the wait ends; the row here stays until the messages' side has ended too.

use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key, PartitionId};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// How far a wait is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MessageWaitState {
    /// The messages' side has not said anything yet.
    Opening = 1,
    /// Messages come.
    Open = 2,
    /// Nobody waits any more; the messages' side was told to end.
    Closing = 3,
    /// The instance is suspended; the messages' side was told to end, and has not said that it has.
    Parking = 4,
    /// The instance is suspended; the messages' side has ended.
    Parked = 5,
    /// The instance goes on; once the messages' side has ended it is told to begin again.
    Reopening = 6,
}

impl MessageWaitState {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Opening),
            2 => Some(Self::Open),
            3 => Some(Self::Closing),
            4 => Some(Self::Parking),
            5 => Some(Self::Parked),
            6 => Some(Self::Reopening),
            _ => None,
        }
    }
}

/// Who waits for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageWaitRow<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// The partition of the correlation key.
    pub partition_id: PartitionId,
    /// The message that it took last; none at first.
    pub message_key: Key,
    /// How far it is.
    pub state: MessageWaitState,
    /// Whether it ends with the first message.
    pub is_interrupting: bool,
    /// Owner.
    pub tenant_id: &'a str,
    /// The message's name.
    pub message_name: &'a str,
    /// The message's correlation key.
    pub correlation_key: &'a str,
}

impl Tables {
    /// A subscription on the instance's side.
    pub fn message_wait(&self, key: Key) -> Option<MessageWaitRow<'_>> {
        let row = self.get_of(table::MESSAGE_WAITS, key, &key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some(MessageWaitRow {
            instance: row.instance(),
            element_instance_key: row.key(),
            element_index: ElementIndex(row.u32()),
            partition_id: PartitionId(row.u16()),
            message_key: row.key(),
            state: known(MessageWaitState::from_number(row.u8())),
            is_interrupting: row.u8() != 0,
            tenant_id: row.text(),
            message_name: row.text(),
            correlation_key: row.text(),
        })
    }

    /// Writes a subscription on the instance's side.
    pub fn put_message_wait(&mut self, key: Key, row: &MessageWaitRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .instance(row.instance)
            .key(row.element_instance_key)
            .u32(row.element_index.0)
            .u16(row.partition_id.0)
            .key(row.message_key)
            .u8(row.state as u8)
            .u8(u8::from(row.is_interrupting))
            .bytes(row.tenant_id.as_bytes())
            .bytes(row.message_name.as_bytes())
            .bytes(row.correlation_key.as_bytes());
        self.store.put(table::MESSAGE_WAITS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// Deletes a subscription on the instance's side.
    pub fn delete_message_wait(&mut self, key: Key) {
        self.store.delete(table::MESSAGE_WAITS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageWaitRow, MessageWaitState};
    use crate::Tables;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key, PartitionId};
    use ringbolt_store::open_memory;

    #[test]
    fn a_wait_is_read_as_it_was_written() {
        let mut tables = Tables::new(open_memory());
        let row = MessageWaitRow {
            instance: InstanceRef::default(),
            element_instance_key: Key(2),
            element_index: ElementIndex(3),
            partition_id: PartitionId(4),
            message_key: Key(5),
            state: MessageWaitState::Closing,
            is_interrupting: true,
            tenant_id: "t",
            message_name: "paid",
            correlation_key: "order-1",
        };
        tables.put_message_wait(Key(7), &row);
        assert_eq!(tables.message_wait(Key(7)), Some(row));
        tables.delete_message_wait(Key(7));
        assert_eq!((tables.message_wait(Key(7)), tables.store().dump().count()), (None, 0));
    }
}
