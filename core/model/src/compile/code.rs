//! Errors and escalations: the codes by which what is thrown finds what catches it.

use super::Compiler;
use super::event::event_definitions;
use super::expression::marked;
use crate::process::Text;
use crate::xml::{Node, attr, local};
use ringbolt_record::ElementIndex;
use std::collections::BTreeMap;

/// The words of what is thrown with a code.
pub(super) struct Thrown {
    definition: &'static str,
    element: &'static str,
    reference: &'static str,
    code: &'static str,
    /// What must be referred to, as a message names it.
    with_article: &'static str,
    /// The code at the beginning of a message.
    capital: &'static str,
    plural: &'static str,
}

pub(super) const ERROR: Thrown = Thrown {
    definition: "errorEventDefinition",
    element: "error",
    reference: "errorRef",
    code: "errorCode",
    with_article: "an error",
    capital: "ErrorCode",
    plural: "errors",
};

pub(super) const ESCALATION: Thrown = Thrown {
    definition: "escalationEventDefinition",
    element: "escalation",
    reference: "escalationRef",
    code: "escalationCode",
    with_article: "an escalation",
    capital: "EscalationCode",
    plural: "escalations",
};

impl<'d> Compiler<'d, '_> {
    /// The code of an event definition: of one that throws it must be there, one that catches goes without.
    pub(super) fn code(&mut self, definition: Node<'d>, thrown: &Thrown) -> Text {
        let none = Text::Static("".into());
        let root = self.roots.referred(definition, thrown.reference, thrown.element);
        let code = root.and_then(|root| attr(root, thrown.code));
        let event = definition.parent_element().map_or("", local);
        let throws = matches!(event, "endEvent" | "intermediateThrowEvent");
        let Some((root, code)) = root.zip(code) else {
            match root {
                None if throws => {
                    self.findings.add(definition, format!("Must reference {}", thrown.with_article));
                }
                Some(root) if throws => {
                    let message = format!("{} must be present and not empty", thrown.capital);
                    // An escalation says so of itself, and once.
                    if thrown.element == ERROR.element {
                        self.findings.add(definition, message);
                    } else if self.without_code.insert(root.range().start) {
                        self.findings.add(root, message);
                    }
                }
                _ => {}
            }
            return none;
        };
        if !throws && code.starts_with('=') {
            let (code, element) = (thrown.code, thrown.element);
            let message =
                format!("The {code} of the {element} catch event is not allowed to be an expression");
            self.findings.add(definition, message);
            return none;
        }
        match marked(code) {
            Some(expression) => self.parse(root, expression).map_or(none, Text::Expression),
            // A number is a code like any other.
            None => self.within_limit(root, code).map_or(none, |code| Text::Static(code.into())),
        }
    }

    /// Reports events of a scope that catch the same. `node` is what they are attached to or stand in.
    pub(super) fn check_codes(&mut self, node: Node<'d>, events: &[ElementIndex]) {
        for thrown in [ESCALATION, ERROR] {
            // By what they refer to, then by the code of that.
            let mut count: BTreeMap<Option<Option<&str>>, usize> = BTreeMap::new();
            for index in events {
                for definition in event_definitions(self.nodes[index.0 as usize]) {
                    if local(definition) == thrown.definition {
                        let root = self.roots.referred(definition, thrown.reference, thrown.element);
                        *count.entry(root.map(|root| attr(root, thrown.code))).or_default() += 1;
                    }
                }
            }
            for (code, _) in count.into_iter().filter(|(_, count)| *count > 1) {
                let (element, all) = (thrown.element, thrown.plural);
                let message = match code.flatten() {
                    Some(code) => format!(
                        "Multiple {element} catch events with the same {element} code '{code}' are not supported on the \
                         same scope."
                    ),
                    None => format!(
                        "The same scope can not contain more than one {element} catch event without {element} code. An \
                         {element} catch event without {element} code catches all {all}."
                    ),
                };
                self.findings.add(node, message);
            }
        }
    }
}
