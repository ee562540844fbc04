//! The contract of the REST API on the binary: the table of operations walked at both levels.
//!
//! Each operation that is answered is sent valid, with every constraint of its path, its query and its body broken, with an unknown
//! property, empty, with another type of content; each that is not is refused by name. Answers are held against the schemas, which are
//! those of the protocol's description: a field that is not in them fails, and so does a status that the operation has not.

mod answers;
mod looked_up;
mod setting;
mod wrong;

use answers::check_value;
use ringbolt_api::objects::job::ACTIVATED_JOB_RESULT;
use ringbolt_api::operation::{
    Body, Documents, JSON, Kind, Operation, Parameter, Place, Presence, Special, Version,
};
use ringbolt_api::schema::{Format, Level, Pattern, Schema};
use ringbolt_api::table::operations;
use ringbolt_tests::http::Response;
use serde_json::{Map, Value, json};
use setting::Walk;
use std::net::SocketAddr;
use wrong::{wrong_type, wrong_values};

/// A key that the cluster's partitions made, of something that is gone or never was.
const NO_KEY: &str = "2251799813699999";

/// Operations that are asked without a body, besides those that read.
const WITHOUT_BODY: [&str; 19] = [
    "listSecrets",
    "cancelProcessInstance",
    "resetClock",
    "cancelBatchOperation",
    "suspendBatchOperation",
    "resumeBatchOperation",
    "resolveProcessInstanceIncidents",
    "pauseExporting",
    "pauseClusterExporting",
    "resumeExporting",
    "resumeClusterExporting",
    "getTopology",
    "getStatus",
    "getLicense",
    "getFormByKey",
    "getResource",
    "getResourceContent",
    "getResourceContentBinary",
    "unassignUserTask",
];

#[test]
fn every_operation_keeps_its_contract_at_8_10() {
    walk(Level::V8_10);
}

#[test]
fn every_operation_keeps_its_contract_at_8_9() {
    walk(Level::V8_9);
}

fn walk(level: Level) {
    let dir = tempfile::tempdir().expect("a directory");
    let (server, mut walk) = Walk::start(dir.path(), level);
    for operation in operations() {
        match operation.kind {
            Kind::Later => walk.is_refused_by_name(operation),
            Kind::Special(Special::Deploy) => walk.deploys(operation),
            Kind::Special(Special::StreamJobs) => walk.streams(server.rest, operation),
            Kind::Special(Special::Documents(what)) => walk.documents(operation, what),
            Kind::Command(_)
            | Kind::Get(_)
            | Kind::Answered(_)
            | Kind::Search(_)
            | Kind::Row(_)
            | Kind::Look(_)
            | Kind::Joined(_)
            | Kind::Special(_) => walk.valid(operation),
        }
        if !matches!(operation.kind, Kind::Later) {
            walk.broken(operation);
            walk.broken_parameters(operation);
        }
    }
    assert!(walk.tried > 100, "{}", walk.tried);
    server.stop();
}

/// A path with every key in it this one.
fn path_of(operation: &Operation, key: &str) -> String {
    let part = |part: &str| match part {
        "{tenantId}" => "%3Cdefault%3E".to_owned(),
        _ if part.starts_with('{') => key.to_owned(),
        _ => part.to_owned(),
    };
    let parts: Vec<String> = operation.path.split('/').map(part).collect();
    format!("/v2{}", parts.join("/"))
}

/// Parameters of the query that must be there, but for one, each behind an ampersand.
fn required_query(operation: &Operation, without: &str) -> String {
    let needed = |p: &&Parameter| p.place == Place::Query && p.required && p.name != without;
    let value = |schema: &Schema| if matches!(schema, Schema::Int(_)) { "7" } else { "2026-01-01T00:00:00Z" };
    let needed = operation.parameters.iter().filter(needed);
    needed.map(|parameter| format!("&{}={}", parameter.name, value(&parameter.schema))).collect()
}

/// Every form of every instruction.
fn modification() -> Value {
    let variables = json!([{ "variables": { "a": 1 }, "scopeId": "one_task" }]);
    let by_id = json!({ "sourceType": "byId", "sourceElementId": "nothing" });
    let ancestor = json!({ "ancestorScopeType": "inferred" });
    json!({
        "operationReference": 5,
        "activateInstructions": [{ "elementId": "task", "variableInstructions": variables, "ancestorElementInstanceKey": "-1" }],
        "terminateInstructions": [{ "elementId": "nothing" }],
        "moveInstructions": [{
            "sourceElementInstruction": by_id, "targetElementId": "task",
            "ancestorScopeInstruction": ancestor, "variableInstructions": variables
        }]
    })
}

