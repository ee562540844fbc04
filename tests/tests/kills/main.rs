//! SIGKILL again and again, under load, each followed at once by a start with other settings on the same ports.
//!
//! `RINGBOLT_KILLS=200` kills more often than the default 12; `tests/long kills` does.

mod elements;

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Kills, unless the environment says otherwise.
const KILLS: usize = 12;
/// Segment sizes that the starts take in turn, MiB.
const SEGMENT_MIB: [&str; 3] = ["32", "64", "48"];

fn kills() -> usize {
    std::env::var("RINGBOLT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS)
}

fn activate(client: &mut Client, jobs_max: u32, timeout_ms: i64) -> Vec<Value> {
    let body = json!({
        "type": "work", "worker": "w", "timeout": timeout_ms, "maxJobsToActivate": jobs_max, "requestTimeout": -1
    });
    let response = client.post("/v2/jobs/activation", &body).expect("an answer");
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    response.json()["jobs"].as_array().cloned().unwrap_or_default()
}

/// How long the crash test's workers have a job: short, so that a dead worker's jobs come back soon.
const LOAD_JOB_TIMEOUT_MS: u64 = 1_000;

/// What the load of the crash test knows for sure.
#[derive(Default)]
struct Acknowledged {
    created: BTreeSet<String>,
    /// Completed and acknowledged, by instance.
    completed: BTreeSet<String>,
    /// Completion sent, answer unknown: both outcomes are right.
    unknown: BTreeSet<String>,
    /// How often each job's completion was acknowledged.
    completions: BTreeMap<String, u32>,
}

/// Creates, activates and completes until the connection breaks.
fn load(server: &Server, known: &Mutex<Acknowledged>, payload_bytes: usize, stop: &AtomicBool) {
    let Ok(mut client) = Client::connect(server.rest) else { return };
    while !stop.load(Ordering::Relaxed) {
        let body = json!({ "processDefinitionId": "one_task", "variables": { "payload": "x".repeat(payload_bytes) } });
        let Ok(created) = client.post("/v2/process-instances", &body) else { return };
        // A log that waits for its next segment refuses new work for a moment.
        assert!(matches!(created.status, 200 | 503), "{}", String::from_utf8_lossy(&created.body));
        if created.status == 200 {
            let instance = created.json()["processInstanceKey"].as_str().expect("a key").to_owned();
            known.lock().expect("no panic").created.insert(instance);
        }
        let request = json!({
            "type": "work", "worker": "w", "timeout": LOAD_JOB_TIMEOUT_MS, "maxJobsToActivate": 2, "requestTimeout": -1
        });
        let Ok(response) = client.post("/v2/jobs/activation", &request) else { return };
        for job in response.json()["jobs"].as_array().cloned().unwrap_or_default() {
            let instance = job["processInstanceKey"].as_str().expect("a key").to_owned();
            let job = job["jobKey"].as_str().expect("a key").to_owned();
            known.lock().expect("no panic").unknown.insert(instance.clone());
            let Ok(done) = client.post(&format!("/v2/jobs/{job}/completion"), &json!({})) else { return };
            let mut known = known.lock().expect("no panic");
            known.unknown.remove(&instance);
            if done.status == 204 {
                known.completed.insert(instance);
                *known.completions.entry(job).or_default() += 1;
            }
        }
    }
}

/// After a crash: every acknowledged instance is completed or has its job, none has both.
fn check_after_crash(client: &mut Client, known: &Acknowledged) {
    let mut open = BTreeSet::new();
    loop {
        let jobs = activate(client, 1_000, 600_000);
        if jobs.is_empty() {
            break;
        }
        open.extend(jobs.iter().map(|job| job["processInstanceKey"].as_str().expect("a key").to_owned()));
    }
    for instance in &known.created {
        let is_open = open.contains(instance);
        if known.completed.contains(instance) {
            assert!(!is_open, "instance {instance} was completed, but its job is back");
        } else if !known.unknown.contains(instance) {
            assert!(is_open, "instance {instance} was acknowledged, but its job is gone");
        }
    }
    assert!(known.completions.values().all(|times| *times == 1), "a job was completed twice");
}

/// A start on the ports that the first one got, with settings that change with every start, and some that do not.
fn start(directory: &std::path::Path, ports: Option<&[String; 3]>, round: usize, more: &[&str]) -> Server {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = if cpus > 1 && round % 2 == 1 { "0,1" } else { "0" };
    let mut arguments = vec!["--partitions", "2", "--overlay-mib", "1", "--checkpoint-log-mib", "1"];
    arguments.extend(["--segment-mib", SEGMENT_MIB[round % SEGMENT_MIB.len()], "--cores", cores]);
    if let Some([rest, grpc, management]) = ports {
        arguments.extend(["--rest", rest, "--grpc", grpc, "--management", management]);
    }
    arguments.extend(more);
    Server::start(directory, &arguments)
}

#[test]
fn nothing_acknowledged_is_lost_and_a_start_follows_a_kill_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let known = Mutex::new(Acknowledged::default());
    let mut server = start(dir.path(), None, 0, &[]);
    let ports = [server.rest, server.grpc, server.management].map(|address| address.to_string());
    assert_eq!(server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let (mut waited, began) = (Duration::ZERO, Instant::now());
    for round in 0..kills() {
        let stop = AtomicBool::new(false);
        // Some rounds fill segments, some commit often.
        let payload_bytes = if round % 4 == 3 { 200_000 } else { 200 };
        std::thread::scope(|scope| {
            let work = || load(&server, &known, payload_bytes, &stop);
            for _ in 0..4 {
                scope.spawn(work);
            }
            // A different moment in every round, without a clock in the assertions.
            std::thread::sleep(Duration::from_millis(30 + (round as u64 * 37) % 200));
            server.send_kill();
            stop.store(true, Ordering::Relaxed);
        });
        // Every other start does not even wait until the process is gone.
        let killed = Instant::now();
        let old = if round % 2 == 0 {
            server.kill();
            None
        } else {
            Some(server)
        };
        server = start(dir.path(), Some(&ports), round + 1, &[]);
        waited = waited.max(killed.elapsed());
        drop(old);
    }
    let known = known.into_inner().expect("no panic");
    assert!(known.created.len() > kills(), "the load hardly ran: {} instances", known.created.len());
    // Jobs that a dead worker held come back after their deadline.
    std::thread::sleep(Duration::from_millis(LOAD_JOB_TIMEOUT_MS + 500));
    check_after_crash(&mut server.client(), &known);
    println!(
        "{} kills in {:.0} s, {} instances acknowledged, {} completed, {} unknown, slowest start {:.2} s",
        kills(),
        began.elapsed().as_secs_f64(),
        known.created.len(),
        known.completed.len(),
        known.unknown.len(),
        waited.as_secs_f64()
    );
}
