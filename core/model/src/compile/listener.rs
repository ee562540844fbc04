//! `zeebe:executionListeners`: jobs before and after the work of an element.

use super::Compiler;
use super::task::headers_json;
use crate::listener::Listener;
use crate::process::{Header, Text};
use crate::xml::{Node, attr, extensions_named, zeebe_children};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, JobListenerEventType};
use std::collections::BTreeMap;

/// How often the job of a listener may fail whose model does not say.
const RETRIES_DEFAULT: i64 = 3;

/// What execution listeners can listen to, by their names in models.
const EXECUTION_EVENTS: [(&str, JobListenerEventType); 4] = [
    ("start", JobListenerEventType::Start),
    ("end", JobListenerEventType::End),
    ("beforeAll", JobListenerEventType::BeforeAll),
    ("cancel", JobListenerEventType::Cancel),
];

/// What task listeners can listen to, by their names in models; with those of older modelers.
const TASK_EVENTS: [(&str, JobListenerEventType); 10] = [
    ("creating", JobListenerEventType::Creating),
    ("assigning", JobListenerEventType::Assigning),
    ("updating", JobListenerEventType::Updating),
    ("completing", JobListenerEventType::Completing),
    ("canceling", JobListenerEventType::Canceling),
    ("create", JobListenerEventType::Creating),
    ("assignment", JobListenerEventType::Assigning),
    ("update", JobListenerEventType::Updating),
    ("complete", JobListenerEventType::Completing),
    ("cancel", JobListenerEventType::Canceling),
];

