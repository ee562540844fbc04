//! Messages that are kept until they expire: by key, by whom they are for, by the client's id, and which processes each has
//! reached. Their number and bytes are counted, so that they can be bounded.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::{Key, TimestampMs};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;
/// The key of the one row that counts.
const TOTALS: [u8; 1] = [0];

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRow<'a> {
    /// When it expires.
    pub deadline: TimestampMs,
    /// Owner.
    pub tenant_id: &'a str,
    /// What kind of message it is.
    pub name: &'a str,
    /// Whom it is for.
    pub correlation_key: &'a str,
    /// The client's own id of it; empty when it has none.
    pub message_id: &'a str,
    /// What it brings, a JSON object.
    pub variables: &'a [u8],
}

/// All messages that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageTotals {
    /// How many.
    pub count: u64,
    /// Bytes of their texts and variables.
    pub bytes: u64,
}

impl MessageRow<'_> {
    /// Bytes of its texts and variables.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let texts =
            self.tenant_id.len() + self.name.len() + self.correlation_key.len() + self.message_id.len();
        (texts + self.variables.len()) as u64
    }
}

fn whom(tenant_id: &str, name: &str, correlation_key: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(name).text(correlation_key)
}

impl Tables {
    /// A message that has not expired.
    pub fn message_of_client(&self, key: Key) -> Option<MessageRow<'_>> {
        let row = self.get_of(table::MESSAGES, key, &key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some(MessageRow {
            deadline: TimestampMs(row.i64()),
            tenant_id: row.text(),
            name: row.text(),
            correlation_key: row.text(),
            message_id: row.text(),
            variables: row.rest(),
        })
    }

    /// The messages of a name for a correlation key, oldest first.
    pub fn messages_for(
        &self,
        tenant_id: &str,
        name: &str,
        correlation_key: &str,
    ) -> impl Iterator<Item = Key> {
        let prefix = whom(tenant_id, name, correlation_key);
        let first = self.first(table::MESSAGES_BY_NAME, &prefix).map(|(key, _)| key[prefix.len()..].to_vec());
        let rows = first.map(|from| self.store.range(table::MESSAGES_BY_NAME, &prefix, &from));
        rows.into_iter().flatten().map(|(key, _)| key_at(key, key.len() - 8))
    }

    /// Whether a message with a client's id is there, for the same correlation key and of the same name.
    pub fn has_message_id(
        &self,
        tenant_id: &str,
        name: &str,
        correlation_key: &str,
        message_id: &str,
    ) -> bool {
        let key = whom(tenant_id, name, correlation_key).hash(message_id);
        self.store.get(table::MESSAGE_IDS, &key).is_some()
    }

    /// Writes a message and notes when it expires.
    pub fn put_message_of_client(&mut self, key: Key, message: &MessageRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .i64(message.deadline.0)
            .bytes(message.tenant_id.as_bytes())
            .bytes(message.name.as_bytes())
            .bytes(message.correlation_key.as_bytes())
            .bytes(message.message_id.as_bytes())
            .raw(message.variables);
        self.store.put(table::MESSAGES, &key.0.to_be_bytes(), &self.scratch);
        let whom = whom(message.tenant_id, message.name, message.correlation_key);
        self.hints.inserted(table::MESSAGES_BY_NAME, &whom, &key.0.to_be_bytes());
        self.store.put(table::MESSAGES_BY_NAME, &whom.clone().key(key), &[]);
        if !message.message_id.is_empty() {
            self.store.put(table::MESSAGE_IDS, &whom.hash(message.message_id), &key.0.to_le_bytes());
        }
        self.put_message_deadline(message.deadline, key);
        let totals = self.message_totals();
        self.put_message_totals(MessageTotals {
            count: totals.count + 1,
            bytes: totals.bytes + message.bytes(),
        });
    }

    /// Deletes a message with everything about it.
    ///
    /// # Panics
    /// When it is not there.
    pub fn delete_message_of_client(&mut self, key: Key) {
        let message = self.message_of_client(key).expect("only a message that is there expires");
        let whom = whom(message.tenant_id, message.name, message.correlation_key);
        let id = (!message.message_id.is_empty()).then(|| whom.clone().hash(message.message_id));
        let (deadline, bytes) = (message.deadline, message.bytes());
        let owner = RowOwner::Generated(key.0);
        let reached = self.range_of(table::MESSAGE_CORRELATIONS, key);
        let reached: Vec<Box<[u8]>> = reached.map(|(key, _)| key.into()).collect();
        for row_key in reached {
            self.store.delete(table::MESSAGE_CORRELATIONS, &row_key, owner);
        }
        if let Some(id) = id {
            // Under the same id there may have been a message before.
            self.store.delete(table::MESSAGE_IDS, &id, RowOwner::Shared);
        }
        self.store.delete(table::MESSAGES_BY_NAME, &whom.key(key), owner);
        self.store.delete(table::MESSAGES, &key.0.to_be_bytes(), owner);
        self.delete_message_deadline(deadline, key);
        let totals = self.message_totals();
        self.put_message_totals(MessageTotals { count: totals.count - 1, bytes: totals.bytes - bytes });
    }

