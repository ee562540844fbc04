//! Messages and signals over real sockets, on two partitions: before and after somebody waits, twice, and around a crash.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::Server;
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MODEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:message id="message" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>
  <bpmn:process id="orders" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="message" /></bpmn:intermediateCatchEvent>
    <bpmn:serviceTask id="ship"><bpmn:extensionElements><zeebe:taskDefinition type="ship" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="wait" />
    <bpmn:sequenceFlow id="b" sourceRef="wait" targetRef="ship" />
  </bpmn:process>
</bpmn:definitions>"#;
const STARTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:message id="message" name="arrived" />
  <bpmn:process id="intake" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="message" /></bpmn:startEvent>
    <bpmn:serviceTask id="check"><bpmn:extensionElements><zeebe:taskDefinition type="check" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="check" />
  </bpmn:process>
</bpmn:definitions>"#;
const SIGNALED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:signal id="signal" name="alarm" />
  <bpmn:process id="alarms" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:intermediateCatchEvent id="wait"><bpmn:signalEventDefinition signalRef="signal" /></bpmn:intermediateCatchEvent>
    <bpmn:serviceTask id="react"><bpmn:extensionElements><zeebe:taskDefinition type="react" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="wait" />
    <bpmn:sequenceFlow id="b" sourceRef="wait" targetRef="react" />
  </bpmn:process>
</bpmn:definitions>"#;
const HOUR_MS: i64 = 3_600_000;
/// Enough that instances and keys fall on both partitions.
const ORDERS: i64 = 12;
const ARGS: [&str; 4] = ["--cores", "0,1", "--partitions", "2"];

fn create(client: &mut Client, order: i64) {
    let body = json!({ "processDefinitionId": "orders", "variables": { "order": format!("order-{order}") } });
    assert_eq!(client.post("/v2/process-instances", &body).expect("an answer").status, 200);
}

fn publish(client: &mut Client, order: i64, id: &str) -> Response {
    publish_named(client, "paid", order, (id, HOUR_MS), json!({ "amount": order }))
}

fn publish_named(
    client: &mut Client,
    name: &str,
    order: i64,
    (id, time_to_live): (&str, i64),
    variables: Value,
) -> Response {
    let body = json!({ "name": name, "correlationKey": format!("order-{order}"), "timeToLive": time_to_live,
        "messageId": id, "variables": variables });
    client.post("/v2/messages/publication", &body).expect("an answer")
}

/// The jobs of a type that nobody has yet.
fn jobs(client: &mut Client, job_type: &str) -> Vec<Value> {
    let body =
        json!({ "type": job_type, "timeout": HOUR_MS, "maxJobsToActivate": 100, "requestTimeout": -1 });
    let jobs = client.post("/v2/jobs/activation", &body).expect("an answer").json();
    jobs["jobs"].as_array().expect("jobs").clone()
}

/// The orders whose message has come, each with what it brought.
fn shipped(client: &mut Client, wanted: &BTreeSet<i64>) {
    let mut found = BTreeSet::new();
    until("every message has come", || {
        for job in jobs(client, "ship") {
            let (order, amount) = (&job["variables"]["order"], &job["variables"]["amount"]);
            assert_eq!(*order, json!(format!("order-{amount}")));
            assert!(found.insert(amount.as_i64().expect("a number")), "{order} came twice");
        }
        (found == *wanted).then_some(())
    });
}

#[test]
fn a_message_reaches_who_waits_for_it_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    // Every other one is published before anybody waits for it.
    for order in 0..ORDERS {
        if order % 2 == 0 {
            assert_eq!(publish(&mut client, order, &format!("m{order}")).status, 200);
        }
        create(&mut client, order);
    }
    for order in (1..ORDERS).step_by(2) {
        let published = publish(&mut client, order, &format!("m{order}"));
        assert_eq!((published.status, &published.json()["tenantId"]), (200, &json!("<default>")));
    }
    shipped(&mut client, &(0..ORDERS).collect());
    let again = publish(&mut client, 0, "m0");
    assert_eq!(again.status, 409);
    let detail = again.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains("a message with that id was already published"), "{detail}");
}

/// What waits, and what is kept for those who do not wait yet, is there after a crash.
#[test]
fn waits_and_messages_outlive_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    for order in 0..ORDERS {
        match order % 2 {
            0 => create(&mut client, order),
            _ => assert_eq!(publish(&mut client, order, "").status, 200),
        }
    }
    server.kill();
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    for order in 0..ORDERS {
        match order % 2 {
            0 => assert_eq!(publish(&mut client, order, "").status, 200),
            _ => create(&mut client, order),
        }
    }
    shipped(&mut client, &(0..ORDERS).collect());
    server.stop();
}

