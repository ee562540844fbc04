//! The engine's state as tables over one partition's store: typed keys, typed rows.
//!
//! Code map: one file per table; `key` and `row` are how keys and rows become bytes (`docs/formats/state.md`);
//! `hints` keeps scans from walking over deleted rows again and again; `element_cache` keeps rows that die in the entry that
//! made them from the store.
//!
//! Invariants
//! - Numbers in keys are big-endian, so that a range is in the order of the numbers.
//! - Every row begins with its layout's version; a released layout is frozen.
//! - Text from outside never makes a key longer than the store allows: longer text is hashed.
//! - Everything here is state or can be rebuilt from it; nothing depends on the order of a hash map.
//!
//! The crate knows rows, not rules: what may follow what is the engine's.

mod activatable_jobs;
mod awaited_messages;
mod banned_instances;
mod batch_operations;
mod business_ids;
mod cluster_variables;
mod compensations;
mod conditions;
mod decision_requirements;
mod decisions;
mod distributions;
mod due;
mod element_cache;
mod element_instances;
mod event_subscriptions;
mod event_triggers;
mod hints;
mod incidents;
mod instance_metadata;
mod job_headers;
mod jobs;
mod key;
mod listed;
mod listeners;
mod message_cursors;
mod message_locks;
mod message_subscriptions;
mod message_waits;
mod messages;
mod migrated_elements;
mod multi_instances;
mod named_subscriptions;
mod outbox;
mod pending_commands;
mod processes;
mod resources;
mod row;
mod seldom;
mod sequence_flows;
mod signals;
mod suspended_instances;
mod timers;
mod user_task_changes;
mod user_tasks;
mod variables;
mod waits;

pub use batch_operations::{
    BatchOperationFailure, BatchOperationProgress, BatchOperationRow, BatchOperationStatus,
};
pub use business_ids::OfBusiness;
pub use cluster_variables::ClusterVariableRow;
pub use compensations::CompensationSubscriptionRow;
pub use conditions::ConditionalSubscriptionRow;
pub use decision_requirements::DecisionRequirementsRow;
pub use decisions::DecisionRow;
pub use due::DueKind;
pub use element_instances::{Afterwards, ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};
pub use event_subscriptions::{EventSubscriptionRow, SubscriptionKind};
pub use event_triggers::EventTriggerRow;
pub use incidents::IncidentRow;
pub use instance_metadata::InstanceMetadataRow;
pub use jobs::{JobRow, JobState, JobText};
pub use listed::{Listed, listed_key};
pub use message_locks::MessageLock;
pub use message_subscriptions::{MessageSubscriptionRow, What};
pub use message_waits::{MessageWaitRow, MessageWaitState};
pub use messages::{ForWhom, IsWanted, MessageRow, MessageTotals};
pub use multi_instances::{MultiInstanceCounts, RESULTS_AT_ONCE_MAX};
pub use named_subscriptions::{NamedKind, NamedSubscriptionRow};
pub use outbox::OutboxState;
pub use processes::{LatestProcess, ProcessRow};
pub use resources::{LatestResource, ResourceKind, ResourceRow};
pub use signals::SignalRow;
pub use suspended_instances::Suspension;
pub use timers::TimerRow;
pub use user_task_changes::{DocumentOfChange, UserTaskChangeRow};
pub use user_tasks::{UserTaskRow, UserTaskState};
pub use waits::Waits;

use element_cache::ElementCache;
use hints::Hints;
use message_cursors::MessageCursors;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_store::{Range, RowOwner, Store, TableId};
use seldom::Seldom;
use std::cell::RefCell;

/// Every table's number in the store. A number is never given to another table.
mod table {
    use ringbolt_store::TableId;

