//! Why instances failed and what they wait for, a line each: for the page of one, for lists, and after something was done.

use crate::Error;
use crate::client::Client;
use crate::show::{cell, counted, items, moment};
use crate::when::{due, ms_of, now_ms, utc};
use serde_json::{Value, json};

/// Jobs that somebody has, or may take.
const OPEN_JOBS: [&str; 4] = ["CREATED", "FAILED", "RETRIES_UPDATED", "TIMED_OUT"];
/// Kinds of element instances that hold others; what they wait for is inside them.
const SCOPES: [&str; 6] = [
    "PROCESS",
    "SUB_PROCESS",
    "EVENT_SUB_PROCESS",
    "MULTI_INSTANCE_BODY",
    "AD_HOC_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
];

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Why it failed.
    Failed,
    /// What it waits for.
    Waits,
    /// Where it stands while nothing better is known: what it waits for there may be on its way.
    Stands,
    /// What may come in between: an event on a border or of an event sub-process.
    Between,
}

/// Which incident, and when it came, as the API writes it.
pub(crate) struct Incident {
    pub(crate) key: String,
    pub(crate) came: String,
}

/// One thing of an instance.
pub(crate) struct Line {
    pub(crate) kind: Kind,
    /// The key of the element instance that it is of.
    pub(crate) element: Value,
    /// The incident that it tells of.
    pub(crate) incident: Option<Incident>,
    /// What it says in short.
    pub(crate) text: String,
    /// Keys and the like, for whoever goes on with it.
    pub(crate) detail: String,
}

/// The longest that is said in short.
const BRIEF_CHARS_MAX: usize = 300;

impl Line {
    /// What it says, on one line and not too long: messages of errors may have many, and say what is wrong in the last.
    pub(crate) fn brief(&self) -> String {
        let words = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.char_indices().nth(BRIEF_CHARS_MAX) {
            Some((end, _)) => format!("{}...", &words[..end]),
            None => words,
        }
    }
}

/// What searches say of some instances.
pub(crate) struct Waits {
    pub(crate) elements: Value,
    pub(crate) incidents: Value,
    pub(crate) jobs: Value,
    pub(crate) tasks: Value,
    pub(crate) messages: Value,
    pub(crate) timers: Value,
    /// Signals and conditions of catch events.
    pub(crate) catches: Value,
    pub(crate) called: Value,
}

/// Levels of the API, and servers, that have no such search, find nothing.
fn if_there(found: Result<Value, Error>) -> Result<Value, Error> {
    match found {
        Err(Error::NotFound(_)) => Ok(json!({ "items": [], "page": { "totalItems": 0 } })),
        found => found,
    }
}

impl Waits {
    /// Of the instances with these keys, at most `limit` of each kind.
    pub(crate) fn read(client: &Client, instances: &[String], limit: u32) -> Result<Self, Error> {
        let keys = match instances {
            [one] => json!(one),
            several => json!({ "$in": several }),
        };
        let search = |path: &str, by: &str, mut filter: Value| {
            filter["processInstanceKey"] = keys.clone();
            client.search(path, &filter, by, limit)
        };
        // Element instances are found by one key, and by one of several filters.
        let each: Vec<Value> = instances.iter().map(|key| json!({ "processInstanceKey": key })).collect();
        let elements = json!({ "state": "ACTIVE", "$or": each });
        let called = json!({ "parentProcessInstanceKey": keys, "state": "ACTIVE" });
        let open = json!({ "messageSubscriptionState": "CREATED" });
        let first_due = json!({
            "filter": { "processInstanceKey": keys }, "sort": [{ "field": "dueDate", "order": "ASC" }], "page": { "limit": limit }
        });
        let caught = json!({ "$in": ["SIGNAL", "CONDITION"] });
        let catches = json!({
            "filter": { "processInstanceKey": keys, "waitStateType": caught }, "page": { "limit": limit }
        });
        Ok(Self {
            elements: client.search("/element-instances/search", &elements, "startDate", limit)?,
            incidents: search("/incidents/search", "creationTime", json!({ "state": "ACTIVE" }))?,
            jobs: search("/jobs/search", "jobKey", json!({ "state": { "$in": OPEN_JOBS } }))?,
            tasks: search("/user-tasks/search", "creationDate", json!({ "state": "CREATED" }))?,
            messages: search("/message-subscriptions/search", "messageName", open)?,
            timers: if_there(client.find("/timers/search", &first_due))?,
            catches: if_there(client.find("/element-instances/wait-states/search", &catches))?,
            called: client.search("/process-instances/search", &called, "startDate", limit)?,
        })
    }

