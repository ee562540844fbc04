//! The store against a model that is only a sorted map: any interleaving of writes, savepoints, checkpoints (that
//! succeed, find no space, or are lost in a crash) and reopening, over LMDB and over the simulator's base.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::RngSeed;
use ringbolt_store::{
    CheckpointError, CheckpointJob, Finished, Mark, MemoryDisk, Options, RowOwner, Store, TableId, open_lmdb,
};

const MAP_SIZE_BYTES: usize = 64 << 20;
/// Tables that differ in how often the operations hit them.
const TABLES: [TableId; 3] = [TableId(0), TableId(7), TableId(255)];
const PARTITION: u64 = 1 << 51;

#[derive(Debug, Clone)]
enum Op {
    Put {
        table: usize,
        key: Vec<u8>,
        value: Vec<u8>,
    },
    /// A new row under a newly generated key.
    PutGenerated {
        table: usize,
    },
    /// Deletes one of the rows under generated keys.
    DeleteGenerated {
        table: usize,
        pick: usize,
    },
    Delete {
        table: usize,
        key: Vec<u8>,
    },
    Range {
        table: usize,
        prefix: Vec<u8>,
        from: Vec<u8>,
    },
    Savepoint,
    Rollback,
    Release,
    Freeze,
    /// Runs the pending job and hands in its outcome.
    Finish,
    /// Runs the pending job without space (only the simulator's disk can do that here).
    FinishWithoutSpace,
    /// Loses the store: what was committed is seen again, the rest is replayed.
    Crash {
        job_ran: bool,
    },
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Few bytes, few values: prefixes and collisions are the point. Some keys are long.
    prop_oneof![
        8 => vec(prop_oneof![Just(0u8), Just(1), Just(2), Just(255)], 1..5),
        1 => vec(0u8..3, 9..41),
        1 => vec(Just(7u8), 478..=480),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => vec(any::<u8>(), 0..40), 1 => vec(any::<u8>(), 200..400), 1 => vec(Just(9), 5000..9000)]
}

fn op() -> impl Strategy<Value = Op> {
    let table = 0..TABLES.len();
    let prefix = || vec(prop_oneof![Just(0u8), Just(1), Just(255)], 0..3);
    prop_oneof![
        8 => (table.clone(), key(), value()).prop_map(|(table, key, value)| Op::Put { table, key, value }),
        4 => table.clone().prop_map(|table| Op::PutGenerated { table }),
        4 => (table.clone(), any::<usize>()).prop_map(|(table, pick)| Op::DeleteGenerated { table, pick }),
        4 => (table.clone(), key()).prop_map(|(table, key)| Op::Delete { table, key }),
        4 => (table, prefix(), prefix())
            .prop_map(|(table, prefix, from)| Op::Range { table, prefix, from }),
        2 => Just(Op::Savepoint),
        1 => Just(Op::Rollback),
        1 => Just(Op::Release),
        2 => Just(Op::Freeze),
        2 => Just(Op::Finish),
        1 => Just(Op::FinishWithoutSpace),
        1 => any::<bool>().prop_map(|job_ran| Op::Crash { job_ran }),
    ]
}

type Rows = BTreeMap<(TableId, Vec<u8>), Vec<u8>>;

/// The model: all rows, and what they were at savepoints and checkpoints.
#[derive(Default, Clone)]
struct Model {
    rows: Rows,
    counter: u64,
    position: u64,
}

/// Where a base can be reopened.
enum Disk {
    Lmdb(tempfile::TempDir),
    Memory(MemoryDisk),
}

impl Disk {
    fn open(&self) -> Store {
        match self {
            Disk::Lmdb(dir) => {
                open_lmdb(dir.path(), Options { map_size_bytes: MAP_SIZE_BYTES }).expect("opens")
            }
            Disk::Memory(disk) => disk.open(),
        }
    }
}

struct Rig {
    disk: Disk,
    store: Option<Store>,
    job: Option<CheckpointJob>,
    model: Model,
    savepoints: Vec<Model>,
    frozen: Option<Model>,
    committed: Model,
}

impl Rig {
    fn new(disk: Disk) -> Rig {
        let model = Model { counter: PARTITION, ..Model::default() };
        let store = Some(disk.open());
        let committed = Model::default();
        Rig { disk, store, job: None, savepoints: Vec::new(), frozen: None, committed, model }
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("the store is open")
    }

