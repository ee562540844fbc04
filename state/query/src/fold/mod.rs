//! Records to rows: what a batch of entries leaves, in memory.
//!
//! Code map: `instances` has process and element instances, variables and incidents; `work` jobs, user tasks and subscriptions;
//! `waits` timers, signals and conditions; `deployed` definitions, resources and evaluations of decisions; `batch_operations` these, and deletions.
//!
//! Invariants
//! - Folding an entry again changes nothing, so that one that stopped at an unknown name is folded again as a whole.
//! - Nothing is looked up: a row says what its records say, and what to do where there is a row already.

mod batch_operations;
mod deployed;
mod instances;
mod waits;
mod work;

pub(crate) use batch_operations::{DeletedHistory, item_state};

use crate::definitions::{DefinitionRows, KnownNames, Names};
use crate::job_counts::JobCounts;
use crate::json::canonical;
use crate::rows::batches::{BatchOperation, BatchOperationCounts, BatchOperationItem};
use crate::rows::{
    ClusterVariable, CorrelatedMessageSubscription, DecisionDefinition, DecisionInstance,
    DecisionRequirements, ElementInstance, EventWait, Form, Incident, Job, MessageSubscription, Name,
    ProcessInstance, Resource, Rows, SequenceFlow, Text, UserTask, Values, Variable,
};
use crate::usage::Usage;
use crate::young::Young;
use ringbolt_exporters::Definition;
use ringbolt_record::entry::EntryError;
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{
    DEFAULT_TENANT, EntryRef, Intent, Key, PartitionId, Position, RecordRef, RecordType, VariableIntent,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Why an entry could not be folded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FoldError {
    /// The names of this definition are needed.
    #[error("the names of process definition {0} are not known")]
    Unknown(Key),
    /// Another version wrote it.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

/// Something deployed that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deleted {
    Process(i64),
    DecisionRequirements(i64),
    Decision(i64),
    Form(i64),
    Resource(i64),
}

/// How an incident changes the count of those that are active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IncidentChange {
    /// Of which element instance.
    pub(crate) element_instance_key: i64,
    /// It is there since this batch.
    pub(crate) is_created: bool,
    /// It is gone since this batch.
    pub(crate) is_resolved: bool,
}

/// A user task of another element in another definition.
#[derive(Clone, Debug)]
pub(crate) struct MigratedTask {
    pub(crate) process_definition_key: i64,
    pub(crate) element_id: Name,
    /// Where it has headers of its own from now on.
    pub(crate) custom_headers: Option<Text>,
}

/// What a batch of entries leaves.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) process_instances: Rows<ProcessInstance>,
    pub(crate) element_instances: Rows<ElementInstance>,
    pub(crate) sequence_flows: Rows<SequenceFlow>,
    pub(crate) variables: Rows<Variable>,
    pub(crate) jobs: Rows<Job>,
    pub(crate) incidents: Rows<Incident>,
    pub(crate) user_tasks: Rows<UserTask>,
    pub(crate) message_subscriptions: Rows<MessageSubscription>,
    pub(crate) event_waits: Rows<EventWait>,
    pub(crate) correlated: Rows<CorrelatedMessageSubscription>,
    pub(crate) decision_instances: Rows<DecisionInstance>,
    pub(crate) definitions: Vec<DefinitionRows>,
    pub(crate) decision_requirements: Rows<DecisionRequirements>,
    /// Models of decisions, by key.
    pub(crate) decision_xml: Vec<(i64, Box<[u8]>)>,
    pub(crate) decisions: Rows<DecisionDefinition>,
    pub(crate) forms: Rows<Form>,
    pub(crate) resources: Rows<Resource>,
    pub(crate) cluster_variables: Rows<ClusterVariable>,
    pub(crate) deleted: Vec<Deleted>,
    /// Who got jobs that have no row in this batch, and until when.
    pub(crate) jobs_activated: FxHashMap<i64, (Name, i64)>,
    pub(crate) batch_operations: Rows<BatchOperation>,
    pub(crate) batch_counts: Rows<BatchOperationCounts>,
    pub(crate) batch_items: Rows<BatchOperationItem>,
    /// Batch operations whose items that were not taken never are.
    pub(crate) batches_given_up: Vec<i64>,
    pub(crate) deleted_history: Vec<DeletedHistory>,
    /// States of user tasks that have no row in this batch.
    pub(crate) user_task_states: FxHashMap<i64, u8>,
    /// What user tasks that have no row in this batch have become.
    pub(crate) user_tasks_migrated: FxHashMap<i64, MigratedTask>,
    /// Sequence flows that wait no more, by instance and id, and were not taken again.
    pub(crate) flows_deleted: FxHashSet<(i64, Name)>,
    /// By incident.
    pub(crate) incident_changes: BTreeMap<i64, IncidentChange>,
    /// Memory for values of variables.
    values: Values,
    /// Instances whose rows are all in it.
    pub(crate) young: Young,
    /// Instances that ended in it and began before.
    pub(crate) ended: FxHashSet<i64>,
    /// When the first one ended.
    pub(crate) ended_at: Option<i64>,
    /// What was used.
    pub(crate) usage: Usage,
    /// What became of jobs.
    pub(crate) job_counts: JobCounts,
    /// Decisions evaluated for no instance.
    pub(crate) decisions_alone: u64,
    /// Entries folded since something was written.
    pub(crate) entries: u64,
    /// Their bytes, which who folds them counts.
    pub(crate) bytes: usize,
    /// The projector's clock, milliseconds.
    pub(crate) now_ms: u64,
}

