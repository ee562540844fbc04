//! Events: what triggers them, where they may stand, what they are attached to, and jumps within a scope.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{ERROR, ESCALATION};
use super::tag::is_event_definition;
use super::{Compiler, Target};
use crate::event::{BoundaryEvent, EventDefinition, Link, StartEvent};
use crate::kinds::Flags;
use crate::process::{ElementKind, TaskKind};
use crate::xml::{Node, attr, bpmn_children, extensions_named, id_in, local};
use ringbolt_record::ElementIndex;

/// The local names of event definitions that may start an event sub-process.
const EVENT_SUB_PROCESS_STARTS: [&str; 6] = [
    "conditionalEventDefinition",
    "timerEventDefinition",
    "messageEventDefinition",
    "errorEventDefinition",
    "signalEventDefinition",
    "escalationEventDefinition",
];

/// The event definitions of an event, in document order.
pub(super) fn event_definitions(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    bpmn_children(node).filter(|child| is_event_definition(local(*child)))
}

impl<'d> Compiler<'d, '_> {
    /// The start event of a process, sub-process or event sub-process.
    pub(super) fn start_event(&mut self, node: Node<'d>, parent: ElementIndex) -> ElementKind {
        if event_definitions(node).nth(1).is_some() {
            self.findings.add(node, "Start event can't have more than one type");
        }
        let definition = event_definitions(node).next();
        let scope = self.nodes[parent.0 as usize];
        let around = &self.elements[parent.0 as usize].kind;
        let is_in_sub_process = matches!(around, ElementKind::SubProcess);
        let is_in_event_sub_process = matches!(around, ElementKind::EventSubProcess);
        let may_start = definition.is_some_and(|node| EVENT_SUB_PROCESS_STARTS.contains(&local(node)));
        let is_compensation = definition.is_some_and(|node| local(node) == "compensateEventDefinition");
        let is_at_process = self.elements[parent.0 as usize].parent == ElementIndex::PROCESS;
        if is_in_event_sub_process && is_compensation && is_at_process {
            let message = "A compensation event subprocess is not allowed on the process level";
            self.findings.add(scope, message);
        }
        if is_in_event_sub_process && !may_start {
            let message = "Start events in event subprocesses must be one of: message, timer, error, signal or \
                           escalation";
            self.findings.add(scope, message);
        } else if is_in_sub_process && definition.is_some() {
            self.findings.add(scope, "Start events in subprocesses must be of type none");
        }
        let is_interrupting = self.flag(node, "isInterrupting", true);
        let definition = match definition {
            Some(inner) if local(inner) == "messageEventDefinition" && parent == ElementIndex::PROCESS => {
                self.starting_message(node, inner).map_or(EventDefinition::None, EventDefinition::Message)
            }
            Some(inner) if local(inner) == "signalEventDefinition" && parent == ElementIndex::PROCESS => {
                self.starting_signal(node, inner).map_or(EventDefinition::None, EventDefinition::Signal)
            }
            other => self.definition(node, other),
        };
        if is_in_event_sub_process {
            self.check_interrupting(scope, &definition, is_interrupting);
            let outer = self.elements[parent.0 as usize].parent;
            if is_interrupting && self.elements[outer.0 as usize].ad_hoc().is_some() {
                let message = "An interrupting event subprocess is not allowed inside an ad-hoc subprocess";
                self.findings.add(scope, message);
            }
        }
        let starts_event_sub_process = is_in_event_sub_process;
        let form_id = extensions_named(node, "formDefinition").next().and_then(|form| attr(form, "formId"));
        let form_id = form_id.filter(|id| !id.trim().is_empty()).map(Into::into);
        ElementKind::StartEvent(StartEvent { definition, starts_event_sub_process, is_interrupting, form_id })
    }

    pub(super) fn end_event(&mut self, node: Node<'d>) -> ElementKind {
        if event_definitions(node).nth(1).is_some() {
            self.findings.add(node, "Must have at most one event definition");
        }
        let definition = event_definitions(node).next();
        let is_wrong = |node| {
            matches!(
                local(node),
                "timerEventDefinition" | "linkEventDefinition" | "conditionalEventDefinition"
            )
        };
        if definition.is_some_and(is_wrong) {
            let message = "End events must be one of: none, error, message, terminate, signal, escalation or compensation";
            self.findings.add(node, message);
            return ElementKind::EndEvent(EventDefinition::None);
        }
        ElementKind::EndEvent(self.thrown(node, definition))
    }

    pub(super) fn catch_event(&mut self, node: Node<'d>) -> ElementKind {
        let mut definitions = event_definitions(node);
        let (first, second) = (definitions.next(), definitions.next());
        let is_wrong = |node| {
            matches!(
                local(node),
                "terminateEventDefinition"
                    | "errorEventDefinition"
                    | "escalationEventDefinition"
                    | "compensateEventDefinition"
            )
        };
        if first.is_none() || second.is_some() {
            self.findings.add(node, "Must have exactly one event definition");
        } else if first.is_some_and(is_wrong) {
            self.findings.add(node, "Event definition must be one of: message, timer, signal, or link");
        } else if let Some(timer) = first.filter(|first| local(*first) == "timerEventDefinition")
            && !bpmn_children(timer).any(|child| matches!(local(child), "timeDuration" | "timeDate"))
        {
            let message = "Intermediate timer catch event must have either a time duration or a time date.";
            self.findings.add(node, message);
        }
        ElementKind::IntermediateCatchEvent(self.definition(node, first))
    }

    pub(super) fn throw_event(&mut self, node: Node<'d>) -> ElementKind {
        if event_definitions(node).nth(1).is_some() {
            self.findings.add(node, "Must have at most one event definition");
        }
        ElementKind::IntermediateThrowEvent(self.thrown(node, event_definitions(node).next()))
    }

    /// What an event throws; a message is sent by a job worker.
    fn thrown(&mut self, node: Node<'d>, definition: Option<Node<'d>>) -> EventDefinition {
        match definition {
            Some(message) if local(message) == "messageEventDefinition" => {
                EventDefinition::Send(Box::new(self.job(node, TaskKind::Send)))
            }
            other => self.definition(node, other),
        }
    }

    /// A task that waits for a message.
    pub(super) fn receive_task(&mut self, node: Node<'d>) -> ElementKind {
        // A placeholder where something is wrong with it.
        self.message(node).map_or(ElementKind::UndefinedTask, ElementKind::ReceiveTask)
    }

    /// What may stand behind event-based gateways, now that all sequence flows are linked.
    pub(super) fn event_gateways(&mut self) {
        for number in 0..self.elements.len() {
            if matches!(self.elements[number].kind, ElementKind::EventBasedGateway) {
                self.event_gateway(ElementIndex(number as u32));
            }
        }
    }

    fn event_gateway(&mut self, gateway: ElementIndex) {
        let node = self.nodes[gateway.0 as usize];
        let outgoing = &self.elements[gateway.0 as usize].outgoing;
        let branches: Vec<ElementIndex> =
            outgoing.iter().map(|flow| self.flows[flow.0 as usize].target).collect();
        if branches.len() < 2 {
            self.findings.add(node, "Event-based gateway must have at least 2 outgoing sequence flows.");
        }
        let waits = |index: &ElementIndex| match &self.elements[index.0 as usize].kind {
            // Something is wrong with a definition that was left out.
            ElementKind::IntermediateCatchEvent(definition) => matches!(
                definition,
                EventDefinition::Timer(_)
                    | EventDefinition::Message(_)
                    | EventDefinition::Signal(_)
                    | EventDefinition::Conditional(_)
                    | EventDefinition::None
            ),
            _ => false,
        };
        if !branches.iter().all(waits) {
            let message = "Event-based gateway must not have an outgoing sequence flow to other elements than \
                           message/timer/signal intermediate catch events.";
            self.findings.add(node, message);
            return;
        }
        if branches.iter().any(|index| self.elements[index.0 as usize].incoming.len() > 1) {
            let message = "Target elements of an event gateway must not have any additional incoming sequence flows \
                           other than that from the event gateway.";
            self.findings.add(node, message);
        }
        self.check_names(node, &branches);
        for index in branches {
            let element = self.element_mut(index);
            element.flags = element.flags.with(Flags::IS_BRANCH).with(Flags::HOLDS_EVENT);
        }
    }

    /// A boundary event; what it is attached to may stand behind it, and is looked up in the end.
    pub(super) fn boundary_event(&mut self, node: Node<'d>) -> ElementKind {
        let mut definitions = event_definitions(node);
        let (first, second) = (definitions.next(), definitions.next());
        if first.is_none() || second.is_some() {
            self.findings.add(node, "Must have exactly one event definition");
        } else if first
            .is_some_and(|node| matches!(local(node), "linkEventDefinition" | "terminateEventDefinition"))
        {
            self.findings
                .add(node, "Boundary events must be one of: timer, message, error, signal, escalation");
        }
        let is_interrupting = self.flag(node, "cancelActivity", true);
        let definition = self.definition(node, first);
        self.check_interrupting(node, &definition, is_interrupting);
        let attached_to = ElementIndex::PROCESS;
        ElementKind::BoundaryEvent(BoundaryEvent { attached_to, is_interrupting, definition })
    }

    /// Remembers what a boundary event says it is attached to.
    pub(super) fn note_attached(&mut self, node: Node<'d>, index: ElementIndex) {
        match id_in(node, "attachedToRef") {
            Some(id) => self.attached.push((index, id)),
            None => self.findings.add(node, "Must be attached to an activity"),
        }
    }

    /// Attaches boundary events to their activities, now that all of them are known.
    pub(super) fn attach(&mut self) {
        let mut boundary: BTreeMap<ElementIndex, Vec<ElementIndex>> = BTreeMap::new();
        for (index, id) in std::mem::take(&mut self.attached) {
            let parent = self.elements[index.0 as usize].parent;
            let activity = match self.targets.get(id) {
                Some(Target::Refused) => continue,
                Some(Target::Element(activity)) => Some(*activity).filter(|activity| {
                    let activity = &self.elements[activity.0 as usize];
                    activity.flags.has(Flags::IS_ACTIVITY) && activity.parent == parent
                }),
                Some(Target::SequenceFlow(_)) | None => None,
            };
            let Some(activity) = activity else {
                self.findings.add(self.nodes[index.0 as usize], "Must be attached to an activity");
                continue;
            };
            if let ElementKind::BoundaryEvent(event) = &mut self.element_mut(index).kind {
                event.attached_to = activity;
            }
            self.check_escalation(index, activity);
            boundary.entry(activity).or_default().push(index);
        }
        for (activity, events) in boundary {
            self.check_codes(self.nodes[activity.0 as usize], &events);
            self.check_names(self.nodes[activity.0 as usize], &events);
            self.element_mut(activity).boundary = events.into();
        }
    }

    /// Escalations come out of what has elements of its own.
    fn check_escalation(&mut self, event: ElementIndex, activity: ElementIndex) {
        let of = |index: ElementIndex| &self.elements[index.0 as usize];
        let repeated = of(activity).repeats().and(of(activity).children.first());
        let activity = of(*repeated.unwrap_or(&activity));
        let may_throw = activity.flags.has(Flags::IS_SCOPE) || activity.call().is_some();
        if matches!(of(event).event(), Some(EventDefinition::Escalation(_))) && !may_throw {
            let message =
                "An escalation boundary event should only be attached to a subprocess, or a call activity.";
            self.findings.add(self.nodes[event.0 as usize], message);
        }
    }

    /// Checks the jumps of a scope and gives each its end. `children` stand directly in it, and everything in it is there already. As in
    /// Camunda a name belongs to one end, also where others in it have that; a jump goes no further than its own scope.
    pub(super) fn links(&mut self, scope: Node<'d>, parent: ElementIndex, children: &[ElementIndex]) {
        let mut ends: BTreeMap<Box<str>, ElementIndex> = BTreeMap::new();
        let mut jumps = Vec::new();
        for index in children {
            match self.link_of(*index) {
                Some((name, true)) => jumps.push((*index, name)),
                Some((name, false)) => {
                    ends.entry(name).or_insert(*index);
                }
                None => {}
            }
        }
        let mut missing = self.check_link_names(scope, parent);
        for (index, name) in jumps {
            match ends.get(&name) {
                Some(end) => {
                    let target = Some(*end);
                    self.element_mut(index).kind =
                        ElementKind::IntermediateThrowEvent(EventDefinition::Link(Link { name, target }));
                }
                None => {
                    missing.insert(name);
                }
            }
        }
        for name in missing {
            let message =
                format!("Can't find an catch link event for the throw link event with the name '{name}'.");
            self.findings.add(scope, message);
        }
    }

    /// Checks that no two ends in a scope have the same name, however deep they stand. The names of jumps that have no end there.
    fn check_link_names(&mut self, scope: Node<'d>, parent: ElementIndex) -> BTreeSet<Box<str>> {
        let first = parent.0 + 1;
        let inside = first..u32::try_from(self.elements.len()).expect("a model has fewer elements");
        let mut ends: BTreeMap<Box<str>, usize> = BTreeMap::new();
        let mut thrown = BTreeSet::new();
        for (name, is_jump) in inside.filter_map(|index| self.link_of(ElementIndex(index))) {
            if is_jump {
                thrown.insert(name);
            } else {
                *ends.entry(name).or_default() += 1;
            }
        }
        for (name, _) in ends.iter().filter(|(_, count)| **count > 1) {
            let message = format!(
                "Multiple intermediate catch link event definitions with the same name '{name}' are not allowed."
            );
            self.findings.add(scope, message);
        }
        thrown.retain(|name| !ends.contains_key(name));
        thrown
    }

    /// The name of a link, and whether it jumps; none of what is no link, or has no name.
    fn link_of(&self, index: ElementIndex) -> Option<(Box<str>, bool)> {
        let (link, is_jump) = match &self.elements[index.0 as usize].kind {
            ElementKind::IntermediateCatchEvent(EventDefinition::Link(link)) => (link, false),
            ElementKind::IntermediateThrowEvent(EventDefinition::Link(link)) => (link, true),
            _ => return None,
        };
        (!link.name.is_empty()).then(|| (link.name.clone(), is_jump))
    }

    fn definition(&mut self, event: Node<'d>, node: Option<Node<'d>>) -> EventDefinition {
        let Some(node) = node else { return EventDefinition::None };
        match local(node) {
            "timerEventDefinition" => self.timer(node).map_or(EventDefinition::None, EventDefinition::Timer),
            "linkEventDefinition" => {
                let name = attr(node, "name").unwrap_or_default();
                if name.is_empty() {
                    self.findings.add(node, "Link name must be present and not empty.");
                } else if name.len() > self.limits.name_bytes_max {
                    let max = self.limits.name_bytes_max;
                    self.findings.add(node, format!("The link's name is longer than {max} bytes"));
                }
                EventDefinition::Link(Link { name: name.into(), target: None })
            }
            "terminateEventDefinition" => EventDefinition::Terminate,
            "messageEventDefinition" => {
                self.message(node).map_or(EventDefinition::None, EventDefinition::Message)
            }
            "signalEventDefinition" => {
                self.signal(node).map_or(EventDefinition::None, EventDefinition::Signal)
            }
            "errorEventDefinition" => EventDefinition::Error(self.code(node, &ERROR)),
            "escalationEventDefinition" => EventDefinition::Escalation(self.code(node, &ESCALATION)),
            "compensateEventDefinition" => self.compensation(event, node),
            "conditionalEventDefinition" => self.conditional(node),
            _ => {
                self.findings.add(node, "Event definition of this type is not supported");
                EventDefinition::None
            }
        }
    }

    /// What may interrupt, and what must.
    fn check_interrupting(&mut self, node: Node<'d>, definition: &EventDefinition, is_interrupting: bool) {
        match definition {
            EventDefinition::Timer(crate::event::Timer::Cycle(_)) if is_interrupting => {
                self.findings.add(node, "Interrupting timer event with time cycle is not allowed.");
            }
            EventDefinition::Error(_) | EventDefinition::Compensation(_) if !is_interrupting => {
                self.findings.add(node, "Non-Interrupting event of this type is not allowed");
            }
            _ => {}
        }
    }

    /// An attribute that is true or false.
    pub(super) fn flag(&mut self, node: Node<'d>, name: &str, default: bool) -> bool {
        match node.attribute(name).map(str::trim_ascii) {
            None => default,
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => {
                let other = crate::xml::clip(other);
                self.findings.add(node, format!("'{other}' is not a valid value of the attribute '{name}'"));
                default
            }
        }
    }
}
