//! Batch operations: what the clients and the selection of items ask, and what the log says became of each item.
//!
//! Items are selected as a server does that has secondary storage: by key, a page at a time, from where the partition says that it has come to.
//! Here a page may come twice, and for a place that is passed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ringbolt_record::batch_operation::{
    AddItems, CreateBatchOperation, ElementPair, JobUpdatePlan, MigrationPlan, ModificationPlan,
};
use ringbolt_record::values::{
    BatchOperationChunkRecord, BatchOperationCreationRecord, BatchOperationExecutionRecord,
    BatchOperationInitializationRecord, BatchOperationLifecycleManagementRecord,
    BatchOperationPartitionLifecycleRecord,
};
use ringbolt_record::{
    BatchItem, BatchOperationChunkIntent, BatchOperationCommand, BatchOperationCreationIntent,
    BatchOperationErrorType, BatchOperationExecutionIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationType, BatchPlan, Command, Intent, Key,
    PartitionId, RecordRef,
};

use crate::facts::Facts;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::workload::Act;

/// Items of a page.
const PAGE: usize = 3;

/// A batch operation on one partition.
#[derive(Clone, Debug)]
pub(crate) struct BatchFacts {
    kind: BatchOperationType,
    /// Up to where items were selected, and were before that.
    cursor: Key,
    previous: Key,
    is_selected: bool,
    /// Items to do, chunk by chunk.
    chunks: VecDeque<VecDeque<BatchItem>>,
    /// The item that is taken; none between entries.
    taken: Option<BatchItem>,
    rests: bool,
    /// Partitions whose part has ended, as far as this one knows.
    ended: BTreeSet<u16>,
    has_ended_here: bool,
    /// It was canceled, or has come to its end as a whole.
    is_over: bool,
    /// Items that were done or refused.
    done: u64,
}

impl BatchFacts {
    fn wants_items(&self) -> bool {
        !self.is_selected && !self.rests && !self.has_ended_here && !self.is_over
    }
}

/// All batch operations that a partition knows of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batches(BTreeMap<Key, BatchFacts>);

impl Batches {
    /// Items that were taken.
    pub(crate) fn items_done(&self) -> u64 {
        self.0.values().map(|batch| batch.done).sum()
    }

    /// The first batch operation whose items are to be selected.
    fn to_select(&self) -> Option<Key> {
        self.0.iter().find(|(_, batch)| batch.wants_items()).map(|(key, _)| *key)
    }

    fn of(&mut self, key: Key) -> &mut BatchFacts {
        self.0.get_mut(&key).unwrap_or_else(|| panic!("nobody asked for batch operation {key}"))
    }

    /// An entry has ended.
    pub(crate) fn end_entry(&self) {
        for (key, batch) in &self.0 {
            assert!(
                batch.taken.is_none(),
                "an item of {key} is taken, and what becomes of it stands elsewhere"
            );
        }
    }

    /// Adds an event of a batch operation; others are ignored.
    pub(crate) fn fold(&mut self, record: &RecordRef<'_>) {
        let key = record.header.key;
        match record.header.intent {
            Intent::BatchOperationCreation(BatchOperationCreationIntent::Created) => {
                let value = record.value::<BatchOperationCreationRecord<'_>>().expect("a creation");
                let batch = BatchFacts {
                    kind: BatchOperationType::of(&value.kind),
                    cursor: Key::NONE,
                    previous: Key::NONE,
                    is_selected: false,
                    chunks: VecDeque::new(),
                    taken: None,
                    rests: false,
                    ended: BTreeSet::new(),
                    has_ended_here: false,
                    is_over: false,
                    done: 0,
                };
                assert!(self.0.insert(key, batch).is_none(), "batch operation {key} begins twice");
            }
            Intent::BatchOperationInitialization(intent) => self.selected(record, intent),
            Intent::BatchOperationChunk(intent) => self.chunk(record, intent),
            Intent::BatchOperationExecution(intent) => self.item(record, intent),
            Intent::BatchOperationPartitionLifecycle(_) => self.part(record),
            Intent::BatchOperationLifecycleManagement(intent) => self.changed(record, intent),
            _ => {}
        }
    }

    fn selected(&mut self, record: &RecordRef<'_>, intent: BatchOperationInitializationIntent) {
        let value = record.value::<BatchOperationInitializationRecord>().expect("a selection");
        let key = Key::of(&value.batch_operation_key);
        let batch = self.of(key);
        assert!(!batch.is_selected && !batch.is_over, "items are selected for {key}, which has them");
        let cursor = Key::of(&value.cursor);
        assert!(cursor > batch.cursor, "what was selected for {key} is selected again");
        batch.previous = std::mem::replace(&mut batch.cursor, cursor);
        batch.is_selected = intent == BatchOperationInitializationIntent::Initialized;
    }

