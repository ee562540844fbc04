//! Business ids that have to differ, over real sockets, on two partitions, with crashes between starts of one kind and the other.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::Server;
use ringbolt_tests::until;
use serde_json::{Value, json};

const MODEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:message id="message" name="arrived" />
  <bpmn:process id="intake" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:startEvent id="by_message"><bpmn:messageEventDefinition messageRef="message" /></bpmn:startEvent>
    <bpmn:serviceTask id="check"><bpmn:extensionElements><zeebe:taskDefinition type="check" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="check" />
    <bpmn:sequenceFlow id="b" sourceRef="by_message" targetRef="check" />
  </bpmn:process>
</bpmn:definitions>"#;
/// Enough that ids and correlation keys fall to both partitions.
const CASES: usize = 8;
const PLAIN: [&str; 5] = ["--cores", "0,1", "--partitions", "2", "--no-secondary-storage"];
const UNIQUE: [&str; 6] =
    ["--cores", "0,1", "--partitions", "2", "--no-secondary-storage", "--unique-business-ids"];

fn create(client: &mut Client, business_id: &str) -> Response {
    let body = match business_id {
        "" => json!({ "processDefinitionId": "intake" }),
        id => json!({ "processDefinitionId": "intake", "businessId": id }),
    };
    client.post("/v2/process-instances", &body).expect("an answer")
}

/// The key of an instance that is created.
fn created(client: &mut Client, business_id: &str) -> String {
    let answer = create(client, business_id);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["processInstanceKey"].as_str().expect("a key").to_owned()
}

fn refused(client: &mut Client, business_id: &str) {
    let answer = create(client, business_id);
    assert_eq!(
        (answer.status, &answer.json()["title"]),
        (409, &json!("ALREADY_EXISTS")),
        "{}",
        answer.json()
    );
    let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains("already exists for process definition 'intake'"), "{detail}");
}

fn cancel(client: &mut Client, key: &str) {
    let path = format!("/v2/process-instances/{key}/cancellation");
    assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
}

/// The jobs that wait, by business id.
fn jobs(client: &mut Client) -> Vec<Value> {
    let body = json!({ "type": "check", "worker": "w", "timeout": 1, "maxJobsToActivate": 100 });
    let answer = client.post("/v2/jobs/activation", &body).expect("an answer").json();
    answer["jobs"].as_array().expect("jobs").clone()
}

fn case(number: usize) -> String {
    format!("case-{number}")
}

#[test]
fn an_id_is_one_instance_s_from_the_start_that_asks_for_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &PLAIN);
    let mut client = server.client();
    assert_eq!(client.deploy("intake.bpmn", MODEL).expect("an answer").status, 200);
    let first: Vec<String> = (0..CASES).map(|number| created(&mut client, &case(number))).collect();
    let second: Vec<String> = (0..CASES).map(|number| created(&mut client, &case(number))).collect();
    server.kill();

    let server = Server::start(dir.path(), &UNIQUE);
    let mut client = server.client();
    for (number, key) in first.iter().enumerate() {
        refused(&mut client, &case(number));
        cancel(&mut client, key);
        refused(&mut client, &case(number));
    }
    let path = format!("/v2/process-instances/{}/business-id-assignment", created(&mut client, ""));
    let answer = client.post(&path, &json!({ "businessId": "late" })).expect("an answer");
    assert_eq!(answer.status, 409, "{}", answer.json());
    server.kill();

    let server = Server::start(dir.path(), &PLAIN);
    let mut client = server.client();
    second.iter().for_each(|key| cancel(&mut client, key));
    server.kill();

    let server = Server::start(dir.path(), &UNIQUE);
    let mut client = server.client();
    let third: Vec<String> = (0..CASES).map(|number| created(&mut client, &case(number))).collect();
    (0..CASES).for_each(|number| refused(&mut client, &case(number)));
    // A message waits for the id, wherever its correlation key and the id fall to.
    for number in 0..CASES {
        let body = json!({
            "name": "arrived", "correlationKey": format!("key-{}", number + 3), "businessId": case(number), "timeToLive": 3_600_000,
        });
        assert_eq!(client.post("/v2/messages/publication", &body).expect("an answer").status, 200);
    }
    third.iter().for_each(|key| cancel(&mut client, key));
    until("every message has started its instance", || {
        (0..CASES).all(|number| create(&mut client, &case(number)).status == 409).then_some(())
    });
    let found = jobs(&mut client);
    let of_cases =
        found.iter().filter(|job| job["businessId"].as_str().is_some_and(|id| id.starts_with("case-")));
    assert_eq!(of_cases.count(), CASES, "{found:?}");
    server.stop();
}
