//! What random paths ask of many and of the whole cluster: batch operations over any of the instances, incidents and jobs that there were,
//! suspended, resumed and canceled in their middle, and cluster variables.

use crate::random::Path;
use crate::seeded::Random;
use bytes::Bytes;
use ringbolt_record::batch_operation::{
    AddItems, CreateBatchOperation, ElementPair, JobUpdatePlan, MigrationPlan, ModificationPlan,
};
use ringbolt_record::{
    BatchItem, BatchOperationCommand, BatchOperationType, BatchPlan, ChangeClusterVariable, ClusterVariable,
    ClusterVariableChange, ClusterVariableScope, Command, Key, RejectionType, Reply,
};

/// A batch operation whose items are still selected.
struct Selecting {
    key: Key,
    after: Key,
    items: Vec<BatchItem>,
}

/// What a path has asked for; its numbers are drawn apart from everything else.
pub(crate) struct Wide {
    random: Random,
    selecting: Vec<Selecting>,
    batches: Vec<Key>,
}

impl Wide {
    pub(crate) fn new(seed: u64) -> Self {
        let random = Random(seed.wrapping_mul(0xD134_2543_DE82_EF95) | 1);
        Self { random, selecting: Vec::new(), batches: Vec::new() }
    }

    fn any<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let at = self.random.below(of.len().max(1) as u64);
        of.get(at as usize).cloned()
    }
}

impl Path {
    /// One of all this, in one of three steps.
    pub(crate) fn ask_widely(&mut self) {
        match self.wide.random.below(18) {
            0 => self.begin_batch(),
            1 | 2 => self.select_more(),
            3 => self.change_batch(),
            4 | 5 => self.change_cluster_variable(),
            _ => {}
        }
    }

    fn ask(&mut self, command: BatchOperationCommand) -> Option<Reply> {
        let request = self.rig.send(&Command::BatchOperation(Box::new(command)));
        match self.rig.answer(request) {
            Some(Ok(reply)) => Some(reply),
            Some(Err(rejection)) if rejection.kind != RejectionType::ProcessingError => None,
            other => panic!("{other:?}"),
        }
    }

