//! What the log says, folded entry by entry, independently of the tables.
//!
//! Everything that may happen once only is counted here, and every step of a job that must not follow another panics.
//! It reads events alone and knows nothing of how the engine came to them.

use std::collections::{BTreeMap, BTreeSet};

use ringbolt_record::values::{IncidentRecord, JobBatchRecord, JobRecord, ProcessInstanceRecord};
use ringbolt_record::{
    BpmnElementType, DecisionEvaluationIntent, DecisionIntent, DecisionRequirementsIntent, DeploymentIntent,
    EntryRef, IncidentIntent, Intent, JobBatchIntent, JobIntent, Key, MessageIntent, ProcessEventIntent,
    ProcessInstanceCreationIntent, ProcessInstanceIntent, ProcessIntent, RecordRef, RecordType, TimerIntent,
    UserTaskIntent,
};

use crate::batches::Batches;
use crate::world::BusinessIds;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobPhase {
    Waiting,
    Active,
    /// Failed without retries or resting, or ended with an error that nothing caught.
    Stuck,
    Completed,
    Canceled,
}

#[derive(Clone, Debug)]
pub(crate) struct JobFacts {
    pub(crate) phase: JobPhase,
    pub(crate) has_retries: bool,
    /// Indexes of the entries that handed it out.
    pub(crate) activated: Vec<u64>,
    /// Index of the entry that completed it.
    pub(crate) completed: Option<u64>,
}

