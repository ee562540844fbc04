//! Batch operations over real sockets, on two cores with two partitions: all that a filter selects, each once, whatever happens in between.

#[allow(dead_code, reason = "the tests of searches use more of it")]
#[path = "search/rig.rs"]
mod rig;

use rig::{Rig, fourteen, start_in};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CANCEL: &str = "/v2/process-instances/cancellation";
const ITEMS: &str = "/v2/batch-operation-items/search";
const INSTANCES: &str = "/v2/process-instances/search";

fn ask(client: &mut Client, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let text = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let answer = client.request(method, path, "application/json", &text).expect("an answer");
    (answer.status, if answer.body.is_empty() { Value::Null } else { answer.json() })
}

fn create(client: &mut Client, path: &str, body: &Value) -> String {
    let (status, created) = ask(client, "POST", path, body);
    assert_eq!(status, 200, "{path} {body}: {created}");
    created["batchOperationKey"].as_str().expect("a key").to_owned()
}

/// How it stands, when it is found.
fn batch(client: &mut Client, key: &str) -> Option<Value> {
    let (status, found) = ask(client, "GET", &format!("/v2/batch-operations/{key}"), &Value::Null);
    assert!(matches!(status, 200 | 404), "{status} {found}");
    (status == 200).then_some(found)
}

/// Waits for its end. Whatever any partition counted of it is there with it.
fn ended(client: &mut Client, key: &str) -> Value {
    until("the batch operation ends", || batch(client, key).filter(|found| !found["endDate"].is_null()))
}

fn counts(found: &Value) -> [u64; 3] {
    ["operationsTotalCount", "operationsCompletedCount", "operationsFailedCount"]
        .map(|name| found[name].as_u64().expect("a number"))
}

fn all(client: &mut Client, path: &str, filter: &Value) -> Vec<Value> {
    let body = json!({ "filter": filter, "page": { "limit": 10_000 } });
    let (status, found) = ask(client, "POST", path, &body);
    assert_eq!(status, 200, "{path} {filter}: {found}");
    found["items"].as_array().expect("items").clone()
}

#[test]
fn instances_of_both_partitions_are_canceled_and_found_by_their_batch() {
    let mut rig = Rig::start();
    let keys = fourteen(&mut rig);
    let filter = json!({ "processDefinitionId": "one_task", "businessId": { "$exists": true } });
    until("all are found as they are", || {
        let found = all(&mut rig.client, INSTANCES, &json!({}));
        let done = found.iter().filter(|instance| instance["state"] == "COMPLETED").count();
        ((found.len(), done) == (14, 7)).then_some(())
    });
    let wanted: BTreeSet<String> = all(&mut rig.client, INSTANCES, &json!({}))
        .iter()
        .filter(|instance| instance["state"] == "ACTIVE" && !instance["businessId"].is_null())
        .map(|instance| instance["processInstanceKey"].as_str().expect("a key").to_owned())
        .collect();
    let key = create(&mut rig.client, CANCEL, &json!({ "filter": filter }));
    let found = ended(&mut rig.client, &key);
    assert_eq!(
        (&found["state"], &found["batchOperationType"]),
        (&json!("COMPLETED"), &json!("CANCEL_PROCESS_INSTANCE"))
    );
    assert_eq!(found["errors"], json!([]));
    let items = all(&mut rig.client, ITEMS, &json!({ "batchOperationKey": key, "state": "COMPLETED" }));
    let done: BTreeSet<String> =
        items.iter().map(|item| item["itemKey"].as_str().expect("a key").to_owned()).collect();
    assert_eq!(counts(&found), [done.len() as u64, done.len() as u64, 0]);
    assert!(wanted == done && !done.is_empty(), "{wanted:?} {done:?}");
    assert!(
        items
            .iter()
            .all(|item| !item["processedDate"].is_null() && item["processInstanceKey"] == item["itemKey"])
    );
    until("they are found by it", || {
        let found =
            all(&mut rig.client, INSTANCES, &json!({ "batchOperationId": key, "state": "TERMINATED" }));
        (found.len() == done.len()).then_some(())
    });
    let left =
        all(&mut rig.client, INSTANCES, &json!({ "state": "ACTIVE", "businessId": { "$exists": true } }));
    assert_eq!(left, Vec::<Value>::new());
    assert!(done.iter().all(|key| keys.contains(key)));
    let listed = all(&mut rig.client, "/v2/batch-operations/search", &json!({ "state": "COMPLETED" }));
    assert_eq!(listed, [found]);
    rig.server.stop();
}

