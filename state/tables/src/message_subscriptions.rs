//! Who waits for a message, on the partition of its correlation key: by key, by what is waited for, and by the subscription
//! on the instance's side.
//!
//! What is waited for is in the order of the processes, so that a message finds the one subscription of each process that it
//! reaches without walking over the others. Those of instances with a business id are listed by that too, for messages that have one.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_record::values::InstanceRef;
use ringbolt_store::{RowOwner, TableId};
use smallvec::SmallVec;

const VERSION: u8 = 2;

/// Who waits for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSubscriptionRow<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits.
    pub element_instance_key: Key,
    /// The subscription on the instance's side.
    pub owner_key: Key,
    /// The message that it was told of last; none at first.
    pub message_key: Key,
    /// It was told of a message and has not answered, or did not take it: nothing else reaches it then.
    pub is_correlating: bool,
    /// Whether it ends with the first message.
    pub is_interrupting: bool,
    /// Owner.
    pub tenant_id: &'a str,
    /// The process's id in the model.
    pub bpmn_process_id: &'a str,
    /// The message's name.
    pub message_name: &'a str,
    /// The message's correlation key.
    pub correlation_key: &'a str,
    /// The instance's business id; empty when it has none.
    pub business_id: &'a str,
    /// What the message brings that it was told of; the message itself may expire before the instance takes it.
    pub variables: &'a [u8],
}

impl MessageSubscriptionRow<'_> {
    /// The rows by which messages find it.
    fn waited_for(&self, key: Key) -> SmallVec<[(TableId, RowKey); 2]> {
        let own = Some(self.business_id).filter(|id| !id.is_empty());
        let row_of = |business_id| {
            let (table, rows) = What { business_id, ..self.what() }.rows();
            (table, rows.hash(self.bpmn_process_id).key(key))
        };
        [Some(""), own].into_iter().flatten().map(row_of).collect()
    }

    fn what(&self) -> What<'_> {
        What {
            tenant_id: self.tenant_id,
            message_name: self.message_name,
            correlation_key: self.correlation_key,
            business_id: self.business_id,
        }
    }
}

/// What somebody who waits is told of.
#[derive(Clone, Copy, Debug)]
pub struct What<'a> {
    /// Owner.
    pub tenant_id: &'a str,
    /// The message's name.
    pub message_name: &'a str,
    /// The message's correlation key.
    pub correlation_key: &'a str,
    /// Only instances of this business id; empty for all.
    pub business_id: &'a str,
}

impl What<'_> {
    /// Where those stand who wait for it.
    fn rows(&self) -> (TableId, RowKey) {
        let all = RowKey::new().text(self.tenant_id).text(self.message_name).text(self.correlation_key);
        if self.business_id.is_empty() {
            return (table::MESSAGE_SUBSCRIPTIONS_BY_NAME, all);
        }
        (table::MESSAGE_SUBSCRIPTIONS_OF_BUSINESS, all.hash(self.business_id))
    }
}

impl Tables {
    /// A subscription.
    pub fn message_subscription(&self, key: Key) -> Option<MessageSubscriptionRow<'_>> {
        let row = self.get_of(table::MESSAGE_SUBSCRIPTIONS, key, &key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some(MessageSubscriptionRow {
            instance: row.instance(),
            element_instance_key: row.key(),
            owner_key: row.key(),
            message_key: row.key(),
            is_correlating: row.u8() != 0,
            is_interrupting: row.u8() != 0,
            tenant_id: row.text(),
            bpmn_process_id: row.text(),
            message_name: row.text(),
            correlation_key: row.text(),
            business_id: row.text(),
            variables: row.rest(),
        })
    }

    /// The subscription that belongs to one on the instance's side.
    pub fn message_subscription_of(&self, owner_key: Key) -> Option<Key> {
        let row = self.store.get(table::MESSAGE_SUBSCRIPTION_BY_OWNER, &owner_key.0.to_be_bytes())?;
        Some(Key(u64::from_le_bytes(row.try_into().expect("a key has eight bytes"))))
    }

