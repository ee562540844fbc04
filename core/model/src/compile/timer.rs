//! Timers: `timeDate`, `timeDuration` and `timeCycle`, and what is wrong with static ones.

use super::Compiler;
use crate::event::Timer;
use crate::interval::{Interval, Repeated, is_date_time};
use crate::process::Text;
use crate::xml::{Node, bpmn_children, local, text_content};

/// Fields of a cron expression.
const CRON_FIELDS: usize = 6;

impl<'d> Compiler<'d, '_> {
    /// A timer event definition; `None` where something is wrong with it.
    pub(super) fn timer(&mut self, node: Node<'d>) -> Option<Timer> {
        let mut parts = bpmn_children(node)
            .filter(|part| matches!(local(*part), "timeDate" | "timeDuration" | "timeCycle"));
        let (Some(part), None) = (parts.next(), parts.next()) else {
            self.findings.add(node, "Must be exactly one type of timer: timeDuration, timeDate or timeCycle");
            return None;
        };
        let content = text_content(part);
        let text = self.text(part, Some(&content))?;
        let (kind, wrong) = match local(part) {
            "timeDate" => ("date", wrong_date(&text)),
            "timeDuration" => ("duration", wrong_duration(&text)),
            _ => ("cycle", wrong_cycle(&text)),
        };
        if let Some(wrong) = wrong {
            let event = node.parent_element().unwrap_or(node);
            self.findings.add(event, format!("Invalid timer {kind} expression ({wrong})"));
            return None;
        }
        Some(match kind {
            "date" => Timer::Date(text),
            "duration" => Timer::Duration(text),
            _ => Timer::Cycle(text),
        })
    }
}

fn no_number(text: &str, wanted: &str) -> Option<String> {
    Some(format!("Expected result of the expression '{text}' to be {wanted}, but was 'NUMBER'."))
}

fn wrong_date(text: &Text) -> Option<String> {
    match text {
        Text::Number { text, .. } => no_number(text, "one of '[DATE_TIME, STRING]'"),
        Text::Static(text) if !is_date_time(text) => {
            Some(format!("Invalid date-time format '{text}' for expression '{text}'."))
        }
        Text::Static(_) | Text::Expression(_) => None,
    }
}

fn wrong_duration(text: &Text) -> Option<String> {
    match text {
        Text::Number { text, .. } => no_number(text, "one of '[DURATION, PERIOD, STRING]'"),
        Text::Static(text) if Interval::parse(text).is_none() => {
            Some(format!("Invalid duration format '{text}' for expression '{text}'."))
        }
        Text::Static(_) | Text::Expression(_) => None,
    }
}

/// Of a cron expression only the number of fields is checked; its macros, such as `@daily`, have one.
fn wrong_cycle(text: &Text) -> Option<String> {
    match text {
        Text::Number { text, .. } => no_number(text, "'STRING'"),
        Text::Static(text) if text.starts_with('R') => Repeated::parse(text).err(),
        Text::Static(text) if text.starts_with('@') => None,
        Text::Static(text) => {
            let fields = text.split_whitespace().count();
            (fields != CRON_FIELDS).then(|| {
                format!("Cron expression contains {fields} parts but we expect one of [{CRON_FIELDS}]")
            })
        }
        Text::Expression(_) => None,
    }
}