#[test]
fn the_first_read_of_a_selection_sees_what_was_written_before() {
    let mut rig = Rig::start();
    for round in 1..=5 {
        for _ in 0..10 {
            rig.create(&json!({ "processDefinitionId": "one_task" }));
        }
        let key =
            create(&mut rig.client, CANCEL, &json!({ "filter": { "processDefinitionId": "one_task" } }));
        assert_eq!(counts(&ended(&mut rig.client, &key)), [10, 10, 0], "round {round}");
    }
    rig.server.stop();
}

#[test]
fn incidents_are_resolved_tokens_moved_and_instances_migrated() {
    let mut rig = Rig::start();
    let model = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:process id="steps" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/><bpmn:serviceTask id="a"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:sequenceFlow id="g" sourceRef="a" targetRef="b"/><bpmn:serviceTask id="b"><bpmn:extensionElements><zeebe:taskDefinition type="rest" /></bpmn:extensionElements></bpmn:serviceTask></bpmn:process></bpmn:definitions>"#;
    let deployed = rig.deploy("steps.bpmn", model);
    let first = deployed["deployments"][0]["processDefinition"]["processDefinitionKey"].clone();
    let second = rig.deploy("steps.bpmn", &model.replace("<bpmn:startEvent", "<!-- 2 --><bpmn:startEvent"));
    let second = second["deployments"][0]["processDefinition"]["processDefinitionKey"].clone();
    for _ in 0..6 {
        rig.create(&json!({ "processDefinitionKey": first }));
    }
    for job in rig.jobs(6) {
        let (status, _) =
            ask(&mut rig.client, "POST", &format!("/v2/jobs/{job}/failure"), &json!({ "retries": 0 }));
        assert_eq!(status, 204);
    }
    let filter = json!({ "processDefinitionId": "steps" });
    let key =
        create(&mut rig.client, "/v2/process-instances/incident-resolution", &json!({ "filter": filter }));
    assert_eq!(counts(&ended(&mut rig.client, &key)), [6, 6, 0]);
    until("no incident is left", || {
        let open = all(&mut rig.client, "/v2/incidents/search", &json!({ "state": "ACTIVE" }));
        open.is_empty().then_some(())
    });
    let body =
        json!({ "filter": filter, "moveInstructions": [{ "sourceElementId": "a", "targetElementId": "b" }] });
    let key = create(&mut rig.client, "/v2/process-instances/modification", &body);
    assert_eq!(counts(&ended(&mut rig.client, &key)), [6, 6, 0]);
    let plan = |target: &str| {
        let mappings = json!([{ "sourceElementId": "b", "targetElementId": target }]);
        json!({ "filter": filter, "migrationPlan": { "targetProcessDefinitionKey": second, "mappingInstructions": mappings } })
    };
    let key = create(&mut rig.client, "/v2/process-instances/migration", &plan("nothing"));
    let found = ended(&mut rig.client, &key);
    assert_eq!((counts(&found), &found["state"]), ([6, 0, 6], &json!("COMPLETED")));
    let failed = all(&mut rig.client, ITEMS, &json!({ "batchOperationKey": key, "state": "FAILED" }));
    assert_eq!(failed.len(), 6);
    assert!(failed[0]["errorMessage"].as_str().is_some_and(|text| text.contains("nothing")), "{failed:?}");
    let key = create(&mut rig.client, "/v2/process-instances/migration", &plan("b"));
    assert_eq!(counts(&ended(&mut rig.client, &key)), [6, 6, 0]);
    let instance = failed[0]["itemKey"].as_str().expect("a key");
    let path = format!("/v2/process-instances/{instance}/incident-resolution");
    let key = create(&mut rig.client, &path, &Value::Null);
    assert_eq!(counts(&ended(&mut rig.client, &key)), [0, 0, 0]);
    until("they run the other definition", || {
        let there =
            all(&mut rig.client, INSTANCES, &json!({ "processDefinitionKey": second, "state": "ACTIVE" }));
        (there.len() == 6).then_some(())
    });
    rig.server.stop();
}

