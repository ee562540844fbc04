//! What the log still has of an instance, for pages that replay it: at `/past`.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SMALL: [&str; 4] = ["--cores", "0", "--partitions", "1"];

fn create(client: &mut Client, secret: &str) -> String {
    let body = json!({ "processDefinitionId": "one_task", "variables": { "secret": secret } });
    let created = client.post("/v2/process-instances", &body).expect("an answer").json();
    created["processInstanceKey"].as_str().expect("a key").to_owned()
}

/// Takes all jobs, and completes them.
fn work(client: &mut Client) {
    let wanted = json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 100, "worker": "w" });
    let jobs = client.post("/v2/jobs/activation", &wanted).expect("an answer").json();
    for job in jobs["jobs"].as_array().expect("jobs") {
        let path = format!("/v2/jobs/{}/completion", job["jobKey"].as_str().expect("a key"));
        assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
    }
}

fn past(client: &mut Client, instance: &str) -> Value {
    let told = client.get(&format!("/past?instance={instance}")).expect("an answer");
    assert_eq!(told.status, 200, "{:?}", told.body);
    assert!(!String::from_utf8_lossy(&told.body).contains("hush"), "variables are left out");
    told.json()
}

/// What its elements and flows went through.
fn way(past: &Value) -> Vec<String> {
    let records = past["records"].as_array().expect("records");
    let elements = records.iter().filter(|record| record["valueType"] == "PROCESS_INSTANCE");
    let told = |record: &Value| {
        let of = |name: &str| record[name].as_str().unwrap_or("?").to_lowercase().replace("element_", "");
        format!("{} {}", of("elementId"), of("intent"))
    };
    elements.map(told).collect()
}

const WAY: [&str; 18] = [
    "one_task activating",
    "one_task activated",
    "start activating",
    "start activated",
    "start completing",
    "start completed",
    "to_task sequence_flow_taken",
    "task activating",
    "task activated",
    "task completing",
    "task completed",
    "to_end sequence_flow_taken",
    "end activating",
    "end activated",
    "end completing",
    "end completed",
    "one_task completing",
    "one_task completed",
];

#[test]
fn the_log_tells_all_of_an_instance_in_order_and_nothing_of_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &SMALL);
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    let (one, other) = (create(&mut client, "hush"), create(&mut client, "hush"));
    // What its elements are called is looked up where searches look.
    let give_up = Instant::now() + Duration::from_secs(30);
    let mut begun = past(&mut client, &one);
    while way(&begun).iter().any(|step| step.starts_with('?')) && Instant::now() < give_up {
        begun = past(&mut client, &one);
    }
    assert_eq!(way(&begun), WAY[..9]);
    work(&mut client);
    let told = past(&mut client, &one);
    assert_eq!(way(&told), WAY);
    assert_eq!((&told["isFromBeginning"], &told["isCut"]), (&json!(true), &json!(false)));
    let records = told["records"].as_array().expect("records");
    let positions: Vec<u64> =
        records.iter().map(|record| record["position"].as_u64().expect("a number")).collect();
    assert!(positions.is_sorted() && told["from"]["position"].as_u64() <= positions.first().copied());
    let jobs: Vec<_> = records.iter().filter(|record| record["valueType"] == "JOB").collect();
    assert_eq!(
        (jobs.len(), &jobs[0]["intent"], &jobs[0]["elementId"]),
        (2, &json!("CREATED"), &json!("task"))
    );
    assert_ne!(past(&mut client, &other)["records"], told["records"]);
    // What was written before the last start is read as well, and one that there never was has nothing.
    server.stop();
    let server = Server::start(folder.path(), &SMALL);
    let mut client = server.client();
    assert_eq!(past(&mut client, &one), told);
    assert_eq!(past(&mut client, "2251799813699999")["records"], json!([]));
    server.stop();
}

#[test]
fn it_is_only_where_pages_are_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Server::start(&folder.path().join("read-only"), &[&SMALL[..], &["--web", "read-only"]].concat());
    let mut client = server.client();
    for query in
        ["", "?instance=", "?instance=x", "?instance=-1", "?instance=99999999999999999999", "?other=1"]
    {
        assert_eq!(client.get(&format!("/past{query}")).expect("an answer").status, 400, "{query}");
    }
    // Of a partition that there is not.
    assert_eq!(past(&mut client, "9007199254740993")["records"], json!([]));
    server.stop();
    for (name, setting, status) in
        [("off", &["--web", "off"][..], 404), ("bare", &["--no-secondary-storage"], 503)]
    {
        let server = Server::start(&folder.path().join(name), &[&SMALL[..], setting].concat());
        let answer = server.client().get("/past?instance=2251799813685250").expect("an answer");
        assert_eq!(answer.status, status, "{name}");
        server.stop();
    }
}
