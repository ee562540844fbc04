//! The children of a process or sub-process: which elements there are, and whether the scope can start.
//!
//! Recursion is as deep as sub-processes nest, which `Limits::depth_max` bounds.

use super::event::event_definitions;
use super::tag::Tag;
use super::{Compiler, Switches, Target};
use crate::kinds::Flags;
use crate::process::{ElementKind, InclusiveGateway};
use crate::xml::{Node, bpmn_children, id_in, local};
use ringbolt_record::ElementIndex;

impl<'d> Compiler<'d, '_> {
    /// Adds everything in `scope`, which is the element `parent`.
    pub(super) fn scope(&mut self, scope: Node<'d>, parent: ElementIndex) {
        let mut children = Vec::new();
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
            children.extend(self.child(node, tag, parent));
        }
        self.links(scope, &children);
        let of_kind = |is_it: fn(&ElementKind) -> bool| -> Vec<ElementIndex> {
            children.iter().copied().filter(|index| is_it(&self.elements[index.0 as usize].kind)).collect()
        };
        let start_events = of_kind(|kind| matches!(kind, ElementKind::StartEvent(_)));
        let event_sub_processes = of_kind(|kind| matches!(kind, ElementKind::EventSubProcess));
        let caught = event_sub_processes.iter().flat_map(|sub| self.elements[sub.0 as usize].starts.to_vec());
        let caught: Vec<ElementIndex> = caught.collect();
        self.check_codes(scope, &caught);
        let mut none_starts = start_events.clone();
        none_starts.retain(|index| event_definitions(self.nodes[index.0 as usize]).next().is_none());
        let is_process = parent == ElementIndex::PROCESS;
        if is_process {
            self.check_names(scope, &start_events);
        }
        self.check_names(scope, &caught);
        let element = self.element_mut(parent);
        element.children = children.into();
        element.none_start = none_starts.first().copied();
        element.starts = start_events.into();
        element.event_sub_processes = event_sub_processes.into();
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
        let found_before = self.findings.count();
        let kind = match tag {
            Tag::StartEvent => self.start_event(node, parent),
            Tag::EndEvent => self.end_event(node),
            Tag::IntermediateCatchEvent => self.catch_event(node),
            Tag::IntermediateThrowEvent => self.throw_event(node),
            Tag::BoundaryEvent => self.boundary_event(node),
            Tag::JobWorkerTask(kind) => {
                let done_here = self.called_decision(node, kind).or_else(|| self.script(node, kind));
                done_here.unwrap_or_else(|| self.job_worker_task(node, kind))
            }
            Tag::UserTask => self.user_task(node),
            Tag::CallActivity => self.call_activity(node),
            Tag::ManualTask => ElementKind::ManualTask,
            Tag::UndefinedTask => ElementKind::UndefinedTask,
            // The default flow is known once all sequence flows are.
            Tag::ExclusiveGateway => ElementKind::ExclusiveGateway { default: None },
            Tag::InclusiveGateway => ElementKind::InclusiveGateway(InclusiveGateway::default()),
            Tag::ParallelGateway => ElementKind::ParallelGateway,
            Tag::EventBasedGateway => ElementKind::EventBasedGateway,
            Tag::ReceiveTask => self.receive_task(node),
            Tag::SubProcess if is_true(node, "triggeredByEvent") => ElementKind::EventSubProcess,
            Tag::SubProcess => ElementKind::SubProcess,
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
        let (outer, inner) = self.place(node, kind, parent);
        self.check_extensions(node);
        self.mappings(node, inner);
        self.properties(node, inner);
        self.execution_listeners(node, outer, inner);
        if tag == Tag::BoundaryEvent {
            self.note_attached(node, outer);
        }
        if tag == Tag::SubProcess {
            self.scope(node, inner);
        }
        self.check_runs(node, inner, found_before);
        Some(outer)
    }

    /// Gives an element its index, and one in front of it to the body that repeats it, if there is one. The outer and the
    /// inner element, which are the same where nothing is repeated.
    fn place(
        &mut self,
        node: Node<'d>,
        kind: ElementKind,
        parent: ElementIndex,
    ) -> (ElementIndex, ElementIndex) {
        let found_before = self.findings.count();
        let repeats = kind.row().flags.has(Flags::IS_ACTIVITY).then(|| self.multi_instance(node)).flatten();
        let Some(repeats) = repeats else {
            let index = self.add_element(node, kind, parent);
            return (index, index);
        };
        let body = self.add_element(node, ElementKind::MultiInstanceBody(repeats), parent);
        self.check_runs(node, body, found_before);
        let inner = self.add_element(node, kind, body);
        self.element_mut(body).children = [inner].into();
        let id = self.required_id(node);
        self.targets.insert(id, Target::Element(body));
        (body, inner)
    }

    /// Refuses what the engine does not run, unless something is wrong with it anyway.
    fn check_runs(&mut self, node: Node<'d>, index: ElementIndex, found_before: usize) {
        let kind = &self.elements[index.0 as usize].kind;
        let row = kind.row();
        let is_run = row.is_run || self.switches != Switches::Heeded;
        if self.findings.count() > found_before || is_run {
            return;
        }
        self.findings.add(node, not_yet(node));
    }

    /// Reports an element that cannot run, once: what is inside it is not looked at.
    fn refuse(&mut self, node: Node<'d>, message: String) -> Option<ElementIndex> {
        let id = self.required_id(node);
        self.targets.insert(id, Target::Refused);
        self.findings.add(node, message);
        None
    }
}

/// Whether an attribute says so.
fn is_true(node: Node<'_>, name: &str) -> bool {
    node.attribute(name).is_some_and(|value| matches!(value.trim_ascii(), "true" | "1"))
}

/// The message about an element that this engine does not run yet.
fn not_yet(node: Node<'_>) -> String {
    let (name, id) = (local(node), id_in(node, "id").unwrap_or_default());
    if name == "subProcess" {
        return format!("subProcess '{id}' triggered by an event is not supported yet");
    }
    match event_definitions(node).next().map(local) {
        Some(definition) => format!("{name} '{id}' with {definition} is not supported yet"),
        None => format!("{name} '{id}' is not supported yet"),
    }
}
