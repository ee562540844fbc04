//! Helpers over the tree: namespaces, attributes, children, the path of an element, and the list of findings.
//!
//! An attribute with an empty value counts as missing, as it does for the Camunda model API.

use crate::violation::{Position, Subject, VIOLATIONS_MAX, Violation};

/// The namespace of BPMN 2.0 elements.
pub(crate) const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// The namespace of the diagram elements, whose ids share the document with those of [`BPMN`].
pub(crate) const BPMN_DIAGRAM: &str = "http://www.omg.org/spec/BPMN/20100524/DI";
/// The namespace of Zeebe's extension elements.
pub(crate) const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";

/// How much of one text from the document goes into a violation, in bytes.
const CLIPPED_BYTES_MAX: usize = 1_000;

/// An XML node.
pub(crate) type Node<'d> = roxmltree::Node<'d, 'd>;

/// The local name.
pub(crate) fn local(node: Node<'_>) -> &str {
    node.tag_name().name()
}

/// The value of an attribute without a namespace, unless it is empty.
pub(crate) fn attr<'d>(node: Node<'d>, name: &str) -> Option<&'d str> {
    node.attribute(name).filter(|value| !value.is_empty())
}

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
pub(crate) fn extensions(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    bpmn_children(node)
        .filter(|child| local(*child) == "extensionElements")
        .flat_map(|holder| holder.children())
        .filter(|child| child.is_element() && child.tag_name().namespace() == Some(ZEEBE))
}

/// Zeebe's extension elements `name` of `node`.
pub(crate) fn extensions_named<'d>(node: Node<'d>, name: &str) -> impl Iterator<Item = Node<'d>> {
    extensions(node).filter(move |extension| local(*extension) == name)
}

/// The text in `node`, without white space around it.
pub(crate) fn text_content(node: Node<'_>) -> String {
    let parts: String =
        node.descendants().filter(|part| part.is_text()).filter_map(|part| part.text()).collect();
    parts.trim().to_owned()
}

/// The id by which a violation names `node`.
fn identity(node: Node<'_>) -> Option<&str> {
    if is_bpmn(node) && local(node) != "definitions" { attr(node, "id") } else { None }
}

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    left_out: usize,
}

struct Finding {
    at: usize,
    element_id: String,
    subject: Subject,
    message: String,
}

impl Findings {
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Something is wrong with `node`.
    pub(crate) fn add(&mut self, node: Node<'_>, message: impl Into<String>) {
        if self.found.len() >= VIOLATIONS_MAX {
            self.left_out += 1;
            return;
        }
        let mut path = Vec::new();
        let mut element_id = "";
        for step in node.ancestors().filter(|step| step.is_element()) {
            if let Some(id) = identity(step) {
                element_id = id;
                path.push(id);
                break;
            }
            path.push(local(step));
        }
        path.reverse();
        let path = path.iter().map(|step| clip(step)).collect::<Vec<_>>().join(" > ");
        let subject = Subject::Element { path: clip(&path).to_owned() };
        self.push(node.range().start, clip(element_id).to_owned(), subject, message.into());
    }

    /// Something is wrong with a process as a whole.
    pub(crate) fn add_process(&mut self, node: Node<'_>, process_id: &str, message: String) {
        self.push(node.range().start, process_id.to_owned(), Subject::Process, message);
    }

    fn push(&mut self, at: usize, element_id: String, subject: Subject, message: String) {
        let message = clip(&message).to_owned();
        self.found.push(Finding { at, element_id, subject, message });
    }

    /// In document order, with positions in `text`.
    pub(crate) fn into_violations(mut self, text: &str) -> Vec<Violation> {
        self.found.sort_by_key(|finding| finding.at);
        let mut positions = Positions::new(text);
        let mut violations = Vec::with_capacity(self.found.len() + 1);
        for Finding { at, element_id, subject, message } in self.found {
            violations.push(Violation { element_id, subject, position: Some(positions.at(at)), message });
        }
        if self.left_out > 0 {
            violations
                .push(document_violation(None, format!("{} more errors are not listed", self.left_out)));
        }
        violations
    }
}

/// The start of a text from the document, so that a report stays small whatever the document holds.
pub(crate) fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(CLIPPED_BYTES_MAX)]
}

/// A violation of the document as a whole.
pub(crate) fn document_violation(position: Option<Position>, message: String) -> Violation {
    Violation { element_id: String::new(), subject: Subject::Document, position, message }
}

/// Byte offsets -> positions, in one pass over the text as long as offsets grow.
pub(crate) struct Positions<'d> {
    text: &'d str,
    at: usize,
    position: Position,
}

impl<'d> Positions<'d> {
    pub(crate) fn new(text: &'d str) -> Self {
        Self { text, at: 0, position: Position { line: 1, column: 1 } }
    }

    /// The position of byte `at`, which must not be less than the one asked for before.
    pub(crate) fn at(&mut self, at: usize) -> Position {
        for character in self.text[self.at..at].chars() {
            if character == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else {
                self.position.column += 1;
            }
        }
        self.at = at;
        self.position
    }
}
