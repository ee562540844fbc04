//! From the resources of a deployment to what they hold, or to one rejection with everything that is wrong with them.

use super::decisions::FoundModel;
use super::other_resources::FoundResource;
use super::processes::{Bound, BoundKind, FoundProcess};
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_model::{DEPLOYMENT_REJECTION_PREFIX, REPORT_BYTES_MAX, Violation, format_violations};
use ringbolt_record::Key;
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_tables::ResourceKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Write;

/// Ending of resources that hold BPMN.
const BPMN_ENDING: &str = ".bpmn";
/// Ending of resources that hold BPMN or something else.
const XML_ENDING: &str = ".xml";
/// Ending of resources that hold DMN.
const DMN_ENDING: &str = ".dmn";
/// Ending of resources that hold a form.
const FORM_ENDING: &str = ".form";
/// Ending of resources that hold a script for robots.
const RPA_ENDING: &str = ".rpa";
/// The namespace without which a document is no BPMN.
const BPMN_NAMESPACE: &[u8] = b"http://www.omg.org/spec/BPMN/20100524/MODEL";

/// Of what is said beside violations this many bytes go into the rejection: names come from outside.
const LINE_BYTES_MAX: usize = 2_000;

/// Something to deploy.
pub(super) enum Found<'a> {
    Process(FoundProcess<'a>),
    Model(FoundModel<'a>),
    Resource(FoundResource<'a>),
}

impl<'a> Found<'a> {
    fn process(&self) -> Option<&FoundProcess<'a>> {
        if let Self::Process(process) = self { Some(process) } else { None }
    }

    pub(super) fn is_duplicate(&self) -> bool {
        match self {
            Self::Process(process) => process.is_duplicate,
            Self::Model(model) => model.is_duplicate,
            Self::Resource(resource) => resource.is_duplicate,
        }
    }

    fn resource(&self) -> Option<&FoundResource<'_>> {
        if let Self::Resource(resource) = self { Some(resource) } else { None }
    }

    pub(super) fn key(&self) -> Key {
        match self {
            Self::Process(process) => process.key,
            Self::Model(model) => model.key,
            Self::Resource(resource) => resource.key,
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
        if is_bpmn(resource) {
            match ringbolt_model::parse_new(&resource.name, &resource.content, &p.settings.model_limits) {
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
        } else {
            let resource = read_other(resource, p.settings.model_limits.id_bytes_max);
            let resource = resource.and_then(|resource| {
                let mut others = found.iter().filter_map(Found::resource);
                others.find_map(|other| resource.shares_id_with(other)).map_or(Ok(resource), Err)
            });
            match resource {
                Err(error) => errors.line(&error),
                Ok(resource) => found.push(Found::Resource(resource)),
            }
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
        Found::Process(_) | Found::Resource(_) => None,
    })
}

/// A file with the ending of XML alone is whatever it says it is.
fn is_bpmn(resource: &Resource) -> bool {
    let holds_it = || resource.content.windows(BPMN_NAMESPACE.len()).any(|part| part == BPMN_NAMESPACE);
    resource.name.ends_with(BPMN_ENDING) || resource.name.ends_with(XML_ENDING) && holds_it()
}

/// What is no model: a form or a script says its id itself, any other file is known by its name.
fn read_other(resource: &Resource, id_bytes_max: usize) -> Result<FoundResource<'_>, String> {
    if resource.name.ends_with(FORM_ENDING) {
        FoundResource::read(resource, ResourceKind::Form, id_bytes_max)
    } else if resource.name.ends_with(RPA_ENDING) {
        FoundResource::read(resource, ResourceKind::Other, id_bytes_max)
    } else {
        FoundResource::by_name(resource, id_bytes_max)
    }
}

/// An element that is bound to a decision, form or process of its own deployment must find it there.
fn check_bindings(found: &[Found<'_>], errors: &mut Errors) {
    let decisions: FxHashSet<&str> = models(found).flat_map(FoundModel::decision_ids).collect();
    let processes: FxHashSet<&str> = found.iter().filter_map(Found::process).map(FoundProcess::id).collect();
    let forms = found.iter().filter_map(Found::resource).filter(|found| found.kind == ResourceKind::Form);
    let forms: FxHashSet<&str> = forms.map(|form| form.id.as_str()).collect();
    for process in found.iter().filter_map(Found::process) {
        let missing: Vec<String> = process
            .bound()
            .filter_map(|Bound { element_id, id, kind }| {
                let (there, extension, what) = match kind {
                    BoundKind::Decision => (&decisions, "calledDecision", "decision"),
                    BoundKind::Form => (&forms, "formDefinition", "form"),
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
