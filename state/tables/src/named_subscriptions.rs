//! Who waits by a name alone, by where it waits and by name: the start events of definitions for messages, and whatever waits
//! for signals.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NamedKind {
    /// Messages that start a process.
    MessageStart = 1,
    /// Signals.
    Signal = 2,
}

impl NamedKind {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::MessageStart),
            2 => Some(Self::Signal),
            _ => None,
        }
    }
}

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedSubscriptionRow<'a> {
    /// What for.
    pub kind: NamedKind,
    /// Where: the element instance, or the definition of a start event.
    pub scope_key: Key,
    /// Definition and instance; of a start event there is no instance.
    pub instance: InstanceRef,
    /// The event.
    pub element_index: ElementIndex,
    /// Owner.
    pub tenant_id: &'a str,
    /// What has to have this name.
    pub name: &'a str,
}

fn place(scope_key: Key, key: Key) -> RowKey {
    RowKey::new().key(scope_key).key(key)
}

fn by_name(kind: NamedKind, tenant_id: &str, name: &str) -> RowKey {
    RowKey::new().byte(kind as u8).text(tenant_id).text(name)
}

fn read(scope_key: Key, row: &[u8]) -> NamedSubscriptionRow<'_> {
    let mut row = RowReader::begin(row, VERSION);
    NamedSubscriptionRow {
        kind: known(NamedKind::from_number(row.u8())),
        scope_key,
        instance: row.instance(),
        element_index: ElementIndex(row.u32()),
        tenant_id: row.text(),
        name: row.text(),
    }
}

impl Tables {
    /// Who waits there: in a definition for its start events, with their keys, oldest first.
    pub fn named_subscriptions_of(
        &self,
        scope_key: Key,
    ) -> impl Iterator<Item = (Key, NamedSubscriptionRow<'_>)> {
        let rows = self.range_of(table::NAMED_SUBSCRIPTIONS, scope_key);
        rows.map(move |(key, row)| (key_at(key, 8), read(scope_key, row)))
    }

    /// Who waits for something of a name, with their keys, behind one of them, oldest first.
    pub fn named_subscriptions(
        &self,
        kind: NamedKind,
        tenant_id: &str,
        name: &str,
        after: Key,
    ) -> impl Iterator<Item = (Key, NamedSubscriptionRow<'_>)> {
        let from = (after.0 + 1).to_be_bytes();
        let prefix = by_name(kind, tenant_id, name);
        let rows = self.store.range(table::NAMED_SUBSCRIPTIONS_BY_NAME, &prefix, &from);
        rows.filter_map(|(key, scope)| {
            let (key, scope_key) = (key_at(key, key.len() - 8), key_at(scope, 0));
            Some((key, self.named_subscription(scope_key, key)?))
        })
    }

    /// Who waits there with a key.
    pub fn named_subscription(&self, scope_key: Key, key: Key) -> Option<NamedSubscriptionRow<'_>> {
        let row = self.get_of(table::NAMED_SUBSCRIPTIONS, scope_key, &place(scope_key, key))?;
        Some(read(scope_key, row))
    }

    /// Writes that somebody waits.
    pub fn put_named_subscription(&mut self, key: Key, row: &NamedSubscriptionRow<'_>) {
        let scope_key = row.scope_key;
        RowWriter::begin(&mut self.scratch, VERSION)
            .u8(row.kind as u8)
            .instance(row.instance)
            .u32(row.element_index.0)
            .bytes(row.tenant_id.as_bytes())
            .bytes(row.name.as_bytes());
        self.store.put(table::NAMED_SUBSCRIPTIONS, &place(scope_key, key), &self.scratch);
        let by_name = by_name(row.kind, row.tenant_id, row.name).key(key);
        self.store.put(table::NAMED_SUBSCRIPTIONS_BY_NAME, &by_name, &scope_key.0.to_be_bytes());
    }

    /// Deletes that somebody waits, if somebody does.
    pub fn delete_named_subscription(&mut self, scope_key: Key, key: Key) {
        let Some(row) = self.named_subscription(scope_key, key) else { return };
        let by_name = by_name(row.kind, row.tenant_id, row.name).key(key);
        let owner = RowOwner::Generated(key.0);
        self.store.delete(table::NAMED_SUBSCRIPTIONS, &place(scope_key, key), owner);
        self.store.delete(table::NAMED_SUBSCRIPTIONS_BY_NAME, &by_name, owner);
    }
}

#[cfg(test)]
mod tests {
    use super::{NamedKind, NamedSubscriptionRow};
    use crate::Tables;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key};
    use ringbolt_store::open_memory;

    #[test]
    fn who_waits_is_found_by_place_and_by_name() {
        let mut tables = Tables::new(open_memory());
        let row = |definition, name| NamedSubscriptionRow {
            kind: NamedKind::MessageStart,
            scope_key: Key(definition),
            instance: InstanceRef { process_definition_key: Key(definition), ..InstanceRef::default() },
            element_index: ElementIndex(3),
            tenant_id: "t",
            name,
        };
        let rows = [(10, row(1, "a")), (11, row(2, "a")), (12, row(1, "b"))];
        for (key, row) in &rows {
            tables.put_named_subscription(Key(*key), row);
        }
        let of = |scope| tables.named_subscriptions_of(Key(scope)).map(|(key, _)| key.0).collect::<Vec<_>>();
        assert_eq!((of(1), of(2), of(3)), (vec![10, 12], vec![11], vec![]));
        let named = |tenant, name, after| {
            let found = tables.named_subscriptions(NamedKind::MessageStart, tenant, name, Key(after));
            found.map(|(key, row)| (key.0, row)).collect::<Vec<_>>()
        };
        assert_eq!(named("t", "a", 0), [(10, row(1, "a")), (11, row(2, "a"))]);
        assert_eq!((named("t", "a", 10), named("u", "a", 0)), (vec![(11, row(2, "a"))], vec![]));
        for (key, row) in &rows {
            tables.delete_named_subscription(row.scope_key, Key(*key));
            tables.delete_named_subscription(row.scope_key, Key(*key));
        }
        assert_eq!(tables.store().dump().count(), 0);
    }
}
