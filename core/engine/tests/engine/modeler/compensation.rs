//! Compensation in random processes: handlers of activities, and events that call for them.

use super::Modeler;
use std::fmt::Write;

impl Modeler<'_> {
    /// Perhaps something that compensates an activity.
    pub(crate) fn compensated(&mut self, activity: &str) {
        if !self.compensates || self.random.below(2) == 0 {
            return;
        }
        let event = self.id("late");
        let _ = write!(
            self.elements,
            r#"<bpmn:boundaryEvent id="{event}" attachedToRef="{activity}"><bpmn:compensateEventDefinition id="{event}_definition" /></bpmn:boundaryEvent>"#
        );
        let repeats = self.repeats("v0");
        let before = self.elements.len();
        let (handler, _) = match self.random.below(5) {
            0 => self.script(),
            1 => self.user_task(),
            2 => self.sub_process(1, ""),
            3 => {
                let id = self.call(1);
                (id.clone(), id)
            }
            _ => self.undo(&repeats),
        };
        // What stands in it may have handlers of its own.
        let marked = self.elements[before..].replacen(
            &format!(r#" id="{handler}""#),
            &format!(r#" id="{handler}" isForCompensation="true""#),
            1,
        );
        self.elements.replace_range(before.., &marked);
        let association = self.id("flow");
        let _ = write!(
            self.artifacts,
            r#"<bpmn:association id="{association}" sourceRef="{event}" targetRef="{handler}" />"#
        );
        self.compensable.push(activity.to_owned());
    }

    /// A task that compensates.
    fn undo(&mut self, repeats: &str) -> (String, String) {
        let (id, listeners) = (self.id("undo"), self.listeners(&["start", "end"]));
        let _ = write!(
            self.elements,
            r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="work" />{listeners}</bpmn:extensionElements>{repeats}</bpmn:serviceTask>"#
        );
        (id.clone(), id)
    }

    /// An event that has everything compensated, or one activity.
    pub(crate) fn compensation(&mut self) -> (String, String) {
        let id = self.id("back");
        let definition = self.compensation_definition();
        let listeners = self.only_listeners(&["start", "end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:intermediateThrowEvent id="{id}">{listeners}{definition}</bpmn:intermediateThrowEvent>"#
        );
        (id.clone(), id)
    }

    fn compensation_definition(&mut self) -> String {
        let number = self.random.below(1 + 2 * self.compensable.len() as u64) as usize;
        let one = self.compensable.get(number);
        let reference = one.map_or_else(String::new, |id| format!(r#" activityRef="{id}""#));
        // Camunda refuses those without an id.
        let id = self.id("flow");
        format!(r#"<bpmn:compensateEventDefinition id="{id}"{reference} />"#)
    }

    /// What a scope ends with where nothing else is asked for.
    pub(crate) fn compensation_at_end(&mut self) -> String {
        match self.compensates && self.random.below(3) == 0 {
            true => self.compensation_definition(),
            false => String::new(),
        }
    }
}
