//! What process definitions call their parts, and the rows of what they say.

use crate::codes::{ELEMENT_TYPES, PROCESS_DEFINITION_STATES, code_of};
use crate::rows::{Name, ProcessDefinition, Text};
use ringbolt_exporters::Definition;
use ringbolt_model::{Element, Limits, Process, Property};
use ringbolt_record::{BpmnElementType, Key};
use rustc_hash::FxHashMap;

/// Definitions whose names are remembered.
const DEFINITIONS_MAX: usize = 512;

/// What a definition calls its elements and flows, by index.
#[derive(Debug, Default)]
pub(crate) struct Names {
    elements: Vec<Name>,
    element_types: Vec<BpmnElementType>,
    flows: Vec<Name>,
}

/// Names of definitions.
#[derive(Debug, Default)]
pub(crate) struct KnownNames(FxHashMap<Key, Names>);

/// An element's row.
#[derive(Debug)]
pub(crate) struct ElementRow {
    pub(crate) id: Box<str>,
    /// Code of its kind; of a repeated activity that of the activity.
    pub(crate) element_type: Option<u8>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) custom_headers: Option<Box<str>>,
    pub(crate) properties: Option<String>,
}

/// A definition with the rows of its elements.
#[derive(Debug)]
pub(crate) struct DefinitionRows {
    pub(crate) row: ProcessDefinition,
    pub(crate) elements: Vec<ElementRow>,
    pub(crate) xml: Box<[u8]>,
}

/// A name by its index; the index where the definition is not known, so that it is seen and still told apart.
fn name_at(names: &[Name], index: u32) -> Name {
    names.get(index as usize).cloned().unwrap_or_else(|| index.to_string().as_str().into())
}

impl Names {
    pub(crate) fn element(&self, index: u32) -> Name {
        name_at(&self.elements, index)
    }

    /// What an element is; none where the definition is not known.
    pub(crate) fn element_type(&self, index: u32) -> Option<BpmnElementType> {
        self.element_types.get(index as usize).copied()
    }

    pub(crate) fn flow(&self, index: u32) -> Name {
        name_at(&self.flows, index)
    }
}

impl KnownNames {
    pub(crate) fn get(&self, definition: Key) -> Option<&Names> {
        self.0.get(&definition)
    }

    /// Remembers a definition's names; without it, that there are none to be had.
    pub(crate) fn learn(&mut self, key: Key, definition: Option<&Definition>) {
        if self.0.len() >= DEFINITIONS_MAX {
            self.0.clear();
        }
        let names = definition.and_then(process_of).map(|process| Names {
            elements: process.elements().iter().map(|element| (*element.id).into()).collect(),
            element_types: process.elements().iter().map(|element| element.element_type).collect(),
            flows: process.flows().iter().map(|flow| (*flow.id).into()).collect(),
        });
        self.0.insert(key, names.unwrap_or_default());
    }
}

/// The process of a definition; none when its model cannot be read any more.
fn process_of(definition: &Definition) -> Option<Process> {
    let parsed =
        ringbolt_model::parse(&definition.resource_name, &definition.resource, &Limits::default()).ok()?;
    let is_it = |process: &Process| process.bpmn_process_id == definition.bpmn_process_id;
    parsed.processes.into_iter().find(is_it)
}

fn properties_json(properties: &[Property]) -> Option<String> {
    let members = properties.iter().map(|property| {
        let (name, value) = (&*property.name, &*property.value);
        (name.to_owned(), serde_json::Value::String(value.to_owned()))
    });
    let object: serde_json::Map<_, _> = members.collect();
    (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string())
}

/// The rows of a definition. The first of two elements with one id counts, which is the body of a repeated activity; what only
/// the activity in it says is taken from there.
pub(crate) fn definition_rows(
    key: Key,
    definition: &Definition,
    deployment: Key,
    version_tag: &str,
    tenant_id: Option<Name>,
) -> DefinitionRows {
    let process = process_of(definition);
    let mut elements: Vec<ElementRow> = Vec::new();
    for element in process.iter().flat_map(|process| process.elements()) {
        let headers = |element: &Element| element.headers_json().filter(|json| *json != "{}").map(Into::into);
        let row = ElementRow {
            id: element.id.clone(),
            element_type: code_of(&ELEMENT_TYPES, element.element_type.name()),
            name: element.name.clone(),
            custom_headers: headers(element),
            properties: properties_json(&element.properties),
        };
        match elements.last_mut().filter(|last| last.id == row.id) {
            Some(body) => {
                body.element_type = row.element_type;
                body.name = body.name.take().or(row.name);
                body.custom_headers = body.custom_headers.take().or(row.custom_headers);
                body.properties = body.properties.take().or(row.properties);
            }
            None => elements.push(row),
        }
    }
    let start_form_id: Option<Text> =
        process.as_ref().and_then(|process| process.start_form()).map(Into::into);
    let row = ProcessDefinition {
        tenant_id,
        process_definition_key: key.to_wire(),
        process_definition_id: definition.bpmn_process_id.as_str().into(),
        name: process.and_then(|process| process.name).map(Into::into),
        version: definition.version,
        version_tag: (!version_tag.is_empty()).then(|| version_tag.into()),
        resource_name: definition.resource_name.as_str().into(),
        has_start_form: start_form_id.is_some(),
        start_form_id,
        state: code_of(&PROCESS_DEFINITION_STATES, "ACTIVE").expect("it is in the list"),
        deployment_key: deployment.is_some().then(|| deployment.to_wire()),
    };
    DefinitionRows { row, elements, xml: definition.resource.as_slice().into() }
}
