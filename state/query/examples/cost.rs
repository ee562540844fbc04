//! What a one-task instance costs secondary storage: CPU of all its threads and bytes on disk, without reading the log.
//!
//! `cargo run --release -p ringbolt-query --example cost -- INSTANCES [ALIVE] [BATCH] [VARIABLE BYTES]`: so many instances, of which
//! ALIVE run at a time, folded in batches of BATCH instances.

mod shared;

use ringbolt_query::{Batching, Files, History, Pace, Projector, Visible};
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::{Command, DurationMs, TimestampMs, VariableDocument};
use shared::{MemoryFeed, PARTITION, Pending, Work, all_us, bytes_in, own_us};
use std::sync::{Arc, Mutex};

const NOW: TimestampMs = TimestampMs(1_893_456_000_000);

fn complete(work: &mut Work) {
    work.process(&Command::ActivateJobs(ActivateJobs {
        job_type: "work".to_owned(),
        worker: "worker".to_owned(),
        timeout: DurationMs(60_000),
        jobs_max: 1,
        bytes_max: 4 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    }));
    let job_key = work.jobs.pop_front().expect("an open job");
    work.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
}

fn main() {
    let arguments: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let argument = |at: usize, default| arguments.get(at).copied().unwrap_or(default);
    let (count, alive) = (argument(0, 100_000), argument(1, 20));
    let (batch, variable_bytes) = (argument(2, 100), argument(3, 1_000));
    let directory = std::path::PathBuf::from(
        std::env::var("DIRECTORY").unwrap_or_else(|_| format!("target/cost-{}", std::process::id())),
    );
    let (files, visible) = (Files::new(&directory, [PARTITION]), Arc::new(Visible::new([PARTITION])));
    let pending = Arc::new(Mutex::new(Pending::default()));
    let feed = MemoryFeed::new(&pending);
    let mut projector = Projector::new(feed, &files, visible, History::default(), Batching::default());
    let mut work = Work::new(NOW);
    work.deploy("one_task.bpmn", include_bytes!("../../../docs/samples/one_task.bpmn"));
    let json = format!(r#"{{"payload":"{}"}}"#, "x".repeat(variable_bytes));
    let variables = VariableDocument::parse(json.into()).expect("JSON");
    let (mut spent, mut now_ms, mut done) = (0.0, 0, 0);
    let mut quarter = (0.0, 0);
    while done < count {
        for _ in 0..batch {
            let business_id = format!("order-{}", work.next());
            work.create("one_task", business_id, &variables);
            if work.jobs.len() > alive {
                complete(&mut work);
            }
            work.now = TimestampMs(work.now.0 + 1);
        }
        done += batch;
        work.hand_over(&pending);
        now_ms += 50;
        let own = own_us();
        while projector.turn(now_ms, &mut |event| println!("{event:?}")) != Pace::CaughtUp {}
        spent += own_us() - own;
        if (done - quarter.1) * 4 >= count {
            let each = (spent - quarter.0) / (done - quarter.1) as f64;
            println!("{done} instances: {each:.1} us each of the projector since the last line");
            quarter = (spent, done);
        }
    }
    projector.finish();
    let beside = all_us() - own_us();
    let bytes = bytes_in(&directory.join("partition-1")) as f64 / done as f64;
    println!(
        "{:.1} us an instance ({:.1} of it beside the projector), {bytes:.0} bytes",
        (spent + beside) / done as f64,
        beside / done as f64,
    );
    if std::env::var_os("DIRECTORY").is_none() {
        let _ = std::fs::remove_dir_all(&directory);
    }
}
