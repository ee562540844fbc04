//! Decisions and expressions over real sockets, REST and gRPC, on the binary.

use bytes::Bytes;
use http::Request;
use http_body::Body as _;
use prost::Message;
use ringbolt_grpc_gateway::messages as m;
use ringbolt_http::{Body, client::Http2Client};
use ringbolt_ring::{DriverChoice, block_on};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::Server;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// How long what was deployed may take to reach the other partitions.
const DISTRIBUTED_MAX: Duration = Duration::from_secs(20);

fn model(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/models");
    std::fs::read_to_string(format!("{folder}/{name}")).expect("a model")
}

fn evaluate(client: &mut Client, decision: Value, variables: Value) -> (u16, Value) {
    let mut body = decision;
    body["variables"] = variables;
    let response = client.post("/v2/decision-definitions/evaluation", &body).expect("an answer");
    (response.status, response.json())
}

fn express(client: &mut Client, expression: &str, variables: Value) -> (u16, Value) {
    let body = json!({ "expression": expression, "variables": variables });
    let response = client.post("/v2/expression/evaluation", &body).expect("an answer");
    (response.status, response.json())
}

#[test]
fn decisions_are_deployed_evaluated_and_survive_a_kill() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "1", "--cores", "0"]);
    let mut client = server.client();
    let deployed = client.deploy("dinner.dmn", &model("dinner.dmn")).expect("an answer").json();
    let items = deployed["deployments"].as_array().expect("a list");
    let found: Vec<&str> =
        items.iter().filter_map(|item| item["decisionDefinition"]["decisionDefinitionId"].as_str()).collect();
    assert_eq!(found, ["dish", "season", "guests"]);
    assert_eq!(items[3]["decisionRequirements"]["resourceName"], "dinner.dmn");
    assert!(items[3]["processDefinition"].is_null() && items[3]["form"].is_null());
    let key = items[0]["decisionDefinition"]["decisionDefinitionKey"].clone();
    let again = client.deploy("dinner.dmn", &model("dinner.dmn")).expect("an answer").json();
    assert_eq!(again["deployments"], deployed["deployments"]);
    server.kill();

    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    for decision in [json!({ "decisionDefinitionId": "dish" }), json!({ "decisionDefinitionKey": key })] {
        let (status, answer) = evaluate(&mut client, decision, json!({ "month": 1, "names": ["a", "b"] }));
        assert_eq!((status, &answer["output"]), (200, &json!("\"stew\"")));
        assert_eq!(
            (&answer["failureMessage"], &answer["decisionDefinitionVersion"]),
            (&Value::Null, &json!(1))
        );
        let evaluated = answer["evaluatedDecisions"].as_array().expect("a list");
        assert_eq!(evaluated.len(), 3);
        assert_eq!(evaluated[2]["matchedRules"][0]["ruleId"], "stew_rule");
        assert_eq!(
            evaluated[2]["evaluatedInputs"][1],
            json!({
                "inputId": "dish_guests", "inputName": "Number of guests", "inputValue": "2"
            })
        );
        let instance = format!("{}-3", answer["decisionEvaluationKey"].as_str().expect("a key"));
        assert_eq!(evaluated[2]["decisionEvaluationInstanceKey"], instance);
    }
    let (status, problem) = evaluate(&mut client, json!({ "decisionDefinitionId": "none" }), json!({}));
    assert_eq!((status, &problem["title"]), (404, &json!("NOT_FOUND")));
    let refused = client.deploy("bad.dmn", &model("bad_dmn_cycle.dmn")).expect("an answer");
    assert_eq!(refused.status, 400);
    let detail = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains("Cyclic dependencies between decisions"), "{detail}");
    server.stop();
}

