//! One `process` element of the tree -> a [`Process`].
//!
//! Two passes: scopes first (every element gets its index), then sequence flows (which may name elements further
//! down). Everything wrong goes to the findings; the result only counts if there are none, so placeholders may stand
//! where something was wrong. Ids of elements that were refused are remembered, so that a sequence flow to such an
//! element is not reported a second time.

mod ad_hoc;
mod before;
mod call_activity;
mod catalog;
mod code;
mod compensation;
mod conditional;
mod decision;
mod event;
mod expression;
mod extension;
mod flow;
mod listener;
mod multi_instance;
mod scope;
mod script;
mod tag;
mod task;
mod timer;
mod user_task;

pub(crate) use catalog::Catalog;

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{Caught, Flags};
use crate::limits::Limits;
use crate::process::{Element, ElementKind, FlowIndex, Process, SequenceFlow, Text};
use crate::roots::Roots;
use crate::xml::{Findings, Node, attr, id_in};
use ringbolt_record::ElementIndex;

/// What an id stands for, seen from a sequence flow.
#[derive(Clone, Copy)]
enum Target {
    Element(ElementIndex),
    /// A flow node that was refused.
    Refused,
    /// A sequence flow, by its place among the flow nodes.
    SequenceFlow(usize),
}

/// Whether what the engine does not run is refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switches {
    Heeded,
    /// To look at what is only read so far.
    #[cfg(test)]
    Ignored,
}

/// The state of one compilation.
struct Compiler<'d, 'f> {
    switches: Switches,
    limits: &'d Limits,
    roots: &'f Roots<'d>,
    catalog: &'f mut Catalog<'d>,
    findings: &'f mut Findings,
    elements: Vec<Element>,
    /// The XML node of each element.
    nodes: Vec<Node<'d>>,
    flow_nodes: Vec<Node<'d>>,
    flows: Vec<SequenceFlow>,
    /// The index of each flow node; none of one that could not be linked.
    linked: Vec<Option<FlowIndex>>,
    /// Boundary events with the id of what they are attached to.
    attached: Vec<(ElementIndex, &'d str)>,
    targets: BTreeMap<&'d str, Target>,
    /// Places of escalations of which it was said that they have no code.
    without_code: BTreeSet<usize>,
    /// The priority of jobs of tasks that do not say.
    job_priority: Option<Text>,
}

/// Compiles `process`; `None` only if there are findings.
pub(crate) fn compile<'d>(
    process: Node<'d>,
    roots: &Roots<'d>,
    limits: &'d Limits,
    catalog: &mut Catalog<'d>,
    findings: &mut Findings,
) -> Option<Process> {
    compile_as(process, roots, limits, catalog, findings, Switches::Heeded)
}

fn compile_as<'d>(
    process: Node<'d>,
    roots: &Roots<'d>,
    limits: &'d Limits,
    catalog: &mut Catalog<'d>,
    findings: &mut Findings,
    switches: Switches,
) -> Option<Process> {
    let mut compiler = Compiler {
        switches,
        limits,
        roots,
        catalog,
        findings,
        elements: Vec::new(),
        nodes: Vec::new(),
        flow_nodes: Vec::new(),
        flows: Vec::new(),
        linked: Vec::new(),
        attached: Vec::new(),
        targets: BTreeMap::new(),
        without_code: BTreeSet::new(),
        job_priority: None,
    };
    let root = compiler.add_element(process, ElementKind::Process, ElementIndex::PROCESS);
    compiler.job_priority = compiler.job_priority(process).flatten();
    compiler.user_task_forms(process);
    compiler.properties(process, root);
    compiler.execution_listeners(process, root, root);
    let version_tag = compiler.version_tag(process);
    compiler.scope(process, root);
    compiler.sequence_flows();
    compiler.event_gateways();
    compiler.attach();
    compiler.compensations();
    compiler.inclusive_gateways();
    compiler.ad_hoc_activities();
    compiler.finish();
    if !compiler.findings.is_empty() {
        return None;
    }
    let Compiler { elements, flows, .. } = compiler;
    let name = attr(process, "name").map(str::to_owned);
    Some(Process::new(id_in(process, "id")?.to_owned(), name, version_tag, elements, flows))
}

