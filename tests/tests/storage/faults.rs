//! Killed under load while the disk of secondary storage is full, and with its file damaged before the next start.

use crate::{
    SEARCH, Things, assert_same, of_records, of_tables, small_disk, times, wait_caught_up, wait_rows, work,
};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use ringbolt_tests::until;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// What an instance is in the records.
#[derive(Default)]
struct Instance {
    begun_ms: i64,
    things: BTreeSet<(String, i64)>,
}

fn faults() -> usize {
    times("RINGBOLT_STORAGE_FAULTS", 2)
}

/// Kills a server under load once it has written so many rows and `before` has been done.
fn kill_under_load(server: Server, goal: f64, before: impl FnOnce(&Server)) {
    let mut client = server.client();
    let load = std::thread::spawn(move || while work(&mut client).is_ok() {});
    wait_rows(&server, goal);
    before(&server);
    server.send_kill();
    load.join().expect("the load ends with the connection");
}

fn wait_healthy(server: &Server) {
    until("it is healthy", || server.health().1.ends_with("\"status\":\"UP\"}").then_some(()));
}

/// Copies a partition's files to where SQLite does not follow the way into the namespace to a place outside.
fn copy_out(disk: &SmallDisk, copy: &Path) {
    let to = copy.join("partition-1");
    fs::create_dir_all(&to).expect("created");
    for entry in fs::read_dir(disk.outside().join("partition-1")).expect("a directory") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn rows_are_those_of_the_records_when_it_is_killed_with_the_disk_full() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let Some(disk) = small_disk(&data) else { return };
    let args = ["--partitions", "1", "--cores", "0", "--export-jsonl", out.to_str().expect("UTF-8")];
    let start = || {
        let mut command = disk.enter(&start_command(&data, &args));
        command.stdin(Stdio::null()).stderr(Stdio::null());
        Server::start_with(command)
    };
    let degraded = |server: &Server| {
        until("it is degraded", || {
            let (status, body) = server.health();
            (status == 200 && body.contains("secondary-storage-partition-1") && body.contains("full"))
                .then_some(())
        });
    };
    let mut filler = None;
    for round in 0..faults() {
        let server = start();
        if round == 0 {
            assert_eq!(server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
        }
        // Every other start finds the disk still full.
        if let Some(filler) = filler.take() {
            let mut client = server.client();
            for _ in 0..20 {
                work(&mut client).expect("an answer: the engine does not wait for rows");
            }
            degraded(&server);
            fs::remove_file(filler).expect("our own file");
        }
        kill_under_load(server, 60.0, |server| {
            filler = Some(disk.fill());
            degraded(server);
        });
        if round % 2 == 1 {
            fs::remove_file(filler.take().expect("it is there")).expect("our own file");
        }
    }
    filler.into_iter().for_each(|filler| fs::remove_file(filler).expect("our own file"));
    let server = start();
    wait_caught_up(&server);
    wait_healthy(&server);
    server.stop();
    copy_out(&disk, &dir.path().join("copy"));
    let (records, tables) = (of_records(&out), of_tables(&dir.path().join("copy"), 1));
    assert!(records.len() > 100, "{} things", records.len());
    assert_same(&tables, &records);
    println!("{} kills with the disk full: {} rows are those of the records", faults(), tables.len());
}

/// When each instance of the records began, and what belongs to it.
fn instances(directory: &Path) -> BTreeMap<i64, Instance> {
    let mut instances: BTreeMap<i64, Instance> = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(path).expect("readable").lines() {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            let (key, value) = (line["key"].as_i64().unwrap_or(0), &line["value"]);
            let table = match line["valueType"].as_str() {
                Some("PROCESS_INSTANCE") if value["bpmnElementType"] == "PROCESS" => "process_instances",
                Some("PROCESS_INSTANCE") => "element_instances",
                Some("JOB") => "jobs",
                Some("VARIABLE") => "variables",
                _ => continue,
            };
            let Some(instance) = value["processInstanceKey"].as_i64() else { continue };
            let instance = instances.entry(instance).or_default();
            if table == "process_instances" && line["intent"] == "ELEMENT_ACTIVATING" {
                instance.begun_ms = line["timestamp"].as_i64().expect("a time");
            }
            instance.things.insert((table.to_owned(), key));
        }
    }
    instances
}

