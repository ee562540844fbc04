//! The server that the table is walked on, and what has to be there before an operation can be asked.

use ringbolt_api::schema::Level;
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a stream may take to bring its job.
const JOB_MAX: Duration = Duration::from_secs(30);

pub(crate) struct Walk {
    pub(crate) client: Client,
    pub(crate) level: Level,
    /// Refusals so far.
    pub(crate) tried: usize,
    pub(crate) one_task: String,
    pub(crate) decision: String,
    /// Where the records are exported to: it knows the keys that no operation tells yet.
    records: PathBuf,
}

fn model(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/models").join(name);
    std::fs::read_to_string(path).expect("a model")
}

/// The body of a request for a batch operation, with everything in it.
pub(crate) fn batch_request(operation: &str) -> Value {
    let pair = |target: &str| json!([{ "sourceElementId": "task", "targetElementId": target }]);
    let mut body = json!({ "filter": { "processDefinitionId": "nothing" }, "operationReference": 4 });
    match operation {
        "migrateProcessInstancesBatchOperation" => {
            let (key, mappings) = ("2251799813699999", pair("task"));
            body["migrationPlan"] =
                json!({ "targetProcessDefinitionKey": key, "mappingInstructions": mappings });
        }
        "modifyProcessInstancesBatchOperation" => body["moveInstructions"] = pair("other"),
        "deleteDecisionInstancesBatchOperation" => {
            body["filter"] = json!({ "decisionDefinitionId": "nothing" })
        }
        "updateJobsBatchOperation" => {
            body["filter"] = json!({ "type": "nothing", "retries": { "$gt": 2 } });
            body["changeset"] = json!({ "retries": 3, "timeout": null, "priority": -1 });
        }
        _ => {}
    }
    body
}

impl Walk {
    /// A batch operation for nothing: it is there for a moment.
    pub(crate) fn batch_operation(&mut self) -> String {
        let body = batch_request("cancelProcessInstancesBatchOperation");
        let created =
            self.client.post("/v2/process-instances/cancellation", &body).expect("an answer").json();
        created["batchOperationKey"].as_str().expect("a key").to_owned()
    }

    /// One that was suspended in that moment.
    pub(crate) fn suspended_batch_operation(&mut self) -> String {
        until("a batch operation is suspended", || {
            let key = self.batch_operation();
            let path = format!("/v2/batch-operations/{key}/suspension");
            (self.client.post(&path, &json!({})).expect("an answer").status == 204).then_some(key)
        })
    }

    /// An instance that has ended, and is found.
    pub(crate) fn ended_instance(&mut self) -> String {
        let key = self.instance("one_task");
        let path = format!("/v2/process-instances/{key}/cancellation");
        assert_eq!(self.client.post(&path, &json!({})).expect("an answer").status, 204);
        until("the end is found", || {
            let path = format!("/v2/process-instances/{key}");
            let found = self.client.request("GET", &path, "application/json", b"").expect("an answer");
            (found.status == 200 && found.json()["state"] == "TERMINATED").then_some(())
        });
        key
    }

    /// A server at a level, with what the requests are about.
    pub(crate) fn start(dir: &Path, level: Level) -> (Server, Walk) {
        let records = dir.join("records");
        let exported = records.to_str().expect("text");
        let args = [
            "--cores",
            "0",
            "--partitions",
            "1",
            "--api-version",
            level.name(),
            "--export-jsonl",
            exported,
            "--test-endpoints",
        ];
        let server = Server::start(&dir.join("data"), &args);
        let mut walk = Walk {
            client: server.client(),
            level,
            tried: 0,
            one_task: ONE_TASK.to_owned(),
            decision: model("answer.dmn"),
            records,
        };
        let (one_task, decision) = (walk.one_task.clone(), walk.decision.clone());
        for (name, model) in [
            ("one_task.bpmn", one_task),
            ("answer.dmn", decision),
            ("user_plain.bpmn", model("user_plain.bpmn")),
            ("message_start.bpmn", model("message_start.bpmn")),
            ("ad_hoc_none.bpmn", model("ad_hoc_none.bpmn")),
        ] {
            assert_eq!(walk.client.deploy(name, &model).expect("an answer").status, 200, "{name}");
        }
        walk.fill();
        (server, walk)
    }

    /// A new instance's key.
    pub(crate) fn instance(&mut self, process: &str) -> String {
        let body = json!({ "processDefinitionId": process });
        let created = self.client.post("/v2/process-instances", &body).expect("an answer").json();
        created["processInstanceKey"].as_str().expect("a key").to_owned()
    }

