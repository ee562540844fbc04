//! Compiled process definitions, and models of decisions, kept by key.
//!
//! Invariant: the cache holds only what the tables hold, so it may be dropped at any time; a definition never changes
//! under its key.

use crate::contract::EngineSettings;
use crate::decision_model::DecisionModel;
use ringbolt_model::{ElementKind, EndEvent, Process, StartEvent, TaskKind, Text};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key};
use ringbolt_tables::Tables;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What the engine wants ready about an element, beside the model's own arena.
#[derive(Debug)]
pub(crate) struct ElementFacts {
    pub(crate) id: Arc<str>,
    pub(crate) element_type: BpmnElementType,
    pub(crate) event_type: BpmnEventType,
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
    pub(crate) bpmn_process_id: Arc<str>,
    pub(crate) tenant_id: Arc<str>,
    pub(crate) process: Process,
    facts: Box<[ElementFacts]>,
}

impl Definition {
    pub(crate) fn new(key: Key, version: i32, tenant_id: &str, process: Process) -> Self {
        let no_headers: Arc<str> = "{}".into();
        let facts = process.elements().iter().map(|element| {
            let (element_type, event_type) = types_of(&element.kind);
            let (job_type, headers) = match &element.kind {
                ElementKind::JobWorkerTask(task) => {
                    let job_type = match &task.job_type {
                        Text::Static(text) => Some(Arc::from(&**text)),
                        Text::Expression(_) => None,
                    };
                    (job_type, Arc::from(&*task.headers_json))
                }
                ElementKind::Process
                | ElementKind::SubProcess
                | ElementKind::StartEvent(_)
                | ElementKind::EndEvent(_)
                | ElementKind::CalledDecision(_)
                | ElementKind::ManualTask
                | ElementKind::UndefinedTask
                | ElementKind::ExclusiveGateway { .. }
                | ElementKind::ParallelGateway => (None, no_headers.clone()),
            };
            ElementFacts { id: Arc::from(&*element.id), element_type, event_type, job_type, headers }
        });
        let facts = facts.collect();
        let bpmn_process_id = Arc::from(process.bpmn_process_id.as_str());
        Self { key, version, bpmn_process_id, tenant_id: tenant_id.into(), process, facts }
    }

    pub(crate) fn facts(&self, index: ElementIndex) -> &ElementFacts {
        &self.facts[index.0 as usize]
    }

    pub(crate) fn element(&self, index: ElementIndex) -> &ringbolt_model::Element {
        self.process.element(ringbolt_model::ElementIndex(index.0))
    }

    pub(crate) fn flow(&self, index: ringbolt_model::FlowIndex) -> &ringbolt_model::SequenceFlow {
        self.process.flow(index)
    }
}

/// The kinds of an element as records name them.
pub(crate) fn types_of(kind: &ElementKind) -> (BpmnElementType, BpmnEventType) {
    match kind {
        ElementKind::Process => (BpmnElementType::Process, BpmnEventType::Unspecified),
        ElementKind::SubProcess => (BpmnElementType::SubProcess, BpmnEventType::Unspecified),
        ElementKind::StartEvent(StartEvent::None) => (BpmnElementType::StartEvent, BpmnEventType::None),
        ElementKind::EndEvent(EndEvent::None) => (BpmnElementType::EndEvent, BpmnEventType::None),
        ElementKind::JobWorkerTask(task) => {
            let element_type = match task.kind {
                TaskKind::Service => BpmnElementType::ServiceTask,
                TaskKind::Send => BpmnElementType::SendTask,
                TaskKind::Script => BpmnElementType::ScriptTask,
                TaskKind::BusinessRule => BpmnElementType::BusinessRuleTask,
            };
            (element_type, BpmnEventType::Unspecified)
        }
        ElementKind::CalledDecision(_) => (BpmnElementType::BusinessRuleTask, BpmnEventType::Unspecified),
        ElementKind::ManualTask => (BpmnElementType::ManualTask, BpmnEventType::Unspecified),
        ElementKind::UndefinedTask => (BpmnElementType::Task, BpmnEventType::Unspecified),
        ElementKind::ExclusiveGateway { .. } => {
            (BpmnElementType::ExclusiveGateway, BpmnEventType::Unspecified)
        }
        ElementKind::ParallelGateway => (BpmnElementType::ParallelGateway, BpmnEventType::Unspecified),
    }
}

/// Definitions by key.
#[derive(Debug)]
pub(crate) struct Definitions {
    by_key: FxHashMap<Key, Arc<Definition>>,
    decision_models: FxHashMap<Key, Arc<DecisionModel>>,
    /// Of each kind.
    max: usize,
    limits: ringbolt_model::Limits,
    decision_limits: ringbolt_dmn::Limits,
}

impl Definitions {
    pub(crate) fn new(settings: &EngineSettings) -> Self {
        Self {
            by_key: FxHashMap::default(),
            decision_models: FxHashMap::default(),
            max: settings.definitions_max,
            limits: settings.model_limits.clone(),
            decision_limits: settings.decision_limits.clone(),
        }
    }

    /// Forgets everything; definitions are compiled again when they are needed.
    pub(crate) fn clear(&mut self) {
        self.by_key.clear();
        self.decision_models.clear();
    }

    /// The definition under a key; none when there is no such definition.
    pub(crate) fn get(&mut self, tables: &Tables, key: Key) -> Result<Option<Arc<Definition>>, String> {
        if let Some(definition) = self.by_key.get(&key) {
            return Ok(Some(definition.clone()));
        }
        let Some(row) = tables.process(key) else { return Ok(None) };
        let parsed = ringbolt_model::parse(row.resource_name, row.resource, &self.limits);
        let processes =
            parsed.map_err(|_| format!("the resource of definition {key} is no longer accepted"))?;
        let process = processes.processes.into_iter().find(|p| p.bpmn_process_id == row.bpmn_process_id);
        let process = process.ok_or_else(|| format!("the resource of definition {key} lacks its process"))?;
        let definition = Arc::new(Definition::new(key, row.version, row.tenant_id, process));
        if self.by_key.len() >= self.max {
            self.by_key.clear();
        }
        self.by_key.insert(key, definition.clone());
        Ok(Some(definition))
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
        if self.decision_models.len() >= self.max {
            self.decision_models.clear();
        }
        self.decision_models.insert(key, model.clone());
        Ok(Some(model))
    }
}