    /// One subscription of each process that waits for a message and is not told of another, the oldest one. In the order of
    /// their keys.
    pub fn subscriptions_to_correlate(&self, what: What<'_>) -> Vec<Key> {
        let (table, prefix) = what.rows();
        let mut found = Vec::new();
        let mut from: Vec<u8> = Vec::new();
        while let Some((key, _)) = self.store.range(table, &prefix, &from).next() {
            let (process, subscription) = (&key[prefix.len()..key.len() - 8], key_at(key, key.len() - 8));
            let is_free = self.message_subscription(subscription).is_some_and(|row| !row.is_correlating);
            let next = if is_free { u64::MAX } else { subscription.0 + 1 };
            if is_free {
                found.push(subscription);
            }
            from.clear();
            from.extend_from_slice(process);
            from.extend_from_slice(&next.to_be_bytes());
        }
        found.sort_unstable();
        found
    }

    /// The same of one process.
    pub fn subscription_to_correlate(&self, what: What<'_>, bpmn_process_id: &str) -> Option<Key> {
        let (table, prefix) = what.rows();
        let rows = self.store.range(table, &prefix.hash(bpmn_process_id), &[]);
        let mut keys = rows.map(|(key, _)| key_at(key, key.len() - 8));
        keys.find(|key| self.message_subscription(*key).is_some_and(|row| !row.is_correlating))
    }

    /// Writes a new subscription.
    pub fn put_message_subscription(&mut self, key: Key, row: &MessageSubscriptionRow<'_>) {
        for (table, waited_for) in row.waited_for(key) {
            self.store.put(table, &waited_for, &[]);
        }
        let owner = row.owner_key.0.to_be_bytes();
        self.store.put(table::MESSAGE_SUBSCRIPTION_BY_OWNER, &owner, &key.0.to_le_bytes());
        self.write_message_subscription(key, row);
    }

