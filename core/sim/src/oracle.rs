//! What must hold: after every step, at every answer, after every crash.
//!
//! Per partition it keeps every entry that was appended, the state that a replay of them from an empty store gives at
//! each index, and how far the virtual disk was given the log. It never asks the partition what is committed.

use std::collections::BTreeMap;
use std::rc::Rc;

use ringbolt_engine::{Engine, EngineSettings};
use ringbolt_partition::Partition;
use ringbolt_record::{
    Command, EntryRef, Intent, Key, PartitionId, Position, RecordType, Reply, TimestampMs,
};
use ringbolt_store::{Store, open_memory};
use ringbolt_tables::Tables;
use xxhash_rust::xxh3::Xxh3Default;

use crate::facts::Facts;
use crate::host::Appended;
use crate::random::Random;

/// A hash over all rows: table, key and value.
pub(crate) fn state_hash(store: &Store) -> u64 {
    let mut hash = Xxh3Default::new();
    for (table, key, value) in store.dump() {
        hash.update(&[table.0]);
        hash.update(&(key.len() as u64).to_le_bytes());
        hash.update(key);
        hash.update(&(value.len() as u64).to_le_bytes());
        hash.update(value);
    }
    assert!(store.fault().is_none(), "the state has a fault: {:?}", store.fault());
    hash.digest()
}

/// An entry, and the state after it as a replay from nothing gives it.
#[derive(Clone)]
struct Entry {
    bytes: Rc<[u8]>,
    end: Position,
    state_hash: u64,
}

/// One partition's log and state replayed from nothing.
struct Replica {
    engine: Engine,
    tables: Tables,
}

/// What was told to clients.
#[derive(Clone, Default)]
struct Told {
    /// No answer rested on an entry above this index.
    index: u64,
    instances: Vec<(PartitionId, Key)>,
    completed_jobs: Vec<Key>,
    definitions: Vec<Key>,
    /// How often each job was delivered.
    deliveries: BTreeMap<Key, usize>,
}

/// The oracle of one partition.
pub(crate) struct PartitionOracle {
    id: PartitionId,
    settings: EngineSettings,
    entries: Vec<Entry>,
    empty_hash: u64,
    replica: Replica,
    pub(crate) facts: Facts,
    last_timestamp: TimestampMs,
    key_counter: u64,
    /// The virtual disk holds the log up to this index.
    durable: u64,
    /// The partition was told that its log is committed up to this index.
    committed: u64,
    told: Told,
}

impl PartitionOracle {
    pub(crate) fn new(id: PartitionId, settings: EngineSettings) -> Self {
        let replica = Replica { engine: Engine::new(settings.clone()), tables: Tables::new(open_memory()) };
        Self {
            id,
            settings,
            entries: Vec::new(),
            empty_hash: state_hash(replica.tables.store()),
            replica,
            facts: Facts::default(),
            last_timestamp: TimestampMs(0),
            key_counter: 0,
            durable: 0,
            committed: 0,
            told: Told::default(),
        }
    }

    /// Another one with the entries up to `index` only, all of them durable and committed.
    pub(crate) fn fork_at(&self, index: u64) -> Self {
        let mut fork = Self::new(self.id, self.settings.clone());
        for entry in &self.entries[..index as usize] {
            fork.take(&entry.bytes);
        }
        (fork.durable, fork.committed) = (index, index);
        fork.told = self.told.clone();
        fork
    }

