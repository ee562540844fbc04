//! Starts an instance, and waits for its end if that is wanted.
//!
//! The server can wait for the end in the request that starts the instance, but then nobody knows its key until it has ended. So it is
//! started first and looked at until it has; only where nothing can be searched the server waits.

use crate::act::done;
use crate::client::Client;
use crate::kinds;
use crate::page::Page;
use crate::show::{cell, print_json};
use crate::variables::VariableArgs;
use crate::{Error, Target};
use clap::Args;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// How long `run --wait` waits unless told otherwise, s.
const WAIT_S_DEFAULT: u64 = 60;
/// How long it may wait, s: a week. Nothing would be a default of the server's.
const WAIT_S_MAX: u64 = 7 * 24 * 3600;
/// Between two looks whether it has ended: the first, and what it grows to.
const LOOK_FIRST: Duration = Duration::from_millis(10);
const LOOK_MAX: Duration = Duration::from_millis(500);

/// Arguments of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Id of the process.
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
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
    /// How long to wait, s, at least 1; then it goes on, its key is told, and the exit code is 5.
    #[arg(long, value_name = "S", default_value_t = WAIT_S_DEFAULT, requires = "wait", value_parser = clap::value_parser!(u64).range(1..=WAIT_S_MAX))]
    timeout: u64,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn run(client: &Client, args: &RunArgs) -> Result<(), Error> {
    let mut body = json!({ "processDefinitionId": args.process, "variables": args.variables.read()? });
    if let Some(version) = args.version {
        body["processDefinitionVersion"] = json!(version);
    }
    if let Some(id) = &args.business_id {
        body["businessId"] = json!(id);
    }
    if args.wait && !client.is_searchable()? {
        return by_the_server(client, args, body);
    }
    let begun = Instant::now();
    let mut answer =
        started(client, args, client.post("/process-instances", &body, &["processInstanceKey"]))?;
    if !args.wait {
        let key = cell(&answer, "processInstanceKey");
        done(client, &answer, &key);
        return Ok(());
    }
    answer["variables"] = ended(client, args, &answer, begun + Duration::from_secs(args.timeout))?;
    print_variables(client, &answer);
    Ok(())
}

/// The answer to a start; what was not there is told of.
fn started(client: &Client, args: &RunArgs, came: Result<Value, Error>) -> Result<Value, Error> {
    if matches!(came, Err(Error::NotFound(_))) {
        kinds::expect_process(client, &args.process, args.version)?;
    }
    came
}

/// Lets the server wait.
fn by_the_server(client: &Client, args: &RunArgs, mut body: Value) -> Result<(), Error> {
    body["awaitCompletion"] = json!(true);
    body["requestTimeout"] = json!(args.timeout * 1000);
    let wait = Duration::from_secs(args.timeout);
    let begun = Instant::now();
    let came = client.post_within("/process-instances", &body, wait, &["processInstanceKey", "variables"]);
    let answer = started(client, args, came).map_err(|error| match error {
        Error::Refused(why) if begun.elapsed() >= wait => {
            Error::TimedOut(format!("{why}; without secondary storage nobody can tell its key"))
        }
        error => error,
    })?;
    print_variables(client, &answer);
    Ok(())
}

fn print_variables(client: &Client, answer: &Value) {
    print_json(if client.is_json { answer } else { &answer["variables"] });
}

/// The variables of the instance when it has completed.
fn ended(client: &Client, args: &RunArgs, started: &Value, deadline: Instant) -> Result<Value, Error> {
    let key = cell(started, "processInstanceKey");
    let mut pause = LOOK_FIRST;
    let trouble = loop {
        // A server that is behind does not know it yet, and one that is away may come back: the instance has been started all the same.
        let variables = match kinds::get(client, &key) {
            Ok(found) => match found["state"].as_str() {
                Some("COMPLETED") => variables(client, &key).map(Some),
                Some("TERMINATED") => return Err(Error::Ended(format!("instance {key} was canceled"))),
                _ => Ok(None),
            },
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        };
        let trouble = match variables {
            Ok(Some(variables)) => return Ok(variables),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break trouble;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LOOK_MAX);
    };
    if client.is_json {
        print_json(started);
    }
    if let Some(trouble) = trouble {
        return Err(trouble.after(&format!("instance {key} was started, and then")));
    }
    let number = started["processInstanceKey"].as_str().and_then(|key| key.parse().ok());
    let stands = number.and_then(|key| Page::read(client, key, false).ok()).map(|page| page.stands());
    let stands = stands.filter(|lines| !lines.is_empty()).map(|lines| format!(":\n{}", lines.join("\n")));
    let said = format!("instance {key} has not completed within {} s, and goes on", args.timeout);
    Err(Error::TimedOut(format!("{said} (ringbolt watch {key}){}", stands.unwrap_or_default())))
}

/// All variables of the instance itself, whole.
fn variables(client: &Client, key: &str) -> Result<Value, Error> {
    let filter = json!({ "processInstanceKey": key, "scopeKey": key });
    let found = client.all("/variables/search?truncateValues=false", &filter, "name")?;
    let parsed = |one: &Value| {
        let text = cell(one, "value");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    };
    Ok(Value::Object(found.iter().map(|one| (cell(one, "name"), parsed(one))).collect::<Map<_, _>>()))
}