    fn write_message_subscription(&mut self, key: Key, row: &MessageSubscriptionRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .instance(row.instance)
            .key(row.element_instance_key)
            .key(row.owner_key)
            .key(row.message_key)
            .u8(u8::from(row.is_correlating))
            .u8(u8::from(row.is_interrupting))
            .bytes(row.tenant_id.as_bytes())
            .bytes(row.bpmn_process_id.as_bytes())
            .bytes(row.message_name.as_bytes())
            .bytes(row.correlation_key.as_bytes())
            .bytes(row.business_id.as_bytes())
            .raw(row.variables);
        self.store.put(table::MESSAGE_SUBSCRIPTIONS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// A subscription is told of a message, or has answered.
    ///
    /// # Panics
    /// When it is not there.
    pub fn set_message_subscription(
        &mut self,
        key: Key,
        message_key: Key,
        is_correlating: bool,
        variables: &[u8],
    ) {
        let row =
            self.message_subscription(key).expect("only a subscription that is there is told of a message");
        let texts =
            [row.tenant_id, row.bpmn_process_id, row.message_name, row.correlation_key, row.business_id]
                .map(str::to_owned);
        let row = MessageSubscriptionRow {
            message_key,
            is_correlating,
            variables,
            tenant_id: &texts[0],
            bpmn_process_id: &texts[1],
            message_name: &texts[2],
            correlation_key: &texts[3],
            business_id: &texts[4],
            ..row
        };
        self.write_message_subscription(key, &row);
    }

    /// The instance of a subscription runs another definition.
    ///
    /// # Panics
    /// When the subscription is not there.
    pub fn migrate_message_subscription(
        &mut self,
        key: Key,
        definition_key: Key,
        bpmn_process_id: &str,
        is_interrupting: bool,
    ) {
        let row = self.message_subscription(key).expect("only a subscription that is there is migrated");
        let waited_for = row.waited_for(key);
        let texts =
            [row.tenant_id, row.message_name, row.correlation_key, row.business_id].map(str::to_owned);
        let variables = row.variables.to_vec();
        let row = MessageSubscriptionRow {
            instance: InstanceRef { process_definition_key: definition_key, ..row.instance },
            is_interrupting,
            tenant_id: &texts[0],
            bpmn_process_id,
            message_name: &texts[1],
            correlation_key: &texts[2],
            business_id: &texts[3],
            variables: &variables,
            ..row
        };
        for (table, waited_for) in waited_for {
            self.store.delete(table, &waited_for, RowOwner::Generated(key.0));
        }
        for (table, waited_for) in row.waited_for(key) {
            self.store.put(table, &waited_for, &[]);
        }
        self.write_message_subscription(key, &row);
    }

    /// Deletes a subscription.
    ///
    /// # Panics
    /// When it is not there.
    pub fn delete_message_subscription(&mut self, key: Key) {
        let row = self.message_subscription(key).expect("only a subscription that is there is deleted");
        let (waited_for, owner_key) = (row.waited_for(key), row.owner_key);
        let owner = RowOwner::Generated(key.0);
        for (table, waited_for) in waited_for {
            self.store.delete(table, &waited_for, owner);
        }
        // What it waits for may be opened again, by a subscription with another key.
        self.store.delete(table::MESSAGE_SUBSCRIPTION_BY_OWNER, &owner_key.0.to_be_bytes(), RowOwner::Shared);
        self.store.delete(table::MESSAGE_SUBSCRIPTIONS, &key.0.to_be_bytes(), owner);
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageSubscriptionRow, What};
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_store::open_memory;

    fn row<'a>(owner: u64, process: &'a str, correlation_key: &'a str) -> MessageSubscriptionRow<'a> {
        MessageSubscriptionRow {
            instance: InstanceRef::default(),
            element_instance_key: Key(owner + 1),
            owner_key: Key(owner),
            message_key: Key::NONE,
            is_correlating: false,
            is_interrupting: true,
            tenant_id: "",
            bpmn_process_id: process,
            message_name: "paid",
            correlation_key,
            business_id: "",
            variables: b"",
        }
    }

    #[test]
    fn a_message_finds_the_oldest_of_each_process_that_is_free() {
        let mut tables = Tables::new(open_memory());
        let long = "k".repeat(400);
        for (key, process) in [(10, "p"), (11, "p"), (12, "q"), (13, "q"), (14, "r")] {
            tables.put_message_subscription(Key(key), &row(key + 100, process, &long));
        }
        tables.put_message_subscription(Key(15), &row(115, "p", "other"));
        let what = What { tenant_id: "", message_name: "paid", correlation_key: &long, business_id: "" };
        let find = |tables: &Tables| tables.subscriptions_to_correlate(what);
        assert_eq!(find(&tables), [Key(10), Key(12), Key(14)]);
        tables.set_message_subscription(Key(10), Key(5), true, b"{}");
        tables.set_message_subscription(Key(14), Key(5), true, b"{}");
        assert_eq!(find(&tables), [Key(11), Key(12)]);
        assert_eq!(tables.subscription_to_correlate(what, "p"), Some(Key(11)));
        assert_eq!(tables.subscription_to_correlate(what, "r"), None);
        assert_eq!(tables.message_subscription(Key(10)).map(|row| row.variables), Some(&b"{}"[..]));
        assert_eq!(tables.message_subscription_of(Key(110)), Some(Key(10)));
        tables.migrate_message_subscription(Key(10), Key(9), "s", false);
        let migrated = tables.message_subscription(Key(10)).expect("it is there");
        assert_eq!((migrated.bpmn_process_id, migrated.is_interrupting), ("s", false));
        assert_eq!((migrated.instance.process_definition_key, migrated.variables), (Key(9), &b"{}"[..]));
        tables.set_message_subscription(Key(10), Key(5), false, b"");
        assert_eq!(find(&tables), [Key(10), Key(11), Key(12)]);
        for key in 10..=15 {
            tables.delete_message_subscription(Key(key));
        }
        assert_eq!(tables.store().dump().count(), 0);
    }

    #[test]
    fn a_message_of_a_business_id_finds_its_instances_alone() {
        let mut tables = Tables::new(open_memory());
        let of = |business_id| MessageSubscriptionRow { business_id, ..row(100, "p", "k") };
        for (key, business_id) in [(10, ""), (11, "a"), (12, "b"), (13, "b")] {
            let row = MessageSubscriptionRow { owner_key: Key(key + 100), ..of(business_id) };
            tables.put_message_subscription(Key(key), &row);
        }
        let what =
            |business_id| What { tenant_id: "", message_name: "paid", correlation_key: "k", business_id };
        let find = |tables: &Tables, id| tables.subscriptions_to_correlate(what(id));
        assert_eq!(find(&tables, ""), [Key(10)]);
        assert_eq!((find(&tables, "b"), find(&tables, "c")), (vec![Key(12)], vec![]));
        tables.set_message_subscription(Key(12), Key(5), true, b"{}");
        assert_eq!(tables.subscription_to_correlate(what("b"), "p"), Some(Key(13)));
        tables.migrate_message_subscription(Key(13), Key(9), "q", true);
        assert_eq!(tables.subscription_to_correlate(what("b"), "p"), None);
        assert_eq!(tables.subscription_to_correlate(what("b"), "q"), Some(Key(13)));
        for key in 10..=13 {
            tables.delete_message_subscription(Key(key));
        }
        assert_eq!(tables.store().dump().count(), 0);
    }
}
