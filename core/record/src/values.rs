//! What a record says: one rkyv layout per value type.
//!
//! Invariants
//! - A released layout is frozen; `tests/layout.rs` holds the bytes of a sample of each. A change is a new
//!   struct with the next `VERSION` and an upgrade on read.
//! - Structs borrow their text, so that a value is copied once: into the entry.
//! - Values name elements by their index in the definition's arena; names are looked up by exporters.
//!
//! Variables' payloads stand in `VariableRecord` alone; no other value repeats them.

mod ad_hoc;
mod batch_operations;
mod business_ids;
mod cluster_variables;
mod compensations;
mod conditions;
mod decisions;
mod jobs;
mod messages;
mod migration;
mod modification;
mod multi_instance;
mod partitions;
mod pending;
mod resources;
mod runtime_instructions;
mod signals;
mod user_tasks;

pub use ad_hoc::{
    ActivatedAdHoc, AdHocSubProcessInstructionRecord, ArchivedActivatedAdHoc,
    ArchivedAdHocSubProcessInstructionRecord,
};
pub use batch_operations::{
    ArchivedBatchOperationChunkRecord, ArchivedBatchOperationCreationRecord,
    ArchivedBatchOperationErrorValue, ArchivedBatchOperationExecutionRecord,
    ArchivedBatchOperationInitializationRecord, ArchivedBatchOperationLifecycleManagementRecord,
    ArchivedBatchOperationPartitionLifecycleRecord, ArchivedHistoryDeletionRecord, BatchOperationChunkRecord,
    BatchOperationCreationRecord, BatchOperationErrorValue, BatchOperationExecutionRecord,
    BatchOperationInitializationRecord, BatchOperationLifecycleManagementRecord,
    BatchOperationPartitionLifecycleRecord, HistoryDeletionRecord, ItemFailure,
};
pub use business_ids::{
    ArchivedBusinessIdHoldRecord, ArchivedProcessInstanceBusinessIdRecord, BusinessIdHoldRecord,
    ProcessInstanceBusinessIdRecord,
};
pub use cluster_variables::{ArchivedClusterVariableRecord, ClusterVariableRecord};
pub use conditions::{
    ArchivedConditionalSubscriptionRecord, ConditionalEvaluationRecord, ConditionalSubscriptionRecord,
    StartedInstance,
};

pub use compensations::{
    ArchivedCompensationSubscriptionRecord, CompensationSubscriptionRecord, CompensationTurn,
};
pub use jobs::{ArchivedJobBatchRecord, ArchivedJobRecord, JobBatchRecord, JobRecord};
pub use messages::{
    ArchivedMessageCorrelationRecord, ArchivedMessageRecord, ArchivedMessageStartEventSubscriptionRecord,
    ArchivedMessageSubscriptionRecord, ArchivedProcessMessageSubscriptionRecord, MessageCorrelationRecord,
    MessageRecord, MessageStartEventSubscriptionRecord, MessageSubscriptionRecord,
    ProcessMessageSubscriptionRecord,
};
pub use migration::{
    ArchivedMigratedMapping, ArchivedProcessInstanceMigrationRecord, MigratedMapping,
    ProcessInstanceMigrationRecord,
};
pub use modification::{
    ActivatedInstruction, ArchivedActivatedInstruction, ArchivedProcessInstanceModificationRecord,
    ProcessInstanceModificationRecord,
};
pub use multi_instance::{ArchivedMultiInstanceRecord, ItemList, ItemListBuilder, MultiInstanceRecord};
pub use partitions::{
    ArchivedCommandDistributionRecord, ArchivedPartitionMessageRecord, ArchivedRoutingRecord,
    CommandDistributionRecord, PartitionMessageRecord, RoutingRecord,
};
pub use pending::{ArchivedErrorRecord, ArchivedPendingCommandRecord, ErrorRecord, PendingCommandRecord};
pub use signals::{
    ArchivedSignalRecord, ArchivedSignalSubscriptionRecord, SignalRecord, SignalSubscriptionRecord,
};

mod events;

