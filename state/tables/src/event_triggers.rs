//! Events that were caught, until what comes of them has begun: by the element instance that waited for them, then by event.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A caught event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTriggerRow<'a> {
    /// The event.
    pub element_index: ElementIndex,
    /// What it brought, the text of a JSON object; empty for nothing.
    pub variables: &'a [u8],
}

impl<'a> EventTriggerRow<'a> {
    fn decode(row: &'a [u8]) -> Self {
        let mut row = RowReader::begin(row, VERSION);
        Self { element_index: ElementIndex(row.u32()), variables: row.rest() }
    }
}

impl Tables {
    /// An event that an element instance caught.
    pub fn event_trigger(&self, scope_key: Key, event_key: Key) -> Option<EventTriggerRow<'_>> {
        let key = RowKey::new().key(scope_key).key(event_key);
        self.get_of(table::EVENT_TRIGGERS, scope_key, &key).map(EventTriggerRow::decode)
    }

    /// The events that an element instance caught, oldest first.
    pub fn event_triggers(&self, scope_key: Key) -> impl Iterator<Item = (Key, EventTriggerRow<'_>)> {
        let rows = self.range_of(table::EVENT_TRIGGERS, scope_key);
        rows.map(|(key, row)| (key_at(key, 8), EventTriggerRow::decode(row)))
    }

    /// Writes that an element instance caught an event.
    pub fn put_event_trigger(&mut self, scope_key: Key, event_key: Key, trigger: &EventTriggerRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION).u32(trigger.element_index.0).raw(trigger.variables);
        self.store.put(table::EVENT_TRIGGERS, &RowKey::new().key(scope_key).key(event_key), &self.scratch);
    }

    /// Deletes an event that an element instance caught; nothing happens when there is none.
    pub fn delete_event_trigger(&mut self, scope_key: Key, event_key: Key) {
        if self.event_trigger(scope_key, event_key).is_some() {
            let key = RowKey::new().key(scope_key).key(event_key);
            self.store.delete(table::EVENT_TRIGGERS, &key, RowOwner::Generated(event_key.0));
        }
    }

    /// Deletes all events that an element instance caught.
    pub fn delete_event_triggers(&mut self, scope_key: Key) {
        let keys: Vec<Key> = self.event_triggers(scope_key).map(|(key, _)| key).collect();
        for key in keys {
            self.delete_event_trigger(scope_key, key);
        }
    }
}