    fn chunk(&mut self, record: &RecordRef<'_>, intent: BatchOperationChunkIntent) {
        let value = record.value::<BatchOperationChunkRecord>().expect("a chunk");
        let key = Key::of(&value.batch_operation_key);
        let batch = self.of(key);
        if intent == BatchOperationChunkIntent::Created {
            batch.chunks.push_back(value.items.iter().map(BatchItem::of).collect());
            return;
        }
        assert!(batch.is_over || batch.has_ended_here, "items of {key} are forgotten that are to be done");
        for _ in 0..value.forgotten.to_native() {
            assert!(batch.chunks.pop_front().is_some(), "items of {key} are forgotten twice");
        }
    }

    fn item(&mut self, record: &RecordRef<'_>, intent: BatchOperationExecutionIntent) {
        let value = record.value::<BatchOperationExecutionRecord<'_>>().expect("an item");
        let (key, item) = (Key::of(&value.batch_operation_key), BatchItem::of(&value.item));
        let batch = self.of(key);
        if intent == BatchOperationExecutionIntent::Executed {
            assert_eq!(batch.taken.take(), Some(item), "an item of {key} is done that was not taken");
            batch.done += 1;
            return;
        }
        assert!(!batch.rests && !batch.is_over && batch.is_selected, "{key} takes an item: {batch:?}");
        let first = batch.chunks.front_mut().expect("there are items");
        assert_eq!(first.pop_front(), Some(item), "{key} takes an item twice, or out of order");
        if first.is_empty() {
            batch.chunks.pop_front();
        }
        batch.taken = Some(item);
    }

    fn part(&mut self, record: &RecordRef<'_>) {
        let value = record.value::<BatchOperationPartitionLifecycleRecord<'_>>().expect("a part");
        let (key, source) = (Key::of(&value.batch_operation_key), value.source_partition_id.to_native());
        let batch = self.of(key);
        assert!(batch.ended.insert(source), "the part of partition {source} of {key} ends twice");
        batch.has_ended_here |= value.is_own;
        let is_done = batch.chunks.is_empty() || value.error.is_some();
        assert!(!value.is_own || is_done, "the part of {key} ends with items to do");
    }

    fn changed(&mut self, record: &RecordRef<'_>, intent: BatchOperationLifecycleManagementIntent) {
        use BatchOperationLifecycleManagementIntent as Change;
        let value = record.value::<BatchOperationLifecycleManagementRecord<'_>>();
        let key = Key::of(&value.expect("a change").batch_operation_key);
        let batch = self.of(key);
        assert!(!batch.is_over, "{} of {key}, which has ended", intent.name());
        match intent {
            Change::Suspended => assert!(!std::mem::replace(&mut batch.rests, true), "{key} rests twice"),
            Change::Resumed => assert!(std::mem::replace(&mut batch.rests, false), "{key} did not rest"),
            Change::Canceled | Change::Completed => batch.is_over = true,
            _ => {}
        }
    }

    /// At rest: what goes on no more has nothing left to do, all else is told to rest, and so it stands with those of the partition that leads.
    pub(crate) fn check_at_rest(&self, leading: &Self) {
        assert!(leading.0.keys().all(|key| self.0.contains_key(key)), "all know of all batch operations");
        for (key, lead) in &leading.0 {
            let batch = &self.0[key];
            let is_finished = batch.is_over || batch.has_ended_here;
            assert!(!lead.is_over || is_finished, "batch operation {key} has ended, and goes on: {batch:?}");
            assert!(
                is_finished || (batch.rests && lead.rests),
                "batch operation {key} never ends: {batch:?}"
            );
            assert!(!is_finished || batch.chunks.is_empty(), "items of {key} are left: {batch:?}");
        }
    }

    /// Those that were asked for on a partition.
    pub(crate) fn led_by(&self, partition: PartitionId) -> Self {
        let led = self.0.iter().filter(|(key, _)| key.partition() == partition);
        Self(led.map(|(key, batch)| (*key, batch.clone())).collect())
    }
}

fn submit(partition: PartitionId, command: BatchOperationCommand) -> Act {
    Act::Submit(partition, Command::BatchOperation(Box::new(command)))
}

