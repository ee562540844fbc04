//! What partitions tell each other: bytes that stand in the sender's log and state until they are acknowledged.
//!
//! A message is a version byte, a byte for its kind, and the kind's archive. Each kind has a struct of its own, so a new
//! kind changes no other; a change of a kind is a new kind, or a new version of all.
//!
//! Invariant: messages between two partitions are taken once and in order (`docs/formats/record.md`), so none needs to say
//! what came before it. It does say which generation of what it is about, so that what has ended meanwhile is left alone.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

pub use crate::cluster_variable::DistributedClusterVariable;
use crate::follow_up::MessageStep;
use crate::ids::{ElementIndex, Key};
use crate::values::InstanceRef;
use crate::wire_enums::{
    BatchOperationErrorType, BatchOperationLifecycleManagementIntent, BatchOperationType,
};
use rkyv::Archive;
use rkyv::rancor::Error as RkyvError;

/// The version of the layout that is written.
const VERSION: u8 = 1;

/// Bytes that are no message which this version of Ringbolt knows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown message between partitions of version {version:?}, kind {kind:?}: {why}")]
pub struct UnknownMessage {
    /// The version they say they have, if they say one.
    pub version: Option<u8>,
    /// The kind they say they are, if they say one.
    pub kind: Option<u8>,
    /// What the check says.
    pub why: String,
}

macro_rules! messages {
    ($($(#[$meta:meta])* $variant:ident($body:ident) = $number:literal $name:literal,)*) => {
        /// A message between partitions.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum PartitionMessage { $($(#[$meta])* $variant($body),)* }

        impl PartitionMessage {
            /// Its bytes in state, log and on its way.
            pub fn to_bytes(&self) -> Vec<u8> {
                match self {
                    $(Self::$variant(body) => rkyv::api::high::to_bytes_in::<_, RkyvError>(body, vec![VERSION, $number]),)*
                }
                .unwrap_or_else(|error| panic!("a value in memory always serializes: {error}"))
            }

            /// The name of what these bytes are, as people read it; none if it is not known.
            pub fn name_of(bytes: &[u8]) -> Option<&'static str> {
                match bytes {
                    $([VERSION, $number, ..] => Some($name),)*
                    _ => None,
                }
            }

            /// Reads the bytes of any version.
            ///
            /// # Errors
            /// When they are of a newer version or damaged.
            pub fn read(bytes: &[u8]) -> Result<Self, UnknownMessage> {
                let unknown = |why: String| UnknownMessage {
                    version: bytes.first().copied(),
                    kind: bytes.get(1).copied(),
                    why,
                };
                let Some((&[VERSION, kind], archive)) = bytes.split_first_chunk::<2>() else {
                    return Err(unknown("its layout is not known".to_owned()));
                };
                match kind {
                    $($number => rkyv::from_bytes::<$body, RkyvError>(archive).map(Self::$variant)
                        .map_err(|error| unknown(error.to_string())),)*
                    _ => Err(unknown("its kind is not known".to_owned())),
                }
            }
        }
    };
}
messages! {
    /// A deployment as its maker keeps it: the definitions stand in the maker's own state. It leaves as `Deployment`.
    DeploymentReference(DeploymentReference) = 1 "DEPLOYMENT_REFERENCE",
    /// A deployment, whole.
    Deployment(DistributedDeployment) = 2 "DEPLOYMENT",
    /// An element instance begins to wait for a message.
    OpenSubscription(OpenSubscription) = 3 "OPEN_MESSAGE_SUBSCRIPTION",
    /// A subscription is told of a message.
    CorrelateMessage(CorrelateMessage) = 4 "CORRELATE_MESSAGE",
    /// Anything else that the two sides of a subscription tell each other.
    Messages(MessageStep) = 5 "MESSAGE_STEP",
    /// A signal was broadcast.
    Signal(DistributedSignal) = 6 "SIGNAL",
    /// A cluster variable was changed.
    ClusterVariable(DistributedClusterVariable) = 60 "CLUSTER_VARIABLE",
    /// Something deployed is to be deleted.
    DeleteResource(DeleteResource) = 20 "DELETE_RESOURCE",
    /// The element instance that waits for a message runs another definition: how it waits now.
    MigrateSubscription(OpenSubscription) = 30 "MIGRATE_MESSAGE_SUBSCRIPTION",
    /// A batch operation was created.
    BatchOperation(DistributedBatchOperation) = 40 "BATCH_OPERATION",
    /// What becomes of a batch operation.
    BatchOperationChange(DistributedBatchOperationChange) = 41 "BATCH_OPERATION_CHANGE",
    /// A partition's part of a batch operation has ended.
    BatchOperationPart(EndedBatchOperationPart) = 42 "BATCH_OPERATION_PART",
    /// Who has a business id, or that it is free.
    BusinessId(BusinessIdNews) = 70 "BUSINESS_ID",
    /// A message wants to start an instance with a business id, which must be the only one.
    AskForBusinessId(AskedStart) = 71 "ASK_FOR_BUSINESS_ID",
    /// Whether it may.
    AnswerForBusinessId(AnsweredStart) = 72 "ANSWER_FOR_BUSINESS_ID",
}

/// See [`PartitionMessage::Signal`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedSignal {
    /// Its key; names the partition on which it was broadcast.
    pub signal_key: Key,
    /// Its name.
    pub name: String,
    /// What it brings, a JSON object.
    pub variables: Vec<u8>,
    /// Owner.
    pub tenant_id: String,
}

