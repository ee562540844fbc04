//! More load than the server can do: it refuses early, counts what it refuses, and is itself again when the load is gone.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server, binary};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs of a calm client until the server has to be itself again. Counted, not timed: this machine may be slow.
const CALM_RUNS_MAX: usize = 30;
/// What each instance computes: much for the server, nothing for its clients, so that the server is what is behind.
const COMPUTES: &str = r#"<zeebe:ioMapping><zeebe:input source="=sum(for i in 1..1000 return i)" target="sum"/></zeebe:ioMapping>"#;

/// A run of the load tool against the server; its report.
fn load(server: &Server, arguments: &[&str]) -> Value {
    let output = Command::new(binary())
        .args(["bench", "--quiet", "--json", "-", "--deploy", "false", "--work-delay-ms", "0"])
        // Every answer is waited for, however long this machine takes.
        .args(["--warmup", "0", "--drain", "120"])
        .args(["--grpc", &server.grpc.to_string(), "--rest", &server.rest.to_string()])
        .args(arguments)
        .output()
        .expect("the load tool runs");
    let parsed = serde_json::from_slice(&output.stdout);
    parsed.unwrap_or_else(|error| panic!("no report: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Creations that were refused, as clients saw it, from the first on. That nothing else went wrong with one.
fn refused(report: &Value) -> u64 {
    let errors = report["errors"].as_array().expect("a list");
    let of_creates = errors.iter().filter(|error| error["operation"] == "create");
    let counts = of_creates.map(|error| {
        assert!(error["status"] == "ResourceExhausted" || error["status"] == "HTTP 503", "{error}");
        error["count"].as_u64().expect("a number")
    });
    counts.sum()
}

/// The sum of a metric's lines that contain all of `labels`.
fn metric(server: &Server, name: &str, labels: &[&str]) -> f64 {
    let page = Client::connect(server.management).expect("it listens").get("/metrics").expect("an answer");
    let page = String::from_utf8(page.body).expect("text");
    let lines =
        page.lines().filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
    lines.map(|line| line.rsplit(' ').next().expect("a value").parse::<f64>().expect("a number")).sum()
}

#[test]
fn it_refuses_new_work_early_counts_it_and_recovers() {
    let dir = tempfile::tempdir().expect("a directory");
    // A short target: even a fast machine is behind soon.
    let server = Server::start(dir.path(), &["--cores", "0", "--response-target-ms", "10"]);
    let model = ONE_TASK.replace(
        "<zeebe:taskDefinition type=\"work\"/>",
        &format!("<zeebe:taskDefinition type=\"work\"/>{COMPUTES}"),
    );
    assert_ne!(model, ONE_TASK);
    assert_eq!(server.client().deploy("computing.bpmn", &model).expect("an answer").status, 200);
    let mut told = 0;
    for way in [
        &["--protocol", "grpc", "--mode", "stream"][..],
        &["--protocol", "rest", "--mode", "poll", "--http2"],
    ] {
        let report = load(&server, &[way, &["--in-flight", "500", "--duration", "3"]].concat());
        let (counts, refused) = (&report["counts"], refused(&report));
        println!("{way:?}: {refused} refused, {counts}");
        assert!(refused > 0, "{way:?}: nothing was refused: {counts}");
        // Counts end with the window, latencies with the last answer.
        let accepted = report["latencies"]["create_acknowledged"]["count"].as_u64();
        assert!(accepted.is_some_and(|count| count > 0), "{way:?}: nothing was accepted");
        assert_eq!(counts["unfinished"], 0, "{way:?}: what was accepted was not brought to its end");
        assert_eq!(counts["unanswered_creations"], 0, "{way:?}: {counts}");
        told += refused;
    }
    let calm = (0..CALM_RUNS_MAX).any(|_| {
        let report = load(&server, &["--rate", "20", "--duration", "1"]);
        let refused = refused(&report);
        told += refused;
        refused == 0 && metric(&server, "ringbolt_core_is_behind", &["core"]) == 0.0
    });
    assert!(calm, "it goes on refusing");
    // A busy core's figures may be from before.
    until("the server counts what its clients were told", || {
        let counted = metric(&server, "ringbolt_refusals_total", &["new_work"]);
        (counted == told as f64).then_some(())
    });
    let of_progress = metric(&server, "ringbolt_refusals_total", &["progress", "\"age\""]);
    assert_eq!(of_progress, 0.0, "what brings work to its end was refused");
    server.stop();
}

#[test]
fn a_write_limit_refuses_new_work_and_is_changed_while_it_runs() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--partitions", "1"]);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let mut management = Client::connect(server.management).expect("it listens");
    let mut set = |write: Value| {
        let changed =
            management.post("/actuator/flowControl", &json!({ "write": write })).expect("an answer");
        assert_eq!(changed.status, 200, "{}", String::from_utf8_lossy(&changed.body));
        changed.json()["1"]["writeRateLimit"].clone()
    };
    let mut create = || {
        let body = json!({ "processDefinitionId": "one_task" });
        client.post("/v2/process-instances", &body).expect("an answer").status
    };
    // An instance is a dozen records: one a second is let through, or two.
    assert_eq!(set(json!({ "enabled": true, "limit": 10 }))["limit"], 10);
    let began = Instant::now();
    let (mut accepted, mut refused) = (0, 0);
    while began.elapsed() < Duration::from_secs(3) {
        match create() {
            200 => accepted += 1,
            503 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!((1..=10).contains(&accepted) && refused > 10, "{accepted} accepted, {refused} refused");
    until("the refusals are counted", || {
        (metric(&server, "ringbolt_refusals_total", &["write_limit"]) == f64::from(refused)).then_some(())
    });
    assert_eq!(set(json!({ "enabled": false })), Value::Null);
    assert!((0..50).all(|_| create() == 200), "it goes on refusing");
    server.stop();
}

#[test]
fn flow_control_is_shown_and_changed_while_it_runs() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    let mut client = Client::connect(server.management).expect("it listens");
    let shown = |client: &mut Client| client.get("/actuator/flowControl").expect("an answer").json();
    until("the core has reported", || shown(&mut client)["1"].is_object().then_some(()));
    assert_eq!(shown(&mut client)["1"]["requestLimiter"]["delegate"]["expectedRTT"], 200_000_000);
    let change = json!({ "request": { "enabled": true, "aimd": { "requestTimeout": "500ms" } } });
    let changed = client.post("/actuator/flowControl", &change).expect("an answer");
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["1"]["requestLimiter"]["delegate"]["expectedRTT"], 500_000_000);
    let wrong =
        client.post("/actuator/flowControl", &json!({ "write": { "enabled": true } })).expect("an answer");
    assert_eq!(wrong.status, 400, "neither a limit nor throttling");
    let off = json!({ "request": { "enabled": false } });
    assert_eq!(client.post("/actuator/flowControl", &off).expect("an answer").status, 200);
    assert_eq!(shown(&mut client)["1"]["requestLimiter"], Value::Null);
    server.stop();
}
