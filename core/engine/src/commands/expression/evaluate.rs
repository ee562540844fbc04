//! Evaluates an expression for a client. Nothing is written: the answer rests on nothing but the request, so whoever has a
//! request may evaluate it anywhere, with the cluster variables that it names.

use crate::behaviors::expressions::{GivenVariables, environment, failed, with_warnings};
use crate::behaviors::variables::{CLUSTER, write_json_text};
use crate::failure::Refusal;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_feel::{Decimal, Environment, Evaluated};
use ringbolt_record::command::EvaluateExpression;
use ringbolt_record::reply::ExpressionEvaluation;
use ringbolt_record::{Key, Rejection, RejectionType, Reply, VariableDocument};

pub(crate) fn process_evaluate(p: &mut Processing<'_>, evaluate: &EvaluateExpression) -> Result<(), Refusal> {
    let environment = environment(p, Key::NONE);
    let seen = names_cluster_variables(evaluate).then(|| p.tables().seen_cluster_variables());
    let whole = seen.map(|seen| with_cluster_variables(evaluate.clone(), seen));
    let evaluate = whole.as_ref().unwrap_or(evaluate);
    let evaluation = evaluate_expression(evaluate, &environment, p.settings.batch_bytes_max)?;
    p.reply(Reply::ExpressionEvaluated(evaluation));
    Ok(())
}

/// Whether an expression may name cluster variables that the request does not bring itself: whoever evaluates it has to ask a
/// partition for them first (`FetchClusterVariables`).
pub fn names_cluster_variables(evaluate: &EvaluateExpression) -> bool {
    evaluate.expression.contains(CLUSTER) && evaluate.variables.get(CLUSTER).is_none()
}

/// The same expression with what it sees of cluster variables.
pub fn with_cluster_variables(evaluate: EvaluateExpression, seen: &[u8]) -> EvaluateExpression {
    let given = evaluate.variables.iter().chain(std::iter::once((CLUSTER, seen)));
    EvaluateExpression { variables: VariableDocument::from_members(given), ..evaluate }
}

/// Evaluates what a client asks for, parsing included. The result may have `result_bytes_max` bytes of JSON.
///
/// # Errors
/// The rejection for an expression that cannot be parsed, fails, or gives more than that.
pub fn evaluate_expression(
    evaluate: &EvaluateExpression,
    environment: &Environment,
    result_bytes_max: usize,
) -> Result<ExpressionEvaluation, Rejection> {
    let text = evaluate.expression.as_str();
    if text.trim().is_empty() {
        return Err(invalid("The expression must not be blank or empty".to_owned()));
    }
    let (result, warnings) = match text.strip_prefix('=').filter(|feel| !feel.is_empty()) {
        Some(feel) => evaluate_feel(evaluate, feel, environment, result_bytes_max)?,
        None => (static_value(text), Vec::new()),
    };
    Ok(ExpressionEvaluation { expression: text.to_owned(), result, warnings })
}

fn invalid(reason: String) -> Rejection {
    Rejection::new(RejectionType::InvalidArgument, reason)
}

fn evaluate_feel(
    evaluate: &EvaluateExpression,
    text: &str,
    environment: &Environment,
    result_bytes_max: usize,
) -> Result<(Bytes, Vec<String>), Rejection> {
    let expression = ringbolt_feel::parse_expression(text).map_err(|error| {
        invalid(format!("Failed to parse expression: failed to parse expression '{text}': {}", error.message))
    })?;
    let variables = GivenVariables::of(&evaluate.variables);
    let Evaluated { result, warnings } = expression.evaluate_borrowed(&variables, environment);
    let value = result.map_err(|failure| {
        let reason = with_warnings(failed(text, &failure.message, &warnings), &warnings);
        Rejection::new(RejectionType::ProcessingError, reason)
    })?;
    let mut json = Vec::new();
    value.write_json(&mut json);
    if json.len() > result_bytes_max {
        let reason = format!(
            "The result of the expression has {} bytes, at most {result_bytes_max} are allowed",
            json.len()
        );
        return Err(Rejection::new(RejectionType::ExceededBatchRecordSize, reason));
    }
    let texts = warnings.iter().map(|warning| warning.message.clone()).chain(warnings.remark());
    Ok((json.into(), texts.collect()))
}

/// What a text without `=` stands for: null, a boolean or a number where it is written like one, else itself.
fn static_value(text: &str) -> Bytes {
    if matches!(text, "null" | "true" | "false") {
        return Bytes::copy_from_slice(text.as_bytes());
    }
    let mut json = Vec::new();
    match Decimal::parse(text.as_bytes()) {
        Some(number) => number.write_json(&mut json),
        None => write_json_text(&mut json, text),
    }
    json.into()
}

#[cfg(test)]
mod tests {
    use super::static_value;

    #[test]
    fn a_text_without_a_mark_is_its_own_value() {
        let shown = |text| String::from_utf8(static_value(text).to_vec()).unwrap();
        let texts = ["null", "true", "12.50", "-3", "x + 1", "say \"hi\"", "=", "1 2", "NaN", " 1"];
        assert_eq!(
            texts.map(shown),
            [
                "null",
                "true",
                "12.5",
                "-3",
                "\"x + 1\"",
                "\"say \\\"hi\\\"\"",
                "\"=\"",
                "\"1 2\"",
                "\"NaN\"",
                "\" 1\""
            ]
        );
    }
}
