//! Creates instances at a pace.

use crate::run::Run;
use crate::schedule::Pace;
use crate::stats::{Event, Kind, Operation};
use ringbolt_ring::time::now;
use ringbolt_ring::{sleep, spawn, yield_now};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long a place of a closed loop stays empty after a creation that failed, so that a server in trouble is not hammered.
const AFTER_ERROR: Duration = Duration::from_millis(10);
/// A schedule that is behind sends so many creations before it lets answers in.
const BURST: u64 = 64;

/// A schedule that is further behind than this leaves out what was due meanwhile: what this tool cannot send is no load, and must not
/// stand as latency of the server.
const LATE_MAX: Duration = Duration::from_millis(20);

/// Creates until the run stops, or `instances_max` are created.
pub(crate) async fn create_all(run: Rc<Run>, pace: Pace, instances_max: Option<u64>) {
    let start = now();
    let mut sent = 0;
    while instances_max.is_none_or(|max| sent < max) {
        let is_stuck = run.places.is_full() || run.unanswered.is_full();
        run.unanswered.take().await;
        run.places.take().await;
        let due = match pace {
            Pace::Rate(rate) => {
                let late = now().saturating_duration_since(start + pace.due(sent));
                if late > LATE_MAX {
                    let left_out = (late.as_secs_f64() * rate) as u64;
                    sent += left_out;
                    run.stats.borrow_mut().leave_out(left_out, is_stuck);
                }
                let due = start + pace.due(sent);
                run.clock.until(due).await;
                due
            }
            Pace::InFlight(_) => now(),
        };
        if run.stopped.get() {
            return;
        }
        sent += 1;
        run.creating.set(run.creating.get() + 1);
        spawn(create_one(run.clone(), due, matches!(pace, Pace::InFlight(_))));
        if sent % BURST == 0 {
            yield_now().await;
        }
    }
    run.exhausted.set(true);
}

async fn create_one(run: Rc<Run>, due: Instant, is_closed_loop: bool) {
    run.stats.borrow_mut().record(Kind::Sent, due, now().saturating_duration_since(due));
    let created = run.target.create().await;
    run.creating.set(run.creating.get() - 1);
    run.unanswered.give(1);
    match created {
        Ok(instance) => run.on_created(instance, due),
        Err(error) => {
            {
                let mut stats = run.stats.borrow_mut();
                stats.error(Operation::Create, &error);
                stats.note_trouble();
                if error.failure.is_overload() {
                    stats.count(Event::Refused);
                    stats.record(Kind::Refused, due, now().saturating_duration_since(due));
                }
            }
            // An open loop sends what is due, whatever became of what was due before.
            if is_closed_loop {
                sleep(AFTER_ERROR).await;
            }
            run.places.give(1);
        }
    }
}
