//! The binary over a data directory that was damaged, restored or replaced: what is damaged costs what it holds, by name,
//! and nothing beside it.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

/// Two partitions on one core.
const ARGS: [&str; 6] = ["--partitions", "2", "--cores", "0", "--segment-mib", "32"];
/// EX_IOERR: a mapped page could not be read.
const EXIT_UNREADABLE: i32 = 74;

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn deploy(client: &mut Client) {
    let response = client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    assert_eq!(response.status, 200, "{}", text(&response));
}

/// Creates instances, each with a variable that does not fit into a page; all have to be accepted.
fn create(client: &mut Client, instances: usize) {
    for number in 0..instances {
        let variables = json!({ "number": number, "text": "t".repeat(6_000) });
        let body = json!({ "processDefinitionId": "one_task", "variables": variables });
        let response = client.post("/v2/process-instances", &body).expect("an answer");
        assert_eq!(response.status, 200, "{}", text(&response));
    }
}

/// Asks for all jobs with their variables.
fn poll(client: &mut Client) -> std::io::Result<Response> {
    let body = json!({
        "type": "work", "worker": "w", "timeout": 1_000, "maxJobsToActivate": 1_000, "requestTimeout": -1
    });
    client.post("/v2/jobs/activation", &body)
}

fn management(server: &Server, path: &str) -> Response {
    Client::connect(server.management).expect("the server listens").get(path).expect("an answer")
}

/// Starts a server whose standard error is kept.
fn start_watched(directory: &Path, args: &[&str]) -> Server {
    let mut command = start_command(directory, args);
    command.stderr(Stdio::piped());
    Server::start_with(command)
}

/// All that an ended server wrote to standard error.
fn read_log(mut stderr: impl Read) -> String {
    let mut log = String::new();
    stderr.read_to_string(&mut log).expect("text");
    log
}

fn partition_health(client: &mut Client) -> Vec<Value> {
    let topology = client.get("/v2/topology").expect("an answer").json();
    let partitions = topology["brokers"][0]["partitions"].as_array().expect("partitions");
    partitions.iter().map(|partition| partition["health"].clone()).collect()
}

#[test]
fn a_state_that_is_cut_under_a_running_server_costs_its_partition() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    deploy(&mut server.client());
    create(&mut server.client(), 40);
    // A stop in good order writes the state.
    server.stop();

    let mut server = start_watched(directory.path(), &ARGS);
    let stderr = server.take_stderr().expect("piped");
    let state = directory.path().join("partition-2/data.mdb");
    let whole = fs::read(&state).expect("the state");
    fs::File::options().write(true).open(&state).and_then(|file| file.set_len(8_192)).expect("it is cut");
    let mut client = server.client();
    // The connection ends without an answer: nothing that was read from there leaves.
    let answer = poll(&mut client);
    assert!(answer.is_err(), "{:?}", answer.map(|response| response.status));
    assert_eq!(server.ended().code(), Some(EXIT_UNREADABLE));
    let log = read_log(stderr);
    let line = log.lines().find(|line| line.starts_with("ringbolt: fatal: SIGBUS: ")).unwrap_or(&log);
    assert!(line.contains("partition-2/data.mdb at offset "), "{line}");

    // The next start serves the other partition, and says what is wrong with this one.
    let mut server = start_watched(directory.path(), &ARGS);
    let stderr = server.take_stderr().expect("piped");
    let mut client = server.client();
    create(&mut client, 4);
    assert_eq!(partition_health(&mut client), ["healthy", "dead"]);
    assert_eq!(client.get("/v2/status").expect("an answer").status, 204, "a partition works");
    let health = management(&server, "/actuator/health");
    assert_eq!(health.status, 503);
    let cause = health.json()["components"]["partition-2"]["details"]["cause"].to_string();
    assert!(cause.contains("partition-2 is damaged: data.mdb at offset"), "{}", text(&health));
    server.stop();
    let log = read_log(stderr);
    assert!(log.contains("a partition has stopped and serves nothing until the next start"), "{log}");

    fs::write(&state, whole).expect("the state comes back");
    let server = Server::start(directory.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(partition_health(&mut client), ["healthy", "healthy"]);
    let jobs = until("all jobs are there", || {
        let jobs = poll(&mut client).expect("an answer").json()["jobs"].as_array().map_or(0, Vec::len);
        (jobs > 0).then_some(jobs)
    });
    assert!(jobs > 0);
    server.stop();
}

#[test]
fn a_state_that_is_no_base_any_more_costs_its_partition() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &ARGS);
    deploy(&mut server.client());
    create(&mut server.client(), 4);
    server.stop();
    let state = directory.path().join("partition-2/data.mdb");
    for damage in [Vec::new(), vec![0x5a; 1 << 16]] {
        fs::write(&state, &damage).expect("the damage");
        let server = Server::start(directory.path(), &ARGS);
        let mut client = server.client();
        assert_eq!(partition_health(&mut client), ["healthy", "dead"], "{} bytes", damage.len());
        create(&mut client, 4);
        server.stop();
        assert_eq!(fs::read(&state).expect("the state"), damage, "it is left as it is");
    }
}