    pub(crate) fn last_index(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(crate) fn durable(&self) -> u64 {
        self.durable
    }

    pub(crate) fn committed(&self) -> u64 {
        self.committed
    }

    /// A reader was given this entry: it is committed and what was appended.
    pub(crate) fn check_read(&self, index: u64, bytes: &[u8], committed: u64) {
        assert!(index <= committed, "a reader sees entry {index} before it is committed");
        assert_eq!(*self.entries[index as usize - 1].bytes, *bytes, "a reader sees another entry {index}");
    }

    fn hash_at(&self, index: u64) -> u64 {
        index.checked_sub(1).map_or(self.empty_hash, |at| self.entries[at as usize].state_hash)
    }

    fn end_at(&self, index: u64) -> Position {
        index.checked_sub(1).map_or(Position(1), |at| self.entries[at as usize].end)
    }

    /// Takes an entry that was appended, and replays it.
    pub(crate) fn append(&mut self, appended: &Appended) {
        assert_eq!(appended.index, self.last_index() + 1, "indexes are contiguous");
        let entry = EntryRef::parse(&appended.bytes).expect("an appended entry can be read");
        let expected = self.end_at(self.last_index());
        assert_eq!(appended.first_position, expected, "positions are contiguous");
        assert_eq!(entry.first_position(), expected, "positions are contiguous");
        assert_eq!(entry.record_count(), appended.record_count);
        assert!(entry.timestamp() >= self.last_timestamp, "time went back to {}", entry.timestamp());
        assert!(entry.key_counter() >= self.key_counter, "the key counter went back");
        self.take(&Rc::from(appended.bytes.as_slice()));
    }

    fn take(&mut self, bytes: &Rc<[u8]>) {
        let entry = EntryRef::parse(bytes).expect("an appended entry can be read");
        self.facts.fold(self.last_index() + 1, &entry);
        self.replica
            .engine
            .replay(&mut self.replica.tables, &entry)
            .expect("an appended entry can be replayed");
        (self.last_timestamp, self.key_counter) = (entry.timestamp(), entry.key_counter());
        self.entries.push(Entry {
            bytes: bytes.clone(),
            end: entry.first_position().plus(u64::from(entry.record_count())),
            state_hash: state_hash(self.replica.tables.store()),
        });
    }

    /// The virtual disk was given everything up to an index.
    pub(crate) fn note_durable(&mut self, index: u64) {
        assert!(index > self.durable && index <= self.last_index(), "writes are in order");
        self.durable = index;
    }

    /// The partition is about to be told that its log is committed up to an index.
    pub(crate) fn note_committed(&mut self, index: u64) {
        assert!(index > self.committed && index <= self.durable, "what is committed is durable");
        self.committed = index;
    }

    /// The live state is what a replay of all entries from nothing gives.
    pub(crate) fn check_live(&self, partition: &Partition) {
        let live = state_hash(partition.tables().store());
        assert_eq!(
            live,
            self.hash_at(self.last_index()),
            "partition {}: processing and replay differ at index {}",
            self.id,
            self.last_index()
        );
    }

    /// Whether the entry with this index holds this command.
    pub(crate) fn is_entry_of(&self, index: u64, command: &Command) -> bool {
        let Some(entry) = self.entries.get(index as usize - 1) else { return false };
        let entry = EntryRef::parse(&entry.bytes).expect("an appended entry can be read");
        let Some(Ok(first)) = entry.records().next() else { return false };
        let (intent, key): (Intent, Key) = command.record();
        first.header.record_type == RecordType::Command
            && (first.header.intent, first.header.key) == (intent, key)
    }

    fn told(&mut self, index: u64, what: &str) {
        assert!(
            index <= self.committed,
            "partition {}: {what} was released, which rests on index {index}; only {} is committed",
            self.id,
            self.committed
        );
        self.told.index = self.told.index.max(index);
    }

    /// A command was answered. `gate` is the last entry that its answer rests on, as far as the command shows it.
    pub(crate) fn on_answer(&mut self, gate: u64, command: &Command, reply: Option<&Reply>) {
        self.told(gate, "an answer");
        match reply {
            None => {}
            Some(Reply::Done) => {
                if let Command::CompleteJob { job_key, .. } = command {
                    let completed = self.facts.jobs.get(job_key).and_then(|job| job.completed);
                    self.told(completed.expect("an answered completion is in the log"), "a completion");
                    self.told.completed_jobs.push(*job_key);
                }
            }
            Some(Reply::Deployed(deployed)) => {
                for process in &deployed.processes {
                    let key = process.process_definition_key;
                    let made = self.facts.definitions.get(&key).copied();
                    self.told(made.expect("an answered deployment is in the log"), "a deployment");
                    self.told.definitions.push(key);
                }
            }
            Some(Reply::ProcessInstanceCreated(instance)) => {
                let key = instance.process_instance_key;
                let entered = self.facts.elements.get(&key).map(|facts| facts.entered);
                self.told(entered.expect("an answered instance is in the log"), "an instance");
                self.told.instances.push((self.id, key));
            }
            Some(Reply::ProcessInstanceResult { instance, .. }) => {
                let key = instance.process_instance_key;
                let completed = self.facts.elements.get(&key).and_then(|facts| facts.completed);
                self.told(completed.expect("an answered result is in the log"), "a result");
                self.told.instances.push((self.id, key));
            }
            Some(Reply::JobsActivated(batch)) => {
                for job in &batch.jobs {
                    self.on_delivery(job.key);
                }
            }
            Some(
                Reply::VariablesSet { .. }
                | Reply::ResourceDeleted { .. }
                | Reply::Resource(_)
                | Reply::MessagePublished { .. }
                | Reply::MessageCorrelated { .. }
                | Reply::SignalBroadcasted { .. }
                | Reply::BatchOperationCreated { .. }
                | Reply::ConditionalsEvaluated { .. }
                | Reply::ClusterVariableChanged(_)
                | Reply::ClusterVariables(_)
                | Reply::DecisionEvaluated(_)
                | Reply::ExpressionEvaluated(_),
            ) => {}
        }
    }

    /// A job reached a client.
    pub(crate) fn on_delivery(&mut self, job_key: Key) {
        let job = self.facts.jobs.get(&job_key).expect("a delivered job is in the log");
        let delivered = self.told.deliveries.get(&job_key).copied().unwrap_or(0);
        let Some(index) = job.activated.get(delivered).copied() else {
            panic!("job {job_key} was delivered {} times, activated {delivered} times", delivered + 1);
        };
        self.told(index, "a job");
        self.told.deliveries.insert(job_key, delivered + 1);
    }

    /// An entry that a recovery read.
    pub(crate) fn check_entry(&self, index: u64, bytes: &[u8]) {
        let known = self.entries.get(index as usize - 1);
        let known = known.unwrap_or_else(|| panic!("entry {index} was recovered but never appended"));
        assert!(*known.bytes == *bytes, "entry {index} was recovered with other bytes");
    }

    /// A partition that a recovery brought back: nothing acknowledged is missing and nothing was invented. `in_log` is
    /// the partition's last index in the journal, 0 if the journal needs none of its entries any more.
    pub(crate) fn check_recovered(&self, partition: &Partition, in_log: u64) {
        let stats = partition.stats();
        let index = stats.last_index;
        let id = self.id;
        assert!(index <= self.last_index(), "partition {id}: index {index} was never appended");
        assert!(index >= self.told.index, "partition {id}: {index} recovered, {} told", self.told.index);
        assert!(index >= self.durable, "partition {id}: {index} recovered, {} written", self.durable);
        assert_eq!(index, in_log.max(self.durable), "partition {id}: the state ends where the log ends");
        assert_eq!(stats.committed_index, index, "all that was recovered is committed");
        assert_eq!(Position(stats.last_position + 1), self.end_at(index), "positions go on");
        let recovered = state_hash(partition.tables().store());
        assert_eq!(recovered, self.hash_at(index), "partition {id}: another state at index {index}");
        self.check_told(partition, index);
    }

    fn check_told(&self, partition: &Partition, index: u64) {
        let tables = partition.tables();
        for (_, key) in &self.told.instances {
            let ended = self.facts.elements.get(key).and_then(|facts| facts.ended);
            let is_there = tables.element_instance(*key).is_some();
            assert!(is_there || ended.is_some_and(|ended| ended <= index), "instance {key} is lost");
        }
        for key in &self.told.completed_jobs {
            assert!(tables.job(*key).is_none(), "job {key} was completed and is back");
        }
        for key in &self.told.definitions {
            assert!(tables.process(*key).is_some(), "definition {key} is lost");
        }
    }

    /// What was appended behind the recovered index never happened; the rest is durable and committed.
    pub(crate) fn go_on_at(&mut self, index: u64) {
        if index == self.last_index() {
            (self.durable, self.committed) = (index, index);
        } else {
            *self = self.fork_at(index);
        }
    }
}

/// The oracles of all partitions.
pub(crate) struct Oracle {
    pub(crate) partitions: BTreeMap<PartitionId, PartitionOracle>,
}

impl Oracle {
    pub(crate) fn of(&self, partition: PartitionId) -> &PartitionOracle {
        &self.partitions[&partition]
    }

