//! Instances that are past the time of their own process.

use crate::batches::{found, is};
use crate::feed::{Bench, Log, PARTITION, quick_directory};
use crate::log::Writer;
use ringbolt_query::views::instances::{ELEMENT_INSTANCES, PROCESS_INSTANCES, VARIABLES};
use ringbolt_query::{Ages, Filter, History, Searcher, StoreEvent, Value};
use std::sync::{Arc, Mutex};

/// Milliseconds of more than a thousand years: the entries are of a day in the future.
const LONG_MS: i64 = 1 << 45;

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, life: 1, ..Log::default() }))
}

fn ages(of: &[(&str, i64)]) -> Ages {
    of.iter().map(|(id, age_ms)| ((*id).to_owned(), *age_ms)).collect()
}

/// Three of one process and two of another have ended, and one of each goes on.
fn entries() -> Vec<Vec<u8>> {
    let writer = Writer::new().deploy("two_task").create(3).complete(3).create_of("two_task", 2).complete(2);
    writer.create(1).create_of("two_task", 1).entries
}

/// Instances of both that are found, finished or not.
fn of_each(bench: &Bench) -> [usize; 2] {
    let searcher = Searcher::new(bench.files.clone());
    let of = |id: &str| is(&PROCESS_INSTANCES, "processDefinitionId", Value::Text(id.to_owned()));
    ["one_task", "two_task"].map(|id| found(&searcher, &PROCESS_INSTANCES, of(id)))
}

/// Looks for what is past its time, and through all that it finds.
fn look(bench: &mut Bench) {
    for _ in 0..2 {
        bench.later(60_001);
        for _ in 0..30 {
            bench.turn();
        }
    }
}

#[test]
fn what_is_past_the_time_of_its_process_is_found_no_more() {
    let (ended, kept) = (-LONG_MS, LONG_MS);
    for (of_processes, age_max_ms, left) in [
        (ages(&[]), kept, [4, 3]),
        (ages(&[("two_task", ended)]), kept, [4, 1]),
        (ages(&[("two_task", ended), ("one_task", ended), ("nobody", ended)]), kept, [1, 1]),
        (ages(&[("two_task", kept)]), ended, [1, 3]),
    ] {
        for file_instances in [1, 100] {
            let directory = quick_directory();
            let log = log_of(entries());
            let history = History { file_instances, age_max_ms: kept, ..History::default() };
            let mut bench = Bench::keeping(directory.path(), &log, vec![1], history);
            bench.run();
            bench.settle(if file_instances == 1 { 0 } else { 100 });
            assert_eq!(of_each(&bench), [4, 3]);
            drop(bench);
            let history = History { age_max_ms, rewrite_ms: LONG_MS, ..history };
            let bench = Bench::keeping(directory.path(), &log, vec![1], history);
            let mut bench = bench.keeping_each(&of_processes);
            bench.run();
            look(&mut bench);
            assert_eq!(of_each(&bench), left, "{of_processes:?} {file_instances}: {:?}", bench.events);
            let searcher = Searcher::new(bench.files.clone());
            let all = |view| found(&searcher, view, Filter::All(Vec::new()));
            assert_eq!(all(&VARIABLES), left.iter().sum::<usize>(), "nor what was in them");
            assert!(all(&ELEMENT_INSTANCES) >= left.iter().sum::<usize>());
            let removed = bench.events.iter().map(|event| match event {
                StoreEvent::Removed { instances, .. } => *instances as usize,
                other => panic!("{other:?}"),
            });
            assert_eq!(removed.sum::<usize>(), 7 - left.iter().sum::<usize>(), "each once");
            bench.events.clear();
            look(&mut bench);
            assert_eq!(bench.events, [], "and not again");
        }
    }
}

/// Their bytes go as those of what somebody deletes.
#[test]
fn the_bytes_of_what_is_past_its_time_go() {
    let directory = quick_directory();
    let log = log_of(entries());
    let history =
        History { file_instances: 1, age_max_ms: LONG_MS, rewrite_ms: i64::MIN / 4, ..History::default() };
    let bench = Bench::keeping(directory.path(), &log, vec![1], history);
    let mut bench = bench.keeping_each(&ages(&[("two_task", -LONG_MS)]));
    bench.run();
    bench.settle(0);
    look(&mut bench);
    let began = std::time::Instant::now();
    let partition = bench.files.partition(PARTITION).unwrap().clone();
    let listed = |bench: &Bench| {
        let listed = partition.finished(&bench.hot(), partition.generation()).unwrap();
        listed.iter().map(|file| file.instances).sum::<u64>()
    };
    while listed(&bench) > 3 {
        bench.turn();
        assert!(began.elapsed().as_secs() < 30, "{:?}", bench.events);
        std::thread::yield_now();
    }
    assert_eq!((of_each(&bench), listed(&bench)), ([4, 1], 3));
}