impl Walk {
    fn send(&mut self, operation: &Operation, path: &str, body: Option<&Value>) -> Response {
        let text = body.map(Value::to_string).unwrap_or_default();
        let answer = self.client.request(operation.method.name(), path, "application/json", text.as_bytes());
        answer.unwrap_or_else(|error| panic!("{}: {error}", operation.id))
    }

    fn is_refused_by_name(&mut self, operation: &Operation) {
        let answer = self.send(operation, &path_of(operation, "1"), Some(&json!({})));
        let problem = answer.json();
        assert_eq!((answer.status, &problem["title"]), (501, &json!("UNIMPLEMENTED")), "{}", operation.id);
        assert!(problem["detail"].to_string().contains(operation.id), "{problem}");
    }

    /// The key that a valid request has in its path.
    fn key_of(&mut self, operation: &Operation) -> String {
        match operation.id {
            "completeJob" | "failJob" | "throwJobError" | "updateJob" => self.job(),
            "cancelProcessInstance"
            | "assignProcessInstanceBusinessId"
            | "suspendProcessInstance"
            | "modifyProcessInstance"
            | "migrateProcessInstance"
            | "createElementInstanceVariables" => self.instance("one_task"),
            "resumeProcessInstance" => self.suspended(),
            "resolveIncident" => self.incident(),
            "cancelBatchOperation" | "suspendBatchOperation" => self.batch_operation(),
            "resumeBatchOperation" => self.suspended_batch_operation(),
            "deleteProcessInstance" | "resolveProcessInstanceIncidents" => self.ended_instance(),
            "deleteDecisionInstance" => self.found("decision-instances", "decisionEvaluationKey"),
            "activateAdHocSubProcessActivities" => self.ad_hoc_sub_process(),
            "assignUserTask" | "unassignUserTask" | "updateUserTask" | "completeUserTask" => self.user_task(),
            "getResource" | "getResourceContent" | "getResourceContentBinary" => {
                self.deployed("robot.rpa", r#"{"id":"robot"}"#, "resource")
            }
            "getFormByKey" | "deleteResource" => self.deployed("a.form", r#"{"id":"a"}"#, "form"),
            "updateGlobalClusterVariable" | "deleteGlobalClusterVariable" => self.cluster_variable("global"),
            "updateTenantClusterVariable" | "deleteTenantClusterVariable" => {
                self.cluster_variable("tenants/%3Cdefault%3E")
            }
            _ => String::new(),
        }
    }

    /// A valid request, by operation: its key in the path, perhaps with a query, and its body.
    fn valid_request(&mut self, operation: &Operation) -> (String, Option<Value>) {
        if matches!(operation.kind, Kind::Search(_) | Kind::Row(_) | Kind::Look(_) | Kind::Joined(_)) {
            return self.valid_look(operation);
        }
        let key = self.key_of(operation);
        let body = match operation.id {
            "createProcessInstance" => json!({ "processDefinitionId": "one_task", "variables": { "a": 1 } }),
            "evaluateDecision" => json!({ "decisionDefinitionId": "answer", "variables": {} }),
            "evaluateExpression" => json!({ "expression": "=1 + x", "variables": { "x": 2 } }),
            "activateJobs" => {
                json!({ "type": "work", "timeout": 1, "maxJobsToActivate": 5, "requestTimeout": -1,
                    "withLease": true, "worker": "w", "fetchVariable": ["a"], "tenantFilter": "PROVIDED" })
            }
            "assignProcessInstanceBusinessId" => json!({ "businessId": "b" }),
            "completeJob" => json!({ "variables": { "b": true }, "jobLeaseToken": null, "businessId": "b" }),
            "failJob" => json!({ "retries": 2, "errorMessage": "so", "retryBackOff": 0 }),
            "throwJobError" => json!({ "errorCode": "c", "variables": {} }),
            "updateJob" => {
                json!({ "changeset": { "retries": 4, "priority": -3 }, "operationReference": 1, "jobLeaseToken": "t" })
            }
            "createElementInstanceVariables" => json!({ "variables": { "c": [1] }, "local": true }),
            "modifyProcessInstance" => modification(),
            "activateAdHocSubProcessActivities" => json!({
                "elements": [{ "elementId": "A", "variables": { "x": 1 } }], "cancelRemainingInstances": false
            }),
            "migrateProcessInstance" => {
                let model = self.one_task.clone();
                let target = self.deployed("one_task.bpmn", &model, "processDefinition");
                let mappings = json!([{ "sourceElementId": "task", "targetElementId": "task" }]);
                json!({ "targetProcessDefinitionKey": target, "mappingInstructions": mappings, "operationReference": 5 })
            }
            "publishMessage" => {
                json!({ "name": "m", "correlationKey": "k", "timeToLive": 1, "messageId": "i", "variables": { "e": 1 } })
            }
            "evaluateConditionals" => json!({ "variables": { "contract": 1 }, "tenantId": "<default>" }),
            "createGlobalClusterVariable" | "createTenantClusterVariable" => {
                json!({ "name": "url", "value": { "a": [1] }, "metadata": { "b": "c", "d": 1.5 }, "kind": "JSON" })
            }
            "updateGlobalClusterVariable" | "updateTenantClusterVariable" => {
                json!({ "value": "text", "metadata": { "b": "c" } })
            }
            "deleteGlobalClusterVariable" | "deleteTenantClusterVariable" => return (key, None),
            "broadcastSignal" => json!({ "signalName": "alarm", "variables": { "e": 1 } }),
            "correlateMessage" => json!({ "name": "begin", "correlationKey": "", "variables": { "e": 1 } }),
            "pinClock" => json!({ "timestamp": 1_900_000_000_000i64 }),
            "searchOwnAuthorizations" => json!({ "page": { "limit": 5 } }),
            "resolveSecrets" => json!({ "references": ["a"] }),
            "deleteProcessInstance" | "deleteDecisionInstance" => json!({ "operationReference": 3 }),
            id if WITHOUT_BODY.contains(&id) => return (key, None),
            id if id.ends_with("BatchOperation") => setting::batch_request(id),
            "deleteResource" => json!({ "operationReference": 3, "deleteHistory": false }),
            "resolveIncident" | "suspendProcessInstance" | "resumeProcessInstance" => {
                json!({ "operationReference": 7 })
            }
            "assignUserTask" => json!({ "assignee": "demo", "allowOverride": true, "action": "assign" }),
            "updateUserTask" => {
                json!({ "changeset": { "dueDate": "2030-01-02T03:04:05Z", "followUpDate": "", "priority": 7 }, "action": "so" })
            }
            "completeUserTask" => json!({ "variables": { "d": null }, "action": "done" }),
            other if matches!(operation.kind, Kind::Get(_)) => {
                assert!(operation.parameters.is_empty(), "{other} has no valid request here");
                return (key, None);
            }
            other => panic!("{other} has no valid request here"),
        };
        (key, Some(body))
    }

    fn valid(&mut self, operation: &Operation) {
        let (key, body) = self.valid_request(operation);
        let path = match required_query(operation, "") {
            query if query.is_empty() => path_of(operation, &key),
            query => format!("{}?{}", path_of(operation, &key), &query[1..]),
        };
        let answer = self.send(operation, &path, body.as_ref());
        if answer.status == 404 && matches!(operation.id, "cancelBatchOperation" | "suspendBatchOperation") {
            // It was done before it could be held.
            return self.valid(operation);
        }
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        self.is_as_described(operation, &answer, &shown);
        let Some(body) = body else { return };
        let mut unknown = body.clone();
        unknown["__unknown"] = json!(1);
        self.refused(operation, &path, Some(&unknown), "[__unknown]");
        self.refused(operation, &path, Some(&json!([])), "an array");
        let other = self.client.request(operation.method.name(), &path, "text/plain", b"{}");
        assert_eq!(other.expect("an answer").status, 415, "{}", operation.id);
        if matches!(operation.body, Body::Json(_, Presence::Required)) {
            self.refused(operation, &path, None, "body is missing");
        }
    }

    /// An answer that is no error.
    fn is_as_described(&self, operation: &Operation, answer: &Response, shown: &str) {
        let has = |status| operation.answers.iter().any(|answer| answer.status == status);
        if answer.status == 204 && has(204) {
            return assert_eq!(shown, "", "{}", operation.id);
        }
        let wanted = operation.answer_at(self.level).expect("an answer");
        assert_eq!(answer.status, wanted.status, "{}: {shown}", operation.id);
        if wanted.media.is_empty() {
            assert_eq!(shown, "", "{}", operation.id);
        } else {
            assert_eq!(answer.content_type, wanted.media, "{}", operation.id);
        }
        if wanted.media == JSON {
            // The kinds of batch operations that came with 8.10 have no name at 8.9: who creates one is told it all the same.
            let is_newer =
                matches!(operation.since, Version::V8_10) && operation.id.ends_with("BatchOperation");
            let level = if is_newer { Level::V8_10 } else { self.level };
            check_value(&answer.json(), &wanted.schema, level, operation.id);
        }
    }

    /// A request that must be refused as 400, for a reason that its detail names.
    fn refused(&mut self, operation: &Operation, path: &str, body: Option<&Value>, reason: &str) {
        let answer = self.send(operation, path, body);
        self.is_refusal(operation, &answer, reason, &format!("{path} {body:?}"));
    }

    /// The same of an answer.
    fn is_refusal(&mut self, operation: &Operation, answer: &Response, reason: &str, asked: &str) {
        let (id, problem) = (operation.id, answer.json());
        assert_eq!(answer.status, 400, "{id} {asked}: {problem}");
        assert_eq!(answer.content_type, "application/problem+json", "{id}");
        let members: Vec<&String> = problem.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["detail", "instance", "status", "title", "type"], "{id}");
        assert_eq!((&problem["status"], &problem["type"]), (&json!(400), &json!("about:blank")), "{id}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(reason), "{id} {asked}: {detail} does not name {reason}");
        assert!(operation.all_errors_at(self.level).contains(&400), "{id} has no 400");
        self.tried += 1;
    }

    /// What is no key in the path; parameters of the query that are absent or wrong.
    fn broken_parameters(&mut self, operation: &Operation) {
        let body = matches!(operation.body, Body::Json(..)).then(|| json!({}));
        let keys = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
        let is_key = |parameter: &&Parameter| matches!(parameter.schema, Schema::Text(text) if text.pattern == Some(Pattern::Key));
        for parameter in keys.filter(is_key) {
            let path = path_of(operation, "no%2Fkey");
            let reason = format!("Failed to convert '{}' with value: 'no/key'", parameter.name);
            self.refused(operation, &path, body.as_ref(), &reason);
        }
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
            let rest = required_query(operation, parameter.name);
            let path = path_of(operation, NO_KEY);
            let name = parameter.name;
            if parameter.required {
                let reason = format!("Required parameter '{name}' is not present");
                self.refused(operation, &format!("{path}?x{rest}"), body.as_ref(), &reason);
            }
            let wrong = match parameter.schema.at(Level::V8_10) {
                Schema::Text(text) if text.pattern.is_none() && text.format == Format::Plain => continue,
                Schema::Text(text) if text.pattern == Some(Pattern::Tenant) => continue,
                _ => "no%20such",
            };
            self.refused(operation, &format!("{path}?{name}={wrong}{rest}"), body.as_ref(), name);
        }
    }

    /// The operation of forms, with its answer for every kind of resource.
    fn deploys(&mut self, operation: &Operation) {
        for (name, model) in [("one_task.bpmn", self.one_task.clone()), ("answer.dmn", self.decision.clone())]
        {
            let answer = self.client.deploy(name, &model).expect("an answer");
            let shown = String::from_utf8_lossy(&answer.body).into_owned();
            self.is_as_described(operation, &answer, &shown);
        }
        let empty = b"--b\r\ncontent-disposition: form-data; name=\"tenantId\"\r\n\r\n<default>\r\n--b--\r\n";
        let cut = b"--b\r\ncontent-disposition: form-data; name=\"resources\"; filename=\"a.bpmn\"\r\n\r\n<a";
        let nameless = b"--b\r\ncontent-disposition: form-data; name=\"resources\"\r\n\r\n<a/>\r\n--b--\r\n";
        for (body, reason) in [
            (&empty[..], "'resources' is not present"),
            (&cut[..], "multipart"),
            (&nameless[..], "file name"),
        ] {
            let form = "multipart/form-data; boundary=b";
            let answer = self.client.request("POST", "/v2/deployments", form, body).expect("an answer");
            self.is_refusal(operation, &answer, reason, "a form");
        }
        let other = self.client.request("POST", "/v2/deployments", "application/json", b"{}");
        assert_eq!(other.expect("an answer").status, 415);
        let unnamed = self.client.request("POST", "/v2/deployments", "multipart/form-data", b"");
        self.is_refusal(operation, &unnamed.expect("an answer"), "boundary", "a form");
    }

    /// What is done with documents: forms, and what has no body or an attachment.
    fn documents(&mut self, operation: &Operation, what: Documents) {
        let (id, hash) = self.document();
        let path = path_of(operation, &id);
        let answer = match what {
            Documents::Create => self.form(&path, "file", r#"{"customProperties":{"a":1}}"#),
            Documents::CreateAll => self.form(&path, "files", "{}"),
            Documents::Get => self.send(operation, &format!("{path}?contentHash={hash}&storeId=local"), None),
            Documents::Delete => self.send(operation, &path, None),
            Documents::Link => self.send(operation, &path, Some(&json!({ "timeToLive": 60_000 }))),
            Documents::Follow => {
                let made = self
                    .client
                    .post(&format!("/v2/documents/{id}/links"), &json!({}))
                    .expect("an answer")
                    .json();
                let url = made["url"].as_str().expect("an address");
                let path = &url[url.find("/v2").expect("a path")..];
                let altered = path.replace("signature=", "signature=0");
                assert_eq!(self.send(operation, &altered, None).status, 403);
                self.send(operation, path, None)
            }
        };
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        let wanted = operation.answer_at(self.level).expect("an answer");
        if wanted.media == "application/octet-stream" {
            assert_eq!(
                (answer.status, shown.as_str(), answer.content_type.as_str()),
                (200, "<p>", "text/html")
            );
        } else {
            self.is_as_described(operation, &answer, &shown);
        }
        match operation.body {
            Body::Form(..) => {
                let other = self.client.request("POST", &path, "application/json", b"{}").expect("an answer");
                assert_eq!(other.status, 415, "{}", operation.id);
                let form = "multipart/form-data; boundary=b";
                let empty = self.client.request("POST", &path, form, b"--b--\r\n").expect("an answer");
                self.is_refusal(operation, &empty, "is not present", "an empty form");
            }
            _ if what == Documents::Follow => {}
            _ => {
                let gone = self.send(operation, &path_of(operation, "no%2Fsuch"), Some(&json!({})));
                assert_eq!(gone.status, 404, "{}", operation.id);
            }
        }
        self.refused_store(operation, &path, what);
    }

    /// There is only one store.
    fn refused_store(&mut self, operation: &Operation, path: &str, what: Documents) {
        if !matches!(what, Documents::Follow) {
            let other = format!("{path}?storeId=other");
            self.refused(operation, &other, None, "Document store with id 'other' does not exist");
        }
    }

    /// A form with one file and what is said of it.
    fn form(&mut self, path: &str, name: &str, metadata: &str) -> Response {
        let body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.html\"\r\ncontent-type: text/html\r\n\r\n<p>\r\n\
             --b\r\ncontent-disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n--b--\r\n"
        );
        let form = "multipart/form-data; boundary=b";
        self.client.request("POST", path, form, body.as_bytes()).expect("an answer")
    }

    /// Id and hash of a new document.
    fn document(&mut self) -> (String, String) {
        let made = self.form("/v2/documents", "file", "{}").json();
        let text = |name: &str| made[name].as_str().expect("text").to_owned();
        (text("documentId"), text("contentHash"))
    }

    /// The stream of jobs: every line is a job of its level.
    fn streams(&mut self, rest: SocketAddr, operation: &Operation) {
        let body = json!({ "type": "work", "worker": "w", "timeout": 60_000, "fetchVariable": ["a"] });
        let job = self.first_of_stream(rest, &body);
        check_value(&job, &Schema::Object(&ACTIVATED_JOB_RESULT), self.level, operation.id);
        assert_eq!(job["worker"], "w");
        self.refused(operation, "/v2/jobs/streaming", None, "body is missing");
    }

    /// Every constraint of the body, broken one by one, and all fields of the wrong type at once.
    fn broken(&mut self, operation: &Operation) {
        let Some(object) = operation.reads else { return };
        let path = path_of(operation, NO_KEY);
        let mut all_wrong = Map::new();
        for field in object.fields {
            for (value, reason) in wrong_values(field) {
                self.refused(operation, &path, Some(&json!({ field.name: value })), &reason);
            }
            if !matches!(field.schema, Schema::Any | Schema::Given) {
                all_wrong.insert(field.name.to_owned(), wrong_type(&field.schema));
            }
        }
        let answer = self.send(operation, &path, Some(&Value::Object(all_wrong.clone())));
        let detail = answer.json()["detail"].as_str().expect("a detail").to_owned();
        for name in all_wrong.keys() {
            assert!(detail.contains(name.as_str()), "{}: {detail} does not name {name}", operation.id);
        }
        if object.fields.iter().any(|field| field.required.holds(Level::V8_10)) {
            let required = object.fields.iter().filter(|field| field.required.holds(Level::V8_10));
            let answer = self.send(operation, &path, Some(&json!({}))).json();
            let detail = answer["detail"].as_str().expect("a detail").to_owned();
            for field in required {
                assert!(detail.contains(&format!("No {} provided", field.name)), "{detail}");
            }
        }
    }
}