    pub(crate) fn of_mut(&mut self, partition: PartitionId) -> &mut PartitionOracle {
        self.partitions.get_mut(&partition).expect("the partition exists")
    }
}

/// What clients look up here, since nothing else tells them.
impl PartitionOracle {
    /// A job that has not ended, or any at all.
    pub(crate) fn some_job(&self, random: &mut Random) -> Option<Key> {
        let open = self.facts.jobs.iter().filter(|(_, job)| job.is_open()).map(|(key, _)| *key);
        let open: Vec<Key> = open.collect();
        let any = random.one_in(6).then(|| self.facts.jobs.keys().copied().collect::<Vec<_>>());
        random.choose(&any.unwrap_or(open)).copied()
    }

    /// Element instances that have not ended.
    pub(crate) fn open_scopes(&self) -> Vec<Key> {
        let open = self.facts.elements.iter().filter(|(_, element)| element.ended.is_none());
        open.map(|(key, _)| *key).collect()
    }

    /// Process instances that have not ended.
    pub(crate) fn open_instances(&self) -> Vec<Key> {
        let elements = self.facts.elements.iter();
        let open = elements.filter(|(_, element)| element.is_process && element.ended.is_none());
        open.map(|(key, _)| *key).collect()
    }

    /// Incidents that are not resolved.
    pub(crate) fn open_incidents(&self) -> Vec<Key> {
        self.facts.incidents.iter().filter(|(_, resolved)| !**resolved).map(|(key, _)| *key).collect()
    }
}
