//! Expressions over the variables that a scope sees, and what is said when one does not give what it should.

use crate::at::At;
use crate::behaviors::variables;
use crate::failure::{Failure, Interruption};
use crate::writers::Processing;
use ringbolt_feel::{Environment, Evaluated, Expression, Val, Variables, WarningKind, Warnings};
use ringbolt_model::{EventDefinition, Text, json_type};
use ringbolt_record::{ErrorType, ID_BYTES_MAX, Key, VariableDocument};
use ringbolt_tables::Tables;
use rustc_hash::FxHashMap;

/// The variables that a scope sees: its own, then those of each scope around it.
pub(crate) struct VisibleVariables<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) scope_key: Key,
}

impl Variables for VisibleVariables<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        variables::seen(self.tables, self.scope_key, name)
    }
}

/// Variables that a request brought.
pub(crate) struct GivenVariables<'a>(FxHashMap<&'a str, &'a [u8]>);

impl<'a> GivenVariables<'a> {
    pub(crate) fn of(document: &'a VariableDocument) -> Self {
        Self(document.iter().collect())
    }
}

impl GivenVariables<'_> {
    /// Whether one of this name was brought.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The same beside the cluster variables.
    pub(crate) fn beside<'b>(&'b self, tables: &'b Tables) -> GivenBeside<'b> {
        GivenBeside { given: self, tables }
    }
}

/// Variables that a request brought, beside cluster variables.
pub(crate) struct GivenBeside<'a> {
    given: &'a GivenVariables<'a>,
    tables: &'a Tables,
}

impl Variables for GivenBeside<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.given.get(name).or_else(|| variables::cluster(self.tables, name))
    }
}

impl Variables for GivenVariables<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).copied()
    }
}

/// What expressions depend on besides variables: the entry's time, a seed that replay would repeat, and what the entry's
/// budget leaves.
pub(crate) fn environment(p: &Processing<'_>, scope_key: Key) -> Environment {
    Environment {
        random_seed: scope_key.0 ^ p.now.0 as u64,
        budget: Some(p.expression_budget().clone()),
        ..Environment::at(p.now.0)
    }
}

/// Evaluates a condition.
pub(crate) fn evaluate_condition(
    p: &Processing<'_>,
    condition: &Expression,
    scope_key: Key,
) -> Result<bool, Failure> {
    evaluate_condition_of(p, condition, scope_key, &VisibleVariables { tables: p.tables(), scope_key })
}

/// Evaluates a condition over variables of its own.
pub(crate) fn evaluate_condition_of(
    p: &Processing<'_>,
    condition: &Expression,
    scope_key: Key,
    variables: &dyn Variables,
) -> Result<bool, Failure> {
    evaluate_of(p, condition, scope_key, variables, |value| match value {
        Val::Bool(holds) => Ok(*holds),
        other => Err(wrong_type(condition, "BOOLEAN", other)),
    })
}

/// None of a gateway's flows can be taken.
pub(crate) fn no_flow_holds() -> Failure {
    let message = "Expected at least one condition to evaluate to true, or to have a default flow";
    Failure::new(ErrorType::ConditionError, message)
}