    /// Whether there is more than was read.
    pub(crate) fn is_cut(&self) -> bool {
        let all = [
            &self.elements,
            &self.incidents,
            &self.jobs,
            &self.tasks,
            &self.messages,
            &self.timers,
            &self.catches,
            &self.called,
        ];
        all.iter().any(|found| {
            let total = found["page"]["totalItems"].as_u64().unwrap_or(0);
            total > items(found, "items").len() as u64
        })
    }

    /// All that is known of one of the instances: why it failed first, then what it waits for, then what may come in between. The
    /// innermost elements of which nothing better is known stand there as they are.
    pub(crate) fn of(&self, instance: &str) -> Vec<Line> {
        let of = |found: &'_ Value, member: &str| -> Vec<Value> {
            items(found, "items").iter().filter(|item| item[member] == instance).cloned().collect()
        };
        let mine = |found: &Value| of(found, "processInstanceKey");
        let elements = mine(&self.elements);
        let mut lines: Vec<Line> = mine(&self.incidents).iter().map(failed).collect();
        lines.extend(mine(&self.jobs).iter().filter(|job| job["retries"] != 0).map(job));
        lines.extend(mine(&self.tasks).iter().map(task));
        lines.extend(of(&self.called, "parentProcessInstanceKey").iter().map(called));
        lines.extend(mine(&self.messages).iter().map(|one| event(one, &elements, &message(one))));
        let now = now_ms();
        lines.extend(mine(&self.timers).iter().map(|one| timer(one, &elements, now)));
        lines.extend(mine(&self.catches).iter().filter_map(|one| Some(event(one, &elements, &catch(one)?))));
        for element in &elements {
            let is_scope = element["type"].as_str().is_some_and(|kind| SCOPES.contains(&kind));
            let is_known =
                |line: &Line| line.kind != Kind::Between && line.element == element["elementInstanceKey"];
            if !is_scope && !lines.iter().any(is_known) {
                lines.push(stands(element));
            }
        }
        lines.sort_by_key(|line| line.kind as u8);
        lines
    }
}

fn line(kind: Kind, element: &Value, text: String, detail: String) -> Line {
    Line { kind, element: element.clone(), incident: None, text, detail }
}

fn failed(incident: &Value) -> Line {
    let (element, kind) = (cell(incident, "elementId"), cell(incident, "errorType"));
    let text = format!("failed at '{element}', {kind}: {}", cell(incident, "errorMessage"));
    let key = cell(incident, "incidentKey");
    let detail = format!(" (incident {key})");
    let incident_of = Incident { key, came: cell(incident, "creationTime") };
    Line { incident: Some(incident_of), ..line(Kind::Failed, &incident["elementInstanceKey"], text, detail) }
}

/// Who may be at work on a job: whoever took it, has said nothing of it, and whose time is not over.
fn at_work(job: &Value) -> Option<&str> {
    let is_taken = matches!(job["state"].as_str(), Some("CREATED" | "TIMEOUT_UPDATED"));
    let deadline = job["deadline"].as_str().and_then(ms_of).filter(|deadline| *deadline > now_ms());
    job["worker"].as_str().filter(|worker| is_taken && deadline.is_some() && !worker.is_empty())
}

fn job(job: &Value) -> Line {
    let worker = at_work(job);
    let who = worker.map_or("a worker".to_owned(), |worker| format!("worker '{worker}'"));
    let (element, job_type) = (cell(job, "elementId"), cell(job, "type"));
    let text = format!("waits at '{element}' for {who} of job type '{job_type}'");
    let retries = counted(job["retries"].as_u64().unwrap_or(0), "retry", "retries");
    let detail = format!(" (job {}, {retries})", cell(job, "jobKey"));
    line(Kind::Waits, &job["elementInstanceKey"], text, detail)
}

