//! SIGKILL at random instants while instances go through the newer elements on two partitions: user tasks, messages, signals and timers in
//! flight, compensation, ad-hoc sub-processes, conditional events, called processes, instances that are suspended and resumed, one by one
//! and by batch operations, jobs changed by batch operations.
//!
//! Then all that was begun is brought to its end, and the exported records say what happened: everything once, nothing lost, and nothing
//! of what rests handed out. `RINGBOLT_KILLS=200` kills 100 times, half as often as the other test.

use crate::{LOAD_JOB_TIMEOUT_MS, start};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{Server, binary};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Kills, unless the environment says otherwise.
const KILLS: usize = 10;
const MODEL: &str = include_str!("everything.bpmn");
/// What each instance passes through exactly once. Its reminders come three times at most.
const ONCE: [&str; 9] = ["book", "call", "paid", "ask", "choose", "told", "merge", "back", "undo"];
/// How long a message is kept: longer than any kill.
const TTL_MS: u64 = 3_600_000;
/// Instances that are not brought to their end yet, at most: what is suspended must not grow for ever.
const OPEN_MAX: u64 = 150;

/// What the load knows for sure.
#[derive(Default)]
struct Known {
    /// Instances that were acknowledged, and their orders.
    created: BTreeMap<String, String>,
    /// Orders of which nobody knows whether the instance is there: its answer was cut off.
    unknown: BTreeSet<String>,
    /// Orders whose message was acknowledged.
    published: BTreeSet<String>,
    /// Jobs whose completion was acknowledged.
    completed: BTreeSet<String>,
    /// User tasks whose completion was acknowledged.
    answered: BTreeSet<String>,
    /// Batch operations that were acknowledged.
    batches: BTreeSet<String>,
}

/// What the threads of the load share.
struct Load {
    known: Mutex<Known>,
    numbers: AtomicU64,
    completed: AtomicU64,
    stop: AtomicBool,
}

/// One of the things that the load does again and again; nothing when the server is gone.
type Act = fn(&Load, &mut Client, &mut u64) -> Option<()>;

/// Asks; nothing when the server is gone.
fn ask(client: &mut Client, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let answer = client.request(method, path, "application/json", body.to_string().as_bytes()).ok()?;
    let is_fine = matches!(answer.status, 200 | 204 | 404 | 409 | 503 | 504);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(is_fine, "{method} {path} {body}: {} {text}", answer.status);
    let document = serde_json::from_str(&text).unwrap_or_default();
    Some((answer.status, document))
}

fn post(client: &mut Client, path: &str, body: &Value) -> Option<(u16, Value)> {
    ask(client, "POST", path, body)
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_else(|| panic!("{of} is no text")).to_owned()
}

