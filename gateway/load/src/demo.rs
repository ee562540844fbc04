//! The load of `ringbolt demo`: deploys the sample, starts instances at a calm pace and does their work, on the caller's core.

use crate::args::Mode;
use crate::clock::Clock;
use crate::creator::create_all;
use crate::error::Error;
use crate::grpc::GrpcTarget;
use crate::job::JobQuery;
use crate::model::{JOB_TYPE, PROCESS_ID, RESOURCE_NAME, SAMPLE};
use crate::progress;
use crate::run::{Follow, OPEN_LOOP_MAX, Run};
use crate::scenario::{Act, Part};
use crate::schedule::{Pace, payload};
use crate::server_watch::ServerWatch;
use crate::stats::Kind;
use crate::target::Target;
use crate::timeline::{End, Second, Timeline, play};
use crate::worker::{self, WorkPlan};
use ringbolt_ring::{Shutdown, spawn};
use std::cell::Cell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// How long the demo waits for what is under way when it is stopped.
const DRAIN_MAX: Duration = Duration::from_secs(2);
/// Ways in which requests failed that are named at the end, and how much of their words.
const FAILED_MAX: usize = 5;
const FAILED_CHARS_MAX: usize = 200;
/// Jobs at the worker at a time.
const CAPACITY: usize = 10_000;
const JOB_TIMEOUT_MS: i64 = 60_000;

/// What the demo does.
#[derive(Clone, Debug)]
pub struct DemoPlan {
    /// The server's gRPC address.
    pub grpc: SocketAddr,
    /// Instances a second.
    pub rate: f64,
    /// Work on each job.
    pub work_delay: Duration,
    /// Variables of each instance, bytes.
    pub payload_bytes: usize,
    /// The server's process, for its CPU time and memory.
    pub server_pid: Option<u32>,
}

impl DemoPlan {
    /// 150 instances a second with 50 ms of work and 1 KiB of variables.
    pub fn calm(grpc: SocketAddr) -> Self {
        Self {
            grpc,
            rate: 150.0,
            work_delay: Duration::from_millis(50),
            payload_bytes: 1024,
            server_pid: Some(std::process::id()),
        }
    }
}

/// One second of the demo. Its `Display` is one line.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Since the demo's start.
    pub elapsed: Duration,
    /// Instances created since then.
    pub created: u64,
    /// Instances completed since then.
    pub completed: u64,
    /// Requests that failed since then.
    pub errors: u64,
    /// In this second: creation due -> acknowledged, milliseconds, p50 and p99.
    pub create_ms: [f64; 2],
    /// In this second: creation due -> completion acknowledged without the work, milliseconds, p50 and p99.
    pub cycle_ms: [f64; 2],
    line: String,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

fn figures(second: &Second) -> Figures {
    Figures {
        elapsed: second.elapsed,
        created: second.all.created,
        completed: second.all.completed,
        errors: second.all.errors,
        create_ms: second.create_ms,
        cycle_ms: second.cycle_ms,
        line: progress::short_line(second),
    }
}

/// What the demo did. Its `Display` is a sentence or two.
#[derive(Clone, Debug)]
pub struct Summary {
    elapsed: Duration,
    created: u64,
    completed: u64,
    cycle_ms: [f64; 2],
    work_delay: Duration,
    /// Requests that failed: how many of what, with which status, and the first one's words.
    failed: Vec<(u64, String)>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elapsed, created, completed, .. } = self;
        writeln!(
            f,
            "{created} instances were started in {:.0} s, {completed} completed",
            elapsed.as_secs_f64()
        )?;
        let ([p50, p99], work) = (self.cycle_ms, self.work_delay.as_millis());
        write!(f, "half took up to {p50:.1} ms, 99% up to {p99:.1} ms, and {work} ms of work")?;
        let all: u64 = self.failed.iter().map(|(count, _)| count).sum();
        if all > 0 {
            write!(f, "\n{all} {} failed", if all == 1 { "request" } else { "requests" })?;
        }
        self.failed.iter().take(FAILED_MAX).try_for_each(|(count, what)| write!(f, "\n  {count} x {what}"))
    }
}

/// Runs until `shutdown`, or for ever without one, and reports each second. Needs a core (`ringbolt-ring`) to run on.
pub async fn demo_load(
    plan: DemoPlan,
    shutdown: Option<&Shutdown>,
    mut on_figures: impl FnMut(&Figures),
) -> Result<Summary, Error> {
    let variables = payload(plan.payload_bytes);
    let target = GrpcTarget::connect(plan.grpc.into(), 1, PROCESS_ID, &variables).await;
    let target = Target::Grpc(target.map_err(|error| Error::call("connecting", &error))?);
    let deployed = target.deploy(&[(RESOURCE_NAME.to_owned(), SAMPLE.to_owned())]).await;
    deployed.map_err(|error| Error::call("deploying the sample", &error))?;
    let clock = Clock::start().map_err(|e| Error::Start(format!("cannot start the clock's thread: {e}")))?;
    let run = Rc::new(Run::new(target, clock, Follow::Cycles, plan.work_delay, OPEN_LOOP_MAX, CAPACITY));
    let work = WorkPlan {
        query: JobQuery {
            job_type: JOB_TYPE.to_owned(),
            worker: "ringbolt-demo".to_owned(),
            timeout_ms: JOB_TIMEOUT_MS,
        },
        mode: Mode::Stream,
        delay: plan.work_delay,
        part: Part::WHOLE,
        act: Act::Complete,
        result: bytes::Bytes::new(),
        receivers: 1,
        poll_jobs_max: 1,
        counted: Cell::new(0),
    };
    worker::start(&run, &Rc::new(work));
    spawn(create_all(run.clone(), Pace::Rate(plan.rate), None));
    let timeline =
        Timeline { warmup: Duration::ZERO, duration: None, drain_max: DRAIN_MAX, end: End::ByTime };
    let mut watch = ServerWatch::new(plan.server_pid, None);
    let elapsed = play(&run, timeline, &mut watch, shutdown, |second| on_figures(&figures(second))).await?;
    let stats = run.stats.borrow();
    let (all, cycle) = (stats.all(), stats.total().latency(Kind::Cycle));
    let failed = stats.errors().iter().map(|((operation, status), error)| {
        let example: String = error.example.chars().take(FAILED_CHARS_MAX).collect();
        (error.count, format!("{} ({status}): {example}", operation.name()))
    });
    Ok(Summary {
        elapsed,
        created: all.created,
        completed: all.completed,
        failed: failed.collect(),
        cycle_ms: [cycle.quantile_ms(0.5), cycle.quantile_ms(0.99)],
        work_delay: plan.work_delay,
    })
}

#[cfg(test)]
mod tests {
    use super::Summary;
    use std::time::Duration;

    #[test]
    fn what_failed_is_named_at_the_end() {
        let summary = Summary {
            elapsed: Duration::from_secs(60),
            created: 9_000,
            completed: 8_997,
            cycle_ms: [3.12, 9.5],
            work_delay: Duration::from_millis(50),
            failed: Vec::new(),
        };
        let well = "9000 instances were started in 60 s, 8997 completed
half took up to 3.1 ms, 99% up to 9.5 ms, and 50 ms of work";
        assert_eq!(summary.to_string(), well);
        let failed =
            vec![(1, "create (UNAVAILABLE): it stops".into()), (2, "complete (NOT_FOUND): no job".into())];
        let ill =
            "\n3 requests failed\n  1 x create (UNAVAILABLE): it stops\n  2 x complete (NOT_FOUND): no job";
        assert_eq!(Summary { failed, ..summary }.to_string(), format!("{well}{ill}"));
    }
}
