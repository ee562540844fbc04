//! Events of random processes: those that wait against each other, and those that are thrown.

use super::{Modeler, escalation_definition};
use std::fmt::Write;

impl Modeler<'_> {
    /// Events of which the first one goes on.
    pub(crate) fn race(&mut self) -> (String, String) {
        let (race, merge) = (self.id("race"), self.id("merge"));
        let mut outgoing = String::new();
        for message in 0..2 {
            let (branch, awaited) = (self.id("branch"), self.awaited(message, "timeDuration", ""));
            let _ = write!(
                self.elements,
                r#"<bpmn:intermediateCatchEvent id="{branch}">{awaited}</bpmn:intermediateCatchEvent>"#
            );
            let flow = self.flow(&race, &branch, None);
            let _ = write!(outgoing, "<bpmn:outgoing>{flow}</bpmn:outgoing>");
            self.flow(&branch, &merge, None);
        }
        // Camunda counts what the gateway itself names.
        let _ = write!(
            self.elements,
            r#"<bpmn:eventBasedGateway id="{race}">{outgoing}</bpmn:eventBasedGateway><bpmn:exclusiveGateway id="{merge}" />"#
        );
        (race, merge)
    }

    /// An event that throws an escalation or a signal.
    pub(crate) fn escalate(&mut self) -> (String, String) {
        let id = self.id("raise");
        let thrown = match self.random.below(3) {
            0 => r#"<bpmn:signalEventDefinition signalRef="signal_two" />"#.to_owned(),
            _ => escalation_definition(),
        };
        let definition = self.only_listeners(&["start"]) + &thrown;
        let _ = write!(
            self.elements,
            r#"<bpmn:intermediateThrowEvent id="{id}">{definition}</bpmn:intermediateThrowEvent>"#
        );
        (id.clone(), id)
    }
}