#[test]
fn instances_rest_and_go_on_and_jobs_are_changed() {
    let mut rig = Rig::start();
    let key_of = |found: &Value| found["processInstanceKey"].as_str().expect("a key").to_owned();
    for number in 0..12 {
        let id = if number % 3 == 0 { "waiting" } else { "one_task" };
        rig.create(&json!({ "processDefinitionId": id, "variables": { "order": number.to_string() } }));
    }
    let tasks = json!({ "filter": { "processDefinitionId": "one_task" } });
    let suspension = "/v2/process-instances/suspension";
    let key = create(&mut rig.client, suspension, &tasks);
    let found = ended(&mut rig.client, &key);
    assert_eq!(counts(&found), [8, 8, 0]);
    assert_eq!(found["batchOperationType"], "SUSPEND_PROCESS_INSTANCE");
    let resting: BTreeSet<String> = until("eight rest", || {
        let found = all(&mut rig.client, INSTANCES, &json!({ "state": "SUSPENDED" }));
        (found.len() == 8).then(|| found.iter().map(key_of).collect())
    });
    // What rests is not selected once more, and nothing of it is handed out.
    let key = create(&mut rig.client, suspension, &tasks);
    assert_eq!(counts(&ended(&mut rig.client, &key)), [0, 0, 0]);
    let polled = json!({ "type": "work", "timeout": 1000, "maxJobsToActivate": 20, "requestTimeout": -1 });
    let jobs = rig.client.post("/v2/jobs/activation", &polled).expect("an answer").json();
    assert_eq!(jobs["jobs"], json!([]));
    let body = json!({ "filter": { "type": "work" }, "changeset": { "retries": 7, "priority": 5 } });
    let key = create(&mut rig.client, "/v2/jobs/batch-update", &body);
    let found = ended(&mut rig.client, &key);
    assert_eq!((counts(&found), &found["batchOperationType"]), ([8, 8, 0], &json!("UPDATE_JOB")));
    let items = all(&mut rig.client, ITEMS, &json!({ "batchOperationKey": key }));
    assert_eq!(items.iter().map(key_of).collect::<BTreeSet<_>>(), resting, "items say whose jobs they are");
    assert!(items.iter().all(|item| item["itemKey"] != item["processInstanceKey"]));
    until("the jobs are seen changed", || {
        let changed = all(&mut rig.client, "/v2/jobs/search", &json!({ "retries": 7, "priority": 5 }));
        (changed.len() == 8).then_some(())
    });
    let key = create(
        &mut rig.client,
        "/v2/process-instances/resumption",
        &json!({ "filter": { "state": "SUSPENDED" } }),
    );
    let found = ended(&mut rig.client, &key);
    assert_eq!(
        (counts(&found), &found["batchOperationType"]),
        ([8, 8, 0], &json!("RESUME_PROCESS_INSTANCE"))
    );
    for job in rig.jobs(8) {
        let (status, _) = ask(&mut rig.client, "POST", &format!("/v2/jobs/{job}/completion"), &json!({}));
        assert_eq!(status, 204);
    }
    // Jobs that have ended are not selected.
    let key = create(&mut rig.client, "/v2/jobs/batch-update", &body);
    assert_eq!(counts(&ended(&mut rig.client, &key)), [0, 0, 0]);
    let left = json!({ "filter": { "batchOperationKey": key }, "changeset": { "timeout": 5 } });
    rig.refused("/v2/jobs/batch-update", &left.to_string());
    rig.server.stop();
}

#[test]
fn history_is_deleted_one_by_one_and_by_filter() {
    let mut rig = Rig::start();
    let keys = fourteen(&mut rig);
    let path = |key: &str| format!("/v2/process-instances/{key}");
    let done: Vec<String> = until("seven are done", || {
        let done = all(&mut rig.client, INSTANCES, &json!({ "state": "COMPLETED" }));
        let keys = done.iter().map(|found| found["processInstanceKey"].as_str().expect("a key").to_owned());
        (done.len() == 7).then(|| keys.collect())
    });
    let running = keys.iter().find(|key| !done.contains(key)).expect("one runs");
    until("one that runs is found, and refused", || {
        let path = format!("/v2/process-instances/{running}/deletion");
        let (status, _) = ask(&mut rig.client, "POST", &path, &json!({}));
        assert!(matches!(status, 404 | 409), "{status}");
        (status == 409).then_some(())
    });
    assert_eq!(ask(&mut rig.client, "POST", &format!("{}/deletion", path(&done[0])), &json!({})).0, 204);
    until("it is gone", || {
        (ask(&mut rig.client, "GET", &path(&done[0]), &Value::Null).0 == 404).then_some(())
    });
    let variables = all(&mut rig.client, "/v2/variables/search", &json!({ "processInstanceKey": done[0] }));
    assert_eq!(variables, Vec::<Value>::new());
    assert_eq!(ask(&mut rig.client, "POST", &format!("{}/deletion", path(&done[0])), &json!({})).0, 404);
    let body = json!({ "filter": { "processDefinitionId": "one_task" } });
    let key = create(&mut rig.client, "/v2/process-instances/deletion", &body);
    assert_eq!(counts(&ended(&mut rig.client, &key)), [13, 6, 7], "those that run are refused");
    let left = all(&mut rig.client, INSTANCES, &json!({}));
    assert_eq!(left.len(), 7);
    let evaluation = json!({ "decisionDefinitionId": "answer", "variables": {} });
    assert_eq!(ask(&mut rig.client, "POST", "/v2/decision-definitions/evaluation", &evaluation).0, 200);
    let found = until("the evaluation is found", || {
        all(&mut rig.client, "/v2/decision-instances/search", &json!({})).pop()
    });
    let evaluated = found["decisionEvaluationKey"].as_str().expect("a key").to_owned();
    assert_eq!(
        ask(&mut rig.client, "POST", &format!("/v2/decision-instances/{evaluated}/deletion"), &json!({})).0,
        204
    );
    until("it is gone", || {
        all(&mut rig.client, "/v2/decision-instances/search", &json!({})).is_empty().then_some(())
    });
    rig.server.stop();
}

