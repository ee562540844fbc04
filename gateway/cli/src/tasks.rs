//! The user tasks that somebody has to do.

use crate::client::Client;
use crate::look::{Size, list};
use crate::show::cell;
use crate::{Error, Target};
use clap::Args;
use serde_json::{Map, Value, json};

/// Arguments of `tasks`.
#[derive(Args, Clone, Debug)]
pub struct TasksArgs {
    /// Only of this process.
    #[arg(long, value_name = "ID")]
    process: Option<String>,
    /// Only of this instance.
    #[arg(long, value_name = "KEY")]
    instance: Option<u64>,
    /// Only what this user has.
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Only what users of this group may take.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Those too that are done or canceled.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn tasks(client: &Client, args: &TasksArgs) -> Result<(), Error> {
    let mut filter = Map::new();
    let mut only = |member: &str, value: Option<Value>| {
        if let Some(value) = value {
            filter.insert(member.to_owned(), value);
        }
    };
    only("processDefinitionId", args.process.as_ref().map(|id| json!(id)));
    only("processInstanceKey", args.instance.map(|key| json!(key.to_string())));
    only("assignee", args.assignee.as_ref().map(|name| json!(name)));
    only("candidateGroup", args.group.as_ref().map(|name| json!(name)));
    only("state", (!args.all).then(|| json!("CREATED")));
    let found =
        client.search("/user-tasks/search", &Value::Object(filter), "creationDate", args.size.limit)?;
    let heads = ["KEY", "NAME", "STATE", "ASSIGNEE", "GROUPS", "PROCESS", "INSTANCE", "SINCE"];
    list(client, &found, "user tasks", &heads, |item| {
        let name = cell(item, "name");
        let groups = item["candidateGroups"].as_array().into_iter().flatten().filter_map(Value::as_str);
        vec![
            cell(item, "userTaskKey"),
            if name.is_empty() { cell(item, "elementId") } else { name },
            cell(item, "state"),
            cell(item, "assignee"),
            groups.collect::<Vec<_>>().join(", "),
            cell(item, "processDefinitionId"),
            cell(item, "processInstanceKey"),
            cell(item, "creationDate"),
        ]
    });
    Ok(())
}
