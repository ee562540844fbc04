//! The overlay: rows written since the last freeze, in memory, with an exact undo list.
//!
//! `arena` holds the rows' bytes, `tree` orders them, one tree per table. Invariants: a row is a value or a tombstone,
//! and a tombstone hides what lies below; iteration is in key order; `rollback` restores the rows exactly as they
//! were at the savepoint. It knows nothing of what lies below it.

mod arena;
#[cfg(test)]
mod tests;
mod tree;

use arena::{Arena, BlockRef};
use tree::{LEAF_COST_BYTES, Place, Tree};

use crate::{TABLES_MAX, TableId};

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

/// One change: the blocks hold the key. Blocks in `before` are freed when the change is final.
struct Undo {
    table: TableId,
    before: Option<BlockRef>,
    after: Option<BlockRef>,
}

pub(crate) struct Overlay {
    arena: Arena,
    tables: Box<[Tree]>,
    /// Of each table.
    tombstones: Box<[u32]>,
    undo: Vec<Undo>,
    savepoints: Vec<usize>,
    rows: usize,
    leaves: usize,
}

impl Overlay {
    pub(crate) fn new() -> Overlay {
        let tables = (0..TABLES_MAX).map(|_| Tree::default()).collect();
        Overlay {
            arena: Arena::new(),
            tables,
            tombstones: vec![0; TABLES_MAX].into(),
            undo: Vec::new(),
            savepoints: Vec::new(),
            rows: 0,
            leaves: 0,
        }
    }

