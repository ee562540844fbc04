//! What is read about a definition, a user task, a decision and a resource.

use crate::rig::{Rig, model};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn statistics_of_a_definition_count_its_instances_by_version_and_element() {
    let mut rig = Rig::start();
    let first = rig.create(&json!({ "processDefinitionId": "one_task", "variables": { "a": 1, "bb": 2 } }));
    let changed = ONE_TASK
        .replace(r#"name="work""#, r#"name="other work""#)
        .replace("</bpmn:process>", "<!-- 2 --></bpmn:process>");
    rig.deploy("one_task.bpmn", &changed);
    for _ in 0..2 {
        rig.create(&json!({ "processDefinitionId": "one_task", "variables": { "ab": 1 } }));
    }
    let of = json!({ "filter": { "processDefinitionId": "one_task" }, "sort": [{ "field": "processDefinitionVersion", "order": "DESC" }] });
    let versions = rig.search("/v2/process-definitions/statistics/process-instances-by-version", &of);
    let counts: Vec<(i64, i64)> = items(&versions)
        .iter()
        .map(|item| {
            (number(item, "processDefinitionVersion"), number(item, "activeInstancesWithoutIncidentCount"))
        })
        .collect();
    assert_eq!(counts, [(2, 2), (1, 1)], "{versions}");

    let instance = rig.get(&format!("/v2/process-instances/{first}"));
    let key = instance["processDefinitionKey"].as_str().expect("a key").to_owned();
    let path = format!("/v2/process-definitions/{key}/statistics/element-instances");
    let counted = |elements: &Value, id: &str| {
        let found = items(elements).iter().find(|item| item["elementId"] == id).cloned();
        found.map(|item| (number(&item, "active"), number(&item, "completed")))
    };
    let elements = rig.search(&path, &json!({}));
    assert_eq!(counted(&elements, "task"), Some((1, 0)), "{elements}");
    let job = rig.jobs(1).remove(0);
    rig.write(&format!("/v2/jobs/{job}/completion"), &json!({}));
    let elements = rig.search(&path, &json!({ "filter": { "processInstanceKey": first } }));
    assert_eq!(counted(&elements, "task"), Some((0, 1)), "{elements}");

    let path = format!("/v2/process-definitions/{key}/variable-names/search");
    let names = rig.search(&path, &json!({}));
    assert_eq!(names["items"], json!([{ "name": "a" }, { "name": "bb" }]));
    let like = rig.search(&path, &json!({ "filter": { "name": { "$like": "b*" } } }));
    assert_eq!((&like["items"], &like["page"]["totalItems"]), (&json!([{ "name": "bb" }]), &json!(1)));
    rig.server.stop();
}

#[test]
fn a_user_task_shows_its_form_and_what_it_sees() {
    let mut rig = Rig::start();
    let form = rig.deploy("form_one.form", &model("form_one.form"));
    rig.deploy("user_form.bpmn", &model("user_form.bpmn"));
    let instance =
        rig.create(&json!({ "processDefinitionId": "user_form", "variables": { "x": 1, "y": "outer" } }));
    let of = json!({ "filter": { "processInstanceKey": instance } });
    let task = rig.search("/v2/user-tasks/search", &of)["items"][0].clone();
    let key = task["userTaskKey"].as_str().expect("a key").to_owned();
    let scope = task["elementInstanceKey"].as_str().expect("a key").to_owned();
    let shown = rig.get(&format!("/v2/user-tasks/{key}/form"));
    assert_eq!(shown["formKey"], form["deployments"][0]["form"]["formKey"]);
    assert_eq!(shown["schema"], json!(model("form_one.form")));

    rig.client
        .send(
            "PUT",
            &format!("/v2/element-instances/{scope}/variables"),
            "",
            &json!({ "variables": { "y": "inner" }, "local": true }),
        )
        .expect("an answer");
    rig.write(&format!("/v2/user-tasks/{key}/assignment"), &json!({ "assignee": "demo" }));
    let by_name = json!({ "sort": [{ "field": "name" }] });
    let seen = |found: &Value| -> Vec<(String, String)> {
        let text = |item: &Value, member: &str| item[member].as_str().expect("text").to_owned();
        items(found).iter().map(|item| (text(item, "name"), text(item, "value"))).collect()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let innermost = rig.search(&format!("/v2/user-tasks/{key}/effective-variables/search"), &by_name);
    assert_eq!(seen(&innermost), [pair("x", "1"), pair("y", "\"inner\"")]);
    let all = rig.search(&format!("/v2/user-tasks/{key}/variables/search"), &by_name);
    let mut all = seen(&all);
    all.sort();
    assert_eq!(all, [pair("x", "1"), pair("y", "\"inner\""), pair("y", "\"outer\"")]);

    let plain = rig.create(&json!({ "processDefinitionId": "user_plain" }));
    let of = json!({ "filter": { "processInstanceKey": plain } });
    let key = rig.search("/v2/user-tasks/search", &of)["items"][0]["userTaskKey"].clone();
    let none =
        rig.read("GET", &format!("/v2/user-tasks/{}/form", key.as_str().expect("a key")), &Value::Null);
    assert_eq!((none.status, none.body.len()), (204, 0));
    rig.server.stop();
}

#[test]
fn models_of_decisions_and_other_resources_are_given_as_they_were_deployed() {
    let mut rig = Rig::start();
    let requirements = rig.search("/v2/decision-requirements/search", &json!({}))["items"][0].clone();
    let key = requirements["decisionRequirementsKey"].as_str().expect("a key").to_owned();
    assert_eq!(rig.get(&format!("/v2/decision-requirements/{key}")), requirements);
    let xml = rig.read("GET", &format!("/v2/decision-requirements/{key}/xml"), &Value::Null);
    assert_eq!((xml.status, String::from_utf8_lossy(&xml.body).into_owned()), (200, model("answer.dmn")));

    let content = "{\"id\":\"robot\"}\n";
    let deployed = rig.deploy("robot.rpa", content);
    let key = deployed["deployments"][0]["resource"]["resourceKey"].as_str().expect("a key").to_owned();
    let found = rig.search("/v2/resources/search", &json!({ "filter": { "resourceId": "robot" } }));
    assert_eq!(found["page"]["totalItems"], 1, "{found}");
    assert_eq!(rig.get(&format!("/v2/resources/{key}"))["resourceName"], "robot.rpa");
    let binary = rig.read("GET", &format!("/v2/resources/{key}/content/binary"), &Value::Null);
    assert_eq!((binary.status, &binary.body[..]), (200, content.as_bytes()));
    rig.server.stop();
}

#[test]
fn usage_is_counted_by_what_nobody_called_and_whom_tasks_were_for() {
    let mut rig = Rig::start();
    let usage = |rig: &mut Rig, more: &str| {
        rig.get(&format!(
            "/v2/system/usage-metrics?startTime=2020-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z{more}"
        ))
    };
    let none = json!({ "processInstances": 0, "decisionInstances": 0, "assignees": 0, "activeTenants": 0, "tenants": {} });
    assert_eq!(usage(&mut rig, "&withTenants=true"), none);
    for process in ["one_task", "user_plain", "user_plain"] {
        rig.create(&json!({ "processDefinitionId": process }));
    }
    rig.write(
        "/v2/decision-definitions/evaluation",
        &json!({ "decisionDefinitionId": "answer", "variables": {} }),
    );
    let tasks = rig.search("/v2/user-tasks/search", &json!({}));
    for name in ["Ada", "Bo", "Ada"] {
        for task in items(&tasks) {
            let path = format!("/v2/user-tasks/{}/assignment", task["userTaskKey"].as_str().expect("a key"));
            rig.write(&path, &json!({ "assignee": name }));
        }
    }
    let counts = json!({ "processInstances": 3, "decisionInstances": 1, "assignees": 2 });
    let mut wanted = counts.clone();
    wanted["activeTenants"] = json!(1);
    wanted["tenants"] = json!({ "<default>": counts });
    assert_eq!(usage(&mut rig, "&withTenants=true"), wanted);
    wanted["tenants"] = json!({});
    assert_eq!(usage(&mut rig, ""), wanted);
    assert_eq!(usage(&mut rig, "&tenantId=other&withTenants=true"), none);
    let before =
        rig.get("/v2/system/usage-metrics?startTime=2020-01-01T00:00:00Z&endTime=2020-01-02T00:00:00Z");
    assert_eq!(before, none);
    let wrong = "/v2/system/usage-metrics?startTime=2020-01-01T00:00:00Z&endTime=2030-02-30T00:00:00Z";
    assert_eq!(rig.read("GET", wrong, &Value::Null).status, 400);
    rig.server.stop();
}

/// What an instance calls is found by the business id that it has from it, whether it is written with its caller or later.
#[test]
fn called_instances_are_found_by_their_business_id() {
    let mut rig = Rig::start();
    let model = |process: &str, before: &str, called: &str| {
        format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:process id="{process}" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="b"/>{before}<bpmn:sequenceFlow id="g" sourceRef="b" targetRef="c"/><bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="{called}" /></bpmn:extensionElements></bpmn:callActivity></bpmn:process></bpmn:definitions>"#
        )
    };
    let task = r#"<bpmn:serviceTask id="b"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask>"#;
    rig.deploy("calls.bpmn", &model("calls", task, "calls_too"));
    rig.deploy("calls_too.bpmn", &model("calls_too", r#"<bpmn:manualTask id="b"/>"#, "one_task"));
    rig.create(&json!({ "processDefinitionId": "calls", "businessId": "order-7" }));
    let of_it = json!({ "filter": { "businessId": "order-7" }, "sort": [{ "field": "processInstanceKey" }] });
    assert_eq!(rig.search("/v2/process-instances/search", &of_it)["page"]["totalItems"], 1);
    for job in rig.jobs(1) {
        let done = rig.client.post(&format!("/v2/jobs/{job}/completion"), &json!({})).expect("an answer");
        assert_eq!(done.status, 204);
        rig.keep_position(&done);
    }
    let found = rig.search("/v2/process-instances/search", &of_it);
    let ids: Vec<&str> =
        items(&found).iter().filter_map(|item| item["processDefinitionId"].as_str()).collect();
    assert_eq!(ids, ["calls", "calls_too", "one_task"], "{found}");
    rig.server.stop();
}

fn items(found: &Value) -> &[Value] {
    found["items"].as_array().expect("items")
}

fn number(item: &Value, member: &str) -> i64 {
    item[member].as_i64().unwrap_or_else(|| panic!("{member} of {item}"))
}

/// Cluster variables change on one partition; every expression sees them, wherever it is evaluated.
#[test]
fn cluster_variables_are_seen_by_processes_and_found() {
    let mut rig = Rig::start();
    let model = ONE_TASK.replace(r#"type="work""#, r#"type="=camunda.vars.env.kind""#);
    let model = model.replace(r#"id="one_task""#, r#"id="configured""#);
    rig.deploy("configured.bpmn", &model);
    let long = "x".repeat(10_000);
    for (path, name, value) in [
        ("global", "kind", json!("work")),
        ("global", "long", json!(long)),
        ("tenants/%3Cdefault%3E", "rate", json!({ "a": [1, null] })),
    ] {
        let body = json!({ "name": name, "value": value, "metadata": { "unit": "s", "year": 2026 } });
        let made = rig.write(&format!("/v2/cluster-variables/{path}"), &body);
        let tenant = if path == "global" { Value::Null } else { json!("<default>") };
        assert_eq!(
            (&made["tenantId"], &made["metadata"], &made["kind"]),
            (&tenant, &body["metadata"], &json!("JSON"))
        );
        assert_eq!(made["value"], json!(value.to_string()));
        assert_eq!(rig.get(&format!("/v2/cluster-variables/{path}/{name}")), made);
        let twice = rig.client.post(&format!("/v2/cluster-variables/{path}"), &body).expect("an answer");
        assert_eq!(twice.status, 409, "{}", twice.json());
    }
    let search = "/v2/cluster-variables/search";
    let found = rig.search(search, &json!({ "sort": [{ "field": "name" }] }));
    let names: Vec<&str> =
        found["items"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["kind", "long", "rate"]);
    assert_eq!(found["items"][1]["isTruncated"], json!(true));
    assert!(found["items"][1]["value"].as_str().unwrap().len() < long.len());
    let whole =
        rig.search(&format!("{search}?truncateValues=false"), &json!({ "filter": { "name": "long" } }));
    assert_eq!(whole["items"][0]["value"], json!(format!("\"{long}\"")));
    assert_eq!(rig.count(search, &json!({ "scope": "TENANT", "tenantId": "<default>" })), 1);
    assert_eq!(rig.count(search, &json!({ "name": { "$like": "*n*" }, "isTruncated": true })), 1);
    let by_metadata = rig.client.post(search, &json!({ "filter": { "metadata": { "a": { "$eq": 1 } } } }));
    assert_eq!(by_metadata.expect("an answer").status, 501);
    for (expression, result) in
        [("=camunda.vars.tenant.rate.a", json!([1, null])), ("=camunda.vars.env.kind", json!("work"))]
    {
        let body = json!({ "expression": expression });
        let given = rig.client.post("/v2/expression/evaluation", &body).expect("an answer").json();
        assert_eq!(given["result"], result, "{given}");
    }
    // Instances on both partitions find their workers by it, once the change has come there.
    until("the other partition knows them too", || {
        // Each connection may be another core's.
        let mut clients: Vec<_> = (0..4).map(|_| rig.server.client()).collect();
        for client in &mut clients {
            let made = client.post("/v2/process-instances", &json!({ "processDefinitionId": "configured" }));
            assert_eq!(made.expect("an answer").status, 200);
        }
        let partitions: BTreeSet<String> = rig.jobs(4).iter().map(|key| partition_of(key)).collect();
        (partitions.len() == 2).then_some(())
    });
}

#[test]
fn cluster_variables_change_and_go() {
    let mut rig = Rig::start();
    rig.write("/v2/cluster-variables/global", &json!({ "name": "kind", "value": "work" }));
    let put = |rig: &mut Rig, name: &str, value: Value| {
        rig.client
            .send("PUT", &format!("/v2/cluster-variables/global/{name}"), "", &json!({ "value": value }))
            .expect("an answer")
    };
    assert_eq!(put(&mut rig, "none", json!(1)).status, 404);
    let changed = put(&mut rig, "kind", json!(7));
    assert_eq!((changed.status, &changed.json()["value"]), (200, &json!("7")));
    rig.keep_position(&changed);
    assert_eq!(rig.get("/v2/cluster-variables/global/kind")["value"], json!("7"));
    let deleted =
        rig.client.send("DELETE", "/v2/cluster-variables/global/kind", "", &Value::Null).expect("an answer");
    assert_eq!(deleted.status, 204);
    rig.keep_position(&deleted);
    assert_eq!(rig.read("GET", "/v2/cluster-variables/global/kind", &Value::Null).status, 404);
    for body in [
        r#"{"name":"a b","value":1}"#,
        r#"{"name":"a"}"#,
        r#"{"name":"a","value":null}"#,
        r#"{"name":"a","value":1,"metadata":{"b":true}}"#,
    ] {
        rig.refused("/v2/cluster-variables/global", body);
    }
    // The one tenant's own.
    rig.write("/v2/cluster-variables/tenants/%3Cdefault%3E", &json!({ "name": "limit", "value": 1 }));
    let changed = rig.client.send(
        "PUT",
        "/v2/cluster-variables/tenants/%3Cdefault%3E/limit",
        "",
        &json!({ "value": 2 }),
    );
    let changed = changed.expect("an answer");
    assert_eq!((changed.status, &changed.json()["value"]), (200, &json!("2")));
    rig.keep_position(&changed);
    assert_eq!(rig.get("/v2/cluster-variables/tenants/%3Cdefault%3E/limit")["tenantId"], json!("<default>"));
    let path = "/v2/cluster-variables/tenants/%3Cdefault%3E/limit";
    let deleted = rig.client.send("DELETE", path, "", &Value::Null).expect("an answer");
    assert_eq!(deleted.status, 204);
    rig.keep_position(&deleted);
    assert_eq!(rig.read("GET", path, &Value::Null).status, 404);
    let other = rig.client.post("/v2/cluster-variables/tenants/acme", &json!({ "name": "a", "value": 1 }));
    assert_eq!(other.expect("an answer").status, 400);
}

fn partition_of(key: &str) -> String {
    (key.parse::<u64>().expect("a key") >> 51).to_string()
}

/// Clients of 8.9 do not know that an instance is suspended: for them it is active, wherever it is counted.
#[test]
fn at_8_9_what_is_suspended_is_active_in_statistics_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &[]);
    let mut client = server.client();
    let deployed = client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").json();
    let definition = &deployed["deployments"][0]["processDefinition"]["processDefinitionKey"];
    let definition = definition.as_str().expect("a key").to_owned();
    let keys: Vec<String> = (0..3)
        .map(|_| {
            let body = json!({ "processDefinitionId": "one_task" });
            let made = client.post("/v2/process-instances", &body).expect("an answer").json();
            made["processInstanceKey"].as_str().expect("a key").to_owned()
        })
        .collect();
    let suspended = client.post(&format!("/v2/process-instances/{}/suspension", keys[0]), &json!({}));
    assert_eq!(suspended.expect("an answer").status, 204);
    let counts = |client: &mut Client| {
        let mut of = |path: &str, asked: Value, name: &str| -> i64 {
            let found = client.post(path, &asked).expect("an answer").json();
            // Nothing is counted where nobody can answer yet.
            found["items"].as_array().map_or(-1, |items| items.iter().map(|item| number(item, name)).sum())
        };
        let (without, base) = ("activeInstancesWithoutIncidentCount", "/v2/process-definitions");
        let elements = format!("{base}/{definition}/statistics/element-instances");
        [
            of(&format!("{base}/statistics/process-instances"), json!({}), without),
            of(
                &format!("{base}/statistics/process-instances-by-version"),
                json!({ "filter": { "processDefinitionId": "one_task" } }),
                without,
            ),
            of(&elements, json!({ "filter": { "state": "ACTIVE" } }), "active"),
        ]
    };
    until("all are counted", || (counts(&mut client) == [2, 2, 2]).then_some(()));
    server.stop();
    let server = Server::start(directory.path(), &["--api-version", "8.9"]);
    let mut client = server.client();
    until("all are counted", || (counts(&mut client) == [3, 3, 3]).then_some(()));
    server.stop();
}
