//! Rows of element instances between the table and its store, while an entry is processed or replayed.
//!
//! Most element instances are born and die within one entry: their rows stay here and never reach the store. The others
//! are changed several times in an entry, here, and are written once, at its end.
//!
//! Invariants
//! - Rows stand here only while a savepoint is open; with the last one's release all that was changed is in the store.
//! - A rollback restores rows here as exactly as the store restores its own: each row is remembered as it was, once for
//!   each savepoint that changes it. So a row may go to the store at any time to make room, inside the savepoint that is open.
//! - A row that is as the store has it needs no memory of how it was: it may come and go unnoticed.

use crate::element_instances::ElementInstanceRow;
use ringbolt_record::Key;
use smallvec::SmallVec;

/// Rows that stand here at most; a step rarely touches more than three.
pub(crate) const ROWS_MAX: usize = 32;

/// How a row relates to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The store has neither the row nor its place in the scope around it.
    New { has_place: bool },
    /// The store has the row as it is.
    Stored,
    /// The store has the row as it was.
    Changed,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    row: ElementInstanceRow,
    standing: Standing,
    /// How long the undo list was once this slot was remembered last; 0 for never.
    remembered: usize,
}

/// How a key's slot was; no slot is a row that the store had, or that was not there.
#[derive(Debug)]
struct Undo {
    key: Key,
    before: Option<Slot>,
}

/// A row that is to be written to the store.
#[derive(Debug)]
pub(crate) struct Unwritten {
    pub(crate) key: Key,
    pub(crate) row: ElementInstanceRow,
    /// So is its place in the scope around it.
    pub(crate) has_place: bool,
}

#[derive(Debug)]
pub(crate) struct ElementCache {
    rows_max: usize,
    /// The slots' keys, in the same order: a lookup reads nothing else.
    keys: Vec<Key>,
    slots: Vec<Slot>,
    /// The next slot to make room.
    hand: usize,
    undo: Vec<Undo>,
    savepoints: Vec<usize>,
}

impl ElementCache {
    /// A cache of so many rows; of none, everything goes to the store at once.
    pub(crate) fn new(rows_max: usize) -> Self {
        Self {
            rows_max,
            keys: Vec::new(),
            slots: Vec::new(),
            hand: 0,
            undo: Vec::new(),
            savepoints: Vec::new(),
        }
    }

    /// Whether rows may stand here.
    pub(crate) fn is_open(&self) -> bool {
        self.rows_max > 0 && !self.savepoints.is_empty()
    }

    fn place(&self, key: Key) -> Option<usize> {
        self.keys.iter().rposition(|other| *other == key)
    }

    /// The row, if it stands here.
    pub(crate) fn get(&self, key: Key) -> Option<&ElementInstanceRow> {
        self.place(key).map(|at| &self.slots[at].row)
    }

    /// Keeps a row that was read from the store, if there is room without writing to it.
    pub(crate) fn keep_read(&mut self, key: Key, row: &ElementInstanceRow) {
        if self.is_open() && self.drop_stored() {
            self.push(key, Slot { row: *row, standing: Standing::Stored, remembered: 0 });
        }
    }

    /// Makes room for a row by one that is as the store has it; whether there is room.
    fn drop_stored(&mut self) -> bool {
        if self.keys.len() < self.rows_max {
            return true;
        }
        let stored = self.slots.iter().position(|slot| slot.standing == Standing::Stored);
        if let Some(at) = stored {
            self.take(at);
        }
        stored.is_some()
    }

    /// Makes room for a row. What has to be written for that is returned.
    pub(crate) fn make_room(&mut self) -> Option<Unwritten> {
        if self.drop_stored() {
            return None;
        }
        self.hand = (self.hand + 1) % self.slots.len();
        self.remember(self.hand);
        unwritten(self.take(self.hand))
    }

    fn push(&mut self, key: Key, slot: Slot) {
        debug_assert!(self.place(key).is_none() && self.keys.len() < self.rows_max);
        self.keys.push(key);
        self.slots.push(slot);
    }

    fn take(&mut self, at: usize) -> (Key, Slot) {
        (self.keys.swap_remove(at), self.slots.swap_remove(at))
    }

    /// Remembers a slot as it is, once for each savepoint.
    fn remember(&mut self, at: usize) {
        let start = self.savepoints.last().copied().expect("rows stand here only while a savepoint is open");
        let slot = &mut self.slots[at];
        if slot.remembered <= start {
            self.undo.push(Undo { key: self.keys[at], before: Some(*slot) });
            slot.remembered = self.undo.len();
        }
    }

    /// Changes a row that stands here.
    pub(crate) fn change(&mut self, key: Key, change: impl FnOnce(&mut ElementInstanceRow)) -> bool {
        let Some(at) = self.place(key) else { return false };
        self.remember(at);
        let slot = &mut self.slots[at];
        change(&mut slot.row);
        if slot.standing == Standing::Stored {
            slot.standing = Standing::Changed;
        }
        true
    }

