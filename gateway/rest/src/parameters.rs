//! Parameters of a request's path and query, held against their schemas.
//!
//! A parameter of the query that an operation does not know is nobody's concern, as in Camunda's gateway; of one that comes twice the
//! first holds; one without a value is as absent.

use crate::disposition::percent_decoded;
use crate::problem::Problem;
use crate::validate;
use ringbolt_api::call::{Parameters, Query, shown};
use ringbolt_api::operation::{Operation, Parameter, Place};
use ringbolt_api::schema::{Level, Pattern, Schema, Text};
use ringbolt_api::value::{flag_word, key_of};

/// The parts of the path that are keys are such.
pub(crate) fn check_path(operation: &Operation, parameters: &Parameters<'_>) -> Result<(), Problem> {
    let of_path = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    for (parameter, text) in of_path.zip(parameters) {
        if is_key(&parameter.schema) && key_of(text).is_none() {
            return Err(unconverted(parameter, text));
        }
    }
    Ok(())
}

fn is_key(schema: &Schema) -> bool {
    matches!(schema, Schema::Text(Text { pattern: Some(Pattern::Key), .. }))
}

fn unconverted(parameter: &Parameter, text: &str) -> Problem {
    let shown = shown(text);
    Problem::bad_request(format!("Failed to convert '{}' with value: '{shown}'", parameter.name))
}

/// What of the query concerns an operation; `violations` gathers what its schemas have against it.
pub(crate) fn read_query(
    operation: &'static Operation,
    query: &str,
    violations: &mut Vec<String>,
) -> Result<Query, Problem> {
    let mut read = Query::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        match find(query, parameter.name)? {
            Some(value) if !value.is_empty() => {
                check(parameter, &value, violations)?;
                read.push((parameter.name, canonical(parameter, value)));
            }
            Some(_) | None if parameter.required => {
                let what = format!("Required parameter '{}' is not present.", parameter.name);
                return Err(Problem::bad_request(what));
            }
            Some(_) | None => {}
        }
    }
    Ok(read)
}

/// The first value of that name.
fn find(query: &str, name: &str) -> Result<Option<String>, Problem> {
    for pair in query.split('&') {
        let (raw, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(raw)? == name {
            return decoded(value).map(Some);
        }
    }
    Ok(None)
}

fn decoded(raw: &str) -> Result<String, Problem> {
    let spaced = raw.replace('+', " ");
    percent_decoded(&spaced).and_then(|bytes| String::from_utf8(bytes.into_owned()).ok()).ok_or_else(|| {
        Problem::bad_request("Failed to read request: the query is not encoded as RFC 3986 says")
    })
}

fn check(parameter: &'static Parameter, value: &str, violations: &mut Vec<String>) -> Result<(), Problem> {
    let is_right = match parameter.schema.at(Level::V8_10) {
        Schema::Flag => flag_word(value).is_some(),
        schema @ Schema::Enum(..) => schema.values(Level::V8_10).contains(&value),
        Schema::Text(text) => {
            violations.extend(validate::parameter(parameter.name, value, text));
            true
        }
        Schema::Int(_) => value.parse::<i64>().is_ok(),
        _ => true,
    };
    if is_right { Ok(()) } else { Err(unconverted(parameter, value)) }
}

/// Flags in one form.
fn canonical(parameter: &Parameter, value: String) -> String {
    match parameter.schema {
        Schema::Flag => flag_word(&value).unwrap_or_default().to_string(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::read_query;
    use ringbolt_api::table::operations;

    fn read(id: &str, query: &str) -> String {
        let operation = operations().find(|operation| operation.id == id).expect("an operation");
        let mut violations = Vec::new();
        match read_query(operation, query, &mut violations) {
            Ok(read) => format!("{read:?} {violations:?}"),
            Err(problem) => format!("{} {}", problem.status, problem.detail),
        }
    }

    #[test]
    fn queries_are_read_and_held_against_their_schemas() {
        let usage = |query: &str| read("getUsageMetrics", query);
        let span = "startTime=2026-01-01T00:00:00Z&endTime=2026-01-02T00:00:00%2B01:00";
        for (query, wanted) in [
            (
                format!("{span}&withTenants=ON&other=%zz1&startTime=x").replace("%zz1", "1"),
                r#"[("startTime", "2026-01-01T00:00:00Z"), ("endTime", "2026-01-02T00:00:00+01:00"), ("withTenants", "true")] []"#,
            ),
            (
                format!("{span}&tenantId=%3Cdefault%3E&withTenants="),
                r#"[("startTime", "2026-01-01T00:00:00Z"), ("endTime", "2026-01-02T00:00:00+01:00"), ("tenantId", "<default>")] []"#,
            ),
            (String::new(), "400 Required parameter 'startTime' is not present."),
            ("startTime=&endTime=x".to_owned(), "400 Required parameter 'startTime' is not present."),
            (
                format!("{span}&withTenants=perhaps"),
                "400 Failed to convert 'withTenants' with value: 'perhaps'",
            ),
            (
                format!("{span}&tenantId=%ff"),
                "400 Failed to read request: the query is not encoded as RFC 3986 says",
            ),
            (
                format!("{span}&tenantId=%f"),
                "400 Failed to read request: the query is not encoded as RFC 3986 says",
            ),
        ] {
            assert_eq!(usage(&query), wanted, "{query}");
        }
        let wrong = usage("startTime=yesterday&endTime=tomorrow");
        assert!(wrong.contains("The provided startTime 'yesterday' cannot be parsed as a date"), "{wrong}");
        assert!(wrong.contains("The provided endTime 'tomorrow'"), "{wrong}");
    }
}
