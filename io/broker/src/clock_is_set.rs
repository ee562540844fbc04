//! A broker whose wall clock is set under it: deadlines come when they are due, as its clients count.

use crate::clock::set_wall_clock;
use crate::rig::{activation, create, deploy, on_cores};
use crate::{CoreBroker, CoreReport};
use ringbolt_record::DurationMs;
use ringbolt_ring::time;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// The deadline of a job.
const TIMEOUT_MS: i64 = 1_500;
/// A deadline that is later than this has moved. Generous: machines are slow and busy.
const LATE_MAX: Duration = Duration::from_secs(15);

/// Takes the job, sets the clock, and waits for the job to come back; how long that took.
async fn comes_back_after(broker: &CoreBroker, ahead_ms: i64) -> Duration {
    let mut request = activation();
    request.timeout = DurationMs(TIMEOUT_MS);
    let taken = time::now();
    let poll = broker.poll_jobs(request, Some(taken + LATE_MAX)).run();
    assert_eq!(poll.await.expect("is answered").jobs.len(), 1, "{ahead_ms} ms ahead");
    set_wall_clock(ahead_ms);
    let mut request = activation();
    // Given back by the next round's deadline.
    request.timeout = DurationMs(1);
    let poll = broker.poll_jobs(request, Some(taken + LATE_MAX)).run();
    assert_eq!(poll.await.expect("is answered").jobs.len(), 1, "{ahead_ms} ms ahead: it is late");
    time::now() - taken
}

fn jumps(report: &CoreReport) -> u64 {
    report.metrics.clock_jumps
}

#[test]
fn deadlines_come_when_they_are_due_while_the_clock_goes_back_and_a_day_forward_and_back() {
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        create(&broker).await;
        for (seen, ahead_ms) in [(1, -DAY_MS), (2, DAY_MS), (3, 0)] {
            let took = comes_back_after(&broker, ahead_ms).await;
            println!("{ahead_ms} ms ahead: after {took:?}");
            let due = Duration::from_millis(TIMEOUT_MS as u64);
            assert!(
                took + Duration::from_millis(10) >= due && took < LATE_MAX,
                "{ahead_ms} ms ahead: {took:?}"
            );
            while jumps(&broker.report()) < seen {
                time::sleep(Duration::from_millis(20)).await;
            }
        }
        assert_eq!(jumps(&broker.report()), 3);
    });
}
