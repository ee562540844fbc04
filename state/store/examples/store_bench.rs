//! Measures the store: overlay operations, base reads, checkpoints with CPU and anonymous memory.
//!
//! `cargo run --release -p ringbolt-store --example store_bench -- [overlay] [base] [checkpoint] [waiting]`
//! Figures in `docs/adr/0003-store.md` come from here. It checks no correctness.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ringbolt_store::{
    CheckpointJob, Finished, Mark, Options, RowOwner, Store, TableId, open_lmdb, open_memory,
};

const PARTITION: u64 = 1 << 51;
const OVERLAY_INSTANCES: u64 = 17_000;
const ROWS_PER_INSTANCE: u64 = 6;
const OPERATIONS: u64 = 1_000_000;

/// A small generator, so that every run does the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A key without an allocation, so that making one costs next to nothing.
#[derive(Clone, Copy)]
struct Key {
    bytes: [u8; 40],
    length: usize,
}

impl Key {
    fn of(parts: &[&[u8]]) -> Key {
        let mut key = Key { bytes: [0; 40], length: 0 };
        for part in parts {
            key.bytes[key.length..key.length + part.len()].copy_from_slice(part);
            key.length += part.len();
        }
        key
    }
}

impl std::ops::Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The rows of one waiting instance: two elements, a job, its index entry by type, a child index, a variable.
struct Rows {
    keys: [(TableId, Key); ROWS_PER_INSTANCE as usize],
}

const VALUE_BYTES: [usize; ROWS_PER_INSTANCE as usize] = [220, 240, 260, 8, 0, 110];

impl Rows {
    fn of(instance: u64) -> Rows {
        let number = |offset: u64| (PARTITION | (instance * ROWS_PER_INSTANCE + offset + 1)).to_be_bytes();
        Rows {
            keys: [
                (TableId(1), Key::of(&[&number(0)])),
                (TableId(1), Key::of(&[&number(1)])),
                (TableId(2), Key::of(&[&number(2)])),
                (TableId(3), Key::of(&[b"<default>\0payment-service\0\x32", &number(2)])),
                (TableId(4), Key::of(&[&number(0), &number(1)])),
                (TableId(5), Key::of(&[&number(0), b"payload"])),
            ],
        }
    }

    fn put(&self, store: &mut Store, value: &[u8]) {
        for ((table, key), length) in self.keys.iter().zip(VALUE_BYTES) {
            store.put(*table, key, &value[..length]);
        }
    }

    fn owner(&self) -> RowOwner {
        RowOwner::Generated(u64::from_be_bytes(self.keys[0].1[..8].try_into().expect("eight bytes")))
    }
}

fn value() -> Vec<u8> {
    (0..1024).map(|i| (i * 31 % 251) as u8).collect()
}

fn mark(position: u64, instances: u64) -> Mark {
    Mark { position, key_counter: PARTITION | (instances * ROWS_PER_INSTANCE), journal_info: vec![1; 32] }
}

fn report(what: &str, operations: u64, spent: Duration) {
    println!("{what:<54} {:>8.0} ns/op", spent.as_nanos() as f64 / operations as f64);
}

fn timed(what: &str, operations: u64, mut work: impl FnMut(u64)) {
    // CPU time of this thread: on a busy machine the clock tells more about the neighbors.
    let started = thread_cpu();
    for operation in 0..operations {
        work(operation);
    }
    report(what, operations, thread_cpu() - started);
}

/// Keys of one column in random order, side by side, so that fetching the next one costs next to nothing.
struct Shuffled {
    table: TableId,
    bytes: Vec<u8>,
    key_bytes: usize,
}

impl Shuffled {
    fn new(instances: u64, column: usize) -> Shuffled {
        let mut order: Vec<u64> = (0..instances).collect();
        let mut random = Random(7);
        for last in (1..order.len()).rev() {
            order.swap(last, random.below(last as u64 + 1) as usize);
        }
        let mut bytes = Vec::new();
        for instance in order {
            bytes.extend_from_slice(&Rows::of(instance).keys[column].1);
        }
        let (table, key) = &Rows::of(0).keys[column];
        Shuffled { table: *table, bytes, key_bytes: key.len() }
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.key_bytes).cycle()
    }
}

const COLUMNS: [(&str, usize); 3] = [("8 B key", 0), ("37 B key with a common start", 3), ("15 B key", 5)];

/// Reads rows of each column in random order.
fn random_gets(store: &Store, instances: u64) {
    for (what, column) in COLUMNS {
        let shuffled = Shuffled::new(instances, column);
        let mut keys = shuffled.keys();
        timed(&format!("get, random, {what}"), OPERATIONS, |_| {
            black_box(store.get(shuffled.table, keys.next().expect("keys cycle")));
        });
    }
    let shuffled = Shuffled::new(instances, 4);
    let mut keys = shuffled.keys();
    timed("range, 1 row by an 8 B prefix, random", OPERATIONS / 4, |_| {
        let key = keys.next().expect("keys cycle");
        black_box(store.range(shuffled.table, &key[..8], &[]).count());
    });
}