/// A new batch operation, or a change of one.
pub(crate) fn ask(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let known: Vec<Key> = oracle.of(partition).facts.batches.0.keys().copied().collect();
    let of = known.iter().copied().filter(|key| key.partition() == partition).collect::<Vec<_>>();
    let Some(batch_operation_key) = random.choose(&of).copied().filter(|_| random.one_in(2)) else {
        let filter = r#"{"state":"ACTIVE"}"#.to_owned();
        let (kind, plan) = wish(random, oracle, partition);
        return submit(partition, BatchOperationCommand::Create(CreateBatchOperation { kind, filter, plan }));
    };
    let command = match random.below(6) {
        0 => BatchOperationCommand::Cancel { batch_operation_key },
        1 | 2 => BatchOperationCommand::Suspend { batch_operation_key },
        _ => BatchOperationCommand::Resume { batch_operation_key },
    };
    submit(partition, command)
}

fn wish(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> (BatchOperationType, BatchPlan) {
    let pair = |source: &str, target: &str| ElementPair {
        source_element_id: source.to_owned(),
        target_element_id: target.to_owned(),
    };
    match random.below(8) {
        0 => (BatchOperationType::CancelProcessInstance, BatchPlan::Plain),
        1 => (BatchOperationType::ResolveIncident, BatchPlan::Plain),
        2 => {
            let known: Vec<Key> = oracle.of(partition).facts.definitions.keys().copied().collect();
            let target_process_definition_key = random.choose(&known).copied().unwrap_or_default();
            let ids: &[&str] = [&["t"][..], &["a", "b"], &["t"]][random.index(3)];
            let mappings = ids.iter().map(|id| pair(id, id)).collect();
            let plan = MigrationPlan { target_process_definition_key, mappings };
            (BatchOperationType::MigrateProcessInstance, BatchPlan::Migration(plan))
        }
        3 => {
            let moves = vec![
                [pair("t", "t"), pair("a", "b"), pair("b", "a"), pair("u", "m")][random.index(4)].clone(),
            ];
            (BatchOperationType::ModifyProcessInstance, BatchPlan::Modification(ModificationPlan { moves }))
        }
        4 => (BatchOperationType::DeleteProcessInstance, BatchPlan::Plain),
        5 => (BatchOperationType::SuspendProcessInstance, BatchPlan::Plain),
        6 => (BatchOperationType::ResumeProcessInstance, BatchPlan::Plain),
        _ => {
            let retries = random.one_in(2).then(|| random.below(3) as i32);
            let timeout_ms = random.one_in(2).then(|| random.below(2_000) as i64);
            let plan = JobUpdatePlan { retries, timeout_ms, priority: Some(random.below(5) as i32 - 2) };
            (BatchOperationType::UpdateJob, BatchPlan::JobUpdate(plan))
        }
    }
}

/// The next page of items that a partition waits for; none where it waits for none.
pub(crate) fn next_page(oracle: &Oracle, partition: PartitionId) -> Option<AddItems> {
    let facts = &oracle.of(partition).facts;
    let batch_operation_key = facts.batches.to_select()?;
    let batch = &facts.batches.0[&batch_operation_key];
    let mut behind = candidates(facts, batch.kind);
    behind.retain(|key| *key > batch.cursor);
    let is_last = behind.len() <= PAGE;
    behind.truncate(PAGE);
    let cursor = behind.last().copied().unwrap_or(Key(batch.cursor.0 + 1));
    let item = |item_key| BatchItem {
        item_key,
        process_instance_key: item_key,
        root_process_instance_key: item_key,
    };
    let items = behind.into_iter().map(item).collect();
    Some(AddItems { batch_operation_key, after: batch.cursor, cursor, items, is_last })
}

/// What a kind of batch operation is about, also what has ended meanwhile; the partition's own alone.
fn candidates(facts: &Facts, kind: BatchOperationType) -> Vec<Key> {
    match kind {
        BatchOperationType::UpdateJob => facts.jobs.keys().copied().collect(),
        BatchOperationType::ResolveIncident => facts.incidents.keys().copied().collect(),
        _ => {
            let instances = facts.elements.iter().filter(|(_, element)| element.is_process);
            instances.map(|(key, _)| *key).collect()
        }
    }
}

/// The selection brings a page, or one that came before, or says that it cannot.
pub(crate) fn select(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let Some(add) = next_page(oracle, partition) else { return ask(random, oracle, partition) };
    let batch_operation_key = add.batch_operation_key;
    match random.below(12) {
        0 => {
            let previous = oracle.of(partition).facts.batches.0[&batch_operation_key].previous;
            let stale = AddItems { after: previous, ..add };
            submit(partition, BatchOperationCommand::AddItems(stale))
        }
        1 => {
            let (after, message) = (add.after, "it cannot be searched".to_owned());
            let error_type = BatchOperationErrorType::QueryFailed;
            let fail =
                BatchOperationCommand::FailSelection { batch_operation_key, after, error_type, message };
            submit(partition, fail)
        }
        _ => submit(partition, BatchOperationCommand::AddItems(add)),
    }
}
