//! What is wrong with a document, and how a deployment's rejection says it.
//!
//! The layout of the text is an interface: clients search it. Positions are only written where no element can be
//! named; they are part of every violation for callers that can show them.

use std::fmt::Write as _;

/// What a deployment's rejection reason starts with; the texts of the resources follow, each after a line break.
pub const DEPLOYMENT_REJECTION_PREFIX: &str =
    "Expected to deploy new resources, but encountered the following errors:";

/// How many bytes the text of one resource may have, before the count of what was left out. A gRPC client in Java
/// accepts 8 KiB of headers by default, and the text travels in one.
pub const REPORT_BYTES_MAX: usize = 4 * 1024;

/// How much of one text from the document goes into a violation, in bytes.
const CLIPPED_BYTES_MAX: usize = 1_000;

/// How many violations of one resource are kept; later ones only add to the count.
pub(crate) const VIOLATIONS_MAX: usize = 500;

/// A place in the document: both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// What a violation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The document cannot be read, or is past a limit.
    Document,
    /// An element; written as the path from the closest element with an id.
    Element {
        /// For example `task_1 > extensionElements > taskDefinition`.
        path: String,
    },
    /// A process as a whole.
    Process,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The closest element with an id, or the process; empty if there is none.
    pub element_id: String,
    /// What it is about.
    pub subject: Subject,
    /// Where it is; `None` if the document could not be read as text.
    pub position: Option<Position>,
    /// What is wrong, without line breaks of its own.
    pub message: String,
}

/// The start of a text from the document, so that a report stays small whatever the document holds.
pub fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(CLIPPED_BYTES_MAX)]
}

/// The rejection reason of a deployment: every resource that has violations, in the order of the deployment.
pub fn format_rejection(resources: &[(&str, &[Violation])]) -> String {
    let mut text = String::from(DEPLOYMENT_REJECTION_PREFIX);
    for (resource_name, violations) in resources {
        text.push('\n');
        text.push_str(&format_violations(resource_name, violations));
    }
    text
}

/// The text of one resource, without [`DEPLOYMENT_REJECTION_PREFIX`]. At most [`REPORT_BYTES_MAX`] bytes and a line
/// that counts what was left out; the first violation is always there.
pub fn format_violations(resource_name: &str, violations: &[Violation]) -> String {
    let resource_name = clip(resource_name);
    let mut text = String::new();
    let mut last: Option<&Violation> = None;
    for (number, violation) in violations.iter().enumerate() {
        let part = format_one(resource_name, last, violation);
        if number > 0 && text.len() + part.len() > REPORT_BYTES_MAX {
            let _ = write!(text, "and {} more errors", violations.len() - number);
            break;
        }
        text.push_str(&part);
        last = Some(violation);
    }
    text
}

/// One violation, with the head line of its element unless the one before it is about the same place.
fn format_one(resource_name: &str, last: Option<&Violation>, violation: &Violation) -> String {
    let same = |a: &Violation| a.subject == violation.subject && a.position == violation.position;
    let mut text = String::new();
    match &violation.subject {
        Subject::Document => {
            let _ = write!(text, "'{resource_name}': {}", violation.message);
            if let Some(Position { line, column }) = violation.position {
                let _ = write!(text, " (line {line}, column {column})");
            }
            text.push('\n');
            return text;
        }
        Subject::Element { path } if !last.is_some_and(same) => {
            if last.is_none() {
                let _ = write!(text, "'{resource_name}': ");
            }
            let _ = writeln!(text, "- Element: {path}");
        }
        Subject::Process if !last.is_some_and(same) => {
            let _ = writeln!(text, "`{resource_name}`: - Process: {}", violation.element_id);
        }
        Subject::Element { .. } | Subject::Process => {}
    }
    let _ = writeln!(text, "    - ERROR: {}", violation.message);
    text
}
