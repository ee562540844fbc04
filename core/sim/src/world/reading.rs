//! Steps of the log's readers: reading, acknowledging, copying entries out of the log; and what must hold of them.

use std::sync::Arc;

use ringbolt_journal as journal;
use ringbolt_journal::{Chunk, ChunkItem, CommitIndex, Log, Position, ReadState, Resume};
use ringbolt_partition::{ReaderId, ReaderSettings, SpillEnd};
use ringbolt_record::PartitionId;

use super::World;
use crate::disk::Disks;
use crate::host::journal_partition;
use crate::readers::{READ_BYTES, SimReader};
use crate::recovery::{JOURNAL, Recovered};

/// Each partition has one reader.
const READER: ReaderId = ReaderId(0);

impl World {
    /// A reader takes what comes next, unless its sink is dead, or acknowledges what it has.
    pub(super) fn step_reader(&mut self) -> bool {
        let id = PartitionId(1 + self.random.below(u64::from(self.settings.partitions)) as u16);
        if self.dead_sinks.contains(&id) {
            return false;
        }
        if self.random.one_in(4) { self.acknowledge(id) } else { self.read(id) }
    }

    /// Reads one chunk and judges it.
    pub(super) fn read(&mut self, id: PartitionId) -> bool {
        let reader = self.node.readers.get_mut(&id).expect("every partition has a reader");
        reader.chunk.clear();
        let state = reader.reader.read(&mut reader.chunk, READ_BYTES).expect("the log can be read");
        let chunk = std::mem::take(&mut reader.chunk);
        let (before, committed) = (self.node.readers[&id].seen, self.oracle.of(id).committed());
        let seen = self.check_chunk(id, before, &chunk, committed);
        let gaps = chunk.items().filter(|item| matches!(item, ChunkItem::Gap(_))).count() as u64;
        self.report.reader_gaps += gaps;
        if chunk.end().is_some() {
            self.note(|| format!("reader of {id} sees up to {seen}, {gaps} gaps"));
        }
        let is_empty = chunk.is_empty();
        let reader = self.node.readers.get_mut(&id).expect("every partition has a reader");
        (reader.seen, reader.chunk) = (seen, chunk);
        !is_empty || matches!(state, ReadState::Detached)
    }

    /// Everything in a chunk follows what was seen before, is committed, and is what was appended; a gap needs a reason.
    fn check_chunk(&self, id: PartitionId, seen: Position, chunk: &Chunk, committed: u64) -> Position {
        let mut seen = seen;
        for item in chunk.items() {
            seen = match item {
                ChunkItem::Gap(gap) => {
                    assert_eq!(gap.from, seen, "a gap begins where the reader stands");
                    assert!(
                        self.was_detached.contains(&id),
                        "{gap:?} in the log of a reader that was never detached"
                    );
                    gap.to.next()
                }
                ChunkItem::Entry(entry) => {
                    assert!(
                        entry.frame.position <= seen,
                        "a hole before {:?}, seen up to {seen}",
                        entry.frame
                    );
                    self.oracle.of(id).check_read(entry.frame.index.0, entry.payload(), committed);
                    entry.frame.end()
                }
            };
        }
        seen
    }

    fn acknowledge(&mut self, id: PartitionId) -> bool {
        let reader = self.node.readers.get_mut(&id).expect("every partition has a reader");
        if reader.reader.acknowledged() >= reader.seen {
            return false;
        }
        let seen = reader.seen;
        reader.reader.acknowledge(seen).expect("positions can be kept");
        self.note(|| format!("reader of {id} acknowledges up to {seen}"));
        true
    }

    /// Copies entries out of the log for a reader over its budget.
    pub(super) fn step_spill(&mut self) -> bool {
        let Some(id) = self.node.host.spills.pop_front() else { return false };
        let reader = self.node.readers.get_mut(&id).expect("every partition has a reader");
        let end = match reader.spiller.run() {
            Ok(spill) => {
                self.report.spills += u64::from(spill.is_some());
                self.note(|| format!("spill of {id}: {spill:?}"));
                SpillEnd::Written
            }
            Err(error) => {
                self.note(|| format!("spill of {id} failed: {error}"));
                self.report.spills_failed += 1;
                SpillEnd::Failed
            }
        };
        let now = self.now();
        let partition = self.node.partitions.get_mut(&id).expect("the partition exists");
        partition.finish_spill(now, READER, end, &mut self.node.host);
        self.note_readers();
        self.settle(Some(id));
        true
    }