/// One instance for each key at a time, over a crash; what is kept starts the next one, and nothing starts two.
#[test]
fn a_message_starts_one_instance_of_its_key_at_a_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("intake.bpmn", STARTED).expect("an answer").status, 200);
    let mut running: BTreeMap<i64, Value> = BTreeMap::new();
    let take = |client: &mut Client, running: &mut BTreeMap<i64, Value>, round: i64| {
        for job in jobs(client, "check") {
            let (order, of_round) = (&job["variables"]["order"], &job["variables"]["round"]);
            assert_eq!(*of_round, json!(round), "{order}");
            let before = running.insert(order.as_i64().expect("a number"), job["jobKey"].clone());
            assert_eq!(before, None, "{order} runs twice");
        }
    };
    until("the definition is on every partition", || {
        for order in 0..ORDERS {
            publish_named(&mut client, "arrived", order, ("", 0), json!({ "order": order, "round": 0 }));
        }
        take(&mut client, &mut running, 0);
        (running.len() as i64 == ORDERS).then_some(())
    });
    for (order, round) in (0..ORDERS).flat_map(|order| [(order, 1), (order, 2)]) {
        let id = format!("m{round}");
        let brought = json!({ "order": order, "round": round });
        let answer = publish_named(&mut client, "arrived", order, (&id, HOUR_MS), brought);
        assert_eq!(answer.status, 200);
    }
    server.kill();
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    for round in 1..=3 {
        for job_key in std::mem::take(&mut running).into_values() {
            let path = format!("/v2/jobs/{}/completion", job_key.as_str().expect("a key"));
            assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
        }
        if round < 3 {
            until("the next ones run", || {
                take(&mut client, &mut running, round);
                (running.len() as i64 == ORDERS).then_some(())
            });
        }
    }
    assert_eq!(jobs(&mut client, "check"), Vec::<Value>::new());
    server.stop();
}

/// The answer names who has taken the message, on whichever partition that is.
#[test]
fn a_correlated_message_is_answered_with_the_instance_that_took_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    let correlate = |client: &mut Client, order: i64| {
        let body = json!({ "name": "paid", "correlationKey": format!("order-{order}"), "variables": { "amount": order } });
        client.post("/v2/messages/correlation", &body).expect("an answer")
    };
    for order in 0..ORDERS {
        create(&mut client, order);
    }
    let mut taken = BTreeMap::new();
    for order in 0..ORDERS {
        // The wait may still be on its way to the key's partition.
        let answer = until("somebody waits", || {
            let answer = correlate(&mut client, order);
            (answer.status != 404).then_some(answer)
        });
        assert_eq!(answer.status, 200);
        taken.insert(order, answer.json()["processInstanceKey"].clone());
        assert_eq!(correlate(&mut client, order).status, 404);
    }
    until("all jobs are there", || {
        for job in jobs(&mut client, "ship") {
            let order = job["variables"]["amount"].as_i64().expect("a number");
            assert_eq!(taken.remove(&order), Some(job["processInstanceKey"].clone()), "{order}");
        }
        taken.is_empty().then_some(())
    });
    server.stop();
}

/// A signal reaches everybody on both partitions, over a crash that it may have been on its way in.
#[test]
fn a_signal_reaches_every_partition_around_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("alarms.bpmn", SIGNALED).expect("an answer").status, 200);
    let body = json!({ "processDefinitionId": "alarms" });
    let mut waiting = BTreeSet::new();
    for _ in 0..ORDERS {
        let created = client.post("/v2/process-instances", &body).expect("an answer").json();
        waiting.insert(created["processInstanceKey"].as_str().expect("a key").to_owned());
    }
    let signal = json!({ "signalName": "alarm", "variables": { "level": 5 } });
    let answer = client.post("/v2/signals/broadcast", &signal).expect("an answer");
    assert_eq!((answer.status, &answer.json()["tenantId"]), (200, &json!("<default>")));
    server.kill();
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    until("all have caught it", || {
        for job in jobs(&mut client, "react") {
            let instance = job["processInstanceKey"].as_str().expect("a key").to_owned();
            assert_eq!(job["variables"]["level"], json!(5));
            assert!(waiting.remove(&instance), "{instance} caught it twice");
        }
        waiting.is_empty().then_some(())
    });
    // Nobody waits any more.
    assert_eq!(client.post("/v2/signals/broadcast", &signal).expect("an answer").status, 200);
    assert_eq!(jobs(&mut client, "react"), Vec::<Value>::new());
    server.stop();
}

/// Where as much waits as may, no more begins; what is there goes on, and both is to be seen.
#[test]
fn a_server_where_enough_waits_begins_no_more() {
    let dir = tempfile::tempdir().expect("a directory");
    let args = ["--cores", "0", "--partitions", "1", "--waits-max", "3"];
    let server = Server::start(dir.path(), &args);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    (0..3).for_each(|order| create(&mut client, order));
    let body = json!({ "processDefinitionId": "orders", "variables": { "order": "order-3" } });
    let answer = client.post("/v2/process-instances", &body).expect("an answer");
    let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert_eq!((answer.status, &answer.json()["title"]), (503, &json!("RESOURCE_EXHAUSTED")), "{detail}");
    assert!(detail.contains("3 subscriptions") && detail.contains("--waits-max"), "{detail}");
    let page = Client::connect(server.management).and_then(|mut client| client.get("/actuator/prometheus"));
    let page = String::from_utf8(page.expect("an answer").body).expect("text");
    for line in ["timers", "user_tasks"].map(|of| format!("partition_{of}{{partition=\"1\"}} 0")) {
        assert!(page.contains(&line), "{line}: {page}");
    }
    for line in ["partition_subscriptions{partition=\"1\"} 3", "partition_waits_max{partition=\"1\"} 3"] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert_eq!(publish(&mut client, 1, "").status, 200);
    shipped(&mut client, &BTreeSet::from([1]));
    create(&mut client, 3);
    server.stop();
}

