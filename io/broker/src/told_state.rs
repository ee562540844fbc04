//! The state of a partition, told to a reader a part at a time.
//!
//! Invariants: parts are put together by the core between two entries, at each look after the readers as many as [`PARTS_MAX`] in a [`TELL_MAX`]; the size of
//! each is bounded by the engine.

use ringbolt_engine::tell;
use ringbolt_partition::Partition;
use ringbolt_record::{EntryBuilder, EntryMeta, Position, TimestampMs};
use ringbolt_ring::time;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Parts that wait for the reader, at most.
const PARTS_MAX: usize = 16;
/// How long the core puts parts together at one look; the one under way then is finished.
const TELL_MAX: Duration = Duration::from_millis(2);

/// A part that was not taken for longer is told anew: what it says is alive may have ended and gone meanwhile.
const KEPT_MAX: Duration = Duration::from_secs(1);

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
    /// What was told and not taken, each from where, in order.
    told: VecDeque<(Vec<u8>, StatePart)>,
    /// Since when those are true.
    told_at: Option<Instant>,
}

impl ToldState {
    /// What was told from there on; else it is asked for.
    pub(crate) fn take(&mut self, from: &[u8]) -> Option<StatePart> {
        let is_fresh = self.told_at.is_some_and(|at| at.elapsed() < KEPT_MAX);
        if is_fresh && self.told.front().is_some_and(|(asked, _)| asked == from) {
            return self.told.pop_front().map(|(_, part)| part);
        }
        self.told.clear();
        self.asked = Some(from.to_vec());
        None
    }

    /// Tells what was asked for, and some of what will be asked next.
    pub(crate) fn answer(&mut self, partition: &Partition, now: TimestampMs) {
        let Some(mut from) = self.asked.take() else { return };
        let began = time::now();
        self.told_at = Some(began);
        while self.told.len() < PARTS_MAX {
            let part = Self::part(partition, now, &from);
            let next = part.next.clone();
            self.told.push_back((from, part));
            match next {
                Some(next) if began.elapsed() < TELL_MAX => from = next,
                Some(_) | None => return,
            }
        }
    }

    fn part(partition: &Partition, now: TimestampMs, from: &[u8]) -> StatePart {
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
        let told = tell(partition.tables(), from, &mut entry);
        StatePart {
            position,
            entry: entry.finish(partition.key_counter()).to_vec(),
            next: told.next,
            is_past_instances: told.is_past_instances,
        }
    }
}