/// See [`PartitionMessage::DeploymentReference`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DeploymentReference {
    /// Its key; names the partition that made it.
    pub deployment_key: Key,
    /// Its definitions: processes, and models of decisions.
    pub definitions: Vec<Key>,
}

/// See [`PartitionMessage::OpenSubscription`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct OpenSubscription {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits.
    pub element_instance_key: Key,
    /// The subscription on the instance's side.
    pub owner_key: Key,
    /// Whether it ends with the first message.
    pub is_interrupting: bool,
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// The message's name.
    pub message_name: String,
    /// The message's correlation key.
    pub correlation_key: String,
    /// The instance's business id; empty when it has none.
    pub business_id: String,
    /// Owner.
    pub tenant_id: String,
}

/// See [`PartitionMessage::CorrelateMessage`]. It names the subscription and the message, so that it does nothing where
/// either is not what it was.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CorrelateMessage {
    /// The subscription on the instance's side.
    pub owner_key: Key,
    /// The subscription on the messages' side.
    pub subscription_key: Key,
    /// The message.
    pub message_key: Key,
    /// What it brings, a JSON object.
    pub variables: Vec<u8>,
}

/// See [`PartitionMessage::BatchOperation`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedBatchOperation {
    /// Its key; names the partition that leads it.
    pub batch_operation_key: Key,
    /// What is done with each item.
    pub kind: BatchOperationType,
    /// Whom it is for.
    pub filter: String,
    /// How it is done.
    pub plan: Vec<u8>,
}

/// See [`PartitionMessage::BatchOperationChange`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistributedBatchOperationChange {
    /// Key of the change; names the partition that was asked.
    pub change_key: Key,
    /// The batch operation.
    pub batch_operation_key: Key,
    /// Which command it is.
    pub intent: BatchOperationLifecycleManagementIntent,
}

/// See [`PartitionMessage::BatchOperationPart`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct EndedBatchOperationPart {
    /// The batch operation; its key names the partition that leads it.
    pub batch_operation_key: Key,
    /// Whose part it is.
    pub source_partition_id: u16,
    /// Why it failed, if it did.
    pub error: Option<(BatchOperationErrorType, String)>,
}

/// A business id of a process.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BusinessId {
    /// Owner.
    pub tenant_id: String,
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// The client's own id.
    pub business_id: String,
}

