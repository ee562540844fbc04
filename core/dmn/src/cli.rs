//! Lines in, lines out: what the command line prints. Without I/O; the binary reads and writes.

use std::fmt::Write as _;

use ringbolt_feel::{Context, Environment, List, Value, Variables, Warnings};

use crate::DecisionRequirements;
use crate::result::DecisionEvaluation;

/// Variables, opened one level.
struct Values(Vec<(String, Value)>);

impl Values {
    fn of(context: &Context<'static>) -> Values {
        let entries = context.to_vec().into_iter();
        Values(entries.map(|(name, value)| (name.as_str().to_owned(), value)).collect())
    }
}

impl Variables for Values {
    fn get(&self, _name: &str) -> Option<&[u8]> {
        None
    }

    fn get_value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// Evaluates a decision with the variables in a JSON object and writes the result: one line of JSON, or the failure.
/// With a trace, before it everything that was evaluated, with inputs and matched rules.
///
/// The error holds what to print where there is no result.
pub fn evaluate(
    requirements: &DecisionRequirements,
    decision_id: &str,
    variables: &str,
    trace: Trace,
    env: &Environment,
) -> Result<String, String> {
    let Some(Value::Context(context)) = Value::from_untrusted_json(variables.as_bytes()) else {
        return Err("the variables are not a JSON object".to_owned());
    };
    let variables = Values::of(&context);
    let evaluation = requirements.evaluate(decision_id, &variables, env);
    let mut out = String::new();
    if trace == Trace::Full {
        write_trace(&mut out, &evaluation);
    }
    for warning in texts(&evaluation.warnings) {
        let _ = writeln!(out, "warning: {warning}");
    }
    match &evaluation.output {
        Ok(value) => {
            let _ = writeln!(out, "{}", json(value));
            Ok(out)
        }
        Err(failure) => Err(format!("{out}{}", failure.message)),
    }
}

/// How much [`evaluate`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The result alone.
    None,
    /// Every decision with its inputs and matched rules.
    Full,
}

/// Answers a line `{"decision": .., "variables": {..}}` with `{"ok": true, "result": .., "warnings": [..]}` or
/// `{"ok": false, "failure": ..}`. Never fails: any other line gets an answer with a failure.
pub fn answer_line(requirements: &DecisionRequirements, line: &str, env: &Environment) -> String {
    match answer(requirements, line, env) {
        Ok(answer) => answer,
        Err(failure) => format!("{{\"ok\":false,\"failure\":{}}}", json(&Value::string(failure))),
    }
}

fn answer(requirements: &DecisionRequirements, line: &str, env: &Environment) -> Result<String, String> {
    let Some(Value::Context(request)) = Value::from_untrusted_json(line.as_bytes()) else {
        return Err("the line is not a JSON object".to_owned());
    };
    let Some(Value::Str(decision)) = request.get("decision") else {
        return Err("\"decision\" is missing or not a string".to_owned());
    };
    let variables = match request.get("variables") {
        Some(Value::Context(context)) => Values::of(&context),
        Some(Value::Null) | None => Values(Vec::new()),
        Some(_) => return Err("\"variables\" is not an object".to_owned()),
    };
    let evaluation = requirements.evaluate(decision.as_str(), &variables, env);
    let value = evaluation.output.map_err(|failure| failure.message)?;
    let mut out = format!("{{\"ok\":true,\"result\":{}", json(&value));
    if !evaluation.warnings.is_empty() {
        let warnings: Vec<Value> = texts(&evaluation.warnings).map(Value::string).collect();
        let warnings = List::new(warnings).map_or(Value::Null, Value::List);
        let _ = write!(out, ",\"warnings\":{}", json(&warnings));
    }
    out.push('}');
    Ok(out)
}

/// The warnings as text, and how many more there were.
fn texts(warnings: &Warnings) -> impl Iterator<Item = String> {
    warnings.iter().map(ToString::to_string).chain(warnings.remark())
}

/// A value as JSON text.
pub fn json(value: &Value) -> String {
    let mut out = Vec::new();
    value.write_json(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Everything that was evaluated, readable.
fn write_trace(out: &mut String, evaluation: &DecisionEvaluation) {
    for decision in &evaluation.evaluated {
        let kind = decision.decision_type.name();
        let _ = writeln!(out, "{} ({kind}) = {}", decision.id, json(&decision.output));
        for input in &decision.inputs {
            let _ = writeln!(out, "  input {} = {}", input.name, json(&input.value));
        }
        for rule in &decision.matched_rules {
            let outputs: Vec<String> = rule
                .outputs
                .iter()
                .map(|output| format!("{} = {}", output.name, json(&output.value)))
                .collect();
            let _ = writeln!(out, "  rule {} {}: {}", rule.index, rule.id, outputs.join(", "));
        }
    }
}
