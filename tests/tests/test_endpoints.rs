//! What tests may do with a server that was started for them: its clock, and emptying it, as a whole or not at all.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const HOUR_MS: i64 = 3_600_000;
const ARGS: [&str; 5] = ["--cores", "0", "--partitions", "2", "--test-endpoints"];

fn management(server: &Server) -> Client {
    Client::connect(server.management).expect("the server listens")
}

fn send(client: &mut Client, method: &str, path: &str, body: &Value) -> Response {
    client.request(method, path, "application/json", body.to_string().as_bytes()).expect("an answer")
}

fn deploy(server: &Server) {
    assert_eq!(server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
}

fn create(client: &mut Client) -> u64 {
    let created = client.post("/v2/process-instances", &json!({ "processDefinitionId": "one_task" }));
    let created = created.expect("an answer").json();
    created["processInstanceKey"].as_str().and_then(|key| key.parse().ok()).expect("a key")
}

/// Jobs that are there now; each is away for an hour from then on.
fn jobs(client: &mut Client) -> Vec<String> {
    let body = json!({ "type": "work", "timeout": HOUR_MS, "maxJobsToActivate": 1000, "requestTimeout": -1 });
    let jobs = client.post("/v2/jobs/activation", &body).expect("an answer").json();
    let jobs = jobs["jobs"].as_array().expect("jobs").iter();
    jobs.map(|job| job["jobKey"].as_str().expect("a key").to_owned()).collect()
}

fn last_change(client: &mut Client) -> i64 {
    let topology = client.get("/v2/topology").expect("an answer").json();
    topology["lastCompletedChangeId"].as_str().and_then(|id| id.parse().ok()).expect("a number")
}

#[test]
fn without_the_setting_everything_is_refused_by_its_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--partitions", "1"]);
    let (mut rest, mut actuator) = (server.client(), management(&server));
    let mut answers = vec![
        send(&mut rest, "PUT", "/v2/clock", &json!({ "timestamp": 5 })),
        send(&mut rest, "POST", "/v2/clock/reset", &json!(null)),
    ];
    for (method, path) in [
        ("POST", "/actuator/clock/add"),
        ("POST", "/actuator/clock/pin"),
        ("DELETE", "/actuator/clock"),
        ("GET", "/actuator/clock"),
        ("POST", "/actuator/cluster/purge"),
    ] {
        answers.push(send(&mut actuator, method, path, &json!({ "offsetMilli": 5, "epochMilli": 5 })));
    }
    for answer in answers {
        assert_eq!(answer.status, 403);
        assert!(String::from_utf8_lossy(&answer.body).contains("--test-endpoints"));
    }
    server.stop();
    let refused =
        start_command(dir.path(), &["--rest", "0.0.0.0:0", "--test-endpoints"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("test-endpoints") && said.contains("loopback"),
        "{said}"
    );
}

#[test]
fn every_deadline_follows_the_clock_and_a_reset_takes_it_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    deploy(&server);
    let (mut rest, mut actuator) = (server.client(), management(&server));
    let health = String::from_utf8(actuator.get("/actuator/health").expect("an answer").body).expect("text");
    assert!(health.contains("testEndpoints"), "{health}");
    create(&mut rest);
    let held = jobs(&mut rest);
    assert_eq!((held.len(), jobs(&mut rest).len()), (1, 0), "it is away for an hour");
    let add = |actuator: &mut Client| {
        let answer = send(actuator, "POST", "/actuator/clock/add", &json!({ "offsetMilli": HOUR_MS + 1000 }));
        assert_eq!(answer.status, 200);
        answer.json()["epochMilli"].as_i64().expect("a time")
    };
    let ahead = add(&mut actuator);
    let again = until("the job has timed out", || jobs(&mut rest).pop());
    assert_eq!(again, held[0]);
    let failed = json!({ "retries": 2, "retryBackOff": HOUR_MS });
    let answer = send(&mut rest, "POST", &format!("/v2/jobs/{again}/failure"), &failed);
    assert_eq!((answer.status, jobs(&mut rest).len()), (204, 0), "it rests for an hour");
    assert!(add(&mut actuator) > ahead + HOUR_MS);
    assert_eq!(until("the job is back", || jobs(&mut rest).pop()), held[0]);
    // Standing still, at a time that is long over.
    let pinned = send(&mut rest, "PUT", "/v2/clock", &json!({ "timestamp": 1_700_000_000_000i64 }));
    assert_eq!(pinned.status, 204);
    let now = actuator.get("/actuator/clock").expect("an answer").json();
    assert_eq!(now, json!({ "epochMilli": 1_700_000_000_000i64, "instant": "2023-11-14T22:13:20.000Z" }));
    create(&mut rest);
    let early = until("there is a job", || jobs(&mut rest).pop());
    let negative = send(&mut rest, "PUT", "/v2/clock", &json!({ "timestamp": -1 }));
    assert_eq!(negative.status, 400);
    assert_eq!(send(&mut rest, "POST", "/v2/clock/reset", &json!(null)).status, 204);
    assert_eq!(until("the job of long ago has timed out", || jobs(&mut rest).pop()), early);
    let read =
        actuator.get("/actuator/clock").expect("an answer").json()["epochMilli"].as_i64().expect("a time");
    assert!(read > 1_790_000_000_000 && read < ahead, "{read}");
    server.stop();
}

