//! Commands that show something.

use crate::client::{Client, LIST};
use crate::show::{Table, cell, footer, items, moment, print, print_json, terminal_width};
use crate::text::safe;
use crate::variables::pair;
use crate::{Error, Target};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Rows of a list unless told otherwise.
const LIMIT_DEFAULT: u32 = 20;
/// How often it is looked again for what was not there, and how long after; half a second in all.
const SOON_TRIES: u32 = 10;
const SOON_PAUSE: Duration = Duration::from_millis(50);
/// Rows of each kind in the page of one instance.
const INSTANCE_ROWS_MAX: u32 = 50;

/// Arguments of `status`.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    pub(crate) target: Target,
}

/// States of an instance.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum InstanceState {
    Active,
    Completed,
    Canceled,
}

/// States of a job.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum JobState {
    Created,
    Completed,
    Failed,
    RetriesUpdated,
    TimedOut,
    Canceled,
    ErrorThrown,
    Migrated,
}

/// How long a list may be.
#[derive(Args, Clone, Debug)]
pub(crate) struct Size {
    /// So many at most.
    #[arg(long, value_name = "N", default_value_t = LIMIT_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

/// Arguments of `instances`.
#[derive(Args, Clone, Debug)]
pub struct InstancesArgs {
    /// Only of this process.
    #[arg(long, value_name = "ID")]
    process: Option<String>,
    /// Only in this state.
    #[arg(long)]
    state: Option<InstanceState>,
    /// Only with an incident.
    #[arg(long)]
    incidents: bool,
    /// Only with this business id.
    #[arg(long, value_name = "ID")]
    business_id: Option<String>,
    /// Only with this variable; all of them if given several times. JSON, or text as it is.
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `instance`.
#[derive(Args, Clone, Debug)]
pub struct InstanceArgs {
    /// Its key.
    pub(crate) key: u64,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `incidents`.
#[derive(Args, Clone, Debug)]
pub struct IncidentsArgs {
    /// Only of this process.
    #[arg(long, value_name = "ID")]
    process: Option<String>,
    /// Only of this instance.
    #[arg(long, value_name = "KEY")]
    instance: Option<u64>,
    /// Those that are resolved too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `jobs`.
#[derive(Args, Clone, Debug)]
pub struct JobsArgs {
    /// Only of this type.
    #[arg(long = "type", value_name = "TYPE")]
    job_type: Option<String>,
    /// Only in this state.
    #[arg(long)]
    state: Option<JobState>,
    /// Only of this instance.
    #[arg(long, value_name = "KEY")]
    instance: Option<u64>,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// A value of the API's enums.
fn wire(state: impl ValueEnum) -> String {
    let name = state.to_possible_value().expect("no state is hidden").get_name().to_ascii_uppercase();
    name.replace('-', "_")
}

pub(crate) fn status(client: &Client) -> Result<(), Error> {
    let (topology, version) = client.topology()?;
    if client.is_json {
        print_json(&topology);
        return Ok(());
    }
    print(&status_text(client, &topology, version.as_deref()));
    Ok(())
}

/// The server in a few lines.
pub(crate) fn status_text(client: &Client, topology: &Value, version: Option<&str>) -> String {
    let mut out = String::new();
    let mut line = |name: &str, what: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<11} {}", safe(&what));
    };
    let version = version.map_or(String::new(), |version| format!(", Ringbolt {version}"));
    let level = cell(topology, "gatewayVersion");
    line("server", format!("{}{version}, speaks Camunda {level}", client.base()));
    let partitions: Vec<String> = items(topology, "brokers")
        .iter()
        .flat_map(|broker| items(broker, "partitions"))
        .map(|partition| format!("{} {}", cell(partition, "partitionId"), cell(partition, "health")))
        .collect();
    line("partitions", partitions.join(", "));
    let count = |path: &str, filter: Value| {
        let (count, has_more) = client.count(path, &filter)?;
        Ok::<String, Error>(format!("{count}{}", if has_more { "+" } else { "" }))
    };
    let instances = |filter| count("/process-instances/search", filter);
    let counted = || {
        let active = instances(json!({ "state": "ACTIVE" }))?;
        let failed = instances(json!({ "state": "ACTIVE", "hasIncident": true }))?;
        let (done, canceled) = (json!({ "state": "COMPLETED" }), json!({ "state": "TERMINATED" }));
        let (done, canceled) = (instances(done)?, instances(canceled)?);
        let incidents = count("/incidents/search", json!({ "state": "ACTIVE" }))?;
        let tasks = count("/user-tasks/search", json!({ "state": "CREATED" }))?;
        let jobs = count("/jobs/search", json!({ "state": "CREATED" }))?;
        Ok::<_, Error>([
            (
                "instances",
                format!("{active} active ({failed} with incidents), {done} completed, {canceled} canceled"),
            ),
            ("incidents", incidents),
            ("waiting", format!("{tasks} user tasks, {jobs} jobs")),
        ])
    };
    match counted() {
        Ok(lines) => lines.into_iter().for_each(|(name, what)| line(name, what)),
        Err(error) => line("search", error.to_string()),
    }
    out
}

pub(crate) fn instances(client: &Client, args: &InstancesArgs) -> Result<(), Error> {
    let mut filter = Map::new();
    if let Some(id) = &args.process {
        filter.insert("processDefinitionId".into(), json!(id));
    }
    if let Some(state) = args.state {
        let state = if matches!(state, InstanceState::Canceled) { "TERMINATED".into() } else { wire(state) };
        filter.insert("state".into(), json!(state));
    }
    if args.incidents {
        filter.insert("hasIncident".into(), json!(true));
    }
    if let Some(id) = &args.business_id {
        filter.insert("businessId".into(), json!(id));
    }
    if !args.var.is_empty() {
        let one = |text: &String| {
            let (name, value) = pair(text)?;
            Ok(json!({ "name": name, "value": value.to_string() }))
        };
        let all: Vec<Value> = args.var.iter().map(one).collect::<Result<_, Error>>()?;
        filter.insert("variables".into(), json!(all));
    }
    let found =
        client.search("/process-instances/search", &Value::Object(filter), "startDate", args.size.limit)?;
    list(client, &found, "instances", &["KEY", "PROCESS", "VERSION", "STATE", "STARTED", "ENDED"], |item| {
        let has_incident = item["hasIncident"] == true;
        let state = cell(item, "state");
        vec![
            cell(item, "processInstanceKey"),
            cell(item, "processDefinitionId"),
            cell(item, "processDefinitionVersion"),
            if has_incident { format!("{state}, incident") } else { state },
            moment(item, "startDate"),
            moment(item, "endDate"),
        ]
    });
    Ok(())
}

pub(crate) fn incidents(client: &Client, args: &IncidentsArgs) -> Result<(), Error> {
    let mut filter = Map::new();
    if let Some(id) = &args.process {
        filter.insert("processDefinitionId".into(), json!(id));
    }
    if let Some(key) = args.instance {
        filter.insert("processInstanceKey".into(), json!(key.to_string()));
    }
    if !args.all {
        filter.insert("state".into(), json!("ACTIVE"));
    }
    let found =
        client.search("/incidents/search", &Value::Object(filter), "creationTime", args.size.limit)?;
    list(
        client,
        &found,
        "incidents",
        &["KEY", "INSTANCE", "PROCESS", "ELEMENT", "SINCE", "ERROR", "MESSAGE"],
        |item| {
            vec![
                cell(item, "incidentKey"),
                cell(item, "processInstanceKey"),
                cell(item, "processDefinitionId"),
                cell(item, "elementId"),
                moment(item, "creationTime"),
                cell(item, "errorType"),
                cell(item, "errorMessage"),
            ]
        },
    );
    Ok(())
}

pub(crate) fn jobs(client: &Client, args: &JobsArgs) -> Result<(), Error> {
    let mut filter = Map::new();
    if let Some(job_type) = &args.job_type {
        filter.insert("type".into(), json!(job_type));
    }
    if let Some(state) = args.state {
        filter.insert("state".into(), json!(wire(state)));
    }
    if let Some(key) = args.instance {
        filter.insert("processInstanceKey".into(), json!(key.to_string()));
    }
    let found = client.search("/jobs/search", &Value::Object(filter), "jobKey", args.size.limit)?;
    list(
        client,
        &found,
        "jobs",
        &["KEY", "TYPE", "STATE", "RETRIES", "INSTANCE", "ELEMENT", "WORKER"],
        |item| {
            vec![
                cell(item, "jobKey"),
                cell(item, "type"),
                cell(item, "state"),
                cell(item, "retries"),
                cell(item, "processInstanceKey"),
                cell(item, "elementId"),
                cell(item, "worker"),
            ]
        },
    );
    Ok(())
}

/// Prints what was found, as JSON or as a table with what is below it.
pub(crate) fn list(
    client: &Client,
    found: &Value,
    what: &str,
    heads: &[&'static str],
    row: impl Fn(&Value) -> Vec<String>,
) {
    if client.is_json {
        return print_json(found);
    }
    let mut table = Table::new(heads);
    items(found, "items").iter().for_each(|item| table.row(row(item)));
    print(&table.text(terminal_width()));
    print(&footer(found, what));
}

pub(crate) fn instance(client: &Client, key: u64) -> Result<(), Error> {
    let page = Page::read(client, key)?;
    if client.is_json {
        print_json(&page.json());
    } else {
        print(&page.text());
    }
    Ok(())
}

/// An instance. What was only just begun may not be searched yet, so it is looked for again for a while.
fn found(client: &Client, key: u64) -> Result<Value, Error> {
    for _ in 0..SOON_TRIES {
        match client.get(&format!("/process-instances/{key}"), "processInstanceKey") {
            Err(Error::NotFound(_)) => std::thread::sleep(SOON_PAUSE),
            found => return found,
        }
    }
    client.get(&format!("/process-instances/{key}"), "processInstanceKey")
}

/// Everything about one instance.
pub(crate) struct Page {
    instance: Value,
    elements: Value,
    incidents: Value,
    jobs: Value,
    tasks: Value,
    messages: Value,
    called: Value,
    variables: Value,
}

impl Page {
    pub(crate) fn read(client: &Client, key: u64) -> Result<Self, Error> {
        let instance = found(client, key)?;
        let search = |path: &str, by: &str, mut filter: Value| {
            filter["processInstanceKey"] = json!(key.to_string());
            client.search(path, &filter, by, INSTANCE_ROWS_MAX)
        };
        let variables = json!({
            "filter": { "processInstanceKey": key.to_string() },
            "sort": [{ "field": "name" }], "page": { "limit": INSTANCE_ROWS_MAX }
        });
        let called = json!({ "parentProcessInstanceKey": key.to_string(), "state": "ACTIVE" });
        Ok(Self {
            instance,
            elements: search("/element-instances/search", "startDate", json!({ "state": "ACTIVE" }))?,
            incidents: search("/incidents/search", "creationTime", json!({ "state": "ACTIVE" }))?,
            jobs: search("/jobs/search", "jobKey", json!({ "state": { "$in": OPEN_JOBS } }))?,
            tasks: search("/user-tasks/search", "creationDate", json!({ "state": "CREATED" }))?,
            messages: search(
                "/message-subscriptions/search",
                "messageName",
                json!({ "messageSubscriptionState": "CREATED" }),
            )?,
            called: client.search("/process-instances/search", &called, "startDate", INSTANCE_ROWS_MAX)?,
            variables: client.post("/variables/search", &variables, LIST)?,
        })
    }

    /// The state it is in.
    pub(crate) fn state(&self) -> &str {
        self.instance["state"].as_str().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "processInstance": self.instance, "activeElements": self.elements["items"], "incidents": self.incidents["items"],
            "jobs": self.jobs["items"], "userTasks": self.tasks["items"], "messageSubscriptions": self.messages["items"],
            "calledInstances": self.called["items"], "variables": self.variables["items"]
        })
    }

