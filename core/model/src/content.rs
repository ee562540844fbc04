//! Text where BPMN's schema has none: between the elements of what only holds elements.
//!
//! The schema's validator refuses it, so Camunda's engine does. Text in what is not looked at otherwise is let be.

use crate::xml::{Findings, Node, clip, is_bpmn, local};

/// Elements that hold elements alone, by rising name.
const ELEMENTS_ALONE: [&str; 50] = [
    "adHocSubProcess",
    "association",
    "boundaryEvent",
    "businessRuleTask",
    "callActivity",
    "cancelEventDefinition",
    "collaboration",
    "compensateEventDefinition",
    "complexGateway",
    "conditionalEventDefinition",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "definitions",
    "endEvent",
    "error",
    "errorEventDefinition",
    "escalation",
    "escalationEventDefinition",
    "eventBasedGateway",
    "exclusiveGateway",
    "extensionElements",
    "group",
    "inclusiveGateway",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "ioSpecification",
    "lane",
    "laneSet",
    "linkEventDefinition",
    "manualTask",
    "message",
    "messageEventDefinition",
    "messageFlow",
    "multiInstanceLoopCharacteristics",
    "parallelGateway",
    "participant",
    "process",
    "receiveTask",
    "scriptTask",
    "sendTask",
    "sequenceFlow",
    "serviceTask",
    "signal",
    "signalEventDefinition",
    "startEvent",
    "subProcess",
    "task",
    "timerEventDefinition",
    "userTask",
];

/// Finds such text; once for what stands together.
pub(crate) fn check(root: Node<'_>, findings: &mut Findings) {
    let mut last = None;
    for text in root.descendants().filter(|node| node.is_text()) {
        let Some(parent) = text.parent() else { continue };
        let is_blank = text.text().is_none_or(|text| text.trim_ascii().is_empty());
        if is_blank || last == Some(parent) || !is_bpmn(parent) {
            continue;
        }
        if ELEMENTS_ALONE.binary_search(&local(parent)).is_ok() {
            let found = clip(text.text().unwrap_or_default().trim_ascii());
            findings.add(parent, format!("'{}' must not hold text, but holds '{found}'", local(parent)));
            last = Some(parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ELEMENTS_ALONE;

    #[test]
    fn names_are_in_order() {
        assert!(ELEMENTS_ALONE.is_sorted());
    }
}
