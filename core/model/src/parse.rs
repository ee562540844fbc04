//! The entry: bytes of a resource -> its executable processes, or everything that is wrong with them.

use ringbolt_xml::{Violation, document_violation, is_valid_id};

use crate::compile::{Catalog, compile};
use crate::content;
use crate::known_names;
use crate::limits::Limits;
use crate::loops::find_loop;
use crate::process::Process;
use crate::repeated;
use crate::roots::Roots;
use crate::xml::{BPMN, BPMN_DIAGRAM, Findings, Node, bpmn_children, identity, is_bpmn, local};

/// What a BPMN resource holds.
#[derive(Clone, Debug)]
pub struct ParsedResource {
    /// The executable processes, in document order; at least one.
    pub processes: Vec<Process>,
}

/// Reads, checks and compiles one BPMN resource, which may have been deployed by an earlier version.
///
/// On an error the list holds every violation that was found, in document order, and is not empty. Unreadable XML is
/// a single violation, since nothing after it can be judged. The resource's name only has to keep its length limit.
pub fn parse(resource_name: &str, xml: &[u8], limits: &Limits) -> Result<ParsedResource, Vec<Violation>> {
    parse_with(resource_name, xml, limits, |_, _| {})
}

/// The same for a resource that is being deployed: also what earlier versions let pass is refused.
///
/// # Errors
/// As [`parse`].
pub fn parse_new(resource_name: &str, xml: &[u8], limits: &Limits) -> Result<ParsedResource, Vec<Violation>> {
    parse_with(resource_name, xml, limits, |root, findings| {
        content::check(root, findings);
        known_names::check(root, limits.known_name_bytes_max, findings);
        repeated::check(root, findings);
    })
}

fn parse_with(
    resource_name: &str,
    xml: &[u8],
    limits: &Limits,
    also: impl FnOnce(Node<'_>, &mut Findings),
) -> Result<ParsedResource, Vec<Violation>> {
    if resource_name.len() > limits.name_bytes_max {
        let message = format!("The resource name is longer than {} bytes", limits.name_bytes_max);
        return Err(vec![document_violation(None, message)]);
    }
    let document_limits = limits.document();
    let text = ringbolt_xml::read(xml, &document_limits).map_err(|violation| vec![violation])?;
    let document = ringbolt_xml::parse(&text, &document_limits).map_err(|violation| vec![violation])?;
    let mut findings = Findings::new(identity);
    let root = document.root_element();
    let processes = read(root, limits, &mut findings);
    also(root, &mut findings);
    if findings.is_empty() { Ok(ParsedResource { processes }) } else { Err(findings.into_violations(&text)) }
}

/// Compiles every executable process under the root element.
fn read<'d>(root: Node<'d>, limits: &'d Limits, findings: &mut Findings) -> Vec<Process> {
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
    let mut catalog = Catalog::default();
    let mut processes = Vec::with_capacity(executable.len());
    let roots = Roots::of(root);
    for node in &executable {
        processes.extend(compile(*node, &roots, limits, &mut catalog, findings));
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
        let Some(id) = node.attribute("id").map(str::trim_ascii) else { continue };
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
