//! Messages between partitions: what this one has sent and the others have not acknowledged, how far it has taken what
//! they sent, and which partitions there are.
//!
//! Messages to a partition are numbered from 1 without a gap, and acknowledged up to a number; so the rows of a target are
//! always those behind the last acknowledged one, and what a sender was taken of is one number, however much it was.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::{Key, PartitionId};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;
/// The key of the one row about the partitions that there are.
const PARTITIONS: u32 = 0;

/// How far the messages to a partition are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxState {
    /// The last one that was sent; 0 for none.
    pub last: u64,
    /// The last one that was acknowledged; 0 for none.
    pub acknowledged: u64,
}

fn partition_key(partition: PartitionId) -> RowKey {
    RowKey::new().number(u32::from(partition.0))
}

fn message_key(target: PartitionId, sequence: u64) -> RowKey {
    partition_key(target).key(Key(sequence))
}

fn read_state(row: &[u8]) -> OutboxState {
    let mut row = RowReader::begin(row, VERSION);
    OutboxState { last: row.key().0, acknowledged: row.key().0 }
}

impl Tables {
    /// How far the messages to a partition are.
    pub fn outbox(&self, target: PartitionId) -> OutboxState {
        self.store.get(table::OUTBOX_STATES, &partition_key(target)).map(read_state).unwrap_or_default()
    }

    /// The same of every partition that anything was ever sent to, in the order of their ids.
    pub fn outboxes(&self) -> impl Iterator<Item = (PartitionId, OutboxState)> {
        self.store.range(table::OUTBOX_STATES, &[], &[]).map(|(key, row)| {
            let number = u32::from_be_bytes(key[..4].try_into().expect("four bytes"));
            (PartitionId(u16::try_from(number).expect("a partition has 13 bits")), read_state(row))
        })
    }

    fn put_outbox(&mut self, target: PartitionId, state: OutboxState) {
        RowWriter::begin(&mut self.scratch, VERSION).key(Key(state.last)).key(Key(state.acknowledged));
        self.store.put(table::OUTBOX_STATES, &partition_key(target), &self.scratch);
    }

    /// Writes the next message to a partition. `key` is generated for it.
    ///
    /// # Panics
    /// When it is not the next one.
    pub fn put_message(&mut self, target: PartitionId, sequence: u64, key: Key, message: &[u8]) {
        let state = self.outbox(target);
        assert_eq!(sequence, state.last + 1, "messages to {target} are numbered without a gap");
        RowWriter::begin(&mut self.scratch, VERSION).key(key).raw(message);
        self.store.put(table::OUTBOX, &message_key(target, sequence), &self.scratch);
        self.put_outbox(target, OutboxState { last: sequence, ..state });
    }

    /// A message that is not acknowledged.
    pub fn message(&self, target: PartitionId, sequence: u64) -> Option<&[u8]> {
        let row = self.store.get(table::OUTBOX, &message_key(target, sequence))?;
        let mut row = RowReader::begin(row, VERSION);
        let _ = row.key();
        Some(row.rest())
    }

    /// A partition has taken all messages up to one.
    ///
    /// # Panics
    /// When it was never sent.
    pub fn delete_messages(&mut self, target: PartitionId, through: u64) {
        let state = self.outbox(target);
        assert!(through <= state.last, "message {through} to {target} was never sent");
        let prefix = partition_key(target);
        let from = (state.acknowledged + 1).to_be_bytes();
        let rows = self.store.range(table::OUTBOX, &prefix, &from);
        let rows = rows.map(|(key, row)| (key_at(key, 4).0, RowReader::begin(row, VERSION).key()));
        let rows: Vec<(u64, Key)> = rows.take_while(|(sequence, _)| *sequence <= through).collect();
        for (sequence, key) in rows {
            self.store.delete(table::OUTBOX, &message_key(target, sequence), RowOwner::Generated(key.0));
        }
        self.put_outbox(target, OutboxState { acknowledged: through, ..state });
    }

    /// The last message that was taken from a partition; 0 for none.
    pub fn inbox(&self, source: PartitionId) -> u64 {
        let row = self.store.get(table::INBOX, &partition_key(source));
        row.map_or(0, |row| RowReader::begin(row, VERSION).key().0)
    }

    /// A message was taken from a partition.
    ///
    /// # Panics
    /// When it is not the next one.
    pub fn put_inbox(&mut self, source: PartitionId, sequence: u64) {
        assert_eq!(sequence, self.inbox(source) + 1, "messages from {source} are taken in order");
        RowWriter::begin(&mut self.scratch, VERSION).key(Key(sequence));
        self.store.put(table::INBOX, &partition_key(source), &self.scratch);
    }

    /// How many partitions there are; one until another number is known.
    pub fn partition_count(&self) -> u16 {
        let row = self.store.get(table::ROUTING, &PARTITIONS.to_be_bytes());
        row.map_or(1, |row| {
            u16::try_from(RowReader::begin(row, VERSION).u32()).expect("there are at most 4095 partitions")
        })
    }

    /// There are so many partitions.
    pub fn put_partition_count(&mut self, count: u16) {
        RowWriter::begin(&mut self.scratch, VERSION).u32(u32::from(count));
        self.store.put(table::ROUTING, &PARTITIONS.to_be_bytes(), &self.scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::OutboxState;
    use crate::Tables;
    use ringbolt_record::{Key, PartitionId};
    use ringbolt_store::open_memory;

    #[test]
    fn messages_stand_by_target_until_they_are_acknowledged() {
        let mut tables = Tables::new(open_memory());
        let (one, two) = (PartitionId(1), PartitionId(2));
        assert_eq!(tables.outbox(one), OutboxState::default());
        for (target, sequence, key) in [(one, 1, 10), (two, 1, 11), (one, 2, 12), (one, 3, 13)] {
            tables.put_message(target, sequence, Key(key), format!("{target}.{sequence}").as_bytes());
        }
        let states = [
            (one, OutboxState { last: 3, acknowledged: 0 }),
            (two, OutboxState { last: 1, acknowledged: 0 }),
        ];
        assert_eq!(tables.outboxes().collect::<Vec<_>>(), states);
        assert_eq!(tables.message(one, 2), Some(&b"1.2"[..]));
        tables.delete_messages(one, 2);
        assert_eq!((tables.message(one, 1), tables.message(one, 2)), (None, None));
        assert_eq!(tables.message(one, 3), Some(&b"1.3"[..]));
        assert_eq!(tables.outbox(one), OutboxState { last: 3, acknowledged: 2 });
        assert_eq!(tables.message(two, 1), Some(&b"2.1"[..]));
    }

    #[test]
    fn what_was_taken_of_a_sender_is_one_number() {
        let mut tables = Tables::new(open_memory());
        let rows = |tables: &Tables| tables.store().dump().count();
        for sequence in 1..=100 {
            assert_eq!(tables.inbox(PartitionId(3)), sequence - 1);
            tables.put_inbox(PartitionId(3), sequence);
        }
        assert_eq!((rows(&tables), tables.inbox(PartitionId(2))), (1, 0));
        assert_eq!(tables.partition_count(), 1);
        tables.put_partition_count(4);
        assert_eq!(tables.partition_count(), 4);
    }
}
