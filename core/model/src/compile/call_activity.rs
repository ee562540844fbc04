//! Call activities: `zeebe:calledElement`.

use super::Compiler;
use crate::process::{CallActivity, ElementKind, Text};
use crate::xml::{Node, attr, extensions_named};

impl<'d> Compiler<'d, '_> {
    pub(super) fn call_activity(&mut self, node: Node<'d>) -> ElementKind {
        let mut call = CallActivity::to(Text::Static(Box::default()));
        let mut extensions = extensions_named(node, "calledElement");
        let (Some(called), None) = (extensions.next(), extensions.next()) else {
            self.findings.add(node, "Must have exactly one 'zeebe:calledElement' extension element");
            return ElementKind::CallActivity(call);
        };
        if let Some(process_id) = self.text(called, attr(called, "processId")) {
            call.process_id = process_id;
        }
        if let Some(binding) = self.binding(called) {
            call.binding = binding;
        }
        call.propagates_all_down = is_set(called, "propagateAllParentVariables");
        call.propagates_all_up = is_set(called, "propagateAllChildVariables");
        ElementKind::CallActivity(call)
    }
}

/// An attribute that is true where it is missing. As in Camunda, everything but `true` is false.
fn is_set(node: Node<'_>, name: &str) -> bool {
    attr(node, name).is_none_or(|value| value.eq_ignore_ascii_case("true"))
}
