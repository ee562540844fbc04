//! The entry: bytes of a resource -> its executable processes, or everything that is wrong with them.

use roxmltree::{Document, ParsingOptions};

use crate::compile::{compile, is_valid_id};
use crate::decode::decode;
use crate::limits::Limits;
use crate::loops::find_loop;
use crate::process::Process;
use crate::scan::scan;
use crate::violation::{Position, Violation};
use crate::xml::{
    BPMN, BPMN_DIAGRAM, Findings, Node, Positions, bpmn_children, document_violation, is_bpmn, local,
};

/// What a BPMN resource holds.
#[derive(Clone, Debug)]
pub struct ParsedResource {
    /// The executable processes, in document order; at least one.
    pub processes: Vec<Process>,
}

/// Reads, checks and compiles one BPMN resource.
///
/// On an error the list holds every violation that was found, in document order, and is not empty. Unreadable XML is
/// a single violation, since nothing after it can be judged. The resource's name only has to keep its length limit.
pub fn parse(resource_name: &str, xml: &[u8], limits: &Limits) -> Result<ParsedResource, Vec<Violation>> {
    if resource_name.len() > limits.name_bytes_max {
        return refuse(None, format!("The resource name is longer than {} bytes", limits.name_bytes_max));
    }
    if xml.len() > limits.document_bytes_max {
        return refuse(None, format!("The document is larger than {} bytes", limits.document_bytes_max));
    }
    let text = match decode(xml) {
        Ok(text) => text,
        Err(message) => return refuse(None, message),
    };
    let text: &str = &text;
    if let Err(refusal) = scan(text, limits) {
        return refuse(Some(Positions::new(text).at(refusal.at)), refusal.message);
    }
    let nodes_limit = u32::try_from(limits.nodes_max).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: false, nodes_limit, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let position = Position { line: error.pos().row, column: error.pos().col };
            return refuse(Some(position), describe(&error));
        }
    };
    let mut findings = Findings::default();
    let processes = read(document.root_element(), limits, &mut findings);
    if findings.is_empty() { Ok(ParsedResource { processes }) } else { Err(findings.into_violations(text)) }
}

fn refuse<T>(position: Option<Position>, message: String) -> Result<T, Vec<Violation>> {
    Err(vec![document_violation(position, message)])
}

/// The parser's message without the position, which a violation has of its own.
fn describe(error: &roxmltree::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at ").map_or(&*message, |(message, _)| message);
    format!("The document is not well-formed XML: {message}")
}

/// Compiles every executable process under the root element.
fn read(root: Node<'_>, limits: &Limits, findings: &mut Findings) -> Vec<Process> {
    if !is_bpmn(root) || local(root) != "definitions" {
        let message = format!("The root element must be 'definitions' in the namespace {BPMN}");
        findings.add(root, message);
        return Vec::new();
    }
    check_ids(root, limits, findings);
    let executable: Vec<Node<'_>> = bpmn_children(root)
        .filter(|node| local(*node) == "process" && is_executable(*node, findings))
        .collect();
    if executable.is_empty() {
        findings.add(root, "Must contain at least one executable process");
    }
    let mut processes = Vec::with_capacity(executable.len());
    for node in &executable {
        processes.extend(compile(*node, limits, findings));
    }
    // Only a process that is sound is worth searching, and all of them are if nothing was found.
    if findings.is_empty() {
        for (process, node) in processes.iter().zip(executable) {
            if let Some(path) = find_loop(process) {
                let path: Vec<&str> = path.iter().map(|index| &*process.element(*index).id).collect();
                let message = format!(
                    "Processes are not allowed to contain a straight-through processing loop: {}",
                    path.join(" > ")
                );
                findings.add_process(node, &process.bpmn_process_id, message);
            }
        }
    }
    processes
}

/// Camunda only takes the literal `true`; the schema also allows `1`, which then means not executable.
fn is_executable(process: Node<'_>, findings: &mut Findings) -> bool {
    match process.attribute("isExecutable").map(str::trim) {
        Some("true") => true,
        None | Some("false" | "0" | "1") => false,
        Some(other) => {
            findings.add(process, format!("'{other}' is not a valid value of the attribute 'isExecutable'"));
            false
        }
    }
}

/// Ids are valid names, unique in the document, and short enough to be part of a key.
fn check_ids(root: Node<'_>, limits: &Limits, findings: &mut Findings) {
    let mut ids: Vec<(&str, Node<'_>)> = Vec::new();
    for node in root.descendants().filter(|node| node.is_element()) {
        if !matches!(node.tag_name().namespace(), Some(BPMN | BPMN_DIAGRAM)) {
            continue;
        }
        let Some(id) = node.attribute("id") else { continue };
        if !is_valid_id(id) {
            findings.add(node, format!("'{id}' is not a valid id: it must be an XML name without a colon"));
        } else if id.len() > limits.id_bytes_max {
            let max = limits.id_bytes_max;
            findings.add(
                node,
                format!("IDs must not be longer than the configured max-id-length of {max} bytes."),
            );
        }
        ids.push((id, node));
    }
    // The sort is stable, so the first of several equal ids is the first in the document.
    ids.sort_by_key(|(id, _)| *id);
    for pair in ids.windows(2) {
        if pair[0].0 == pair[1].0 {
            findings.add(pair[1].1, format!("The id '{}' is used more than once", pair[1].0));
        }
    }
}