/// Deletes something deployed with its history; the answer.
fn delete_resource(rig: &mut Rig, key: &Value) -> (u16, Value) {
    let path = format!("/v2/resources/{}/deletion", key.as_str().expect("a key"));
    ask(&mut rig.client, "POST", &path, &json!({ "deleteHistory": true }))
}

#[test]
fn a_definition_goes_with_all_that_is_known_of_it() {
    let mut rig = Rig::start();
    fourteen(&mut rig);
    let definitions = "/v2/process-definitions/search";
    let of_task = json!({ "processDefinitionId": "one_task" });
    let process = until("the process is found", || all(&mut rig.client, definitions, &of_task).pop());
    let key = create(&mut rig.client, CANCEL, &json!({ "filter": { "state": "ACTIVE" } }));
    ended(&mut rig.client, &key);
    let (status, deleted) = delete_resource(&mut rig, &process["processDefinitionKey"]);
    assert_eq!((status, &deleted["resourceKey"]), (200, &process["processDefinitionKey"]));
    let batch = &deleted["batchOperation"];
    assert_eq!(batch["batchOperationType"], "DELETE_PROCESS_INSTANCE");
    let done = ended(&mut rig.client, batch["batchOperationKey"].as_str().expect("a key"));
    assert_eq!(counts(&done), [14, 14, 0]);
    until("instances are gone", || all(&mut rig.client, INSTANCES, &of_task).is_empty().then_some(()));
    until("their process is gone", || all(&mut rig.client, definitions, &of_task).is_empty().then_some(()));
    let evaluation = json!({ "decisionDefinitionId": "answer", "variables": {} });
    assert_eq!(ask(&mut rig.client, "POST", "/v2/decision-definitions/evaluation", &evaluation).0, 200);
    let evaluations = "/v2/decision-instances/search";
    until("the evaluation is found", || all(&mut rig.client, evaluations, &json!({})).pop());
    let models = "/v2/decision-requirements/search";
    let model = all(&mut rig.client, models, &json!({})).pop().expect("the model");
    let (status, deleted) = delete_resource(&mut rig, &model["decisionRequirementsKey"]);
    assert_eq!(
        (status, &deleted["batchOperation"]["batchOperationType"]),
        (200, &json!("DELETE_DECISION_INSTANCE"))
    );
    for path in [evaluations, models, "/v2/decision-definitions/search"] {
        until(path, || all(&mut rig.client, path, &json!({})).is_empty().then_some(()));
    }
    rig.server.stop();
}

fn begun(server: &Server, count: usize) -> Client {
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let mut others = [server.client(), server.client()];
    for number in 0..count {
        let body = json!({ "processDefinitionId": "one_task" });
        assert_eq!(ask(&mut others[number % 2], "POST", "/v2/process-instances", &body).0, 200);
    }
    client
}

#[test]
fn it_rests_goes_on_and_is_canceled() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = start_in(directory.path());
    let mut client = begun(&server, 600);
    let filter = json!({ "filter": { "processDefinitionId": "one_task" } });
    // Held before it has begun, in most rounds.
    let key = until("one is suspended", || {
        let key = create(&mut client, "/v2/process-instances/incident-resolution", &filter);
        let path = format!("/v2/batch-operations/{key}/suspension");
        (ask(&mut client, "POST", &path, &json!({})).0 == 204).then_some(key)
    });
    let change = |client: &mut Client, what: &str| {
        ask(client, "POST", &format!("/v2/batch-operations/{key}/{what}"), &Value::Null)
    };
    until("it is seen to rest", || (batch(&mut client, &key)?["state"] == "SUSPENDED").then_some(()));
    let (status, refused) = change(&mut client, "suspension");
    assert_eq!(status, 409, "{refused}");
    let resume = format!("/v2/batch-operations/{key}/resumption");
    assert_eq!(ask(&mut client, "POST", &resume, &Value::Null).0, 204);
    ended(&mut client, &key);
    assert_eq!(ask(&mut client, "POST", &resume, &Value::Null).0, 404);
    let key = until("one is canceled", || {
        let key = create(&mut client, CANCEL, &filter);
        let path = format!("/v2/batch-operations/{key}/cancellation");
        (ask(&mut client, "POST", &path, &json!({})).0 == 204).then_some(key)
    });
    let found = ended(&mut client, &key);
    assert_eq!(found["state"], "CANCELED");
    let active = all(&mut client, ITEMS, &json!({ "batchOperationKey": key, "state": "ACTIVE" }));
    assert_eq!(active, Vec::<Value>::new(), "what was not done is canceled");
    server.stop();
}

