//! A disk that became full while the state grew, a kill, and a start on it: what is there is served, and room is all it
//! takes to go on.
//!
//! The disk is a small file system in memory; where mounting is refused the test says NOT TESTED.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use ringbolt_tests::until;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

/// Size of the file system, MiB: the log's first three segments, and less than a checkpoint of the default size needs.
const DISK_MIB: u64 = 234;
/// What the operator makes room with, MiB: for a checkpoint, the segments that follow it, and what secondary storage, which lies on the
/// same disk, has to catch up with (90 MiB here). With 200 it was 0.7 MiB too little, now and then.
const FILLER_MIB: usize = 320;
const PAYLOAD_BYTES: usize = 16 << 10;
/// Clients that create at the same time.
const CLIENTS: usize = 4;

fn start(disk: &SmallDisk) -> (Server, Arc<Mutex<String>>) {
    let inner = start_command(&disk.directory().join("data"), &["--partitions", "1", "--cores", "0"]);
    let mut command = disk.enter(&inner);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let log = Arc::new(Mutex::new(String::new()));
    let lines = BufReader::new(server.take_stderr().expect("piped")).lines();
    let own = log.clone();
    std::thread::spawn(move || {
        lines.map_while(Result::ok).for_each(|line| {
            let mut log = own.lock().expect("no panic");
            log.push_str(&line);
            log.push('\n');
        });
    });
    (server, log)
}

fn create(client: &mut Client, payload_bytes: usize) -> Response {
    let variables = json!({ "x": 1, "payload": "p".repeat(payload_bytes) });
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    client.post("/v2/process-instances", &body).expect("an answer")
}

fn instance_of(response: &Response) -> String {
    response.json()["processInstanceKey"].as_str().expect("a key").to_owned()
}

/// Creates until the server says that its disk is full; what was acknowledged.
fn create_until_full(server: &Server) -> BTreeSet<String> {
    let created = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = server.client();
                loop {
                    let response = create(&mut client, PAYLOAD_BYTES);
                    let text = String::from_utf8_lossy(&response.body).into_owned();
                    match response.status {
                        200 => drop(created.lock().expect("no panic").insert(instance_of(&response))),
                        503 if text.contains("disk is full") => return,
                        // The state or the log is behind for a moment.
                        503 => {}
                        other => panic!("{other}: {text}"),
                    }
                }
            });
        }
    });
    created.into_inner().expect("no panic")
}

/// The instances whose jobs can be activated, each with its job.
fn open_jobs(client: &mut Client, jobs_max: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while found.len() < jobs_max {
        let body = json!({
            "type": "work", "worker": "w", "timeout": 600_000, "maxJobsToActivate": 1_000.min(jobs_max - found.len()),
            "requestTimeout": -1, "fetchVariable": ["x"]
        });
        let response = client.post("/v2/jobs/activation", &body).expect("an answer");
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        let jobs = response.json()["jobs"].as_array().cloned().unwrap_or_default();
        if jobs.is_empty() {
            break;
        }
        found.extend(jobs.iter().map(|job| {
            let key = |name: &str| job[name].as_str().expect("a key").to_owned();
            (key("processInstanceKey"), key("jobKey"))
        }));
    }
    found
}

#[test]
fn a_start_on_a_full_disk_serves_and_goes_on_when_there_is_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(disk) = SmallDisk::mount(directory.path(), DISK_MIB + FILLER_MIB as u64) else {
        eprintln!("NOT TESTED: a start on a full disk, because mounting a file system is not allowed here");
        return;
    };
    let filler = disk.outside().join("filler");
    let mut file = File::create(&filler).expect("our own file");
    (0..FILLER_MIB).for_each(|_| file.write_all(&vec![1; 1 << 20]).expect("room"));
    drop(file);

    let (server, _) = start(&disk);
    assert_eq!(server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let mut created = create_until_full(&server);
    assert!(created.len() > 2_000, "{} instances fill the disk", created.len());
    server.kill();

    let (server, log) = start(&disk);
    let mut client = server.client();
    // What room the last segment still has is used: then it is full for this life too.
    created.extend(create_until_full(&server));
    for (instance, job) in open_jobs(&mut client, 10) {
        let path = format!("/v2/jobs/{job}/completion");
        assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
        assert!(created.remove(&instance), "{instance} was never acknowledged");
    }
    until("the log says how much is needed", || {
        let log = log.lock().expect("no panic");
        let said =
            log.contains("are needed") || log.contains("a segment takes") || log.contains("No space left");
        said.then_some(())
    });

    fs::remove_file(&filler).expect("our own file");
    until("creations are taken again", || {
        let response = create(&mut client, 10);
        (response.status == 200).then(|| created.insert(instance_of(&response)))
    });
    server.kill();
    let (server, _) = start(&disk);
    let found: BTreeSet<String> =
        open_jobs(&mut server.client(), usize::MAX).into_iter().map(|(instance, _)| instance).collect();
    assert_eq!(found.len(), created.len());
    assert!(found == created, "other instances are back than were acknowledged");
}