    /// A sentence first, then why it failed, what it waits for, and its variables.
    pub(crate) fn text(&self) -> String {
        let one = &self.instance;
        let since = match self.state() {
            "ACTIVE" => format!("active since {}", moment(one, "startDate")),
            "COMPLETED" => format!("completed {}", moment(one, "endDate")),
            "TERMINATED" => format!("canceled {}", moment(one, "endDate")),
            other => format!("{other} since {}", moment(one, "startDate")),
        };
        let (id, version) = (cell(one, "processDefinitionId"), cell(one, "processDefinitionVersion"));
        let head = format!("{id}, version {version}, instance {}: {since}", cell(one, "processInstanceKey"));
        let mut lines = vec![head];
        lines.extend(items(&self.incidents, "items").iter().map(failed));
        lines.extend(self.waits());
        let mut out = String::new();
        for line in lines {
            out.push_str(&safe(&line));
            out.push('\n');
        }
        let mut table = Table::new(&["VARIABLE", "SCOPE", "VALUE"]);
        for item in items(&self.variables, "items") {
            table.row(vec![cell(item, "name"), self.scope(item), cell(item, "value")]);
        }
        out + &table.text(terminal_width())
    }

    fn scope(&self, variable: &Value) -> String {
        let of_element = |element: &&Value| element["elementInstanceKey"] == variable["scopeKey"];
        match items(&self.elements, "items").iter().find(of_element) {
            _ if variable["scopeKey"] == self.instance["processInstanceKey"] => "-".into(),
            Some(element) => cell(element, "elementId"),
            None => cell(variable, "scopeKey"),
        }
    }