    fn generated_keys(&self, table: TableId) -> Vec<Vec<u8>> {
        let generated = |key: &[u8]| key.len() == 8 && key[..2] == PARTITION.to_be_bytes()[..2];
        self.model
            .rows
            .keys()
            .filter(|(of, key)| *of == table && generated(key))
            .map(|(_, key)| key.clone())
            .collect()
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Put { table, key, value } => self.put(TABLES[table], key, value),
            Op::PutGenerated { table } => {
                self.model.counter += 1;
                let key = self.model.counter.to_be_bytes().to_vec();
                self.put(TABLES[table], key, b"generated".to_vec());
            }
            Op::DeleteGenerated { table, pick } => {
                let keys = self.generated_keys(TABLES[table]);
                if let Some(key) = keys.get(pick.checked_rem(keys.len()).unwrap_or(0)) {
                    let number = u64::from_be_bytes(key.as_slice().try_into().expect("eight bytes"));
                    self.check_generated(TABLES[table], number);
                    self.check_generated(TABLES[table], self.model.counter);
                    self.delete(TABLES[table], key.clone(), RowOwner::Generated(number));
                }
            }
            Op::Delete { table, key } => self.delete(TABLES[table], key, RowOwner::Shared),
            Op::Range { table, prefix, from } => self.check_range(TABLES[table], &prefix, &from),
            Op::Savepoint => {
                self.savepoints.push(self.model.clone());
                self.store().savepoint();
            }
            Op::Rollback => {
                if let Some(model) = self.savepoints.pop() {
                    // Keys are never generated twice, not even after a rollback.
                    self.model = Model { counter: self.model.counter, ..model };
                    self.store().rollback();
                }
            }
            Op::Release => {
                if self.savepoints.pop().is_some() {
                    self.store().release();
                }
            }
            Op::Freeze => self.freeze(),
            Op::Finish => self.finish(),
            Op::FinishWithoutSpace => self.finish_without_space(),
            Op::Crash { job_ran } => self.crash(job_ran),
        }
    }

    fn put(&mut self, table: TableId, key: Vec<u8>, value: Vec<u8>) {
        self.store().put(table, &key, &value);
        self.model.rows.insert((table, key), value);
    }

    fn delete(&mut self, table: TableId, key: Vec<u8>, owner: RowOwner) {
        self.store().delete(table, &key, owner);
        self.model.rows.remove(&(table, key));
    }

    fn check_range(&mut self, table: TableId, prefix: &[u8], from: &[u8]) {
        let lower = [prefix, from].concat();
        let in_range = |(of, key): &(TableId, Vec<u8>)| *of == table && key.starts_with(prefix);
        let expected = self
            .model
            .rows
            .range((table, lower)..)
            .take_while(|row| in_range(row.0))
            .map(|((_, key), value)| (key.clone(), value.clone()));

        let found = self
            .store
            .as_ref()
            .expect("the store is open")
            .range(table, prefix, from)
            .map(|(key, value)| (key.to_vec(), value.to_vec()));
        assert!(found.eq(expected));
    }

    /// Reading as the owner finds what is there, wherever it lies, and nothing else.
    fn check_generated(&self, table: TableId, number: u64) {
        let (key, owner) = (number.to_be_bytes(), RowOwner::Generated(number));
        let expected = self.model.rows.get(&(table, key.to_vec())).map(Vec::as_slice);
        let store = self.store.as_ref().expect("the store is open");
        assert_eq!(store.get_owned(table, &key, owner), expected);
        assert!(store.range_owned(table, &key, &[], owner).map(|(_, value)| value).eq(expected));
    }

    fn freeze(&mut self) {
        if self.frozen.is_some() || !self.savepoints.is_empty() {
            return;
        }
        self.model.position += 1;
        let journal_info = vec![self.model.position as u8; 3];
        let mark = Mark { position: self.model.position, key_counter: self.model.counter, journal_info };
        self.job = Some(self.store().freeze(mark));
        self.frozen = Some(self.model.clone());
    }

    fn take_job(&mut self) -> Option<CheckpointJob> {
        if self.frozen.is_some() && self.job.is_none() {
            return Some(self.store().retry_checkpoint());
        }
        self.job.take()
    }

    fn finish(&mut self) {
        let Some(job) = self.take_job() else { return };
        let outcome = job.run();
        assert!(matches!(self.store().finish_checkpoint(outcome), Finished::Committed(_)));
        self.committed = self.frozen.take().expect("a job has a frozen state");
        let position = self.committed.position;
        assert_eq!(self.store().mark().position, position);
    }

    fn finish_without_space(&mut self) {
        let Disk::Memory(disk) = &self.disk else { return };
        let disk = disk.clone();
        let Some(job) = self.take_job() else { return };
        disk.fail_next_checkpoint(CheckpointError::DiskFull("no room".to_owned()));
        let outcome = job.run();
        assert!(matches!(self.store().finish_checkpoint(outcome), Finished::NoSpace(_)));
    }

    fn crash(&mut self, job_ran: bool) {
        if job_ran && let Some(job) = self.take_job() {
            assert!(job.run().result().is_ok());
            self.committed = self.frozen.take().expect("a job has a frozen state");
        }
        self.job = None;
        self.frozen = None;
        self.savepoints.clear();
        self.store = None;
        self.store = Some(self.disk.open());
        let counter = self.model.counter;
        self.model = Model { counter, position: self.model.position, rows: self.committed.rows.clone() };
        let mark = self.store().mark().clone();
        assert_eq!(mark.position, self.committed.position);
        assert_eq!(mark.key_counter, self.committed.counter);
    }

    fn check(&mut self) {
        let store = self.store.as_ref().expect("the store is open");
        assert_eq!(store.fault(), None);
        let expected =
            self.model.rows.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_slice()));
        assert!(store.dump().eq(expected), "the dump differs from the model");
        for ((table, key), value) in &self.model.rows {
            assert_eq!(store.get(*table, key), Some(value.as_slice()));
        }
        let stats = store.stats();
        assert_eq!(stats.active_bytes + stats.frozen_bytes, store.overlay_bytes());
    }
}

fn run(disk: Disk, ops: Vec<Op>) {
    let mut rig = Rig::new(disk);
    for op in ops {
        rig.apply(op);
        rig.check();
    }
    rig.job = None;
}

/// The same cases in every run; `RINGBOLT_STORE_TEST_SEED` and `RINGBOLT_STORE_TEST_CASES` ask for others and for more.
fn config(cases: u32) -> ProptestConfig {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse().ok());
    let seed: u64 = number("RINGBOLT_STORE_TEST_SEED").unwrap_or(1);
    let cases = number("RINGBOLT_STORE_TEST_CASES").map_or(cases, |cases| cases as u32);
    let rng_seed = RngSeed::Fixed(seed);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn the_simulated_store_equals_the_model(ops in vec(op(), 1..120)) {
        run(Disk::Memory(MemoryDisk::new()), ops);
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn the_lmdb_store_equals_the_model(ops in vec(op(), 1..120)) {
        run(Disk::Lmdb(tempfile::tempdir().expect("a temporary directory")), ops);
    }
}