fn overlay() {
    let value = value();
    let mut store = open_memory();
    println!("-- overlay of {} rows", OVERLAY_INSTANCES * ROWS_PER_INSTANCE);
    timed("put, new rows (6 per op counted singly)", OVERLAY_INSTANCES * ROWS_PER_INSTANCE, {
        let (store, value) = (&mut store, &value);
        move |row| {
            let instance = Rows::of(row / ROWS_PER_INSTANCE);
            let column = (row % ROWS_PER_INSTANCE) as usize;
            let (table, key) = &instance.keys[column];
            store.put(*table, key, &value[..VALUE_BYTES[column]]);
        }
    });
    println!(
        "bytes per row, counted: {}",
        store.overlay_bytes() as u64 / (OVERLAY_INSTANCES * ROWS_PER_INSTANCE)
    );
    random_gets(&store, OVERLAY_INSTANCES);
    let shuffled = Shuffled::new(OVERLAY_INSTANCES, 0);
    let mut keys = shuffled.keys();
    timed("put, overwrite, random, in a savepoint per 5", OPERATIONS, |operation| {
        if operation % 5 == 0 {
            store.savepoint();
        }
        store.put(shuffled.table, keys.next().expect("keys cycle"), &value[..VALUE_BYTES[0]]);
        if operation % 5 == 4 {
            store.release();
        }
    });
    lifecycle(&mut store, &value);
}

/// Instances that live and die in the overlay: 6 rows put, 8 reads, 2 overwrites, 6 deletes in 4 savepoints.
fn lifecycle(store: &mut Store, value: &[u8]) {
    const INSTANCES: u64 = 100_000;
    let operations = INSTANCES * 22;
    let started = thread_cpu();
    for rows in (OVERLAY_INSTANCES..OVERLAY_INSTANCES + INSTANCES).map(Rows::of) {
        store.savepoint();
        rows.put(store, value);
        store.release();
        for _ in 0..2 {
            store.savepoint();
            for (table, key) in &rows.keys[..4] {
                black_box(store.get(*table, key));
            }
            store.put(rows.keys[1].0, &rows.keys[1].1, &value[..250]);
            store.release();
        }
        store.savepoint();
        for (table, key) in &rows.keys {
            store.delete(*table, key, rows.owner());
        }
        store.release();
    }
    report("instance that lives and dies (22 ops each)", operations, thread_cpu() - started);
}

fn anonymous_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn thread_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|field| field.parse().ok()).unwrap_or(0))
}

const MIB: u64 = 1 << 20;

