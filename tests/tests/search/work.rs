//! What instances wait for, what became of jobs, and how elements that are repeated are counted.

use crate::rig::{Rig, model};
use ringbolt_tests::until;
use serde_json::{Value, json};

/// A process that starts with a form, and repeats a task with headers.
const MANY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:process id="many" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:extensionElements><zeebe:formDefinition formId="form_one" /></bpmn:extensionElements></bpmn:startEvent>
    <bpmn:serviceTask id="task"><bpmn:extensionElements><zeebe:taskDefinition type="many" /><zeebe:taskHeaders><zeebe:header key="a" value="1" /></zeebe:taskHeaders></bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1,2,3]" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
  </bpmn:process>
</bpmn:definitions>"#;

fn items(found: &Value) -> Vec<Value> {
    found["items"].as_array().expect("items").clone()
}

/// What an instance of a process waits for, without what differs each time.
fn wait_of(rig: &mut Rig, process: &str, variables: &Value) -> String {
    let key = rig.create(&json!({ "processDefinitionId": process, "variables": variables }));
    let of = json!({ "filter": { "processInstanceKey": key } });
    // A message is waited for once the partition of its correlation key says so.
    let found = until("it waits", || {
        let found = rig.search("/v2/element-instances/wait-states/search", &of);
        (found["page"]["totalItems"] == 1).then_some(found)
    });
    let wait = &found["items"][0];
    assert_eq!(
        (
            &wait["processInstanceKey"],
            &wait["rootProcessInstanceKey"],
            &wait["bpmnProcessId"],
            &wait["tenantId"]
        ),
        (&json!(key), &json!(key), &json!(process), &json!("<default>"))
    );
    let by_element = rig.get(&format!("/v2/process-instances/{key}/statistics/wait-states"));
    assert_eq!(
        by_element["items"],
        json!([{ "elementId": wait["elementId"], "waitingCount": 1 }]),
        "{process}"
    );
    let mut shown = wait["details"].clone();
    for varying in ["jobKey", "taskKey"] {
        if let Some(key) = shown.get_mut(varying) {
            assert!(key.as_str().is_some_and(|key| key.parse::<i64>().is_ok()), "{key}");
            *key = json!("k");
        }
    }
    if let Some(due) = shown.get_mut("dueDate").filter(|due| due.is_i64()) {
        *due = json!("soon");
    }
    format!("{process} {} {shown}", wait["elementType"])
}

#[test]
fn what_an_instance_waits_for_is_found_until_it_has_come() {
    let mut rig = Rig::start();
    for name in ["catch_timer.bpmn", "catch_signal.bpmn", "boundary_signal.bpmn"] {
        rig.deploy(name, &model(name));
    }
    let mut details = Vec::new();
    for (process, variables) in [
        ("one_task", json!({})),
        ("user_plain", json!({})),
        ("waiting", json!({ "order": "o-1" })),
        ("catch_timer", json!({ "w": "PT1H" })),
        ("catch_signal", json!({})),
        ("boundary_signal", json!({})),
    ] {
        details.push(wait_of(&mut rig, process, &variables));
    }
    assert_eq!(
        details,
        [
            r#"one_task "SERVICE_TASK" {"jobKey":"k","jobKind":"BPMN_ELEMENT","jobType":"work","listenerEventType":null,"retries":3,"waitStateType":"JOB"}"#,
            r#"user_plain "USER_TASK" {"dueDate":null,"taskKey":"k","waitStateType":"USER_TASK"}"#,
            r#"waiting "INTERMEDIATE_CATCH_EVENT" {"correlationKey":"o-1","messageName":"paid","waitStateType":"MESSAGE"}"#,
            r#"catch_timer "INTERMEDIATE_CATCH_EVENT" {"dueDate":"soon","repetitions":1,"waitStateType":"TIMER"}"#,
            r#"catch_signal "INTERMEDIATE_CATCH_EVENT" {"signalName":"alarm","waitStateType":"SIGNAL"}"#,
            r#"boundary_signal "SERVICE_TASK" {"jobKey":"k","jobKind":"BPMN_ELEMENT","jobType":"a","listenerEventType":null,"retries":3,"waitStateType":"JOB"}"#,
        ]
    );
    let count = |rig: &mut Rig, filter: Value| rig.count("/v2/element-instances/wait-states/search", &filter);
    assert_eq!(count(&mut rig, json!({ "waitStateType": { "$in": ["TIMER", "SIGNAL"] } })), 2);
    assert_eq!(count(&mut rig, json!({ "elementType": { "$neq": "SERVICE_TASK" } })), 4);
    assert_eq!(count(&mut rig, json!({ "elementId": { "$like": "w*" }, "waitStateType": "MESSAGE" })), 1);
    rig.write("/v2/signals/broadcast", &json!({ "signalName": "alarm" }));
    let job = rig.jobs(1).remove(0);
    rig.write(&format!("/v2/jobs/{job}/completion"), &json!({}));
    // The signal interrupts the task that waits for it at its border too; it reaches the other partition later.
    until("the signal is everywhere", || {
        let left = count(&mut rig, json!({ "waitStateType": { "$in": ["SIGNAL", "JOB"] } }));
        (left == 0).then_some(())
    });
    let page = json!({ "sort": [{ "field": "elementId", "order": "DESC" }], "page": { "limit": 2 } });
    let first = rig.search("/v2/element-instances/wait-states/search", &page);
    assert_eq!((items(&first).len(), &first["page"]["totalItems"]), (2, &json!(3)));
    rig.server.stop();
}

