//! Lists, newest first, with a line below that says which states they have and how to see others.
//!
//! Instances are listed in all states unless told otherwise, as `kubectl get`, `gh run list` and `temporal workflow list` do: what
//! happened last is what somebody who just did something looks for, and a list that hides what has ended looks like a loss.

use crate::client::Client;
use crate::kinds;
use crate::show::{Hint, Listed, Table, cell, footer, items, print, print_json, terminal_width};
use crate::text::safe;
use crate::variables::pair;
use crate::waits::{Kind, Waits};
use crate::when::{ago, duration, ms_of, now_ms};
use crate::{Error, Target};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Below a list of those that nobody chose by their state.
const IN_ALL_STATES: &str = "in all states";
/// Rows of a list unless told otherwise.
const LIMIT_DEFAULT: u32 = 20;
/// Instances that are asked at once what they wait for, and rows of each kind that are read of them. Where there are more rows, half as
/// many instances are asked at once.
const ASKED_AT_ONCE: usize = 50;
const ROWS_MAX: u32 = 1_000;

/// States of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InstanceState {
    Active,
    Completed,
    Canceled,
    Suspended,
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

/// How long a list may be, and where the server is.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// So many at most.
    #[arg(long, value_name = "N", default_value_t = LIMIT_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of a list of what belongs to instances.
#[derive(Args, Clone, Debug)]
pub(crate) struct InsideArgs {
    /// Only of this process.
    #[arg(long, value_name = "ID")]
    process: Option<String>,
    /// Only of this instance.
    #[arg(long, value_name = "KEY", value_parser = kinds::key_of, allow_negative_numbers = true)]
    instance: Option<u64>,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Arguments of a list of what is open until somebody does something.
#[derive(Args, Clone, Debug)]
pub struct OpenArgs {
    /// Those too that are not open any more.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    pub(crate) inside: InsideArgs,
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
    pub(crate) list: ListArgs,
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
    #[command(flatten)]
    pub(crate) inside: InsideArgs,
}

/// Arguments of `tasks`.
#[derive(Args, Clone, Debug)]
pub struct TasksArgs {
    /// Only what this user has.
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Only what users of this group may take.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
}

/// What is looked for, member by member.
struct Filter(Map<String, Value>);

impl Filter {
    fn new() -> Self {
        Self(Map::new())
    }

    fn only(mut self, member: &str, value: Option<Value>) -> Self {
        self.0.extend(value.map(|value| (member.to_owned(), value)));
        self
    }

    fn inside(self, args: &InsideArgs) -> Self {
        let instance = args.instance.map(|key| json!(key.to_string()));
        self.only("processDefinitionId", args.process.as_ref().map(|id| json!(id)))
            .only("processInstanceKey", instance)
    }

    /// What is found of instances. Nothing is found of one that is not there: then that is said.
    fn found(self, client: &Client, path: &str, newest_by: &str, args: &InsideArgs) -> Result<Value, Error> {
        let filter = self.inside(args);
        let mut found = filter.search(client, path, newest_by, &args.list)?;
        if let Some(key) = args.instance.filter(|_| items(&found, "items").is_empty())
            && kinds::found(client, key)?.1
        {
            found = filter.search(client, path, newest_by, &args.list)?;
        }
        expect(client, &found, args.process.as_ref())?;
        Ok(found)
    }