pub use resources::{
    ArchivedFormRecord, ArchivedResourceDeletionRecord, ArchivedResourceMetadata, ArchivedResourceRecord,
    FormRecord, ResourceDeletionRecord, ResourceMetadata, ResourceRecord,
};

pub use decisions::{
    ArchivedDecisionEvaluationRecord, ArchivedDecisionRecord, ArchivedDecisionRequirementsRecord,
    ArchivedEvaluatedDecisionValue, DecisionEvaluationRecord, DecisionMetadata, DecisionRecord,
    DecisionRequirementsMetadata, DecisionRequirementsRecord, EvaluatedDecisionValue, EvaluatedInputValue,
    EvaluatedOutputValue, MatchedRuleValue,
};
pub use runtime_instructions::{ArchivedRuntimeInstructionRecord, RuntimeInstructionRecord};
pub use user_tasks::{ArchivedUserTaskRecord, UserTaskRecord};

pub use events::{
    ArchivedEscalationRecord, ArchivedProcessEventRecord, ArchivedTimerRecord, EscalationRecord, Interrupts,
    ProcessEventRecord, TimerRecord,
};

use crate::ids::{ElementIndex, Key};
use crate::wire_enums::{BpmnElementType, BpmnEventType, ErrorType, ValueType};
use rkyv::Archive;
use rkyv::with::{InlineAsBox, Map};

/// A layout that can stand in an entry.
pub trait RecordValue: Archive {
    /// The value type it belongs to.
    const VALUE_TYPE: ValueType;
    /// Its layout's version, counted from 1.
    const VERSION: u16;
}

macro_rules! record_value {
    ($($name:ident => $value_type:ident v $version:literal,)*) => {
        $(impl RecordValue for $name<'_> {
            const VALUE_TYPE: ValueType = ValueType::$value_type;
            const VERSION: u16 = $version;
        }
        const _: () = assert!(align_of::<rkyv::Archived<$name<'static>>>() == 1, "layouts have alignment 1");)*
    };
}
record_value! {
    DeploymentRecord => Deployment v 1,
    ProcessRecord => Process v 1,
    DecisionRequirementsRecord => DecisionRequirements v 1,
    DecisionRecord => Decision v 1,
    DecisionEvaluationRecord => DecisionEvaluation v 1,
    ProcessInstanceCreationRecord => ProcessInstanceCreation v 1,
    ProcessInstanceRecord => ProcessInstance v 1,
    ProcessInstanceResultRecord => ProcessInstanceResult v 1,
    JobRecord => Job v 1,
    MessageRecord => Message v 1,
    MessageSubscriptionRecord => MessageSubscription v 1,
    ProcessMessageSubscriptionRecord => ProcessMessageSubscription v 1,
    ClusterVariableRecord => ClusterVariable v 1,
    SignalRecord => Signal v 1,
    SignalSubscriptionRecord => SignalSubscription v 1,
    CompensationSubscriptionRecord => CompensationSubscription v 1,
    ConditionalSubscriptionRecord => ConditionalSubscription v 1,
    ConditionalEvaluationRecord => ConditionalEvaluation v 1,
    MessageCorrelationRecord => MessageCorrelation v 1,
    MessageStartEventSubscriptionRecord => MessageStartEventSubscription v 1,
    JobBatchRecord => JobBatch v 1,
    TimerRecord => Timer v 1,
    ProcessEventRecord => ProcessEvent v 1,
    EscalationRecord => Escalation v 1,
    VariableRecord => Variable v 1,
    VariableDocumentRecord => VariableDocument v 1,
    IncidentRecord => Incident v 1,
    ProcessInstanceModificationRecord => ProcessInstanceModification v 1,
    AdHocSubProcessInstructionRecord => AdHocSubProcessInstruction v 1,
    ProcessInstanceMigrationRecord => ProcessInstanceMigration v 1,
    ProcessInstanceBusinessIdRecord => ProcessInstanceBusinessId v 1,
    RuntimeInstructionRecord => RuntimeInstruction v 1,
    ErrorRecord => Error v 1,
    BatchOperationCreationRecord => BatchOperationCreation v 1,
    BatchOperationExecutionRecord => BatchOperationExecution v 1,
    BatchOperationLifecycleManagementRecord => BatchOperationLifecycleManagement v 1,
    BatchOperationPartitionLifecycleRecord => BatchOperationPartitionLifecycle v 1,
    FormRecord => Form v 1,
    ResourceRecord => Resource v 1,
    ResourceDeletionRecord => ResourceDeletion v 1,
    UserTaskRecord => UserTask v 1,
    PendingCommandRecord => PendingCommand v 1,
    PartitionMessageRecord => PartitionMessage v 1,
    MultiInstanceRecord => MultiInstance v 1,
    BusinessIdHoldRecord => BusinessIdHold v 1,
}

/// Which process definition and instance a record belongs to; shared by all values of an instance.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InstanceRef {
    /// The definition that the instance runs.
    pub process_definition_key: Key,
    /// The instance.
    pub process_instance_key: Key,
    /// The instance at the top of the call hierarchy; itself when nobody called it.
    pub root_process_instance_key: Key,
}