impl Load {
    fn known<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().expect("no panic"))
    }

    /// Does something again and again until the server is gone.
    fn repeat(&self, server: &Server, seed: u64, act: Act) {
        let Ok(mut client) = Client::connect(server.rest) else { return };
        let mut random = seed;
        loop {
            if self.stop.load(Ordering::Relaxed) || act(self, &mut client, &mut random).is_none() {
                return;
            }
        }
    }

    /// Begins an instance, and publishes its message before or after it.
    fn begin(&self, client: &mut Client, random: &mut u64) -> Option<()> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        if number > OPEN_MAX + self.completed.load(Ordering::Relaxed) / 4 {
            self.numbers.fetch_sub(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
            return Some(());
        }
        let order = format!("order-{number}");
        self.known(|known| known.unknown.insert(order.clone()));
        let is_early = next(random).is_multiple_of(3);
        if is_early {
            self.publish(client, &order)?;
        }
        let body =
            json!({ "processDefinitionId": "everything", "variables": { "order": order, "go": false } });
        let (status, created) = post(client, "/v2/process-instances", &body)?;
        if status == 200 {
            let key = text(&created["processInstanceKey"]);
            self.known(|known| {
                known.unknown.remove(&order);
                known.created.insert(key, order.clone());
            });
        }
        if !is_early && next(random).is_multiple_of(2) {
            self.publish(client, &order)?;
        }
        Some(())
    }

    fn publish(&self, client: &mut Client, order: &str) -> Option<()> {
        let body =
            json!({ "name": "paid", "correlationKey": order, "messageId": order, "timeToLive": TTL_MS });
        let (status, _) = post(client, "/v2/messages/publication", &body)?;
        // What was published by a request whose answer was cut off, is there.
        if matches!(status, 200 | 409) {
            self.known(|known| known.published.insert(order.to_owned()));
        }
        Some(())
    }

    fn work(&self, client: &mut Client, random: &mut u64) -> Option<()> {
        let jobs_max = 1 + next(random) % 8;
        let body = json!({
            "type": "work", "worker": "w", "timeout": LOAD_JOB_TIMEOUT_MS, "maxJobsToActivate": jobs_max, "requestTimeout": -1
        });
        let (_, jobs) = post(client, "/v2/jobs/activation", &body)?;
        for job in jobs["jobs"].as_array().cloned().unwrap_or_default() {
            let key = text(&job["jobKey"]);
            let (status, _) = post(client, &format!("/v2/jobs/{key}/completion"), &json!({}))?;
            if status == 204 {
                self.completed.fetch_add(1, Ordering::Relaxed);
                self.known(|known| assert!(known.completed.insert(key), "a job is completed once"));
            }
        }
        Some(())
    }

    /// Completes user tasks as searches show them, and lets signals come.
    fn answer(&self, client: &mut Client, random: &mut u64) -> Option<()> {
        let body = json!({ "filter": { "state": "CREATED" }, "page": { "limit": 20 } });
        let (status, found) = post(client, "/v2/user-tasks/search", &body)?;
        let tasks = if status == 200 { found["items"].as_array().cloned() } else { None };
        for task in tasks.unwrap_or_default() {
            let key = text(&task["userTaskKey"]);
            let body = json!({ "variables": { "go": true } });
            let (status, _) = post(client, &format!("/v2/user-tasks/{key}/completion"), &body)?;
            if status == 204 {
                self.known(|known| assert!(known.answered.insert(key), "a task is completed once"));
            }
        }
        if next(random).is_multiple_of(4) {
            post(client, "/v2/signals/broadcast", &json!({ "signalName": "alarm" }))?;
        }
        Some(())
    }

    /// Lets one instance, or all, rest or go on; changes jobs.
    fn disturb(&self, client: &mut Client, random: &mut u64) -> Option<()> {
        let all = json!({ "processDefinitionId": "everything" });
        let (path, body) = match next(random) % 24 {
            0 => ("/v2/process-instances/suspension", json!({ "filter": all })),
            1 | 2 => ("/v2/process-instances/resumption", json!({ "filter": all })),
            3 => (
                "/v2/jobs/batch-update",
                json!({ "filter": { "type": "work" }, "changeset": { "priority": next(random) % 5 } }),
            ),
            choice => {
                let at = next(random) as usize;
                let some = self.known(|known| {
                    let at = at % known.created.len().max(1);
                    known.created.keys().nth_back(at.min(30)).cloned()
                });
                let verb = if choice.is_multiple_of(2) { "suspension" } else { "resumption" };
                if let Some(key) = some {
                    post(client, &format!("/v2/process-instances/{key}/{verb}"), &json!({}))?;
                }
                std::thread::sleep(Duration::from_millis(3));
                return Some(());
            }
        };
        let (status, created) = post(client, path, &body)?;
        if status == 200 {
            self.known(|known| known.batches.insert(text(&created["batchOperationKey"])));
        }
        Some(())
    }
}

/// The next of a row of numbers that follow from the first.
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random >> 11
}

fn kills() -> usize {
    let asked = std::env::var("RINGBOLT_KILLS").ok().and_then(|n| n.parse::<usize>().ok());
    asked.map_or(KILLS, |kills| kills.div_ceil(2))
}

fn count(client: &mut Client, path: &str, filter: &Value) -> Option<u64> {
    let body = json!({ "filter": filter, "page": { "limit": 1 } });
    let (status, found) = post(client, path, &body).expect("the server is there");
    if status == 200 { found["page"]["totalItems"].as_u64() } else { None }
}

/// Brings all to its end.
fn drain(server: &Server, load: &Load) {
    let mut client = server.client();
    let orders: Vec<String> =
        load.known(|known| known.created.values().chain(&known.unknown).cloned().collect());
    for order in &orders {
        load.publish(&mut client, order).expect("the server is there");
    }
    let mut random = 7;
    until("every instance ends, and every batch operation", || {
        let suspended = json!({ "filter": { "state": "SUSPENDED" }, "page": { "limit": 1000 } });
        let (_, found) = post(&mut client, "/v2/process-instances/search", &suspended)?;
        for instance in found["items"].as_array().cloned().unwrap_or_default() {
            let key = text(&instance["processInstanceKey"]);
            post(&mut client, &format!("/v2/process-instances/{key}/resumption"), &json!({}))?;
        }
        for _ in 0..20 {
            load.work(&mut client, &mut random)?;
        }
        load.answer(&mut client, &mut random)?;
        let left = count(
            &mut client,
            "/v2/process-instances/search",
            &json!({ "state": { "$in": ["ACTIVE", "SUSPENDED"] } }),
        )?;
        let going = count(
            &mut client,
            "/v2/batch-operations/search",
            &json!({ "state": { "$in": ["CREATED", "ACTIVE", "SUSPENDED"] } }),
        )?;
        (left == 0 && going == 0).then_some(())
    });
    until("all is exported", || {
        let lags = server.metric("ringbolt_exporter_lag_positions");
        (!lags.is_empty() && lags.iter().all(|lag| *lag == 0.0)).then_some(())
    });
}

