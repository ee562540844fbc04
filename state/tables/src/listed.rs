//! The keys of whole tables in order, a part at a time, for who tells everything that is there.

use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::TableId;

/// A table that can be gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Process definitions, by key.
    Processes,
    /// Models of decisions, by key.
    DecisionRequirements,
    /// Decisions, by key.
    Decisions,
    /// Forms and other resources, by key.
    Resources,
    /// Cluster variables, by scope, tenant and name.
    ClusterVariables,
    /// Element instances, by key: a process instance comes before everything in it.
    ElementInstances,
    /// Variables, by scope and name.
    Variables,
    /// Jobs, by key.
    Jobs,
    /// Incidents, by key.
    Incidents,
    /// User tasks, by key.
    UserTasks,
    /// Waits for messages, by key.
    MessageWaits,
    /// Who waits by a name alone, by scope and key.
    NamedSubscriptions,
    /// Timers, by key.
    Timers,
    /// Who waits for conditions, by scope and key.
    Conditions,
    /// Batch operations that have not ended, by key.
    BatchOperations,
    /// Items that they have still to do, by batch operation and chunk.
    BatchChunks,
}

impl Listed {
    /// All of them, what others refer to first.
    pub const ALL: [Self; 16] = [
        Self::Processes,
        Self::DecisionRequirements,
        Self::Decisions,
        Self::Resources,
        Self::ClusterVariables,
        Self::ElementInstances,
        Self::Variables,
        Self::Jobs,
        Self::Incidents,
        Self::UserTasks,
        Self::MessageWaits,
        Self::NamedSubscriptions,
        Self::Timers,
        Self::Conditions,
        Self::BatchOperations,
        Self::BatchChunks,
    ];

    fn table(self) -> TableId {
        match self {
            Self::Processes => table::PROCESSES,
            Self::DecisionRequirements => table::DECISION_REQUIREMENTS,
            Self::Decisions => table::DECISIONS,
            Self::Resources => table::RESOURCES,
            Self::ClusterVariables => table::CLUSTER_VARIABLES,
            Self::ElementInstances => table::ELEMENT_INSTANCES,
            Self::Variables => table::VARIABLES,
            Self::Jobs => table::JOBS,
            Self::Incidents => table::INCIDENTS,
            Self::UserTasks => table::USER_TASKS,
            Self::MessageWaits => table::MESSAGE_WAITS,
            Self::NamedSubscriptions => table::NAMED_SUBSCRIPTIONS,
            Self::Timers => table::TIMERS,
            Self::Conditions => table::CONDITIONAL_SUBSCRIPTIONS,
            Self::BatchOperations => table::BATCH_OPERATIONS,
            Self::BatchChunks => table::BATCH_OPERATION_CHUNKS,
        }
    }
}

impl Tables {
    /// The keys of a table's rows behind one of them, in order; all for an empty one. Between two entries alone.
    pub fn keys_behind(&self, of: Listed, behind: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut from = behind.to_vec();
        if !behind.is_empty() {
            from.push(0);
        }
        self.store.range(of.table(), &[], &from).map(|(key, _)| key)
    }
}

/// The generated key that stands in a row's key at a place.
///
/// # Panics
/// When the key is shorter.
pub fn listed_key(key: &[u8], at: usize) -> Key {
    let bytes = key[at..at + 8].first_chunk().expect("8 bytes were taken");
    Key(u64::from_be_bytes(*bytes))
}