#[test]
fn an_evaluation_of_no_instance_is_found_with_all_its_outputs() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "1", "--cores", "0"]);
    let mut client = server.client();
    assert_eq!(client.deploy("dinner.dmn", &model("dinner.dmn")).expect("an answer").status, 200);
    let body = json!({ "decisionDefinitionId": "dish", "variables": { "month": 1, "names": ["a", "b"] } });
    let evaluated = client.post("/v2/decision-definitions/evaluation", &body).expect("an answer");
    let position = format!("ringbolt-position: {}\r\n", evaluated.header("ringbolt-position"));
    for (business_id, wanted) in [
        (json!({ "$exists": false }), 3),
        (json!({ "$exists": true }), 0),
        (json!({ "$neq": "b" }), 3),
        (json!({ "$notIn": ["b", "c"] }), 3),
        (json!({ "$in": ["b"] }), 0),
        (json!("b"), 0),
    ] {
        let body = json!({ "filter": { "businessId": business_id } });
        let found =
            client.send("POST", "/v2/decision-instances/search", &position, &body).expect("an answer");
        assert_eq!(found.json()["page"]["totalItems"], wanted, "{body}");
    }
    let key = evaluated.json()["decisionEvaluationKey"].as_str().expect("a key").to_owned();
    let instance = client.get(&format!("/v2/decision-instances/{key}-3")).expect("an answer").json();
    assert_eq!(
        instance["matchedRules"][0]["evaluatedOutputs"][0],
        json!({
            "outputId": "dish_out", "outputName": "dish", "outputValue": "\"stew\"", "ruleId": "stew_rule",
            "ruleIndex": 1
        })
    );
    server.stop();
}

#[test]
fn a_business_rule_task_calls_a_decision_on_every_partition() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "3", "--cores", "0"]);
    let mut client = server.client();
    assert_eq!(client.deploy("answer.dmn", &model("answer.dmn")).expect("an answer").status, 200);
    assert_eq!(client.deploy("rule.bpmn", &model("rule_answer.bpmn")).expect("an answer").status, 200);
    // Until every partition has it, an instance may not start yet.
    let started = Instant::now();
    let (mut partitions, mut done) = (std::collections::BTreeSet::new(), 0);
    while partitions.len() < 3 || done < 12 {
        assert!(started.elapsed() < DISTRIBUTED_MAX, "partitions {partitions:?}, {done} instances");
        let body = json!({
            "processDefinitionId": "rule_answer", "variables": { "x": done }, "awaitCompletion": true,
            "requestTimeout": 500
        });
        let response = client.post("/v2/process-instances", &body).expect("an answer");
        if response.status != 200 {
            continue;
        }
        let answer = response.json();
        assert_eq!(answer["variables"], json!({ "x": done, "result": done + 1 }));
        let key: u64 = answer["processInstanceKey"].as_str().expect("a key").parse().expect("digits");
        partitions.insert(key >> 51);
        done += 1;
    }
    server.stop();
}

#[test]
fn expressions_are_evaluated_and_leave_no_trace() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "1", "--cores", "0"]);
    let mut client = server.client();
    let (status, answer) = express(&mut client, "=for a in xs return a * 2.50", json!({ "xs": [1, 3] }));
    assert_eq!((status, answer["result"].to_string().as_str()), (200, "[2.5,7.5]"));
    let (status, answer) = express(&mut client, "= missing + 1", Value::Null);
    assert_eq!((status, &answer["result"]), (200, &Value::Null));
    assert_eq!(answer["warnings"][0]["message"], "No variable found with name 'missing'");
    assert_eq!(express(&mut client, "plain text", json!({})).1["result"], "plain text");
    for (expression, status, detail) in [
        (" ", 400, "The expression must not be blank or empty"),
        ("= 1 +", 400, "Failed to parse expression: failed to parse expression ' 1 +'"),
        ("=assert(x, x > 1)", 500, "Assertion failure on evaluate the expression 'assert(x, x > 1)'"),
        ("=for i in 1..100000000 return i", 500, "Failed to evaluate expression"),
    ] {
        let (found, problem) = express(&mut client, expression, json!({ "x": 1 }));
        let said = problem["detail"].as_str().unwrap_or_default().to_owned();
        assert!(found == status && said.contains(detail), "{expression}: {found} {said}");
    }
    let mut management = Client::connect(server.management).expect("the server listens");
    let page =
        String::from_utf8(management.get("/actuator/prometheus").expect("an answer").body).expect("text");
    let appended = page.lines().find_map(|line| line.strip_prefix("ringbolt_append_seconds_count "));
    assert_eq!(appended, Some("0"), "something was appended");
    server.stop();
}

