//! The binary on disks that are full, that fail and that rot: it says what is wrong, shows nothing wrong, and loses
//! nothing that it acknowledged.
//!
//! The full disk is a small file system in memory, mounted in a mount namespace of its own that ends with the test;
//! where mounting is refused that test says NOT TESTED. A failing write is made with a file size limit that is set on
//! the running process.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One partition on one core with the smallest segments, and checkpoints that start early.
const ARGS: [&str; 10] = [
    "--partitions",
    "1",
    "--cores",
    "0",
    "--segment-mib",
    "32",
    "--overlay-mib",
    "1",
    "--checkpoint-log-mib",
    "1",
];
/// How long a start that should be refused may take before it is ended.
const START_MAX: Duration = Duration::from_secs(30);
/// Size of the small file system.
const DISK_MIB: u64 = 200;
/// The first segment, the next one, and one in reserve.
const LOG_WITH_RESERVE_BYTES: f64 = ((8 + 32 + 32) << 20) as f64;
/// Journal blocks, and with them batches, begin at multiples of this.
const BLOCK: usize = 4096;
/// Bytes of a batch before its entries.
const BATCH_HEADER: usize = 96;

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn deploy(client: &mut Client) {
    let response = client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    assert_eq!(response.status, 200, "{}", text(&response));
}

fn try_create(client: &mut Client, variables: &Value) -> Response {
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    client.post("/v2/process-instances", &body).expect("an answer")
}

fn key_of(response: &Response) -> String {
    assert_eq!(response.status, 200, "{}", text(response));
    response.json()["processInstanceKey"].as_str().expect("a key").to_owned()
}

fn create(client: &mut Client, variables: &Value) -> String {
    key_of(&try_create(client, variables))
}

/// Polls once for jobs that the caller then has for ten minutes; fetches one small variable only.
fn poll(client: &mut Client, jobs_max: u32, request_timeout_ms: i64) -> Response {
    let body = json!({
        "type": "work", "worker": "w", "timeout": 600_000, "maxJobsToActivate": jobs_max,
        "requestTimeout": request_timeout_ms, "fetchVariable": ["x"]
    });
    client.post("/v2/jobs/activation", &body).expect("an answer")
}

/// Job keys by instance, of all jobs that can be activated.
fn open_jobs(client: &mut Client) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    loop {
        let response = poll(client, 1_000, -1);
        assert_eq!(response.status, 200, "{}", text(&response));
        let jobs = response.json()["jobs"].as_array().cloned().unwrap_or_default();
        if jobs.is_empty() {
            return found;
        }
        let text_of = |job: &Value, field: &str| job[field].as_str().expect("a key").to_owned();
        found.extend(jobs.iter().map(|job| (text_of(job, "processInstanceKey"), text_of(job, "jobKey"))));
    }
}

fn complete(client: &mut Client, job: &str) -> Response {
    client.post(&format!("/v2/jobs/{job}/completion"), &json!({})).expect("an answer")
}

fn health(server: &Server) -> Response {
    let mut client = Client::connect(server.management).expect("the server listens");
    client.get("/actuator/health").expect("an answer")
}

fn metric(server: &Server, name: &str) -> f64 {
    let mut client = Client::connect(server.management).expect("the server listens");
    let page = text(&client.get("/actuator/prometheus").expect("an answer"));
    let line =
        page.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])));
    let line = line.unwrap_or_else(|| panic!("no metric {name}"));
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number")
}

/// Lines that a server writes to standard error, as they come.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn of(server: &mut Server) -> Self {
        let log = Self::default();
        let lines = BufReader::new(server.take_stderr().expect("standard error is piped")).lines();
        let own = log.clone();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| own.0.lock().expect("no panic").push(line));
        });
        log
    }

    fn wait_for(&self, words: &[&str]) -> String {
        until(&format!("a log line with {words:?}"), || {
            let lines = self.0.lock().expect("no panic");
            lines.iter().find(|line| words.iter().all(|word| line.contains(word))).cloned()
        })
    }
}

/// A server whose data is on the small disk.
fn start_inside(disk: &SmallDisk) -> Server {
    let mut command = disk.enter(&start_command(&disk.directory().join("data"), &ARGS));
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    Server::start_with(command)
}

/// Takes what is left of the disk once the server's log has its reserve. Before that an entry may have to wait for a
/// segment that never comes, and its client for an answer.
fn fill(disk: &SmallDisk, server: &Server) -> PathBuf {
    until("the log has its reserve", || {
        (metric(server, "ringbolt_core_journal_bytes") >= LOG_WITH_RESERVE_BYTES).then_some(())
    });
    disk.fill()
}

