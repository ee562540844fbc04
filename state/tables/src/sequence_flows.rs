//! How often each sequence flow into a parallel gateway was taken and not yet used up, by scope, gateway and flow.

use crate::key::RowKey;
use crate::{Tables, table};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

fn row_key(scope_key: Key, gateway: ElementIndex, flow: ElementIndex) -> RowKey {
    RowKey::new().key(scope_key).index(gateway).index(flow)
}

fn count_of(row: &[u8]) -> u32 {
    u32::from_le_bytes(row.try_into().expect("a counter has four bytes"))
}

impl Tables {
    /// Whether a flow waits at a gateway.
    pub fn has_taken_flow(&self, scope_key: Key, gateway: ElementIndex, flow: ElementIndex) -> bool {
        let key = row_key(scope_key, gateway, flow);
        self.get_of(table::TAKEN_SEQUENCE_FLOWS, scope_key, &key).is_some()
    }

    /// Whether any flow waits at a gateway.
    pub fn has_taken_flows(&self, scope_key: Key, gateway: ElementIndex) -> bool {
        let prefix = RowKey::new().key(scope_key).index(gateway);
        let owner = RowOwner::Generated(scope_key.0);
        self.store.range_owned(table::TAKEN_SEQUENCE_FLOWS, &prefix, &[], owner).next().is_some()
    }

    /// All flows that wait in a scope: the gateway, the flow, and how often it waits.
    pub fn waiting_flows(&self, scope_key: Key) -> Vec<(ElementIndex, ElementIndex, u32)> {
        let index = |bytes: &[u8]| {
            ElementIndex(u32::from_be_bytes(bytes.try_into().expect("an index has four bytes")))
        };
        let rows = self.range_of(table::TAKEN_SEQUENCE_FLOWS, scope_key);
        rows.map(|(key, row)| (index(&key[8..12]), index(&key[12..16]), count_of(row))).collect()
    }

    /// A flow into a parallel gateway waits once less.
    ///
    /// # Panics
    /// When it does not wait.
    pub fn remove_taken_flow(&mut self, scope_key: Key, gateway: ElementIndex, flow: ElementIndex) {
        let key = row_key(scope_key, gateway, flow);
        let row = self.get_of(table::TAKEN_SEQUENCE_FLOWS, scope_key, &key);
        match row.map(count_of).expect("only a flow that waits is taken back") {
            1 => self.store.delete(table::TAKEN_SEQUENCE_FLOWS, &key, RowOwner::Generated(scope_key.0)),
            count => self.store.put(table::TAKEN_SEQUENCE_FLOWS, &key, &(count - 1).to_le_bytes()),
        }
    }

    /// A flow into a parallel gateway was taken once more.
    pub fn add_taken_flow(&mut self, scope_key: Key, gateway: ElementIndex, flow: ElementIndex) {
        let key = row_key(scope_key, gateway, flow);
        let count = self.get_of(table::TAKEN_SEQUENCE_FLOWS, scope_key, &key).map_or(0, count_of) + 1;
        self.store.put(table::TAKEN_SEQUENCE_FLOWS, &key, &count.to_le_bytes());
    }

    /// Uses each flow that waits at a parallel gateway once; returns how many there were.
    pub fn use_taken_flows(&mut self, scope_key: Key, gateway: ElementIndex) -> u32 {
        let prefix = RowKey::new().key(scope_key).index(gateway);
        let rows = self.store.range_owned(
            table::TAKEN_SEQUENCE_FLOWS,
            &prefix,
            &[],
            RowOwner::Generated(scope_key.0),
        );
        let rows: Vec<(Box<[u8]>, u32)> = rows.map(|(key, row)| (key.into(), count_of(row))).collect();
        for (key, count) in &rows {
            if *count == 1 {
                self.store.delete(table::TAKEN_SEQUENCE_FLOWS, key, RowOwner::Generated(scope_key.0));
            } else {
                self.store.put(table::TAKEN_SEQUENCE_FLOWS, key, &(count - 1).to_le_bytes());
            }
        }
        rows.len() as u32
    }

    /// Forgets what waits in a scope that ends.
    pub fn delete_taken_flows(&mut self, scope_key: Key) {
        let rows = self.range_of(table::TAKEN_SEQUENCE_FLOWS, scope_key);
        let keys: Vec<Box<[u8]>> = rows.map(|(key, _)| key.into()).collect();
        for key in keys {
            self.store.delete(table::TAKEN_SEQUENCE_FLOWS, &key, RowOwner::Generated(scope_key.0));
        }
    }
}
