//! What stands beside the processes of a document and is referred to by id: errors, escalations, messages, signals.

use crate::xml::{Node, bpmn_children, id_in, local};
use std::collections::BTreeMap;

/// The children of the root element by id.
#[derive(Debug, Default)]
pub(crate) struct Roots<'d>(BTreeMap<&'d str, Node<'d>>);

impl<'d> Roots<'d> {
    /// Reads the children of `definitions`.
    pub(crate) fn of(definitions: Node<'d>) -> Self {
        Self(bpmn_children(definitions).filter_map(|child| Some((id_in(child, "id")?, child))).collect())
    }

    /// What an attribute of `node` refers to, if it is an element `name`. A prefix in front of the id means nothing.
    pub(crate) fn referred(&self, node: Node<'d>, attribute: &str, name: &str) -> Option<Node<'d>> {
        let reference = id_in(node, attribute)?;
        let id = reference.rsplit_once(':').map_or(reference, |(_, id)| id);
        self.0.get(id).copied().filter(|root| local(*root) == name)
    }
}