/// Two jobs completed, one failed, one with an error.
fn four_jobs(rig: &mut Rig) {
    for _ in 0..4 {
        rig.create(&json!({ "processDefinitionId": "one_task" }));
    }
    let body = json!({ "type": "work", "worker": "w-1", "timeout": 600_000, "maxJobsToActivate": 4, "requestTimeout": -1 });
    let mut jobs = Vec::new();
    until("the jobs are there", || {
        let got = rig.client.post("/v2/jobs/activation", &body).expect("an answer").json();
        let got = got["jobs"]
            .as_array()
            .expect("jobs")
            .iter()
            .map(|job| job["jobKey"].as_str().expect("a key").to_owned());
        jobs.extend(got.collect::<Vec<_>>());
        (jobs.len() == 4).then_some(())
    });
    rig.write(&format!("/v2/jobs/{}/completion", jobs[0]), &json!({}));
    rig.write(&format!("/v2/jobs/{}/completion", jobs[1]), &json!({}));
    rig.write(&format!("/v2/jobs/{}/failure", jobs[2]), &json!({ "retries": 1, "errorMessage": "no luck" }));
    rig.write(&format!("/v2/jobs/{}/error", jobs[3]), &json!({ "errorCode": "E1", "errorMessage": "odd" }));

    let shown =
        rig.search("/v2/jobs/search", &json!({ "filter": { "jobKey": jobs[2] } }))["items"][0].clone();
    assert_eq!(
        (&shown["worker"], &shown["retries"], &shown["state"]),
        (&json!("w-1"), &json!(1), &json!("FAILED"))
    );
    assert!(shown["deadline"].is_string(), "{shown}");
}

fn counts(item: &Value) -> [i64; 3] {
    ["created", "completed", "failed"].map(|name| item[name]["count"].as_i64().expect("a number"))
}

fn by_time_and_error(rig: &mut Rig, of_work: &Value) {
    let mut series = of_work.clone();
    series["resolution"] = json!("P1D");
    let found = rig.search("/v2/jobs/statistics/time-series", &json!({ "filter": series }));
    let sum =
        items(&found).iter().map(counts).fold([0, 0, 0], |sum, one| [0, 1, 2].map(|at| sum[at] + one[at]));
    assert_eq!(sum, [4, 2, 2]);
    assert!(
        found["items"][0]["time"].as_str().is_some_and(|time| time.ends_with("T00:00:00.000Z")),
        "{found}"
    );
    series["resolution"] = json!("five");
    rig.refused("/v2/jobs/statistics/time-series", &json!({ "filter": series }).to_string());

    let errors = rig.search("/v2/jobs/statistics/errors", &json!({ "filter": of_work }));
    let wanted = json!([
        { "errorCode": "", "errorMessage": "no luck", "workers": 1 },
        { "errorCode": "E1", "errorMessage": "odd", "workers": 1 },
    ]);
    assert_eq!(errors["items"], wanted);
    let page =
        rig.search("/v2/jobs/statistics/errors", &json!({ "filter": of_work, "page": { "limit": 1 } }));
    let after = json!({ "filter": of_work, "page": { "limit": 1, "after": page["page"]["endCursor"] } });
    let second = rig.search("/v2/jobs/statistics/errors", &after);
    assert_eq!((&page["items"][0], &second["items"][0]), (&wanted[0], &wanted[1]));
    let coded = json!({ "from": of_work["from"], "to": of_work["to"], "jobType": "work", "errorCode": "E1" });
    assert_eq!(
        items(&rig.search("/v2/jobs/statistics/errors", &json!({ "filter": coded }))),
        [wanted[1].clone()]
    );
}

