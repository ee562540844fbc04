//! What earlier versions let pass though Camunda refuses it: extension elements that come twice where only the first would count, task
//! listeners where nobody asks them, a receive task that something attached to it races for the same message, event-based gateways that do
//! not list their flows, and compensations without an id.

use crate::roots::Roots;
use crate::xml::{
    Findings, Node, attr, bpmn_children, extensions_named, id_in, is_bpmn, local, zeebe_children,
};
use std::collections::{BTreeMap, BTreeSet};

/// Extension elements that are there once, of elements of all kinds or of some.
const ONCE: [(&str, &[&str]); 3] = [
    ("executionListeners", &[]),
    ("linkedResources", &["serviceTask", "sendTask"]),
    ("taskListeners", &["userTask"]),
];

/// What is said of an extension element that comes twice.
pub(crate) fn message(name: &str) -> String {
    format!(
        "Must have exactly one 'zeebe:{name}' extension element when exists. Please check process definition XML and retain \
         only one extension element."
    )
}

/// Finds such things in the processes that can be started.
pub(crate) fn check(root: Node<'_>, findings: &mut Findings) {
    let roots = Roots::of(root);
    let is_executable = |node: &Node<'_>| {
        local(*node) == "process" && node.attribute("isExecutable").is_some_and(|text| text.trim() == "true")
    };
    for process in bpmn_children(root).filter(is_executable) {
        let races = races_of(process, &roots);
        check_gateways(process, findings);
        for node in process.descendants().filter(|node| is_bpmn(*node)) {
            check_once(node, findings);
            check_task_listeners(node, findings);
            check_compensation(node, findings);
            let name = (local(node) == "receiveTask").then(|| message_name(node, &roots)).flatten();
            let id = id_in(node, "id").unwrap_or_default();
            if name.is_some_and(|name| races.get(id).is_some_and(|names| names.contains(name))) {
                findings.add(node, "Cannot reference the same message name as a boundary event");
            }
        }
    }
}

/// Camunda finds the flows of an event-based gateway by its `outgoing` children. One that lacks the flows themselves is refused where they
/// are linked.
fn check_gateways(process: Node<'_>, findings: &mut Findings) {
    let mut leaving: BTreeMap<&str, usize> = BTreeMap::new();
    let nodes = || process.descendants().filter(|node| is_bpmn(*node));
    for flow in nodes().filter(|node| local(*node) == "sequenceFlow") {
        *leaving.entry(id_in(flow, "sourceRef").unwrap_or_default()).or_default() += 1;
    }
    for gateway in nodes().filter(|node| local(*node) == "eventBasedGateway") {
        let is_listed = bpmn_children(gateway).filter(|child| local(*child) == "outgoing").nth(1).is_some();
        let id = id_in(gateway, "id").unwrap_or_default();
        if !is_listed && leaving.get(id).is_some_and(|count| *count > 1) {
            findings.add(gateway, "Event-based gateway must have at least 2 outgoing sequence flows.");
        }
    }
}

/// Camunda's engine fails to read a compensation without an id, and says nothing of where it stands.
fn check_compensation(node: Node<'_>, findings: &mut Findings) {
    if local(node) == "compensateEventDefinition" && id_in(node, "id").is_none() {
        let event = node.parent_element().unwrap_or(node);
        findings.add(event, "A compensation event definition must have an id");
    }
}

fn check_once(node: Node<'_>, findings: &mut Findings) {
    for (name, whose) in ONCE {
        let is_one = whose.is_empty() || whose.contains(&local(node));
        if is_one && extensions_named(node, name).nth(1).is_some() {
            findings.add(node, message(name));
        }
    }
}

fn check_task_listeners(node: Node<'_>, findings: &mut Findings) {
    if extensions_named(node, "userTask").next().is_some() {
        return;
    }
    for listeners in extensions_named(node, "taskListeners") {
        if zeebe_children(listeners, "taskListener").next().is_some() {
            findings.add(listeners, "Task listeners are only allowed on Camunda user tasks.");
        }
    }
}

/// The names of the messages that events wait for, by the id of what they are attached to.
fn races_of<'d>(process: Node<'d>, roots: &Roots<'d>) -> BTreeMap<&'d str, BTreeSet<&'d str>> {
    let mut races: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let is_boundary = |node: &Node<'_>| is_bpmn(*node) && local(*node) == "boundaryEvent";
    for event in process.descendants().filter(is_boundary) {
        let Some(activity) = id_in(event, "attachedToRef") else { continue };
        let messages = bpmn_children(event).filter(|child| local(*child) == "messageEventDefinition");
        races.entry(activity).or_default().extend(messages.filter_map(|node| message_name(node, roots)));
    }
    races
}

fn message_name<'d>(node: Node<'d>, roots: &Roots<'d>) -> Option<&'d str> {
    attr(roots.referred(node, "messageRef", "message")?, "name")
}