impl InstanceRef {
    /// Whether another instance called this one.
    pub fn is_called(&self) -> bool {
        self.root_process_instance_key != self.process_instance_key
    }

    /// Reads the archived form.
    pub fn of(archived: &ArchivedInstanceRef) -> Self {
        Self {
            process_definition_key: Key::of(&archived.process_definition_key),
            process_instance_key: Key::of(&archived.process_instance_key),
            root_process_instance_key: Key::of(&archived.root_process_instance_key),
        }
    }
}

/// A deployment of resources: what it brought, without the resources themselves.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DeploymentRecord<'a> {
    /// Owner of everything in it.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
    /// Names of the resources, in the order they came.
    #[rkyv(with = Map<InlineAsBox>)]
    pub resource_names: Vec<&'a str>,
    /// The process definitions that it made or that it found unchanged.
    pub processes: Vec<ProcessMetadata<'a>>,
    /// The decisions that it made or that it found unchanged.
    pub decisions: Vec<DecisionMetadata<'a>>,
    /// The models of those decisions.
    pub decision_requirements: Vec<DecisionRequirementsMetadata<'a>>,
    /// The forms that it made or that it found unchanged.
    pub forms: Vec<ResourceMetadata<'a>>,
    /// The other resources that it made or that it found unchanged.
    pub resources: Vec<ResourceMetadata<'a>>,
}

/// One process definition of a deployment.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessMetadata<'a> {
    /// The process's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Key of the definition.
    pub process_definition_key: Key,
    /// The resource that it stands in.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Whether an equal definition was there already, so that none was made.
    pub is_duplicate: bool,
}

/// A process definition with its resource, which is empty when it is deleted.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessRecord<'a> {
    /// Key of the definition; the records of its deletion have keys of their own.
    pub process_definition_key: Key,
    /// The process's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub bpmn_process_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub version_tag: &'a str,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// The resource's file name.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Digest of the resource's bytes, by which a redeployment is recognized.
    pub checksum: [u8; 16],
    /// The resource itself.
    #[rkyv(with = InlineAsBox)]
    pub resource: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// The start of a process instance, as it was asked for.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceCreationRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// Version of the definition.
    pub version: i32,
    /// Elements to start at; the none start event when empty.
    #[rkyv(with = Map<InlineAsBox>)]
    pub start_element_ids: Vec<&'a str>,
    /// Elements after which the instance is terminated.
    #[rkyv(with = Map<InlineAsBox>)]
    pub terminate_after_element_ids: Vec<&'a str>,
    /// The client's labels.
    #[rkyv(with = Map<InlineAsBox>)]
    pub tags: Vec<&'a str>,
    /// The client's own id of the instance; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub business_id: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A step in the life of an element instance, or a sequence flow taken.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ElementInstanceRef {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance around this one; none for the process.
    pub flow_scope_key: Key,
    /// The element, or for a sequence flow its index among the flows.
    pub element_index: ElementIndex,
    /// Its kind.
    pub element_type: BpmnElementType,
    /// Its event, if it is one.
    pub event_type: BpmnEventType,
}