/// What is told of a business id.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessIdChange {
    /// An instance elsewhere has it.
    Held,
    /// That instance has it no more.
    Released,
    /// Nobody has it any more, on its own partition's word.
    Free,
}

/// See [`PartitionMessage::BusinessId`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BusinessIdNews {
    /// What is told.
    pub change: BusinessIdChange,
    /// Of which id.
    pub of: BusinessId,
    /// The instance that has it, or had it; none where it is free.
    pub holder_key: Key,
}

/// See [`PartitionMessage::AskForBusinessId`]. It holds what the start takes, since the message may be gone when the answer comes.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AskedStart {
    /// Which id.
    pub of: BusinessId,
    /// The instance that is going to have it; its partition asks.
    pub holder_key: Key,
    /// The start event that waits, by its subscription.
    pub subscription_key: Key,
    /// Its definition.
    pub definition_key: Key,
    /// Which start event it is.
    pub event: ElementIndex,
    /// The message.
    pub message_key: Key,
    /// The message is kept: it is read again when the answer comes, and told of when the id is free.
    pub is_kept: bool,
    /// The message's name.
    pub message_name: String,
    /// The message's correlation key.
    pub correlation_key: String,
    /// What a message brings that is not kept, a JSON object; else nothing.
    pub variables: Vec<u8>,
    /// It has the turn of its correlation key, whose lock had become free: where it starts nothing the next message has it.
    pub has_turn: bool,
}

/// See [`PartitionMessage::AnswerForBusinessId`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AnsweredStart {
    /// What was asked.
    pub asked: AskedStart,
    /// The id is the instance's that it was asked for.
    pub is_granted: bool,
}

/// See [`PartitionMessage::DeleteResource`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteResource {
    /// Key of the deletion; names the partition that was asked.
    pub deletion_key: Key,
    /// The process, model of decisions, form or resource.
    pub resource_key: Key,
}

/// A deployment on its way to another partition.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedDeployment {
    /// Its key; names the partition that made it.
    pub deployment_key: Key,
    /// Owner.
    pub tenant_id: String,
    /// The process definitions.
    pub processes: Vec<DistributedProcess>,
    /// The models of decisions.
    pub decision_requirements: Vec<DistributedDecisionRequirements>,
    /// The forms.
    pub forms: Vec<DistributedResource>,
    /// The other resources.
    pub resources: Vec<DistributedResource>,
}

/// A form or another resource on its way to another partition.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedResource {
    /// Key of the resource.
    pub resource_key: Key,
    /// Its id, as it says itself.
    pub resource_id: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Its own label of the version; empty when it has none.
    pub version_tag: String,
    /// The resource's file name.
    pub resource_name: String,
    /// Digest of the content.
    pub checksum: [u8; 16],
    /// The content.
    pub content: Vec<u8>,
}

/// A model of decisions on its way to another partition.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedDecisionRequirements {
    /// Key of the model.
    pub decision_requirements_key: Key,
    /// The model's id.
    pub decision_requirements_id: String,
    /// The model's name.
    pub decision_requirements_name: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's namespace.
    pub namespace: String,
    /// The resource's file name.
    pub resource_name: String,
    /// Digest of the resource's bytes.
    pub checksum: [u8; 16],
    /// The resource.
    pub resource: Vec<u8>,
    /// Its decisions.
    pub decisions: Vec<DistributedDecision>,
}

/// A decision on its way to another partition.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedDecision {
    /// Key of the decision.
    pub decision_key: Key,
    /// The decision's id in the model.
    pub decision_id: String,
    /// The decision's name in the model.
    pub decision_name: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    pub version_tag: String,
}

/// A process definition on its way to another partition.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DistributedProcess {
    /// Key of the definition.
    pub process_definition_key: Key,
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    pub version_tag: String,
    /// The resource's file name.
    pub resource_name: String,
    /// Digest of the resource's bytes.
    pub checksum: [u8; 16],
    /// The resource.
    pub resource: Vec<u8>,
}

#[cfg(test)]
mod tests;