    fn begin_batch(&mut self) {
        let instances = self.rig.names.instances.clone();
        let (kind, plan, of) = match self.wide.random.below(8) {
            // Seldom: what is canceled shows nothing any more.
            0 if self.wide.random.below(4) == 0 => {
                (BatchOperationType::CancelProcessInstance, BatchPlan::Plain, instances)
            }
            0 | 1 => (BatchOperationType::SuspendProcessInstance, BatchPlan::Plain, instances),
            2 | 3 => (BatchOperationType::ResumeProcessInstance, BatchPlan::Plain, instances),
            4 => (BatchOperationType::ResolveIncident, BatchPlan::Plain, self.rig.names.incidents.clone()),
            5 => {
                let retries = Some(self.wide.random.below(4) as i32);
                let timeout_ms = (self.wide.random.below(3) == 0).then_some(900);
                let plan = JobUpdatePlan { retries, timeout_ms, priority: Some(3) };
                (BatchOperationType::UpdateJob, BatchPlan::JobUpdate(plan), self.rig.names.jobs.clone())
            }
            6 => {
                let plan = self.batch_migration();
                (BatchOperationType::MigrateProcessInstance, BatchPlan::Migration(plan), instances)
            }
            _ => {
                let moves = self.batch_moves();
                let plan = BatchPlan::Modification(ModificationPlan { moves });
                (BatchOperationType::ModifyProcessInstance, plan, instances)
            }
        };
        if kind == BatchOperationType::ModifyProcessInstance {
            // Where tokens were put, they may wait for ever.
            self.direct.extend(&of);
        }
        let suspends = kind == BatchOperationType::SuspendProcessInstance;
        if suspends && self.suspensions.is_none() {
            return;
        }
        let create = CreateBatchOperation { kind, filter: r#"{"state":"ACTIVE"}"#.to_owned(), plan };
        let Some(Reply::BatchOperationCreated { batch_operation_key: key, .. }) =
            self.ask(BatchOperationCommand::Create(create))
        else {
            panic!("it is created");
        };
        let items = of.into_iter().filter(|_| self.wide.random.below(3) > 0).map(|item_key| BatchItem {
            item_key,
            process_instance_key: item_key,
            root_process_instance_key: item_key,
        });
        let items: Vec<BatchItem> = items.collect();
        self.wide.selecting.push(Selecting { key, after: Key::NONE, items });
        self.wide.batches.push(key);
    }

    fn batch_migration(&mut self) -> MigrationPlan {
        let [process, copy] = self.definitions;
        let goes_back = self.wide.random.below(2) == 0;
        let pairs = self.ids.iter().map(|(own, copied)| {
            let (source, target) = if goes_back { (copied, own) } else { (own, copied) };
            ElementPair { source_element_id: source.clone(), target_element_id: target.clone() }
        });
        let mappings = pairs.collect();
        MigrationPlan { target_process_definition_key: if goes_back { process } else { copy }, mappings }
    }

    fn batch_moves(&mut self) -> Vec<ElementPair> {
        let ids = self.enterable.clone();
        let pairs = (0..2).filter_map(|_| {
            let (source_element_id, target_element_id) = (self.wide.any(&ids)?, self.wide.any(&ids)?);
            Some(ElementPair { source_element_id, target_element_id })
        });
        pairs.collect()
    }

    /// Some more items of a batch operation that is selecting; twice now and then, as where an answer was lost.
    fn select_more(&mut self) {
        let at = self.wide.random.below(self.wide.selecting.len().max(1) as u64) as usize;
        let Some(selecting) = self.wide.selecting.get_mut(at) else { return };
        let many = self.wide.random.below(4).min(selecting.items.len() as u64) as usize;
        let items: Vec<BatchItem> = selecting.items.drain(..many).collect();
        let is_last = selecting.items.is_empty();
        let (after, batch_operation_key) = (selecting.after, selecting.key);
        // The keys do not rise; where a selection is, only has to be another place each time.
        let cursor = Key::from_wire(after.to_wire().max(0) + 1);
        selecting.after = cursor;
        if is_last {
            self.wide.selecting.remove(at);
        }
        let add = AddItems { batch_operation_key, after, cursor, items, is_last };
        for _ in 0..1 + self.wide.random.below(8) / 7 {
            self.ask(BatchOperationCommand::AddItems(add.clone()));
        }
    }

    fn change_batch(&mut self) {
        let Some(batch_operation_key) = self.wide.any(&self.wide.batches.clone()) else { return };
        let command = match self.wide.random.below(7) {
            0 => BatchOperationCommand::Cancel { batch_operation_key },
            1..4 => BatchOperationCommand::Suspend { batch_operation_key },
            _ => BatchOperationCommand::Resume { batch_operation_key },
        };
        self.ask(command);
    }

    fn change_cluster_variable(&mut self) {
        let change =
            [ClusterVariableChange::Create, ClusterVariableChange::Update, ClusterVariableChange::Delete]
                [self.wide.random.below(3) as usize];
        let (name, value) = (self.wide.random.below(3), self.wide.random.below(4));
        self.change_one(change, name, value);
    }

    fn change_one(&mut self, change: ClusterVariableChange, name: u64, value: u64) {
        let variable = ClusterVariable {
            scope: ClusterVariableScope::Global,
            tenant_id: String::new(),
            name: format!("c{name}"),
            value: Bytes::from(value.to_string()),
            metadata: Bytes::from_static(b"{}"),
        };
        let change = ChangeClusterVariable { change, variable };
        let request = self.rig.send(&Command::ChangeClusterVariable(Box::new(change)));
        match self.rig.answer(request) {
            Some(Ok(_)) => {}
            Some(Err(rejection)) if rejection.kind != RejectionType::ProcessingError => {}
            other => panic!("{other:?}"),
        }
    }

    /// Lets a cluster variable come and go.
    pub(crate) fn change_twice(&mut self) {
        self.change_one(ClusterVariableChange::Create, 0, 0);
        self.change_one(ClusterVariableChange::Delete, 0, 0);
    }

    /// Lets every batch operation come to its end, and takes away what the cluster has.
    pub(crate) fn end_widely(&mut self) {
        while !self.wide.selecting.is_empty() {
            self.select_more();
        }
        for batch_operation_key in std::mem::take(&mut self.wide.batches) {
            self.ask(BatchOperationCommand::Resume { batch_operation_key });
        }
        (0..3).for_each(|name| self.change_one(ClusterVariableChange::Delete, name, 0));
        self.rig.run_due();
    }
}
