//! What the crash and limit tests share: rounds of changes that are a function of their number alone, and a way to
//! run a part of a test in a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use ringbolt_store::{Mark, Options, RowOwner, Store, TableId, open_lmdb};

pub(crate) const MAP_SIZE_BYTES: usize = 256 << 20;
/// Set for a child process: its part and its directory.
pub(crate) const CHILD_PART: &str = "RINGBOLT_STORE_TEST_PART";
pub(crate) const CHILD_DIRECTORY: &str = "RINGBOLT_STORE_TEST_DIRECTORY";

const TABLES: [TableId; 3] = [TableId(2), TableId(3), TableId(200)];
const KEYS: u64 = 3000;

pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

pub(crate) type Rows = BTreeMap<(TableId, Vec<u8>), Vec<u8>>;

/// The changes of one round, for a store and its model alike; `None` deletes.
fn changes(round: u64) -> Vec<(TableId, Vec<u8>, Option<Vec<u8>>)> {
    let mut random = Random(round * 0x9e37_79b9 + 1);
    let mut changes = Vec::new();
    for _ in 0..400 {
        let table = TABLES[random.below(3) as usize];
        let key = (random.below(KEYS) * 0x0101_0101).to_be_bytes().to_vec();
        let length = if random.below(40) == 0 { 9000 } else { random.below(300) };
        let value = vec![(round * 31 + random.below(200)) as u8; length as usize];
        changes.push((table, key, (random.below(5) > 0).then_some(value)));
    }
    changes
}

pub(crate) fn apply_round(store: &mut Store, round: u64) {
    for (table, key, value) in changes(round) {
        match value {
            Some(value) => store.put(table, &key, &value),
            None => store.delete(table, &key, RowOwner::Shared),
        }
    }
}

/// All rows after rounds 1 to `round`.
pub(crate) fn rows_after(round: u64) -> Rows {
    let mut rows = Rows::new();
    for (table, key, value) in (1..=round).flat_map(changes) {
        match value {
            Some(value) => drop(rows.insert((table, key), value)),
            None => drop(rows.remove(&(table, key))),
        }
    }
    rows
}

pub(crate) fn mark(round: u64) -> Mark {
    Mark { position: round, key_counter: round * 10, journal_info: format!("round {round}").into_bytes() }
}

pub(crate) fn open(directory: &Path) -> Store {
    open_lmdb(directory, Options { map_size_bytes: MAP_SIZE_BYTES }).expect("the base opens")
}

/// Asserts that the store holds exactly what it held after `round`.
pub(crate) fn check(store: &Store, round: u64) {
    let rows = rows_after(round);
    let expected = rows.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_slice()));
    assert!(store.dump().eq(expected), "the rows are not those of round {round}");
    assert_eq!(store.fault(), None);
}

/// This test program once more, running only `test`, which looks at the environment for what to do.
pub(crate) fn child(test: &str, part: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test program has a path"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(CHILD_PART, part).env(CHILD_DIRECTORY, directory);
    command
}