    pub(crate) const PROCESSES: TableId = TableId(1);
    pub(crate) const PROCESS_BY_VERSION: TableId = TableId(2);
    pub(crate) const LATEST_PROCESS: TableId = TableId(3);
    pub(crate) const ELEMENT_INSTANCES: TableId = TableId(4);
    pub(crate) const ELEMENT_CHILDREN: TableId = TableId(5);
    pub(crate) const INSTANCE_METADATA: TableId = TableId(6);
    pub(crate) const VARIABLES: TableId = TableId(7);
    pub(crate) const JOBS: TableId = TableId(8);
    pub(crate) const ACTIVATABLE_JOBS: TableId = TableId(9);
    pub(crate) const INCIDENTS: TableId = TableId(12);
    pub(crate) const INCIDENT_BY_OWNER: TableId = TableId(13);
    pub(crate) const TAKEN_SEQUENCE_FLOWS: TableId = TableId(14);
    pub(crate) const PENDING_COMMANDS: TableId = TableId(15);
    pub(crate) const BANNED_INSTANCES: TableId = TableId(16);
    pub(crate) const PENDING_DISTRIBUTIONS: TableId = TableId(17);
    pub(crate) const DECISION_REQUIREMENTS: TableId = TableId(19);
    pub(crate) const DECISION_REQUIREMENTS_BY_VERSION: TableId = TableId(20);
    pub(crate) const LATEST_DECISION_REQUIREMENTS: TableId = TableId(21);
    pub(crate) const DECISIONS: TableId = TableId(22);
    pub(crate) const DECISION_BY_VERSION: TableId = TableId(23);
    pub(crate) const LATEST_DECISION: TableId = TableId(24);
    pub(crate) const DECISION_BY_VERSION_TAG: TableId = TableId(25);
    pub(crate) const DECISIONS_OF_REQUIREMENTS: TableId = TableId(26);
    pub(crate) const DECISION_BY_DEPLOYMENT: TableId = TableId(27);
    pub(crate) const DUE: TableId = TableId(28);
    pub(crate) const OUTBOX: TableId = TableId(40);
    pub(crate) const OUTBOX_STATES: TableId = TableId(41);
    pub(crate) const INBOX: TableId = TableId(42);
    pub(crate) const ROUTING: TableId = TableId(43);
    pub(crate) const TIMERS: TableId = TableId(29);
    pub(crate) const EVENT_SUBSCRIPTIONS: TableId = TableId(30);
    pub(crate) const EVENT_TRIGGERS: TableId = TableId(31);
    pub(crate) const PROCESS_BY_VERSION_TAG: TableId = TableId(60);
    pub(crate) const PROCESS_BY_DEPLOYMENT: TableId = TableId(61);
    pub(crate) const MULTI_INSTANCES: TableId = TableId(62);
    pub(crate) const MULTI_INSTANCE_ITEMS: TableId = TableId(63);
    pub(crate) const MULTI_INSTANCE_RESULTS: TableId = TableId(64);
    pub(crate) const ITEM_NUMBERS: TableId = TableId(65);
    pub(crate) const USER_TASKS: TableId = TableId(50);
    pub(crate) const JOB_HEADERS: TableId = TableId(51);
    pub(crate) const MESSAGES: TableId = TableId(44);
    pub(crate) const MESSAGES_BY_NAME: TableId = TableId(45);
    pub(crate) const MESSAGE_IDS: TableId = TableId(46);
    pub(crate) const MESSAGE_CORRELATIONS: TableId = TableId(47);
    pub(crate) const MESSAGE_TOTALS: TableId = TableId(48);
    pub(crate) const MESSAGE_SUBSCRIPTIONS: TableId = TableId(49);
    pub(crate) const MESSAGE_SUBSCRIPTIONS_BY_NAME: TableId = TableId(52);
    pub(crate) const MESSAGE_SUBSCRIPTION_BY_OWNER: TableId = TableId(53);
    pub(crate) const MESSAGE_WAITS: TableId = TableId(54);
    pub(crate) const NAMED_SUBSCRIPTIONS: TableId = TableId(55);
    pub(crate) const NAMED_SUBSCRIPTIONS_BY_NAME: TableId = TableId(56);
    pub(crate) const MESSAGE_LOCKS: TableId = TableId(57);
    pub(crate) const MESSAGE_LOCK_OF_INSTANCE: TableId = TableId(58);
    pub(crate) const AWAITED_MESSAGES: TableId = TableId(59);
    pub(crate) const MESSAGES_OF_BUSINESS: TableId = TableId(132);
    pub(crate) const MESSAGE_SUBSCRIPTIONS_OF_BUSINESS: TableId = TableId(133);
    pub(crate) const MESSAGES_BY_BUSINESS: TableId = TableId(134);
    pub(crate) const BUSINESS_IDS: TableId = TableId(135);
    pub(crate) const BUSINESS_ID_WAITS: TableId = TableId(136);
    pub(crate) const PROCESS_RESOURCES: TableId = TableId(137);
    pub(crate) const RESOURCES: TableId = TableId(70);
    pub(crate) const RESOURCE_BY_VERSION: TableId = TableId(71);
    pub(crate) const LATEST_RESOURCE: TableId = TableId(72);
    pub(crate) const RESOURCE_BY_VERSION_TAG: TableId = TableId(73);
    pub(crate) const RESOURCE_BY_DEPLOYMENT: TableId = TableId(74);
    pub(crate) const DELETING_PROCESSES: TableId = TableId(75);
    pub(crate) const SIGNALS: TableId = TableId(77);
    pub(crate) const CLUSTER_VARIABLES: TableId = TableId(130);
    pub(crate) const SEEN_CLUSTER_VARIABLES: TableId = TableId(131);
    pub(crate) const LISTENERS_BEGUN: TableId = TableId(80);
    pub(crate) const USER_TASK_CHANGES: TableId = TableId(81);
    pub(crate) const COMPENSATION_SUBSCRIPTIONS: TableId = TableId(100);
    pub(crate) const COMPENSATIONS_BY_SCOPE: TableId = TableId(101);
    pub(crate) const COMPENSATION_BY_ELEMENT: TableId = TableId(102);
    pub(crate) const COMPENSATION_COUNTS: TableId = TableId(103);
    pub(crate) const CONDITIONAL_SUBSCRIPTIONS: TableId = TableId(104);
    pub(crate) const CONDITIONS_INSIDE: TableId = TableId(105);
    pub(crate) const BATCH_OPERATIONS: TableId = TableId(110);
    pub(crate) const BATCH_OPERATION_PROGRESS: TableId = TableId(111);
    pub(crate) const BATCH_OPERATION_CHUNKS: TableId = TableId(112);
    pub(crate) const BATCH_OPERATIONS_TO_SELECT: TableId = TableId(113);
    pub(crate) const SUSPENDED_INSTANCES: TableId = TableId(120);
    pub(crate) const HELD_COMMANDS: TableId = TableId(121);
}

