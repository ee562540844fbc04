//! Commands that change something.

use crate::client::Client;
use crate::show::{Table, cell, items, print, print_json, terminal_width};
use crate::text::safe;
use crate::variables::VariableArgs;
use crate::{Error, Target};
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Retries that the job of a resolved incident gets unless told otherwise.
const RETRIES_DEFAULT: u32 = 1;
/// How long `run --wait` waits unless told otherwise, s.
const WAIT_S_DEFAULT: u64 = 60;
/// How long it may wait, s: a week. Nothing would be a default of the server's.
const WAIT_S_MAX: u64 = 7 * 24 * 3600;
/// How long a message may be kept, s: what a number of milliseconds holds.
const TTL_S_MAX: u64 = i64::MAX.unsigned_abs() / 1000;
/// Between the parts of a form. What is deployed must not have it in it.
const BOUNDARY: &str = "ringbolt-cli-7f1c9a4e2b";

/// Arguments of `deploy`.
#[derive(Args, Clone, Debug)]
pub struct DeployArgs {
    /// BPMN and DMN models, forms, other resources.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Id of the process.
    process: String,
    /// Its version [default: the latest].
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// A business id for the instance.
    #[arg(long, value_name = "ID")]
    business_id: Option<String>,
    /// Wait until it has completed, and print its variables.
    #[arg(long)]
    wait: bool,
    /// How long to wait, s, at least 1.
    #[arg(long, value_name = "S", default_value_t = WAIT_S_DEFAULT, requires = "wait", value_parser = clap::value_parser!(u64).range(1..=WAIT_S_MAX))]
    timeout: u64,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `complete`.
#[derive(Args, Clone, Debug)]
pub struct CompleteArgs {
    /// Key of the user task or the job.
    key: u64,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `resolve`.
#[derive(Args, Clone, Debug)]
pub struct ResolveArgs {
    /// Key of the incident.
    key: u64,
    /// Retries for its job, if it has none left.
    #[arg(long, value_name = "N", default_value_t = RETRIES_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    retries: u32,
    /// Variables that the instance gets first, for what failed for want of them.
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `set`.
#[derive(Args, Clone, Debug)]
pub struct SetArgs {
    /// Key of the process instance, or of an element instance of it.
    key: u64,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `cancel`.
#[derive(Args, Clone, Debug)]
pub struct CancelArgs {
    /// Key of the instance.
    key: u64,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Arguments of `publish`.
#[derive(Args, Clone, Debug)]
pub struct PublishArgs {
    /// Name of the message.
    name: String,
    /// Its correlation key.
    #[arg(long, value_name = "TEXT", default_value = "")]
    key: String,
    /// How long it is kept for those who begin to wait later, s.
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=TTL_S_MAX))]
    ttl: u64,
    /// An id, which makes it be taken once.
    #[arg(long, value_name = "TEXT")]
    id: Option<String>,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Prints what was done.
fn done(client: &Client, answer: &Value, what: &str) {
    match client.is_json {
        true => print_json(answer),
        false => print(&format!("{}\n", safe(what))),
    }
}

/// A name in a header of a form: quotes and line breaks as browsers write them.
fn form_name(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A form of files, by name and content: its boundary and the body.
pub(crate) fn form_of(files: &[(String, Vec<u8>)]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, content) in files {
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"resources\"; filename=\"{}\"\r\n\
             content-type: application/octet-stream\r\n\r\n",
            form_name(name)
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (BOUNDARY, body)
}

pub(crate) fn deploy(client: &Client, args: &DeployArgs) -> Result<(), Error> {
    let read = |path: &PathBuf| {
        let wrong = |why: &dyn std::fmt::Display| Error::Usage(format!("{}: {why}", path.display()));
        let content = std::fs::read(path).map_err(|error| wrong(&error))?;
        let name = path.file_name().ok_or_else(|| wrong(&"it is no file"))?.to_string_lossy();
        Ok((name.into_owned(), content))
    };
    let (boundary, body) = form_of(&args.files.iter().map(read).collect::<Result<Vec<_>, Error>>()?);
    let answer = client.post_form("/deployments", boundary, &body)?;
    if client.is_json {
        print_json(&answer);
        return Ok(());
    }
    let mut table = Table::new(&["KIND", "ID", "VERSION", "KEY", "RESOURCE"]);
    for deployed in items(&answer, "deployments") {
        for (member, kind, id, version, key) in DEPLOYED {
            let one = &deployed[member];
            if one.is_object() {
                table.row(vec![
                    (*kind).to_owned(),
                    cell(one, id),
                    cell(one, version),
                    cell(one, key),
                    cell(one, "resourceName"),
                ]);
            }
        }
    }
    print(&table.text(terminal_width()));
    Ok(())
}

/// What a deployment may have: member, what to call it, and the members with its id, version and key.
const DEPLOYED: &[(&str, &str, &str, &str, &str)] = &[
    (
        "processDefinition",
        "process",
        "processDefinitionId",
        "processDefinitionVersion",
        "processDefinitionKey",
    ),
    ("decisionDefinition", "decision", "decisionDefinitionId", "version", "decisionDefinitionKey"),
    (
        "decisionRequirements",
        "decision requirements",
        "decisionRequirementsId",
        "version",
        "decisionRequirementsKey",
    ),
    ("form", "form", "formId", "version", "formKey"),
    ("resource", "resource", "resourceId", "version", "resourceKey"),
];

pub(crate) fn run(client: &Client, args: &RunArgs) -> Result<(), Error> {
    let mut body = json!({ "processDefinitionId": args.process, "variables": args.variables.read()? });
    if let Some(version) = args.version {
        body["processDefinitionVersion"] = json!(version);
    }
    if let Some(id) = &args.business_id {
        body["businessId"] = json!(id);
    }
    if !args.wait {
        let answer = client.post("/process-instances", &body, &["processInstanceKey"])?;
        let key = cell(&answer, "processInstanceKey");
        done(client, &answer, &key);
        return Ok(());
    }
    let wait = Duration::from_secs(args.timeout);
    body["awaitCompletion"] = json!(true);
    body["requestTimeout"] = json!(args.timeout * 1000);
    let answer =
        client.post_within("/process-instances", &body, wait, &["processInstanceKey", "variables"])?;
    match client.is_json {
        true => print_json(&answer),
        false => print_json(&answer["variables"]),
    }
    Ok(())
}

pub(crate) fn complete(client: &Client, args: &CompleteArgs) -> Result<(), Error> {
    let body = json!({ "variables": args.variables.read()? });
    let key = args.key;
    let mut refusals = Vec::new();
    for (path, what) in [("user-tasks", "user task"), ("jobs", "job")] {
        match client.tell(&format!("/{path}/{key}/completion"), &body) {
            Ok(answer) => {
                done(client, &answer, &format!("{what} {key} is completed"));
                return Ok(());
            }
            // A key says nothing of what it is of: what is no user task may be a job.
            Err(Error::NotFound(why)) => refusals.push(why),
            Err(error) => return Err(error),
        }
    }
    Err(Error::NotFound(format!(
        "{key} is neither a user task nor a job that can be completed: {}",
        refusals.join("; ")
    )))
}

pub(crate) fn resolve(client: &Client, args: &ResolveArgs) -> Result<(), Error> {
    let key = args.key;
    let incident = client.get(&format!("/incidents/{key}"), "incidentKey")?;
    let variables = args.variables.read()?;
    if variables.as_object().is_some_and(|given| !given.is_empty()) {
        set_variables(client, &cell(&incident, "processInstanceKey"), &variables)?;
    }
    if let Some(job) = incident["jobKey"].as_str()
        && incident["errorType"] != "UNHANDLED_ERROR_EVENT"
    {
        client.patch(&format!("/jobs/{job}"), &json!({ "changeset": { "retries": args.retries } }))?;
    }
    let answer = client.tell(&format!("/incidents/{key}/resolution"), &json!({}))?;
    done(client, &answer, &format!("incident {key} is resolved"));
    Ok(())
}

fn set_variables(client: &Client, scope: &str, variables: &Value) -> Result<Value, Error> {
    client.put(&format!("/element-instances/{scope}/variables"), &json!({ "variables": variables }))
}

pub(crate) fn set(client: &Client, args: &SetArgs) -> Result<(), Error> {
    let variables = args.variables.read()?;
    if variables.as_object().is_none_or(Map::is_empty) {
        return Err(Error::Usage("no variable is given: --var NAME=VALUE".to_owned()));
    }
    let answer = set_variables(client, &args.key.to_string(), &variables)?;
    done(client, &answer, &format!("variables of {} are set", args.key));
    Ok(())
}

pub(crate) fn cancel(client: &Client, args: &CancelArgs) -> Result<(), Error> {
    let answer = client.tell(&format!("/process-instances/{}/cancellation", args.key), &json!({}))?;
    done(client, &answer, &format!("instance {} is canceled", args.key));
    Ok(())
}

pub(crate) fn publish(client: &Client, args: &PublishArgs) -> Result<(), Error> {
    let mut body = json!({
        "name": args.name, "correlationKey": args.key, "timeToLive": args.ttl * 1000,
        "variables": args.variables.read()?
    });
    if let Some(id) = &args.id {
        body["messageId"] = json!(id);
    }
    let answer = client.post("/messages/publication", &body, &["messageKey"])?;
    let key = cell(&answer, "messageKey");
    done(client, &answer, &key);
    Ok(())
}
