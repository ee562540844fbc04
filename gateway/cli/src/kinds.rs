//! What a key is of, for whoever gives a command the key of something else.
//!
//! It asks what is searched, so it knows nothing where nothing is; then the server's own words stand.

use crate::Error;
use crate::client::Client;
use crate::show::{cell, items};
use serde_json::{Value, json};
use std::time::Duration;

/// How often it is looked again for what was not there, and how long after; half a second in all. Another program may have begun it a
/// moment ago; what this user's commands began is found at once.
const SOON_TRIES: u32 = 10;
const SOON_PAUSE: Duration = Duration::from_millis(50);

/// What a key is of, and which command takes it; nothing where nobody knows it.
fn told(client: &Client, key: u64) -> Option<String> {
    let get = |path: &str, member: &str| client.get(&format!("/{path}/{key}"), member).ok();
    if let Some(one) = get("process-instances", "processInstanceKey") {
        return Some(instance(&one));
    }
    if let Some(task) = get("user-tasks", "userTaskKey") {
        let what = format!("the user task '{}' of instance {}", cell(&task, "elementId"), of(&task));
        return Some(open(&what, &task["state"], "CREATED", &format!("complete {key}")));
    }
    if let Some(job) = first(client, "/jobs/search", "jobKey", key) {
        return Some(self::job(&job, key));
    }
    if let Some(incident) = get("incidents", "incidentKey") {
        let what = format!("an incident at '{}' of instance {}", cell(&incident, "elementId"), of(&incident));
        return Some(open(&what, &incident["state"], "ACTIVE", &format!("resolve {key}")));
    }
    if let Some(element) = get("element-instances", "elementInstanceKey") {
        return Some(self::element(client, &element, key));
    }
    if let Some(definition) = get("process-definitions", "processDefinitionKey") {
        let (id, version) = (cell(&definition, "processDefinitionId"), cell(&definition, "version"));
        let what = format!("version {version} of the process '{id}'");
        return Some(format!("{what}: ringbolt run {id} --version {version}"));
    }
    let variable = get("variables", "variableKey")?;
    let (name, scope) = (cell(&variable, "name"), cell(&variable, "scopeKey"));
    Some(format!(
        "the variable '{name}' of instance {}: ringbolt set {scope} --var {name}=VALUE",
        of(&variable)
    ))
}

fn of(item: &Value) -> String {
    cell(item, "processInstanceKey")
}

/// What can still be done with it, or what became of it.
fn open(what: &str, state: &Value, is_open: &str, command: &str) -> String {
    match state.as_str() {
        Some(state) if state == is_open => format!("{what}: ringbolt {command}"),
        Some(state) => already(what, state),
        None => what.to_owned(),
    }
}

fn already(what: &str, state: &str) -> String {
    format!("{what}, {} already", state.to_lowercase().replace('_', " "))
}

fn instance(one: &Value) -> String {
    let (key, id) = (of(one), cell(one, "processDefinitionId"));
    let what = format!("an instance of '{id}'");
    match one["state"].as_str() {
        Some("COMPLETED") => already(&what, "COMPLETED"),
        Some("TERMINATED") => already(&what, "CANCELED"),
        _ if one["hasIncident"] == true => format!("{what} that failed: ringbolt incidents --instance {key}"),
        _ => format!("{what}: ringbolt instance {key} says what it waits for"),
    }
}

fn job(job: &Value, key: u64) -> String {
    let what = format!("a job of type '{}' of instance {}", cell(job, "type"), of(job));
    match job["state"].as_str() {
        Some(state @ ("COMPLETED" | "CANCELED" | "ERROR_THROWN")) => already(&what, state),
        _ => format!("{what}: ringbolt complete {key}"),
    }
}

/// An element instance is rarely what was meant: what somebody has to do there is.
fn element(client: &Client, element: &Value, key: u64) -> String {
    let what = format!("the element '{}' of instance {}", cell(element, "elementId"), of(element));
    let work = |path: &str, name: &str, member: &str| {
        let found = first(client, path, "elementInstanceKey", key)?;
        Some(format!("{what}, which has the {name} {0}: ringbolt complete {0}", cell(&found, member)))
    };
    work("/user-tasks/search", "user task", "userTaskKey")
        .or_else(|| work("/jobs/search", "job", "jobKey"))
        .unwrap_or_else(|| format!("{what}: ringbolt instance {}", of(element)))
}