/// An entry's circumstances, and where its rows go.
struct Folding<'a> {
    batch: &'a mut Batch,
    names: &'a KnownNames,
    now: i64,
    position: Position,
    partition: PartitionId,
    /// What the entry counts of batch operations.
    counts: Vec<BatchOperationCounts>,
}

type Folded = Result<(), FoldError>;

/// Keys as rows have them.
fn some_key(key: Key) -> Option<i64> {
    key.is_some().then(|| key.to_wire())
}

fn some_text<'t, T: From<&'t str>>(text: &'t str) -> Option<T> {
    (!text.is_empty()).then(|| text.into())
}

/// A moment; none where there is none.
fn some_time(ms: i64) -> Option<i64> {
    (ms > 0).then_some(ms)
}

fn tenant(text: &str) -> Option<Name> {
    (!text.is_empty() && text != DEFAULT_TENANT).then(|| text.into())
}

/// JSON that an entry holds is text, without blanks from now on; what is none, which nobody writes, is no value.
fn json(bytes: &[u8]) -> Cow<'_, str> {
    canonical(std::str::from_utf8(bytes).unwrap_or("null"))
}

/// The same as text of its own.
fn json_text(bytes: &[u8]) -> Text {
    json(bytes).into()
}

/// A list as JSON; none for an empty one.
pub(crate) fn list<'t>(items: impl Iterator<Item = &'t str>) -> Option<Text> {
    let items: Vec<&str> = items.collect();
    (!items.is_empty()).then(|| serde_json::to_string(&items).expect("a list of texts is JSON").into())
}

impl Batch {
    /// Takes an entry.
    ///
    /// # Errors
    /// When a definition's names are missing, or it cannot be read; it may be given again.
    pub(crate) fn fold(
        &mut self,
        entry: &EntryRef<'_>,
        partition: PartitionId,
        names: &KnownNames,
    ) -> Result<(), FoldError> {
        let (now, position) = (entry.timestamp().0, entry.first_position());
        let mut folding = Folding { batch: self, names, now, position, partition, counts: Vec::new() };
        for record in entry.records() {
            let record = record?;
            if record.header.record_type == RecordType::Event && record.header.value_version > 0 {
                folding.record(&record)?;
            }
        }
        // What is counted counts once, however often the entry is folded.
        let counts = folding.counts;
        counts.into_iter().for_each(|counted| self.batch_counts.put(counted));
        self.entries += 1;
        Ok(())
    }

    /// A definition that was deployed in this batch.
    pub(crate) fn definition(&self, key: Key) -> Option<Definition> {
        let is_it = |rows: &&DefinitionRows| rows.row.process_definition_key == key.to_wire();
        let rows = self.definitions.iter().find(is_it)?;
        Some(Definition {
            bpmn_process_id: rows.row.process_definition_id.to_string(),
            version: rows.row.version,
            resource_name: rows.row.resource_name.to_string(),
            resource: rows.xml.to_vec(),
        })
    }

    /// Rows in it, but for those of definitions.
    pub(crate) fn rows(&self) -> usize {
        self.process_instances.len()
            + self.element_instances.len()
            + self.sequence_flows.len()
            + self.variables.len()
            + self.jobs.len()
            + self.incidents.len()
            + self.user_tasks.len()
            + self.message_subscriptions.len()
            + self.event_waits.len()
            + self.correlated.len()
            + self.decision_instances.len()
    }

    /// Instances that ended in it.
    pub(crate) fn instances_ended(&self) -> u64 {
        self.ended.len() as u64 + self.young.ended()
    }

    /// Forgets what was written: everything but the rows of instances that stay, and not the memory that it takes as a rule. Adds the
    /// instances of what it forgets to `written`. The bytes of texts that stay.
    pub(crate) fn forget_written(&mut self, written: Option<&mut FxHashSet<i64>>) -> usize {
        let young = std::mem::take(&mut self.young);
        let written = RefCell::new(written);
        self.keep_rows(&|instance| {
            let stays = young.stays(instance);
            if !stays && let Some(written) = &mut *written.borrow_mut() {
                written.insert(instance);
            }
            stays
        });
        self.young = young;
        self.young.forget_written();
        self.variables.iter().map(|row| row.value.len()).sum::<usize>()
            + self.decision_instances.iter().map(|row| row.result.len()).sum::<usize>()
    }

    /// Forgets everything that does not belong to these instances.
    pub(crate) fn keep(&mut self, instances: &FxHashSet<i64>) {
        self.keep_rows(&|instance| instances.contains(&instance));
        self.young.retain(|instance| instances.contains(&instance));
    }

