//! One `process` element of the tree -> a [`Process`].
//!
//! Two passes: scopes first (every element gets its index), then sequence flows (which may name elements further
//! down). Everything wrong goes to the findings; the result only counts if there are none, so placeholders may stand
//! where something was wrong. Ids of elements that were refused are remembered, so that a sequence flow to such an
//! element is not reported a second time.

mod decision;
mod expression;
mod extension;
mod flow;
mod scope;
mod tag;
mod task;

use std::collections::BTreeMap;

use crate::limits::Limits;
use crate::process::{Element, ElementIndex, ElementKind, FlowIndex, Process, SequenceFlow};
use crate::xml::{Findings, Node, attr, id_in};

/// What an id stands for, seen from a sequence flow.
#[derive(Clone, Copy)]
enum Target {
    Element(ElementIndex),
    /// A flow node that was refused.
    Refused,
    /// A sequence flow, once it is linked with its index.
    SequenceFlow(Option<FlowIndex>),
}

/// The state of one compilation.
struct Compiler<'d, 'f> {
    limits: &'d Limits,
    findings: &'f mut Findings,
    elements: Vec<Element>,
    /// The XML node of each element.
    nodes: Vec<Node<'d>>,
    flow_nodes: Vec<Node<'d>>,
    flows: Vec<SequenceFlow>,
    targets: BTreeMap<&'d str, Target>,
}

/// Compiles `process`; `None` only if there are findings.
pub(crate) fn compile<'d>(process: Node<'d>, limits: &'d Limits, findings: &mut Findings) -> Option<Process> {
    let mut compiler = Compiler {
        limits,
        findings,
        elements: Vec::new(),
        nodes: Vec::new(),
        flow_nodes: Vec::new(),
        flows: Vec::new(),
        targets: BTreeMap::new(),
    };
    let root = compiler.add_element(process, ElementKind::Process, ElementIndex::PROCESS);
    compiler.check_extensions(process);
    compiler.properties(process, root);
    let version_tag = compiler.version_tag(process);
    compiler.scope(process, root);
    compiler.sequence_flows();
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
        let index = ElementIndex(self.elements.len() as u32);
        let id = self.required_id(node);
        if let Some(name) = attr(node, "name").filter(|name| name.len() > self.limits.name_bytes_max) {
            let message = format!(
                "Names must not be longer than the configured max-name-length of {} bytes, but this one has {}.",
                self.limits.name_bytes_max,
                name.len()
            );
            self.findings.add(node, message);
        }
        // An id that is used twice is reported for the whole document; which one wins here does not matter.
        if index != ElementIndex::PROCESS {
            self.targets.insert(id, Target::Element(index));
        }
        self.nodes.push(node);
        self.elements.push(Element {
            id: id.into(),
            name: attr(node, "name").map(Into::into),
            kind,
            parent,
            incoming: Box::default(),
            outgoing: Box::default(),
            inputs: Box::default(),
            outputs: Box::default(),
            none_start: None,
            children: Box::default(),
            properties: Box::default(),
        });
        index
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
