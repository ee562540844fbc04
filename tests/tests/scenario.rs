//! The realistic scenario of the load tool: complaints with items, called processes, messages, decisions and errors, over both
//! protocols and on two cores. All of it ends as the models say.

use ringbolt_tests::server::{Server, binary};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::process::Command;

const ITEMS: u32 = 12;
const INSTANCES: u32 = 20;

/// What the decision `item_refund` owes for all items of an instance.
fn owed() -> f64 {
    let refund = |item: u32| {
        let price = f64::from(5 + item % 40);
        match item % 4 {
            0 | 1 => price,
            2 if price > 10.0 => price * 0.2,
            _ => 0.0,
        }
    };
    (0..ITEMS).map(refund).sum()
}

fn search(server: &Server, what: &str, filter: &Value) -> Value {
    let body = json!({ "filter": filter, "page": { "limit": 1000 } });
    let answer = server.client().post(&format!("/v2/{what}/search"), &body).expect("an answer");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn total(page: &Value) -> u64 {
    page["page"]["totalItems"].as_u64().expect("a number")
}

#[test]
fn complaints_end_as_their_models_say() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "3"]);
    let ways = [&["--protocol", "grpc", "--mode", "stream"][..], &["--protocol", "rest", "--mode", "poll"]];
    for way in ways {
        let output = Command::new(binary())
            .args(["bench", "--scenario", "realistic", "--quiet", "--json", "-", "--drain", "120"])
            .args(["--items", &ITEMS.to_string(), "--instances", &INSTANCES.to_string(), "--in-flight", "4"])
            .args(["--grpc", &server.grpc.to_string(), "--rest", &server.rest.to_string()])
            .args(way)
            .output()
            .expect("the load tool runs");
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let all = &report["counts"];
        assert_eq!(report["errors"], json!([]), "{way:?}");
        assert_eq!((&all["unfinished"], &all["foreign_jobs"]), (&json!(0), &json!(0)), "{way:?}: {report}");
    }
    let complaints = INSTANCES * ways.len() as u32;
    let ended = json!({ "processDefinitionId": "complaint", "state": "COMPLETED" });
    until("every complaint is closed", || {
        (total(&search(&server, "process-instances", &ended)) == u64::from(complaints)).then_some(())
    });
    assert_eq!(total(&search(&server, "process-instances", &json!({ "state": "ACTIVE" }))), 0);
    assert_eq!(total(&search(&server, "incidents", &json!({}))), 0);
    let sums = search(&server, "variables", &json!({ "name": "total" }));
    assert_eq!(total(&sums), u64::from(complaints));
    for variable in sums["items"].as_array().expect("a list") {
        let value: f64 = variable["value"].as_str().expect("text").parse().expect("a number");
        assert!((value - owed()).abs() < 1e-9, "{value} instead of {}", owed());
    }
    // One of ten inspected items was not found at its place, and looked for.
    let searched = search(&server, "element-instances", &json!({ "elementId": "look_for" }));
    assert_eq!(total(&searched), u64::from(complaints * ITEMS / 10));
}
