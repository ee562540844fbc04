//! The children of a process or sub-process: which elements there are, and whether the scope can start.
//!
//! Recursion is as deep as sub-processes nest, which `Limits::depth_max` bounds.

use super::tag::{Tag, is_event_definition};
use super::{Compiler, Target};
use crate::process::{ElementIndex, ElementKind, EndEvent, StartEvent};
use crate::xml::{Node, bpmn_children, id_in, local};

impl<'d> Compiler<'d, '_> {
    /// Adds everything in `scope`, which is the element `parent`.
    pub(super) fn scope(&mut self, scope: Node<'d>, parent: ElementIndex) {
        let mut children = Vec::new();
        let mut none_starts = Vec::new();
        let mut starts = 0;
        for node in bpmn_children(scope) {
            if self.elements.len() + self.flow_nodes.len() > self.limits.flow_elements_max {
                let max = self.limits.flow_elements_max;
                self.findings
                    .add(self.nodes[0], format!("A process must not have more than {max} flow elements"));
                return;
            }
            let tag = Tag::of(local(node));
            starts += usize::from(tag == Tag::StartEvent);
            let Some(index) = self.child(node, tag, parent) else { continue };
            children.push(index);
            if tag == Tag::StartEvent && event_definition(node).is_none() {
                none_starts.push(index);
            }
        }
        let element = self.element_mut(parent);
        element.children = children.into();
        element.none_start = none_starts.first().copied();
        let is_process = parent == ElementIndex::PROCESS;
        if is_process && starts == 0 {
            self.findings.add(scope, "Must have at least one start event");
        } else if is_process && none_starts.len() > 1 {
            self.findings.add(scope, "Multiple none start events are not allowed");
        } else if !is_process && starts != 1 {
            self.findings.add(scope, "Must have exactly one start event");
        }
    }

    /// Adds one child of a scope; `None` if it is no element of the executable process.
    fn child(&mut self, node: Node<'d>, tag: Tag, parent: ElementIndex) -> Option<ElementIndex> {
        let index = match tag {
            Tag::StartEvent => {
                self.start_event(node, parent);
                self.add_element(node, ElementKind::StartEvent(StartEvent::None), parent)
            }
            Tag::EndEvent => {
                self.no_event_definition(node);
                self.add_element(node, ElementKind::EndEvent(EndEvent::None), parent)
            }
            Tag::JobWorkerTask(kind) => {
                let kind =
                    self.called_decision(node, kind).unwrap_or_else(|| self.job_worker_task(node, kind));
                self.activity(node, kind, parent)
            }
            Tag::ManualTask => self.activity(node, ElementKind::ManualTask, parent),
            Tag::UndefinedTask => self.activity(node, ElementKind::UndefinedTask, parent),
            // The default flow is known once all sequence flows are.
            Tag::ExclusiveGateway => {
                self.add_element(node, ElementKind::ExclusiveGateway { default: None }, parent)
            }
            Tag::ParallelGateway => self.add_element(node, ElementKind::ParallelGateway, parent),
            Tag::SubProcess => return self.sub_process(node, parent),
            Tag::SequenceFlow => {
                let id = self.required_id(node);
                self.targets.insert(id, Target::SequenceFlow(None));
                self.flow_nodes.push(node);
                return None;
            }
            Tag::Ignored => return None,
            Tag::NotYet => return self.refuse(node, not_yet(node)),
            Tag::NotExecutable(type_name) => {
                return self
                    .refuse(node, format!("Elements of type '{type_name}' are currently not supported."));
            }
            Tag::Unknown => {
                return self.refuse(node, format!("'{}' is not an element that can stand here", local(node)));
            }
        };
        self.check_extensions(node);
        self.mappings(node, index);
        self.properties(node, index);
        Some(index)
    }

    /// Reports an element that cannot run, once: what is inside it is not looked at.
    fn refuse(&mut self, node: Node<'d>, message: String) -> Option<ElementIndex> {
        let id = self.required_id(node);
        self.targets.insert(id, Target::Refused);
        self.findings.add(node, message);
        None
    }

    /// A start event without an event definition; in a sub-process there can be no other.
    fn start_event(&mut self, node: Node<'d>, parent: ElementIndex) {
        if parent == ElementIndex::PROCESS {
            self.no_event_definition(node);
        } else if event_definition(node).is_some() {
            let scope = self.nodes[parent.0 as usize];
            self.findings.add(scope, "Start events in subprocesses must be of type none");
        }
    }

    fn no_event_definition(&mut self, node: Node<'d>) {
        if event_definition(node).is_some() {
            self.findings.add(node, not_yet(node));
        }
    }

    /// A task or sub-process: what every activity may have, and this engine does not run yet.
    fn activity(&mut self, node: Node<'d>, kind: ElementKind, parent: ElementIndex) -> ElementIndex {
        let id = id_in(node, "id").unwrap_or_default();
        if bpmn_children(node).any(|child| local(child) == "multiInstanceLoopCharacteristics") {
            self.findings
                .add(node, format!("multiInstanceLoopCharacteristics of '{id}' is not supported yet"));
        }
        if node.attribute("isForCompensation").is_some_and(|value| matches!(value.trim(), "true" | "1")) {
            self.findings.add(node, format!("isForCompensation of '{id}' is not supported yet"));
        }
        self.add_element(node, kind, parent)
    }

    fn sub_process(&mut self, node: Node<'d>, parent: ElementIndex) -> Option<ElementIndex> {
        if node.attribute("triggeredByEvent").is_some_and(|value| matches!(value.trim(), "true" | "1")) {
            let id = id_in(node, "id").unwrap_or_default();
            return self
                .refuse(node, format!("subProcess '{id}' triggered by an event is not supported yet"));
        }
        let index = self.activity(node, ElementKind::SubProcess, parent);
        self.check_extensions(node);
        self.mappings(node, index);
        self.properties(node, index);
        self.scope(node, index);
        Some(index)
    }
}

/// The local name of the first event definition of an event.
fn event_definition(node: Node<'_>) -> Option<&str> {
    bpmn_children(node).map(local).find(|name| is_event_definition(name))
}

/// The message about an element that this engine does not run yet.
fn not_yet(node: Node<'_>) -> String {
    let (name, id) = (local(node), id_in(node, "id").unwrap_or_default());
    match event_definition(node) {
        Some(definition) => format!("{name} '{id}' with {definition} is not supported yet"),
        None => format!("{name} '{id}' is not supported yet"),
    }
}
