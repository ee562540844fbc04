//! Messages that are kept until they expire: by key, by whom they are for, by the client's id, and which processes each has
//! reached. Their number and bytes are counted, so that they can be bounded.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::{Key, TimestampMs};
use ringbolt_store::{RowOwner, TableId};
use smallvec::{SmallVec, smallvec};

const VERSION: u8 = 2;
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
    /// It is only for instances of this business id; empty for all.
    pub business_id: &'a str,
    /// What it brings, a JSON object.
    pub variables: &'a [u8],
}

/// Whether a message is one that is looked for.
pub type IsWanted<'a> = &'a dyn Fn(Key, &MessageRow<'_>) -> bool;

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
        let texts = [self.tenant_id, self.name, self.correlation_key, self.message_id, self.business_id];
        (texts.map(str::len).iter().sum::<usize>() + self.variables.len()) as u64
    }

    /// The rows by which those find it whom it is for.
    fn lists(&self) -> SmallVec<[(TableId, RowKey); 3]> {
        let whom = whom(self.tenant_id, self.name, self.correlation_key);
        if self.business_id.is_empty() {
            return smallvec![(table::MESSAGES_BY_NAME, whom)];
        }
        let [all, own] =
            ["", self.business_id].map(|id| (table::MESSAGES_OF_BUSINESS, whom.clone().hash(id)));
        let by_id = of_business(self.tenant_id, self.name, self.business_id);
        smallvec![all, own, (table::MESSAGES_BY_BUSINESS, by_id)]
    }
}

/// Whom a message is to be found for.
#[derive(Clone, Copy, Debug)]
pub struct ForWhom<'a> {
    /// Owner.
    pub tenant_id: &'a str,
    /// What kind of message.
    pub name: &'a str,
    /// Its correlation key.
    pub correlation_key: &'a str,
    /// The business id of who waits, empty for none; nothing where what it starts takes the message's.
    pub business_id: Option<&'a str>,
}

impl ForWhom<'_> {
    /// Where its messages stand: those without a business id, and those that it may have besides.
    fn lists(&self) -> [Option<(TableId, RowKey)>; 2] {
        let whom = whom(self.tenant_id, self.name, self.correlation_key);
        let others = match self.business_id {
            Some("") => None,
            Some(id) => Some((table::MESSAGES_OF_BUSINESS, whom.clone().hash(id))),
            // Business ids are not empty: under the empty one stand those of all.
            None => Some((table::MESSAGES_OF_BUSINESS, whom.clone().hash(""))),
        };
        [Some((table::MESSAGES_BY_NAME, whom)), others]
    }
}

fn whom(tenant_id: &str, name: &str, correlation_key: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(name).text(correlation_key)
}

