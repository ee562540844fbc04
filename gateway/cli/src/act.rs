//! Commands that change something.

use crate::client::Client;
use crate::kinds;
use crate::page::Done;
use crate::show::{Table, cell, items, print, print_json, terminal_width};
use crate::text::safe;
use crate::variables::VariableArgs;
use crate::{Error, Target};
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Retries that the job of a resolved incident gets unless told otherwise.
const RETRIES_DEFAULT: u32 = 1;
/// Incidents of an instance that are known to have been there before one of them was resolved.
const OPEN_MAX: u32 = 1_000;
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

/// Arguments of `complete`.
#[derive(Args, Clone, Debug)]
pub struct CompleteArgs {
    /// Key of the user task or the job.
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
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
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
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
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
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
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
    key: u64,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Prints what was done: as JSON, or in words.
pub(crate) fn done(client: &Client, json: &Value, what: &str) {
    match client.is_json {
        true => print_json(json),
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

/// What was done, and what became of the instance as far as that can be told, on one line.
fn and_then(what: String, became: Option<String>) -> String {
    became.map_or_else(|| what.clone(), |became| format!("{what}; {became}"))
}

pub(crate) fn complete(client: &Client, args: &CompleteArgs) -> Result<(), Error> {
    let body = json!({ "variables": args.variables.read()? });
    let key = args.key;
    for (path, what, member) in [("user-tasks", "user task", "userTaskKey"), ("jobs", "job", "jobKey")] {
        match client.tell(&format!("/{path}/{key}/completion"), &body) {
            Ok(()) => {
                let became = if client.is_json { None } else { completed(client, path, key) };
                let json = json!({ member: key.to_string() });
                done(client, &json, &and_then(format!("{what} {key} is completed"), became));
                return Ok(());
            }
            // A key says nothing of what it is of: what is no user task may be a job.
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    kinds::expect(client, key, "no open user task or job")?;
    Err(Error::NotFound(format!("no user task and no job with the key {key} can be completed")))
}

/// What became of the instance whose user task or job was completed.
fn completed(client: &Client, path: &str, key: u64) -> Option<String> {
    let (member, at) = match path {
        "jobs" => ("jobKey", "endTime"),
        _ => ("userTaskKey", "completionDate"),
    };
    let body = json!({ "filter": { member: key.to_string() }, "page": { "limit": 1 } });
    let found = client.find(&format!("/{path}/search"), &body).ok()?;
    let one = items(&found, "items").first()?;
    // Without that it is not known what failed before and what after it.
    let at = one[at].as_str()?;
    let instance = one["processInstanceKey"].as_str()?;
    Done { instance, element: &one["elementInstanceKey"], at: Some(at), was_there: Vec::new() }.became(client)
}

pub(crate) fn resolve(client: &Client, args: &ResolveArgs) -> Result<(), Error> {
    let key = args.key;
    let is_no = "no open incident";
    let incident =
        kinds::or_told(client, key, is_no, client.get(&format!("/incidents/{key}"), "incidentKey"))?;
    if incident["state"] == "RESOLVED" {
        return Err(Error::NotFound(format!("incident {key} is resolved already")));
    }
    let instance = cell(&incident, "processInstanceKey");
    let open = json!({ "processInstanceKey": instance, "state": "ACTIVE" });
    let open = client.search("/incidents/search", &open, "creationTime", OPEN_MAX)?;
    let variables = args.variables.read()?;
    if variables.as_object().is_some_and(|given| !given.is_empty()) {
        set_variables(client, &instance, &variables)?;
    }
    if let Some(job) = incident["jobKey"].as_str()
        && incident["errorType"] != "UNHANDLED_ERROR_EVENT"
    {
        client.patch(&format!("/jobs/{job}"), &json!({ "changeset": { "retries": args.retries } }))?;
    }
    client.tell(&format!("/incidents/{key}/resolution"), &json!({}))?;
    let was_there = items(&open, "items").iter().map(|one| cell(one, "incidentKey")).collect();
    let done_to = Done { instance: &instance, element: &incident["elementInstanceKey"], at: None, was_there };
    let became = if client.is_json { None } else { done_to.became(client) };
    let json = json!({ "incidentKey": key.to_string(), "processInstanceKey": instance });
    done(client, &json, &and_then(format!("incident {key} is resolved"), became));
    Ok(())
}

fn set_variables(client: &Client, scope: &str, variables: &Value) -> Result<(), Error> {
    client.put(&format!("/element-instances/{scope}/variables"), &json!({ "variables": variables }))
}

pub(crate) fn set(client: &Client, args: &SetArgs) -> Result<(), Error> {
    let variables = args.variables.read()?;
    if variables.as_object().is_none_or(Map::is_empty) {
        return Err(Error::Usage("no variable is given: --var NAME=VALUE".to_owned()));
    }
    let key = args.key;
    let came = set_variables(client, &key.to_string(), &variables);
    kinds::or_told(client, key, "no instance or element that runs", came)?;
    let json = json!({ "scopeKey": key.to_string(), "variables": variables });
    done(client, &json, &format!("variables of {key} are set"));
    Ok(())
}

pub(crate) fn cancel(client: &Client, args: &CancelArgs) -> Result<(), Error> {
    let key = args.key;
    let came = client.tell(&format!("/process-instances/{key}/cancellation"), &json!({}));
    kinds::or_told(client, key, "no instance that runs", came)?;
    let json = json!({ "processInstanceKey": key.to_string() });
    done(client, &json, &format!("instance {key} is canceled"));
    Ok(())
}
