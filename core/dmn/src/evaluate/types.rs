//! Type checks as the reference makes them: on a decision's result and a function's arguments, for the simple types
//! only. Types of other names, item definitions among them, accept everything; so does every type accept null.

use ringbolt_feel::Value;

use super::Stop;

/// The value, if it is of the type.
pub(crate) fn check(value: Value, type_ref: &str) -> Result<Value, Stop> {
    let type_name = type_ref.replace("feel:", "");
    let fits = match type_name.as_str() {
        "string" => matches!(value, Value::Str(_)),
        "number" => matches!(value, Value::Number(_)),
        "boolean" => matches!(value, Value::Bool(_)),
        "time" => matches!(value, Value::Time(_) | Value::LocalTime(_)),
        "date" => matches!(value, Value::Date(_)),
        "dateTime" => matches!(value, Value::DateTime(_) | Value::LocalDateTime(_)),
        "dayTimeDuration" => matches!(value, Value::DayTime(_)),
        "yearMonthDuration" => matches!(value, Value::YearMonth(_)),
        _ => true,
    };
    if fits || value.is_null() {
        return Ok(value);
    }
    Err(Stop::Failed(format!("expected '{type_name}' but found '{value}'")))
}
