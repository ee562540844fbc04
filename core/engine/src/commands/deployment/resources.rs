//! From the resources of a deployment to what they hold, or to one rejection with everything that is wrong with them.

use super::decisions::FoundModel;
use super::processes::{Bound, BoundKind, FoundProcess};
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_model::{DEPLOYMENT_REJECTION_PREFIX, REPORT_BYTES_MAX, Violation, format_violations};
use ringbolt_record::Key;
use ringbolt_record::command::{CreateDeployment, Resource};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Write;

/// Endings of resources that hold BPMN.
const BPMN_ENDINGS: [&str; 2] = [".bpmn", ".xml"];
/// Ending of resources that hold DMN.
const DMN_ENDING: &str = ".dmn";
/// Ending of resources that hold a form.
const FORM_ENDING: &str = ".form";

/// Of what is said beside violations this many bytes go into the rejection: names come from outside.
const LINE_BYTES_MAX: usize = 2_000;

/// Something to deploy.
pub(super) enum Found<'a> {
    Process(FoundProcess<'a>),
    Model(FoundModel<'a>),
}

impl<'a> Found<'a> {
    fn process(&self) -> Option<&FoundProcess<'a>> {
        if let Self::Process(process) = self { Some(process) } else { None }
    }

    pub(super) fn is_duplicate(&self) -> bool {
        match self {
            Self::Process(process) => process.is_duplicate,
            Self::Model(model) => model.is_duplicate,
        }
    }

    pub(super) fn key(&self) -> Key {
        match self {
            Self::Process(process) => process.key,
            Self::Model(model) => model.key,
        }
    }
}

/// What is wrong, as one text whose size is bounded as the text of one resource is: clients read it from a header.
#[derive(Default)]
struct Errors {
    text: String,
    left_out: usize,
}

impl Errors {
    fn add(&mut self, resource_name: &str, violations: &[Violation]) {
        if self.text.len() > REPORT_BYTES_MAX {
            self.left_out += 1;
            return;
        }
        let _ = write!(self.text, "\n{}", format_violations(resource_name, violations));
    }

    fn line(&mut self, line: &str) {
        if self.text.len() > REPORT_BYTES_MAX {
            self.left_out += 1;
            return;
        }
        let _ = write!(self.text, "\n{}", &line[..line.floor_char_boundary(LINE_BYTES_MAX)]);
    }
}

/// Reads all resources, in their order.
pub(super) fn read<'a>(p: &Processing<'_>, create: &'a CreateDeployment) -> Result<Vec<Found<'a>>, Refusal> {
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut errors = Errors::default();
    for resource in &create.resources {
        if BPMN_ENDINGS.iter().any(|ending| resource.name.ends_with(ending)) {
            match ringbolt_model::parse(&resource.name, &resource.content, &p.settings.model_limits) {
                Err(violations) => errors.add(&resource.name, &violations),
                Ok(parsed) => {
                    for process in parsed.processes {
                        let mut process = FoundProcess::new(resource, process);
                        match process.read_starts(p) {
                            Ok(()) => found.push(Found::Process(process)),
                            Err(violations) => errors.add(&resource.name, &violations),
                        }
                    }
                }
            }
        } else if resource.name.ends_with(DMN_ENDING) {
            match ringbolt_dmn::parse(&resource.name, &resource.content, &p.settings.decision_limits) {
                Err(violations) => errors.add(&resource.name, &violations),
                Ok(requirements) => {
                    let model = FoundModel::new(resource, requirements);
                    let error = models(&found).find_map(|other| model.shares_id_with(other));
                    match error {
                        Some(error) => errors.line(&error),
                        None => found.push(Found::Model(model)),
                    }
                }
            }
        } else if resource.name.ends_with(FORM_ENDING) {
            errors.line(&format!("'{}': forms are not supported yet", resource.name));
        } else {
            errors.line(&format!("\n'{}': unknown resource type", resource.name));
        }
    }
    for (one, two) in repeated_processes(&found) {
        errors.line(&format!("Duplicated process id in resources '{}' and '{}'", one.name, two.name));
    }
    if errors.text.is_empty() {
        check_bindings(&found, &mut errors);
    }
    if errors.left_out > 0 {
        let _ = write!(errors.text, "\nand {} more errors", errors.left_out);
    }
    if errors.text.is_empty() {
        return Ok(found);
    }
    Err(invalid_argument(format!("{DEPLOYMENT_REJECTION_PREFIX}{}", errors.text)))
}

fn models<'f, 'a>(found: &'f [Found<'a>]) -> impl Iterator<Item = &'f FoundModel<'a>> {
    found.iter().filter_map(|found| match found {
        Found::Model(model) => Some(model),
        Found::Process(_) => None,
    })
}

/// An element that is bound to a decision or process of its own deployment must find it there.
fn check_bindings(found: &[Found<'_>], errors: &mut Errors) {
    let decisions: FxHashSet<&str> = models(found).flat_map(FoundModel::decision_ids).collect();
    let processes: FxHashSet<&str> = found.iter().filter_map(Found::process).map(FoundProcess::id).collect();
    for process in found.iter().filter_map(Found::process) {
        let missing: Vec<String> = process
            .bound()
            .filter_map(|Bound { element_id, id, kind }| {
                let (there, extension, what) = match kind {
                    BoundKind::Decision => (&decisions, "calledDecision", "decision"),
                    BoundKind::Process => (&processes, "calledElement", "process"),
                };
                let line = || {
                    format!(
                        "- Element: {element_id} > extensionElements > {extension}\n    - ERROR: Expected to find {what} \
                         with id '{id}' in current deployment, but not found.\n"
                    )
                };
                (!there.contains(id)).then(line)
            })
            .collect();
        if !missing.is_empty() {
            errors.line(&format!("'{}':\n{}", process.resource.name, missing.concat()));
        }
    }
}

/// Processes whose id came before, each with the resources of the first and of itself.
fn repeated_processes<'a>(found: &[Found<'a>]) -> Vec<(&'a Resource, &'a Resource)> {
    let mut first: FxHashMap<&str, &'a Resource> = FxHashMap::default();
    let mut repeated = Vec::new();
    for found in found {
        let Found::Process(process) = found else { continue };
        match first.get(process.id()) {
            Some(resource) => repeated.push((*resource, process.resource)),
            None => drop(first.insert(process.id(), process.resource)),
        }
    }
    repeated
}