/// The whole lines that are there: of a server that runs, the last one may be half written.
fn exported(directory: &Path) -> Vec<Value> {
    let mut files: Vec<_> =
        fs::read_dir(directory).expect("exported").map(|entry| entry.expect("one").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let text: Vec<String> = files.iter().map(|path| fs::read_to_string(path).expect("lines")).collect();
    let lines = text.iter().flat_map(|text| text.split_inclusive('\n')).filter(|line| line.ends_with('\n'));
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// How many instances the sink has seen created; none while it is moved.
fn created(directory: &Path) -> usize {
    if !directory.exists() {
        return 0;
    }
    let is_created =
        |line: &&Value| line["valueType"] == "PROCESS_INSTANCE_CREATION" && line["intent"] == "CREATED";
    exported(directory).iter().filter(is_created).count()
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn exporter_cause(server: &Server, partition: usize) -> Option<String> {
    let health = management(server, "/actuator/health").json();
    let name = format!("exporter-jsonl-partition-{partition}");
    health["components"][name]["details"]["cause"].as_str().map(str::to_owned)
}

#[test]
fn a_restored_directory_does_not_go_on_in_the_sink_of_the_original() {
    let directory = tempfile::tempdir().expect("a directory");
    let (data, out) = (directory.path().join("data"), directory.path().join("out"));
    let out_text = out.to_str().expect("text").to_owned();
    let args = ["--partitions", "1", "--cores", "0", "--segment-mib", "32", "--export-jsonl", &out_text];
    let run = |instances: usize| {
        let server = Server::start(&data, &args);
        deploy(&mut server.client());
        let before = created(&out);
        create(&mut server.client(), instances);
        until("all is exported", || (created(&out) >= before + instances).then_some(()));
        server.stop();
    };
    run(5);
    let copy = directory.path().join("copy");
    copy_directory(&data, &copy);
    run(20);
    let before = exported(&out).len();

    fs::remove_dir_all(&data).expect("it goes");
    fs::rename(&copy, &data).expect("the copy is restored");
    let server = Server::start(&data, &args);
    create(&mut server.client(), 2);
    let cause = until("the exporter is refused", || exporter_cause(&server, 1));
    assert!(cause.contains("of another history"), "{cause}");
    // Even when this directory has more than the sink.
    create(&mut server.client(), 60);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert_eq!(exporter_cause(&server, 1), Some(cause.clone()));
    assert_eq!(exported(&out).len(), before);
    server.stop();

    let life = cause.rsplit(' ').next().expect("the life").to_owned();
    let args: Vec<&str> = args.iter().copied().chain(["--export-anew", &life]).collect();
    let server = Server::start(&data, &args);
    create(&mut server.client(), 1);
    let aside = out.join(format!("history-{life}"));
    until("the exporter gets on", || {
        (aside.join("partition-1.lives").exists() && created(&out) > 0).then_some(())
    });
    assert_eq!(exporter_cause(&server, 1), None);
    let lines = exported(&out);
    assert_eq!((&lines[0]["recordType"], &lines[0]["fromPosition"]), (&json!("GAP"), &json!(1)));
    let positions: Vec<u64> =
        lines.iter().map(|line| line["position"].as_u64().expect("a position")).collect();
    assert!(positions.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(exported(&aside).len(), before);
    server.stop();
}

#[test]
fn a_damaged_reader_file_costs_that_reader_and_not_the_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let (data, out) = (directory.path().join("data"), directory.path().join("out"));
    let out_text = out.to_str().expect("text").to_owned();
    let args = ["--partitions", "1", "--cores", "0", "--segment-mib", "32", "--export-jsonl", &out_text];
    let server = Server::start(&data, &args);
    deploy(&mut server.client());
    create(&mut server.client(), 5);
    server.stop();
    let position = data.join("partition-1/reader-jsonl");
    let mut bytes = fs::read(&position).expect("a position");
    bytes[26] ^= 1;
    fs::write(&position, bytes).expect("the damage");
    fs::write(data.join("partition-1/spill-jsonl-0000000000000001-0000000000000002"), "rot")
        .expect("a spill");

    let mut server = start_watched(&data, &args);
    let stderr = server.take_stderr().expect("piped");
    create(&mut server.client(), 5);
    until("the exporter gets on", || {
        (created(&out) == 10 && exporter_cause(&server, 1).is_none()).then_some(())
    });
    server.stop();
    let log = read_log(stderr);
    let line = log.lines().find(|line| line.contains("files of an exporter are damaged")).unwrap_or(&log);
    assert!(line.contains("level=error") && line.contains("partition-1/reader-jsonl"), "{line}");
    // Whatever its sink knew was not written twice.
    let positions: Vec<u64> =
        exported(&out).iter().map(|line| line["position"].as_u64().expect("one")).collect();
    assert!(positions.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(fs::metadata(&position).expect("a position").len(), 64, "it has a whole position again");
}
