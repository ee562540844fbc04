//! `ringbolt dmn eval`: decisions of a model file, once or line by line from standard input.

use crate::feel_eval::{environment, text_or_file};
use clap::Args;
use ringbolt_cli::safe_json;
use ringbolt_dmn::{Limits, cli};
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// What to evaluate.
#[derive(Args, Debug)]
pub struct DmnEvalArgs {
    /// The model.
    file: PathBuf,
    /// The decision's id; not with --jsonl, whose lines name it.
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    decision_id: Option<String>,
    /// Variables: a JSON object, or @FILE.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}", conflicts_with = "jsonl")]
    variables: String,
    /// Also print every decision that was evaluated, with its inputs and matched rules.
    #[arg(long)]
    trace: bool,
    /// Read lines `{"decision": .., "variables": {..}}` and answer each with a line.
    #[arg(long)]
    jsonl: bool,
}

/// Evaluates; a failure of the decision is an error.
///
/// # Errors
/// When the model is refused, the decision fails, or a file cannot be read.
pub fn run(args: &DmnEvalArgs) -> Result<(), Box<dyn Error>> {
    let model = std::fs::read(&args.file).map_err(|e| format!("cannot read {}: {e}", args.file.display()))?;
    let name = args.file.display().to_string();
    let requirements = ringbolt_dmn::parse(&name, &model, &Limits::default())
        .map_err(|violations| ringbolt_xml::format_violations(&name, &violations))?;
    let environment = environment();
    if args.jsonl {
        let mut out = std::io::stdout().lock();
        for line in std::io::stdin().lock().lines() {
            writeln!(out, "{}", safe_json(&cli::answer_line(&requirements, &line?, &environment)))?;
            out.flush()?;
        }
        return Ok(());
    }
    let decision_id = args.decision_id.as_deref().unwrap_or_default();
    let variables = text_or_file(&args.variables)?;
    let trace = if args.trace { cli::Trace::Full } else { cli::Trace::None };
    let answer = cli::evaluate(&requirements, decision_id, &variables, trace, &environment)?;
    println!("{}", safe_json(&answer.to_string()));
    Ok(())
}
