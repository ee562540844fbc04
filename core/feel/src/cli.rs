//! One line in, one line out: evaluates `{"expression": .., "variables": {..}}` and answers `{"ok": true, "result":
//! .., "warnings": [..]}` or `{"ok": false, "failure": ".."}`. The command line and the comparison tests use it.

use crate::environment::{Environment, Variables};
use crate::json;
use crate::value::{Context, Raw, Val};
use crate::{parse_expression, parse_unary_tests};

/// The entries of a JSON object as variables.
struct Object<'t>(&'t [u8]);

impl Variables for Object<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        json::find(self.0, name).map(|(start, end)| &self.0[start..end])
    }
}

/// Answers one line. A line with `"unary": true` and an `"input"` holds unary tests. Never fails: a line that is no
/// JSON object gets an answer with a failure.
pub fn answer_line(line: &str, env: &Environment) -> String {
    let mut out = Vec::new();
    if let Err(failure) = answer(line, env, &mut out) {
        out.clear();
        out.extend_from_slice(b"{\"ok\":false,\"failure\":");
        json::write_string(&mut out, &failure);
        out.push(b'}');
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn answer(line: &str, env: &Environment, out: &mut Vec<u8>) -> Result<(), String> {
    if !json::is_valid(line.as_bytes()) {
        return Err("the line is not valid JSON".to_owned());
    }
    let Some(Val::Context(request)) = Val::from_json(line.as_bytes()) else {
        return Err("the line is not a JSON object".to_owned());
    };
    let Some(Val::Str(text)) = request.get("expression") else {
        return Err("\"expression\" is missing or not a string".to_owned());
    };
    let variables = match request.get("variables") {
        Some(Val::Context(Context::Json(Raw::Borrowed(text)))) => Object(text),
        Some(Val::Null) | None => Object(b"{}"),
        Some(_) => return Err("\"variables\" is not an object".to_owned()),
    };
    // Each line has a budget of its own.
    let env = &Environment { budget: None, ..env.clone() };
    let evaluation = if matches!(request.get("unary"), Some(Val::Bool(true))) {
        let tests = parse_unary_tests(text.as_str()).map_err(|e| e.to_string())?;
        let input = request.get("input").unwrap_or(Val::Null).into_owned();
        tests.evaluate(&input, &variables, env)
    } else {
        let expression = parse_expression(text.as_str()).map_err(|e| e.to_string())?;
        expression.evaluate(&variables, env)
    };
    let value = evaluation.result.map_err(|failure| failure.message)?;
    out.extend_from_slice(b"{\"ok\":true,\"result\":");
    value.write_json(out);
    let warnings = evaluation.warnings;
    if !warnings.is_empty() {
        out.extend_from_slice(b",\"warnings\":[");
        let texts = warnings.iter().map(ToString::to_string).chain(warnings.remark());
        for (i, text) in texts.enumerate() {
            if i > 0 {
                out.push(b',');
            }
            json::write_string(out, &text);
        }
        out.push(b']');
    }
    out.push(b'}');
    Ok(())
}
