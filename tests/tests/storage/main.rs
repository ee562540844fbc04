//! The binary's secondary storage: killed under load, with its disk full, and with its file damaged.
//!
//! `RINGBOLT_STORAGE_KILLS=50` kills more often than the default 8, `RINGBOLT_STORAGE_FAULTS=5` more often with a disk that is full, and with a damaged
//! file, than the default 2.

mod faults;

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use ringbolt_tests::until;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const SEARCH: &str = "/v2/process-instances/search";
/// Size of the small file system.
const DISK_MIB: u64 = 24;
/// What the tables say of a thing: its state, or its value.
type Things = BTreeMap<(String, i64), String>;

fn times(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Creates an instance and does the work of another, until the server is gone.
fn work(client: &mut Client) -> std::io::Result<()> {
    let body = json!({ "processDefinitionId": "one_task", "variables": { "n": 1, "text": "x".repeat(300) } });
    client.post("/v2/process-instances", &body)?;
    let body = json!({ "type": "work", "worker": "w", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": -1 });
    let jobs = client.post("/v2/jobs/activation", &body)?.json();
    let key = jobs["jobs"][0]["jobKey"].as_str().map(str::to_owned);
    if let Some(key) = key {
        client.post(&format!("/v2/jobs/{key}/completion"), &json!({ "variables": { "done": true } }))?;
    }
    Ok(())
}

/// Waits until a server has written so many rows.
fn wait_rows(server: &Server, goal: f64) {
    until("the load runs", || {
        (server.metric("ringbolt_storage_rows_total").iter().sum::<f64>() > goal).then_some(())
    });
}

fn wait_caught_up(server: &Server) {
    until("all is exported and can be searched", || {
        let lags = ["ringbolt_exporter_lag_positions", "ringbolt_storage_lag_positions"];
        let lags = lags.map(|name| server.metric(name));
        let is_known = !lags[1].is_empty();
        is_known.then_some(())?;
        lags.iter().all(|lags| lags.iter().all(|lag| *lag == 0.0)).then_some(())
    });
}

/// What the exported records leave.
fn of_records(directory: &Path) -> Things {
    let mut things = Things::new();
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")) {
        for line in fs::read_to_string(path).expect("readable").lines() {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            let (key, value) = (line["key"].as_i64().unwrap_or(0), &line["value"]);
            let (kind, intent) = (line["valueType"].as_str(), line["intent"].as_str().unwrap_or_default());
            let is_process = value["bpmnElementType"] == "PROCESS";
            let state = match intent.strip_prefix("ELEMENT_") {
                Some("ACTIVATING") => Some("0"),
                Some("COMPLETED") => Some("1"),
                Some("TERMINATED") => Some(if is_process { "3" } else { "2" }),
                _ => None,
            };
            let (table, says) = match (kind, state, intent) {
                (Some("PROCESS_INSTANCE"), Some(state), _) if is_process => {
                    ("process_instances", state.into())
                }
                (Some("PROCESS_INSTANCE"), Some(state), _) => ("element_instances", state.into()),
                (Some("JOB"), _, "CREATED") => ("jobs", "2".into()),
                (Some("JOB"), _, "COMPLETED") => ("jobs", "1".into()),
                // The work of a client that was killed with the server comes back after a minute.
                (Some("JOB"), _, "TIMED_OUT") => ("jobs", "8".into()),
                (Some("VARIABLE"), _, _) => {
                    ("variables", value["value"].as_str().unwrap_or_default().to_owned())
                }
                _ => continue,
            };
            things.insert((table.to_owned(), key), says);
        }
    }
    things
}

/// What the tables have; nothing twice.
fn of_tables(secondary: &Path, partitions: usize) -> Things {
    let mut things = Things::new();
    let columns = [
        ("process_instances", "process_instance_key, CAST(state AS TEXT)"),
        ("element_instances", "element_instance_key, CAST(state AS TEXT)"),
        ("jobs", "job_key, CAST(state AS TEXT)"),
        ("variables", "variable_key, value"),
    ];
    for partition in 1..=partitions {
        let directory = secondary.join(format!("partition-{partition}"));
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|ending| ending != "db") {
                continue;
            }
            let file = ringbolt_query::files::open_file(&path).expect("a database");
            for (table, columns) in columns {
                let mut rows = file.prepare(&format!("SELECT {columns} FROM {table}")).expect("SQL");
                let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("a query");
                for row in rows {
                    let (key, says) = row.expect("a row");
                    let before = things.insert((table.to_owned(), key), says);
                    assert_eq!(before, None, "{table} {key} is there twice");
                }
            }
        }
    }
    things
}

