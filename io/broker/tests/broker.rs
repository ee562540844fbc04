//! The broker on real cores with a real data directory, without sockets: what happens between a request's awaits.
//!
//! `RINGBOLT_POLL_ROUNDS` sets the rounds of the race of polls and creates, `tests/long polls` runs many of them.

mod rig;

use crate::rig::{activation, create, create_of, create_on, deploy, on_cores, one_life, settings};
use ringbolt_broker::metrics::Stage;
use ringbolt_broker::{Answer, CoreBroker, Refusal};
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::{ActivatedJob, Key, PartitionId, RequestContext};
use ringbolt_ring::{time, yield_now};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

/// A job that does not come back within this is lost to the test, not late.
const PATIENCE: Duration = Duration::from_secs(20);
/// More polls than a poll of all partitions usually takes: two flushes.
const POLLS_MAX: usize = 300;

/// What a future gives within this many polls.
async fn some_polls<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
            return Some(output);
        }
        yield_now().await;
    }
    None
}

#[test]
fn a_poll_that_ends_between_two_partitions_gives_its_jobs_back() {
    on_cores(1, 2, async |broker| {
        deploy(&broker).await;
        for _ in 0..2 {
            create(&broker).await;
        }
        // Given up after every number of steps; whatever it had by then is there for the next one.
        for polls in 0..POLLS_MAX {
            if let Some(ended) = some_polls(broker.poll_jobs(activation(), None).run(), polls).await {
                broker.give_back(ended.expect("is answered").jobs.iter().map(ActivatedJob::activation));
            }
            // A partition that was still activating gives its job back when it has committed.
            let deadline = Some(time::now() + PATIENCE);
            let mut keys = Vec::new();
            while keys.len() < 2 {
                let batch = broker.poll_jobs(activation(), deadline).run().await.expect("is answered");
                assert!(!batch.jobs.is_empty(), "given up after {polls} polls, {} came back", keys.len());
                keys.extend(batch.jobs.iter().map(ActivatedJob::activation));
            }
            broker.give_back(keys);
        }
    });
}

/// Rounds of one poll racing one create, unless told otherwise; a round whose job does not come at once has lost its
/// wake-up.
const RACES: usize = 300;
/// How long a job may take to the poll that waits for it, on a machine that does other things too.
const RACE_MAX: Duration = Duration::from_secs(2);
/// Entries of other work a second, each with a job that nobody wants.
const ASIDE_PER_SECOND: u32 = 2_000;

