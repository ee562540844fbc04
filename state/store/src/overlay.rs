//! The overlay: rows written since the last freeze, in memory, with an exact undo list.
//!
//! Invariants: a row is a value or a tombstone, and a tombstone hides what lies below; iteration is in key order;
//! `rollback` restores the overlay exactly as it was at the savepoint. It knows nothing of what lies below it.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;

use crate::{TABLES_MAX, TableId};

/// An allocation's bookkeeping plus the tree's share of a row, for honest byte counts.
const ROW_OVERHEAD_BYTES: usize = 80;

type Value = Option<Box<[u8]>>;
type Tree = BTreeMap<Box<[u8]>, Value>;

/// What an overlay knows about a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    /// Nothing: look below.
    Missing,
    /// The row was deleted.
    Tombstone,
    /// The row's value.
    Value(&'a [u8]),
}

struct Undo {
    table: TableId,
    key: Box<[u8]>,
    before: Option<Value>,
}

pub(crate) struct Overlay {
    tables: Box<[Tree]>,
    undo: Vec<Undo>,
    savepoints: Vec<usize>,
    rows: usize,
    bytes: usize,
}

impl Overlay {
    pub(crate) fn new() -> Overlay {
        let tables = (0..TABLES_MAX).map(|_| Tree::new()).collect();
        Overlay { tables, undo: Vec::new(), savepoints: Vec::new(), rows: 0, bytes: 0 }
    }

    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Lookup<'_> {
        match self.tables[usize::from(table.0)].get(key) {
            None => Lookup::Missing,
            Some(None) => Lookup::Tombstone,
            Some(Some(value)) => Lookup::Value(value),
        }
    }

    pub(crate) fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) {
        self.set(table, key.into(), Some(Some(value.into())));
    }

    pub(crate) fn bury(&mut self, table: TableId, key: &[u8]) {
        self.set(table, key.into(), Some(None));
    }

    pub(crate) fn remove(&mut self, table: TableId, key: &[u8]) {
        self.set(table, key.into(), None);
    }

    /// Sets a row and records how it was; returns nothing so that every change can be undone the same way.
    fn set(&mut self, table: TableId, key: Box<[u8]>, after: Option<Value>) {
        let undo_key = (!self.savepoints.is_empty()).then(|| key.clone());
        let before = self.replace(table, key, after);
        if let Some(key) = undo_key {
            self.undo.push(Undo { table, key, before });
        }
    }

    fn replace(&mut self, table: TableId, key: Box<[u8]>, after: Option<Value>) -> Option<Value> {
        let key_bytes = key.len();
        let cost = |value: &Value| ROW_OVERHEAD_BYTES + key_bytes + value.as_ref().map_or(0, |v| v.len());
        let tree = &mut self.tables[usize::from(table.0)];
        if let Some(value) = &after {
            self.bytes += cost(value);
            self.rows += 1;
        }
        let before = match after {
            Some(value) => tree.insert(key, value),
            None => tree.remove(&key),
        };
        if let Some(value) = &before {
            self.bytes -= cost(value);
            self.rows -= 1;
        }
        before
    }

    pub(crate) fn savepoint(&mut self) {
        self.savepoints.push(self.undo.len());
    }

    pub(crate) fn rollback(&mut self) {
        let start = self.savepoints.pop().expect("rollback without a savepoint");
        while self.undo.len() > start {
            let Some(Undo { table, key, before }) = self.undo.pop() else { break };
            self.replace(table, key, before);
        }
    }

    pub(crate) fn release(&mut self) {
        self.savepoints.pop().expect("release without a savepoint");
        if self.savepoints.is_empty() {
            self.undo.clear();
        }
    }

    pub(crate) fn has_savepoint(&self) -> bool {
        !self.savepoints.is_empty()
    }

    /// Rows of a table, tombstones included.
    pub(crate) fn table_rows(&self, table: TableId) -> usize {
        self.tables[usize::from(table.0)].len()
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Rows of `table` with a key at or above `lower`, ascending; `None` is a tombstone.
    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> OverlayIter<'_> {
        let bounds = (Bound::Included(lower), Bound::Unbounded);
        OverlayIter { inner: self.tables[usize::from(table.0)].range::<[u8], _>(bounds) }
    }
}

pub(crate) struct OverlayIter<'a> {
    inner: btree_map::Range<'a, Box<[u8]>, Value>,
}

impl<'a> Iterator for OverlayIter<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|(key, value)| (&**key, value.as_deref()))
    }
}