    fn keep_rows(&mut self, is_kept: &dyn Fn(i64) -> bool) {
        self.process_instances.keep(is_kept);
        self.element_instances.keep(is_kept);
        self.sequence_flows.keep(is_kept);
        let values = &mut self.values;
        self.variables.keep_and_give(is_kept, |row| values.give_back(row.value));
        self.jobs.keep(is_kept);
        self.incidents.keep(is_kept);
        self.user_tasks.keep(is_kept);
        self.message_subscriptions.keep(is_kept);
        self.event_waits.keep(is_kept);
        self.correlated.keep(is_kept);
        self.decision_instances.keep(is_kept);
        self.decision_requirements.keep(is_kept);
        self.decisions.keep(is_kept);
        self.forms.keep(is_kept);
        self.resources.keep(is_kept);
        self.cluster_variables.keep(is_kept);
        self.definitions.clear();
        self.decision_xml.clear();
        self.deleted.clear();
        self.jobs_activated.clear();
        self.batch_operations.keep(is_kept);
        self.batch_counts.keep(is_kept);
        self.batch_items.keep(is_kept);
        self.batches_given_up.clear();
        self.deleted_history.clear();
        self.user_task_states.clear();
        self.user_tasks_migrated.clear();
        self.flows_deleted.retain(|(instance, _)| is_kept(*instance));
        self.incident_changes.clear();
        self.ended.clear();
        self.usage.clear();
        self.job_counts.clear();
        (self.ended_at, self.decisions_alone, self.entries, self.bytes) = (None, 0, 0, 0);
    }
}

impl Folding<'_> {
    fn record(&mut self, record: &RecordRef<'_>) -> Folded {
        match record.header.intent {
            Intent::ProcessInstance(intent) => self.element(record, intent),
            Intent::ProcessInstanceCreation(intent) => self.creation(record, intent),
            Intent::ProcessInstanceBusinessId(intent) => self.business_id(record, intent),
            // The rows of variables do not say what definition they are of.
            Intent::Variable(VariableIntent::Migrated) => Ok(()),
            Intent::Variable(_) => self.variable(record),
            Intent::Incident(intent) => self.incident(record, intent),
            Intent::Job(intent) => self.job(record, intent),
            Intent::JobBatch(intent) => self.activated(record, intent),
            Intent::Timer(intent) => self.timer(record, intent),
            Intent::SignalSubscription(intent) => self.signal(record, intent),
            Intent::ConditionalSubscription(intent) => self.condition(record, intent),
            Intent::UserTask(intent) => self.user_task(record, intent),
            Intent::ProcessMessageSubscription(intent) => self.subscription(record, intent),
            Intent::MessageStartEventSubscription(intent) => self.start_subscription(record, intent),
            Intent::Process(intent) => self.process(record, intent),
            Intent::Decision(intent) => self.decision(record, intent),
            Intent::DecisionRequirements(intent) => self.decision_requirements(record, intent),
            Intent::DecisionEvaluation(intent) => self.evaluation(record, intent),
            Intent::Form(intent) => self.form(record, intent),
            Intent::Resource(intent) => self.resource(record, intent),
            Intent::ClusterVariable(intent) => self.cluster_variable(record, intent),
            Intent::BatchOperationCreation(intent) => self.batch_creation(record, intent),
            Intent::BatchOperationInitialization(intent) => self.batch_initialization(record, intent),
            Intent::BatchOperationChunk(intent) => self.batch_chunk(record, intent),
            Intent::BatchOperationExecution(intent) => self.batch_execution(record, intent),
            Intent::BatchOperationLifecycleManagement(intent) => self.batch_lifecycle(record, intent),
            Intent::BatchOperationPartitionLifecycle(intent) => self.batch_part(record, intent),
            Intent::HistoryDeletion(_) => self.history_deletion(record),
            // They say nothing that is searched, or what other records say too.
            Intent::Deployment(_)
            | Intent::Message(_)
            | Intent::MessageCorrelation(_)
            | Intent::Signal(_)
            | Intent::CompensationSubscription(_)
            | Intent::ConditionalEvaluation(_)
            | Intent::MessageSubscription(_)
            | Intent::ProcessEvent(_)
            | Intent::Escalation(_)
            | Intent::VariableDocument(_)
            | Intent::Error(_)
            | Intent::ProcessInstanceResult(_)
            | Intent::ProcessInstanceModification(_)
            | Intent::AdHocSubProcessInstruction(_)
            | Intent::ProcessInstanceMigration(_)
            | Intent::RuntimeInstruction(_)
            | Intent::CommandDistribution(_)
            | Intent::ResourceDeletion(_)
            | Intent::PendingCommand(_)
            | Intent::PartitionMessage(_)
            | Intent::Routing(_)
            | Intent::MultiInstance(_)
            | Intent::BusinessIdHold(_) => Ok(()),
        }
    }

    fn names(&self, instance: &InstanceRef) -> Result<&Names, FoldError> {
        let key = instance.process_definition_key;
        self.names.get(key).ok_or(FoldError::Unknown(key))
    }
}
