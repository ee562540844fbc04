//! The state of a partition, told to a reader a part at a time.
//!
//! Invariants: a part is put together by the core between two entries, at most one at each look after the readers; its size is bounded by the engine.

use ringbolt_engine::tell;
use ringbolt_partition::Partition;
use ringbolt_record::{EntryBuilder, EntryMeta, Position, TimestampMs};

/// A part of the state, as records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePart {
    /// The state is as after this position, which may not be committed yet.
    pub position: Position,
    /// An entry with the records; its key counter is the partition's.
    pub entry: Vec<u8>,
    /// Where the next part begins; none when that was all.
    pub next: Option<Vec<u8>>,
    /// With it the last of the process instances that there are has been told.
    pub is_past_instances: bool,
}

/// What a reader asked, and was told.
#[derive(Debug, Default)]
pub(crate) struct ToldState {
    asked: Option<Vec<u8>>,
    told: Option<(Vec<u8>, StatePart)>,
}

impl ToldState {
    /// What was told from there on; else it is asked for.
    pub(crate) fn take(&mut self, from: &[u8]) -> Option<StatePart> {
        if let Some((_, part)) = self.told.take_if(|(asked, _)| asked == from) {
            return Some(part);
        }
        (self.asked, self.told) = (Some(from.to_vec()), None);
        None
    }

    /// Tells what was asked for.
    pub(crate) fn answer(&mut self, partition: &Partition, now: TimestampMs) {
        let Some(from) = self.asked.take() else { return };
        let mut entry = EntryBuilder::default();
        let position = Position(partition.stats().last_position);
        entry.begin(&EntryMeta {
            timestamp: now,
            key_counter: 0,
            first_position: Position(1),
            operation_reference: 0,
            batch_operation_reference: 0,
            trace_id: 0,
            broker_version: (0, 0, 0),
            claims: Vec::new(),
        });
        let told = tell(partition.tables(), &from, &mut entry);
        let part = StatePart {
            position,
            entry: entry.finish(partition.key_counter()).to_vec(),
            next: told.next,
            is_past_instances: told.is_past_instances,
        };
        self.told = Some((from, part));
    }
}