/// Creates large instances until the disk is full; returns the refusal.
fn create_until_full(client: &mut Client, created: &mut BTreeSet<String>) -> Response {
    let large = json!({ "x": 1, "payload": "p".repeat(1 << 20) });
    while created.len() < 2 * DISK_MIB as usize {
        let response = try_create(client, &large);
        match response.status {
            200 => drop(created.insert(key_of(&response))),
            // On a busy machine the server may be too slow for a moment, which is another thing.
            503 if text(&response).contains("is overloaded") => {
                std::thread::sleep(Duration::from_millis(200))
            }
            _ => return response,
        }
    }
    panic!("the disk was never full");
}

#[test]
fn a_full_disk_refuses_new_work_and_recovers_by_itself() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(disk) = SmallDisk::mount(directory.path(), DISK_MIB) else {
        eprintln!("NOT TESTED: a full disk, because mounting a file system is not allowed here");
        return;
    };
    let mut server = start_inside(&disk);
    let log = Log::of(&mut server);
    let mut client = server.client();
    deploy(&mut client);
    let early: BTreeSet<String> = (0..20).map(|n| create(&mut client, &json!({ "x": n }))).collect();
    let jobs = open_jobs(&mut client);
    assert_eq!(jobs.keys().cloned().collect::<BTreeSet<_>>(), early);

    let filler = fill(&disk, &server);
    let mut created = BTreeSet::new();
    let refused = create_until_full(&mut client, &mut created);
    assert_eq!((refused.status, refused.content_type.as_str()), (503, "application/problem+json"));
    assert!(text(&refused).contains("disk is full"), "{}", text(&refused));
    log.wait_for(&["new work is refused", "No space left"]);
    assert_eq!(client.get("/v2/topology").expect("an answer").status, 200);
    assert_eq!(client.get("/v2/status").expect("an answer").status, 204);
    for job in jobs.values().take(10) {
        let done = complete(&mut client, job);
        assert_eq!(done.status, 204, "{}", text(&done));
    }
    assert_eq!(try_create(&mut client, &json!({})).status, 503);
    assert_eq!(health(&server).status, 200, "a full disk stops no partition");
    let checkpoints = metric(&server, "ringbolt_checkpoints_total");

    fs::remove_file(&filler).expect("our own file");
    created.insert(until("creations are taken again", || {
        let response = try_create(&mut client, &json!({ "x": 2 }));
        (response.status == 200).then(|| key_of(&response))
    }));
    log.wait_for(&["space again"]);
    // One that found no space is tried again; if none did, the next one comes.
    until("checkpoints go on", || {
        created.insert(create(&mut client, &json!({ "x": 3 })));
        (metric(&server, "ringbolt_checkpoints_total") > checkpoints).then_some(())
    });
    for job in jobs.values().skip(10) {
        assert_eq!(complete(&mut client, job).status, 204);
    }
    server.kill();

    let server = start_inside(&disk);
    let mut client = server.client();
    let open = open_jobs(&mut client);
    assert_eq!(open.keys().cloned().collect::<BTreeSet<_>>(), created);
    for job in jobs.values() {
        assert_eq!(complete(&mut client, job).status, 404, "a completed job is back");
    }
    // A stop does not wait for space that may never come.
    let filler = fill(&disk, &server);
    create_until_full(&mut client, &mut created);
    server.stop();
    check_start_on_a_full_disk(&disk, &open, created, &filler);
}

/// Nor does a start: what was acknowledged is served, and completions go on.
fn check_start_on_a_full_disk(
    disk: &SmallDisk,
    in_hand: &BTreeMap<String, String>,
    mut created: BTreeSet<String>,
    filler: &Path,
) {
    let server = start_inside(disk);
    let mut client = server.client();
    // Segments that the last run gave back may hold a few more.
    let more = try_create(&mut client, &json!({}));
    assert!(matches!(more.status, 200 | 503), "{}", text(&more));
    created.extend((more.status == 200).then(|| key_of(&more)));
    // The others are in the hands of the worker before.
    created.retain(|instance| !in_hand.contains_key(instance));
    let open = open_jobs(&mut client);
    assert_eq!(open.keys().cloned().collect::<BTreeSet<_>>(), created);
    for (_, job) in open.iter().take(5) {
        assert_eq!(complete(&mut client, job).status, 204);
    }
    assert_eq!(health(&server).status, 200);
    fs::remove_file(filler).expect("our own file");
    until("creations are taken again", || (try_create(&mut client, &json!({})).status == 200).then_some(()));
}

