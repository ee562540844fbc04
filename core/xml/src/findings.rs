//! What is found wrong while a document is compiled, and the few helpers over the tree that every model shares.
//!
//! An attribute with an empty value counts as missing, as it does for the Camunda model API.

use crate::violation::{Position, Subject, VIOLATIONS_MAX, Violation, clip};

/// An XML node.
pub type Node<'d> = roxmltree::Node<'d, 'd>;

/// The id by which a violation names an element; nothing where the element has none that the model's author knows.
pub type Identity = for<'d> fn(Node<'d>) -> Option<&'d str>;

/// The local name.
pub fn local(node: Node<'_>) -> &str {
    node.tag_name().name()
}

/// The value of an attribute without a namespace, unless it is empty.
pub fn attr<'d>(node: Node<'d>, name: &str) -> Option<&'d str> {
    node.attribute(name).filter(|value| !value.is_empty())
}

/// The id of `node`, or of what an attribute refers to, without white space around it, which means nothing in XML;
/// `None` when nothing is left.
pub fn id_in<'d>(node: Node<'d>, name: &str) -> Option<&'d str> {
    node.attribute(name).map(str::trim_ascii).filter(|id| !id.is_empty())
}

/// The text in `node`, without white space around it.
pub fn text_content(node: Node<'_>) -> String {
    let parts: String =
        node.descendants().filter(|part| part.is_text()).filter_map(|part| part.text()).collect();
    parts.trim().to_owned()
}

/// What was found wrong so far.
pub struct Findings {
    identity: Identity,
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
    /// Nothing yet.
    pub fn new(identity: Identity) -> Self {
        Self { identity, found: Vec::new(), left_out: 0 }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How much was found.
    pub fn count(&self) -> usize {
        self.found.len() + self.left_out
    }

    /// Something is wrong with `node`.
    pub fn add(&mut self, node: Node<'_>, message: impl Into<String>) {
        if self.found.len() >= VIOLATIONS_MAX {
            self.left_out += 1;
            return;
        }
        let mut path = Vec::new();
        let mut element_id = "";
        for step in node.ancestors().filter(|step| step.is_element()) {
            if let Some(id) = (self.identity)(step) {
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
    pub fn add_process(&mut self, node: Node<'_>, process_id: &str, message: String) {
        self.push(node.range().start, clip(process_id).to_owned(), Subject::Process, message);
    }

    fn push(&mut self, at: usize, element_id: String, subject: Subject, message: String) {
        let message = clip(&message).to_owned();
        self.found.push(Finding { at, element_id, subject, message });
    }

    /// In document order, with positions in `text`.
    pub fn into_violations(mut self, text: &str) -> Vec<Violation> {
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

/// A violation of the document as a whole. A reader's message may quote a name of any length: it is clipped.
pub fn document_violation(position: Option<Position>, message: String) -> Violation {
    let message = clip(&message).to_owned();
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
