//! Activities that have completed and can be compensated: by process instance, by where they stood, and by the element
//! instances that they have to do with.
//!
//! Invariants: what is counted of an element instance is how many stood in it, or how many it has triggered, so that nobody has to
//! look for the last one. Where the one of an activity stood is known as long as others are there that stood in that, or in what
//! stood in that: who goes through them finds the way up, whichever have ended.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::{Range, RowOwner};

const VERSION: u8 = 1;
/// The element instance is that of the activity.
const BY_ACTIVITY: u8 = 1;
/// It is that of what compensates it.
const BY_HANDLER: u8 = 2;
/// It is that of an event that has promised to trigger another one.
const PROMISED: u8 = 3;
/// What is counted is there.
const THERE: u8 = 0;
/// What is counted is there, or others are that stood in it.
const HELD: u8 = 1;
/// Nothing has triggered it.
const WAITING: u8 = 0;
/// Something has.
const TRIGGERED: u8 = 1;

/// An activity that has completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompensationSubscriptionRow {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The activity.
    pub activity: ElementIndex,
    /// Its instance.
    pub activity_key: Key,
    /// The element instance that it stood in.
    pub scope_key: Key,
    /// What compensates it; the process where nothing does.
    pub handler: ElementIndex,
    /// The instance of that; none before it is triggered, and where there is no handler.
    pub handler_key: Key,
    /// The event that has triggered it.
    pub throw_event: ElementIndex,
    /// The instance of that; none before it is triggered.
    pub throw_event_key: Key,
}

impl CompensationSubscriptionRow {
    /// Whether something compensates the activity, and not only others in it.
    pub fn has_handler(&self) -> bool {
        self.handler != ElementIndex::PROCESS
    }

    /// Whether it was triggered.
    pub fn is_triggered(&self) -> bool {
        self.throw_event_key.is_some()
    }
}

fn place(owner: Key, key: Key) -> RowKey {
    RowKey::new().key(owner).key(key)
}

fn of_element(element_instance_key: Key, kind: u8) -> RowKey {
    RowKey::new().key(element_instance_key).byte(kind)
}

fn number(row: &[u8]) -> u64 {
    u64::from_le_bytes(row.try_into().expect("a number has eight bytes"))
}

fn read(process_instance_key: Key, row: &[u8]) -> CompensationSubscriptionRow {
    let mut row = RowReader::begin(row, VERSION);
    let process_definition_key = row.key();
    let root_process_instance_key = row.key();
    CompensationSubscriptionRow {
        instance: InstanceRef { process_definition_key, process_instance_key, root_process_instance_key },
        activity: ElementIndex(row.u32()),
        activity_key: row.key(),
        scope_key: row.key(),
        handler: ElementIndex(row.u32()),
        handler_key: row.key(),
        throw_event: ElementIndex(row.u32()),
        throw_event_key: row.key(),
    }
}

impl Tables {
    /// A subscription of a process instance.
    pub fn compensation_subscription(
        &self,
        process_instance_key: Key,
        key: Key,
    ) -> Option<CompensationSubscriptionRow> {
        let place = place(process_instance_key, key);
        let row = self.get_of(table::COMPENSATION_SUBSCRIPTIONS, process_instance_key, &place)?;
        Some(read(process_instance_key, row))
    }

    /// All of a process instance, with their keys, oldest first.
    pub fn compensation_subscriptions(
        &self,
        process_instance_key: Key,
    ) -> impl Iterator<Item = (Key, CompensationSubscriptionRow)> {
        let rows = self.range_of(table::COMPENSATION_SUBSCRIPTIONS, process_instance_key);
        rows.map(move |(key, row)| (key_at(key, 8), read(process_instance_key, row)))
    }

    /// The keys of those that stood in an element instance, behind one of them, oldest first.
    pub fn compensations_in(&self, scope_key: Key, after: Key) -> impl Iterator<Item = Key> {
        self.rows_in(scope_key, after).map(|(key, _)| key_at(key, 8))
    }

    /// The same of those that nothing has triggered.
    pub fn waiting_compensations_in(&self, scope_key: Key, after: Key) -> impl Iterator<Item = Key> {
        let rows = self.rows_in(scope_key, after);
        rows.filter(|(_, row)| *row == [WAITING]).map(|(key, _)| key_at(key, 8))
    }