impl<'d> Compiler<'d, '_> {
    /// Gives `node` the next index. The process is its own parent.
    fn add_element(&mut self, node: Node<'d>, kind: ElementKind, parent: ElementIndex) -> ElementIndex {
        let id = self.required_id(node);
        if let Some(name) = attr(node, "name").filter(|name| name.len() > self.limits.name_bytes_max) {
            let message = format!(
                "Names must not be longer than the configured max-name-length of {} bytes, but this one has {}.",
                self.limits.name_bytes_max,
                name.len()
            );
            self.findings.add(node, message);
        }
        let index = self.push_element(node, id.into(), kind, parent);
        // An id that is used twice is reported for the whole document; which one wins here does not matter.
        if index != ElementIndex::PROCESS {
            self.targets.insert(id, Target::Element(index));
        }
        index
    }

    /// Gives something the next index under an id, which need not be that of `node`.
    fn push_element(
        &mut self,
        node: Node<'d>,
        id: Box<str>,
        kind: ElementKind,
        parent: ElementIndex,
    ) -> ElementIndex {
        let index = ElementIndex(self.elements.len() as u32);
        self.nodes.push(node);
        let row = kind.row();
        self.elements.push(Element {
            id,
            name: attr(node, "name").map(Into::into),
            kind,
            element_type: row.element_type,
            event_type: row.event_type,
            flags: row.flags,
            parent,
            incoming: Box::default(),
            outgoing: Box::default(),
            inputs: Box::default(),
            outputs: Box::default(),
            none_start: None,
            starts: Box::default(),
            event_sub_processes: Box::default(),
            boundary: Box::default(),
            children: Box::default(),
            listeners: Box::default(),
            properties: Box::default(),
        });
        index
    }

    /// Sets the bits that an element's parts decide, now that all of them are there.
    fn finish(&mut self) {
        let is_waiting = |element: &Element| {
            let has_others = !element.boundary.is_empty() || !element.event_sub_processes.is_empty();
            let is_gateway = matches!(element.kind, ElementKind::EventBasedGateway);
            has_others || is_gateway || element.when_caught() == Some(Caught::Itself)
        };
        let waiting: Vec<bool> = self.elements.iter().map(is_waiting).collect();
        let bodies: Vec<bool> = self.elements.iter().map(|element| element.repeats().is_some()).collect();
        let ad_hocs: Vec<bool> = self.elements.iter().map(|element| element.ad_hoc().is_some()).collect();
        let is_message = |start: &ElementIndex| self.elements[start.0 as usize].message().is_some();
        let message_starts = self.elements[0].starts.iter().any(is_message);
        for (number, element) in self.elements.iter_mut().enumerate() {
            let opens =
                matches!(element.kind, ElementKind::StartEvent(_)) && waiting[element.parent.0 as usize];
            let is_caught =
                matches!(element.when_caught(), Some(Caught::Itself | Caught::EventSubProcess { .. }));
            let parts = [
                (Flags::HAS_INPUTS, element.flags.has(Flags::USES_INPUTS) && !element.inputs.is_empty()),
                (Flags::HAS_OUTPUTS, element.flags.has(Flags::USES_OUTPUTS) && !element.outputs.is_empty()),
                (Flags::HAS_LISTENERS, !element.listeners.is_empty()),
                (Flags::HAS_EVENTS, waiting[number]),
                (Flags::OPENS_SCOPE, opens),
                (Flags::CATCHES, is_caught),
                (Flags::MESSAGE_STARTS, number == 0 && message_starts),
                (Flags::IS_REPEATED, bodies[element.parent.0 as usize]),
                (Flags::IN_AD_HOC, number > 0 && ad_hocs[element.parent.0 as usize]),
            ];
            let present = parts.iter().filter(|(_, is_there)| *is_there);
            element.flags = present.fold(element.flags, |flags, (flag, _)| flags.with(*flag));
        }
    }

    /// The id of `node`, or a finding and an empty id.
    fn required_id(&mut self, node: Node<'d>) -> &'d str {
        let id = node.attribute("id").map(str::trim_ascii);
        if id.is_none() {
            self.findings.add(node, "Element id must be present and not empty.");
        }
        id.unwrap_or_default()
    }

    fn element_mut(&mut self, index: ElementIndex) -> &mut Element {
        &mut self.elements[index.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalog, Switches, compile_as};
    use crate::kinds::Flags;
    use crate::limits::Limits;
    use crate::process::{Element, Process};
    use crate::roots::Roots;
    use crate::xml::{Findings, bpmn_children, identity};
    use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex};

    const ALL: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
      <signal id="alarm" name="alarm"/><process id="p" isExecutable="true">
        <startEvent id="s"/><startEvent id="timed"><timerEventDefinition><timeCycle>0 0 9 * * *</timeCycle></timerEventDefinition></startEvent>
        <boundaryEvent id="late" attachedToRef="repeated"><timerEventDefinition><timeDuration>=d</timeDuration></timerEventDefinition></boundaryEvent>
        <subProcess id="repeated"><multiInstanceLoopCharacteristics isSequential="1"><extensionElements>
            <zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/></extensionElements>
            <completionCondition>=done</completionCondition></multiInstanceLoopCharacteristics>
          <extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping></extensionElements>
          <startEvent id="inner"/><intermediateThrowEvent id="jump"><linkEventDefinition name="far"/></intermediateThrowEvent>
          <intermediateCatchEvent id="land"><linkEventDefinition name="far"/></intermediateCatchEvent>
          <endEvent id="stop"><terminateEventDefinition/></endEvent>
        </subProcess>
        <boundaryEvent id="soon" attachedToRef="repeated" cancelActivity="false"><timerEventDefinition><timeDate>2026-01-01T00:00:00Z</timeDate></timerEventDefinition></boundaryEvent>
        <subProcess id="meanwhile" triggeredByEvent="true"><startEvent id="signal" isInterrupting="false"><signalEventDefinition signalRef="alarm"/></startEvent></subProcess>
        <endEvent id="e"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="repeated"/><sequenceFlow id="f2" sourceRef="repeated" targetRef="e"/>
        <sequenceFlow id="f3" sourceRef="late" targetRef="e"/>
      </process></definitions>"#;

    fn read() -> Process {
        let document = roxmltree::Document::parse(ALL).expect("XML");
        let node = bpmn_children(document.root_element()).nth(1).expect("a process");
        let mut findings = Findings::new(identity);
        let limits = Limits::default();
        let roots = Roots::of(document.root_element());
        let mut catalog = Catalog::default();
        let process = compile_as(node, &roots, &limits, &mut catalog, &mut findings, Switches::Ignored);
        process.unwrap_or_else(|| panic!("{:?}", findings.into_violations(ALL)))
    }

    #[test]
    fn events_repeated_activities_and_what_hangs_on_them() {
        let process = read();
        let at = |id: &str| process.by_id(id).unwrap_or_else(|| panic!("{id} is there"));
        let of = |id: &str| process.element(at(id));
        let ids = |indexes: &[ElementIndex]| -> Vec<String> {
            indexes.iter().map(|index| process.element(*index).id.to_string()).collect()
        };
        let root = process.element(ElementIndex::PROCESS);
        assert_eq!(
            (root.none_start, ids(&root.starts)),
            (Some(at("s")), vec!["s".to_owned(), "timed".to_owned()])
        );
        assert_eq!(ids(&root.event_sub_processes), ["meanwhile"]);
        let body = of("repeated");
        assert_eq!(body.element_type, BpmnElementType::MultiInstanceBody);
        assert_eq!(
            (ids(&body.boundary), body.incoming.len(), body.outgoing.len()),
            (vec!["late".into(), "soon".into()], 1, 1)
        );
        let inner = process.element(body.children[0]);
        assert_eq!((body.children.len(), body.children[0].0), (1, at("repeated").0 + 1));
        assert_eq!((&inner.id, inner.element_type), (&body.id, BpmnElementType::SubProcess));
        assert!(inner.flags.has(Flags::HAS_INPUTS) && !body.flags.has(Flags::HAS_INPUTS));
        assert!(inner.incoming.is_empty() && inner.boundary.is_empty());
        let repeats = body.repeats().expect("it repeats");
        assert!(repeats.is_sequential && repeats.output.is_none() && repeats.completion_condition.is_some());
        assert_eq!(of("jump").event().and_then(|event| event.link()?.target), Some(at("land")));
        assert_eq!(of("land").parent, body.children[0]);
        assert_eq!(
            (of("stop").event_type, of("late").event_type),
            (BpmnEventType::Terminate, BpmnEventType::Timer)
        );
        for (number, element) in process.elements().iter().enumerate().skip(1) {
            assert!(element.parent.0 < number as u32, "a parent stands before its children");
            let row = element.kind.row();
            assert_eq!((row.element_type, row.event_type), (element.element_type, element.event_type));
        }
        let events = |element: &&Element| element.flags.has(Flags::HAS_EVENTS);
        assert_eq!(
            process.elements().iter().filter(events).map(|e| &*e.id).collect::<Vec<_>>(),
            ["p", "repeated"]
        );
    }
}
