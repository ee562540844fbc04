//! The events that an element instance waits for: by its key, then by the key of what brings the event.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// What brings an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum SubscriptionKind {
    /// A timer with the subscription's key.
    Timer = 1,
    /// A subscription of messages with the subscription's key.
    Message = 2,
    /// A subscription of signals with the subscription's key.
    Signal = 3,
    /// A subscription to a condition with the subscription's key.
    Condition = 4,
}

impl SubscriptionKind {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Timer),
            2 => Some(Self::Message),
            3 => Some(Self::Signal),
            4 => Some(Self::Condition),
            _ => None,
        }
    }
}

/// An event that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSubscriptionRow {
    /// What brings it.
    pub kind: SubscriptionKind,
    /// The event.
    pub element_index: ElementIndex,
}

impl Tables {
    /// The events that an element instance waits for, with the keys of what brings them, oldest first.
    pub fn event_subscriptions(&self, scope_key: Key) -> impl Iterator<Item = (Key, EventSubscriptionRow)> {
        let rows = self.range_of(table::EVENT_SUBSCRIPTIONS, scope_key);
        rows.map(|(key, row)| {
            let mut row = RowReader::begin(row, VERSION);
            let kind = known(SubscriptionKind::from_number(row.u8()));
            (key_at(key, 8), EventSubscriptionRow { kind, element_index: ElementIndex(row.u32()) })
        })
    }

    /// Writes that an element instance waits for an event.
    pub fn put_event_subscription(&mut self, scope_key: Key, key: Key, subscription: EventSubscriptionRow) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .u8(subscription.kind as u8)
            .u32(subscription.element_index.0);
        self.store.put(table::EVENT_SUBSCRIPTIONS, &RowKey::new().key(scope_key).key(key), &self.scratch);
    }

    /// Deletes that an element instance waits for an event.
    pub fn delete_event_subscription(&mut self, scope_key: Key, key: Key) {
        let row_key = RowKey::new().key(scope_key).key(key);
        self.store.delete(table::EVENT_SUBSCRIPTIONS, &row_key, RowOwner::Generated(key.0));
    }
}