    /// A reader's sink dies or comes back.
    pub(super) fn toggle_sink(&mut self) {
        let id = PartitionId(1 + self.random.below(u64::from(self.settings.partitions)) as u16);
        let dies = !self.dead_sinks.remove(&id);
        if dies {
            self.dead_sinks.insert(id);
        }
        self.note(|| format!("the sink of {id} {}", if dies { "dies" } else { "is back" }));
    }

    /// Sets whether all sinks are dead.
    pub fn set_sinks_dead(&mut self, dead: bool) {
        self.dead_sinks.clear();
        if dead {
            self.dead_sinks.extend(self.node.partitions.keys());
        }
    }

    /// Whether a partition's reader has seen everything that is committed.
    #[must_use]
    pub fn reader_is_caught_up(&self, id: PartitionId) -> bool {
        self.node.readers[&id].seen.0 == self.node.of(id).stats().last_position + 1
    }

    /// Bytes of a partition's spills.
    #[must_use]
    pub fn spill_bytes(&self, id: PartitionId) -> u64 {
        self.disks.reader(id).0.borrow().spill_bytes()
    }

    /// What readers may keep.
    #[must_use]
    pub fn settings_of_readers(&self) -> ReaderSettings {
        self.settings.readers
    }

    /// What a reader keeps stays within its bounds, whatever its sink does.
    pub(super) fn note_readers(&mut self) {
        for (id, partition) in &self.node.partitions {
            let report = partition.readers().next().expect("every partition has a reader");
            if report.detached > 0 && self.was_detached.insert(*id) {
                self.report.detached += 1;
            }
            let spill_bytes = self.disks.reader(*id).0.borrow().spill_bytes();
            let entry_bytes = crate::host::ENTRY_BYTES_MAX as u64;
            let most = self.settings.readers.spill_bytes_max + entry_bytes;
            assert!(spill_bytes <= most, "{spill_bytes} bytes of spills, at most {most} are allowed");
        }
        self.report.journal_bytes_max = self.report.journal_bytes_max.max(self.node.host.log.disk_bytes());
    }

    /// Reads everything that there is, with every sink alive, and acknowledges it. False when nothing was left to do.
    pub(super) fn finish_reading(&mut self) -> bool {
        self.set_sinks_dead(false);
        let ids: Vec<PartitionId> = self.node.partitions.keys().copied().collect();
        let mut worked = false;
        for id in ids {
            while self.read(id) && !self.node.readers[&id].chunk.is_empty() {
                worked = true;
            }
            worked |= self.acknowledge(id);
        }
        worked
    }

    /// After everything came to rest, every reader has seen everything that is committed.
    pub(super) fn check_readers_at_rest(&self) {
        for (id, partition) in self.node.partitions.iter().filter(|(_, p)| p.stopped().is_none()) {
            let (seen, end) = (self.node.readers[id].seen, partition.stats().last_position + 1);
            let is_behind_a_gap = self.was_detached.contains(id) && seen.0 < end;
            assert!(
                seen.0 == end || is_behind_a_gap,
                "the reader of {id} has seen up to {seen}, the log ends at {end}"
            );
        }
    }

    /// What a reader would find after a crash: everything from its acknowledged position on, in order.
    pub(super) fn check_reading_after(&self, disks: &Disks, recovered: &Recovered) {
        for partition in recovered.partitions.values() {
            let id = partition.id();
            let commit = commit_after(disks, recovered, id);
            let mut reader = SimReader::open(disks, id, recovered.scan.as_ref(), &Default::default(), commit);
            loop {
                reader.chunk.clear();
                let state = reader.reader.read(&mut reader.chunk, READ_BYTES).expect("the log can be read");
                reader.seen = self.check_chunk(id, reader.seen, &reader.chunk, partition.stats().last_index);
                match state {
                    ReadState::More => {}
                    ReadState::CaughtUp => break,
                    ReadState::Detached | ReadState::DamagedSpill(_) => panic!("{state:?} after a start"),
                }
            }
            let end = partition.stats().last_position + 1;
            let is_complete = reader.seen.0 == end || self.was_detached.contains(&id);
            assert!(
                is_complete,
                "after a crash the reader of {id} sees up to {}, the log ends at {end}",
                reader.seen
            );
        }
    }
}

/// How far a partition would be committed after this recovery.
fn commit_after(disks: &Disks, recovered: &Recovered, id: PartitionId) -> Arc<CommitIndex> {
    let resume = Resume {
        name: "journal-0".to_owned(),
        journal: JOURNAL,
        epoch: recovered.epoch,
        scan: None,
        spares: Vec::new(),
        partitions: recovered.raft_states(disks),
    };
    let mut log = Log::resume(&journal::Settings::default(), resume).expect("the settings are right");
    log.commit_index(journal_partition(id))
}
