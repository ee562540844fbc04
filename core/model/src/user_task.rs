//! What a user task says of the people who do it, of time and of its form, and date-times as its records hold them.

use crate::listener::Listener;
use crate::process::{Binding, Header, Text};
use ringbolt_feel::Expression;

/// Bytes of a text that is read as a date and time; longer ones are none.
const DATE_TIME_BYTES_MAX: usize = 200;

/// A task for people: who does it, when, with which form.
#[derive(Clone, Debug, Default)]
pub struct UserTask {
    /// Task listeners, in document order.
    pub listeners: Box<[Listener]>,
    /// Who does it; must evaluate to text. Static text stays text where it is a number.
    pub assignee: Option<Text>,
    /// The groups whose members may do it.
    pub candidate_groups: Option<Candidates>,
    /// The people who may do it.
    pub candidate_users: Option<Candidates>,
    /// When it is to be done; must evaluate to a date and time, or to nothing. Static text is one, as [`date_time_text`]
    /// has it.
    pub due_date: Option<Text>,
    /// When it is to be looked after; as `due_date`.
    pub follow_up_date: Option<Text>,
    /// Must evaluate to an integer from 0 to 100; 50 if there is none.
    pub priority: Option<Text>,
    /// A form that somebody else keeps; must evaluate to text.
    pub external_form_reference: Option<Text>,
    /// A form that was deployed.
    pub form: Option<FormOfTask>,
    /// Task headers in document order; keys are unique, keys and values are not empty.
    pub headers: Box<[Header]>,
    /// The headers as the text of one JSON object, built once.
    pub headers_json: Box<str>,
}

/// People or groups.
#[derive(Clone, Debug)]
pub enum Candidates {
    /// Names, each without blanks around it.
    Static(Box<[Box<str>]>),
    /// Must evaluate to a list of texts.
    Expression(Expression),
}

/// A deployed form.
#[derive(Clone, Debug)]
pub struct FormOfTask {
    /// Its id; must evaluate to text.
    pub form_id: Text,
    /// Which version of it.
    pub binding: Binding,
}

/// Names between commas, without the blanks around each; `None` where one of them is blank.
pub(crate) fn names_of(text: &str) -> Option<Box<[Box<str>]>> {
    text.split(',').map(str::trim).map(|name| (!name.is_empty()).then(|| name.into())).collect()
}

/// A date and time with an offset, and perhaps the name of a zone behind it, as the records of user tasks hold it: seconds only where there
/// are any, as Java writes it. `None` where the text is none.
pub fn date_time_text(text: &str) -> Option<String> {
    if text.len() > DATE_TIME_BYTES_MAX || !crate::is_date_time(text) {
        return None;
    }
    let (moment, zone) = match text.strip_suffix(']').and_then(|inner| inner.rsplit_once('[')) {
        Some((moment, zone)) => (moment, Some(zone)),
        None => (text, None),
    };
    let expression = format!("date and time(\"{moment}\")");
    let parsed = ringbolt_feel::parse_expression(&expression).ok()?;
    let environment = ringbolt_feel::Environment::at(0);
    let evaluation = parsed.evaluate(&ringbolt_feel::NoVariables, &environment);
    let mut shown = shown_date_time(&evaluation.result.ok()?)?;
    if let Some(zone) = zone {
        shown.push_str(&format!("[{zone}]"));
    }
    Some(shown)
}

/// A date and time with an offset, as [`date_time_text`] writes it; `None` for another value.
pub fn shown_date_time(value: &ringbolt_feel::Val<'_>) -> Option<String> {
    if !matches!(value, ringbolt_feel::Val::DateTime(_)) {
        return None;
    }
    let mut json = Vec::new();
    value.write_json(&mut json);
    let text = String::from_utf8(json).ok()?;
    let text = text.trim_matches('"');
    let at = text.find('T')? + 1;
    let (date, time) = text.split_at(at);
    let (clock, behind) = time.split_at(time.find(['Z', '+', '-'])?);
    // Hours, minutes and seconds have two digits each.
    let (minutes, seconds) = (clock.get(..5)?, clock.get(5..8)?);
    let fraction = clock[8..].trim_start_matches('.').trim_end_matches('0');
    Some(match fraction {
        "" if seconds == ":00" => format!("{date}{minutes}{behind}"),
        "" => format!("{date}{minutes}{seconds}{behind}"),
        // In groups of three digits.
        digits => {
            let width = digits.len().next_multiple_of(3);
            format!("{date}{minutes}{seconds}.{digits:0<width$}{behind}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{date_time_text, names_of};

    #[test]
    fn date_times_lose_seconds_that_are_none() {
        let cases = [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-01T00:00:00+02:00", "2026-01-01T00:00+02:00"),
            ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500Z"),
            ("2026-01-01T00:00:00.1234-03:00", "2026-01-01T00:00:00.123400-03:00"),
            ("2026-01-01T10:30:00+01:00[Europe/Berlin]", "2026-01-01T10:30+01:00[Europe/Berlin]"),
        ];
        for (text, shown) in cases {
            assert_eq!(date_time_text(text).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "x", "2026-01-01", "2026-01-01T00:00:00"] {
            assert_eq!(date_time_text(text), None, "{text}");
        }
    }

    #[test]
    fn names_between_commas() {
        let show = |text| names_of(text).map(|names| names.join("|"));
        assert_eq!(show(" a, b c ,d").as_deref(), Some("a|b c|d"));
        assert_eq!((show("a,,b"), show("a,"), show(" ")), (None, None, None));
    }
}