/// Lets one poll and one create race, the create on the given partition, and begun after the poll by so many steps.
/// What the poll answers, and how long it took from the create's begin.
async fn race(broker: &CoreBroker, partition: PartitionId, head_start: usize) -> (Vec<Key>, Duration) {
    let mut poll = pin!(broker.poll_jobs(activation(), Some(time::now() + 2 * RACE_MAX)).run());
    let mut create = pin!(create_on(broker, partition));
    let (mut answered, mut steps) = (None, 0);
    let created = poll_fn(|cx| {
        steps += 1;
        if answered.is_none()
            && let Poll::Ready(answer) = poll.as_mut().poll(cx)
        {
            answered = Some((answer, time::now()));
        }
        if steps <= head_start {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        create.as_mut().poll(cx)
    });
    let began = created.await;
    let (batch, came) = match answered {
        Some(answered) => answered,
        None => (poll.await, time::now()),
    };
    let keys = batch.expect("is answered").jobs.iter().map(|job| job.key).collect();
    (keys, came.saturating_duration_since(began))
}

/// Other work for as long as it is held: entries that are on their way to the disk when a poll looks.
async fn work_aside(broker: CoreBroker, goes_on: Rc<Cell<bool>>) {
    let partitions = broker.partitions().to_vec();
    for turn in 0.. {
        if !goes_on.get() {
            return;
        }
        let (broker, partition) = (broker.clone(), partitions[turn % partitions.len()]);
        ringbolt_ring::spawn(async move {
            drop(broker.submit(partition, create_of("aside"), RequestContext::default()).await);
        });
        time::sleep(Duration::from_secs(1) / ASIDE_PER_SECOND).await;
    }
}

/// The job of a create, one at a time, reaches the poll that looks at about the same time, and only once.
async fn check_races(broker: CoreBroker, name: String) {
    let rounds = std::env::var("RINGBOLT_POLL_ROUNDS").map_or(RACES, |text| text.parse().expect("a number"));
    deploy(&broker).await;
    let goes_on = Rc::new(Cell::new(true));
    ringbolt_ring::spawn(work_aside(broker.clone(), goes_on.clone()));
    let mut seen = BTreeSet::new();
    let partitions = broker.partitions().to_vec();
    let mut latencies = Vec::new();
    for round in 0..rounds {
        let (keys, took) = race(&broker, partitions[(round / 7) % partitions.len()], round % 13).await;
        assert!(took < RACE_MAX, "{name}, round {round}: the job came after {took:?}");
        assert_eq!(keys.len(), 1, "{name}, round {round}");
        assert!(keys.into_iter().all(|key| seen.insert(key)), "{name}, round {round}: a job came twice");
        latencies.push(took);
    }
    goes_on.set(false);
    latencies.sort();
    let at = |part: f64| latencies[((rounds - 1) as f64 * part) as usize].as_micros();
    let flush = broker.report().metrics.stage(Stage::Flush).quantile_us(0.99);
    println!(
        "{name}: {rounds} rounds, create to poll p50 {} us, p99 {} us, max {} us; flush p99 {flush:.0} us",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

#[test]
fn a_job_that_is_created_while_a_poll_looks_reaches_it() {
    for (cores, partitions) in [(1, 1), (1, 4), (2, 2), (2, 4)] {
        let name = format!("{cores} cores, {partitions} partitions");
        on_cores(cores, partitions, async move |broker| check_races(broker, name.clone()).await);
    }
}

/// Jobs that several partitions have at once fill one poll, and none that was activated in vain stays away.
#[test]
fn what_comes_too_much_is_there_for_the_next_poll() {
    on_cores(2, 4, async |broker| {
        deploy(&broker).await;
        for partition in broker.partitions().to_vec() {
            for _ in 0..5 {
                create_on(&broker, partition).await;
            }
        }
        let mut seen = BTreeSet::new();
        while seen.len() < 20 {
            let request = ActivateJobs { jobs_max: 3, ..activation() };
            let deadline = Some(time::now() + PATIENCE);
            let batch = broker.poll_jobs(request, deadline).run().await.expect("is answered");
            assert!((1..=3).contains(&batch.jobs.len()), "{} jobs after {}", batch.jobs.len(), seen.len());
            assert!(batch.jobs.iter().all(|job| seen.insert(job.key)), "a job came twice");
        }
        let empty = broker.poll_jobs(activation(), None).run().await.expect("is answered");
        assert_eq!(empty.jobs, []);
        assert_eq!(broker.report().polls_waiting, 0);
    });
}

/// A poll that asks for as many as there are gets them all, on whichever cores they are, also without waiting. A core that
/// does not answer soon is left out, which a machine that does other things makes happen: its jobs are there for the next.
#[test]
fn a_poll_brings_what_all_cores_have() {
    on_cores(3, 6, async |broker| {
        deploy(&broker).await;
        let partitions = broker.partitions().to_vec();
        let mut complete = 0;
        // More rounds than polls take to begin at each core and partition in its turn.
        for round in 0..24 {
            let mut created = 0;
            for (number, partition) in partitions.iter().enumerate() {
                // Some have none; each has its turn at that.
                for _ in 0..(number + round) % partitions.len() {
                    create_on(&broker, *partition).await;
                    created += 1;
                }
            }
            let mut seen = BTreeSet::new();
            for poll in 0.. {
                let request = ActivateJobs { jobs_max: created, ..activation() };
                // The first does not wait.
                let deadline = (poll > 0).then(|| time::now() + PATIENCE);
                let batch = broker.poll_jobs(request, deadline).run().await.expect("is answered");
                assert!(batch.jobs.iter().all(|job| seen.insert(job.key)), "a job came twice");
                complete += u32::from(poll == 0 && seen.len() == created as usize);
                if seen.len() == created as usize {
                    break;
                }
            }
        }
        assert!(complete > 12, "{complete} of 24 polls brought all");
    });
}

/// A thousand polls that wait cost a command nothing, and all end when the server drains.
#[test]
fn polls_that_wait_end_with_the_drain() {
    on_cores(2, 2, async |broker| {
        deploy(&broker).await;
        let ended = Rc::new(Cell::new(0));
        for _ in 0..1_000 {
            let (broker, ended) = (broker.clone(), ended.clone());
            ringbolt_ring::spawn(async move {
                let request = ActivateJobs { job_type: "rare".into(), ..activation() };
                let batch = broker.poll_jobs(request, Some(time::now() + PATIENCE)).run().await;
                assert_eq!(batch.expect("is answered").jobs, []);
                ended.set(ended.get() + 1);
            });
        }
        while broker.report().partitions.iter().any(|partition| partition.stats.polls < 1_000) {
            yield_now().await;
        }
        create(&broker).await;
        assert_eq!(ended.get(), 0);
        broker.drain();
        while ended.get() < 1_000 {
            yield_now().await;
        }
        assert_eq!(broker.report().partitions[0].stats.polls, 0);
    });
}

#[test]
fn a_position_is_given_out_when_it_is_committed_and_known_in_every_later_life() {
    const ONE: PartitionId = PartitionId(1);
    let folder = tempfile::tempdir().expect("a folder");
    let given = Arc::new(AtomicU64::new(0));
    let gives = given.clone();
    one_life(folder.path(), 1, settings(1), async move |broker| {
        deploy(&broker).await;
        let last = || broker.last_position(ONE).expect("there is a partition 1").0;
        let before = last();
        let mut created = pin!(broker.submit(ONE, create_of("one_task"), RequestContext::default()));
        let first = poll_fn(|cx| Poll::Ready(created.as_mut().poll(cx))).await;
        assert!(first.is_pending(), "nothing is durable at once");
        assert_eq!(last(), before, "the entry is written, but not committed");
        drop(created.await);
        assert!(last() > before);
        gives.store(last(), Ordering::SeqCst);
    });
    let given = given.load(Ordering::SeqCst);
    // A copy, since the old life lets go of its files when it likes.
    let copied = tempfile::tempdir().expect("a folder");
    copy(folder.path(), copied.path());
    one_life(copied.path(), 1, settings(1), async move |broker| {
        assert!(broker.last_position(ONE).is_some_and(|last| last.0 >= given));
    });
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let (from, to) = (entry.as_ref().expect("ours").path(), to.join(entry.expect("ours").file_name()));
        if from.is_dir() {
            fs::create_dir(&to).expect("a folder");
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("a file");
        }
    }
}

#[test]
fn a_request_that_is_dismissed_is_told_so() {
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        let partition = broker.partitions()[0];
        let mut created = pin!(broker.submit(partition, create_of("one_task"), RequestContext::default()));
        let first = poll_fn(|cx| Poll::Ready(created.as_mut().poll(cx))).await;
        assert!(first.is_pending(), "nothing is durable at once");
        broker.dismiss();
        let answer = created.await;
        assert!(matches!(answer, Answer::Refusal(Refusal::Stopped { .. })), "{answer:?}");
    });
}