    fn search(&self, client: &Client, path: &str, newest_by: &str, list: &ListArgs) -> Result<Value, Error> {
        client.search(path, &Value::Object(self.0.clone()), newest_by, list.limit)
    }
}

impl InsideArgs {
    /// Which are looked for, in words.
    fn words(&self) -> Vec<String> {
        let process = self.process.as_ref().map(|id| format!("of '{id}'"));
        process.into_iter().chain(self.instance.map(|key| format!("of instance {key}"))).collect()
    }
}

impl OpenArgs {
    /// Which are looked for besides, and how those are found that are not.
    fn listed(&self, what: [&'static str; 2], all: &'static str, mut of: Vec<String>) -> Listed {
        of.extend(self.inside.words());
        if self.all {
            of.push(IN_ALL_STATES.to_owned());
            return Listed { what, state: String::new(), of, hint: Hint::Nothing };
        }
        Listed { what, state: "open".into(), of, hint: Hint::More(all) }
    }
}

/// Nothing is in a list of a process that is not there: then that is said.
fn expect(client: &Client, found: &Value, process: Option<&String>) -> Result<(), Error> {
    match process {
        Some(id) if items(found, "items").is_empty() => {
            kinds::soon(|| kinds::expect_process(client, id, None))
        }
        _ => Ok(()),
    }
}

/// A value of an enum as the command line has it.
fn name(state: impl ValueEnum) -> String {
    state.to_possible_value().expect("no state is hidden").get_name().to_owned()
}

/// A value of the API's enums.
fn wire(state: impl ValueEnum) -> String {
    name(state).to_ascii_uppercase().replace('-', "_")
}

/// Prints what was found, as JSON or as a table with what is below it.
fn list(
    client: &Client,
    found: &Value,
    listed: &Listed,
    heads: &[&'static str],
    row: impl Fn(&Value) -> Vec<String>,
) {
    if client.is_json {
        return print_json(found);
    }
    let mut table = Table::new(heads);
    items(found, "items").iter().for_each(|item| table.row(row(item)));
    print(&table.text(terminal_width()));
    print(&safe_line(&footer(found, listed)));
}

fn safe_line(text: &str) -> String {
    format!("{}\n", safe(text.trim_end_matches('\n')))
}

pub(crate) fn instances(client: &Client, args: &InstancesArgs) -> Result<(), Error> {
    let variable = |text: &String| {
        let (name, value) = pair(text)?;
        Ok(json!({ "name": name, "value": value.to_string() }))
    };
    let variables: Vec<Value> = args.var.iter().map(variable).collect::<Result<_, Error>>()?;
    let state = args.state.map(|state| match state {
        InstanceState::Canceled => json!("TERMINATED"),
        state => json!(wire(state)),
    });
    let found = Filter::new()
        .only("processDefinitionId", args.process.as_ref().map(|id| json!(id)))
        .only("state", state)
        .only("hasIncident", args.incidents.then_some(json!(true)))
        .only("businessId", args.business_id.as_ref().map(|id| json!(id)))
        .only("variables", (!variables.is_empty()).then(|| json!(variables)))
        .search(client, "/process-instances/search", "startDate", &args.list)?;
    expect(client, &found, args.process.as_ref())?;
    let listed = args.listed();
    let does = if client.is_json { HashMap::new() } else { what_they_do(client, items(&found, "items")) };
    let now = now_ms();
    list(client, &found, &listed, &["KEY", "PROCESS", "STATE", "STARTED", "NOW"], |item| {
        let state = match item["state"].as_str() {
            Some("ACTIVE") if item["hasIncident"] == true => "INCIDENT".to_owned(),
            Some("TERMINATED") => "CANCELED".to_owned(),
            _ => cell(item, "state"),
        };
        let key = cell(item, "processInstanceKey");
        let does = does.get(&key).cloned().unwrap_or_else(|| took(item));
        let process =
            format!("{} v{}", cell(item, "processDefinitionId"), cell(item, "processDefinitionVersion"));
        vec![key, process, state, ago(&cell(item, "startDate"), now), does]
    });
    Ok(())
}

impl InstancesArgs {
    fn listed(&self) -> Listed {
        let mut of: Vec<String> = self.process.iter().map(|id| format!("of '{id}'")).collect();
        of.extend(self.business_id.iter().map(|id| format!("with the business id '{id}'")));
        of.extend(self.var.iter().map(|variable| format!("with {variable}")));
        of.extend(self.incidents.then(|| "with an incident".to_owned()));
        let is_narrowed = self.state.is_some() || self.incidents;
        if !is_narrowed {
            of.push(IN_ALL_STATES.to_owned());
        }
        Listed {
            what: ["instance", "instances"],
            state: self.state.map_or(String::new(), name),
            of,
            hint: match is_narrowed {
                true => Hint::Nothing,
                false => Hint::Fewer("--state active or --incidents shows fewer"),
            },
        }
    }
}

/// How long one took that has ended; of one that runs nothing is known then.
fn took(instance: &Value) -> String {
    let ms = |member: &str| instance[member].as_str().and_then(ms_of);
    match (ms("startDate"), ms("endDate")) {
        (Some(start), Some(end)) => format!("ended after {}", duration(end - start)),
        _ => "-".to_owned(),
    }
}

/// Why instances that run failed or what they wait for, by key. What cannot be asked is left out: the list is there without it.
fn what_they_do(client: &Client, instances: &[Value]) -> HashMap<String, String> {
    let runs = |one: &&Value| matches!(one["state"].as_str(), Some("ACTIVE" | "SUSPENDED"));
    let keys: Vec<String> =
        instances.iter().filter(runs).map(|one| cell(one, "processInstanceKey")).collect();
    let mut does = HashMap::new();
    let mut left: Vec<&[String]> = keys.chunks(ASKED_AT_ONCE).collect();
    while let Some(keys) = left.pop() {
        let Ok(waits) = Waits::read(client, keys, ROWS_MAX) else { break };
        // Those of one may hide those of another.
        if waits.is_cut() && keys.len() > 1 {
            let (some, others) = keys.split_at(keys.len() / 2);
            left.extend([some, others]);
            continue;
        }
        for key in keys {
            let lines: Vec<_> = waits.of(key).into_iter().filter(|line| line.kind != Kind::Between).collect();
            let Some(first) = lines.first() else { continue };
            let least = if waits.is_cut() { "at least " } else { "" };
            let more = match lines.len() - 1 {
                0 => String::new(),
                more => format!(" (and {least}{more} more)"),
            };
            does.insert(key.clone(), format!("{}{more}", first.brief()));
        }
    }
    does
}

pub(crate) fn incidents(client: &Client, args: &OpenArgs) -> Result<(), Error> {
    let found = Filter::new().only("state", (!args.all).then(|| json!("ACTIVE"))).found(
        client,
        "/incidents/search",
        "creationTime",
        &args.inside,
    )?;
    let now = now_ms();
    let heads = ["KEY", "INSTANCE", "PROCESS", "ELEMENT", "CAME", "WHY"];
    list(
        client,
        &found,
        &args.listed(["incident", "incidents"], "--all shows those that are resolved, too", Vec::new()),
        &heads,
        |item| {
            vec![
                cell(item, "incidentKey"),
                cell(item, "processInstanceKey"),
                cell(item, "processDefinitionId"),
                cell(item, "elementId"),
                ago(&cell(item, "creationTime"), now),
                format!("{}: {}", cell(item, "errorType"), cell(item, "errorMessage")),
            ]
        },
    );
    Ok(())
}

pub(crate) fn jobs(client: &Client, args: &JobsArgs) -> Result<(), Error> {
    let found = Filter::new()
        .only("type", args.job_type.as_ref().map(|job_type| json!(job_type)))
        .only("state", args.state.map(|state| json!(wire(state))))
        .found(client, "/jobs/search", "jobKey", &args.inside)?;
    let mut of: Vec<String> = args.job_type.iter().map(|job_type| format!("of type '{job_type}'")).collect();
    of.extend(args.inside.words());
    let hint = match args.state {
        Some(_) => Hint::Nothing,
        None => {
            of.push(IN_ALL_STATES.to_owned());
            Hint::Fewer("--state created shows those that nobody did")
        }
    };
    let state = args.state.map_or(String::new(), |state| name(state).replace('-', " "));
    let listed = Listed { what: ["job", "jobs"], state, of, hint };
    let heads = ["KEY", "TYPE", "STATE", "RETRIES", "INSTANCE", "ELEMENT", "WORKER"];
    list(client, &found, &listed, &heads, |item| {
        vec![
            cell(item, "jobKey"),
            cell(item, "type"),
            cell(item, "state"),
            cell(item, "retries"),
            cell(item, "processInstanceKey"),
            cell(item, "elementId"),
            cell(item, "worker"),
        ]
    });
    Ok(())
}

pub(crate) fn tasks(client: &Client, args: &TasksArgs) -> Result<(), Error> {
    let TasksArgs { assignee, group, open } = args;
    let found = Filter::new()
        .only("assignee", assignee.as_ref().map(|name| json!(name)))
        .only("candidateGroup", group.as_ref().map(|name| json!(name)))
        .only("state", (!open.all).then(|| json!("CREATED")))
        .found(client, "/user-tasks/search", "creationDate", &open.inside)?;
    let now = now_ms();
    let mut heads = vec!["KEY", "NAME", "FOR", "PROCESS", "INSTANCE", "CREATED"];
    if open.all {
        heads.insert(2, "STATE");
    }
    let assignee = assignee.iter().map(|name| format!("that '{name}' has"));
    let of = assignee.chain(group.iter().map(|name| format!("for the group '{name}'"))).collect();
    list(
        client,
        &found,
        &open.listed(["user task", "user tasks"], "--all shows those that are done, too", of),
        &heads,
        |item| {
            let name = cell(item, "name");
            let mut cells = vec![
                cell(item, "userTaskKey"),
                if name == "-" { cell(item, "elementId") } else { name },
                whose(item),
                cell(item, "processDefinitionId"),
                cell(item, "processInstanceKey"),
                ago(&cell(item, "creationDate"), now),
            ];
            if open.all {
                cells.insert(2, cell(item, "state"));
            }
            cells
        },
    );
    Ok(())
}

/// Who has a task, or else the groups whose members may take it.
fn whose(task: &Value) -> String {
    let groups = task["candidateGroups"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match (cell(task, "assignee"), groups.collect::<Vec<_>>()) {
        (nobody, groups) if nobody == "-" && !groups.is_empty() => format!("group {}", groups.join(", ")),
        (assignee, _) => assignee,
    }
}
