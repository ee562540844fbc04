//! The contract of the REST API on the binary: the table of operations walked at both levels.
//!
//! Each operation that is answered is sent valid, with every constraint of its body broken, with an unknown property, empty, with another
//! type of content; each that is not is refused by name. Answers are held against the schemas: a field that is not in them fails.

use ringbolt_api::operation::{Body, Kind, Operation, Presence, Version};
use ringbolt_api::schema::{Bits, Field, Format, Int, Level, Object, Pattern, Schema, Text};
use ringbolt_api::table::operations;
use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Map, Value, json};

/// A key that the cluster's partitions made, of something that is gone or never was.
const NO_KEY: &str = "2251799813699999";

struct Walk {
    client: Client,
    level: Level,
    tried: usize,
}

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
    let args = ["--cores", "0", "--partitions", "1", "--api-version", level.name()];
    let server = Server::start(dir.path(), &args);
    let mut walk = Walk { client: server.client(), level, tried: 0 };
    let dish = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/models/answer.dmn");
    let dish = std::fs::read_to_string(dish).expect("a model");
    assert_eq!(walk.client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    assert_eq!(walk.client.deploy("answer.dmn", &dish).expect("an answer").status, 200);
    for operation in operations() {
        match operation.kind {
            Kind::Later => walk.is_refused_by_name(operation),
            Kind::Command(_) | Kind::Get(_) | Kind::Special(_) => {
                walk.valid(operation);
                walk.broken(operation);
            }
        }
    }
    assert!(walk.tried > 100, "{}", walk.tried);
    server.stop();
}

