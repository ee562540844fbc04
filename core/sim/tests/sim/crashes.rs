//! Crashes at every point of a trace, and at random points of many.

use crate::from_environment;
use ringbolt_sim::{Report, Rounds, Trace, run_every_crash_point, run_rounds, run_rounds_or_shrink};

/// Traces that crash at every point.
const TRACES: u64 = 5;
/// Commands of such a trace.
const TRACE_COMMANDS: u32 = 200;
/// Seeds that crash at random points.
const SEEDS: u64 = 1_000;
/// Threads over which they are spread.
const THREADS: u64 = 2;

fn over_threads(seeds: std::ops::Range<u64>, run: impl Fn(u64) -> Report + Sync) -> Report {
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let seeds = seeds.clone();
                scope.spawn(move || {
                    let mut total = Report::default();
                    for seed in seeds.skip(thread as usize).step_by(THREADS as usize) {
                        total.add(&run(seed));
                    }
                    total
                })
            })
            .collect();
        let mut total = Report::default();
        for thread in threads {
            match thread.join() {
                Ok(report) => total.add(&report),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        total
    })
}

#[test]
fn every_crash_point_of_a_trace() {
    let commands = from_environment("RINGBOLT_SIM_TRACE", TRACE_COMMANDS);
    let first = from_environment("RINGBOLT_SIM_FIRST", 0);
    let total = over_threads(first..first + TRACES, |seed| {
        run_every_crash_point(seed, commands).unwrap_or_else(|failure| panic!("{failure}"))
    });
    println!("{total:?}");
    if commands >= TRACE_COMMANDS {
        // The workload must reach what it is there for.
        assert!(total.crash_points > u64::from(commands) * TRACES, "{total:?}");
        assert!(total.batch_items > 20, "{total:?}");
        assert!(total.jobs_completed > 30 && total.incidents > 10 && total.pushes > 20, "{total:?}");
        assert!(total.checkpoints > 5 && total.checkpoints_without_space > 0, "{total:?}");
        assert!(total.segments_recycled > 0, "{total:?}");
    }
}

#[test]
fn a_random_crash_point_of_many_seeds() {
    let seeds = from_environment("RINGBOLT_SIM_SEEDS", SEEDS);
    let first = from_environment("RINGBOLT_SIM_FIRST", 0);
    let total = over_threads(first..first + seeds, |seed| {
        run_rounds_or_shrink(seed, &Rounds::for_seed(seed)).unwrap_or_else(|failure| panic!("{failure}"))
    });
    println!("{total:?}");
    if seeds >= SEEDS {
        assert!(total.torn > seeds / 10, "{total:?}");
        assert!(total.stops > seeds / 20 && total.refused_stopped > seeds / 20, "{total:?}");
        assert!(total.mail_lost > seeds / 2 && total.mail_doubled > seeds / 2, "{total:?}");
        assert!(total.segments_recycled > seeds / 10 && total.disk_full > seeds / 10, "{total:?}");
        assert!(total.refused_disk_full > 0 && total.refused_overload > 0, "{total:?}");
        assert!(total.replay_checkpoints > 0 && total.batch_items > seeds, "{total:?}");
        assert!(total.spills > seeds / 10 && total.spills_failed > 0, "{total:?}");
        assert!(total.detached > seeds / 20 && total.reader_gaps > seeds / 20, "{total:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        let run = || run_rounds(seed, &Rounds::for_seed(seed), Trace::keeping_all());
        let (first, first_trace) = run().unwrap_or_else(|failure| panic!("{failure}"));
        let (again, again_trace) = run().unwrap_or_else(|failure| panic!("{failure}"));
        let difference = first_trace.lines().zip(again_trace.lines()).find(|(one, other)| one != other);
        assert_eq!(difference, None, "seed {seed}");
        assert_eq!(first, again, "seed {seed}");
    }
    let hash = |seed| run_rounds(seed, &Rounds(vec![20]), Trace::new()).expect("a short run").1.hash();
    assert_ne!(hash(1), hash(2), "another seed gives another trace");
}