/// The tables of one partition.
pub struct Tables {
    store: Store,
    hints: Hints,
    message_cursors: MessageCursors,
    /// Element instances of the entry that is under way.
    elements: RefCell<ElementCache>,
    /// No row of an element instance with a greater key was ever in the store.
    stored_element_max: Key,
    /// Rows are put together here before the store copies them.
    scratch: Vec<u8>,
    /// See [`Tables::take_earliest_due`].
    earliest_due: TimestampMs,
    /// Whether any instance is suspended, or goes on after that.
    suspended: Seldom,
    /// Whether any is banned.
    banned: Seldom,
    /// Whether any carries something besides its life.
    metadata: Seldom,
}

impl Tables {
    /// The tables in a store.
    pub fn new(store: Store) -> Self {
        Self::with_elements(store, element_cache::ROWS_MAX)
    }

    fn with_elements(store: Store, rows_max: usize) -> Self {
        // What the store was opened with came before its mark; what comes later goes through here.
        let is_as_opened = store.stats().active_rows == 0;
        let stored_element_max = if is_as_opened { store.newest_mark().key_counter } else { u64::MAX };
        Self {
            store,
            hints: Hints::default(),
            message_cursors: MessageCursors::default(),
            elements: RefCell::new(ElementCache::new(rows_max)),
            stored_element_max: Key(stored_element_max),
            scratch: Vec::new(),
            earliest_due: TimestampMs(i64::MAX),
            suspended: Seldom::default(),
            banned: Seldom::default(),
            metadata: Seldom::default(),
        }
    }

    /// The store below.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store below, for checkpoints and for a leader that steps down.
    pub fn store_mut(&mut self) -> &mut Store {
        // What the caller does may bring rows back that a hint has passed.
        self.hints.clear();
        self.forget_seldom();
        self.message_cursors.clear();
        &mut self.store
    }

    /// Begins remembering how rows were. Savepoints nest; within the outermost one, rows of element instances need not
    /// reach the store.
    pub fn savepoint(&mut self) {
        self.store.savepoint();
        self.elements.get_mut().savepoint();
    }

    /// Puts every row back to how it was at the last savepoint.
    pub fn rollback(&mut self) {
        for (table, key) in self.store.deleted_since_savepoint() {
            self.hints.may_come_back(table, key);
        }
        self.store.rollback();
        self.forget_seldom();
        self.message_cursors.roll_back();
        self.elements.get_mut().rollback();
    }

    /// Rows of tables that mostly have none may have come back.
    fn forget_seldom(&self) {
        self.suspended.forget();
        self.banned.forget();
        self.metadata.forget();
    }

    /// Keeps what was written since the last savepoint.
    pub fn release(&mut self) {
        self.store.release();
        if self.elements.get_mut().release() {
            self.message_cursors.release();
            while let Some(row) = self.elements.get_mut().next_unwritten() {
                self.store_element(&row);
            }
        }
    }

    /// A row whose key begins with a generated key.
    fn get_of(&self, table: TableId, owner: Key, key: &[u8]) -> Option<&[u8]> {
        debug_assert!(key.starts_with(&owner.0.to_be_bytes()), "the row is another owner's");
        self.store.get_owned(table, key, RowOwner::Generated(owner.0))
    }

    /// All rows whose keys begin with a generated key.
    fn range_of(&self, table: TableId, owner: Key) -> Range<'_> {
        self.store.range_owned(table, &owner.0.to_be_bytes(), &[], RowOwner::Generated(owner.0))
    }

    /// The first row of `prefix`, found without walking over rows deleted before.
    fn first(&self, table: TableId, prefix: &[u8]) -> Option<(&[u8], &[u8])> {
        let hint = self.hints.get(table, prefix)?;
        let found = self.store.range(table, prefix, &hint).next();
        self.hints.found(table, prefix, found.map(|(key, _)| &key[prefix.len()..]));
        found
    }
}
