//! Timers: reading when they are due, and the events of their lives.

use crate::behaviors::expressions;
use crate::failure::Failure;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_feel::{DateTime, Expression, Val};
use ringbolt_model::{Due, Interval, Schedule, Text, Timer};
use ringbolt_record::values::{InstanceRef, TimerRecord};
use ringbolt_record::{ElementIndex, ErrorType, Key, TimerIntent, TimestampMs};
use ringbolt_tables::TimerRow;

/// When a timer is due, by what its expression gives in a scope.
pub(crate) fn schedule(p: &Processing<'_>, timer: &Timer, scope_key: Key) -> Result<Schedule, Failure> {
    match timer {
        Timer::Date(text) => read(p, text, scope_key, |text| Schedule::at(text, text), date),
        Timer::Duration(text) => read(p, text, scope_key, |text| Schedule::after(text, text), duration),
        Timer::Cycle(text) => read(p, text, scope_key, Schedule::cycle, cycle),
    }
}

fn read(
    p: &Processing<'_>,
    text: &Text,
    scope_key: Key,
    of_text: impl Fn(&str) -> Result<Schedule, String>,
    of_value: impl Fn(&Expression, &Val<'_>) -> Result<Schedule, String>,
) -> Result<Schedule, Failure> {
    match text {
        // Both were checked at deployment.
        Text::Static(text) | Text::Number { text, .. } => {
            of_text(text).map_err(|message| Failure::new(ErrorType::ExtractValueError, message))
        }
        Text::Expression(expression) => {
            expressions::evaluate(p, expression, scope_key, |value| of_value(expression, value))
        }
    }
}

fn date(expression: &Expression, value: &Val<'_>) -> Result<Schedule, String> {
    let time = match value {
        Val::DateTime(time) => time.epoch_millis(),
        // By the clock of UTC.
        Val::LocalDateTime(time) => DateTime::of_utc(*time).epoch_millis(),
        _ => {
            let text = value
                .as_str()
                .ok_or_else(|| expressions::none_of_types(expression, "DATE_TIME, STRING", value))?;
            return Schedule::at(text, expressions::shown(expression.text()));
        }
    };
    Ok(Schedule::At(time.unwrap_or(i64::MAX)))
}

fn duration(expression: &Expression, value: &Val<'_>) -> Result<Schedule, String> {
    let interval = match value {
        Val::DayTime(span) => Interval { millis: span.millis().unwrap_or(i64::MAX), ..Interval::default() },
        Val::YearMonth(span) => Interval { months: span.months(), ..Interval::default() },
        _ => {
            let text = value
                .as_str()
                .ok_or_else(|| expressions::none_of_types(expression, "DURATION, PERIOD, STRING", value))?;
            return Schedule::after(text, expressions::shown(expression.text()));
        }
    };
    Ok(Schedule::After(interval))
}

fn cycle(expression: &Expression, value: &Val<'_>) -> Result<Schedule, String> {
    match value.as_str() {
        Some(text) => Schedule::cycle(text),
        None => Err(expressions::wrong_type(expression, "STRING", value)),
    }
}

/// Makes a timer for an event that an element instance waits for; its key.
pub(crate) fn create(
    p: &mut Processing<'_>,
    instance: InstanceRef,
    element_instance_key: Key,
    element_index: ElementIndex,
    due: Due,
    tenant_id: &str,
) -> Key {
    let timer = TimerRow {
        instance,
        element_instance_key,
        element_index,
        due: TimestampMs(due.at),
        repetitions: due.repetitions,
        catches_up: false,
    };
    let key = p.next_key();
    append(p, TimerIntent::Created, key, &timer, tenant_id);
    key
}

/// Writes an event of a timer.
pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: TimerIntent,
    key: Key,
    timer: &TimerRow,
    tenant_id: &str,
) {
    let value = TimerRecord {
        instance: timer.instance,
        element_instance_key: timer.element_instance_key,
        element_index: timer.element_index,
        due: timer.due,
        repetitions: timer.repetitions,
        tenant_id,
    };
    p.append(intent, key, &value);
}

/// A timer goes on to run for an event of another definition.
pub(crate) fn migrate(
    p: &mut Processing<'_>,
    key: Key,
    definition_key: Key,
    element_index: ElementIndex,
    tenant_id: &str,
) {
    if let Some(timer) = p.tables().timer(key) {
        let instance = InstanceRef { process_definition_key: definition_key, ..timer.instance };
        append(p, TimerIntent::Migrated, key, &TimerRow { instance, element_index, ..timer }, tenant_id);
    }
}

/// Lets a timer be due whose time has passed while its instance was suspended.
pub(crate) fn resume(p: &mut Processing<'_>, key: Key) {
    let Some(timer) = p.tables().timer(key) else { return };
    if !p.tables().is_timer_queued(key, timer.due) {
        let tenant_id = lifecycle::tenant_of(p, timer.instance);
        append(p, TimerIntent::Resumed, key, &timer, &tenant_id);
    }
}

/// A timer makes up for what its instance has missed, as the one before it.
pub(crate) fn still_late(p: &mut Processing<'_>, key: Key, tenant_id: &str) {
    if let Some(timer) = p.tables().timer(key) {
        append(p, TimerIntent::Resumed, key, &timer, tenant_id);
    }
}

/// Cancels a timer, if it is still there.
pub(crate) fn cancel(p: &mut Processing<'_>, key: Key, tenant_id: &str) {
    if let Some(timer) = p.tables().timer(key) {
        append(p, TimerIntent::Canceled, key, &timer, tenant_id);
    }
}
