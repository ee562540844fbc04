//! `ringbolt feel eval`: expressions from the command line or, line by line, from standard input.

use clap::Args;
use ringbolt_cli::{safe_json, safe_lines};
use ringbolt_feel::{Environment, cli};
use std::error::Error;
use std::io::{BufRead, Write};

/// What to evaluate.
#[derive(Args, Debug)]
pub struct FeelEvalArgs {
    /// The expression, with or without the = of models; not with --jsonl.
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl", allow_hyphen_values = true)]
    expression: Option<String>,
    /// Variables: a JSON object, or @FILE.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}", conflicts_with = "jsonl")]
    variables: String,
    /// Read lines `{"expression": .., "variables": {..}}` and answer each with a line.
    #[arg(long)]
    jsonl: bool,
}

/// Text that stands on the command line or, behind an `@`, in a file.
pub(crate) fn text_or_file(given: &str) -> Result<String, Box<dyn Error>> {
    match given.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|e| format!("cannot read {path}: {e}").into()),
        None => Ok(given.to_owned()),
    }
}

/// Now, in UTC, as expressions see it.
pub(crate) fn environment() -> Environment {
    Environment::at(ringbolt_ring::time::unix_ms())
}

/// Evaluates; a failure of the expression is an error.
///
/// # Errors
/// When the expression fails, the variables are no JSON object, or a file cannot be read.
pub fn run(args: &FeelEvalArgs) -> Result<(), Box<dyn Error>> {
    let environment = environment();
    if args.jsonl {
        let mut out = std::io::stdout().lock();
        for line in std::io::stdin().lock().lines() {
            writeln!(out, "{}", safe_json(&cli::answer_line(&line?, &environment)))?;
            out.flush()?;
        }
        return Ok(());
    }
    let expression = args.expression.as_deref().unwrap_or_default();
    // As models have it.
    let expression = expression.strip_prefix('=').unwrap_or(expression);
    let variables = text_or_file(&args.variables)?;
    let variables: serde_json::Value =
        serde_json::from_str(&variables).map_err(|e| format!("--variables is not valid JSON: {e}"))?;
    let request = serde_json::json!({ "expression": expression, "variables": variables });
    let answer: serde_json::Value =
        serde_json::from_str(&cli::answer_line(&request.to_string(), &environment))?;
    for warning in answer["warnings"].as_array().into_iter().flatten() {
        eprintln!("warning: {}", safe_lines(warning.as_str().unwrap_or_default()));
    }
    match answer["failure"].as_str() {
        Some(failure) => Err(failure.to_owned().into()),
        None => {
            println!("{}", safe_json(&format!("{:#}", answer["result"])));
            Ok(())
        }
    }
}
