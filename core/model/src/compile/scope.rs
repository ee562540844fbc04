//! The children of a process or sub-process: which elements there are, and whether the scope can start.
//!
//! Recursion is as deep as sub-processes nest, which `Limits::depth_max` bounds.

use super::ad_hoc::COMPLETION_CONDITION;
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
        let children = self.children(scope, parent, parent);
        self.note_children(scope, parent, children);
    }

    /// Adds the elements in `scope`: event sub-processes to one element, all others to another.
    pub(super) fn children(
        &mut self,
        scope: Node<'d>,
        outer: ElementIndex,
        inner: ElementIndex,
    ) -> Vec<ElementIndex> {
        let mut children = Vec::new();
        let is_own = |node: &Node<'_>| outer != inner && local(*node) == COMPLETION_CONDITION;
        for node in bpmn_children(scope).filter(|node| !is_own(node)) {
            if self.elements.len() + self.flow_nodes.len() > self.limits.flow_elements_max {
                let max = self.limits.flow_elements_max;
                self.findings
                    .add(self.nodes[0], format!("A process must not have more than {max} flow elements"));
                break;
            }
            let tag = Tag::of(local(node));
            let is_event_sub_process = tag == Tag::SubProcess && is_true(node, "triggeredByEvent");
            children.extend(self.child(node, tag, if is_event_sub_process { outer } else { inner }));
        }
        children
    }

    /// Notes what stands in a scope, and checks whether it can start.
    fn note_children(&mut self, scope: Node<'d>, parent: ElementIndex, children: Vec<ElementIndex>) {
        self.links(scope, parent, &children);
        let start_events = self.of_kind(&children, |kind| matches!(kind, ElementKind::StartEvent(_)));
        self.event_sub_processes(scope, parent, &children);
        let mut none_starts = start_events.clone();
        none_starts.retain(|index| event_definitions(self.nodes[index.0 as usize]).next().is_none());
        let is_process = parent == ElementIndex::PROCESS;
        if is_process {
            let named = self.of_different_messages(&start_events);
            self.check_names(scope, &named);
        }
        let element = self.element_mut(parent);
        element.children = children.into();
        element.none_start = none_starts.first().copied();
        element.starts = start_events.into();
        let starts = bpmn_children(scope).filter(|node| Tag::of(local(*node)) == Tag::StartEvent).count();
        if is_process && starts == 0 {
            self.findings.add(scope, "Must have at least one start event");
        } else if is_process && none_starts.len() > 1 {
            self.findings.add(scope, "Multiple none start events are not allowed");
        } else if !is_process && starts != 1 {
            self.findings.add(scope, "Must have exactly one start event");
        }
    }

    fn of_kind(&self, elements: &[ElementIndex], is_it: fn(&ElementKind) -> bool) -> Vec<ElementIndex> {
        elements.iter().copied().filter(|index| is_it(&self.elements[index.0 as usize].kind)).collect()
    }

    /// Notes the event sub-processes that stand directly in a scope, and checks what starts them.
    pub(super) fn event_sub_processes(
        &mut self,
        scope: Node<'d>,
        parent: ElementIndex,
        children: &[ElementIndex],
    ) {
        let found = self.of_kind(children, |kind| matches!(kind, ElementKind::EventSubProcess));
        let caught = found.iter().flat_map(|sub| self.elements[sub.0 as usize].starts.to_vec());
        let caught: Vec<ElementIndex> = caught.collect();
        self.check_codes(scope, &caught);
        self.check_names(scope, &caught);
        self.element_mut(parent).event_sub_processes = found.into();
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
            Tag::AdHocSubProcess => self.ad_hoc_sub_process(node),
            Tag::SequenceFlow => {
                let id = self.required_id(node);
                self.targets.insert(id, Target::SequenceFlow(self.flow_nodes.len()));
                self.flow_nodes.push(node);
                return None;
            }
            Tag::Ignored => return None,
            Tag::NotExecutable(type_name) => {
                return self
                    .refuse(node, format!("Elements of type '{type_name}' are currently not supported."));
            }
            Tag::Unknown => {
                return self.refuse(node, format!("'{}' is not an element that can stand here", local(node)));
            }
        };
        let (outer, inner) = self.place(node, kind, parent);
        self.mappings(node, inner);
        self.properties(node, inner);
        self.execution_listeners(node, outer, inner);
        if tag == Tag::BoundaryEvent {
            self.note_attached(node, outer);
        }
        match tag {
            Tag::SubProcess => self.scope(node, inner),
            Tag::AdHocSubProcess => self.ad_hoc_scope(node, inner),
            _ => {}
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
