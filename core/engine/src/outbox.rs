//! Messages on their way to other partitions: what was handed out, and when it is handed out again.
//!
//! Volatile: what was sent stands in the tables; after a restart everything that is not acknowledged is handed out again.
//! Invariants: each target has times and bounds of its own, so one that is away starves no other; what is under way to a
//! target is bounded in number and bytes, less so when it is sent again, except that one message is always under way.

use ringbolt_record::{DurationMs, PartitionId, TimestampMs};
use ringbolt_tables::Tables;
use std::collections::{BTreeMap, VecDeque};

/// Most messages under way to a partition.
const MESSAGES_MAX: usize = 256;
/// Most bytes under way to a partition; a single message may have more.
const BYTES_MAX: usize = 1024 * 1024;
/// Most bytes under way to a partition that did not acknowledge in time, until it does.
const AGAIN_BYTES_MAX: usize = 64 * 1024;
/// How long an acknowledgement may take at first; twice as long each time that there is none.
const AGAIN_AFTER: DurationMs = DurationMs(2_000);
/// How long it may take at most.
const AGAIN_AFTER_MAX: DurationMs = DurationMs(60_000);

/// What is under way to all partitions.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    targets: BTreeMap<PartitionId, Target>,
    /// The targets are those of the tables.
    is_known: bool,
    /// Something may have to be handed out.
    is_touched: bool,
}

#[derive(Debug)]
struct Target {
    acknowledged: u64,
    /// The last message that was handed out.
    handed_out: u64,
    /// Number and bytes of what was handed out and not acknowledged.
    under_way: VecDeque<(u64, usize)>,
    bytes: usize,
    bytes_max: usize,
    again_at: TimestampMs,
    again_after: DurationMs,
}

impl Outbox {
    /// The tables changed behind its back.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Something was sent or acknowledged, or is going to be undone: either way the tables will tell.
    pub(crate) fn touch(&mut self) {
        self.is_touched = true;
    }

    pub(crate) fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// Hands out what the bounds allow of what was not handed out yet. `send` gives the bytes that a message has.
    pub(crate) fn hand_out(
        &mut self,
        tables: &Tables,
        now: TimestampMs,
        send: &mut dyn FnMut(PartitionId, u64) -> usize,
    ) {
        (self.is_touched, self.is_known) = (false, true);
        for (partition, state) in tables.outboxes() {
            let target = self.targets.entry(partition).or_insert_with(|| Target::new(state.acknowledged));
            target.note_acknowledged(state.acknowledged, now);
            while target.has_room(state.last) {
                let sequence = target.handed_out + 1;
                let bytes = send(partition, sequence);
                target.note_handed_out(sequence, bytes, now);
            }
        }
    }

    /// When messages are sent again next; long ago where nobody knows what was sent.
    pub(crate) fn next_due(&self, tables: &Tables) -> Option<TimestampMs> {
        if !self.is_known {
            return unacknowledged(tables).next().map(|_| TimestampMs(0));
        }
        self.waiting().map(|(_, target)| target.again_at).min()
    }

    /// The partitions that messages are to be sent to again.
    pub(crate) fn due(&self, tables: &Tables, now: TimestampMs) -> Vec<PartitionId> {
        if !self.is_known {
            return unacknowledged(tables).collect();
        }
        self.waiting().filter(|(_, target)| target.again_at <= now).map(|(partition, _)| *partition).collect()
    }

    fn waiting(&self) -> impl Iterator<Item = (&PartitionId, &Target)> {
        self.targets.iter().filter(|(_, target)| !target.under_way.is_empty())
    }

    /// A partition did not acknowledge in time, if that is still so: begins again behind what it acknowledged last.
    pub(crate) fn send_again(&mut self, partition: PartitionId, now: TimestampMs) {
        self.touch();
        if let Some(target) = self.targets.get_mut(&partition)
            && target.again_at <= now
        {
            target.again_after = AGAIN_AFTER_MAX.min(DurationMs(target.again_after.0 * 2));
            target.again_at = now.plus(target.again_after);
            target.handed_out = target.acknowledged;
            target.under_way.clear();
            (target.bytes, target.bytes_max) = (0, AGAIN_BYTES_MAX);
        }
    }

    /// A partition spoke: if messages to it were given up for a while, they are worth another attempt.
    pub(crate) fn heard_of(&mut self, partition: PartitionId, now: TimestampMs) {
        if let Some(target) = self.targets.get_mut(&partition)
            && target.again_after > AGAIN_AFTER
        {
            (target.again_after, target.again_at) = (AGAIN_AFTER, now);
        }
    }
}

/// Partitions that have not acknowledged everything.
fn unacknowledged(tables: &Tables) -> impl Iterator<Item = PartitionId> {
    let behind = tables.outboxes().filter(|(_, state)| state.acknowledged < state.last);
    behind.map(|(partition, _)| partition)
}

impl Target {
    fn new(acknowledged: u64) -> Self {
        Self {
            acknowledged,
            handed_out: acknowledged,
            under_way: VecDeque::new(),
            bytes: 0,
            bytes_max: BYTES_MAX,
            again_at: TimestampMs(0),
            again_after: AGAIN_AFTER,
        }
    }

    fn has_room(&self, last: u64) -> bool {
        let is_within = self.under_way.len() < MESSAGES_MAX && self.bytes < self.bytes_max;
        self.handed_out < last && (is_within || self.under_way.is_empty())
    }

    fn note_handed_out(&mut self, sequence: u64, bytes: usize, now: TimestampMs) {
        if self.under_way.is_empty() {
            self.again_at = now.plus(self.again_after);
        }
        self.handed_out = sequence;
        self.under_way.push_back((sequence, bytes));
        self.bytes += bytes;
    }

    fn note_acknowledged(&mut self, acknowledged: u64, now: TimestampMs) {
        if acknowledged <= self.acknowledged {
            return;
        }
        while let Some((_, bytes)) = self.under_way.pop_front_if(|(sequence, _)| *sequence <= acknowledged) {
            self.bytes -= bytes;
        }
        self.acknowledged = acknowledged;
        self.handed_out = self.handed_out.max(acknowledged);
        (self.bytes_max, self.again_after) = (BYTES_MAX, AGAIN_AFTER);
        self.again_at = now.plus(AGAIN_AFTER);
    }
}
