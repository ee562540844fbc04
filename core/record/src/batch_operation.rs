//! What is asked of many at once: batch operations, their plans and items.
//!
//! A plan stands in log and state as bytes with a version of their own, so that a new kind of batch operation changes no layout.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use crate::ids::Key;
use crate::wire_enums::{
    BatchOperationCreationIntent, BatchOperationErrorType, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationPartitionLifecycleIntent, BatchOperationType,
    HistoryDeletionIntent, HistoryDeletionType, Intent,
};
use rkyv::Archive;
use rkyv::rancor::Error as RkyvError;

/// The version of the plans that are written.
const VERSION: u8 = 1;

/// Most items that one command adds to a batch operation: about half a millisecond.
pub const ITEMS_AT_ONCE_MAX: usize = 1000;

/// What a batch operation does something with.
#[derive(
    Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default,
)]
pub struct BatchItem {
    /// What it is done with: an instance, an incident, a decision instance. This partition made it.
    pub item_key: Key,
    /// The process instance that it belongs to, or is; none of a decision that no instance evaluated.
    pub process_instance_key: Key,
    /// The instance at the top of the call hierarchy.
    pub root_process_instance_key: Key,
}

impl BatchItem {
    /// Reads the archived form.
    pub fn of(archived: &ArchivedBatchItem) -> Self {
        Self {
            item_key: Key::of(&archived.item_key),
            process_instance_key: Key::of(&archived.process_instance_key),
            root_process_instance_key: Key::of(&archived.root_process_instance_key),
        }
    }
}

/// How a batch operation is done, where its kind does not say it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BatchPlan {
    /// The kind says it all.
    #[default]
    Plain,
    /// Instances run another definition.
    Migration(MigrationPlan),
    /// Tokens stand elsewhere.
    Modification(ModificationPlan),
    /// Jobs are changed.
    JobUpdate(JobUpdatePlan),
    /// What is known of instances is deleted, and then of what they were instances of.
    History(HistoryPlan),
}

/// See [`BatchPlan::Migration`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationPlan {
    /// The definition that they are to run.
    pub target_process_definition_key: Key,
    /// Which elements become which.
    pub mappings: Vec<ElementPair>,
}

/// See [`BatchPlan::Modification`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct ModificationPlan {
    /// Of which elements all instances end, and which is entered for each of them.
    pub moves: Vec<ElementPair>,
}

/// See [`BatchPlan::JobUpdate`]. At least one is there.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobUpdatePlan {
    /// New retries.
    pub retries: Option<i32>,
    /// New span until the job is taken back from who has it, from when its turn comes, milliseconds.
    pub timeout_ms: Option<i64>,
    /// New priority.
    pub priority: Option<i32>,
}

/// See [`BatchPlan::History`].
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlan {
    /// What the instances are of.
    pub kind: HistoryDeletionType,
    /// Its key.
    pub key: Key,
}

/// Two elements by their ids.
#[derive(Archive, rkyv::Serialize, rkyv::Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementPair {
    /// Where something stands.
    pub source_element_id: String,
    /// Where it will stand.
    pub target_element_id: String,
}

/// Bytes that are no plan which this version of Ringbolt knows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown plan of a batch operation, version {version:?}: {why}")]
pub struct UnknownPlan {
    /// The version they say they have, if they say one.
    pub version: Option<u8>,
    /// What the check says.
    pub why: String,
}

impl BatchPlan {
    /// Its bytes in state and log: the version, the number of its kind, and what that kind says.
    pub fn to_bytes(&self) -> Vec<u8> {
        let begun = |kind: u8| vec![VERSION, kind];
        match self {
            Self::Plain => Ok(begun(0)),
            Self::Migration(plan) => rkyv::api::high::to_bytes_in::<_, RkyvError>(plan, begun(1)),
            Self::Modification(plan) => rkyv::api::high::to_bytes_in::<_, RkyvError>(plan, begun(2)),
            Self::JobUpdate(plan) => rkyv::api::high::to_bytes_in::<_, RkyvError>(plan, begun(3)),
            Self::History(plan) => rkyv::api::high::to_bytes_in::<_, RkyvError>(plan, begun(4)),
        }
        .unwrap_or_else(|error| panic!("a value in memory always serializes: {error}"))
    }

    /// Reads the bytes of any version.
    ///
    /// # Errors
    /// When they are of a newer version or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, UnknownPlan> {
        let unknown = |why: String| UnknownPlan { version: bytes.first().copied(), why };
        let Some((&[VERSION, kind], archive)) = bytes.split_first_chunk::<2>() else {
            return Err(unknown("its layout is not known".to_owned()));
        };
        let damaged = |error: RkyvError| unknown(error.to_string());
        match kind {
            0 => Ok(Self::Plain),
            1 => rkyv::from_bytes::<MigrationPlan, RkyvError>(archive).map(Self::Migration).map_err(damaged),
            2 => {
                let plan = rkyv::from_bytes::<ModificationPlan, RkyvError>(archive);
                plan.map(Self::Modification).map_err(damaged)
            }
            3 => rkyv::from_bytes::<JobUpdatePlan, RkyvError>(archive).map(Self::JobUpdate).map_err(damaged),
            4 => rkyv::from_bytes::<HistoryPlan, RkyvError>(archive).map(Self::History).map_err(damaged),
            _ => Err(unknown("its kind is not known".to_owned())),
        }
    }
}