/// Where an intact-looking batch stands: file, offset, sequence and bytes of entries.
struct BatchAt {
    file: PathBuf,
    offset: u64,
    sequence: u64,
    entry_bytes: u32,
}

fn files_under(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// All batches of a data directory with one journal, in order.
fn batches(data: &Path) -> Vec<BatchAt> {
    let mut found = Vec::new();
    for file in files_under(data) {
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        if !name.starts_with("segment-") {
            continue;
        }
        let bytes = fs::read(&file).expect("a readable segment");
        for (block, head) in bytes.chunks_exact(BLOCK).enumerate() {
            if head.starts_with(b"RBJBATCH") {
                let sequence = u64::from_le_bytes(head[48..56].try_into().expect("eight bytes"));
                let entry_bytes = u32::from_le_bytes(head[76..80].try_into().expect("four bytes"));
                found.push(BatchAt {
                    file: file.clone(),
                    offset: (block * BLOCK) as u64,
                    sequence,
                    entry_bytes,
                });
            }
        }
    }
    found.sort_by_key(|batch| batch.sequence);
    found
}

fn flip(file: &Path, offset: u64) {
    let file = OpenOptions::new().read(true).write(true).open(file).expect("our own file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("a byte");
    file.write_all_at(&[!byte[0]], offset).expect("written");
}

/// Every file's path, size and content as a number.
fn fingerprint(data: &Path) -> Vec<(PathBuf, u64, u64)> {
    let print = |path: PathBuf| {
        use std::hash::{DefaultHasher, Hasher};
        let bytes = fs::read(&path).expect("a readable file");
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        (path, bytes.len() as u64, hasher.finish())
    };
    files_under(data).into_iter().map(print).collect()
}

fn refused_start(data: &Path) -> Output {
    let mut command = start_command(data, &ARGS);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let started = Instant::now();
    while started.elapsed() < START_MAX && child.try_wait().expect("our own child").is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    // It has ended, unless it serves a damaged directory.
    let _ = child.kill();
    let output = child.wait_with_output().expect("our own child");
    assert_eq!(output.status.code(), Some(1), "a damaged directory was opened");
    output
}

#[test]
fn corruption_in_the_middle_of_the_log_is_refused_with_its_place() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    deploy(&mut client);
    for n in 0..10 {
        create(&mut client, &json!({ "x": n }));
    }
    server.kill();
    let batches = batches(directory.path());
    let damaged = &batches[batches.len() / 2];
    assert!(damaged.entry_bytes > 0, "batches in the middle hold entries");
    let at = damaged.offset + (BATCH_HEADER + 60) as u64;
    flip(&damaged.file, at);
    let before = fingerprint(directory.path());
    let message = String::from_utf8_lossy(&refused_start(directory.path()).stderr).into_owned();
    let file = damaged.file.file_name().expect("a file").to_string_lossy();
    assert!(message.contains(&*file), "{message}");
    assert!(message.contains(&format!("offset {}", damaged.offset)), "{message}");
    assert!(message.contains("corrupt"), "{message}");
    assert_eq!(fingerprint(directory.path()), before, "a refused start changed something");
    // Put back, it starts: the damage was all that kept it from it.
    flip(&damaged.file, at);
    let server = Server::start(directory.path(), &ARGS);
    assert_eq!(open_jobs(&mut server.client()).len(), 10);
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    deploy(&mut client);
    let before: BTreeSet<String> = (0..10).map(|n| create(&mut client, &json!({ "x": n }))).collect();
    // Large enough for its batch to be torn in its middle, several blocks behind the header.
    let torn = create(&mut client, &json!({ "x": 0, "payload": "p".repeat(8 * BLOCK) }));
    server.kill();
    let batches = batches(directory.path());
    let last = batches.iter().rfind(|batch| batch.entry_bytes > 0).expect("a batch");
    assert!(last.entry_bytes as usize > 8 * BLOCK, "the last batch is the large one");
    let file = OpenOptions::new().write(true).open(&last.file).expect("our own file");
    let lost = vec![0; last.entry_bytes as usize - 3 * BLOCK];
    file.write_all_at(&lost, last.offset + 3 * BLOCK as u64).expect("written");

    let mut command = start_command(directory.path(), &ARGS);
    command.stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let name = last.file.file_name().expect("a file").to_string_lossy().into_owned();
    let line = Log::of(&mut server).wait_for(&["torn", &name]);
    assert!(line.contains(&format!("offset {}", last.offset)), "{line}");
    let mut client = server.client();
    let open = open_jobs(&mut client);
    assert_eq!(open.keys().cloned().collect::<BTreeSet<_>>(), before, "only {torn} may be gone");
    let after = create(&mut client, &json!({ "x": 1 }));
    server.kill();
    let server = Server::start(directory.path(), &ARGS);
    assert_eq!(open_jobs(&mut server.client()).into_keys().collect::<Vec<_>>(), [after]);
}

#[test]
fn a_rotten_row_of_the_state_stops_the_partition() {
    const MARKER: &str = "this-value-will-rot";
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    deploy(&mut client);
    create(&mut client, &json!({ "x": MARKER }));
    // A stop in good order writes the state.
    server.stop();
    let state = files_under(directory.path());
    let state = state.iter().find(|path| path.ends_with("data.mdb")).expect("a state");
    let bytes = fs::read(state).expect("a readable state");
    let places: Vec<usize> =
        (0..bytes.len() - MARKER.len()).filter(|at| bytes[*at..].starts_with(MARKER.as_bytes())).collect();
    assert!(!places.is_empty(), "the value is nowhere in the state");
    for at in places {
        flip(state, at as u64 + 3);
    }

    let mut command = start_command(directory.path(), &ARGS);
    command.stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let log = Log::of(&mut server);
    let mut client = server.client();
    let answer = poll(&mut client, 1, -1);
    assert_eq!(answer.status, 503, "{}", text(&answer));
    assert!(text(&answer).contains("checksum"), "{}", text(&answer));
    let health = health(&server);
    assert_eq!(health.status, 503);
    let cause = health.json()["components"]["partition-1"]["details"]["cause"].to_string();
    assert!(cause.contains("state table 7") && cause.contains("checksum mismatch"), "{}", text(&health));
    log.wait_for(&["stopped", "checksum mismatch"]);
    assert_eq!(try_create(&mut client, &json!({})).status, 503);
    assert_eq!(client.get("/v2/topology").expect("an answer").status, 200);
    server.stop();
}

/// From now on the process cannot write to files.
fn forbid_writes(server: &Server) {
    let pid = server.pid().to_string();
    let status = Command::new("prlimit").args(["--pid", &pid, "--fsize=0:0"]).status().expect("prlimit runs");
    assert!(status.success());
}

#[test]
fn a_failed_write_stops_the_partition_and_loses_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    // A write beyond the limit would end the process if it did not ignore the signal.
    let inner = start_command(directory.path(), &ARGS);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let log = Log::of(&mut server);
    let mut client = server.client();
    deploy(&mut client);
    let mut created: BTreeSet<String> = (0..10).map(|n| create(&mut client, &json!({ "x": n }))).collect();
    let jobs = open_jobs(&mut client);
    let mut waiting = server.client();
    let waits = std::thread::spawn(move || poll(&mut waiting, 1, 3_600_000));
    until("the poll waits", || (metric(&server, "ringbolt_core_polls_waiting") >= 1.0).then_some(()));

    forbid_writes(&server);
    let refused = complete(&mut client, jobs.values().next().expect("a job"));
    assert_eq!(refused.status, 503, "{}", text(&refused));
    let detail = text(&refused);
    assert!(
        detail.contains("cannot write") && detail.contains("segment-") && detail.contains("offset"),
        "{detail}"
    );
    let waited = waits.join().expect("an answer");
    assert_eq!(waited.status, 503, "{}", text(&waited));
    assert_eq!(health(&server).status, 503);
    log.wait_for(&["stopped", "cannot write", "segment-"]);
    assert_eq!(try_create(&mut client, &json!({})).status, 503);
    let topology = client.get("/v2/topology").expect("an answer").json();
    assert_eq!(topology["brokers"][0]["partitions"][0]["health"], "dead");
    assert_eq!(client.get("/v2/status").expect("an answer").status, 503);
    server.stop();

    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    created.insert(create(&mut client, &json!({ "x": 1 })));
    let open = open_jobs(&mut client);
    let held: BTreeSet<String> = jobs.into_keys().collect();
    assert_eq!(open.keys().cloned().chain(held).collect::<BTreeSet<_>>(), created);
}