    fn rows_in(&self, scope_key: Key, after: Key) -> Range<'_> {
        let (prefix, from) = (scope_key.0.to_be_bytes(), (after.0 + 1).to_be_bytes());
        let owner = RowOwner::Generated(scope_key.0);
        self.store.range_owned(table::COMPENSATIONS_BY_SCOPE, &prefix, &from, owner)
    }

    /// Whether an event that compensates has to wait for some.
    pub fn awaits_compensation(&self, throw_event_key: Key) -> bool {
        self.compensation_count(throw_event_key) > 0
            || self.compensation_of_element(throw_event_key, PROMISED).is_some()
    }

    /// How many stood in an element instance, or were triggered by it.
    pub fn compensation_count(&self, element_instance_key: Key) -> u64 {
        self.counted(element_instance_key, THERE)
    }

    fn counted(&self, element_instance_key: Key, what: u8) -> u64 {
        let key = of_element(element_instance_key, what);
        self.get_of(table::COMPENSATION_COUNTS, element_instance_key, &key).map_or(0, number)
    }

    /// The subscription of an activity in which others stood that can be compensated, and where that stood.
    pub fn compensation_of_activity(&self, activity_key: Key) -> Option<(Key, Key)> {
        self.compensation_of_element(activity_key, BY_ACTIVITY)
    }

    /// The subscription that an element instance compensates.
    pub fn compensation_of_handler(&self, handler_key: Key) -> Option<Key> {
        self.compensation_of_element(handler_key, BY_HANDLER).map(|(key, _)| key)
    }

    fn compensation_of_element(&self, key: Key, kind: u8) -> Option<(Key, Key)> {
        let row = self.get_of(table::COMPENSATION_BY_ELEMENT, key, &of_element(key, kind))?;
        let mut row = RowReader::begin(row, VERSION);
        Some((row.key(), row.key()))
    }

    fn note_compensation_of(&mut self, element_instance_key: Key, kind: u8, key: Key, scope_key: Key) {
        let row_key = of_element(element_instance_key, kind);
        RowWriter::begin(&mut self.scratch, VERSION).key(key).key(scope_key);
        self.store.put(table::COMPENSATION_BY_ELEMENT, &row_key, &self.scratch);
    }

    /// Notes whether an event is going to trigger another one.
    pub fn promise_compensation(&mut self, throw_event_key: Key, is_promised: bool) {
        match is_promised {
            true => self.note_compensation_of(throw_event_key, PROMISED, Key::NONE, Key::NONE),
            false => self.forget_compensation_of(throw_event_key, PROMISED),
        }
    }

    fn forget_compensation_of(&mut self, element_instance_key: Key, kind: u8) {
        let row_key = of_element(element_instance_key, kind);
        if self.get_of(table::COMPENSATION_BY_ELEMENT, element_instance_key, &row_key).is_some() {
            let owner = RowOwner::Generated(element_instance_key.0);
            self.store.delete(table::COMPENSATION_BY_ELEMENT, &row_key, owner);
        }
    }

    /// Writes that an activity can be compensated.
    pub fn put_compensation_subscription(&mut self, key: Key, row: &CompensationSubscriptionRow) {
        self.write_compensation(key, row);
        self.store.put(table::COMPENSATIONS_BY_SCOPE, &place(row.scope_key, key), &[WAITING]);
        self.count(row.scope_key, THERE, 1);
        self.count(row.scope_key, HELD, 1);
        if self.counted(row.activity_key, HELD) > 0 {
            self.note_compensation_of(row.activity_key, BY_ACTIVITY, key, row.scope_key);
        }
    }

    /// Writes that one is of another activity and handler; where it stood stays.
    pub fn migrate_compensation_subscription(&mut self, key: Key, row: &CompensationSubscriptionRow) {
        self.write_compensation(key, row);
    }

    /// Writes that an event has triggered one.
    pub fn trigger_compensation(&mut self, key: Key, row: &CompensationSubscriptionRow) {
        self.write_compensation(key, row);
        self.store.put(table::COMPENSATIONS_BY_SCOPE, &place(row.scope_key, key), &[TRIGGERED]);
        self.count(row.throw_event_key, THERE, 1);
        if row.handler_key.is_some() {
            self.note_compensation_of(row.handler_key, BY_HANDLER, key, row.scope_key);
        }
    }

    /// Deletes one.
    pub fn delete_compensation_subscription(&mut self, process_instance_key: Key, key: Key) {
        let Some(row) = self.compensation_subscription(process_instance_key, key) else { return };
        let owner = RowOwner::Generated(key.0);
        self.store.delete(table::COMPENSATION_SUBSCRIPTIONS, &place(process_instance_key, key), owner);
        self.store.delete(table::COMPENSATIONS_BY_SCOPE, &place(row.scope_key, key), owner);
        self.count(row.scope_key, THERE, -1);
        self.let_go(process_instance_key, row.activity_key, row.scope_key);
        if row.is_triggered() {
            self.count(row.throw_event_key, THERE, -1);
        }
        if row.handler_key.is_some() {
            self.forget_compensation_of(row.handler_key, BY_HANDLER);
        }
    }

    /// The one of an activity has gone, which stood there: unless others are left that stood in it, nothing leads there any more.
    fn let_go(&mut self, process_instance_key: Key, activity_key: Key, scope_key: Key) {
        let (mut activity_key, mut scope_key) = (activity_key, scope_key);
        while self.counted(activity_key, HELD) == 0 {
            self.forget_compensation_of(activity_key, BY_ACTIVITY);
            self.count(scope_key, HELD, -1);
            let Some((outer, around)) = self.compensation_of_activity(scope_key) else { return };
            if self.compensation_subscription(process_instance_key, outer).is_some() {
                return;
            }
            (activity_key, scope_key) = (scope_key, around);
        }
    }

    fn count(&mut self, element_instance_key: Key, what: u8, change: i64) {
        let count = self.counted(element_instance_key, what);
        let count = count.checked_add_signed(change).expect("what is counted was there");
        let key = of_element(element_instance_key, what);
        match count {
            0 => {
                let owner = RowOwner::Generated(element_instance_key.0);
                self.store.delete(table::COMPENSATION_COUNTS, &key, owner);
            }
            _ => self.store.put(table::COMPENSATION_COUNTS, &key, &count.to_le_bytes()),
        }
    }

    fn write_compensation(&mut self, key: Key, row: &CompensationSubscriptionRow) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .key(row.instance.process_definition_key)
            .key(row.instance.root_process_instance_key)
            .u32(row.activity.0)
            .key(row.activity_key)
            .key(row.scope_key)
            .u32(row.handler.0)
            .key(row.handler_key)
            .u32(row.throw_event.0)
            .key(row.throw_event_key);
        let place = place(row.instance.process_instance_key, key);
        self.store.put(table::COMPENSATION_SUBSCRIPTIONS, &place, &self.scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::CompensationSubscriptionRow;
    use crate::Tables;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key};
    use ringbolt_store::open_memory;

    fn row(activity_key: u64, scope_key: u64) -> CompensationSubscriptionRow {
        CompensationSubscriptionRow {
            instance: InstanceRef {
                process_definition_key: Key(1),
                process_instance_key: Key(2),
                root_process_instance_key: Key(3),
            },
            activity: ElementIndex(4),
            activity_key: Key(activity_key),
            scope_key: Key(scope_key),
            handler: ElementIndex(5),
            handler_key: Key::NONE,
            throw_event: ElementIndex::PROCESS,
            throw_event_key: Key::NONE,
        }
    }

    #[test]
    fn what_can_be_compensated_is_found_by_all_that_it_has_to_do_with() {
        let mut tables = Tables::new(open_memory());
        let (inner, outer) = (row(11, 10), row(10, 2));
        tables.put_compensation_subscription(Key(20), &inner);
        tables.put_compensation_subscription(Key(21), &outer);
        tables.put_compensation_subscription(Key(22), &row(12, 2));
        let waiting =
            |tables: &Tables, after| tables.waiting_compensations_in(Key(2), Key(after)).collect::<Vec<_>>();
        assert_eq!(waiting(&tables, 0), [Key(21), Key(22)]);
        assert_eq!((tables.compensation_count(Key(10)), tables.compensation_count(Key(2))), (1, 2));
        assert_eq!(tables.compensation_of_activity(Key(10)), Some((Key(21), Key(2))));
        assert_eq!(tables.compensation_of_activity(Key(11)), None, "nothing stood in it");
        let triggered = CompensationSubscriptionRow {
            handler_key: Key(30),
            throw_event: ElementIndex(6),
            throw_event_key: Key(29),
            ..outer
        };
        tables.trigger_compensation(Key(21), &triggered);
        tables.promise_compensation(Key(29), true);
        assert_eq!(tables.compensation_subscription(Key(2), Key(21)), Some(triggered));
        assert_eq!((waiting(&tables, 0), waiting(&tables, 22)), (vec![Key(22)], vec![]));
        assert_eq!(tables.compensations_in(Key(2), Key::NONE).collect::<Vec<_>>(), [Key(21), Key(22)]);
        assert_eq!(tables.compensation_of_handler(Key(30)), Some(Key(21)));
        assert_eq!(tables.compensation_count(Key(29)), 1);
        tables.delete_compensation_subscription(Key(2), Key(21));
        assert_eq!(tables.compensation_of_activity(Key(10)), Some((Key(21), Key(2))), "one is left in it");
        assert!(tables.awaits_compensation(Key(29)), "one was promised");
        tables.promise_compensation(Key(29), false);
        assert!(!tables.awaits_compensation(Key(29)));
        let keys: Vec<Key> = tables.compensation_subscriptions(Key(2)).map(|(key, _)| key).collect();
        for key in keys {
            tables.delete_compensation_subscription(Key(2), key);
            tables.delete_compensation_subscription(Key(2), key);
        }
        assert_eq!(tables.store().dump().count(), 0);
    }
}
