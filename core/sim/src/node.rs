//! One running node: partitions over one journal, wired as the broker wires them.
//!
//! Each method is one of the broker's: what a command, a commit, a tick or the end of the journal does. The order of
//! calls, and which effects follow which, is the same; what differs is who calls: the scheduler, one step at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringbolt_journal::{CommitMark, Log, Resume, Space, Ticket};
use ringbolt_partition::{Partition, PollSpec, SliceKinds, StreamSpec};
use ringbolt_record::{Command, PartitionId, RequestContext, RequestId, StreamId, TimestampMs};
use ringbolt_store::CheckpointOutcome;

use crate::disk::Disks;
use crate::host::{SimHost, journal_partition};
use crate::readers::SimReader;
use crate::recovery::{JOURNAL, Recovered};

pub(crate) struct Node {
    pub(crate) partitions: BTreeMap<PartitionId, Partition>,
    pub(crate) host: SimHost,
    pub(crate) readers: BTreeMap<PartitionId, SimReader>,
    /// What is durable, for readers.
    pub(crate) mark: Arc<CommitMark>,
    /// What is durable of each partition, and not agreed on yet.
    to_agree: BTreeMap<PartitionId, u64>,
    next_slice: usize,
}

impl Node {
    /// Goes on from what a recovery found. The journal is open when its first write is done.
    pub(crate) fn start(disks: &Disks, recovered: Recovered, settings: &ringbolt_journal::Settings) -> Self {
        let mark = Arc::new(CommitMark::default());
        let spares = disks.with_journal(|journal| journal.clean_spares(settings.segment_bytes));
        let resume = Resume {
            name: "journal-0".to_owned(),
            journal: JOURNAL,
            epoch: recovered.epoch,
            scan: recovered.scan.clone(),
            spares,
            partitions: recovered.raft_states(disks),
        };
        let mut log = Log::resume(settings, resume).expect("the settings are right");
        disks.with_journal(|journal| journal.start(&log)).expect("the scanned files are there");
        let open = |id: PartitionId| {
            let commit = log.commit_index(journal_partition(id));
            (id, SimReader::open(disks, id, recovered.scan.as_ref(), &mark, commit))
        };
        let readers: BTreeMap<PartitionId, SimReader> = disks.partitions().map(open).collect();
        let (partitions, host) = (recovered.partitions, SimHost::new(log));
        let mut node = Self { partitions, host, readers, mark, to_agree: BTreeMap::new(), next_slice: 0 };
        for (id, partition) in &mut node.partitions {
            partition.add_reader();
            node.host.holds.insert(*id, node.readers[id].reader.hold());
        }
        node.release_checkpointed_log();
        node
    }

    /// What the states hold already is not needed in the log.
    fn release_checkpointed_log(&mut self) {
        for partition in self.partitions.values_mut() {
            // Not a whole look after the log: the host has no time yet.
            partition.release_log(&mut self.host);
        }
    }

    pub(crate) fn of(&self, id: PartitionId) -> &Partition {
        &self.partitions[&id]
    }

    pub(crate) fn process(
        &mut self,
        now: TimestampMs,
        id: PartitionId,
        command: &Command,
        request: Option<RequestId>,
    ) {
        let context = RequestContext { request, ..RequestContext::default() };
        let partition = self.partitions.get_mut(&id).expect("the partition exists");
        partition.process(now, command, &context, &mut self.host);
        self.after_step();
    }

    /// What a refused append means. What the step sent to other partitions is the network's.
    fn after_step(&mut self) {
        if let Some(cause) = self.host.failure.clone() {
            self.stop_all(&cause);
        }
    }

    pub(crate) fn open_stream(&mut self, now: TimestampMs, stream: StreamId, spec: &StreamSpec) {
        for partition in self.partitions.values_mut() {
            partition.open_stream(now, stream, spec.clone(), &mut self.host);
        }
        self.after_step();
    }

    pub(crate) fn close_stream(&mut self, stream: StreamId) {
        for partition in self.partitions.values_mut() {
            partition.close_stream(stream);
        }
    }

    /// A poll looks at every partition and waits where there is nothing.
    pub(crate) fn open_poll(&mut self, now: TimestampMs, poll: StreamId, spec: &PollSpec) {
        for partition in self.partitions.values_mut() {
            partition.poll(now, poll, spec.clone(), &mut self.host);
        }
        self.after_step();
    }

    pub(crate) fn end_poll(&mut self, poll: StreamId) {
        self.partitions.values_mut().for_each(|partition| partition.end_poll(poll));
    }

    /// The broker's timer: the disk's state, then what is due.
    pub(crate) fn tick(&mut self, now: TimestampMs) {
        let disk_full = self.is_short_of_space();
        for partition in self.partitions.values_mut() {
            partition.set_disk_full(disk_full);
            if partition.next_due().is_some_and(|due| due <= now) {
                partition.tick(now, &mut self.host);
            }
            partition.check_log(now, &mut self.host);
        }
        self.after_step();
    }

    /// The broker's task for work that no client waits for: one slice of one partition, in turn.
    pub(crate) fn run_slice(&mut self, now: TimestampMs) -> bool {
        let ids: Vec<PartitionId> = self.partitions.keys().copied().collect();
        let ran = (0..ids.len()).any(|offset| {
            let id = ids[(self.next_slice + offset) % ids.len()];
            let partition = self.partitions.get_mut(&id).expect("the partition exists");
            partition.run_slice(now, SliceKinds::All, &mut self.host)
        });
        self.next_slice = (self.next_slice + 1) % ids.len();
        if ran {
            self.after_step();
        }
        ran
    }

    pub(crate) fn is_short_of_space(&self) -> bool {
        self.host.log.space().0 != Space::Enough
    }

    /// The journal is durable up to a ticket.
    pub(crate) fn note_durable(&mut self, ticket: Ticket) {
        while let Some(entry) = self.host.uncommitted.pop_front_if(|entry| entry.ticket <= ticket) {
            self.to_agree.insert(entry.partition, entry.index);
        }
    }

    /// What is durable counts as committed from now on: at once, as for a partition that is alone, or later, as a quorum
    /// would have it. Returns what is new.
    pub(crate) fn agree(&mut self) -> BTreeMap<PartitionId, u64> {
        std::mem::take(&mut self.to_agree)
    }

    /// The partitions are told that what is durable is committed.
    pub(crate) fn commit(&mut self, now: TimestampMs, agreed: BTreeMap<PartitionId, u64>) {
        for (id, index) in agreed {
            let partition = self.partitions.get_mut(&id).expect("the partition exists");
            partition.on_durable(now, index, &mut self.host);
        }
        self.after_step();
    }

    /// The journal ended: nothing of this node may leave any more.
    pub(crate) fn stop_all(&mut self, cause: &str) {
        self.to_agree.clear();
        for partition in self.partitions.values_mut() {
            partition.stop(cause, &mut self.host);
        }
    }

    pub(crate) fn start_checkpoint(&mut self, id: PartitionId) {
        let partition = self.partitions.get_mut(&id).expect("the partition exists");
        partition.start_checkpoint();
        partition.run_ready_checkpoint(&mut self.host);
    }

    pub(crate) fn finish_checkpoint(
        &mut self,
        now: TimestampMs,
        id: PartitionId,
        outcome: CheckpointOutcome,
    ) {
        let partition = self.partitions.get_mut(&id).expect("the partition exists");
        partition.finish_checkpoint(now, outcome, &mut self.host);
        self.after_step();
    }

    /// Whether any partition stopped.
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.partitions.values().find_map(Partition::stopped)
    }
}