#[test]
fn what_became_of_jobs_is_counted_by_type_worker_and_time() {
    let mut rig = Rig::start();
    four_jobs(&mut rig);
    let time = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z" });
    let of_work = json!({ "from": time["from"], "to": time["to"], "jobType": "work" });
    let global = rig.get("/v2/jobs/statistics/global?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z");
    assert_eq!((counts(&global), &global["isIncomplete"]), ([4, 2, 2], &json!(false)));
    assert!(global["failed"]["lastUpdatedAt"].as_str().is_some_and(|time| time.ends_with('Z')), "{global}");
    let none =
        rig.get("/v2/jobs/statistics/global?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&jobType=other");
    assert_eq!((counts(&none), &none["created"]["lastUpdatedAt"]), ([0, 0, 0], &Value::Null));
    let before = rig.get("/v2/jobs/statistics/global?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z");
    assert_eq!(counts(&before), [0, 0, 0]);

    let types = rig.search("/v2/jobs/statistics/by-types", &json!({ "filter": time }));
    assert_eq!(items(&types).len(), 1, "{types}");
    assert_eq!((&types["items"][0]["jobType"], &types["items"][0]["workers"]), (&json!("work"), &json!(1)));
    assert_eq!(counts(&types["items"][0]), [4, 2, 2]);
    let like = json!({ "from": time["from"], "to": time["to"], "jobType": { "$like": "o*" } });
    assert_eq!(items(&rig.search("/v2/jobs/statistics/by-types", &json!({ "filter": like }))).len(), 0);

    let workers = rig.search("/v2/jobs/statistics/by-workers", &json!({ "filter": of_work }));
    let by: Vec<(Value, [i64; 3])> =
        items(&workers).iter().map(|item| (item["worker"].clone(), counts(item))).collect();
    assert_eq!(by, [(json!(""), [4, 0, 0]), (json!("w-1"), [0, 2, 2])]);

    by_time_and_error(&mut rig, &of_work);
    rig.server.stop();
}

#[test]
fn a_repeated_activity_counts_as_its_items_and_once_for_an_instance() {
    let mut rig = Rig::start();
    let form = rig.deploy("form_one.form", &model("form_one.form"));
    let deployed = rig.deploy("many.bpmn", MANY);
    let definition = deployed["deployments"][0]["processDefinition"]["processDefinitionKey"].clone();
    let definition = definition.as_str().expect("a key");
    let shown = rig.get(&format!("/v2/process-definitions/{definition}"));
    assert_eq!(shown["hasStartForm"], true);
    let found = rig.get(&format!("/v2/process-definitions/{definition}/form"));
    assert_eq!(found["formKey"], form["deployments"][0]["form"]["formKey"]);
    assert_eq!(rig.count("/v2/process-definitions/search", &json!({ "hasStartForm": true })), 1);

    let key = rig.create(&json!({ "processDefinitionId": "many" }));
    rig.create(&json!({ "processDefinitionId": "many" }));
    let active = |found: &Value| {
        items(found).into_iter().find(|item| item["elementId"] == "task").expect("it")["active"].clone()
    };
    let of_instance = rig.get(&format!("/v2/process-instances/{key}/statistics/element-instances"));
    assert_eq!(active(&of_instance), 3, "{of_instance}");
    let path = format!("/v2/process-definitions/{definition}/statistics/element-instances");
    let of_definition = rig.search(&path, &json!({}));
    assert_eq!(active(&of_definition), 2, "{of_definition}");

    let jobs = rig.search("/v2/jobs/search", &json!({ "filter": { "type": "many" } }));
    assert!(items(&jobs).iter().all(|job| job["customHeaders"] == json!({ "a": "1" })), "{jobs}");
    rig.server.stop();
}

#[test]
fn a_variable_is_found_by_its_value_however_it_was_written() {
    let mut rig = Rig::start();
    let body = r#"{"processDefinitionId":"one_task","variables":{"order": { "id" : "\u0041", "sum": 2.50 , "n":[ 1, 2 ] }}}"#;
    let created = rig.client.request("POST", "/v2/process-instances", "application/json", body.as_bytes());
    let created = created.expect("an answer");
    rig.keep_position(&created);
    for value in [r#"{"id":"A","sum":2.5,"n":[1,2]}"#, "{ \"id\": \"A\",\n \"sum\": 2.500, \"n\": [1, 2] }"] {
        let filter = json!({ "variables": [{ "name": "order", "value": value }] });
        assert_eq!(rig.count("/v2/process-instances/search", &filter), 1, "{value}");
        assert_eq!(
            rig.count("/v2/variables/search", &json!({ "name": "order", "value": { "$in": [value] } })),
            1
        );
    }
    let shown = rig.search("/v2/variables/search", &json!({ "filter": { "name": "order" } }));
    assert_eq!(shown["items"][0]["value"], r#"{"id":"A","sum":2.5,"n":[1,2]}"#);
    rig.server.stop();
}
