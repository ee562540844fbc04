//! What can still come to an inclusive gateway: the elements before each of its incoming sequence flows.

use std::collections::BTreeMap;

use super::Compiler;
use crate::paths::Paths;
use crate::process::ElementKind;
use ringbolt_record::ElementIndex;

/// Elements that the inclusive gateways of a process may have before their incoming flows together, counting those that
/// are not: a process of 1,000 elements may have 4,000 such flows.
const PLACES_MAX: usize = 4 << 20;

impl Compiler<'_, '_> {
    /// Notes what is before inclusive gateways, now that all flows, attached events and jumps are known.
    pub(super) fn inclusive_gateways(&mut self) {
        let mut places = 0;
        let mut jumps: BTreeMap<ElementIndex, Vec<ElementIndex>> = BTreeMap::new();
        for (number, element) in self.elements.iter().enumerate() {
            if let Some(target) = element.event().and_then(|event| event.link()?.target) {
                jumps.entry(target).or_default().push(ElementIndex(number as u32));
            }
        }
        for number in 0..self.elements.len() {
            let element = &self.elements[number];
            if element.inclusive().is_none() || element.incoming.len() < 2 {
                continue;
            }
            places += element.incoming.len() * self.elements.len();
            if places > PLACES_MAX {
                let message =
                    "The inclusive gateways of a process must not have so many incoming sequence flows";
                return self.findings.add(self.nodes[number], message);
            }
            let gateway = ElementIndex(number as u32);
            let mut paths = Paths::none_of(self.elements.len(), element.incoming.len());
            for place in 0..element.incoming.len() {
                self.add_paths(&mut paths, gateway, place, &jumps);
            }
            if let ElementKind::InclusiveGateway(gateway) = &mut self.elements[number].kind {
                gateway.paths = paths;
            }
        }
    }

    /// Adds the elements from which a path leads to an incoming flow of a gateway, but for the gateway and what leads there by it alone.
    fn add_paths(
        &self,
        paths: &mut Paths,
        gateway: ElementIndex,
        place: usize,
        jumps: &BTreeMap<ElementIndex, Vec<ElementIndex>>,
    ) {
        let flow = self.elements[gateway.0 as usize].incoming[place];
        let mut open = vec![self.flows[flow.0 as usize].source];
        while let Some(index) = open.pop() {
            if index == gateway || !paths.insert(index, place) {
                continue;
            }
            let element = &self.elements[index.0 as usize];
            open.extend(element.incoming.iter().map(|flow| self.flows[flow.0 as usize].source));
            open.extend(jumps.get(&index).into_iter().flatten());
            if let ElementKind::BoundaryEvent(event) = &element.kind {
                open.push(event.attached_to);
            }
        }
    }
}