impl ElementInstanceRef {
    /// Reads the archived form.
    pub fn of(archived: &ArchivedElementInstanceRef) -> Self {
        Self {
            instance: InstanceRef::of(&archived.instance),
            flow_scope_key: Key::of(&archived.flow_scope_key),
            element_index: ElementIndex::of(&archived.element_index),
            element_type: BpmnElementType::of(&archived.element_type),
            event_type: BpmnEventType::of(&archived.event_type),
        }
    }
}

/// How an element comes to be entered. Every way but the first was promised to the scope around it before.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Not at all by anything in a scope: a process.
    None,
    /// By the sequence flow with this index.
    Flow(ElementIndex),
    /// With others that wait at the gateway with this index until all are there.
    Join(ElementIndex),
    /// By an event that was caught.
    Event,
    /// It was asked for, by its scope or by a client.
    Direct,
    /// For the item with this number of those that the body around it works through, counted from 0.
    Item(u32),
    /// A client asked for it where nothing leads to it; it may have variables of its own already.
    Modification,
    /// Not at all by anything in a scope: a process that ends after one of its elements.
    Limited,
    /// Not at all: it was entered in another definition. If it is interrupted, then by what is this element in its new one.
    Migrated(ElementIndex),
    /// It is being entered already, and that goes on.
    Again,
}

impl Arrival {
    /// Reads the archived form.
    pub fn of(archived: &ArchivedArrival) -> Self {
        match archived {
            ArchivedArrival::None => Self::None,
            ArchivedArrival::Flow(flow) => Self::Flow(ElementIndex::of(flow)),
            ArchivedArrival::Join(gateway) => Self::Join(ElementIndex::of(gateway)),
            ArchivedArrival::Event => Self::Event,
            ArchivedArrival::Direct => Self::Direct,
            ArchivedArrival::Item(number) => Self::Item(number.to_native()),
            ArchivedArrival::Modification => Self::Modification,
            ArchivedArrival::Limited => Self::Limited,
            ArchivedArrival::Migrated(interrupter) => Self::Migrated(ElementIndex::of(interrupter)),
            ArchivedArrival::Again => Self::Again,
        }
    }
}

/// A step in the life of an element instance, or a sequence flow taken.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceRecord<'a> {
    /// What it happens to.
    pub element: ElementInstanceRef,
    /// The instance that called this one; none at the top.
    pub parent_process_instance_key: Key,
    /// The call activity's instance that called this one; none at the top.
    pub parent_element_instance_key: Key,
    /// How it is entered, when that begins; of a sequence flow, where it waits for others.
    pub arrival: Arrival,
    /// How many elements are to be entered because of this: in the scope that has become active, or around the element
    /// that was left. Each is entered, or its promise dropped, by an event of its own. Of one that was migrated: how many of the
    /// listeners of its new element have been asked.
    pub promised: u32,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// The variables that a client waits for at the end of an instance.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ProcessInstanceResultRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A variable in a scope.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct VariableRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that holds it.
    pub scope_key: Key,
    /// Its name.
    #[rkyv(with = InlineAsBox)]
    pub name: &'a str,
    /// Its value as JSON text.
    #[rkyv(with = InlineAsBox)]
    pub value: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A document of variables merged into a scope; the variables follow as records of their own.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct VariableDocumentRecord<'a> {
    /// The scope it was meant for.
    pub scope_key: Key,
    /// Whether all variables stay in that scope (true) or go where they are declared (false).
    pub is_local: bool,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A problem that needs a person.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct IncidentRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// What kind of problem.
    pub error_type: ErrorType,
    /// What went wrong, for the person.
    #[rkyv(with = InlineAsBox)]
    pub error_message: &'a str,
    /// The element instance that cannot go on.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// The job that cannot go on; none when it is not about a job.
    pub job_key: Key,
    /// Where variables that mend it belong.
    pub variable_scope_key: Key,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