fn purge(server: &Server) -> i64 {
    let answer = send(&mut management(server), "POST", "/actuator/cluster/purge", &json!(null));
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["changeId"].as_i64().expect("a number")
}

#[test]
fn a_purge_leaves_nothing_and_keys_go_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let records = dir.path().join("records");
    let export = ["--export-jsonl", records.to_str().expect("text")];
    let server = Server::start(&dir.path().join("data"), &[&ARGS[..], &export[..]].concat());
    deploy(&server);
    let mut rest = server.client();
    assert_eq!(last_change(&mut rest), -1);
    let dry = send(&mut management(&server), "POST", "/actuator/cluster/purge?dryRun=true", &json!(null));
    assert_eq!((dry.status, dry.json()["changeId"].as_i64()), (202, Some(1)));
    for (query, status) in
        [("?dryRun=TRUE", 202), ("?dryRun=maybe", 400), ("?dryRun", 400), ("?dryRun=", 400)]
    {
        let path = format!("/actuator/cluster/purge{query}");
        assert_eq!(send(&mut management(&server), "POST", &path, &json!(null)).status, status, "{query}");
    }
    let mut highest = 0;
    for change in 1..=3 {
        let keys: Vec<u64> = (0..4).map(|_| create(&mut rest)).collect();
        assert!(
            keys.iter().all(|key| *key > highest || key >> 51 != highest >> 51),
            "{keys:?} after {highest}"
        );
        highest = keys.into_iter().max().expect("keys");
        assert_eq!(purge(&server), change);
        rest = until("the change is complete", || {
            // Who asked when the old life ended is cut off.
            let mut client = server.client();
            let topology = client.get("/v2/topology").ok()?.json();
            (topology["lastCompletedChangeId"].as_str()?.parse() == Ok(change)).then_some(client)
        });
        assert_eq!(jobs(&mut rest), Vec::<String>::new());
        let body = json!({ "processDefinitionId": "one_task" });
        assert_eq!(rest.post("/v2/process-instances", &body).expect("an answer").status, 404);
        deploy(&server);
        create(&mut rest);
        assert_eq!(
            until("there is a job", || Some(jobs(&mut rest)).filter(|jobs| !jobs.is_empty())).len(),
            1
        );
    }
    let last =
        server.client().deploy("one_task.bpmn", &ONE_TASK.replace("one_task", "last")).expect("an answer");
    let last = format!("\"key\":{}", last.json()["deploymentKey"].as_str().expect("a key"));
    until("what came after the purges is exported", || {
        texts(&records).iter().any(|text| text.contains(&last)).then_some(())
    });
    server.stop();
    check_exported(&records);
    let server = Server::start(&dir.path().join("data"), &[&ARGS[..], &export[..]].concat());
    assert_eq!(last_change(&mut server.client()), 3);
    assert!(create(&mut server.client()) > 0, "what came after the purge is there");
    server.stop();
}

