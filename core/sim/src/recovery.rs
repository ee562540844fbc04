//! A start after a crash, in the broker's order: scan the journal, open every state, replay the log from each
//! state's mark, and only then go on writing.
//!
//! It reads the disk and changes only what a real start changes: a long replay writes checkpoints.

use std::collections::BTreeMap;

use ringbolt_journal as journal;
use ringbolt_journal::{EntryKind, EntryStream, Epoch, Filter, JournalId, Scan, scan};
use ringbolt_partition::{
    Answer, EntryFrame, Host, Partition, PartitionSettings, ReaderId, ReaderView, RecoveryError,
};
use ringbolt_record::{ActivatedJob, Command, PartitionId, Position, RequestId, StreamId, TimestampMs};
use ringbolt_store::{CheckpointJob, RetiredOverlay};
use ringbolt_tables::Tables;

use crate::disk::Disks;
use crate::host::journal_partition;

/// The simulated journal's identity.
pub(crate) const JOURNAL: JournalId = JournalId(0x7269_6e67_626f_6c74_0000_0000_0000_0001);

/// Why a start refuses.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The journal cannot be read, or holds what no crash explains.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A log cannot be replayed, or a state cannot be read.
    #[error(transparent)]
    Partition(#[from] RecoveryError),
    /// A checkpoint that the replay needed failed.
    #[error("a checkpoint during replay failed: {0}")]
    Checkpoint(String),
}

/// What a start found.
pub(crate) struct Recovered {
    pub(crate) scan: Option<Scan>,
    pub(crate) epoch: Epoch,
    pub(crate) partitions: BTreeMap<PartitionId, Partition>,
    /// Checkpoints that the replay wrote.
    pub(crate) checkpoints: u64,
}

/// Recovers everything on the disks. `entries_per_look` is how often a replay looks whether it needs a checkpoint.
pub(crate) fn recover(
    disks: &Disks,
    settings: &dyn Fn(PartitionId) -> PartitionSettings,
    entries_per_look: u64,
    now: TimestampMs,
) -> Result<Recovered, RecoverError> {
    let found = scan(&mut disks.source(), JOURNAL)?;
    let epoch = found.as_ref().map(|scan| scan.tail.link.epoch).unwrap_or_default().next();
    let mut partitions = BTreeMap::new();
    for id in disks.partitions() {
        let tables = Tables::new(disks.store(id).open());
        partitions.insert(id, Partition::open(id, tables, settings(id))?);
    }
    let mut checkpoints = 0;
    if let Some(scan) = &found {
        let wanted = partitions
            .values()
            .map(|p: &Partition| (journal_partition(p.id()), journal::Position(p.replay_from().0)))
            .collect();
        let stream = [(disks.source(), JOURNAL, scan.clone())];
        let mut entries = EntryStream::new(stream, Filter::Partitions(wanted));
        let mut count = 0;
        while let Some(entry) = entries.next_entry()? {
            let frame = entry.frame;
            let id = PartitionId(u16::try_from(frame.partition.0).expect("partitions of this simulation"));
            let Some(partition) = partitions.get_mut(&id) else { continue };
            if frame.kind != EntryKind::Records {
                continue;
            }
            partition.replay(frame.index.0, frame.term.0, entry.payload())?;
            count += 1;
            if count % entries_per_look == 0 {
                checkpoints += checkpoint_in_replay(partition, now)?;
            }
        }
    }
    Ok(Recovered { scan: found, epoch, partitions, checkpoints })
}

fn checkpoint_in_replay(partition: &mut Partition, now: TimestampMs) -> Result<u64, RecoverError> {
    let mut host = ReplayHost::default();
    partition.replay_step(&mut host);
    let Some(job) = host.job else { return Ok(0) };
    let outcome = job.run();
    let cause = outcome.result().err().map(ToString::to_string);
    partition.finish_checkpoint(now, outcome, &mut ReplayHost::default());
    match cause {
        None => Ok(1),
        Some(_) if partition.is_checkpoint_delayed() => Ok(0),
        Some(cause) => Err(RecoverError::Checkpoint(cause)),
    }
}

/// Every entry that the journal still holds, in order.
pub(crate) fn for_each_entry(
    disks: &Disks,
    scan: &Scan,
    mut take: impl FnMut(PartitionId, u64, &[u8]),
) -> Result<(), RecoverError> {
    let mut entries = EntryStream::new([(disks.source(), JOURNAL, scan.clone())], Filter::All);
    while let Some(entry) = entries.next_entry()? {
        let id = PartitionId(u16::try_from(entry.frame.partition.0).expect("partitions of this simulation"));
        take(id, entry.frame.index.0, entry.payload());
    }
    Ok(())
}

/// The world during a replay: checkpoints happen, nothing leaves.
#[derive(Default)]
struct ReplayHost {
    job: Option<CheckpointJob>,
}

impl Host for ReplayHost {
    fn accepts(&self) -> bool {
        false
    }
    fn append(&mut self, partition: PartitionId, _frame: EntryFrame<'_>) {
        panic!("partition {partition} appends during its replay");
    }
    fn answer(&mut self, request: RequestId, _answer: Answer) {
        panic!("a replay answers {request:?}");
    }
    fn push(&mut self, stream: StreamId, _job: ActivatedJob) {
        panic!("a replay pushes to {stream:?}");
    }
    fn poll_answer(&mut self, partition: PartitionId, _poll: StreamId, _answer: Answer) {
        panic!("partition {partition} answers a poll during its replay");
    }
    fn instance_completed(&mut self, _lifetime: ringbolt_record::DurationMs) {}
    fn send(&mut self, partition: PartitionId, _command: Command) {
        panic!("a replay sends to partition {partition}");
    }
    fn run_checkpoint(&mut self, _partition: PartitionId, job: CheckpointJob) {
        self.job = Some(job);
    }
    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }
    fn release_log(&mut self, _partition: PartitionId, _position: Position) {}
    fn held_log_bytes(&self, _partition: PartitionId, _from: Position) -> u64 {
        0
    }
    fn reader(&self, _partition: PartitionId, _reader: ReaderId) -> Option<ReaderView> {
        None
    }
    fn spill(&mut self, partition: PartitionId, _reader: ReaderId) {
        panic!("partition {partition} spills during its replay");
    }
    fn attach_reader(&mut self, _partition: PartitionId, _reader: ReaderId, _from: Position) -> bool {
        false
    }
    fn detach_reader(&mut self, _partition: PartitionId, _reader: ReaderId) -> bool {
        false
    }
}