/// Calls EvaluateDecision: the response, or gRPC's code and message.
async fn call(
    client: &Http2Client,
    request: &m::EvaluateDecisionRequest,
) -> Result<m::EvaluateDecisionResponse, String> {
    let message = request.encode_to_vec();
    let length = u32::try_from(message.len()).expect("short");
    let frame = [&[0][..], &length.to_be_bytes(), &message].concat();
    let request = Request::post("http://ringbolt/gateway_protocol.Gateway/EvaluateDecision")
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let request = request.body(Body::full(Bytes::from(frame))).expect("a request");
    let (head, mut body) = client.send(request).await.expect("an answer").into_parts();
    let (mut received, mut status) = (Vec::new(), head.headers);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame.expect("the answer's body").into_data() {
            Ok(data) => received.extend_from_slice(&data),
            Err(frame) => status = frame.into_trailers().expect("data or trailers"),
        }
    }
    let text = |name: &str| status.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match text("grpc-status") {
        "0" => Ok(m::EvaluateDecisionResponse::decode(&received[5..]).expect("a response")),
        code => Err(format!("{code} {}", text("grpc-message"))),
    }
}

#[test]
fn decisions_are_evaluated_over_grpc() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--partitions", "1", "--cores", "0"]);
    let mut client = server.client();
    assert_eq!(client.deploy("failing.dmn", &model("failing.dmn")).expect("an answer").status, 200);
    let address = server.grpc;
    block_on(DriverChoice::Epoll, async move {
        let client = Http2Client::connect(address).await.expect("the server listens");
        let request = |id: &str, variables: &'static str| m::EvaluateDecisionRequest {
            decision_id: id.to_owned(),
            variables: Bytes::from_static(variables.as_bytes()),
            ..Default::default()
        };
        let answer = call(&client, &request("after_checked", r#"{"x":2}"#)).await.expect("evaluated");
        assert_eq!((&answer.decision_output[..], answer.evaluated_decisions.len()), (&b"4"[..], 2));
        let by_key =
            m::EvaluateDecisionRequest { decision_key: answer.decision_key, ..request("", r#"{"x":3}"#) };
        assert_eq!(&call(&client, &by_key).await.expect("evaluated").decision_output[..], b"6");
        let failed = call(&client, &request("after_checked", r#"{"x":0}"#)).await.expect("evaluated");
        assert_eq!(
            (failed.failed_decision_id.as_str(), &failed.decision_output[..]),
            ("checked", &b"null"[..])
        );
        assert!(
            failed.failure_message.ends_with("The condition is not fulfilled"),
            "{}",
            failed.failure_message
        );
        let refused = call(&client, &request("none", "")).await.expect_err("there is none");
        assert!(refused.starts_with("5 Command 'EVALUATE' rejected with code 'NOT_FOUND'"), "{refused}");
        let nothing = m::EvaluateDecisionRequest { decision_key: -1, ..Default::default() };
        let refused = call(&client, &nothing).await.expect_err("nothing is asked for");
        assert!(refused.starts_with("3 Command 'EVALUATE' rejected"), "{refused}");
        // The connection's task has to run once more to see that nobody needs it; the server waits for its end.
        drop(client);
        for _ in 0..10 {
            ringbolt_ring::yield_now().await;
        }
    })
    .expect("an executor");
    server.stop();
}
