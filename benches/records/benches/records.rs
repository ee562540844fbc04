//! `cargo bench -p ringbolt-bench-records`: sizes and allocations as a table, then times by criterion.

use std::alloc::System;
use std::hint::black_box;

use criterion::Criterion;
use ringbolt_bench_records::formats::{all, archived_three};
use ringbolt_bench_records::job::sample;
use ringbolt_record::{EntryBuilder, EntryMeta, Intent, JobIntent, Key, RecordType};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations, growing ones included, per call.
fn allocations(mut call: impl FnMut()) -> f64 {
    const CALLS: usize = 100;
    call();
    let region = Region::new(ALLOCATOR);
    (0..CALLS).for_each(|_| call());
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / CALLS as f64
}

fn table() {
    println!("{:<18} {:>6} {:>10} {:>14} {:>10}", "allocations", "bytes", "encode", "three fields", "decode");
    for format in all() {
        let mut bytes = Vec::new();
        let encode = allocations(|| (format.encode)(black_box(&mut bytes)));
        let three = allocations(|| {
            black_box((format.three)(black_box(&bytes)).expect("sound bytes"));
        });
        let decode = allocations(|| {
            black_box((format.decode)(black_box(&bytes)).expect("sound bytes"));
        });
        println!("{:<18} {:>6} {encode:>10} {three:>14} {decode:>10}", format.name, bytes.len());
    }
}

fn times(criterion: &mut Criterion) {
    for format in all() {
        let mut bytes = Vec::with_capacity(4096);
        let mut group = criterion.benchmark_group(format.name);
        group.bench_function("encode", |bench| bench.iter(|| (format.encode)(black_box(&mut bytes))));
        group.bench_function("three fields", |bench| bench.iter(|| (format.three)(black_box(&bytes))));
        group.bench_function("decode", |bench| bench.iter(|| (format.decode)(black_box(&bytes))));
        group.finish();
    }
    // What an applier does: the record was just written into its entry, or the entry's checksum was verified.
    let mut builder = EntryBuilder::default();
    builder.begin(&EntryMeta::default());
    let job = sample();
    let written = builder.push(RecordType::Event, Intent::Job(JobIntent::Created), Key(1), &job);
    criterion.bench_function("rkyv/three fields, unchecked", |bench| {
        bench.iter(|| archived_three(black_box(written)));
    });
}

fn main() {
    table();
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    times(&mut criterion);
    criterion.final_summary();
}