/// The files of the exporter, in order.
fn texts(records: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(records) else { return Vec::new() };
    let mut files: Vec<_> = entries.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
}

/// Positions of a partition rise over all its lives.
fn check_exported(records: &Path) {
    let mut last = std::collections::BTreeMap::new();
    for text in texts(records) {
        for record in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let (partition, position) = (record["partitionId"].as_u64(), record["position"].as_u64());
            if let (Some(partition), Some(position)) = (partition, position) {
                assert!(last.insert(partition, position).is_none_or(|before| before < position), "{record}");
            }
        }
    }
    assert_eq!(last.len(), 2);
}

/// What was not told to secondary storage before a purge is told to nobody, and nothing waits for it.
#[test]
fn after_a_purge_at_work_searches_show_everything_though_nothing_happens() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    for change in 1..=3 {
        deploy(&server);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        // Some are cut off, later ones find no process.
                        let mut client = server.client();
                        let body = json!({ "processDefinitionId": "one_task" });
                        while client.post("/v2/process-instances", &body).is_ok_and(|made| made.status == 200)
                        {
                        }
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(purge(&server), change);
            until("the change is complete", || {
                let topology = server.client().get("/v2/topology").ok()?.json();
                (topology["lastCompletedChangeId"].as_str()?.parse() == Ok(change)).then_some(())
            });
            is_over.store(true, Ordering::Relaxed);
        });
        until("everything is shown", || {
            let found = server.client().post("/v2/process-instances/search", &json!({})).expect("an answer");
            (found.status == 200 && found.header("ringbolt-incomplete").is_empty()).then_some(())
        });
        let batches = server.client().post("/v2/batch-operations/search", &json!({})).expect("an answer");
        assert_eq!(batches.status, 200, "{}", String::from_utf8_lossy(&batches.body));
    }
    server.stop();
}

#[test]
fn a_purge_is_all_or_nothing_over_kills() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut done = 0;
    for round in 0..8u64 {
        let server = Server::start(dir.path(), &ARGS);
        let mut rest = server.client();
        let before = last_change(&mut rest);
        deploy(&server);
        let made = (0..5).map(|_| create(&mut rest)).count();
        let waiting =
            until("the jobs are there", || Some(jobs(&mut rest).len()).filter(|count| *count >= made));
        let wanted = purge(&server);
        assert_eq!(wanted, before.max(0) + 1);
        std::thread::sleep(Duration::from_millis(round * 23));
        server.kill();
        let server = Server::start(dir.path(), &ARGS);
        let mut rest = server.client();
        let after = last_change(&mut rest);
        let ahead = json!({ "offsetMilli": 2 * HOUR_MS });
        assert_eq!(send(&mut management(&server), "POST", "/actuator/clock/add", &ahead).status, 200);
        if after == before {
            let all = until("the jobs are there again", || {
                let found = jobs(&mut rest);
                (found.len() == waiting).then_some(found)
            });
            // The next round begins with none.
            for job in all {
                assert_eq!(
                    send(&mut rest, "POST", &format!("/v2/jobs/{job}/completion"), &json!({})).status,
                    204
                );
            }
        } else {
            assert_eq!((after, jobs(&mut rest).len()), (wanted, 0));
            let body = json!({ "processDefinitionId": "one_task" });
            assert_eq!(rest.post("/v2/process-instances", &body).expect("an answer").status, 404);
            let found = until("searches answer", || {
                let answer = rest.post("/v2/process-definitions/search", &json!({})).expect("an answer");
                (answer.status == 200).then(|| answer.json()["page"]["totalItems"].clone())
            });
            assert_eq!(found, json!(0), "what searches read is empty as well");
            done += 1;
        }
        server.stop();
    }
    println!("{done} of 8 purges were done");
}

#[test]
fn a_signal_beside_a_purge_is_obeyed() {
    let dir = tempfile::tempdir().expect("a directory");
    for round in 0..6u64 {
        let server = Server::start(dir.path(), &ARGS);
        purge(&server);
        std::thread::sleep(Duration::from_millis(round * 15));
        server.stop();
    }
}
