//! The state's rows on a disk that rots: an input is a script of changes, checkpoints and flipped bits.
//!
//! A row that is read is the row that was written; a rotten one is a fault of the store, never another value.

use crate::run::Target;
use ringbolt_store::{Finished, Mark, MemoryDisk, RowOwner, Store, TableId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Scripts of a store's life.
pub(crate) const TARGET: Target = Target {
    name: "store",
    corpus,
    tokens: &["C", "R", "Fab", "Pkv", "Dk", "S", "B"],
    length_max: 512,
    memory_base: 8 << 20,
    memory_per_byte: 16 << 10,
    time_max: Duration::from_secs(5),
    check,
};

const TABLE: TableId = TableId(3);

fn corpus() -> Vec<Vec<u8>> {
    ["PaxPbyPczCPazDbCRSPdqDaBCR", "PaxPbyCFa0RGaGb", "PabCPacCPadCDaCRGa", "SPaxBGaPaxCSDaBCRFa9G"]
        .map(|script| script.as_bytes().to_vec())
        .to_vec()
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

fn checkpoint(store: &mut Store, position: u64) {
    let outcome = store.freeze(Mark { position, ..Mark::default() }).run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)), "a checkpoint in memory");
}

/// All rows are as in the model, or the store says that it has a fault. False with a fault.
fn agrees(store: &Store, rows: &Rows, rotten: &BTreeSet<Vec<u8>>) -> bool {
    let mut found = Rows::new();
    for (key, value) in store.range(TABLE, b"", b"") {
        found.insert(key.to_vec(), value.to_vec());
    }
    for (key, value) in &found {
        assert_eq!(rows.get(key), Some(value), "a row that nobody wrote");
    }
    for (key, value) in rows {
        match store.get(TABLE, key) {
            Some(found) => assert_eq!(found, value, "another value"),
            None => assert!(rotten.contains(key) && store.fault().is_some(), "a row is gone without a fault"),
        }
    }
    if store.fault().is_none() {
        assert_eq!(&found, rows);
    } else {
        assert!(!rotten.is_empty(), "a fault out of nothing");
    }
    store.fault().is_none()
}

fn check(input: &[u8]) -> u64 {
    let disk = MemoryDisk::new();
    let mut store = disk.open();
    let (mut rows, mut committed, mut saved) = (Rows::new(), Rows::new(), None);
    // Rows that may be rotten: some were written again since.
    let mut rotten = BTreeSet::new();
    let (mut position, mut kinds) = (0, 0u64);
    let mut script = input.iter().copied();
    while let Some(step) = script.next() {
        let mut byte = || script.next().unwrap_or(b'a');
        kinds |= 1 << (step % 64);
        match step {
            b'P' => {
                let (key, value) = (vec![byte()], vec![byte(); usize::from(byte() % 32)]);
                store.put(TABLE, &key, &value);
                rows.insert(key, value);
            }
            b'D' => {
                let key = vec![byte()];
                store.delete(TABLE, &key, RowOwner::Shared);
                rows.remove(&key);
            }
            b'S' if saved.is_none() => {
                store.savepoint();
                saved = Some(rows.clone());
            }
            b'B' => {
                if let Some(before) = saved.take() {
                    store.rollback();
                    rows = before;
                }
            }
            b'C' => {
                if saved.take().is_some() {
                    store.release();
                }
                position += 1;
                checkpoint(&mut store, position);
                committed.clone_from(&rows);
            }
            b'F' => {
                let key = vec![byte()];
                if disk.corrupt(TABLE, &key, usize::from(byte() % 40)) {
                    rotten.insert(key);
                }
            }
            b'R' => {
                drop(store);
                store = disk.open();
                (rows, saved) = (committed.clone(), None);
                assert_eq!(store.mark().position, position);
                if !agrees(&store, &rows, &rotten) {
                    return kinds | 1 << 63;
                }
            }
            _ => {}
        }
    }
    kinds
}
