//! Compiled process definitions, and models of decisions, kept by key.
//!
//! Invariant: the cache holds only what the tables hold, so it may be dropped at any time; a definition never changes
//! under its key.

use crate::cache::Cache;
use crate::contract::EngineSettings;
use crate::decision_model::DecisionModel;
use ringbolt_model::{Process, Text};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{ProcessRow, Tables};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the engine wants ready about an element, beside the model's own arena.
#[derive(Debug)]
pub(crate) struct ElementFacts {
    pub(crate) id: Arc<str>,
    /// The job type, when it is no expression.
    pub(crate) job_type: Option<Arc<str>>,
    /// The custom headers as a JSON object.
    pub(crate) headers: Arc<str>,
}

/// A process definition, ready to run.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) key: Key,
    pub(crate) version: i32,
    /// It is there only for the instances that still run.
    pub(crate) is_deleting: bool,
    pub(crate) bpmn_process_id: Arc<str>,
    pub(crate) tenant_id: Arc<str>,
    /// What the jobs of instances without labels share.
    pub(crate) no_tags: Arc<[String]>,
    /// What the jobs of instances without an id of the client's share.
    pub(crate) no_business_id: Arc<str>,
    pub(crate) process: Process,
    facts: Box<[ElementFacts]>,
}

impl Definition {
    fn new(key: Key, row: &ProcessRow<'_>, is_deleting: bool, process: Process) -> Self {
        let no_headers: Arc<str> = "{}".into();
        let facts = process.elements().iter().map(|element| {
            let job_type = element.job().and_then(|task| match &task.job_type {
                Text::Static(text) => Some(Arc::from(&**text)),
                Text::Number { .. } | Text::Expression(_) => None,
            });
            let headers = element.headers_json().map_or_else(|| no_headers.clone(), Arc::from);
            ElementFacts { id: Arc::from(&*element.id), job_type, headers }
        });
        let facts = facts.collect();
        let bpmn_process_id = Arc::from(process.bpmn_process_id.as_str());
        Self {
            key,
            version: row.version,
            is_deleting,
            bpmn_process_id,
            tenant_id: row.tenant_id.into(),
            no_tags: [].into(),
            no_business_id: "".into(),
            process,
            facts,
        }
    }

    pub(crate) fn facts(&self, index: ElementIndex) -> &ElementFacts {
        &self.facts[index.0 as usize]
    }

    pub(crate) fn element(&self, index: ElementIndex) -> &ringbolt_model::Element {
        self.process.element(index)
    }

    pub(crate) fn flow(&self, index: ringbolt_model::FlowIndex) -> &ringbolt_model::SequenceFlow {
        self.process.flow(index)
    }
}

/// Definitions by key.
#[derive(Debug)]
pub(crate) struct Definitions {
    /// The one asked for last: a command asks for the same one again and again.
    last: Option<Arc<Definition>>,
    by_key: Cache<Key, Arc<Definition>>,
    decision_models: Cache<Key, Arc<DecisionModel>>,
    siblings: Siblings,
    limits: ringbolt_model::Limits,
    decision_limits: ringbolt_dmn::Limits,
}

/// Processes that were compiled with another one of their resource and are not asked for yet. A resource is known by its
/// deployment and name.
#[derive(Debug, Default)]
struct Siblings {
    of_resources: VecDeque<(Key, Box<str>, Vec<Process>)>,
    count: usize,
}

impl Siblings {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self, row: &ProcessRow<'_>) -> Option<Process> {
        let is_its = |(deployment, name, _): &(Key, Box<str>, Vec<Process>)| {
            *deployment == row.deployment_key && **name == *row.resource_name
        };
        let at = self.of_resources.iter().position(is_its)?;
        let processes = &mut self.of_resources[at].2;
        let found = processes.iter().position(|process| process.bpmn_process_id == row.bpmn_process_id)?;
        let process = processes.swap_remove(found);
        self.count -= 1;
        if processes.is_empty() {
            self.of_resources.remove(at);
        }
        Some(process)
    }

    /// Keeps processes; the ones kept longest are forgotten where there are too many.
    fn keep(&mut self, row: &ProcessRow<'_>, processes: Vec<Process>, max: usize) {
        if processes.is_empty() || processes.len() > max {
            return;
        }
        self.count += processes.len();
        self.of_resources.push_back((row.deployment_key, row.resource_name.into(), processes));
        while self.count > max {
            let Some((_, _, forgotten)) = self.of_resources.pop_front() else { break };
            self.count -= forgotten.len();
        }
    }
}

impl Definitions {
    pub(crate) fn new(settings: &EngineSettings) -> Self {
        Self {
            last: None,
            by_key: Cache::new(settings.definitions_max),
            decision_models: Cache::new(settings.definitions_max),
            siblings: Siblings::default(),
            limits: settings.model_limits.clone(),
            decision_limits: settings.decision_limits.clone(),
        }
    }