/// Evaluates an expression for text that is not empty.
pub(crate) fn evaluate_text(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<String, Failure> {
    evaluate(p, expression, scope_key, |value| match value.as_str() {
        Some("") => Err(format!(
            "Expected result of the expression '{}' to be a not-empty string, but was an empty string.",
            shown(expression.text())
        )),
        Some(text) => Ok(text.to_owned()),
        None => Err(wrong_type(expression, "STRING", value)),
    })
}

/// Evaluates an expression for text, which may be empty.
pub(crate) fn evaluate_any_text(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<String, Failure> {
    evaluate(p, expression, scope_key, |value| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(wrong_type(expression, "STRING", value)),
    })
}

/// The code of what an element throws; `evaluate` evaluates one that is an expression.
pub(crate) fn thrown_code(
    p: &Processing<'_>,
    at: &At,
    evaluate: impl FnOnce(&Processing<'_>, &Expression, Key) -> Result<String, Failure>,
) -> Result<String, Interruption> {
    match at.model().event().and_then(EventDefinition::code) {
        Some(Text::Static(text) | Text::Number { text, .. }) => Ok(text.to_string()),
        Some(Text::Expression(expression)) => Ok(evaluate(p, expression, at.key)?),
        None => Err(at.unexpected(format!("'{}' throws nothing", at.model().id)).into()),
    }
}

/// Evaluates an expression for the key that tells instances apart: text, or a number of which the whole part counts.
pub(crate) fn evaluate_correlation_key(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<String, Failure> {
    let key = evaluate(p, expression, scope_key, |value| {
        if let Some(text) = value.as_str() {
            return Ok(text.to_owned());
        }
        let whole = value.as_decimal().and_then(|number| ringbolt_model::whole_part(&number.to_string()));
        whole.map(|whole| whole.to_string()).ok_or_else(|| {
            let (expression, found) = (shown(expression.text()), json_type(value));
            format!(
                "Failed to extract the correlation key for '{expression}': The value must be either a string or a number, but \
                 was '{found}'."
            )
        })
    })?;
    nameable(expression, key)
}

/// Refuses text under which no client could ever find or reach what waits for it.
pub(crate) fn nameable(expression: &Expression, text: String) -> Result<String, Failure> {
    let bytes = text.len();
    if bytes <= ID_BYTES_MAX {
        return Ok(text);
    }
    let message = format!(
        "Expected result of the expression '{}' to have at most {ID_BYTES_MAX} bytes, but it has {bytes}.",
        shown(expression.text())
    );
    Err(Failure::new(ErrorType::ExtractValueError, message))
}

/// What a name gives by which a message or signal is known.
pub(crate) fn evaluate_known_name(
    p: &Processing<'_>,
    name: &Text,
    scope_key: Key,
) -> Result<String, Failure> {
    let text = evaluate_name(p, name, scope_key)?;
    match name {
        Text::Expression(expression) => nameable(expression, text),
        // Looked at when it is deployed.
        Text::Static(_) | Text::Number { .. } => Ok(text),
    }
}

/// What a name gives that is static or an expression: text.
pub(crate) fn evaluate_name(p: &Processing<'_>, name: &Text, scope_key: Key) -> Result<String, Failure> {
    match name {
        Text::Static(text) => Ok(text.to_string()),
        Text::Number { text, .. } => Err(wrong_static_type(text, "STRING", "NUMBER")),
        Text::Expression(expression) => evaluate_any_text(p, expression, scope_key),
    }
}

/// Evaluates an expression for a number, of which the whole part counts: its lowest 64 bits.
pub(crate) fn evaluate_whole_number(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<i64, Failure> {
    evaluate(p, expression, scope_key, |value| {
        let whole = value.as_decimal().and_then(|number| ringbolt_model::whole_part(&number.to_string()));
        whole.ok_or_else(|| wrong_type(expression, "NUMBER", value))
    })
}

/// Evaluates an expression for whatever it gives, as JSON text.
pub(crate) fn evaluate_any(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<Vec<u8>, Failure> {
    evaluate(p, expression, scope_key, |value| {
        let mut json = Vec::new();
        value.write_json(&mut json);
        Ok(json)
    })
}

/// Evaluates an expression for a list of texts.
pub(crate) fn evaluate_texts(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<Vec<String>, Failure> {
    evaluate(p, expression, scope_key, |value| {
        let list = value.as_list().ok_or_else(|| wrong_type(expression, "ARRAY", value))?;
        let texts = list.to_vec().iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>();
        texts.ok_or_else(|| {
            format!(
                "Expected result of the expression '{}' to be 'ARRAY' containing 'STRING' items, but was 'ARRAY' containing \
                 at least one non-'STRING' item.",
                shown(expression.text())
            )
        })
    })
}

/// Evaluates an expression for a date and time as text, or for nothing: empty.
pub(crate) fn evaluate_date_time(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<String, Failure> {
    evaluate(p, expression, scope_key, |value| {
        if let Some(text) = ringbolt_model::shown_date_time(value) {
            return Ok(text);
        }
        match (value, value.as_str()) {
            (Val::Null, _) | (_, Some("")) => Ok(String::new()),
            (_, Some(text)) => ringbolt_model::date_time_text(text).ok_or_else(|| {
                let expression = shown(expression.text());
                format!("Invalid date-time format '{}' for expression '{expression}'.", shown(text))
            }),
            (_, None) => Err(format!(
                "Expected result of the expression '{}' to be one of '[NULL, DATE_TIME, STRING]', but was '{}'.",
                shown(expression.text()),
                json_type(value)
            )),
        }
    })
}

/// Evaluates an expression for a number without a fraction: its lowest 32 bits.
pub(crate) fn evaluate_integer(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<i32, Failure> {
    evaluate(p, expression, scope_key, |value| {
        let number = value.as_decimal().ok_or_else(|| wrong_type(expression, "NUMBER", value))?;
        let text = number.to_string();
        if text.parse::<f64>().is_ok_and(|number| number % 1.0 == 0.0) {
            return Ok(ringbolt_model::whole_part(&text).unwrap_or_default() as i32);
        }
        let expression = shown(expression.text());
        Err(format!("Expected result of the expression '{expression}' to be an integer, but was a decimal."))
    })
}

/// Evaluates an expression for a number that is whole and has at most 32 bits.
pub(crate) fn evaluate_exact_integer(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
) -> Result<i32, Failure> {
    evaluate(p, expression, scope_key, |value| {
        let number = value.as_decimal().ok_or_else(|| wrong_type(expression, "NUMBER", value))?.to_string();
        let whole = ringbolt_model::whole_part(&number).and_then(|whole| i32::try_from(whole).ok());
        let is_exact = |whole: &i32| number.parse::<f64>().is_ok_and(|found| found == f64::from(*whole));
        whole.filter(is_exact).ok_or_else(|| {
            let expression = shown(expression.text());
            format!(
                "Expected result of the expression '{expression}' to be an integer between {} and {}, but was '{number}'.",
                i32::MIN,
                i32::MAX
            )
        })
    })
}

/// Evaluates an expression for what `extract` takes out of its value.
pub(crate) fn evaluate<T>(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
    extract: impl FnOnce(&Val<'_>) -> Result<T, String>,
) -> Result<T, Failure> {
    evaluate_of(p, expression, scope_key, &VisibleVariables { tables: p.tables(), scope_key }, extract)
}

fn evaluate_of<T>(
    p: &Processing<'_>,
    expression: &Expression,
    scope_key: Key,
    variables: &dyn Variables,
    extract: impl FnOnce(&Val<'_>) -> Result<T, String>,
) -> Result<T, Failure> {
    let environment = environment(p, scope_key);
    let evaluated = expression.evaluate_borrowed(variables, &environment);
    let Evaluated { result, warnings } = evaluated;
    let extracted = match result {
        Ok(value) => extract(&value),
        Err(failure) => Err(failed(expression.text(), &failure.message, &warnings)),
    };
    extracted.map_err(|message| Failure::new(ErrorType::ExtractValueError, with_warnings(message, &warnings)))
}

/// What is said of an expression that gave no value.
pub(crate) fn failed(text: &str, message: &str, warnings: &Warnings) -> String {
    let text = shown(text);
    match warnings.iter().find(|warning| warning.kind == WarningKind::AssertFailure) {
        Some(warning) => {
            format!("Assertion failure on evaluate the expression '{text}': {}", warning.message)
        }
        None => format!("Failed to evaluate expression '{text}': {message}"),
    }
}

/// Bytes of an expression that a message shows.
const EXPRESSION_SHOWN_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a message with the warnings that it lists.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// An expression in a message, as far as there is room for it.
pub(crate) fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(EXPRESSION_SHOWN_BYTES_MAX)]
}

/// Adds what came up on the way, as far as there is room for it, and says how much more there was.
pub(crate) fn with_warnings(mut message: String, warnings: &Warnings) -> String {
    if warnings.is_empty() {
        return message;
    }
    message.push_str(" The evaluation reported the following warnings:");
    let mut left_out = warnings.left_out();
    for warning in warnings {
        let kind = warning.kind.name();
        if message.len() + kind.len() + warning.message.len() > MESSAGE_BYTES_MAX {
            left_out += 1;
            continue;
        }
        message.push_str(&format!("\n[{kind}] {}", warning.message));
    }
    if left_out > 0 {
        message.push_str(&format!("\nand {left_out} more"));
    }
    message
}

/// What is said of a value that is not of the one type that its place needs.
pub(crate) fn wrong_type(expression: &Expression, wanted: &str, value: &Val<'_>) -> String {
    type_message(shown(expression.text()), wanted, json_type(value))
}

/// What is said of a value that is of none of the types that its place takes.
pub(crate) fn none_of_types(expression: &Expression, wanted: &str, value: &Val<'_>) -> String {
    let (text, found) = (shown(expression.text()), json_type(value));
    format!("Expected result of the expression '{text}' to be one of '[{wanted}]', but was '{found}'.")
}

/// What is said of static text that is not of the type that its place needs.
pub(crate) fn wrong_static_type(text: &str, wanted: &str, found: &str) -> Failure {
    Failure::new(ErrorType::ExtractValueError, type_message(text, wanted, found))
}

fn type_message(text: &str, wanted: &str, found: &str) -> String {
    format!("Expected result of the expression '{text}' to be '{wanted}', but was '{found}'.")
}