/// What has to be there when everything is since a moment: all of instances that began then or later, and of others that have not ended how they stand.
fn expected(records: &Things, out: &Path, since_ms: i64) -> Things {
    let mut expected = Things::new();
    for (key, instance) in instances(out) {
        let state = |thing: &(String, i64)| records.get(thing).map(String::as_str);
        let is_alive = state(&("process_instances".to_owned(), key)) == Some("0");
        for thing in instance.things {
            let stands = thing.0 == "variables" || matches!(state(&thing), Some("0" | "2" | "8"));
            if instance.begun_ms >= since_ms || is_alive && stands {
                expected.extend(state(&thing).map(|says| (thing.clone(), says.to_owned())));
            }
        }
    }
    expected
}

/// Damages a file in one of several ways.
fn damage(hot: &Path, way: usize) -> &'static str {
    if way < 4 {
        // Whatever stands in the log of the database would not be read in the file.
        let file = Connection::open(hot).expect("a database");
        file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("moved");
    }
    let mut bytes = fs::read(hot).expect("it is there");
    let (length, said) =
        (bytes.len(), ["all of it", "its first page", "its middle", "its half is gone", "its log"][way]);
    match way {
        0 => bytes.fill(0xa5),
        1 => bytes[..4096].fill(0),
        2 => bytes[length / 4..length * 3 / 4].fill(0xa5),
        3 => bytes.truncate(length / 2),
        _ => {
            let log = hot.with_extension("db-wal");
            let length = fs::metadata(&log).map_or(0, |data| data.len());
            fs::write(log, vec![0x5a; length as usize]).expect("written");
        }
    }
    fs::write(hot, bytes).expect("written");
    said
}

#[test]
fn what_a_damaged_file_costs_is_said_after_a_kill() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let hot = data.join("secondary/partition-1/hot.db");
    let args = ["--partitions", "1", "--cores", "0", "--export-jsonl", out.to_str().expect("UTF-8")];
    let mut rows = 0;
    for round in 0..faults() {
        let server = Server::start(&data, &args);
        let mut client = server.client();
        if round == 0 {
            assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
        }
        kill_under_load(server, 600.0, |_| {});
        let way = damage(&hot, (round + 2) % 5);
        let server = Server::start(&data, &args);
        let mut client = server.client();
        until("it can be searched", || {
            let views = ["process-instances", "element-instances", "variables", "jobs"];
            let mut answers = views.map(|view| client.post(&format!("/v2/{view}/search"), &json!({})));
            answers
                .iter_mut()
                .all(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200))
                .then_some(())
        });
        for _ in 0..5 {
            work(&mut client).expect("an answer");
        }
        wait_caught_up(&server);
        wait_healthy(&server);
        until("nothing is to come", || {
            let found = client.post(SEARCH, &json!({})).expect("an answer");
            found.header("ringbolt-incomplete").is_empty().then_some(())
        });
        // What is damaged may have been met only now: since then everything is there.
        for _ in 0..5 {
            work(&mut client).expect("an answer");
        }
        wait_caught_up(&server);
        server.stop();
        let (records, tables) = (of_records(&out), of_tables(&data.join("secondary"), 1));
        let since = "SELECT complete_since FROM store";
        let since: i64 =
            Connection::open(&hot).and_then(|hot| hot.query_row(since, [], |row| row.get(0))).expect("a row");
        let wanted = expected(&records, &out, since);
        let wrong: Vec<_> = tables.iter().filter(|(thing, says)| records.get(thing) != Some(says)).collect();
        let less: Vec<_> = wanted.keys().filter(|thing| !tables.contains_key(thing)).collect();
        assert!(
            wrong.is_empty() && less.is_empty(),
            "{way}: since {since}, wrong {wrong:?}; missing {less:?}"
        );
        assert!(wanted.len() > 5, "{} things", wanted.len());
        rows += wanted.len();
    }
    println!(
        "{} kills with the file damaged then: {rows} rows are those of the records since it is said",
        faults()
    );
}