fn assert_same(tables: &Things, records: &Things) {
    let only = |these: &Things, those: &Things| -> Vec<(String, i64)> {
        these
            .iter()
            .filter(|(thing, says)| those.get(thing) != Some(says))
            .map(|(thing, _)| thing.clone())
            .collect()
    };
    let (more, less) = (only(tables, records), only(records, tables));
    assert!(
        more.is_empty() && less.is_empty(),
        "only in the tables: {more:?}; only in the records: {less:?}"
    );
}

#[test]
fn rows_are_those_of_the_records_however_often_the_process_is_killed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let out_text = out.to_str().expect("UTF-8");
    let args = ["--partitions", "2", "--cores", "0", "--export-jsonl", out_text, "--checkpoint-log-mib", "1"];
    let kills = times("RINGBOLT_STORAGE_KILLS", 8);
    for round in 0..kills {
        let server = Server::start(&data, &args);
        let mut client = server.client();
        if round == 0 {
            assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
        }
        let load = std::thread::spawn(move || while work(&mut client).is_ok() {});
        wait_rows(&server, 60.0 * (round % 4 + 1) as f64);
        server.send_kill();
        load.join().expect("the load ends with the connection");
        drop(server);
    }
    let server = Server::start(&data, &args);
    wait_caught_up(&server);
    server.stop();
    let (records, tables) = (of_records(&out), of_tables(&data.join("secondary"), 2));
    assert!(records.len() > 100, "{} things", records.len());
    assert_same(&tables, &records);
    println!("{kills} kills: {} rows are those of the records", tables.len());
}

/// A small disk for secondary storage of a data directory; none, which is said, where nothing may be mounted.
fn small_disk(data: &Path) -> Option<SmallDisk> {
    let secondary = data.join("secondary");
    fs::create_dir_all(&secondary).expect("created");
    let disk = SmallDisk::mount(&secondary, DISK_MIB);
    if disk.is_none() {
        eprintln!("NOT TESTED: a full disk, because mounting a file system is not allowed here");
    }
    disk
}

#[test]
fn a_full_disk_stops_rows_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let Some(disk) = small_disk(&data) else { return };
    let out_text = out.to_str().expect("UTF-8");
    let args = ["--partitions", "1", "--cores", "0", "--export-jsonl", out_text];
    let mut command = disk.enter(&start_command(&data, &args));
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let server = Server::start_with(command);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    until("rows are written", || (server.metric("ringbolt_storage_lag_positions") == [0.0]).then_some(()));
    let filler = disk.fill();
    for _ in 0..200 {
        work(&mut client).expect("an answer: the engine does not wait for rows");
    }
    until("it is degraded", || {
        let (status, body) = server.health();
        (status == 200 && body.contains("secondary-storage-partition-1") && body.contains("full"))
            .then_some(())
    });
    until("searches are refused", || (client.post(SEARCH, &json!({})).ok()?.status == 503).then_some(()));
    let one = json!({ "processDefinitionId": "one_task" });
    let created = client.post("/v2/process-instances", &one).expect("an answer");
    let position = format!("ringbolt-position: {}\r\n", created.header("ringbolt-position"));
    let refused = client.send("POST", SEARCH, &position, &json!({})).expect("an answer");
    let why = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(refused.status == 503 && why.contains("full"), "{}: {why}", refused.status);
    fs::remove_file(filler).expect("our own file");
    wait_caught_up(&server);
    until("it is healthy", || server.health().1.ends_with("\"status\":\"UP\"}").then_some(()));
    server.stop();
    // SQLite follows the way into the namespace to a place outside.
    let copy = dir.path().join("copy/partition-1");
    fs::create_dir_all(&copy).expect("created");
    for entry in fs::read_dir(disk.outside().join("partition-1")).expect("a directory") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, copy.join(path.file_name().expect("a name"))).expect("copied");
    }
    assert_same(&of_tables(&dir.path().join("copy"), 1), &of_records(&out));
}

