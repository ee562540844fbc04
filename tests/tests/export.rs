//! The binary with an exporter: killed under load, with its sink gone, and with its sink's disk full.
//!
//! `RINGBOLT_EXPORT_KILLS=200` kills more often than the default 12.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Size of the small file system.
const DISK_MIB: u64 = 8;
/// The smallest bounds: one segment, two spills; and nothing but exporters that reads the log.
const SMALL: [&str; 15] = [
    "--no-secondary-storage",
    "--partitions",
    "1",
    "--cores",
    "0",
    "--segment-mib",
    "32",
    "--overlay-mib",
    "8",
    "--checkpoint-log-mib",
    "8",
    "--reader-budget-mib",
    "32",
    "--reader-spill-mib",
    "40",
];

fn kills() -> usize {
    std::env::var("RINGBOLT_EXPORT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

fn deploy(client: &mut Client) {
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
}

fn create(client: &mut Client, variables: &Value) -> std::io::Result<Value> {
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    client.post("/v2/process-instances", &body).map(|response| {
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        response.json()
    })
}

fn health(server: &Server) -> (u16, String) {
    server.health()
}

fn metric(server: &Server, name: &str) -> Vec<f64> {
    server.metric(name)
}

fn wait_caught_up(server: &Server) {
    until("the exporter has caught up", || {
        let lag = metric(server, "ringbolt_exporter_lag_positions");
        (!lag.is_empty() && lag.iter().all(|lag| *lag == 0.0)).then_some(())
    });
}

fn files_of(directory: &Path, partition: usize) -> Vec<PathBuf> {
    let prefix = format!("partition-{partition}-");
    let paths = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let of =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
    let mut paths: Vec<PathBuf> = paths.filter(of).collect();
    paths.sort();
    paths
}

/// Reads a partition's lines: every position once and in order, or inside a gap. The last position, and the gaps.
fn check_lines(directory: &Path, partition: usize) -> (u64, u64) {
    let (mut last, mut gaps) = (0, 0);
    for path in files_of(directory, partition) {
        for line in fs::read_to_string(&path).expect("readable").lines() {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            let number = |field: &str| line[field].as_u64().expect("a number");
            assert_eq!(number("partitionId"), partition as u64);
            let first = match line["recordType"].as_str() {
                Some("GAP") => {
                    gaps += 1;
                    assert_eq!(number("toPosition"), number("position"));
                    number("fromPosition")
                }
                Some(_) => number("position"),
                None => panic!("no record type: {line}"),
            };
            assert_eq!(first, last + 1, "{}: a record is missing or there twice", path.display());
            last = number("position");
        }
    }
    (last, gaps)
}

fn data_bytes(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let bytes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => data_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

#[test]
fn every_record_is_exported_once_however_often_the_process_is_killed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let config = dir.path().join("config.toml");
    let text = format!("[exporters.audit]\ntype = \"jsonl\"\ndirectory = {out:?}\nfile-mib = 1\n");
    fs::write(&config, text).expect("written");
    let config = config.to_str().expect("UTF-8");
    let args =
        |cores| ["--partitions", "2", "--cores", cores, "--config", config, "--checkpoint-log-mib", "1"];
    for round in 0..kills() {
        let cores = if round % 3 == 1 { "0,1" } else { "0" };
        let server = Server::start(&data, &args(cores));
        let mut client = server.client();
        if round == 0 {
            deploy(&mut client);
        }
        let pid = server.pid().to_string();
        let load = std::thread::spawn(move || {
            let variables = json!({ "text": "x".repeat(1_000) });
            while create(&mut client, &variables).is_ok() {}
        });
        // The export is somewhere in the middle when the process ends.
        let goal = 40.0 * (round % 5 + 1) as f64;
        until("the load runs", || {
            (metric(&server, "ringbolt_exporter_records_total").iter().sum::<f64>() > goal).then_some(())
        });
        let status = std::process::Command::new("kill").args(["-KILL", &pid]).status().expect("kill runs");
        assert!(status.success());
        load.join().expect("the load ends with the connection");
        drop(server);
    }
    let server = Server::start(&data, &args("0"));
    wait_caught_up(&server);
    let positions = metric(&server, "ringbolt_partition_last_position");
    assert_eq!(health(&server).0, 200);
    server.stop();
    let mut total = 0;
    for (partition, last) in positions.iter().enumerate() {
        let (exported, gaps) = check_lines(&out, partition + 1);
        assert_eq!((exported as f64, gaps), (*last, 0), "partition {}", partition + 1);
        total += exported;
    }
    println!("{} kills, {total} records exported once each", kills());
}

#[test]
fn a_dead_sink_stops_nothing_and_fills_nothing_and_catches_up_with_a_gap() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let mut args = SMALL.to_vec();
    args.extend(["--export-jsonl", out.to_str().expect("UTF-8")]);
    let server = Server::start(&data, &args);
    let mut client = server.client();
    deploy(&mut client);
    let instance = create(&mut client, &json!({})).expect("an answer");
    wait_caught_up(&server);
    fs::rename(&out, dir.path().join("gone")).expect("moved");

    // One variable again and again: much log, little state.
    let path = format!(
        "/v2/element-instances/{}/variables",
        instance["processInstanceKey"].as_str().expect("a key")
    );
    let filling = "x".repeat(3 << 20);
    let mut most = 0;
    for round in 0..300 {
        let large = format!("{{\"variables\":{{\"large\":\"{round}{filling}\"}}}}");
        let response = client.request("PUT", &path, "application/json", large.as_bytes()).expect("an answer");
        assert_eq!(response.status, 204, "{}", String::from_utf8_lossy(&response.body));
        if round % 10 == 0 {
            most = most.max(data_bytes(&data));
        }
    }
    let written = metric(&server, "ringbolt_journal_written_bytes_total")[0];
    // Budget, spills, spares for segments, the segments of the last checkpoint, and the state.
    let bound = (32 + 40 + 8 * 32 + 5 * 32 + 48) << 20;
    assert!(written > 1.5 * bound as f64, "the load is too small to show it: {written} bytes");
    assert!(most < bound, "the data directory had {most} bytes, at most {bound} are allowed");
    let (status, body) = health(&server);
    assert!(status == 200 && body.ends_with("\"status\":\"DEGRADED\"}"), "{status} {body}");
    assert_eq!(metric(&server, "ringbolt_exporter_attached"), [0.0]);
    assert!(metric(&server, "ringbolt_exporter_spill_bytes")[0] > 0.0);
    assert!(metric(&server, "ringbolt_exporter_errors_total")[0] > 0.0);

    fs::rename(dir.path().join("gone"), &out).expect("moved back");
    until("the gap is exported", || (metric(&server, "ringbolt_exporter_gaps_total") == [1.0]).then_some(()));
    wait_caught_up(&server);
    until("it is healthy", || health(&server).1.ends_with("\"status\":\"UP\"}").then_some(()));
    until("the spills are gone", || {
        (metric(&server, "ringbolt_exporter_spill_bytes") == [0.0]).then_some(())
    });
    let last = metric(&server, "ringbolt_partition_last_position")[0];
    server.stop();
    let (exported, gaps) = check_lines(&out, 1);
    assert_eq!((exported as f64, gaps), (last, 1));
}

#[test]
fn a_sink_whose_disk_is_full_goes_on_when_there_is_space() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("small");
    fs::create_dir(&out).expect("created");
    let Some(disk) = SmallDisk::mount(&out, DISK_MIB) else {
        eprintln!("NOT TESTED: a full disk, because mounting a file system is not allowed here");
        return;
    };
    let mut args = SMALL.to_vec();
    args.extend(["--export-jsonl", out.to_str().expect("UTF-8")]);
    let mut command = disk.enter(&start_command(&dir.path().join("data"), &args));
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let server = Server::start_with(command);
    let mut client = server.client();
    deploy(&mut client);
    let filler = disk.fill();
    let variables = json!({ "text": "x".repeat(20_000) });
    for _ in 0..60 {
        create(&mut client, &variables).expect("an answer: the engine does not wait for the sink");
    }
    until("it is degraded", || health(&server).1.contains("No space left").then_some(()));
    assert_eq!(health(&server).0, 200);
    fs::remove_file(filler).expect("our own file");
    wait_caught_up(&server);
    let last = metric(&server, "ringbolt_partition_last_position")[0];
    let (exported, gaps) = check_lines(&disk.outside(), 1);
    assert_eq!((exported as f64, gaps), (last, 0));
}

