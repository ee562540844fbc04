//! What the elements of definitions are called: learned from the log as definitions go by, asked for otherwise.

use crate::feed::{Definition, Feed};
use ringbolt_model::{Element, Limits};
use ringbolt_record::json::{DefinitionNames, Names, definition_of};
use ringbolt_record::values::ProcessRecord;
use ringbolt_record::{EntryRef, Intent, Key, ProcessIntent, RecordRef};
use std::collections::BTreeMap;

/// Definitions that are remembered from one batch to the next.
const DEFINITIONS_MAX: usize = 256;

/// Names by definition.
#[derive(Debug, Default)]
pub(crate) struct NameCache {
    known: BTreeMap<Key, DefinitionNames>,
}

/// A task's custom headers as JSON.
fn headers_of(element: &Element) -> Box<str> {
    element.headers_json().unwrap_or_default().into()
}

/// The names in a model; a model that cannot be read any more has none but its id.
fn names_of(definition: &Definition) -> DefinitionNames {
    let mut names = DefinitionNames {
        bpmn_process_id: definition.bpmn_process_id.clone(),
        version: definition.version,
        ..DefinitionNames::default()
    };
    let parsed = ringbolt_model::parse(&definition.resource_name, &definition.resource, &Limits::default());
    let processes = parsed.map(|resource| resource.processes).unwrap_or_default();
    let process = processes.iter().find(|process| process.bpmn_process_id == definition.bpmn_process_id);
    if let Some(process) = process {
        names.element_ids = process.elements().iter().map(|element| element.id.clone()).collect();
        names.flow_ids = process.flows().iter().map(|flow| flow.id.clone()).collect();
        names.parents = process.elements().iter().map(|element| element.parent.0).collect();
        names.headers = process.elements().iter().map(headers_of).collect();
    }
    names
}

impl NameCache {
    /// Forgets, between two batches, what became too much.
    pub(crate) fn trim(&mut self) {
        if self.known.len() > DEFINITIONS_MAX {
            self.known.clear();
        }
    }

    /// Makes sure of the names that an entry's records need. False while an answer is missing.
    pub(crate) fn learn(&mut self, entry: &EntryRef<'_>, feed: &dyn Feed) -> bool {
        let mut is_complete = true;
        for record in entry.records().map_while(Result::ok) {
            self.learn_definition(&record);
            let Ok(Some(key)) = definition_of(&record) else { continue };
            if self.known.contains_key(&key) {
                continue;
            }
            match feed.definition(key) {
                Some(Some(definition)) => drop(self.known.insert(key, names_of(&definition))),
                Some(None) => drop(self.known.insert(key, DefinitionNames::default())),
                None => is_complete = false,
            }
        }
        is_complete
    }

    /// A definition in the log says its names itself.
    pub(crate) fn learn_definition(&mut self, record: &RecordRef<'_>) {
        if record.header.intent != Intent::Process(ProcessIntent::Created) {
            return;
        }
        let Ok(value) = record.value::<ProcessRecord<'_>>() else { return };
        let definition = Definition {
            bpmn_process_id: value.bpmn_process_id.to_string(),
            version: value.version.to_native(),
            resource_name: value.resource_name.to_string(),
            resource: value.resource.to_vec(),
        };
        self.known.insert(record.header.key, names_of(&definition));
    }
}

impl Names for NameCache {
    fn definition(&self, key: Key) -> Option<&DefinitionNames> {
        self.known.get(&key).filter(|names| !names.bpmn_process_id.is_empty())
    }
}

/// Names that are learned from definitions in a log, or from who has them, for what reads a log beside exporters.
#[derive(Debug, Default)]
pub struct LearnedNames(NameCache);

impl LearnedNames {
    /// Takes note of a definition.
    pub fn learn_definition(&mut self, key: Key, definition: &Definition) {
        self.0.known.insert(key, names_of(definition));
    }

    /// Takes note of a record.
    pub fn learn(&mut self, record: &RecordRef<'_>) {
        self.0.learn_definition(record);
    }
}

impl Names for LearnedNames {
    fn definition(&self, key: Key) -> Option<&DefinitionNames> {
        self.0.definition(key)
    }
}