/// Where messages of a name and a business id stand, whatever their correlation key is.
fn of_business(tenant_id: &str, name: &str, business_id: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(name).text(business_id)
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
            business_id: row.text(),
            variables: row.rest(),
        })
    }

    /// The oldest message that is for somebody, whose time is not over and which has not reached a process.
    pub fn next_message_for(
        &self,
        whom: ForWhom<'_>,
        bpmn_process_id: &str,
        now: TimestampMs,
    ) -> Option<Key> {
        self.next_message_wanted(whom, bpmn_process_id, now, Key::NONE, &|_, _| true)
    }

    /// The same, of those that are wanted and came after one of them.
    pub fn next_message_wanted(
        &self,
        whom: ForWhom<'_>,
        bpmn_process_id: &str,
        now: TimestampMs,
        after: Key,
        is_wanted: IsWanted<'_>,
    ) -> Option<Key> {
        let lists = whom.lists().into_iter().flatten();
        let next = |(table, list): (TableId, RowKey)| {
            self.next_of_list(table, &list, bpmn_process_id, now, after, is_wanted)
        };
        lists.filter_map(next).min()
    }

    /// The oldest message of a name and a business id that is wanted, whatever its correlation key; otherwise as above.
    pub fn next_message_of_business(
        &self,
        [tenant_id, name, business_id]: [&str; 3],
        bpmn_process_id: &str,
        now: TimestampMs,
        is_wanted: IsWanted<'_>,
    ) -> Option<Key> {
        let list = of_business(tenant_id, name, business_id);
        self.next_of_list(table::MESSAGES_BY_BUSINESS, &list, bpmn_process_id, now, Key::NONE, is_wanted)
    }

    fn next_of_list(
        &self,
        table: TableId,
        list: &RowKey,
        bpmn_process_id: &str,
        now: TimestampMs,
        after: Key,
        is_wanted: IsWanted<'_>,
    ) -> Option<Key> {
        let oldest = self.first(table, list).map(|(key, _)| key_at(key, key.len() - 8))?;
        let wait = list.clone().hash(bpmn_process_id);
        let cursor = self.message_cursors.get(&wait);
        let mut place = cursor;
        let begin = oldest.max(cursor);
        let is_whole = after < begin;
        let from = if is_whole { begin } else { Key(after.0 + 1) };
        let rows = self.store.range(table, list, &from.0.to_be_bytes());
        let mut waiting = rows.map(|(key, _)| key_at(key, key.len() - 8)).filter(|key| {
            let has_reached = self.has_message_correlation(*key, bpmn_process_id);
            place = if has_reached { Key(key.0 + 1) } else { place };
            !has_reached
        });
        let first = waiting.next();
        let is_there = |key: &Key| {
            self.message_of_client(*key).is_some_and(|row| row.deadline > now && is_wanted(*key, &row))
        };
        let found = first.filter(is_there).or_else(|| first.and_then(|_| waiting.find(is_there)));
        drop(waiting);
        // Nothing below the first that waits is looked at again; `place` may have gone on beyond it.
        let place = first.unwrap_or(place);
        // Of what stands before a later beginning it says nothing.
        if is_whole && place > cursor {
            self.message_cursors.set(&wait, place);
        }
        found
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
            .bytes(message.business_id.as_bytes())
            .raw(message.variables);
        self.store.put(table::MESSAGES, &key.0.to_be_bytes(), &self.scratch);
        let whom = whom(message.tenant_id, message.name, message.correlation_key);
        for (table, list) in message.lists() {
            self.hints.inserted(table, &list, &key.0.to_be_bytes());
            self.store.put(table, &list.key(key), &[]);
        }
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
        let lists = message.lists();
        let id = (!message.message_id.is_empty()).then(|| whom.hash(message.message_id));
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
        for (table, list) in lists {
            self.store.delete(table, &list.key(key), owner);
        }
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
        let lists = self.message_of_client(key).map(|message| message.lists());
        for (_, list) in lists.into_iter().flatten() {
            self.message_cursors.forget(&list.hash(bpmn_process_id));
        }
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
    use super::{ForWhom, MessageRow, MessageTotals};
    use crate::{DueKind, Tables};
    use ringbolt_record::{Key, TimestampMs};
    use ringbolt_store::{Finished, Mark, open_memory};
    use std::collections::BTreeSet;

    const MESSAGE: MessageRow<'static> = MessageRow {
        deadline: TimestampMs(50),
        tenant_id: "",
        name: "paid",
        correlation_key: "order-1",
        message_id: "m",
        business_id: "",
        variables: b"{}",
    };

    fn next(tables: &Tables, correlation_key: &str, business_id: Option<&str>, process: &str) -> Option<Key> {
        let whom = ForWhom { tenant_id: "", name: "paid", correlation_key, business_id };
        tables.next_message_for(whom, process, TimestampMs(0))
    }

    #[test]
    fn a_message_of_a_business_id_is_for_its_instances_alone() {
        let mut tables = Tables::new(open_memory());
        for (key, business_id) in [(1, "a"), (2, "b"), (3, ""), (4, "b")] {
            let message = MessageRow { message_id: "", business_id, ..MESSAGE };
            tables.put_message_of_client(Key(key), &message);
        }
        let find = |tables: &Tables, of| next(tables, "order-1", of, "p");
        assert_eq!(
            [find(&tables, Some("b")), find(&tables, Some("")), find(&tables, Some("c"))],
            [Some(Key(2)), Some(Key(3)), Some(Key(3))]
        );
        assert_eq!(find(&tables, None), Some(Key(1)));
        let by_id = |tables: &Tables, id: &str, skipped: &str| {
            let is_wanted = |_: Key, row: &MessageRow<'_>| row.correlation_key != skipped;
            tables.next_message_of_business(["", "paid", id], "p", TimestampMs(0), &is_wanted)
        };
        assert_eq!([by_id(&tables, "b", ""), by_id(&tables, "c", "")], [Some(Key(2)), None]);
        assert_eq!(by_id(&tables, "b", "order-1"), None);
        tables.put_message_correlation(Key(2), "p");
        tables.put_message_correlation(Key(3), "p");
        assert_eq!(by_id(&tables, "b", ""), Some(Key(4)));
        assert_eq!((find(&tables, Some("b")), find(&tables, Some("c"))), (Some(Key(4)), None));
        tables.delete_message_correlation(Key(3), "p");
        assert_eq!((find(&tables, Some("b")), find(&tables, Some("c"))), (Some(Key(3)), Some(Key(3))));
        (1..=4).for_each(|key| tables.delete_message_of_client(Key(key)));
        assert_eq!(tables.store().dump().count(), 1, "the row that counts");
    }

    /// The oldest that has not reached the process is found, whatever was taken back meanwhile.
    #[test]
    fn cursors_never_hide_a_message() {
        for seed in 1..300u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut below = |bound: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % bound
            };
            let mut tables = Tables::new(open_memory());
            let (mut waiting, mut reached, mut kept) = (BTreeSet::new(), BTreeSet::new(), None);
            let mut new = 1;
            for _ in 0..120 {
                let key = Key(1 + below(new));
                match below(9) {
                    0..=2 => {
                        let business_id = ["", "b"][(new % 2) as usize];
                        let message = MessageRow { message_id: "", business_id, ..MESSAGE };
                        tables.put_message_of_client(Key(new), &message);
                        waiting.insert(Key(new));
                        new += 1;
                    }
                    3 if waiting.remove(&key) => {
                        tables.put_message_correlation(key, "p");
                        reached.insert(key);
                    }
                    4 if reached.remove(&key) => {
                        tables.delete_message_correlation(key, "p");
                        waiting.insert(key);
                    }
                    5 if kept.is_none() => {
                        tables.savepoint();
                        kept = Some((waiting.clone(), reached.clone()));
                    }
                    6 => {
                        if let Some(before) = kept.take() {
                            tables.rollback();
                            (waiting, reached) = before;
                        }
                    }
                    7 if kept.take().is_some() => tables.release(),
                    8 if waiting.remove(&key) | reached.remove(&key) => tables.delete_message_of_client(key),
                    _ => {}
                }
                assert_eq!(next(&tables, "order-1", Some("b"), "p"), waiting.first().copied(), "seed {seed}");
                assert_eq!(next(&tables, "order-1", None, "p"), waiting.first().copied(), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_message_leaves_nothing_behind_but_the_count() {
        let mut tables = Tables::new(open_memory());
        let message = MESSAGE;
        tables.put_message_of_client(Key(7), &message);
        tables.put_message_of_client(Key(8), &MessageRow { message_id: "", ..message });
        tables.put_message_correlation(Key(7), "p");
        assert_eq!(tables.message_of_client(Key(7)), Some(message));
        assert_eq!(next(&tables, "order-1", Some(""), "p"), Some(Key(8)));
        assert_eq!(next(&tables, "order-1", Some(""), "q"), Some(Key(7)));
        assert_eq!(next(&tables, "order-2", Some(""), "p"), None);
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