fn post(client: &mut Client, path: &str) -> u16 {
    client.request("POST", path, "application/json", b"").expect("an answer").status
}

#[test]
fn exporters_rest_hold_and_go_on_as_they_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    fs::create_dir(&out).expect("a folder");
    let exporting = ["--export-jsonl", out.to_str().expect("UTF-8")];
    let server = Server::start(&data, &[&SMALL[..], &exporting].concat());
    let mut client = Client::connect(server.rest).expect("the server listens");
    let mut management = Client::connect(server.management).expect("the server listens");
    deploy(&mut client);
    wait_caught_up(&server);
    let status =
        |client: &mut Client| client.get("/v2/exporting").expect("an answer").json()["status"].clone();
    let listed = |client: &mut Client| client.get("/actuator/exporters").expect("an answer").json();
    let behind = || (metric(&server, "ringbolt_exporter_lag_positions")[0] > 0.0).then_some(());
    let exported = || metric(&server, "ringbolt_exporter_position")[0];
    let acknowledged = || metric(&server, "ringbolt_exporter_acknowledged_position")[0];
    assert_eq!(status(&mut client), "EXPORTING");

    // Paused: nothing leaves the log.
    assert_eq!(post(&mut client, "/v2/exporting/pause"), 204);
    assert_eq!(status(&mut client), "PAUSED");
    create(&mut client, &json!({})).expect("created");
    until("the exporter is behind", behind);
    assert_eq!(post(&mut management, "/actuator/exporting/resume"), 204);
    wait_caught_up(&server);

    // Paused softly: it leaves, and stays in the log as well.
    assert_eq!(post(&mut management, "/actuator/exporting/pause?soft=true"), 204);
    assert_eq!(client.get("/v2/cluster/v2/exporting").expect("an answer").json()["status"], "SOFT_PAUSED");
    let (before, kept) = (exported(), acknowledged());
    create(&mut client, &json!({})).expect("created");
    until("the exporter has it", || (exported() > before && behind().is_none()).then_some(()));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(acknowledged(), kept, "a second later it would be acknowledged");
    assert_eq!(post(&mut client, "/v2/cluster/v2/exporting/resume"), 204);
    until("it is acknowledged", || (acknowledged() > kept).then_some(()));

    assert_eq!(post(&mut client, "/v2/cluster/v2/exporting/pause"), 204);
    assert_eq!(status(&mut client), "PAUSED");
    assert_eq!(post(&mut client, "/v2/exporting/resume"), 204);
    assert_eq!(
        client.get("/v2/cluster/v2/status").expect("an answer").json(),
        json!({ "status": "HEALTHY" })
    );

    // One exporter by itself.
    assert_eq!(listed(&mut management), json!([{ "exporterId": "jsonl", "status": "ENABLED" }]));
    assert_eq!(post(&mut management, "/actuator/exporters/jsonl/disable"), 204);
    assert_eq!(listed(&mut management), json!([{ "exporterId": "jsonl", "status": "DISABLED" }]));
    create(&mut client, &json!({})).expect("created");
    until("the exporter is behind", behind);
    assert_eq!(post(&mut management, "/actuator/exporters/jsonl/enable"), 204);
    wait_caught_up(&server);

    for (path, wanted) in [
        ("/actuator/exporters/other/enable", 404),
        ("/actuator/exporters/other/delete", 404),
        ("/actuator/exporters/jsonl/delete", 409),
        ("/actuator/exporters/jsonl/remove", 404),
        ("/actuator/exporting/stop", 404),
    ] {
        assert_eq!(post(&mut management, path), wanted, "{path}");
    }
    let get = management.get("/actuator/exporters/jsonl/enable").expect("an answer");
    assert_eq!(get.status, 405);
    server.stop();
    check_lines(&out, 1);
}