    /// Takes in a row that stands neither here nor in the store. There must be room.
    pub(crate) fn insert_new(&mut self, key: Key, row: &ElementInstanceRow) {
        self.undo.push(Undo { key, before: None });
        let standing = Standing::New { has_place: false };
        self.push(key, Slot { row: *row, standing, remembered: self.undo.len() });
    }

    /// Notes that a row has its place in the scope around it. Whether it goes to the store with the row.
    pub(crate) fn give_place(&mut self, key: Key) -> bool {
        let Some(at) = self.place(key) else { return false };
        if !matches!(self.slots[at].standing, Standing::New { .. }) {
            return false;
        }
        self.remember(at);
        self.slots[at].standing = Standing::New { has_place: true };
        true
    }

    /// Takes a row out that is deleted. Whether the store never had it.
    pub(crate) fn remove(&mut self, key: Key) -> bool {
        let Some(at) = self.place(key) else {
            // It may come again, under the same key, before it is rolled back.
            self.undo.push(Undo { key, before: None });
            return false;
        };
        self.remember(at);
        let (_, slot) = self.take(at);
        matches!(slot.standing, Standing::New { .. })
    }

    /// The element instances in a scope after one of them whose places the store does not have yet, oldest first.
    pub(crate) fn new_children_after(&self, scope_key: Key, after: Key) -> SmallVec<[Key; 8]> {
        let is_one = |(key, slot): &(&Key, &Slot)| {
            **key > after
                && slot.standing == (Standing::New { has_place: true })
                && slot.row.stands_in() == scope_key
        };
        let mut children: SmallVec<[Key; 8]> =
            self.keys.iter().zip(&self.slots).filter(is_one).map(|(key, _)| *key).collect();
        children.sort_unstable();
        children
    }

    /// Begins remembering how rows were. Savepoints nest.
    pub(crate) fn savepoint(&mut self) {
        self.savepoints.push(self.undo.len());
    }

    /// Puts every row back to how it was at the last savepoint.
    pub(crate) fn rollback(&mut self) {
        let start = self.savepoints.pop().expect("rollback without a savepoint");
        while self.undo.len() > start {
            let Some(Undo { key, before }) = self.undo.pop() else { break };
            match (self.place(key), before) {
                (Some(at), Some(slot)) => self.slots[at] = slot,
                (Some(at), None) => {
                    self.take(at);
                }
                (None, Some(slot)) => {
                    // What came in meanwhile and is as the store has it makes room.
                    self.drop_stored();
                    self.keys.push(key);
                    self.slots.push(slot);
                }
                (None, None) => {}
            }
        }
        if self.savepoints.is_empty() {
            self.clear();
        }
    }

    /// Keeps what was changed since the last savepoint. Whether it was the last one: then everything is to be taken out with
    /// [`ElementCache::next_unwritten`].
    pub(crate) fn release(&mut self) -> bool {
        self.savepoints.pop().expect("release without a savepoint");
        let is_last = self.savepoints.is_empty();
        if is_last {
            self.undo.clear();
        }
        is_last
    }

    /// Takes a row out that is to be written, once no savepoint is open any more.
    pub(crate) fn next_unwritten(&mut self) -> Option<Unwritten> {
        while let (Some(key), Some(slot)) = (self.keys.pop(), self.slots.pop()) {
            if let Some(unwritten) = unwritten((key, slot)) {
                return Some(unwritten);
            }
        }
        None
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.slots.clear();
        self.undo.clear();
    }
}

fn unwritten((key, slot): (Key, Slot)) -> Option<Unwritten> {
    let has_place = match slot.standing {
        Standing::Stored => return None,
        Standing::Changed => false,
        Standing::New { has_place } => has_place,
    };
    Some(Unwritten { key, row: slot.row, has_place })
}

