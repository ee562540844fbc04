//! Compensation: which handler belongs to an activity, what an event compensates, and where handlers may stand.

use std::collections::BTreeMap;

use super::{Compiler, Target};
use crate::event::{Compensation, EventDefinition};
use crate::kinds::Flags;
use crate::process::ElementKind;
use crate::xml::{Node, bpmn_children, id_in, is_bpmn, local};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex};

impl<'d> Compiler<'d, '_> {
    /// The definition of an event that handles a compensation or triggers it. What it refers to is looked up in the end.
    pub(super) fn compensation(&mut self, event: Node<'d>, definition: Node<'d>) -> EventDefinition {
        let is_false =
            |value: &str| value.trim_ascii().eq_ignore_ascii_case("false") || value.trim_ascii() == "0";
        let waits = !definition.attribute("waitForCompletion").is_some_and(is_false);
        let thrown = match local(event) {
            "endEvent" => Some("end event"),
            "intermediateThrowEvent" => Some("intermediate throwing event"),
            _ => None,
        };
        if let Some(thrown) = thrown.filter(|_| !waits) {
            let message =
                format!("A compensation {thrown} waitForCompletion attribute must be true or not present");
            self.findings.add(event, message);
        }
        EventDefinition::Compensation(Compensation::default())
    }

    /// Looks up what compensation events refer to, now that all elements are known.
    pub(super) fn compensations(&mut self) {
        let is_compensation =
            |index: &ElementIndex| self.elements[index.0 as usize].event_type == BpmnEventType::Compensation;
        let events: Vec<ElementIndex> =
            (0..self.elements.len() as u32).map(ElementIndex).filter(is_compensation).collect();
        self.handlers_alone();
        if events.is_empty() {
            return;
        }
        let associations = self.associations();
        let mut handlers = Vec::new();
        for event in events {
            let compensation = match &self.elements[event.0 as usize].kind {
                ElementKind::BoundaryEvent(_) => {
                    let handler = self.handler(event, &associations);
                    handlers.extend(handler);
                    Compensation { handler, activity: None }
                }
                _ => Compensation { handler: None, activity: self.compensated(event) },
            };
            self.set_compensation(event, compensation);
        }
        self.mark_compensations(&handlers);
    }

    /// Where associations lead to, the first of each source: those of the process, and those beside it.
    fn associations(&self) -> BTreeMap<&'d str, &'d str> {
        let process = self.nodes[0];
        let beside = process.parent_element().into_iter().flat_map(bpmn_children);
        let beside = beside.filter(|node| local(*node) == "collaboration").flat_map(bpmn_children);
        let all = beside.chain(process.descendants().filter(|node| is_bpmn(*node)));
        let mut found = BTreeMap::new();
        for node in all.filter(|node| local(*node) == "association") {
            if let (Some(source), Some(target)) = (id_in(node, "sourceRef"), id_in(node, "targetRef")) {
                found.entry(source).or_insert(target);
            }
        }
        found
    }

    /// What compensates the activity that a boundary event is attached to.
    fn handler(
        &mut self,
        event: ElementIndex,
        associations: &BTreeMap<&'d str, &'d str>,
    ) -> Option<ElementIndex> {
        let node = self.nodes[event.0 as usize];
        let association = id_in(node, "id").and_then(|id| associations.get(id).copied());
        let association = association.filter(|_| self.elements[event.0 as usize].outgoing.is_empty());
        let Some(id) = association else {
            let message = "Compensation boundary events must have a compensation association and no outgoing sequence flows";
            self.findings.add(node, message);
            return None;
        };
        let found = match self.targets.get(id) {
            Some(Target::Element(handler)) => Some(*handler),
            // It has a finding of its own.
            Some(Target::Refused) => return None,
            Some(Target::SequenceFlow(_)) | None => None,
        };
        let handler = found.filter(|index| self.elements[index.0 as usize].flags.has(Flags::IS_ACTIVITY));
        if handler.is_none() {
            let id = crate::xml::clip(id);
            let message = format!(
                "The association of a compensation boundary event must lead to an activity, not to '{id}'"
            );
            self.findings.add(node, message);
        }
        handler
    }

    /// The one activity that an event compensates, if it names one.
    fn compensated(&mut self, event: ElementIndex) -> Option<ElementIndex> {
        let definition = bpmn_children(self.nodes[event.0 as usize])
            .find(|child| local(*child) == "compensateEventDefinition")?;
        let id = id_in(definition, "activityRef")?;
        let (activity, shown) = (self.targets.get(id).copied(), crate::xml::clip(id));
        let the_activity = format!("The referenced compensation activity '{shown}'");
        let activity = match activity {
            Some(Target::Element(index)) if self.is_activity(index) => index,
            Some(Target::Refused) => return None,
            Some(Target::Element(_) | Target::SequenceFlow(_)) | None => {
                self.findings.add(definition, format!("{the_activity} doesn't exist"));
                return None;
            }
        };
        if !self.can_be_compensated(activity) {
            let message =
                format!("{the_activity} must have either a compensation boundary event or be a subprocess");
            self.findings.add(definition, message);
        }
        let parent = |index: ElementIndex| self.elements[index.0 as usize].parent;
        if parent(activity) != parent(event) {
            let message = format!("{the_activity} must be in the same scope as the compensation throw event");
            self.findings.add(definition, message);
        }
        Some(activity)
    }

    fn is_activity(&self, index: ElementIndex) -> bool {
        let element = &self.elements[index.0 as usize];
        element.flags.has(Flags::IS_ACTIVITY) || element.element_type == BpmnElementType::EventSubProcess
    }

    fn can_be_compensated(&self, activity: ElementIndex) -> bool {
        let element = &self.elements[activity.0 as usize];
        let repeated = element.repeats().and(element.children.first());
        let inner = &self.elements[repeated.unwrap_or(&activity).0 as usize];
        matches!(inner.element_type, BpmnElementType::SubProcess | BpmnElementType::AdHocSubProcess)
            || self.has_compensation(activity)
    }

    fn has_compensation(&self, activity: ElementIndex) -> bool {
        let is_compensation =
            |event: &ElementIndex| self.elements[event.0 as usize].event_type == BpmnEventType::Compensation;
        self.elements[activity.0 as usize].boundary.iter().any(is_compensation)
    }

    fn set_compensation(&mut self, event: ElementIndex, compensation: Compensation) {
        let definition = EventDefinition::Compensation(compensation);
        match &mut self.element_mut(event).kind {
            ElementKind::BoundaryEvent(boundary) => boundary.definition = definition,
            ElementKind::EndEvent(thrown) | ElementKind::IntermediateThrowEvent(thrown) => {
                *thrown = definition;
            }
            _ => {}
        }
    }

    /// Marks what has to do with compensation: handlers, what they belong to, what that may stand in, and the process.
    fn mark_compensations(&mut self, handlers: &[ElementIndex]) {
        if handlers.is_empty() {
            return;
        }
        for number in 0..self.elements.len() {
            let index = ElementIndex(number as u32);
            let is_marked = matches!(
                self.elements[number].element_type,
                BpmnElementType::Process
                    | BpmnElementType::SubProcess
                    | BpmnElementType::AdHocSubProcess
                    | BpmnElementType::AdHocSubProcessInnerInstance
                    | BpmnElementType::MultiInstanceBody
            ) || self.has_compensation(index);
            if is_marked {
                self.mark_compensation(index);
            }
        }
        handlers.iter().for_each(|handler| self.mark_compensation(*handler));
    }

    fn mark_compensation(&mut self, index: ElementIndex) {
        let element = self.element_mut(index);
        element.flags = element.flags.with(Flags::COMPENSATION);
    }

    /// Tasks that compensate stand alone.
    fn handlers_alone(&mut self) {
        for number in 0..self.elements.len() {
            let (element, node) = (&self.elements[number], self.nodes[number]);
            let is_inner = self.elements[element.parent.0 as usize].repeats().is_some();
            // As Java reads it.
            let is_handler =
                node.attribute("isForCompensation").is_some_and(|value| value.eq_ignore_ascii_case("true"));
            let name = local(node);
            if is_inner || !is_handler || !(name == "task" || name.ends_with("Task")) {
                continue;
            }
            for (is_there, what) in [
                (!element.incoming.is_empty(), "incoming sequence flows"),
                (!element.outgoing.is_empty(), "outgoing sequence flows"),
                (!element.boundary.is_empty(), "boundary events"),
            ] {
                if is_there {
                    self.findings.add(node, format!("A compensation handler should have no {what}"));
                }
            }
        }
    }
}