    /// What it waits for, a line each; the innermost elements of which nothing better is known as they are.
    fn waits(&self) -> Vec<String> {
        let mut known: Vec<&Value> = Vec::new();
        let mut lines = Vec::new();
        for job in items(&self.jobs, "items").iter().filter(|job| job["retries"] != 0) {
            known.push(&job["elementInstanceKey"]);
            let worker =
                job["worker"].as_str().filter(|worker| !worker.is_empty() && !job["deadline"].is_null());
            let who = worker.map_or("a worker".to_owned(), |worker| format!("worker '{worker}'"));
            let (job_type, key, retries) = (cell(job, "type"), cell(job, "jobKey"), cell(job, "retries"));
            lines.push(format!(
                "  waits at '{}' for {who} of job type '{job_type}' (job {key}, {retries} retries)",
                cell(job, "elementId")
            ));
        }
        for task in items(&self.tasks, "items") {
            known.push(&task["elementInstanceKey"]);
            let who = task["assignee"].as_str().map_or("somebody".to_owned(), |name| format!("'{name}'"));
            lines.push(format!(
                "  waits at '{}' for {who} to complete user task {}",
                cell(task, "elementId"),
                cell(task, "userTaskKey")
            ));
        }
        for wait in items(&self.messages, "items") {
            known.push(&wait["elementInstanceKey"]);
            let (name, key) = (cell(wait, "messageName"), cell(wait, "correlationKey"));
            lines.push(format!(
                "  waits at '{}' for message '{name}' with key '{key}'",
                cell(wait, "elementId")
            ));
        }
        for called in items(&self.called, "items") {
            known.push(&called["parentElementInstanceKey"]);
            lines.push(format!(
                "  waits for '{}', the instance {} that it called",
                cell(called, "processDefinitionId"),
                cell(called, "processInstanceKey")
            ));
        }
        known.extend(items(&self.incidents, "items").iter().map(|incident| &incident["elementInstanceKey"]));
        let scopes = [
            "PROCESS",
            "SUB_PROCESS",
            "EVENT_SUB_PROCESS",
            "MULTI_INSTANCE_BODY",
            "AD_HOC_SUB_PROCESS",
            "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
        ];
        for element in items(&self.elements, "items") {
            let is_scope = element["type"].as_str().is_some_and(|kind| scopes.contains(&kind));
            if !is_scope && !known.contains(&&element["elementInstanceKey"]) {
                let kind = cell(element, "type").to_lowercase().replace('_', " ");
                lines.push(format!(
                    "  stands at '{}' ({kind}) since {}",
                    cell(element, "elementId"),
                    moment(element, "startDate")
                ));
            }
        }
        lines
    }
}

/// Jobs that somebody has, or may take.
const OPEN_JOBS: [&str; 4] = ["CREATED", "FAILED", "RETRIES_UPDATED", "TIMED_OUT"];

fn failed(incident: &Value) -> String {
    let (element, kind) = (cell(incident, "elementId"), cell(incident, "errorType"));
    let (why, key) = (cell(incident, "errorMessage"), cell(incident, "incidentKey"));
    format!("  failed at '{element}', {kind}: {why} (incident {key})")
}
