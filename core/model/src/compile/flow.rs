//! Sequence flows: their ends, their conditions, default flows, and what may lead where.

use super::{Compiler, Target};
use crate::kinds::Flags;
use crate::process::{ElementKind, FlowIndex, SequenceFlow};
use crate::xml::{Node, bpmn_children, id_in, local, text_content};
use ringbolt_record::ElementIndex;

impl<'d> Compiler<'d, '_> {
    /// Links all sequence flows, after all elements are known.
    pub(super) fn sequence_flows(&mut self) {
        let flow_nodes = std::mem::take(&mut self.flow_nodes);
        let mut linked: Vec<Node<'d>> = Vec::with_capacity(flow_nodes.len());
        let mut incoming: Vec<Vec<FlowIndex>> = vec![Vec::new(); self.elements.len()];
        let mut outgoing: Vec<Vec<FlowIndex>> = vec![Vec::new(); self.elements.len()];
        self.linked = vec![None; flow_nodes.len()];
        for (place, node) in flow_nodes.into_iter().enumerate() {
            let source = self.flow_end(node, "sourceRef");
            let target = self.flow_end(node, "targetRef");
            let condition = bpmn_children(node).find(|child| local(*child) == "conditionExpression");
            let condition =
                condition.and_then(|condition| self.expression(condition, Some(&text_content(condition))));
            let (Some(source), Some(target)) = (source, target) else { continue };
            self.check_scopes(node, source, target);
            let index = FlowIndex(self.flows.len() as u32);
            incoming[target.0 as usize].push(index);
            outgoing[source.0 as usize].push(index);
            let id = id_in(node, "id").unwrap_or_default();
            self.linked[place] = Some(index);
            self.flows.push(SequenceFlow { id: id.into(), source, target, condition });
            linked.push(node);
        }
        for (number, (incoming, outgoing)) in incoming.into_iter().zip(outgoing).enumerate() {
            self.elements[number].incoming = incoming.into();
            self.elements[number].outgoing = outgoing.into();
            self.check_outgoing(ElementIndex(number as u32), &linked);
        }
    }

    /// The element that one end of a sequence flow names. `None` without a finding if that element was refused.
    fn flow_end(&mut self, node: Node<'d>, attribute: &str) -> Option<ElementIndex> {
        let Some(id) = id_in(node, attribute) else {
            self.findings.add(node, format!("SequenceFlow is missing required attribute {attribute}"));
            return None;
        };
        match self.targets.get(id) {
            Some(Target::Element(index)) => return Some(*index),
            Some(Target::Refused) => {}
            Some(Target::SequenceFlow(_)) => {
                let message = format!("SequenceFlow has {attribute} '{id}' which is a sequence flow itself");
                self.findings.add(node, message);
            }
            None => {
                self.findings
                    .add(node, format!("SequenceFlow has {attribute} '{id}' which cannot be resolved"));
            }
        }
        None
    }

    fn check_scopes(&mut self, node: Node<'d>, source: ElementIndex, target: ElementIndex) {
        let [source, target] = [source, target].map(|index| &self.elements[index.0 as usize]);
        if source.parent != target.parent {
            let [outer, inner] = [source, target].map(|end| &self.elements[end.parent.0 as usize].id);
            let message = format!(
                "SequenceFlow must not cross the border of a sub-process: '{}' is in '{outer}', '{}' is in '{inner}'",
                source.id, target.id
            );
            self.findings.add(node, message);
        }
    }

    /// What may leave an element. `nodes` are the XML nodes of the linked sequence flows.
    fn check_outgoing(&mut self, index: ElementIndex, nodes: &[Node<'d>]) {
        let node = self.nodes[index.0 as usize];
        let element = &self.elements[index.0 as usize];
        let outgoing = element.outgoing.clone();
        let has_condition = |flow: &FlowIndex| {
            bpmn_children(nodes[flow.0 as usize]).any(|child| local(child) == "conditionExpression")
        };
        let flags = element.kind.row().flags;
        if flags.has(Flags::MAY_CONDITION) {
            let default = self.default_flow(node, index);
            // Camunda counts the flows that the gateway itself lists; others are met at run time.
            let has_several =
                bpmn_children(node).filter(|child| local(*child) == "outgoing").nth(1).is_some();
            for flow in outgoing.iter().filter(|flow| has_several && Some(**flow) != default) {
                if !has_condition(flow) {
                    self.findings.add(nodes[flow.0 as usize], "Must have a condition or be default flow");
                }
            }
            match &mut self.element_mut(index).kind {
                ElementKind::ExclusiveGateway { default: place } => *place = default,
                ElementKind::InclusiveGateway(gateway) => gateway.default = default,
                _ => {}
            }
            return;
        }
        if flags.has(Flags::IS_END) && !outgoing.is_empty() {
            self.findings.add(node, "End events must not have outgoing sequence flows to other elements.");
        }
        self.check_unreached(index);
        if outgoing.iter().any(has_condition) {
            let message = "Conditional sequence flows are only supported at exclusive or inclusive gateway";
            self.findings.add(node, message);
        }
    }

    /// What no sequence flow may lead to. Camunda looks at the `incoming` children only, and at the first of these alone.
    fn check_unreached(&mut self, index: ElementIndex) {
        let element = &self.elements[index.0 as usize];
        let has_flows = !element.incoming.is_empty() || !element.outgoing.is_empty();
        match element.kind {
            ElementKind::BoundaryEvent(_) if !element.incoming.is_empty() => {
                self.findings.add(self.nodes[index.0 as usize], "Cannot have incoming sequence flows");
            }
            ElementKind::EventSubProcess if has_flows => {
                self.findings
                    .add(self.nodes[index.0 as usize], "An event sub-process must not have sequence flows");
            }
            _ => {}
        }
    }

    /// The default flow of a gateway.
    fn default_flow(&mut self, node: Node<'d>, gateway: ElementIndex) -> Option<FlowIndex> {
        let id = id_in(node, "default")?;
        match self.targets.get(id).copied() {
            Some(Target::SequenceFlow(place)) => match self.linked[place] {
                Some(flow) if self.flows[flow.0 as usize].source == gateway => return Some(flow),
                Some(_) => self.findings.add(node, "Default flow must start at gateway"),
                // It could not be linked, and has a finding of its own.
                None => {}
            },
            Some(Target::Element(_) | Target::Refused) | None => {
                self.findings.add(node, format!("Default flow '{id}' cannot be resolved"));
            }
        }
        None
    }
}
