//! Timers: `timeDate`, `timeDuration` and `timeCycle`, and what is wrong with static ones.

use super::Compiler;
use crate::event::Timer;
use crate::process::Text;
use crate::schedule::Schedule;
use crate::xml::{Node, bpmn_children, local, text_content};

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
        let text = self.text(node, Some(&content))?;
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
        Text::Static(date) => Schedule::at(date, date).err(),
        Text::Expression(_) => None,
    }
}

fn wrong_duration(text: &Text) -> Option<String> {
    match text {
        Text::Number { text, .. } => no_number(text, "one of '[DURATION, PERIOD, STRING]'"),
        Text::Static(span) => Schedule::after(span, span).err(),
        Text::Expression(_) => None,
    }
}

fn wrong_cycle(text: &Text) -> Option<String> {
    match text {
        Text::Number { text, .. } => no_number(text, "'STRING'"),
        Text::Static(cycle) => Schedule::cycle(cycle).err(),
        Text::Expression(_) => None,
    }
}