/// What is asked of batch operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchOperationCommand {
    /// A new one, on every partition.
    Create(CreateBatchOperation),
    /// It ends here, on every partition; what was done stays.
    Cancel {
        /// Which one.
        batch_operation_key: Key,
    },
    /// It rests, on every partition.
    Suspend {
        /// Which one.
        batch_operation_key: Key,
    },
    /// It goes on, on every partition.
    Resume {
        /// Which one.
        batch_operation_key: Key,
    },
    /// More items were selected on this partition.
    AddItems(AddItems),
    /// The items cannot be selected on this partition.
    FailSelection {
        /// Of which one.
        batch_operation_key: Key,
        /// Up to where they were: where that is not so any more, nothing fails.
        after: Key,
        /// What went wrong.
        error_type: BatchOperationErrorType,
        /// In words.
        message: String,
    },
    /// What is known of something that has ended is deleted.
    DeleteHistory {
        /// What that is.
        kind: HistoryDeletionType,
        /// Its key.
        key: Key,
    },
}

/// See [`BatchOperationCommand::Create`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateBatchOperation {
    /// What is done with each item.
    pub kind: BatchOperationType,
    /// Whom it is for: a filter of the API, as JSON. The engine does not read it.
    pub filter: String,
    /// How it is done.
    pub plan: BatchPlan,
}

/// See [`BatchOperationCommand::AddItems`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddItems {
    /// Of which batch operation.
    pub batch_operation_key: Key,
    /// Up to where they were selected before: where that is not so any more, nothing is added.
    pub after: Key,
    /// Up to where they are selected now.
    pub cursor: Key,
    /// The items, at most [`ITEMS_AT_ONCE_MAX`].
    pub items: Vec<BatchItem>,
    /// Whether there are no more.
    pub is_last: bool,
}

impl BatchOperationCommand {
    /// How the command stands in the log: intent and key.
    pub fn record(&self) -> (Intent, Key) {
        use BatchOperationLifecycleManagementIntent as Lifecycle;
        match self {
            Self::Create(_) => (BatchOperationCreationIntent::Create.into(), Key::NONE),
            Self::Cancel { batch_operation_key } => (Lifecycle::Cancel.into(), *batch_operation_key),
            Self::Suspend { batch_operation_key } => (Lifecycle::Suspend.into(), *batch_operation_key),
            Self::Resume { batch_operation_key } => (Lifecycle::Resume.into(), *batch_operation_key),
            Self::AddItems(add) => {
                (BatchOperationInitializationIntent::Initialize.into(), add.batch_operation_key)
            }
            Self::FailSelection { batch_operation_key, .. } => {
                (BatchOperationPartitionLifecycleIntent::Fail.into(), *batch_operation_key)
            }
            Self::DeleteHistory { key, .. } => (HistoryDeletionIntent::Delete.into(), *key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchPlan, ElementPair, HistoryPlan, JobUpdatePlan, MigrationPlan, ModificationPlan};
    use crate::ids::Key;
    use crate::wire_enums::HistoryDeletionType;

    fn samples() -> [BatchPlan; 5] {
        let pair = ElementPair { source_element_id: "a".to_owned(), target_element_id: "b".to_owned() };
        let migration = MigrationPlan { target_process_definition_key: Key(7), mappings: vec![pair.clone()] };
        let modification = ModificationPlan { moves: vec![pair] };
        let update = JobUpdatePlan { retries: Some(3), timeout_ms: None, priority: Some(-1) };
        [
            BatchPlan::Plain,
            BatchPlan::Migration(migration),
            BatchPlan::Modification(modification),
            BatchPlan::JobUpdate(update),
            BatchPlan::History(HistoryPlan { kind: HistoryDeletionType::ProcessDefinition, key: Key(7) }),
        ]
    }

    #[test]
    fn every_plan_is_read_as_it_was_written() {
        for plan in samples() {
            assert_eq!(BatchPlan::read(&plan.to_bytes()), Ok(plan));
        }
    }

    #[test]
    fn damaged_bytes_are_errors_never_panics() {
        for plan in samples() {
            let bytes = plan.to_bytes();
            for cut in 0..bytes.len() {
                assert!(BatchPlan::read(&bytes[..cut]).is_err(), "cut at {cut}");
            }
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x55;
                let _ = BatchPlan::read(&damaged);
            }
        }
    }
}