/// What the exported records say.
#[derive(Default)]
struct Told {
    /// Elements that were completed, by instance and id, and how often.
    completed: BTreeMap<(String, String), u32>,
    /// Instances that were begun, with the process's id, and who called them.
    begun: BTreeMap<String, (String, String)>,
    ended: BTreeMap<String, u32>,
    /// The order of each message, and how often it was published.
    published: BTreeMap<String, u32>,
    correlated: BTreeMap<String, u32>,
    jobs_completed: BTreeMap<String, u32>,
    tasks_completed: BTreeMap<String, u32>,
    /// Items that were taken, by batch operation and item.
    items: BTreeMap<(String, String), u32>,
    batches_ended: BTreeMap<String, u32>,
    /// Jobs and instances that rest.
    resting: BTreeSet<String>,
    /// The instance of each job.
    jobs: BTreeMap<String, String>,
    rested: usize,
}

fn once<K: Ord>(counts: &mut BTreeMap<K, u32>, key: K) {
    *counts.entry(key).or_default() += 1;
}

impl Told {
    /// Reads all records; those of a partition come in the order of their positions, each once.
    fn read(directory: &Path) -> Self {
        let mut told = Self::default();
        let mut files: Vec<_> = fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        files.sort();
        let mut positions: BTreeMap<u64, u64> = BTreeMap::new();
        for path in files {
            for line in fs::read_to_string(path).expect("readable").lines() {
                let record: Value = serde_json::from_str(line).expect("a whole line");
                let number = |name: &str| record[name].as_u64().expect("a number");
                let last = positions.entry(number("partitionId")).or_default();
                assert!(number("position") > *last, "a record comes once and in its place: {line}");
                *last = number("position");
                if record["recordType"] == "EVENT" {
                    told.see(&record);
                }
            }
        }
        told
    }

    fn see(&mut self, record: &Value) {
        let value = &record["value"];
        let (key, of) = (record["key"].to_string(), |name: &str| value[name].to_string());
        let kind = text(&record["valueType"]);
        let intent = text(&record["intent"]);
        match (&*kind, &*intent) {
            ("PROCESS_INSTANCE", _) => self.see_element(key, &intent, value),
            ("MESSAGE", "PUBLISHED") => once(&mut self.published, text(&value["messageId"])),
            ("PROCESS_MESSAGE_SUBSCRIPTION", "CORRELATED") => {
                once(&mut self.correlated, of("processInstanceKey"))
            }
            ("JOB", "CREATED") => {
                assert!(
                    !self.resting.contains(&of("processInstanceKey")),
                    "nothing moves what rests: {record}"
                );
                self.jobs.insert(key, of("processInstanceKey"));
            }
            ("JOB", "SUSPENDED") => {
                self.rested += 1;
                self.resting.insert(key);
            }
            ("JOB", "RESUMED" | "CANCELED") => {
                self.resting.remove(&key);
            }
            ("JOB", "COMPLETED") => {
                assert!(!self.resting.contains(&key), "a job that rests is completed: {record}");
                once(&mut self.jobs_completed, key);
            }
            ("JOB_BATCH", "ACTIVATED") => {
                for key in value["jobKeys"].as_array().expect("a list") {
                    let key = key.to_string();
                    // An instance as small as these rests with all its jobs in the entry that suspends it.
                    let rests = self.resting.contains(&key) || self.resting.contains(&self.jobs[&key]);
                    assert!(!rests, "{key} rests, and is handed out: {record}");
                }
            }
            ("USER_TASK", "COMPLETED") => once(&mut self.tasks_completed, key),
            ("BATCH_OPERATION_EXECUTION", "EXECUTED") => {
                once(&mut self.items, (of("batchOperationKey"), of("itemKeys")));
            }
            ("BATCH_OPERATION_LIFECYCLE_MANAGEMENT", "COMPLETED") => {
                once(&mut self.batches_ended, of("batchOperationKey"));
            }
            _ => {}
        }
    }

