//! What the log still has of an instance, looked up beside everything else that reads it.
//!
//! Invariants: a look keeps nothing in the log and no core waits for it; it reads within bounds; what it says it has is whole between its
//! first and its last position. It deliberately knows no names: records have the indexes of their definition.

use parking_lot::Mutex;
use ringbolt_journal as journal;
use ringbolt_journal::{EntryKind, PartitionSource, ReadBudget};
use ringbolt_record::json::{Standing, standing};
use ringbolt_record::{
    EntryRef, Intent, Key, PartitionId, Position, ProcessInstanceIntent, RecordType, TimestampMs,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// What a look may cost.
#[derive(Clone, Copy, Debug)]
pub struct PastBounds {
    /// Bytes of the log that it reads.
    pub bytes_max: u64,
    /// Records of the instance that it has.
    pub records_max: usize,
    /// When it ends, done or not.
    pub deadline: Instant,
}

/// What the log still has of an instance.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The first entry that was read, and when it was written; none when nothing was read.
    pub from: Option<(Position, TimestampMs)>,
    /// The last record that was read, and when it was written.
    pub to: Option<(Position, TimestampMs)>,
    /// Everything from the instance's first record on is there.
    pub is_from_beginning: bool,
    /// There is more behind it, which the bounds left out or which went while it was read.
    pub is_cut: bool,
    /// The events of the instance, in order.
    pub records: Vec<PastRecord>,
}

/// An event of an instance.
#[derive(Clone, Copy, Debug)]
pub struct PastRecord {
    /// Its position.
    pub position: Position,
    /// When it was written.
    pub at: TimestampMs,
    /// What it is.
    pub intent: Intent,
    /// Its key.
    pub key: Key,
    /// At what.
    pub standing: Standing,
}

/// The logs of all partitions that are open. Clones share them.
#[derive(Clone, Default)]
pub struct Pasts(Arc<Mutex<BTreeMap<PartitionId, PartitionSource>>>);

impl Pasts {
    pub(crate) fn add(&self, partition: PartitionId, source: PartitionSource) {
        self.0.lock().insert(partition, source);
    }

    /// Looks an instance up. Blocks on the disk.
    pub fn look(&self, instance: Key, bounds: PastBounds) -> Past {
        let Some(source) = self.0.lock().get(&instance.partition()).cloned() else { return Past::default() };
        let budget = ReadBudget::new(bounds.bytes_max, bounds.deadline);
        let begin = Begin::of(&source, instance, &budget);
        let mut past = Past { is_from_beginning: begin.is_before, ..Past::default() };
        let mut reader = source.look(begin.at, &budget);
        loop {
            match reader.next_entry() {
                Ok(Some(entry)) if entry.frame.kind == EntryKind::Records => {
                    let is_over = match EntryRef::parse(entry.payload()) {
                        Ok(entry) => past.take(&entry, instance, bounds.records_max),
                        Err(_) => Taken::Cut,
                    };
                    if is_over != Taken::All {
                        past.is_cut |= is_over == Taken::Cut;
                        return past;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return past,
                // As much was read as may be, or it was reused meanwhile.
                Err(_) => {
                    past.is_cut = true;
                    return past;
                }
            }
        }
    }
}

/// Where to begin.
struct Begin {
    at: journal::Position,
    /// The instance did not exist yet there.
    is_before: bool,
}

impl Begin {
    /// The last segment that begins before the instance was created: keys rise, and each entry says how far they have come.
    fn of(source: &PartitionSource, instance: Key, budget: &Arc<ReadBudget>) -> Self {
        let starts = source.starts();
        // The first entry there: its position, and the last key that was given by then; none where nothing was written yet.
        let first = |at: journal::Position| -> Result<Option<(u64, u64)>, journal::Error> {
            let mut reader = source.look(at, budget);
            while let Some(entry) = reader.next_entry()? {
                if entry.frame.kind == EntryKind::Records {
                    let entry = EntryRef::parse(entry.payload()).ok();
                    return Ok(entry.map(|entry| (entry.first_position().0, entry.key_counter())));
                }
            }
            Ok(None)
        };
        // Behind its first position a segment alone is read; at it, the one before as well, where something may stand at its end. An entry
        // that is passed over thereby came before the one that is looked at.
        let within = |at: journal::Position| journal::Position(at.0 + 1);
        let is_before = |at: journal::Position| match first(within(at)) {
            Ok(first) => Some(first.is_some_and(|(_, counter)| counter < instance.0)),
            Err(_) => None,
        };
        // What is gone was before what is there.
        let later = starts.partition_point(|at| is_before(*at).unwrap_or(true));
        let earlier = later.checked_sub(1).map(|at| starts[at]);
        if let Some(at) = earlier.filter(|at| is_before(*at) == Some(true)) {
            return Self { at: within(at), is_before: true };
        }
        // Nothing that is known to be there begins before it; what is found first may all the same.
        let at = starts.get(later).copied().unwrap_or(journal::Position(1));
        let first = first(at).ok().flatten();
        let is_before = first.is_some_and(|(position, counter)| position == 1 || counter < instance.0);
        Self { at, is_before }
    }
}

impl Past {
    /// Takes what an entry has of the instance.
    fn take(&mut self, entry: &EntryRef<'_>, instance: Key, records_max: usize) -> Taken {
        let at = entry.timestamp();
        let last = Position(entry.first_position().0 + u64::from(entry.record_count()).saturating_sub(1));
        self.from.get_or_insert((entry.first_position(), at));
        self.to = Some((last, at));
        if entry.key_counter() < instance.0 {
            return Taken::All;
        }
        let mut taken = Taken::All;
        for record in entry.records() {
            let Ok(record) = record else { return Taken::Cut };
            if record.header.record_type != RecordType::Event {
                continue;
            }
            let Ok(Some(standing)) = standing(&record) else { continue };
            if standing.instance.process_instance_key != instance {
                continue;
            }
            if self.records.len() == records_max {
                self.to = self.records.last().map(|last| (last.position, last.at));
                return Taken::Cut;
            }
            let (position, intent, key) = (record.position, record.header.intent, record.header.key);
            self.records.push(PastRecord { position, at, intent, key, standing });
            if key == instance && ENDS.contains(&intent) {
                taken = Taken::End;
            }
        }
        taken
    }
}

/// What was taken of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// All that it has, and more may come.
    All,
    /// All, and the instance has ended in it.
    End,
    /// Not all.
    Cut,
}

/// How an instance ends.
const ENDS: [Intent; 2] = [
    Intent::ProcessInstance(ProcessInstanceIntent::ElementCompleted),
    Intent::ProcessInstance(ProcessInstanceIntent::ElementTerminated),
];