    /// Forgets everything; definitions are compiled again when they are needed.
    pub(crate) fn clear(&mut self) {
        self.last = None;
        self.by_key.clear();
        self.decision_models.clear();
        self.siblings.clear();
    }

    /// The definition under a key; none when there is no such definition.
    pub(crate) fn get(&mut self, tables: &Tables, key: Key) -> Result<Option<Arc<Definition>>, String> {
        if let Some(definition) = &self.last
            && definition.key == key
        {
            return Ok(Some(definition.clone()));
        }
        if let Some(definition) = self.by_key.get(&key) {
            self.last = Some(definition.clone());
            return Ok(Some(definition.clone()));
        }
        let Some(row) = tables.process(key) else { return Ok(None) };
        let process = match self.siblings.take(&row) {
            Some(process) => process,
            None => self.compile(tables, key, &row)?,
        };
        let is_deleting = tables.is_deleting_process(key);
        let definition = Arc::new(Definition::new(key, &row, is_deleting, process));
        self.by_key.insert(key, definition.clone());
        Ok(Some(definition))
    }

    /// Compiles a process's resource, and keeps what else is in it.
    fn compile(&mut self, tables: &Tables, key: Key, row: &ProcessRow<'_>) -> Result<Process, String> {
        let resource = tables.process_resource(key);
        let resource = resource.ok_or_else(|| format!("the resource of definition {key} is missing"))?;
        let parsed = ringbolt_model::parse(row.resource_name, resource, &self.limits);
        let parsed = parsed.map_err(|_| format!("the resource of definition {key} is no longer accepted"))?;
        let mut processes = parsed.processes;
        let found = processes.iter().position(|process| process.bpmn_process_id == row.bpmn_process_id);
        let found = found.ok_or_else(|| format!("the resource of definition {key} lacks its process"))?;
        let process = processes.swap_remove(found);
        self.siblings.keep(row, processes, self.by_key.max());
        Ok(process)
    }

    /// The model of decisions under a key; none when there is no such model.
    pub(crate) fn decision_model(
        &mut self,
        tables: &Tables,
        key: Key,
    ) -> Result<Option<Arc<DecisionModel>>, String> {
        if let Some(model) = self.decision_models.get(&key) {
            return Ok(Some(model.clone()));
        }
        let Some(model) = DecisionModel::read(tables, key, &self.decision_limits)? else { return Ok(None) };
        let model = Arc::new(model);
        self.decision_models.insert(key, model.clone());
        Ok(Some(model))
    }
}

#[cfg(test)]
mod tests {
    use super::Definitions;
    use crate::contract::EngineSettings;
    use ringbolt_record::{Key, PartitionId};
    use ringbolt_store::open_memory;
    use ringbolt_tables::{ProcessRow, Tables};

    fn row(id: &str, deployment: u64) -> ProcessRow<'_> {
        ProcessRow {
            bpmn_process_id: id,
            version: deployment as i32,
            version_tag: "",
            deployment_key: Key(deployment),
            resource_name: "many.bpmn",
            checksum: [0; 16],
            tenant_id: "t",
        }
    }

    fn resource(start: &str) -> String {
        let process = |id| {
            format!(r#"<process id="{id}" isExecutable="true"><startEvent id="{start}_{id}"/></process>"#)
        };
        let processes: String = ["a", "b", "c"].into_iter().map(process).collect();
        format!(
            r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">{processes}</definitions>"#
        )
    }

    /// The resource is read from the first row asked for, so it is not looked at for the others: theirs are broken.
    #[test]
    fn a_resource_is_compiled_once_for_all_its_processes() {
        let mut tables = Tables::new(open_memory());
        let (one, two) = (resource("one"), resource("two"));
        for (number, id) in ["a", "b", "c"].into_iter().enumerate() {
            let key = number as u64;
            let broken = |text: &'static [u8], whole: &str| {
                if number == 0 { whole.as_bytes().to_vec() } else { text.to_vec() }
            };
            tables.put_process(Key(10 + key), &row(id, 1), &broken(b"", &one));
            tables.put_process(Key(20 + key), &row(id, 2), &broken(b"", &two));
        }
        let mut definitions = Definitions::new(&EngineSettings::new(PartitionId(1)));
        let mut start_of = |key| {
            let definition = definitions.get(&tables, Key(key)).expect("compiles").expect("is there");
            definition.process.elements()[1].id.to_string()
        };
        let keys = [10, 20, 12, 22, 11, 21];
        let starts = keys.map(&mut start_of);
        assert_eq!(starts, ["one_a", "two_a", "one_c", "two_c", "one_b", "two_b"]);
        assert_eq!(keys.map(start_of), starts, "from the cache");
        assert!(definitions.siblings.of_resources.is_empty());
        definitions.clear();
        assert!(definitions.get(&tables, Key(11)).is_err(), "it is read again");
    }
}