/// More than a partition keeps is refused; what was acknowledged is there after a crash, and what is not kept is still taken.
#[test]
fn a_full_store_refuses_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let args = ["--cores", "0", "--partitions", "1", "--messages-max", "8"];
    let server = Server::start(dir.path(), &args);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    let mut kept = BTreeSet::new();
    for order in 0..ORDERS {
        let answer = publish(&mut client, order, "");
        if answer.status == 200 {
            kept.insert(order);
            continue;
        }
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.status, &answer.json()["title"]), (503, &json!("RESOURCE_EXHAUSTED")), "{detail}");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(detail.contains("--messages-max") && detail.contains("8 messages"), "{detail}");
    }
    assert_eq!(kept, (0..8).collect());
    assert_eq!(publish_named(&mut client, "paid", 0, ("", 0), json!({})).status, 200);
    let page = Client::connect(server.management).and_then(|mut client| client.get("/actuator/prometheus"));
    let page = String::from_utf8(page.expect("an answer").body).expect("text");
    for line in ["partition_messages{partition=\"1\"} 8", "partition_messages_max{partition=\"1\"} 8"] {
        assert!(page.contains(line), "{line}: {page}");
    }
    server.kill();
    let server = Server::start(dir.path(), &args);
    let mut client = server.client();
    assert_eq!(publish(&mut client, 8, "").status, 503);
    for order in &kept {
        create(&mut client, *order);
    }
    shipped(&mut client, &kept);
    server.stop();
}

/// A message with a business id reaches its instances alone, wherever they run, and gives it to those that it starts; searches show it.
#[test]
fn a_business_id_says_whom_a_message_is_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ARGS);
    let mut client = server.client();
    assert_eq!(client.deploy("orders.bpmn", MODEL).expect("an answer").status, 200);
    assert_eq!(client.deploy("intake.bpmn", STARTED).expect("an answer").status, 200);
    for id in 0..ORDERS {
        let body = json!({ "processDefinitionId": "orders", "variables": { "order": "order-1" }, "businessId": format!("b-{id}") });
        assert_eq!(client.post("/v2/process-instances", &body).expect("an answer").status, 200);
    }
    // The same key for all; the order is turned around, and half of them come while nobody is ready.
    for id in (0..ORDERS).rev() {
        let body = json!({ "name": "paid", "correlationKey": "order-1", "businessId": format!("b-{id}"), "timeToLive": HOUR_MS,
            "variables": { "amount": id } });
        assert_eq!(client.post("/v2/messages/publication", &body).expect("an answer").status, 200);
    }
    let mut left: BTreeSet<i64> = (0..ORDERS).collect();
    until("every instance has its message", || {
        for job in jobs(&mut client, "ship") {
            let amount = job["variables"]["amount"].as_i64().expect("a number");
            assert_eq!(job["businessId"], json!(format!("b-{amount}")));
            assert!(left.remove(&amount), "{amount} came twice");
        }
        left.is_empty().then_some(())
    });
    let start = json!({ "name": "arrived", "correlationKey": "k", "businessId": "s-1" });
    let started = client.post("/v2/messages/correlation", &start).expect("an answer");
    let key = started.json()["processInstanceKey"].clone();
    assert_eq!((started.status, &jobs(&mut client, "check")[0]["businessId"]), (200, &json!("s-1")));
    let search = json!({ "filter": { "businessId": "s-1" } });
    for list in ["process-instances", "correlated-message-subscriptions"] {
        until("it is found", || {
            let found = client.post(&format!("/v2/{list}/search"), &search).expect("an answer").json();
            (found["items"][0]["processInstanceKey"] == key).then_some(())
        });
    }
    server.stop();
}

#[test]
fn what_is_wrong_with_a_message_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--partitions", "1"]);
    let mut client = server.client();
    let mut refused = |body: Value, status: u16, says: &str| {
        let answer = client.post("/v2/messages/publication", &body).expect("an answer");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(answer.status == status && detail.contains(says), "{body}: {} {detail}", answer.status);
    };
    refused(json!({ "correlationKey": "k" }), 400, "name");
    refused(json!({ "name": "m", "variables": [] }), 400, "variables");
    refused(json!({ "name": "m", "timeToLive": "soon" }), 400, "timeToLive");
    refused(json!({ "name": "m", "businessId": "b".repeat(257) }), 400, "businessId");
    refused(json!({ "name": "m", "correlationKey": "k".repeat(100_000) }), 400, "correlationKey");
    refused(json!({ "name": "m", "timeToLive": i64::MAX }), 400, "timeToLive");
    server.stop();
}
