//! A server on two partitions, with something deployed, and a client that reads what it wrote.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const ARGS: [&str; 4] = ["--cores", "0,1", "--partitions", "2"];
pub(crate) const WAITING: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:message id="message" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>
  <bpmn:process id="waiting" name="Waiting" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:intermediateCatchEvent id="wait" name="Paid?"><bpmn:messageEventDefinition messageRef="message" /></bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="wait" />
  </bpmn:process>
</bpmn:definitions>"#;

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) client: Client,
    /// The last position of an answer to a write, by partition.
    positions: BTreeMap<String, String>,
    _directory: tempfile::TempDir,
}

pub(crate) fn model(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/models").join(name);
    std::fs::read_to_string(path).expect("a model")
}

pub(crate) fn start_in(directory: &Path) -> Server {
    Server::start(directory, &ARGS)
}

impl Rig {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With other settings too.
    pub(crate) fn start_with(settings: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let server = Server::start(directory.path(), &[&ARGS, settings].concat());
        let client = server.client();
        let mut rig = Self { server, client, positions: BTreeMap::new(), _directory: directory };
        for (name, model) in [
            ("one_task.bpmn", ONE_TASK.to_owned()),
            ("waiting.bpmn", WAITING.to_owned()),
            ("user_plain.bpmn", model("user_plain.bpmn")),
            ("answer.dmn", model("answer.dmn")),
        ] {
            rig.deploy(name, &model);
        }
        rig
    }

    pub(crate) fn deploy(&mut self, name: &str, model: &str) -> Value {
        let deployed = self.client.deploy(name, model).expect("an answer");
        assert_eq!(deployed.status, 200, "{name}: {}", deployed.json());
        assert!(deployed.header("ringbolt-position").starts_with("1-"), "{name}");
        self.keep_position(&deployed);
        deployed.json()
    }

    /// A write; its answer carries a position.
    pub(crate) fn write(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(path, body).expect("an answer");
        assert!(answer.status < 300, "{path} {body}: {}", answer.json());
        self.keep_position(&answer);
        answer.json()
    }

    pub(crate) fn keep_position(&mut self, answer: &Response) {
        let position = answer.header("ringbolt-position");
        let (partition, _) = position.split_once('-').expect("a partition and a position");
        self.positions.insert(partition.to_owned(), position.to_owned());
    }

    pub(crate) fn create(&mut self, body: &Value) -> String {
        let created = self.write("/v2/process-instances", body);
        created["processInstanceKey"].as_str().expect("a key").to_owned()
    }

    /// A read that names the last write on each partition.
    pub(crate) fn read(&mut self, method: &str, path: &str, body: &Value) -> Response {
        let positions: Vec<&str> = self.positions.values().map(String::as_str).collect();
        let header = format!("Ringbolt-Position: {}\r\n", positions.join(","));
        self.client.send(method, path, &header, body).expect("an answer")
    }

    pub(crate) fn search(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.read("POST", path, body);
        assert_eq!(answer.status, 200, "{path} {body}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub(crate) fn get(&mut self, path: &str) -> Value {
        let answer = self.read("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// How many there are.
    pub(crate) fn count(&mut self, path: &str, filter: &Value) -> u64 {
        let found = self.search(path, &json!({ "filter": filter, "page": { "limit": 1 } }));
        found["page"]["totalItems"].as_u64().expect("a number")
    }

    pub(crate) fn refused(&mut self, path: &str, body: &str) -> Value {
        let answer = self.client.request("POST", path, "application/json", body.as_bytes());
        let answer = answer.expect("an answer");
        let shown = &body[..body.len().min(200)];
        assert_eq!(answer.status, 400, "{path} {shown}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub(crate) fn jobs(&mut self, count: u64) -> Vec<String> {
        let body =
            json!({ "type": "work", "timeout": 600_000, "maxJobsToActivate": count, "requestTimeout": -1 });
        let mut keys = Vec::new();
        until("the jobs are there", || {
            let jobs = self.client.post("/v2/jobs/activation", &body).expect("an answer").json();
            let jobs = jobs["jobs"].as_array().expect("jobs").iter();
            keys.extend(jobs.map(|job| job["jobKey"].as_str().expect("a key").to_owned()));
            (keys.len() as u64 >= count).then_some(())
        });
        keys
    }
}

/// Fourteen instances on both partitions: half of them done, the others waiting or with an incident.
pub(crate) fn fourteen(rig: &mut Rig) -> Vec<String> {
    let mut keys = Vec::new();
    for order in 0..14 {
        let mut body = json!({ "processDefinitionId": "one_task", "tags": ["all", format!("n:{}", order % 3)],
            "variables": { "order": order, "name": format!("n*{order}?"), "long": "x".repeat(9000) } });
        if order % 2 == 0 {
            body["businessId"] = json!(format!("b-{:02}", order));
        }
        keys.push(rig.create(&body));
    }
    for job in rig.jobs(14).into_iter().take(7) {
        rig.write(&format!("/v2/jobs/{job}/completion"), &json!({}));
    }
    keys
}