/// The first of what has this key.
fn first(client: &Client, path: &str, member: &str, key: u64) -> Option<Value> {
    let body = json!({ "filter": { member: key.to_string() }, "page": { "limit": 1 } });
    let found = client.find(path, &body).ok()?;
    items(&found, "items").first().cloned()
}

/// Processes that are named where another one was meant.
const NAMED_MAX: u32 = 10;

/// What is wrong with the id of a process, or its version, for a command that found nothing of it.
///
/// # Errors
/// When it is not there: what there is.
pub(crate) fn expect_process(client: &Client, id: &str, version: Option<u32>) -> Result<(), Error> {
    if let Ok(key) = id.parse() {
        expect(client, key, "no id of a process")?;
    }
    let latest = |filter: Value, limit: u32| {
        let sort = json!([{ "field": "processDefinitionId" }]);
        client.find(
            "/process-definitions/search",
            &json!({ "filter": filter, "sort": sort, "page": { "limit": limit } }),
        )
    };
    let found = latest(json!({ "processDefinitionId": id, "isLatestVersion": true }), 1)?;
    if let Some(one) = items(&found, "items").first() {
        let Some(version) = version else { return Ok(()) };
        let mine = json!({ "processDefinitionId": id, "version": version });
        return match items(&latest(mine, 1)?, "items") {
            [] => {
                let last = cell(one, "version");
                Err(Error::NotFound(format!(
                    "the process '{id}' has no version {version}; the latest is {last}"
                )))
            }
            _ => Ok(()),
        };
    }
    let all = latest(json!({ "isLatestVersion": true }), NAMED_MAX)?;
    let named: Vec<String> =
        items(&all, "items").iter().map(|one| cell(one, "processDefinitionId")).collect();
    let more = all["page"]["totalItems"].as_u64().unwrap_or(0).saturating_sub(named.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(Error::NotFound(match named.is_empty() {
        true => format!("no process '{id}' is deployed, and no other: ringbolt deploy FILE"),
        false => format!("no process '{id}' is deployed; there are: {}{more}", named.join(", ")),
    }))
}

/// What is looked for until it is there, for as long as something that was only just made may not be found.
///
/// # Errors
/// As the last look.
pub(crate) fn soon<T>(look: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 0..SOON_TRIES {
        match look() {
            Err(Error::NotFound(_)) => std::thread::sleep(SOON_PAUSE),
            found => return found,
        }
    }
    look()
}

/// A key, as a command line has it.
///
/// # Errors
/// When it is none.
pub(crate) fn key_of(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a key is a number, as lists show it".to_owned())
}

/// An instance as the API has it.
///
/// # Errors
/// What the server says against it.
pub(crate) fn get(client: &Client, key: &str) -> Result<Value, Error> {
    client.get(&format!("/process-instances/{key}"), "processInstanceKey")
}

/// The same, looked for again for a while: what was only just begun may not be found yet. And whether it was not found at once, so that
/// what is in it may be found only now, too.
///
/// # Errors
/// When there is no such instance: what the key is of, where that is known.
pub(crate) fn found(client: &Client, key: u64) -> Result<(Value, bool), Error> {
    let get = || get(client, &key.to_string());
    match get() {
        Err(Error::NotFound(_)) => {
            expect(client, key, "no instance")?;
            match soon(get) {
                Err(Error::NotFound(_)) => Err(Error::NotFound(format!(
                    "no instance has the key {key}: ringbolt instances lists them"
                ))),
                found => found.map(|instance| (instance, true)),
            }
        }
        found => found.map(|instance| (instance, false)),
    }
}

/// What to say instead of that something is not there, where the key is of something else.
///
/// # Errors
/// What it is of.
pub(crate) fn expect(client: &Client, key: u64, what_not: &str) -> Result<(), Error> {
    told(client, key).map_or(Ok(()), |what| Err(Error::NotFound(format!("{key} is {what_not} but {what}"))))
}

/// The same of what came of a command that took the key.
///
/// # Errors
/// What it is of, where it was not there and that is known; else what was wrong.
pub(crate) fn or_told<T>(
    client: &Client,
    key: u64,
    what_not: &str,
    came: Result<T, Error>,
) -> Result<T, Error> {
    if matches!(came, Err(Error::NotFound(_))) {
        expect(client, key, what_not)?;
    }
    came
}
