//! Work that no client waits for, in slices: what instances put off, and what time has brought about.
//!
//! A slice is an entry of one instance, or a few due commands; between two slices everything else has its turn. So an
//! instance with endless work, or a hundred thousand deadlines at once, delay a client's command by one slice. The
//! entries of slices wait for their commit in bounded number, so that a client's entry never stands behind megabytes of
//! them in one flush.

use crate::host::Host;
use crate::partition::Partition;
use ringbolt_record::{Command, DurationMs, RequestContext, TimestampMs};
use std::collections::VecDeque;

/// Most commands that one slice takes from what is due: about half a millisecond.
const DUE_PER_SLICE: usize = 16;
/// While this many bytes of slices wait for their commit there is no further one.
const WAITING_BYTES_MAX: usize = 128 * 1024;
/// Steps that the entries of clients' commands take together until they are committed: about two milliseconds. What is beyond that
/// is taken by slices, in turns, or a wave of large forks would be one long slice.
const STEPS_TOGETHER: u32 = 400;
/// But each takes so many: most need no more.
const STEPS_EACH: u32 = 16;
/// When due commands did nothing at all, they are left alone for so long.
const DUE_RETRY: DurationMs = DurationMs(100);

/// Which slices may run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceKinds {
    /// What instances go on with by themselves, and what is due.
    All,
    /// Only what is due: as much is written as may be.
    Due,
}

#[derive(Debug, Default)]
pub(crate) struct Slices {
    is_running: bool,
    /// Something is due.
    is_due: bool,
    /// Whether the next slice is one of due commands, where there is work of both kinds.
    due_is_next: bool,
    due_not_before: TimestampMs,
    /// Entries of slices that wait for their commit: their indexes, and their bytes.
    waiting: VecDeque<(u64, usize)>,
    waiting_bytes: usize,
    /// Steps of clients' commands that wait for their commit.
    steps: u32,
    /// Since when instances have follow-ups without a pause.
    follow_ups_since: Option<TimestampMs>,
}

impl Slices {
    /// An entry was appended.
    pub(crate) fn on_appended(&mut self, index: u64, bytes: usize) {
        if self.is_running {
            self.waiting_bytes += bytes;
            self.waiting.push_back((index, bytes));
        }
    }

    /// The log is durable up to an index.
    pub(crate) fn on_committed(&mut self, index: u64) {
        while let Some((_, bytes)) = self.waiting.pop_front_if(|(waiting, _)| *waiting <= index) {
            self.waiting_bytes -= bytes;
        }
        self.steps = 0;
    }

    /// Most steps of the next entry, where that is less than usual.
    pub(crate) fn steps_max(&self) -> Option<u32> {
        (!self.is_running).then(|| STEPS_TOGETHER.saturating_sub(self.steps).max(STEPS_EACH))
    }

    /// An entry took so many steps.
    pub(crate) fn note_steps(&mut self, steps: u32) {
        if !self.is_running {
            self.steps = self.steps.saturating_add(steps);
        }
    }
}

impl Slices {
    /// Since when instances have follow-ups that wait for their turn; none while none has.
    pub(crate) fn follow_ups_since(&self) -> Option<TimestampMs> {
        self.follow_ups_since
    }

    /// Whether any has at this time.
    fn note_follow_ups(&mut self, now: TimestampMs, has_turn: bool) {
        self.follow_ups_since = has_turn.then(|| self.follow_ups_since.unwrap_or(now));
    }
}

impl Partition {
    /// Whether something waits for the last entry's commit: an answer, a job, or a command for another partition.
    pub fn awaits_last(&self) -> bool {
        self.held.last_gate() == Some(self.consensus.last_index())
    }

    /// Whether [`Partition::run_slice`] has something to do. Asks no clock: what has become due is known since the last
    /// [`Partition::tick`].
    pub fn has_ready(&mut self) -> bool {
        self.stopped.is_none()
            && self.slices.waiting_bytes < WAITING_BYTES_MAX
            && (self.slices.is_due || self.engine.has_turn(&self.tables))
    }

    /// Runs one slice; false when there was none of these kinds to run, or the log takes no entry now.
    pub fn run_slice(&mut self, now: TimestampMs, kinds: SliceKinds, host: &mut dyn Host) -> bool {
        let has_turn = self.engine.has_turn(&self.tables);
        self.slices.note_follow_ups(now, has_turn);
        if !self.has_ready() || !host.accepts() {
            return false;
        }
        let has_turn = has_turn && kinds == SliceKinds::All;
        if !has_turn && !self.slices.is_due {
            return false;
        }
        let is_due = self.slices.is_due && (self.slices.due_is_next || !has_turn);
        self.slices.due_is_next = !is_due;
        self.slices.is_running = true;
        if is_due {
            self.run_due(now, host);
        } else if let Some(command) = self.engine.next_turn(&self.tables) {
            let batch_operation_reference = self.batch_operation_of(&command);
            let context = RequestContext { batch_operation_reference, ..RequestContext::default() };
            self.process(now, &command, &context, host);
        }
        self.slices.is_running = false;
        let has_turn = self.engine.has_turn(&self.tables);
        self.slices.note_follow_ups(now, has_turn);
        true
    }

    /// The batch operation whose turn it is, as records name it; 0 where it is an instance's.
    fn batch_operation_of(&self, command: &Command) -> u64 {
        match command {
            Command::ContinuePending { process_instance_key: key }
                if self.tables.batch_operation(*key).is_some() =>
            {
                key.to_wire().unsigned_abs()
            }
            _ => 0,
        }
    }

    /// Batch operations that have not ended, and items of them that were selected and not taken.
    pub(crate) fn batch_figures(&self) -> (usize, u64) {
        let progress =
            self.tables.batch_operations().filter_map(|key| self.tables.batch_operation_progress(key));
        progress.fold((0, 0), |(count, items), it| (count + 1, items + it.items.saturating_sub(it.taken)))
    }

    fn run_due(&mut self, now: TimestampMs, host: &mut dyn Host) {
        let before = self.consensus.last_index();
        for command in self.engine.due_commands(&self.tables, now, DUE_PER_SLICE) {
            // What finds no room now is due again in the next slice.
            self.process(now, &command, &RequestContext::default(), host);
        }
        if self.consensus.last_index() == before {
            self.slices.due_not_before = now.plus(DUE_RETRY);
        }
        self.look_at_due(now);
    }

    /// Finds out whether anything is due.
    pub(crate) fn look_at_due(&mut self, now: TimestampMs) {
        let is_due = self.engine.next_due(&self.tables).is_some_and(|due| due <= now);
        self.slices.is_due = is_due && now >= self.slices.due_not_before;
    }

    /// The earliest time that something was made due at since the last call; the end of time for none. For a timer
    /// that was set before.
    pub fn take_earliest_due(&mut self) -> TimestampMs {
        self.tables.take_earliest_due()
    }
}
