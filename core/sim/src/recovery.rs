//! A start after a crash, in the broker's order: scan the journal, open every state, replay the log from each
//! state's mark, and only then go on writing.
//!
//! It reads the disk and changes only what a real start changes: a long replay writes checkpoints.

use std::collections::BTreeMap;

use ringbolt_journal as journal;
use ringbolt_journal::{
    EntryKind, EntryStream, Epoch, Filter, JournalId, RaftState, Scan, raft_states, scan,
};
use ringbolt_partition::{Partition, PartitionSettings, RecoveryError, ReplayCheckpoint};
use ringbolt_record::{PartitionId, TimestampMs};
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

impl Recovered {
    /// How the journal says that each partition's log stands.
    pub(crate) fn raft_states(&self, disks: &Disks) -> Vec<RaftState> {
        let found = raft_states(&self.scan);
        let state = |id: PartitionId| {
            let found = found.iter().find(|state| state.partition == journal_partition(id)).cloned();
            found.unwrap_or_else(|| RaftState::new(journal_partition(id)))
        };
        disks.partitions().map(state).collect()
    }
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
            match frame.kind {
                EntryKind::Records => partition.replay(frame.index.0, frame.term.0, entry.payload())?,
                _ => partition.replay_bare(frame.index.0, frame.term.0)?,
            }
            count += 1;
            if count % entries_per_look == 0 {
                let checkpoint = partition.checkpoint_in_replay(now).map_err(RecoverError::Checkpoint)?;
                checkpoints += u64::from(checkpoint == ReplayCheckpoint::Written);
            }
        }
    }
    Ok(Recovered { scan: found, epoch, partitions, checkpoints })
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
