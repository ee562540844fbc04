//! Takes jobs by poll or stream, works on each for a while, and completes it.

use crate::args::Mode;
use crate::call::CallError;
use crate::job::{Job, JobQuery};
use crate::run::Run;
use crate::scenario::{Act, Part};
use crate::stats::Operation;
use bytes::Bytes;
use ringbolt_ring::time::now;
use ringbolt_ring::{sleep, spawn};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How long a long poll waits for its first job.
const POLL_WAIT: Duration = Duration::from_secs(10);
/// Between polls that come back empty before their time.
const AFTER_EMPTY: Duration = Duration::from_millis(10);
/// Between attempts to get jobs after an error.
const AFTER_ERROR: Duration = Duration::from_millis(250);
/// Between attempts of what was refused for the server's load, times the number of attempts.
const AGAIN: Duration = Duration::from_millis(20);
/// After so many attempts a job is left to its time-out.
const ATTEMPTS: u32 = 20;

/// How a worker works.
#[derive(Clone, Debug)]
pub(crate) struct WorkPlan {
    pub(crate) query: JobQuery,
    pub(crate) part: Part,
    pub(crate) act: Act,
    pub(crate) mode: Mode,
    pub(crate) delay: Duration,
    /// Variables of each completion, a JSON object or nothing.
    pub(crate) result: Bytes,
    /// Streams, or polls at a time.
    pub(crate) receivers: usize,
    /// Jobs asked for by one poll.
    pub(crate) poll_jobs_max: usize,
    /// Jobs that were counted for what is done with each of a number.
    pub(crate) counted: Cell<u64>,
}

impl WorkPlan {
    /// Counts a job; whether its number is divisible by `jobs`.
    fn is_each(&self, jobs: u64) -> bool {
        self.counted.set(self.counted.get() + 1);
        self.counted.get().is_multiple_of(jobs)
    }
}

/// Starts the tasks that receive jobs; they run until the core's main future ends.
pub(crate) fn start(run: &Rc<Run>, plan: &Rc<WorkPlan>) {
    for _ in 0..plan.receivers {
        match plan.mode {
            Mode::Stream => drop(spawn(receive_stream(run.clone(), plan.clone()))),
            Mode::Poll => drop(spawn(receive_polls(run.clone(), plan.clone()))),
            Mode::Both => {
                drop(spawn(receive_stream(run.clone(), plan.clone())));
                drop(spawn(receive_polls(run.clone(), plan.clone())));
            }
        }
    }
}

async fn receive_stream(run: Rc<Run>, plan: Rc<WorkPlan>) {
    loop {
        match run.worker_target().stream(&plan.query).await {
            Err(error) => run.stats.borrow_mut().error(Operation::Activate, &error),
            Ok(mut jobs) => loop {
                run.room.take().await;
                match jobs.next().await {
                    Ok(Some(job)) => take(&run, &plan, job),
                    Ok(None) => break run.room.give(1),
                    Err(error) => {
                        run.stats.borrow_mut().error(Operation::Activate, &error);
                        break run.room.give(1);
                    }
                }
            },
        }
        sleep(AFTER_ERROR).await;
    }
}

async fn receive_polls(run: Rc<Run>, plan: Rc<WorkPlan>) {
    loop {
        run.room.take().await;
        let places = 1 + run.room.take_free(plan.poll_jobs_max.saturating_sub(1));
        let asked = now();
        match run.worker_target().activate(&plan.query, places, POLL_WAIT).await {
            Ok(jobs) => {
                run.room.give(places.saturating_sub(jobs.len()));
                let came_back_early = jobs.is_empty() && now() < asked + POLL_WAIT / 2;
                jobs.into_iter().for_each(|job| take(&run, &plan, job));
                if came_back_early {
                    sleep(AFTER_EMPTY).await;
                }
            }
            Err(error) => {
                run.room.give(places);
                run.stats.borrow_mut().error(Operation::Activate, &error);
                sleep(AFTER_ERROR).await;
            }
        }
    }
}

fn take(run: &Rc<Run>, plan: &Rc<WorkPlan>, job: Job) {
    if run.on_job(&job, plan.part) {
        run.working.set(run.working.get() + 1);
        spawn(work(run.clone(), plan.clone(), job));
    } else {
        run.room.give(1);
    }
}

async fn work(run: Rc<Run>, plan: Rc<WorkPlan>, job: Job) {
    let due = now() + plan.delay;
    if !plan.delay.is_zero() {
        run.clock.until(due).await;
    }
    let target = run.worker_target();
    let done = match &plan.act {
        Act::ThrowEach { jobs, code } if plan.is_each(*jobs) => {
            insist(&run, Operation::Throw, || target.throw_error(job.key, code)).await
        }
        Act::Complete | Act::ThrowEach { .. } => {
            insist(&run, Operation::Complete, || target.complete(job.key, &plan.result)).await
        }
        Act::Publish { variable, message } => {
            let key = job.key.to_string();
            let variables = format!(r#"{{"{variable}":"{key}"}}"#).into();
            insist(&run, Operation::Complete, || target.complete(job.key, &variables)).await
                && insist(&run, Operation::Publish, || target.publish(message, &key)).await
        }
    };
    if done {
        run.on_completed(&job, due, plan.part);
    }
    run.working.set(run.working.get() - 1);
    run.room.give(1);
}

/// Asks until the server has time for it; whether it was done.
async fn insist<F>(run: &Run, operation: Operation, ask: impl Fn() -> F) -> bool
where
    F: Future<Output = Result<(), CallError>>,
{
    for attempt in 1..=ATTEMPTS {
        let Err(error) = ask().await else { return true };
        run.stats.borrow_mut().error(operation, &error);
        if !error.failure.is_overload() {
            return false;
        }
        sleep(AGAIN * attempt).await;
    }
    false
}