    /// Whether a message has reached a process.
    pub fn has_message_correlation(&self, key: Key, bpmn_process_id: &str) -> bool {
        let row_key = RowKey::new().key(key).text(bpmn_process_id);
        self.get_of(table::MESSAGE_CORRELATIONS, key, &row_key).is_some()
    }

    /// A message has reached a process.
    pub fn put_message_correlation(&mut self, key: Key, bpmn_process_id: &str) {
        self.store.put(table::MESSAGE_CORRELATIONS, &RowKey::new().key(key).text(bpmn_process_id), &[]);
    }

    /// A message has not reached a process after all.
    pub fn delete_message_correlation(&mut self, key: Key, bpmn_process_id: &str) {
        let row_key = RowKey::new().key(key).text(bpmn_process_id);
        self.store.delete(table::MESSAGE_CORRELATIONS, &row_key, RowOwner::Generated(key.0));
    }

    /// How many messages are kept, and how large they are.
    pub fn message_totals(&self) -> MessageTotals {
        let row = self.store.get(table::MESSAGE_TOTALS, &TOTALS);
        row.map_or_else(MessageTotals::default, |row| {
            let mut row = RowReader::begin(row, VERSION);
            MessageTotals { count: row.key().0, bytes: row.key().0 }
        })
    }

    fn put_message_totals(&mut self, totals: MessageTotals) {
        RowWriter::begin(&mut self.scratch, VERSION).key(Key(totals.count)).key(Key(totals.bytes));
        self.store.put(table::MESSAGE_TOTALS, &TOTALS, &self.scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageRow, MessageTotals};
    use crate::{DueKind, Tables};
    use ringbolt_record::{Key, TimestampMs};
    use ringbolt_store::{Finished, Mark, open_memory};

    const MESSAGE: MessageRow<'static> = MessageRow {
        deadline: TimestampMs(50),
        tenant_id: "",
        name: "paid",
        correlation_key: "order-1",
        message_id: "m",
        variables: b"{}",
    };

    #[test]
    fn a_message_leaves_nothing_behind_but_the_count() {
        let mut tables = Tables::new(open_memory());
        let message = MESSAGE;
        tables.put_message_of_client(Key(7), &message);
        tables.put_message_of_client(Key(8), &MessageRow { message_id: "", ..message });
        tables.put_message_correlation(Key(7), "p");
        assert_eq!(tables.message_of_client(Key(7)), Some(message));
        assert_eq!(tables.messages_for("", "paid", "order-1").collect::<Vec<_>>(), [Key(7), Key(8)]);
        assert_eq!(tables.messages_for("", "paid", "order-2").count(), 0);
        assert!(tables.has_message_id("", "paid", "order-1", "m"));
        assert!(!tables.has_message_id("", "paid", "order-1", "n"));
        assert!(tables.has_message_correlation(Key(7), "p") && !tables.has_message_correlation(Key(8), "p"));
        assert_eq!(tables.due().next(), Some((TimestampMs(50), DueKind::MessageDeadline, Key(7))));
        assert_eq!(tables.message_totals(), MessageTotals { count: 2, bytes: 14 + 13 });
        tables.delete_message_of_client(Key(7));
        tables.delete_message_of_client(Key(8));
        assert_eq!(tables.message_totals(), MessageTotals::default());
        assert_eq!(tables.store().dump().count(), 1, "the row that counts");
    }

    #[test]
    fn an_id_that_was_used_before_a_checkpoint_is_free_after_its_next_message() {
        let mut tables = Tables::new(open_memory());
        tables.put_message_of_client(Key(7), &MESSAGE);
        let outcome = tables.store_mut().freeze(Mark { key_counter: 7, ..Mark::default() }).run();
        let Finished::Committed(_) = tables.store_mut().finish_checkpoint(outcome) else {
            panic!("a checkpoint in memory is written");
        };
        tables.delete_message_of_client(Key(7));
        tables.put_message_of_client(Key(8), &MESSAGE);
        tables.delete_message_of_client(Key(8));
        assert!(!tables.has_message_id("", "paid", "order-1", "m"));
    }
}