fn task(task: &Value) -> Line {
    let who = task["assignee"].as_str().map_or("somebody".to_owned(), |name| format!("'{name}'"));
    let text = format!("waits at '{}' for {who} to complete the user task", cell(task, "elementId"));
    line(Kind::Waits, &task["elementInstanceKey"], text, format!(" {}", cell(task, "userTaskKey")))
}

fn called(called: &Value) -> Line {
    let id = cell(called, "processDefinitionId");
    let text =
        format!("waits for '{id}', the instance {} that it called", cell(called, "processInstanceKey"));
    line(Kind::Waits, &called["parentElementInstanceKey"], text, String::new())
}

fn message(wait: &Value) -> String {
    let name = cell(wait, "messageName");
    match wait["correlationKey"].as_str() {
        Some(key) => format!("message '{name}' with key '{key}'"),
        None => format!("message '{name}'"),
    }
}

/// What a catch event waits for that is neither a message nor a timer.
fn catch(wait: &Value) -> Option<String> {
    let details = &wait["details"];
    match details["waitStateType"].as_str()? {
        "SIGNAL" => Some(format!("signal '{}'", cell(details, "signalName"))),
        "CONDITION" => Some(format!("condition '{}'", cell(details, "expression"))),
        _ => None,
    }
}

/// Where an event stands that interrupts who has it, or begins something beside: on the border of an activity, or in an event
/// sub-process. Nothing of one that is waited for: that one has it itself, or a gateway before it does.
fn between(event: &Value, elements: &[Value]) -> Option<String> {
    let key = &event["elementInstanceKey"];
    // The instance itself is no element instance.
    if *key == event["processInstanceKey"] {
        return Some(" of the instance".to_owned());
    }
    let host = elements.iter().find(|element| element["elementInstanceKey"] == *key)?;
    if host["elementId"] == event["elementId"] || host["type"] == "EVENT_BASED_GATEWAY" {
        return None;
    }
    let is_scope = host["type"].as_str().is_some_and(|kind| SCOPES.contains(&kind));
    Some(format!(" {} '{}'", if is_scope { "of" } else { "on" }, cell(host, "elementId")))
}

fn event(event: &Value, elements: &[Value], what: &str) -> Line {
    let (element, key) = (cell(event, "elementId"), &event["elementInstanceKey"]);
    match between(event, elements) {
        Some(place) => {
            line(Kind::Between, key, format!("'{element}'{place} waits for {what}"), String::new())
        }
        None => line(Kind::Waits, key, format!("waits at '{element}' for {what}"), String::new()),
    }
}

fn timer(timer: &Value, elements: &[Value], now: i64) -> Line {
    let (element, key) = (cell(timer, "elementId"), &timer["elementInstanceKey"]);
    let due = timer["dueDate"].as_str().map_or("is due at no time".to_owned(), |text| due(text, now));
    let again = match timer["repetitions"].as_i64() {
        Some(times) if times < 0 => ", and again and again".to_owned(),
        Some(times) if times > 1 => format!(", {times} times in all"),
        _ => String::new(),
    };
    let place = match timer["elementType"].as_str() {
        Some("INTERMEDIATE_CATCH_EVENT") => None,
        // Whose border it is may be among what was not read.
        _ => Some(between(timer, elements).unwrap_or_default()),
    };
    match place {
        Some(place) => {
            line(Kind::Between, key, format!("timer '{element}'{place} {due}{again}"), String::new())
        }
        None => {
            let text = format!("waits at '{element}' for its timer, which {due}{again}");
            line(Kind::Waits, key, text, String::new())
        }
    }
}

fn stands(element: &Value) -> Line {
    let kind = cell(element, "type").to_lowercase().replace('_', " ");
    let since =
        element["startDate"].as_str().and_then(ms_of).map_or_else(|| moment(element, "startDate"), utc);
    let text = format!("stands at '{}' ({kind}) since {since}", cell(element, "elementId"));
    line(Kind::Stands, &element["elementInstanceKey"], text, String::new())
}