impl JobFacts {
    pub(crate) fn is_open(&self) -> bool {
        match self.phase {
            JobPhase::Waiting | JobPhase::Active | JobPhase::Stuck => true,
            JobPhase::Completed | JobPhase::Canceled => false,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ElementFacts {
    pub(crate) is_process: bool,
    /// Index of the entry that entered it.
    pub(crate) entered: u64,
    /// Index of the entry that completed or terminated it.
    pub(crate) ended: Option<u64>,
    /// Index of the entry that completed it.
    pub(crate) completed: Option<u64>,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) jobs: BTreeMap<Key, JobFacts>,
    pub(crate) elements: BTreeMap<Key, ElementFacts>,
    /// Incidents with the entry that raised them and whether they are resolved.
    pub(crate) incidents: BTreeMap<Key, bool>,
    /// User tasks that wait.
    pub(crate) user_tasks: BTreeSet<Key>,
    /// Timers that are still to come.
    pub(crate) timers: BTreeSet<Key>,
    /// Process definitions with the entry that made them.
    pub(crate) definitions: BTreeMap<Key, u64>,
    /// Which instance an entry created on a client's request.
    pub(crate) created_by_entry: BTreeMap<u64, Key>,
    /// Batch operations that the partition knows of.
    pub(crate) batches: Batches,
    /// Who has business ids.
    pub(crate) business_ids: BusinessIds,
    born: BTreeSet<Key>,
}

impl Facts {
    /// Adds an entry.
    ///
    /// # Panics
    /// When it contradicts what was before.
    pub(crate) fn fold(&mut self, index: u64, entry: &EntryRef<'_>) {
        for record in entry.records() {
            let record = record.expect("an appended entry can be read");
            let key = record.header.key;
            // Deployments that another partition distributed keep that partition's keys.
            let is_foreign = key.partition() != Key(entry.key_counter()).partition();
            assert!(is_foreign || key.0 <= entry.key_counter(), "key {key} is above the entry's counter");
            match record.header.record_type {
                RecordType::Event => self.event(index, &record),
                RecordType::Command | RecordType::CommandRejection => {}
            }
        }
        self.batches.end_entry();
    }

    fn born(&mut self, key: Key, what: &str) {
        assert!(self.born.insert(key), "{what}: key {key} was used before");
    }

    fn define(&mut self, index: u64, key: Key) {
        self.born(key, "process");
        self.definitions.insert(key, index);
    }

    fn note_created(&mut self, index: u64, key: Key) {
        self.born(key, "process instance creation");
        let instance = self.newest_instance(index);
        self.created_by_entry.insert(index, instance);
    }

    fn activate_all(&mut self, index: u64, record: &RecordRef<'_>) {
        self.born(record.header.key, "job batch");
        let value = record.value::<JobBatchRecord<'_>>().expect("a job batch");
        for job in value.job_keys.iter() {
            self.activate(index, Key::of(job));
        }
    }

    fn event(&mut self, index: u64, record: &RecordRef<'_>) {
        self.business_ids.fold(record);
        let key = record.header.key;
        if let Some(what) = what_is_born(record.header.intent) {
            self.born(key, what);
        }
        match record.header.intent {
            Intent::Job(intent) => self.job_event(index, intent, record),
            Intent::ProcessInstance(intent) => self.element_event(index, intent, record),
            Intent::JobBatch(JobBatchIntent::Activated) => self.activate_all(index, record),
            Intent::Incident(IncidentIntent::Created) => self.new_incident(key),
            Intent::Incident(IncidentIntent::Resolved) => self.resolve(record),
            Intent::Timer(intent) => self.timer_event(key, intent),
            Intent::UserTask(intent) => self.user_task_event(key, intent),
            Intent::ProcessEvent(ProcessEventIntent::Triggering) => self.born(key, "caught event"),
            Intent::BatchOperationCreation(_)
            | Intent::BatchOperationInitialization(_)
            | Intent::BatchOperationChunk(_)
            | Intent::BatchOperationExecution(_)
            | Intent::BatchOperationLifecycleManagement(_)
            | Intent::BatchOperationPartitionLifecycle(_) => self.batches.fold(record),
            Intent::Process(ProcessIntent::Created) => self.define(index, key),
            Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created) => {
                self.note_created(index, key);
            }
            Intent::Escalation(_)
            | Intent::ProcessEvent(ProcessEventIntent::Triggered)
            | Intent::CommandDistribution(_)
            | Intent::PartitionMessage(_)
            | Intent::Message(_)
            | Intent::MessageSubscription(_)
            | Intent::ProcessMessageSubscription(_)
            | Intent::MessageCorrelation(_)
            | Intent::Signal(_)
            | Intent::ClusterVariable(_)
            | Intent::SignalSubscription(_)
            | Intent::CompensationSubscription(_)
            | Intent::ConditionalSubscription(_)
            | Intent::ConditionalEvaluation(_)
            | Intent::MessageStartEventSubscription(_)
            | Intent::Routing(_)
            | Intent::Deployment(_)
            | Intent::Decision(_)
            | Intent::DecisionRequirements(_)
            | Intent::DecisionEvaluation(_)
            | Intent::Incident(IncidentIntent::Resolve | IncidentIntent::Migrated)
            | Intent::JobBatch(JobBatchIntent::Activate)
            | Intent::ProcessInstanceCreation(
                ProcessInstanceCreationIntent::Create
                | ProcessInstanceCreationIntent::CreateWithAwaitingResult,
            )
            | Intent::Variable(_)
            | Intent::VariableDocument(_)
            | Intent::Error(_)
            | Intent::ProcessInstanceResult(_)
            | Intent::Process(ProcessIntent::Deleting | ProcessIntent::Deleted)
            | Intent::Form(_)
            | Intent::Resource(_)
            | Intent::ResourceDeletion(_)
            | Intent::HistoryDeletion(_)
            | Intent::ProcessInstanceModification(_)
            | Intent::AdHocSubProcessInstruction(_)
            | Intent::ProcessInstanceMigration(_)
            | Intent::ProcessInstanceBusinessId(_)
            | Intent::RuntimeInstruction(_)
            | Intent::MultiInstance(_)
            | Intent::BusinessIdHold(_)
            | Intent::PendingCommand(_) => {}
        }
    }

    fn new_incident(&mut self, key: Key) {
        self.born(key, "incident");
        self.incidents.insert(key, false);
    }

    fn user_task_event(&mut self, key: Key, intent: UserTaskIntent) {
        match intent {
            UserTaskIntent::Created => {
                self.born(key, "user task");
                self.user_tasks.insert(key);
            }
            UserTaskIntent::Completed | UserTaskIntent::Canceled => {
                assert!(self.user_tasks.remove(&key), "user task {key} ends twice, or was never there");
            }
            _ => {}
        }
    }

    fn timer_event(&mut self, key: Key, intent: TimerIntent) {
        match intent {
            TimerIntent::Created => {
                self.born(key, "timer");
                self.timers.insert(key);
            }
            TimerIntent::Triggered | TimerIntent::Canceled => {
                assert!(self.timers.remove(&key), "timer {key} ends twice, or was never there");
            }
            TimerIntent::Trigger | TimerIntent::Migrated | TimerIntent::Suspended | TimerIntent::Resumed => {}
        }
    }

    /// The creation's event stands beside the first event of its instance, before or behind it.
    fn newest_instance(&self, index: u64) -> Key {
        let of_entry =
            self.elements.iter().rev().find(|(_, facts)| facts.is_process && facts.entered == index);
        of_entry.map_or(Key::NONE, |(key, _)| *key)
    }

    fn element_event(&mut self, index: u64, intent: ProcessInstanceIntent, record: &RecordRef<'_>) {
        let key = record.header.key;
        match intent {
            ProcessInstanceIntent::ElementActivating => {
                // An element whose entering failed is entered again after its incident, under the same key.
                if self.elements.get(&key).is_some_and(|facts| facts.ended.is_none()) {
                    return;
                }
                self.born(key, "element instance");
                let value = record.value::<ProcessInstanceRecord<'_>>().expect("a process instance record");
                let is_process = BpmnElementType::of(&value.element.element_type) == BpmnElementType::Process;
                let facts = ElementFacts { is_process, entered: index, ended: None, completed: None };
                self.elements.insert(key, facts);
                if is_process && self.created_by_entry.get(&index) == Some(&Key::NONE) {
                    self.created_by_entry.insert(index, key);
                }
            }
            ProcessInstanceIntent::ElementCompleted | ProcessInstanceIntent::ElementTerminated => {
                let facts = self.elements.get_mut(&key).expect("only what was entered ends");
                assert!(facts.ended.is_none(), "element instance {key} ends twice");
                facts.ended = Some(index);
                facts.completed = (intent == ProcessInstanceIntent::ElementCompleted).then_some(index);
            }
            ProcessInstanceIntent::Cancel
            | ProcessInstanceIntent::SequenceFlowTaken
            | ProcessInstanceIntent::ElementActivated
            | ProcessInstanceIntent::ElementCompleting
            | ProcessInstanceIntent::ElementTerminating
            | ProcessInstanceIntent::ActivateElement
            | ProcessInstanceIntent::CompleteElement
            | ProcessInstanceIntent::TerminateElement
            | ProcessInstanceIntent::SequenceFlowDeleted
            | ProcessInstanceIntent::ElementMigrated
            | ProcessInstanceIntent::AncestorMigrated
            | ProcessInstanceIntent::Canceling
            | ProcessInstanceIntent::Suspend
            | ProcessInstanceIntent::Suspended
            | ProcessInstanceIntent::Resume
            | ProcessInstanceIntent::Resumed
            | ProcessInstanceIntent::Resuming => {}
        }
    }

    fn activate(&mut self, index: u64, key: Key) {
        let job = self.jobs.get_mut(&key).expect("only known jobs are activated");
        assert_eq!(job.phase, JobPhase::Waiting, "job {key} is handed out");
        job.phase = JobPhase::Active;
        job.activated.push(index);
    }

    fn resolve(&mut self, record: &RecordRef<'_>) {
        let resolved = self.incidents.get_mut(&record.header.key).expect("only known incidents are resolved");
        assert!(!*resolved, "incident {} is resolved twice", record.header.key);
        *resolved = true;
        let value = record.value::<IncidentRecord<'_>>().expect("an incident record");
        if let Some(job) = self.jobs.get_mut(&Key::of(&value.job_key))
            && job.phase == JobPhase::Stuck
        {
            job.phase = JobPhase::Waiting;
        }
    }

    fn job_event(&mut self, index: u64, intent: JobIntent, record: &RecordRef<'_>) {
        use JobPhase::{Active, Canceled, Completed, Stuck, Waiting};
        let key = record.header.key;
        if intent == JobIntent::Created {
            self.born(key, "job");
            let (phase, activated) = (Waiting, Vec::new());
            self.jobs.insert(key, JobFacts { phase, has_retries: true, activated, completed: None });
            return;
        }
        let value = record.value::<JobRecord<'_>>().expect("a job record");
        let rests = value.recurring_time.0.to_native() > 0 && value.retry_backoff.0.to_native() > 0;
        let job = self.jobs.get_mut(&key).expect("only known jobs change");
        job.has_retries = value.retries.to_native() > 0;
        let from = |phases: &[JobPhase]| {
            assert!(phases.contains(&job.phase), "job {key} in {:?} becomes {}", job.phase, intent.name());
        };
        let next = match intent {
            JobIntent::Completed => {
                from(&[Waiting, Active]);
                job.completed = Some(index);
                Completed
            }
            JobIntent::Canceled => {
                from(&[Waiting, Active, Stuck]);
                Canceled
            }
            JobIntent::ErrorThrown => {
                from(&[Waiting, Active]);
                Stuck
            }
            JobIntent::Failed => {
                from(&[Waiting, Active]);
                if job.has_retries && !rests { Waiting } else { Stuck }
            }
            JobIntent::TimedOut | JobIntent::Yielded => {
                from(&[Active]);
                Waiting
            }
            JobIntent::Suspended => {
                from(&[Waiting]);
                Stuck
            }
            JobIntent::RecurredAfterBackoff | JobIntent::Resumed => {
                from(&[Stuck]);
                Waiting
            }
            JobIntent::RetriesUpdated
            | JobIntent::TimeoutUpdated
            | JobIntent::PriorityUpdated
            | JobIntent::Updated
            | JobIntent::Migrated => {
                from(&[Waiting, Active, Stuck]);
                job.phase
            }
            JobIntent::Created
            | JobIntent::Complete
            | JobIntent::TimeOut
            | JobIntent::Fail
            | JobIntent::UpdateRetries
            | JobIntent::ThrowError
            | JobIntent::RecurAfterBackoff
            | JobIntent::Yield
            | JobIntent::UpdateTimeout
            | JobIntent::Update => panic!("{} is no event", intent.name()),
        };
        job.phase = next;
    }
}

/// What an event brings into the world of which nothing else is looked at.
fn what_is_born(intent: Intent) -> Option<&'static str> {
    match intent {
        Intent::Decision(DecisionIntent::Created) => Some("decision"),
        Intent::DecisionRequirements(DecisionRequirementsIntent::Created) => Some("decision requirements"),
        Intent::DecisionEvaluation(
            DecisionEvaluationIntent::Evaluated | DecisionEvaluationIntent::Failed,
        ) => Some("decision evaluation"),
        Intent::Deployment(DeploymentIntent::Created) => Some("deployment"),
        Intent::Message(MessageIntent::Published) => Some("message"),
        _ => None,
    }
}