/// A path with every key in it this one.
fn path_of(operation: &Operation, key: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { key.to_owned() } else { part.to_owned() };
    let parts: Vec<String> = operation.path.split('/').map(part).collect();
    format!("/v2{}", parts.join("/"))
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

    /// A new instance's key.
    fn instance(&mut self) -> String {
        let body = json!({ "processDefinitionId": "one_task" });
        let created = self.client.post("/v2/process-instances", &body).expect("an answer").json();
        created["processInstanceKey"].as_str().expect("a key").to_owned()
    }

    /// A new job's key, in the hands of this worker.
    fn job(&mut self) -> String {
        self.instance();
        let body = json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": -1 });
        until("there is a job", || {
            let jobs = self.client.post("/v2/jobs/activation", &body).expect("an answer").json();
            Some(jobs["jobs"][0]["jobKey"].as_str()?.to_owned())
        })
    }

    /// A valid request, by operation: its key in the path and its body. None where no request alone is one.
    fn valid_request(&mut self, operation: &Operation) -> Option<(String, Option<Value>)> {
        let key = match operation.id {
            "completeJob" | "failJob" | "throwJobError" | "updateJob" => self.job(),
            "cancelProcessInstance" | "createElementInstanceVariables" => self.instance(),
            _ => String::new(),
        };
        let body = match operation.id {
            "createProcessInstance" => json!({ "processDefinitionId": "one_task", "variables": { "a": 1 } }),
            "evaluateDecision" => json!({ "decisionDefinitionId": "answer", "variables": {} }),
            "evaluateExpression" => json!({ "expression": "=1 + x", "variables": { "x": 2 } }),
            "activateJobs" => {
                json!({ "type": "work", "timeout": 1, "maxJobsToActivate": 5, "requestTimeout": -1,
                    "withLease": false, "worker": "w", "fetchVariable": ["a"], "tenantFilter": "PROVIDED" })
            }
            "completeJob" => json!({ "variables": { "b": true }, "jobLeaseToken": null }),
            "failJob" => json!({ "retries": 2, "errorMessage": "so", "retryBackOff": 0 }),
            "throwJobError" => json!({ "errorCode": "c", "variables": {} }),
            "updateJob" => json!({ "changeset": { "retries": 4 }, "operationReference": 1 }),
            "createElementInstanceVariables" => json!({ "variables": { "c": [1] }, "local": true }),
            "cancelProcessInstance" => return Some((key, None)),
            "getTopology" | "getStatus" | "getLicense" => return Some((key, None)),
            // Their own tests send them: a form, a stream, and keys that nothing over REST tells yet.
            "createDeployment" | "streamJobs" | "resolveIncident" | "assignUserTask" | "unassignUserTask"
            | "updateUserTask" | "completeUserTask" => return None,
            other if matches!(operation.kind, Kind::Get(_)) => {
                assert!(operation.parameters.is_empty(), "{other} has no valid request here");
                return Some((key, None));
            }
            other => panic!("{other} has no valid request here"),
        };
        Some((key, Some(body)))
    }

    fn valid(&mut self, operation: &Operation) {
        let Some((key, body)) = self.valid_request(operation) else { return };
        let path = path_of(operation, &key);
        let answer = self.send(operation, &path, body.as_ref());
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        let wanted = operation.answer_at(self.level).expect("an answer");
        assert_eq!(answer.status, wanted.status, "{}: {shown}", operation.id);
        if wanted.media.is_empty() {
            assert_eq!(shown, "", "{}", operation.id);
        } else {
            assert_eq!(answer.content_type, wanted.media, "{}", operation.id);
            check_value(&answer.json(), &wanted.schema, self.level, operation.id);
        }
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

    /// A request that must be refused as 400, for a reason that its detail names.
    fn refused(&mut self, operation: &Operation, path: &str, body: Option<&Value>, reason: &str) {
        let answer = self.send(operation, path, body);
        let problem = answer.json();
        let id = operation.id;
        assert_eq!(answer.status, 400, "{id} {body:?}: {problem}");
        assert_eq!(answer.content_type, "application/problem+json", "{id}");
        assert_eq!(problem["status"], 400, "{id}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(reason), "{id} {body:?}: {detail} does not name {reason}");
        let is_own = operation.since == Version::Own;
        assert!(is_own || operation.errors_at(self.level).contains(&400), "{id} has no 400");
        self.tried += 1;
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
            if !matches!(field.schema, Schema::Any) {
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

/// Something that a schema cannot be.
fn wrong_type(schema: &Schema) -> Value {
    match schema.at(Level::V8_10) {
        Schema::Text(_) | Schema::Enum(..) => json!(1),
        Schema::List(..) => json!({}),
        _ => json!("x"),
    }
}

/// Values that break a field's type or bounds, and what the refusal says of each.
fn wrong_values(field: &Field) -> Vec<(Value, String)> {
    let name = field.name;
    let mut wrong = vec![];
    if !matches!(field.schema, Schema::Any) {
        wrong.push((wrong_type(&field.schema), name.to_owned()));
    }
    match field.schema.at(Level::V8_10) {
        Schema::Int(Int { bits, min, max }) => {
            wrong.push((json!(1.5), format!("[{name}]")));
            if *bits == Bits::B32 {
                wrong.push((json!(3_000_000_000u64), format!("[{name}]")));
            }
            wrong.extend(min.map(|min| (json!(min - 1), format!("The value for {name} is"))));
            wrong.extend(max.map(|max| (json!(max + 1), format!("The value for {name} is"))));
        }
        Schema::Text(Text { pattern: Some(Pattern::Key), .. }) => {
            wrong.push((json!("no key"), format!("The provided {name} 'no key' is not a valid key")));
        }
        Schema::Text(Text { pattern: None, size, format: Format::Plain }) => {
            if size.max > 0 {
                wrong
                    .push((json!("x".repeat(size.max as usize + 1)), format!("The provided {name} exceeds")));
            }
            if size.min > 0 || (field.required.holds(Level::V8_10) && !field.may_be_blank) {
                wrong.push((json!(" "), format!("No {name} provided")));
            }
        }
        Schema::Enum(..) => wrong.push((json!("NONE_OF_THEM"), format!("for type '{name}'"))),
        Schema::Object(_) => {
            wrong.push((json!({ "__unknown": 1 }), format!("[{name}.__unknown]")));
        }
        Schema::List(item, size) => {
            if let Schema::Object(object) = item {
                wrong.push((json!([{ "__unknown": 1 }]), format!("[{name}[0].__unknown]")));
                let required = object.fields.iter().filter(|field| field.required.holds(Level::V8_10));
                for inner in required {
                    wrong.push((json!([{}]), format!("No {} provided in '{name}[0]'", inner.name)));
                }
            } else {
                wrong.push((json!([wrong_type(item)]), name.to_owned()));
            }
            // Tags have words of their own.
            if size.max > 0 && name != "tags" {
                wrong.push((json!(vec!["a"; size.max as usize + 1]), format!("The provided {name} has")));
            }
        }
        _ => {}
    }
    wrong
}

/// A value of an answer against its schema: types, bounds, nothing missing, nothing unknown.
fn check_value(value: &Value, schema: &Schema, level: Level, place: &str) {
    let is_right = match schema.at(level) {
        Schema::Text(Text { size, pattern, .. }) => value.as_str().is_some_and(|text| {
            let length = text.chars().count();
            length >= size.min as usize
                && (size.max == 0 || length <= size.max as usize)
                && pattern.is_none_or(|pattern| pattern.matches(text))
        }),
        Schema::Int(Int { bits, min, max }) => value.as_i64().is_some_and(|number| {
            (*bits != Bits::B32 || i32::try_from(number).is_ok())
                && min.is_none_or(|min| number >= min)
                && max.is_none_or(|max| number <= max)
        }),
        Schema::Number => value.is_number(),
        Schema::Flag => value.is_boolean(),
        Schema::Any => true,
        Schema::Document => value.is_object(),
        Schema::Map(of) => value.as_object().is_some_and(|members| {
            members
                .iter()
                .for_each(|(name, value)| check_value(value, of, level, &format!("{place}.{name}")));
            true
        }),
        Schema::List(of, _) => value.as_array().is_some_and(|items| {
            items.iter().for_each(|item| check_value(item, of, level, &format!("{place}[]")));
            true
        }),
        Schema::Enum(..) => value.as_str().is_some_and(|text| schema.values(level).contains(&text)),
        Schema::Object(object) => {
            check_object(value, object, level, place);
            true
        }
        Schema::Filter(..) | Schema::OneOf(_) | Schema::Levels(..) => panic!("{place} is in an answer"),
    };
    assert!(is_right, "{place} is {value}, not {}", schema.shown(level));
}

fn check_object(value: &Value, object: &Object, level: Level, place: &str) {
    let Value::Object(members) = value else { panic!("{place} is {value}, not {}", object.name) };
    let fields: Vec<&Field> = object.fields.iter().filter(|field| field.span.holds(level)).collect();
    for name in members.keys() {
        let is_known = fields.iter().any(|field| field.name == name);
        assert!(is_known, "{place}: {} has no {name} at {}", object.name, level.name());
    }
    for field in fields {
        let place = format!("{place}.{}", field.name);
        match members.get(field.name) {
            None => assert!(!field.required.holds(level), "{place} is missing"),
            Some(Value::Null) => assert!(field.nullable.holds(level), "{place} is null"),
            Some(value) => check_value(value, &field.schema, level, &place),
        }
    }
}