/// Runs a job on its own thread and prints wall time, CPU and the peak of anonymous memory while it ran.
fn checkpoint(store: &mut Store, job: CheckpointJob, what: &str) {
    let before = anonymous_bytes();
    let (peak, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let started = Instant::now();
    let (outcome, cpu) = std::thread::scope(|scope| {
        let side = scope.spawn(|| {
            let result = (job.run(), thread_cpu());
            done.store(true, Ordering::Release);
            result
        });
        while !done.load(Ordering::Acquire) {
            peak.fetch_max(anonymous_bytes(), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        }
        side.join().expect("the job does not panic")
    });
    let wall = started.elapsed();
    let wrote = outcome.result().expect("the checkpoint commits");
    let renewed = Instant::now();
    let Finished::Committed(retired) = store.finish_checkpoint(outcome) else {
        panic!("the checkpoint commits")
    };
    let renewal = renewed.elapsed();
    let dropping = Instant::now();
    drop(retired);
    let stats = store.stats();
    println!(
        "{what:<42} {:>8} rows {:>6.0} ms wall {:>6.0} ms cpu; anon MiB before {:>4} peak {:>4} after {:>4}; \
         renew {:>5.0} us, drop {:>4.0} ms; file {:>5} MiB",
        wrote.rows_put + wrote.rows_deleted,
        wall.as_secs_f64() * 1e3,
        cpu.as_secs_f64() * 1e3,
        before / MIB,
        peak.load(Ordering::Relaxed) / MIB,
        anonymous_bytes() / MIB,
        renewal.as_secs_f64() * 1e6,
        dropping.elapsed().as_secs_f64() * 1e3,
        stats.base_bytes / MIB,
    );
}

fn open(dir: &Path) -> Store {
    open_lmdb(dir, Options::default()).expect("the base opens")
}

fn base_reads() {
    const INSTANCES: u64 = 200_000;
    println!("-- base of {} rows", INSTANCES * ROWS_PER_INSTANCE);
    let dir = tempfile::tempdir_in(".").expect("a directory");
    let value = value();
    let started = Instant::now();
    let mut store = open(dir.path());
    println!("open for the first time: {:.2} ms", started.elapsed().as_secs_f64() * 1e3);
    for instance in 0..INSTANCES {
        Rows::of(instance).put(&mut store, &value);
    }
    let job = store.freeze(mark(1, INSTANCES));
    checkpoint(&mut store, job, "load");
    random_gets(&store, INSTANCES);
    let mut random = Random(8);
    timed("get, absent, random", OPERATIONS, |_| {
        let key = (PARTITION | ((random.below(INSTANCES) + INSTANCES) * 64)).to_be_bytes();
        black_box(store.get(TableId(1), &key));
    });
    drop(store);
    let started = Instant::now();
    let store = open(dir.path());
    println!("open again: {:.2} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    let rows = store.dump().count();
    report("dump, per row", rows as u64, started.elapsed());
}

fn checkpoints() {
    println!("-- checkpoints");
    let value = value();
    for instances in [16_667, 166_667] {
        let dir = tempfile::tempdir_in(".").expect("a directory");
        let mut store = open(dir.path());
        for instance in 0..instances {
            Rows::of(instance).put(&mut store, &value);
        }
        let job = store.freeze(mark(1, instances));
        checkpoint(&mut store, job, "new rows into an empty base");
        for instance in instances..instances + 16_667 {
            Rows::of(instance).put(&mut store, &value);
        }
        let job = store.freeze(mark(2, instances + 16_667));
        checkpoint(&mut store, job, "16,667 more instances");
        let mut random = Random(3);
        for _ in 0..16_667 {
            let (table, key) = &Rows::of(random.below(instances)).keys[random.below(3) as usize];
            store.put(*table, key, &value[..230]);
        }
        let job = store.freeze(mark(3, instances + 16_667));
        checkpoint(&mut store, job, "16,667 scattered rows overwritten");
        for instance in 0..instances {
            for (table, key) in &Rows::of(instance).keys {
                store.delete(*table, key, RowOwner::Shared);
            }
        }
        let job = store.freeze(mark(4, instances + 16_667));
        checkpoint(&mut store, job, "all but the last 16,667 deleted");
    }
    let dir = tempfile::tempdir_in(".").expect("a directory");
    let mut store = open(dir.path());
    let large = vec![7; 4 << 20];
    for number in 0..16u64 {
        store.put(TableId(5), &number.to_be_bytes(), &large);
    }
    let job = store.freeze(mark(1, 1));
    checkpoint(&mut store, job, "16 values of 4 MiB");
}

/// One million waiting instances, loaded with a checkpoint whenever the overlay holds 64 MiB.
fn waiting() {
    const INSTANCES: u64 = 1_000_000;
    const CHECKPOINT_BYTES: usize = 64 << 20;
    println!("-- {INSTANCES} waiting instances, a checkpoint per {} MiB of overlay", CHECKPOINT_BYTES >> 20);
    let dir = tempfile::tempdir_in(".").expect("a directory");
    let value = value();
    let mut store = open(dir.path());
    let mut position = 0;
    let started = Instant::now();
    for instance in 0..INSTANCES {
        Rows::of(instance).put(&mut store, &value);
        if store.overlay_bytes() >= CHECKPOINT_BYTES || instance + 1 == INSTANCES {
            position += 1;
            let job = store.freeze(mark(position, instance + 1));
            checkpoint(&mut store, job, &format!("at {} instances", instance + 1));
        }
    }
    let stats = store.stats();
    let rows = stats.base_rows;
    println!("{rows} rows in {} MiB after {:.1} s", stats.base_bytes / MIB, started.elapsed().as_secs_f64());
    churn(&mut store, &value, INSTANCES, position);
    drop(store);
    let started = Instant::now();
    let store = open(dir.path());
    println!("open again: {:.2} ms, {} rows", started.elapsed().as_secs_f64() * 1e3, store.stats().base_rows);
}

/// Random old instances end while as many new ones begin: the worst case for the tree's pages.
fn churn(store: &mut Store, value: &[u8], instances: u64, position: u64) {
    const REPLACED_PER_CHECKPOINT: u64 = 30_000;
    let mut random = Random(5);
    let mut next = instances;
    for round in 1..=6 {
        for _ in 0..REPLACED_PER_CHECKPOINT {
            let old = Rows::of(random.below(instances));
            for (table, key) in &old.keys {
                store.delete(*table, key, old.owner());
            }
            Rows::of(next).put(store, value);
            next += 1;
        }
        let job = store.freeze(mark(position + round, next));
        checkpoint(store, job, "30,000 random instances replaced");
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|argument| argument == name);
    if wants("overlay") {
        overlay();
    }
    if wants("base") {
        base_reads();
    }
    if wants("checkpoint") {
        checkpoints();
    }
    if wants("waiting") {
        waiting();
    }
}