/// The server is killed in the middle, again and again: every instance is canceled once, and nothing is forgotten or counted twice.
#[test]
fn each_item_is_done_once_whatever_kills_the_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = start_in(directory.path());
    let count = 3_000;
    let mut client = begun(&server, count);
    let key = create(&mut client, CANCEL, &json!({ "filter": { "processDefinitionId": "one_task" } }));
    for round in 0..4 {
        // So that it dies at different moments of it.
        std::thread::sleep(std::time::Duration::from_millis(20 + 45 * round));
        server.kill();
        server = start_in(directory.path());
    }
    let mut client = server.client();
    let found = ended(&mut client, &key);
    let items = all(&mut client, ITEMS, &json!({ "batchOperationKey": key }));
    let active = all(&mut client, INSTANCES, &json!({ "state": "ACTIVE" }));
    assert_eq!(
        (counts(&found), &found["state"]),
        ([count as u64, count as u64, 0], &json!("COMPLETED")),
        "{} items, {} instances run: {found}",
        items.len(),
        active.len()
    );
    let keys: BTreeSet<&str> = items.iter().filter_map(|item| item["itemKey"].as_str()).collect();
    assert_eq!(keys.len(), count);
    until("all have ended", || {
        let found = all(&mut client, INSTANCES, &json!({ "state": "ACTIVE" }));
        found.is_empty().then_some(())
    });
    let ended = all(&mut client, INSTANCES, &json!({ "state": "TERMINATED", "batchOperationId": key }));
    assert_eq!(ended.len(), count);
    server.stop();
}

#[test]
fn without_secondary_storage_nothing_can_be_selected() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &["--cores", "0", "--no-secondary-storage"]);
    let mut client = server.client();
    let (status, refused) = ask(&mut client, "POST", CANCEL, &json!({ "filter": { "state": "ACTIVE" } }));
    assert_eq!(status, 503, "{refused}");
    assert!(refused["detail"].to_string().contains("secondary storage"), "{refused}");
    server.stop();
}

#[test]
fn filters_that_say_nothing_or_make_no_sense_are_refused() {
    let mut rig = Rig::start();
    for filter in [
        json!({}),
        json!({ "$or": [] }),
        json!({ "$or": [{}, { "processInstanceKey": {} }] }),
        json!({ "businessId": {} }),
        json!({ "tags": [] }),
        json!({ "variables": [] }),
        json!({ "state": "NOTHING" }),
        json!({ "processInstanceKey": "x" }),
        json!({ "startDate": "never" }),
    ] {
        rig.refused(CANCEL, &json!({ "filter": filter }).to_string());
    }
    rig.refused(CANCEL, "{}");
    let moves = json!({ "filter": { "state": "ACTIVE" }, "moveInstructions": [] });
    rig.refused("/v2/process-instances/modification", &moves.to_string());
    rig.server.stop();
}

/// Clients of 8.9 have no name for a suspension: it is neither listed nor found by its key, and it is done all the same.
#[test]
fn what_cannot_be_named_at_a_level_is_not_found_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--api-version", "8.9"]);
    let mut client = Client::connect(server.rest).expect("the server answers");
    let filter = json!({ "filter": { "processDefinitionId": "nobody" } });
    let named = create(&mut client, "/v2/process-instances/cancellation", &filter);
    let unnamed = create(&mut client, "/v2/process-instances/suspension", &filter);
    assert_eq!(ended(&mut client, &named)["batchOperationType"], "CANCEL_PROCESS_INSTANCE");
    let later = create(&mut client, "/v2/process-instances/cancellation", &filter);
    ended(&mut client, &later);
    let listed = all(&mut client, "/v2/batch-operations/search", &json!({}));
    assert!(listed.len() == 2 && batch(&mut client, &unnamed).is_none(), "{listed:?}");
}
