//! Helpers over the tree: BPMN's namespaces, children, extension elements, and the identity of an element.
//!
//! An attribute with an empty value counts as missing, as it does for the Camunda model API.

pub(crate) use ringbolt_xml::{Findings, Node, attr, clip, id_in, local, text_content};

/// The namespace of BPMN 2.0 elements.
pub(crate) const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// The namespace of the diagram elements, whose ids share the document with those of [`BPMN`].
pub(crate) const BPMN_DIAGRAM: &str = "http://www.omg.org/spec/BPMN/20100524/DI";
/// The namespace of Zeebe's extension elements.
pub(crate) const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";

/// Whether `node` is a BPMN element.
pub(crate) fn is_bpmn(node: Node<'_>) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(BPMN)
}

/// The child elements in the BPMN namespace.
pub(crate) fn bpmn_children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.children().filter(|child| is_bpmn(*child))
}

/// The child elements `name` in Zeebe's namespace.
pub(crate) fn zeebe_children<'d>(node: Node<'d>, name: &str) -> impl Iterator<Item = Node<'d>> {
    node.children().filter(move |child| child.tag_name().namespace() == Some(ZEEBE) && local(*child) == name)
}

/// Zeebe's extension elements of `node`, in document order.
fn extensions(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    bpmn_children(node)
        .filter(|child| local(*child) == "extensionElements")
        .flat_map(|holder| holder.children())
        .filter(|child| child.is_element() && child.tag_name().namespace() == Some(ZEEBE))
}

/// Zeebe's extension elements `name` of `node`.
pub(crate) fn extensions_named<'d>(node: Node<'d>, name: &str) -> impl Iterator<Item = Node<'d>> {
    extensions(node).filter(move |extension| local(*extension) == name)
}

/// The id by which a violation names `node`.
pub(crate) fn identity(node: Node<'_>) -> Option<&str> {
    if is_bpmn(node) && local(node) != "definitions" { id_in(node, "id") } else { None }
}
