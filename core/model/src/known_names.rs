//! Names of messages and signals that are longer than any request takes: whoever waits for one would wait for ever.
//!
//! What an expression gives is known when it is evaluated, and an incident then.

use crate::xml::{Findings, Node, attr, bpmn_children, local};

/// Finds such names.
pub(crate) fn check(root: Node<'_>, bytes_max: usize, findings: &mut Findings) {
    for node in bpmn_children(root).filter(|node| matches!(local(*node), "message" | "signal")) {
        let name = attr(node, "name").unwrap_or_default();
        if name.len() > bytes_max && !name.starts_with('=') {
            let (what, bytes) = (local(node), name.len());
            let message = format!(
                "The name of a {what} must not be longer than {bytes_max} bytes, but this one has {bytes}."
            );
            findings.add(node, message);
        }
    }
}