impl<'d> Compiler<'d, '_> {
    /// The task listeners of a user task that the engine keeps itself.
    pub(super) fn task_listeners(&mut self, node: Node<'d>, headers: &[Header]) -> Box<[Listener]> {
        self.listeners(node, headers, "task", &TASK_EVENTS).into()
    }

    /// The execution listeners of an element, which a body may be around. Those that are asked once for all instances of a repeated
    /// activity are the body's.
    pub(super) fn execution_listeners(&mut self, node: Node<'d>, body: ElementIndex, inner: ElementIndex) {
        let headers: Box<[Header]> = self.elements[inner.0 as usize].headers().into();
        self.check_repeated(node);
        let found = self.listeners(node, &headers, "execution", &EXECUTION_EVENTS);
        for (name, event) in EXECUTION_EVENTS {
            let has_any = found.iter().any(|listener| listener.event == event);
            if let Some(whose) = self.refuses(event, body, inner).filter(|_| has_any) {
                let message = format!("Execution listeners of type '{name}' are not supported by {whose}");
                self.findings.add(node, message);
            }
        }
        let is_for_all = |listener: &Listener| listener.event == JobListenerEventType::BeforeAll;
        let (for_all, mut for_each): (Vec<Listener>, Vec<Listener>) = found.into_iter().partition(is_for_all);
        for_each.sort_by_key(Listener::phase);
        self.element_mut(inner).listeners = for_each.into();
        if body != inner {
            self.element_mut(body).listeners = for_all.into();
        }
    }

    /// What an element is that has no execution listeners of a kind.
    fn refuses(
        &self,
        event: JobListenerEventType,
        body: ElementIndex,
        inner: ElementIndex,
    ) -> Option<&'static str> {
        let element = &self.elements[inner.0 as usize];
        let is_gateway = matches!(
            element.element_type,
            BpmnElementType::ExclusiveGateway
                | BpmnElementType::InclusiveGateway
                | BpmnElementType::EventBasedGateway
                | BpmnElementType::ParallelGateway
        );
        match (event, element.element_type) {
            (JobListenerEventType::BeforeAll, _) => (body == inner).then_some("what is not repeated"),
            (JobListenerEventType::Cancel, element_type) => {
                (element_type != BpmnElementType::Process).then_some("elements of a process")
            }
            (JobListenerEventType::Start, BpmnElementType::StartEvent) => Some("start events"),
            (_, BpmnElementType::BoundaryEvent) if element.event_type == BpmnEventType::Compensation => {
                Some("[compensation] boundary events")
            }
            (JobListenerEventType::Start, BpmnElementType::BoundaryEvent) => Some("boundary events"),
            (JobListenerEventType::End, _) if is_gateway => Some("gateway element"),
            (JobListenerEventType::End, BpmnElementType::EndEvent) => {
                (element.event_type == BpmnEventType::Error).then_some("[error] end events")
            }
            _ => None,
        }
    }

    /// The listeners of a sort, in document order.
    fn listeners(
        &mut self,
        node: Node<'d>,
        headers: &[Header],
        sort: &str,
        events: &[(&str, JobListenerEventType)],
    ) -> Vec<Listener> {
        let (lists, one) = (format!("{sort}Listeners"), format!("{sort}Listener"));
        let lists: Vec<Node<'d>> = extensions_named(node, &lists).collect();
        let written: Vec<Node<'d>> = lists.iter().flat_map(|list| zeebe_children(*list, &one)).collect();
        let max = self.limits.listeners_max;
        if written.len() > max {
            self.findings.add(node, format!("An element must not have more than {max} {sort} listeners"));
            return Vec::new();
        }
        written.into_iter().filter_map(|listener| self.listener(listener, sort, events, headers)).collect()
    }

    /// Two listeners must not wait for the same event with the same type.
    fn check_repeated(&mut self, node: Node<'d>) {
        let lists: Vec<Node<'d>> = extensions_named(node, "executionListeners").collect();
        let Some(list) = lists.first().copied() else { return };
        let mut seen: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for listener in lists.iter().flat_map(|list| zeebe_children(*list, "executionListener")) {
            if let (Some(event), Some(job_type)) = (attr(listener, "eventType"), attr(listener, "type")) {
                *seen.entry((event, job_type)).or_default() += 1;
            }
        }
        for ((event, job_type), count) in seen.into_iter().filter(|(_, count)| *count > 1) {
            let message = format!(
                "Found '{count}' duplicates based on eventType[{event}] and type[{job_type}], these combinations should \
                 be unique."
            );
            self.findings.add(list, message);
        }
    }

    fn listener(
        &mut self,
        node: Node<'d>,
        sort: &str,
        events: &[(&str, JobListenerEventType)],
        of_element: &[Header],
    ) -> Option<Listener> {
        let mut required = |name: &str| {
            let value = attr(node, name).filter(|value| !value.is_empty());
            if value.is_none() {
                self.findings.add(node, format!("Attribute '{name}' must be present and not empty"));
            }
            value
        };
        let (name, job_type) = (required("eventType"), required("type"));
        let event = name.and_then(|name| {
            let known = events.iter().find(|(known, _)| *known == name).map(|(_, event)| *event);
            if known.is_none() {
                let shown = &name[..name.floor_char_boundary(100)];
                self.findings.add(node, format!("'{shown}' is no event that {sort} listeners know"));
            }
            known
        });
        let job_type = self.text(node, Some(job_type?));
        let retries = match attr(node, "retries").filter(|retries| !retries.is_empty()) {
            Some(retries) => self.text(node, Some(retries)),
            None => Some(Text::Number { text: RETRIES_DEFAULT.to_string().into(), whole: RETRIES_DEFAULT }),
        };
        let headers_json = self.headers_of_listener(node, of_element);
        Some(Listener { event: event?, job_type: job_type?, retries: retries?, headers_json })
    }

    /// The headers of an element with those of a listener, which has the last word.
    fn headers_of_listener(&mut self, node: Node<'d>, of_element: &[Header]) -> Option<Box<str>> {
        let holder = zeebe_children(node, "taskHeaders").next()?;
        let own = self.headers(holder);
        let stays = |header: &&Header| own.iter().all(|other| other.key != header.key);
        let kept: Vec<Header> = of_element.iter().filter(stays).cloned().collect();
        (!own.is_empty()).then(|| headers_json(&[kept, own].concat()).into())
    }
}