#[test]
fn a_damaged_file_is_set_aside_and_the_engine_starts() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let args = ["--partitions", "1", "--cores", "0"];
    let server = Server::start(&data, &args);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    work(&mut client).expect("an answer");
    wait_caught_up(&server);
    server.stop();
    let hot = data.join("secondary/partition-1/hot.db");
    let length = fs::metadata(&hot).expect("it is there").len() as usize;
    fs::write(&hot, vec![0xa5; length]).expect("written");
    let server = Server::start(&data, &args);
    let mut client = server.client();
    work(&mut client).expect("an answer");
    wait_caught_up(&server);
    until("it is healthy", || server.health().1.ends_with("\"status\":\"UP\"}").then_some(()));
    let found = client.post(SEARCH, &json!({})).expect("an answer");
    let (status, since) = (found.status, found.header("ringbolt-complete-since").to_owned());
    assert!(status == 200 && since.starts_with("20") && since.ends_with('Z'), "{status} {since}");
    let unknown = client.request("GET", "/v2/process-instances/1", "", b"").expect("an answer");
    assert_eq!((unknown.status, unknown.header("ringbolt-complete-since")), (404, &*since));
    server.stop();
    assert!(data.join("secondary/partition-1.aside-1/hot.db").exists());
    let since = Connection::open(&hot)
        .and_then(|hot| hot.query_row("SELECT complete_since FROM store", [], |row| row.get::<_, i64>(0)));
    assert!(since.expect("a row") > 0, "it says since when all is there");
    assert!(of_tables(&data.join("secondary"), 1).keys().any(|(table, _)| table == "process_instances"));
}

/// The first core may serve before the second has opened its partitions: then their positions are waited for.
#[test]
fn a_position_is_known_right_after_a_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let args = ["--partitions", "2", "--cores", "0,1"];
    let mut positions: Vec<String> = Vec::new();
    for _ in 0..6 {
        let server = Server::start(&data, &args);
        let mut client = server.client();
        for position in &positions {
            let position = format!("ringbolt-position: {position}\r\n");
            let found = client.send("POST", SEARCH, &position, &json!({})).expect("an answer");
            assert_eq!(found.status, 200, "{position}: {}", found.json());
        }
        if positions.is_empty() {
            assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
        }
        let one = json!({ "processDefinitionId": "one_task" });
        let create = |_| client.post("/v2/process-instances", &one).expect("an answer");
        positions = (0..8).map(create).map(|answer| answer.header("ringbolt-position").to_owned()).collect();
        server.kill();
    }
}

/// What is alive comes from the engine's state, since the log is not read again from the begin.
#[test]
fn a_store_that_was_deleted_has_what_is_alive() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let args = ["--partitions", "2", "--cores", "0"];
    let server = Server::start(&data, &args);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    for number in 0..30 {
        let body = json!({ "processDefinitionId": "one_task", "businessId": format!("b-{number}"), "variables": { "n": number } });
        assert_eq!(client.post("/v2/process-instances", &body).expect("an answer").status, 200);
    }
    work(&mut client).expect("an answer");
    wait_caught_up(&server);
    server.stop();
    fs::remove_dir_all(data.join("secondary")).expect("it is there");
    let server = Server::start(&data, &args);
    let mut client = server.client();
    let mut count = |path: &str, filter: Value| {
        let found = client.post(path, &json!({ "filter": filter })).expect("an answer");
        let is_whole = path != SEARCH || filter != json!({}) || found.json()["page"]["totalItems"] == 30;
        let is_said = !found.header("ringbolt-incomplete").is_empty();
        assert!(is_whole || is_said, "less than is there, and nobody says so: {}", found.json());
        (found.json()["page"]["totalItems"].as_u64(), found.header("ringbolt-complete-since").to_owned())
    };
    until("what is alive is found", || (count(SEARCH, json!({})).0 == Some(30)).then_some(()));
    until("jobs are found", || {
        (count("/v2/jobs/search", json!({ "type": "work" })).0 == Some(30)).then_some(())
    });
    assert_eq!(count(SEARCH, json!({ "businessId": { "$like": "b-*" }, "state": "ACTIVE" })).0, Some(29));
    assert_eq!(count(SEARCH, json!({ "variables": [{ "name": "n", "value": "17" }] })).0, Some(1));
    assert_eq!(
        count("/v2/process-definitions/search", json!({ "processDefinitionId": "one_task" })).0,
        Some(1)
    );
    assert_eq!(
        count("/v2/element-instances/search", json!({ "elementId": "task", "state": "ACTIVE" })).0,
        Some(30)
    );
    // What comes after is found beside it, and how much is missing is said.
    let mut client = server.client();
    for _ in 0..6 {
        work(&mut client).expect("an answer");
    }
    wait_caught_up(&server);
    let found = client.post(SEARCH, &json!({ "filter": { "state": "COMPLETED" } })).expect("an answer");
    assert_eq!(found.json()["page"]["totalItems"], 6);
    assert!(found.header("ringbolt-complete-since").starts_with("20"), "{}", found.json());
    server.stop();
}