    fn tree(&self, table: TableId) -> &Tree {
        &self.tables[usize::from(table.0)]
    }

    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Lookup<'_> {
        match self.tree(table).get(&self.arena, key) {
            None => Lookup::Missing,
            Some(block) => self.arena.row(block).1.map_or(Lookup::Tombstone, Lookup::Value),
        }
    }

    #[cfg(test)]
    pub(crate) fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) {
        self.put_parts(table, key, [value, &[]]);
    }

    /// Writes a row whose value is given in two parts.
    pub(crate) fn put_parts(&mut self, table: TableId, key: &[u8], value: [&[u8]; 2]) {
        self.insert(table, key, Some(value));
    }

    /// Leaves a tombstone.
    pub(crate) fn bury(&mut self, table: TableId, key: &[u8]) {
        self.insert(table, key, None);
    }

    fn insert(&mut self, table: TableId, key: &[u8], value: Option<[&[u8]; 2]>) {
        let block = self.arena.insert(key, value);
        let before = self.link(table, block, value.is_none());
        self.remember(table, before, Some(block));
    }

    /// Removes a row without a trace.
    pub(crate) fn remove(&mut self, table: TableId, key: &[u8]) {
        let before = self.unlink(table, key);
        self.remember(table, before, None);
    }

    fn link(&mut self, table: TableId, block: BlockRef, is_tombstone: bool) -> Option<BlockRef> {
        let tree = &mut self.tables[usize::from(table.0)];
        let leaves = tree.leaves();
        let before = tree.insert(&self.arena, block);
        self.leaves = self.leaves + tree.leaves() - leaves;
        self.rows += usize::from(before.is_none());
        self.note_tombstones(table, before, is_tombstone);
        before
    }

    /// A row, or none, has taken another one's place. Of tables without tombstones, which are most, no row is looked at.
    fn note_tombstones(&mut self, table: TableId, before: Option<BlockRef>, is_tombstone: bool) {
        let tombstones = &mut self.tombstones[usize::from(table.0)];
        if *tombstones > 0 && before.is_some_and(|block| self.arena.is_tombstone(block)) {
            *tombstones -= 1;
        }
        *tombstones += u32::from(is_tombstone);
    }

    fn unlink(&mut self, table: TableId, key: &[u8]) -> Option<BlockRef> {
        let tree = &mut self.tables[usize::from(table.0)];
        let leaves = tree.leaves();
        let before = tree.remove(&self.arena, key);
        self.leaves = self.leaves + tree.leaves() - leaves;
        self.rows -= usize::from(before.is_some());
        self.note_tombstones(table, before, false);
        before
    }

    fn remember(&mut self, table: TableId, before: Option<BlockRef>, after: Option<BlockRef>) {
        if !self.savepoints.is_empty() {
            self.undo.push(Undo { table, before, after });
        } else if let Some(block) = before {
            self.arena.free(block);
        }
    }

    pub(crate) fn savepoint(&mut self) {
        self.savepoints.push(self.undo.len());
    }

    pub(crate) fn rollback(&mut self) {
        let start = self.savepoints.pop().expect("rollback without a savepoint");
        while self.undo.len() > start {
            let Some(Undo { table, before, after }) = self.undo.pop() else { break };
            match (before, after) {
                (Some(before), _) => {
                    let undone = self.link(table, before, self.arena.is_tombstone(before));
                    assert_eq!(undone, after, "the undo list does not match the rows");
                }
                (None, Some(after)) => {
                    let key = self.arena.key(after);
                    let tree = &mut self.tables[usize::from(table.0)];
                    let leaves = tree.leaves();
                    let undone = tree.remove(&self.arena, key);
                    assert_eq!(undone, Some(after), "the undo list does not match the rows");
                    self.leaves = self.leaves + tree.leaves() - leaves;
                    self.rows -= 1;
                    self.note_tombstones(table, Some(after), false);
                }
                (None, None) => {}
            }
            if let Some(after) = after {
                self.arena.free(after);
            }
        }
    }

    /// Keys whose rows a rollback may bring back: deleted since the last savepoint.
    pub(crate) fn deleted_since_savepoint(&self) -> impl Iterator<Item = (TableId, &[u8])> {
        let start = self.savepoints.last().copied().unwrap_or(self.undo.len());
        self.undo[start..].iter().filter_map(|change| match (change.before, change.after) {
            (_, Some(after)) => {
                let (key, value) = self.arena.row(after);
                value.is_none().then_some((change.table, key))
            }
            (Some(before), None) => Some((change.table, self.arena.key(before))),
            (None, None) => None,
        })
    }

    pub(crate) fn release(&mut self) {
        self.savepoints.pop().expect("release without a savepoint");
        if self.savepoints.is_empty() {
            for change in self.undo.drain(..) {
                if let Some(block) = change.before {
                    self.arena.free(block);
                }
            }
        }
    }

    pub(crate) fn has_savepoint(&self) -> bool {
        !self.savepoints.is_empty()
    }

    /// Rows of a table, tombstones included.
    pub(crate) fn table_rows(&self, table: TableId) -> usize {
        self.tree(table).rows()
    }

    /// By how many rows of a table there are more with this layer than without it, as far as it knows: a row that stands below counts again
    /// when it was changed, and a tombstone is taken to hide one.
    pub(crate) fn table_rows_more(&self, table: TableId) -> i64 {
        self.table_rows(table) as i64 - 2 * i64::from(self.tombstones[usize::from(table.0)])
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Memory taken: rows, free blocks, leaves and index.
    pub(crate) fn bytes(&self) -> usize {
        self.arena.bytes() + self.leaves * LEAF_COST_BYTES + self.undo.capacity() * size_of::<Undo>()
    }

    /// Rows of `table` with a key at or above `lower`, ascending; `None` is a tombstone.
    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> OverlayIter<'_> {
        let tree = self.tree(table);
        OverlayIter { arena: &self.arena, tree, place: tree.seek(&self.arena, lower) }
    }
}

pub(crate) struct OverlayIter<'a> {
    arena: &'a Arena,
    tree: &'a Tree,
    place: Place,
}

impl<'a> Iterator for OverlayIter<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.tree.next(&mut self.place).map(|block| self.arena.row(block))
    }
}