#[cfg(test)]
mod tests {
    use crate::{ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, Tables};
    use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
    use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key};
    use ringbolt_store::{Finished, Mark, open_memory};

    fn row(flow_scope_key: Key, number: u32) -> ElementInstanceRow {
        ElementInstanceRow::new(ElementInstanceRef {
            instance: InstanceRef::default(),
            flow_scope_key,
            element_index: ElementIndex(number),
            element_type: BpmnElementType::SubProcess,
            event_type: BpmnEventType::Unspecified,
        })
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }
    }

    /// Two tables that are told the same: one with a cache, one without.
    struct Pair {
        cached: Tables,
        plain: Tables,
        next_key: u64,
        depth: usize,
        position: u64,
    }

    impl Pair {
        fn new(rows_max: usize) -> Self {
            Self {
                cached: Tables::with_elements(open_memory(), rows_max),
                plain: Tables::with_elements(open_memory(), 0),
                next_key: 10,
                depth: 0,
                position: 0,
            }
        }

        fn both(&mut self, mut tell: impl FnMut(&mut Tables)) {
            tell(&mut self.cached);
            tell(&mut self.plain);
        }

        /// One of the keys that were used last, some of which are gone or never were.
        fn a_key(&self, random: &mut Random) -> Key {
            Key(self.next_key - random.below(12).min(self.next_key - 1))
        }

        fn step(&mut self, random: &mut Random) {
            let key = self.a_key(random);
            let row_there = self.plain.element_instance(key);
            match (random.below(14), row_there) {
                (0..=2, _) => {
                    self.next_key += 1;
                    let (key, scope) = (Key(self.next_key), self.a_key(random));
                    let row = row(scope, self.next_key as u32);
                    self.both(|tables| {
                        tables.put_element_instance(key, &row);
                        tables.put_child(scope, key);
                    });
                }
                // What was deleted, or undone, under its old key.
                (3, None) => self.both(|tables| tables.put_element_instance(key, &row(Key(1), 1))),
                (3, Some(there)) => {
                    let row = row(there.element.flow_scope_key, 2);
                    self.both(|tables| tables.put_element_instance(key, &row));
                }
                (4, Some(_)) => {
                    let state = ElementInstanceState::Completing;
                    self.both(|tables| tables.set_element_instance_state(key, state));
                }
                (5 | 6, Some(_)) => self.both(|tables| {
                    tables.change_element_instance_counts(key, |children, arriving| {
                        (*children, *arriving) = (*children + 1, *arriving + 2);
                    });
                }),
                (7, Some(_)) => self.both(|tables| {
                    tables.change_element_instance_flags(key, |f| f.with(ElementInstanceFlags::INCIDENT));
                }),
                (8 | 9, Some(row)) => {
                    let scope = row.element.flow_scope_key;
                    self.both(|tables| tables.delete_element_instance(key, scope));
                }
                (10, _) if self.depth < 3 => {
                    self.depth += 1;
                    self.both(Tables::savepoint);
                }
                (11, _) if self.depth > 0 => {
                    self.depth -= 1;
                    self.both(Tables::rollback);
                }
                (12, _) if self.depth > 0 => {
                    self.depth -= 1;
                    self.both(Tables::release);
                }
                (13, _) if self.depth == 0 => self.checkpoint(),
                _ => {}
            }
        }

        fn checkpoint(&mut self) {
            self.position += 1;
            let mark = Mark { position: self.position, key_counter: self.next_key, ..Mark::default() };
            self.both(|tables| {
                let outcome = tables.store_mut().freeze(mark.clone()).run();
                let Finished::Committed(_) = tables.store_mut().finish_checkpoint(outcome) else {
                    panic!("a checkpoint in memory failed")
                };
            });
        }

        fn check(&self, random: &mut Random) {
            let from = self.next_key.saturating_sub(12).max(1);
            for key in (from..=self.next_key).map(Key) {
                if random.below(3) > 0 {
                    assert_eq!(self.cached.element_instance(key), self.plain.element_instance(key), "{key}");
                }
                let scope = |tables: &Tables| tables.element_instance_scope(key);
                assert_eq!(scope(&self.cached), scope(&self.plain), "{key}");
                let after = Key(random.below(self.next_key));
                let children = |tables: &Tables| tables.children_after(key, after).collect::<Vec<_>>();
                assert_eq!(children(&self.cached), children(&self.plain), "in {key} after {after}");
            }
            if self.depth == 0 {
                assert!(self.cached.store().dump().eq(self.plain.store().dump()), "the stores differ");
            }
            assert!(self.cached.store().fault().is_none() && self.plain.store().fault().is_none());
        }
    }

    /// Whatever is written, deleted, undone or checkpointed: nobody sees a difference, and the store has none in the end.
    #[test]
    fn a_table_with_a_cache_is_a_table_without() {
        for seed in 1..400u64 {
            let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            let rows_max = [1, 2, 3, 5, super::ROWS_MAX][(seed % 5) as usize];
            let mut pair = Pair::new(rows_max);
            for _ in 0..150 {
                pair.step(&mut random);
                pair.check(&mut random);
            }
        }
    }

    #[test]
    fn what_is_born_and_dies_in_an_entry_never_reaches_the_store() {
        let mut tables = Tables::new(open_memory());
        tables.savepoint();
        tables.put_element_instance(Key(1), &row(Key::NONE, 0));
        for number in 2..2000 {
            let key = Key(number);
            tables.savepoint();
            tables.put_element_instance(key, &row(Key(1), 1));
            tables.put_child(Key(1), key);
            tables.change_element_instance_counts(Key(1), |children, _| *children += 1);
            assert_eq!(tables.children_after(Key(1), Key::NONE).collect::<Vec<_>>(), [key]);
            tables.delete_element_instance(key, Key(1));
            tables.change_element_instance_counts(Key(1), |children, _| *children -= 1);
            tables.release();
        }
        assert_eq!(tables.store().stats().active_rows, 0);
        tables.release();
        assert_eq!(tables.store().stats().active_rows, 1, "the outermost one lives on");
    }
}
