//! The samples for Prometheus and Grafana: what they ask for is what a server that has done something tells; and what pages are told.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

const ALERTS: &str = include_str!("../../docs/monitoring/alerts.yml");
const GRAFANA: &str = include_str!("../../docs/monitoring/grafana.json");
const PROMETHEUS: &str = include_str!("../../docs/monitoring/prometheus.yml");
const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// A series that a query picks: its name, and for each label the values of which it has one.
#[derive(Debug)]
struct Picked {
    name: String,
    labels: Vec<(String, Vec<String>)>,
}

/// What a query picks: names of metrics, perhaps with labels behind them.
fn picked(query: &str) -> Vec<Picked> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(at) = rest.find("ringbolt_") {
        rest = &rest[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let labels = behind
            .strip_prefix('{')
            .and_then(|labels| labels.split_once('}'))
            .map_or("", |(labels, _)| labels);
        let label = |pair: &str| {
            let (name, value) = pair.split_once('=').expect("a label has a value");
            let value = value.trim_start_matches('~').trim_matches('"');
            (name.to_owned(), value.split('|').map(str::to_owned).collect())
        };
        let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(label).collect();
        found.push(Picked { name: name.to_owned(), labels });
        rest = behind;
    }
    found
}

/// Queries of all samples, and of the rules that the documentation of operations has.
fn queries() -> Vec<String> {
    let rules = ALERTS.lines().chain(OPERATIONS.lines());
    let mut queries: Vec<String> =
        rules.filter_map(|line| line.trim_start().strip_prefix("expr: ")).map(str::to_owned).collect();
    let board: Value = serde_json::from_str(GRAFANA).expect("JSON");
    let panels = board["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().expect("targets"));
    queries.extend(targets.map(|target| target["expr"].as_str().expect("a query").to_owned()));
    queries
}

fn has(series: &BTreeSet<&str>, picked: &Picked) -> bool {
    series.iter().any(|one| {
        let (name, labels) = one.split_once('{').unwrap_or((one, ""));
        let has_label = |(label, values): &(String, Vec<String>)| {
            values.iter().any(|value| labels.contains(&format!("{label}=\"{value}\"")))
        };
        name == picked.name && picked.labels.iter().all(has_label)
    })
}

#[test]
fn every_query_of_the_samples_returns_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &["--cores", "0", "--partitions", "1"]);
    let mut client = Client::connect(server.rest).expect("the server listens");
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    client.post("/v2/process-instances", &json!({ "processDefinitionId": "one_task" })).expect("an answer");
    let page = Client::connect(server.management).and_then(|mut client| client.get("/actuator/prometheus"));
    let page = String::from_utf8(page.expect("an answer").body).expect("text");
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let series: BTreeSet<&str> =
        lines.filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series)).collect();
    let queries = queries();
    assert!(queries.len() > 40, "{queries:#?}");
    for query in &queries {
        let all = picked(query);
        assert!(!all.is_empty() || query.starts_with("up{"), "{query} picks nothing of ours");
        for picked in all {
            assert!(has(&series, &picked), "{query}: nothing is {picked:?}");
        }
    }
    server.stop();
}

#[test]
fn prometheus_is_told_where_metrics_are_and_loads_the_rules() {
    assert!(
        PROMETHEUS.contains("metrics_path: /actuator/prometheus") && PROMETHEUS.contains("127.0.0.1:9600")
    );
    let rules = PROMETHEUS.lines().find_map(|line| line.strip_prefix("rule_files: [")).expect("rules");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/monitoring");
    assert!(folder.join(rules.trim_end_matches(']')).is_file());
}

fn figures(client: &mut Client) -> Value {
    let answer = client.get("/figures").expect("an answer");
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    answer.json()
}

#[test]
fn pages_are_told_how_the_engine_does_where_there_are_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let exporter = folder.path().join("audit.jsonl");
    let exporter = exporter.to_str().expect("UTF-8");
    let data = folder.path().join("data");
    let server = Server::start(&data, &["--cores", "0", "--partitions", "2", "--export-jsonl", exporter]);
    let mut client = Client::connect(server.rest).expect("the server listens");
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    client.post("/v2/process-instances", &json!({ "processDefinitionId": "one_task" })).expect("an answer");
    // A core says something new every second by itself, and nobody makes it say more.
    let has_arrived = |told: &Value| {
        let partitions = told["partitions"].as_array().expect("partitions");
        let is_done = |partition: &Value| {
            let behind = [&partition["storage"]["behind"], &partition["exporters"][0]["behind"]];
            partition["lastPosition"].as_u64() > Some(0) && behind.iter().all(|behind| **behind == 0)
        };
        let has_files = told["disk"]["files"]["search"].as_u64() > Some(0);
        partitions.len() == 2 && partitions.iter().all(is_done) && has_files
    };
    let mut told = figures(&mut client);
    let until = Instant::now() + Duration::from_secs(30);
    while !has_arrived(&told) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
        told = figures(&mut client);
    }
    assert!(has_arrived(&told), "{told:#}");
    assert!(told["counters"]["commands"].as_u64() >= Some(2), "{told:#}");
    for partition in told["partitions"].as_array().expect("partitions") {
        assert_eq!((&partition["isStopped"], &partition["storage"]["isWell"]), (&json!(false), &json!(true)));
        assert_eq!(partition["exporters"][0]["name"], "jsonl");
    }
    let stages = told["stages"].as_array().expect("stages");
    let processing = stages.iter().find(|stage| stage["name"] == "processing").expect("it is there");
    assert!(!processing["counts"].as_array().expect("counts").is_empty(), "{told:#}");
    let disk = &told["disk"];
    assert!(disk["freeBytes"].as_u64() > Some(0) && disk["allBytes"].as_u64() >= disk["freeBytes"].as_u64());
    assert!(disk["files"]["log"].as_u64() > Some(0) && disk["files"]["search"].as_u64() > Some(0), "{disk}");
    // Nothing of where it is, or to where it exports.
    assert!(!told.to_string().contains(&*folder.path().to_string_lossy()), "{told:#}");
}

#[test]
fn without_pages_there_are_no_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &["--cores", "0", "--web", "off"]);
    let mut client = Client::connect(server.rest).expect("the server listens");
    assert_eq!(client.get("/figures").expect("an answer").status, 404);
}
