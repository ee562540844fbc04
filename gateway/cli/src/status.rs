//! Shows a server in a few lines.

use crate::client::Client;
use crate::show::{cell, items, print, print_json};
use crate::text::safe;
use crate::{Error, Target};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Arguments of `status`.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    pub(crate) target: Target,
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
    let several = |count: String, what: &str| {
        let s = if count == "1" { "" } else { "s" };
        format!("{count} {what}{s}")
    };
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
            ("waiting", format!("{}, {}", several(tasks, "user task"), several(jobs, "job"))),
        ])
    };
    match counted() {
        Ok(lines) => lines.into_iter().for_each(|(name, what)| line(name, what)),
        Err(error) => line("search", error.to_string()),
    }
    out
}