/// What changed while the server ran without secondary storage, and what the log no longer tells, is shown as it is, not as it was.
/// The log of a core that there is no more is given up once its partitions have gone to another one.
#[test]
fn a_start_with_fewer_cores_is_searched_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let mut server = Server::start(&data, &["--partitions", "2", "--cores", "0,1"]);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let create = |client: &mut Client| {
        let body = json!({ "processDefinitionId": "one_task" });
        assert_eq!(client.post("/v2/process-instances", &body).expect("an answer").status, 200);
    };
    for round in 1..=4 {
        for _ in 0..10 {
            create(&mut client);
        }
        wait_caught_up(&server);
        server.stop();
        let cores = if round % 2 == 0 { "0,1" } else { "0" };
        server = Server::start(&data, &["--partitions", "2", "--cores", cores]);
        client = server.client();
        create(&mut client);
        until("all are found", || {
            let answer = client.post("/v2/process-instances/search", &json!({})).expect("an answer");
            (answer.status == 200)
                .then(|| answer.json())
                .filter(|found| found["page"]["totalItems"] == 11 * round)
        });
    }
}

#[test]
fn after_a_time_without_storage_searches_show_how_things_stand() {
    let dir = tempfile::tempdir().expect("a directory");
    let small = [
        "--partitions",
        "1",
        "--cores",
        "0",
        "--segment-mib",
        "32",
        "--checkpoint-log-mib",
        "32",
        "--reader-budget-mib",
        "32",
    ];
    let server = Server::start(dir.path(), &small);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let create = |client: &mut Client, variables: &Value| {
        let body = json!({ "processDefinitionId": "one_task", "variables": variables });
        let created = client.post("/v2/process-instances", &body).expect("an answer").json();
        created["processInstanceKey"].as_str().expect("a key").to_owned()
    };
    let keys = [0, 1, 2].map(|number| create(&mut client, &json!({ "n": number })));
    let change = |client: &mut Client, number: usize, what: &str| {
        let path = format!("/v2/process-instances/{}/{what}", keys[number]);
        assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204, "{what}");
    };
    change(&mut client, 0, "suspension");
    let search = |client: &mut Client, what: &str| {
        let body = json!({ "filter": { "processInstanceKey": { "$in": keys } } });
        client.post(&format!("/v2/{what}/search"), &body).expect("an answer").json()["items"].clone()
    };
    let states = |client: &mut Client| {
        let items = search(client, "process-instances");
        let state = |key: &String| {
            let found = items.as_array()?.iter().find(|item| item["processInstanceKey"] == **key)?;
            Some(found["state"].as_str().unwrap_or_default().to_owned())
        };
        keys.each_ref().map(state).map(Option::unwrap_or_default)
    };
    until("all is there", || (states(&mut client) == ["SUSPENDED", "ACTIVE", "ACTIVE"]).then_some(()));
    server.stop();

    let server = Server::start(dir.path(), &[&small[..], &["--no-secondary-storage"]].concat());
    let mut client = server.client();
    change(&mut client, 0, "resumption");
    change(&mut client, 1, "suspension");
    let path = format!("/v2/element-instances/{}/variables", keys[2]);
    let set = client.request("PUT", &path, "application/json", br#"{"variables":{"n":7}}"#);
    assert_eq!(set.expect("an answer").status, 204);
    for _ in 0..2_000 {
        create(&mut client, &json!({ "payload": "p".repeat(60_000) }));
    }
    server.stop();

    let server = Server::start(dir.path(), &small);
    let mut client = server.client();
    until("it is told how things stand", || {
        let variables = search(&mut client, "variables");
        let values = variables.as_array()?.iter().map(|item| item["value"].as_str().unwrap_or_default());
        let mut values: Vec<&str> = values.collect();
        values.sort_unstable();
        let is_so = states(&mut client) == ["ACTIVE", "SUSPENDED", "ACTIVE"] && values == ["0", "1", "7"];
        is_so.then_some(())
    });
    let answer = client.post(SEARCH, &json!({})).expect("an answer");
    assert!(!answer.header("ringbolt-complete-since").is_empty(), "the log still told everything");
    server.stop();
}
