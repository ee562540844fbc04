//! What messages to users call the type of a value.

use ringbolt_feel::Val;

/// The name that messages give the type of a value.
pub fn json_type(value: &Val<'_>) -> &'static str {
    match value {
        Val::Null | Val::Function(_) => "NULL",
        Val::Bool(_) => "BOOLEAN",
        Val::Number(_) => "NUMBER",
        Val::Str(_) | Val::LocalTime(_) | Val::Time(_) => "STRING",
        Val::Date(_) => "DATE",
        Val::LocalDateTime(_) | Val::DateTime(_) => "DATE_TIME",
        Val::YearMonth(_) => "PERIOD",
        Val::DayTime(_) => "DURATION",
        Val::List(_) => "ARRAY",
        Val::Context(_) | Val::Range(_) => "OBJECT",
    }
}