    /// An instance that is suspended.
    pub(crate) fn suspended(&mut self) -> String {
        let key = self.instance("one_task");
        let path = format!("/v2/process-instances/{key}/suspension");
        let answer = self.client.post(&path, &json!({})).expect("an answer");
        assert_eq!(answer.status, 204, "{key}");
        key
    }

    /// Deploys a file that is no model; its key.
    pub(crate) fn deployed(&mut self, name: &str, content: &str, kind: &str) -> String {
        let deployed = self.client.deploy(name, content).expect("an answer").json();
        let key = &deployed["deployments"][0][kind][format!("{kind}Key")];
        key.as_str().unwrap_or_else(|| panic!("{deployed}")).to_owned()
    }

    /// A new job's key, in the hands of this worker.
    pub(crate) fn job(&mut self) -> String {
        self.instance("one_task");
        let body = json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": -1 });
        until("there is a job", || {
            let jobs = self.client.post("/v2/jobs/activation", &body).expect("an answer").json();
            Some(jobs["jobs"][0]["jobKey"].as_str()?.to_owned())
        })
    }

    /// The name of a cluster variable that is there.
    pub(crate) fn cluster_variable(&mut self, scope: &str) -> String {
        self.tried += 1;
        let name = format!("v{}", self.tried);
        let body = json!({ "name": name, "value": "x" });
        let answer = self.client.post(&format!("/v2/cluster-variables/{scope}"), &body).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.json());
        name
    }

    /// The key of the newest record of a kind, of which a member has this value.
    fn recorded(&self, kind: [&str; 2], member: &str, wanted: &str) -> String {
        self.recorded_where(kind, |value| value[member].to_string().trim_matches('"') == wanted)
    }

    /// The key of the newest record of a kind with such a value.
    fn recorded_where(&self, kind: [&str; 2], is_wanted: impl Fn(&Value) -> bool) -> String {
        until("the record is exported", || {
            let files = std::fs::read_dir(&self.records).ok()?;
            let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
            let lines: Vec<String> =
                texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
            let records = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let mut found = records.filter(|record| {
                record["valueType"] == kind[0] && record["intent"] == kind[1] && is_wanted(&record["value"])
            });
            found.next_back().map(|record| record["key"].to_string())
        })
    }

    /// An incident's key.
    pub(crate) fn incident(&mut self) -> String {
        let job = self.job();
        let failed = json!({ "retries": 0, "errorMessage": "enough" });
        let answer = self.client.post(&format!("/v2/jobs/{job}/failure"), &failed).expect("an answer");
        assert_eq!(answer.status, 204);
        let more = json!({ "changeset": { "retries": 1 } }).to_string();
        let path = format!("/v2/jobs/{job}");
        let answer = self.client.request("PATCH", &path, "application/json", more.as_bytes());
        assert_eq!(answer.expect("an answer").status, 204);
        self.recorded(["INCIDENT", "CREATED"], "jobKey", &job)
    }

    /// A user task's key.
    pub(crate) fn user_task(&mut self) -> String {
        let instance = self.instance("user_plain");
        self.recorded(["USER_TASK", "CREATED"], "processInstanceKey", &instance)
    }

    /// The key of an ad-hoc sub-process in which nothing is chosen yet.
    pub(crate) fn ad_hoc_sub_process(&mut self) -> String {
        let instance = self.instance("ad_hoc_none");
        self.recorded_where(["PROCESS_INSTANCE", "ELEMENT_ACTIVATED"], |value| {
            value["elementId"] == "adhoc" && *value["processInstanceKey"].to_string() == *instance
        })
    }

    /// Opens a stream of jobs, has one made, and reads its line.
    pub(crate) fn first_of_stream(&mut self, rest: SocketAddr, body: &Value) -> Value {
        let mut stream = TcpStream::connect(rest).expect("the server listens");
        stream.set_read_timeout(Some(JOB_MAX)).expect("a timeout");
        let body = body.to_string();
        let head = format!(
            "POST /v2/jobs/streaming HTTP/1.1\r\nhost: {rest}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body.as_bytes()))
            .expect("it is taken");
        self.instance("one_task");
        let lines = BufReader::new(stream).lines().map(|line| line.expect("the stream is open"));
        let mut jobs = lines.filter(|line| line.starts_with('{'));
        serde_json::from_str(&jobs.next().expect("a job")).expect("JSON")
    }
}