    fn see_element(&mut self, key: String, intent: &str, value: &Value) {
        let instance = value["processInstanceKey"].to_string();
        let is_process = value["bpmnElementType"] == "PROCESS";
        match intent {
            "ELEMENT_ACTIVATED" if is_process => {
                let parent = value["parentProcessInstanceKey"].to_string();
                self.begun.insert(key, (text(&value["bpmnProcessId"]), parent));
            }
            "ELEMENT_COMPLETED" if is_process => once(&mut self.ended, key),
            "ELEMENT_COMPLETED" => once(&mut self.completed, (instance, text(&value["elementId"]))),
            "ELEMENT_TERMINATED" if is_process => panic!("nobody ended {key}"),
            "SUSPENDED" => {
                self.resting.insert(key);
            }
            "RESUMING" => {
                self.resting.remove(&key);
            }
            _ => {}
        }
    }

    fn check(&self, known: &Known) {
        let roots: BTreeSet<&String> =
            self.begun.iter().filter(|(_, (id, _))| id == "everything").map(|(key, _)| key).collect();
        for (key, (id, _)) in &self.begun {
            assert_eq!(self.ended.get(key), Some(&1), "{id} {key} ends once");
        }
        for root in &roots {
            for id in ONCE {
                let completed = self.completed.get(&((*root).clone(), id.to_owned()));
                assert_eq!(completed, Some(&1), "{id} of {root} is done once");
            }
            let reminded = self.completed.get(&((*root).clone(), "reminder".to_owned()));
            assert!(reminded.is_none_or(|times| *times <= 3), "{root} is reminded {reminded:?} times");
            let called = self.begun.values().filter(|(_, parent)| parent == *root).count();
            assert_eq!(called, 1, "{root} calls once");
            assert_eq!(self.correlated.get(*root), Some(&1), "{root} gets its message once");
        }
        for key in known.created.keys() {
            assert!(roots.contains(key), "{key} was acknowledged and is not there");
        }
        let most = known.created.len() + known.unknown.len();
        assert!(roots.len() <= most, "{} instances of {most} requests", roots.len());
        for (what, acknowledged, counts) in [
            ("message", &known.published, &self.published),
            ("job", &known.completed, &self.jobs_completed),
            ("user task", &known.answered, &self.tasks_completed),
            ("batch operation", &known.batches, &self.batches_ended),
        ] {
            let lost = acknowledged.iter().find(|key| !counts.contains_key(*key));
            assert_eq!(lost, None, "an acknowledged {what} is not there");
            let doubled = counts.iter().find(|(_, times)| **times != 1);
            assert_eq!(doubled, None, "a {what} comes once");
        }
        let doubled = self.items.iter().find(|(_, times)| **times != 1);
        assert_eq!(doubled, None, "each item is taken once");
    }
}

#[test]
fn whatever_is_in_flight_comes_to_its_end_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let more = ["--export-jsonl", out.to_str().expect("UTF-8")];
    let load = Load {
        known: Mutex::default(),
        numbers: AtomicU64::new(0),
        completed: AtomicU64::new(0),
        stop: AtomicBool::new(false),
    };
    let mut server = start(&data, None, 0, &more);
    let ports = [server.rest, server.grpc, server.management].map(|address| address.to_string());
    assert_eq!(server.client().deploy("everything.bpmn", MODEL).expect("an answer").status, 200);
    let mut moment = std::process::id().into();
    for round in 0..kills() {
        load.stop.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let acts: [Act; 6] =
                [Load::begin, Load::begin, Load::work, Load::work, Load::answer, Load::disturb];
            for (number, act) in acts.into_iter().enumerate() {
                let (load, server) = (&load, &server);
                scope.spawn(move || load.repeat(server, (round * 10 + number + 1) as u64, act));
            }
            std::thread::sleep(Duration::from_millis(50 + next(&mut moment) % 400));
            server.send_kill();
            load.stop.store(true, Ordering::Relaxed);
        });
        server.kill();
        server = start(&data, Some(&ports), round + 1, &more);
    }
    drain(&server, &load);
    server.stop();
    let verified = std::process::Command::new(binary()).arg("verify").arg(&data).output().expect("it runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let known = load.known.into_inner().expect("no panic");
    let told = Told::read(&out);
    told.check(&known);
    assert!(known.created.len() > kills(), "the load hardly ran: {} instances", known.created.len());
    println!(
        "{} kills, {} instances of everything, {} user tasks, {} messages, {} batch operations with {} items, {} jobs that rested",
        kills(),
        known.created.len(),
        told.tasks_completed.len(),
        told.published.len(),
        told.batches_ended.len(),
        told.items.len(),
        told.rested
    );
}
