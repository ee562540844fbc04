//! Conditions that events wait for, and which changes of variables have them looked at.

use std::collections::BTreeMap;

use super::Compiler;
use super::event::event_definitions;
use crate::event::{Condition, EventDefinition};
use crate::xml::{Node, attr, bpmn_children, clip, extensions_named, local, text_content};
use ringbolt_record::ElementIndex;

/// The changes that can be named.
const EVENTS: [&str; 2] = ["create", "update"];

impl<'d> Compiler<'d, '_> {
    /// The definition of an event that waits for a condition.
    pub(super) fn conditional(&mut self, definition: Node<'d>) -> EventDefinition {
        let text = condition_of(definition);
        let expression = self.expression(definition, text.as_deref().filter(|text| !text.is_empty()));
        self.at_most_one(definition, "conditionalFilter");
        let filter = extensions_named(definition, "conditionalFilter").next();
        let (mut names, mut events) = (String::new(), String::new());
        if let Some(filter) = filter {
            names = self.variable_names(filter, attr(filter, "variableNames").unwrap_or_default());
            events = self.variable_events(filter, attr(filter, "variableEvents").unwrap_or_default());
        }
        expression.map_or(EventDefinition::None, |expression| {
            EventDefinition::Conditional(Box::new(Condition {
                expression,
                text: text.unwrap_or_default().into(),
                variable_names: names.into(),
                variable_events: events.into(),
            }))
        })
    }

    fn variable_names(&mut self, filter: Node<'d>, list: &str) -> String {
        if list.trim().is_empty() {
            return String::new();
        }
        let names: Vec<&str> = list.split(',').map(str::trim).collect();
        for name in &names {
            if name.is_empty() {
                let message = format!(
                    "Variable names must not contain empty names but '{}' given. Please provide a comma-separated list of variable names without empty entries.",
                    clip(list)
                );
                self.findings.add(filter, message);
            } else if name.starts_with('=') {
                let message = format!(
                    "Variable names must be static and cannot be expressions. '{}' starts with '='.",
                    clip(name)
                );
                self.findings.add(filter, message);
            }
        }
        self.within_limit(filter, list);
        names.join(",")
    }

    fn variable_events(&mut self, filter: Node<'d>, list: &str) -> String {
        let events: Vec<&str> = list.split(',').map(str::trim).filter(|event| !event.is_empty()).collect();
        for event in events.iter().filter(|event| !EVENTS.contains(event)) {
            let message = format!(
                "Variable event '{}' is not valid. Must be one of: {} or a comma-separated list of both.",
                clip(event),
                EVENTS.join(", ")
            );
            self.findings.add(filter, message);
        }
        let named = EVENTS.into_iter().filter(|event| events.contains(event));
        named.collect::<Vec<_>>().join(",")
    }

    /// Of events that wait at one place, no two may wait for the same condition.
    pub(super) fn check_conditions(&mut self, place: Node<'d>, events: &[ElementIndex]) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for index in events {
            let definitions = event_definitions(self.nodes[index.0 as usize]);
            let conditions = definitions.filter(|node| local(*node) == "conditionalEventDefinition");
            for text in conditions.filter_map(condition_of) {
                *counts.entry(text).or_default() += 1;
            }
        }
        for (text, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let message = format!(
                "Multiple conditional event definitions with the same condition expression '{}' are not allowed.",
                clip(&text)
            );
            self.findings.add(place, message);
        }
    }
}

/// The text of a condition.
fn condition_of(definition: Node<'_>) -> Option<String> {
    bpmn_children(definition).find(|child| local(*child) == "condition").map(text_content)
}
