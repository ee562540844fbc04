//! The engine's two ways to change tables: processing a command, and replaying an entry.

use crate::appliers;
use crate::behaviors::bans;
use crate::checkers;
use crate::contract::{ENTRY_BYTES_MIN, Effect, EngineSettings, JobStreams, Note, Outcome, ReplayError};
use crate::definitions::Definitions;
use crate::delivery;
use crate::dispatch;
use crate::failure::{Refusal, Unexpected};
use crate::follow_up::Step;
use crate::outbox::Outbox;
use crate::steps;
use crate::turns::Turns;
use crate::waiting::Awaiting;
use crate::writers::{Outlets, Processing};
use ringbolt_record::values::RoutingRecord;
use ringbolt_record::{
    Command, EntryBuilder, EntryRef, Intent, Key, ProcessIntent, RecordType, Rejection, RejectionType,
    RequestContext, RequestId, RoutingIntent, TimestampMs,
};
use ringbolt_tables::Tables;
use std::collections::VecDeque;

/// The engine of one partition. What it holds can be lost at any time; what must last is in the tables.
#[derive(Debug)]
pub struct Engine {
    settings: EngineSettings,
    /// The last key generated, complete.
    key_counter: u64,
    definitions: Definitions,
    awaiting: Awaiting,
    outbox: Outbox,
    /// The state knows how many partitions there are.
    routing_is_known: bool,
    turns: Turns,
    /// Empty between commands; kept for its memory.
    steps: VecDeque<Step>,
    notes: Vec<Note>,
}

impl Engine {
    /// An engine for empty tables.
    ///
    /// # Panics
    /// When the settings' bounds are below what the engine can work with.
    pub fn new(settings: EngineSettings) -> Self {
        assert!(
            settings.entry_bytes_max >= ENTRY_BYTES_MIN,
            "an entry of at most {} bytes",
            settings.entry_bytes_max
        );
        assert!(settings.batch_steps_max >= 1, "an entry takes at least one step");
        let key_counter = Key::new(settings.partition_id, 0).0;
        let definitions = Definitions::new(&settings);
        Self {
            settings,
            key_counter,
            definitions,
            awaiting: Awaiting::default(),
            outbox: Outbox::default(),
            routing_is_known: false,
            turns: Turns::default(),
            steps: VecDeque::new(),
            notes: Vec::new(),
        }
    }

    /// Takes up the state that the tables hold, before the tail of the log is replayed.
    ///
    /// # Panics
    /// When the tables are another partition's.
    pub fn recover(&mut self, tables: &Tables) {
        let first = Key::new(self.settings.partition_id, 0);
        let stored = Key(tables.store().newest_mark().key_counter);
        assert!(
            stored.is_none() || stored.partition() == self.settings.partition_id,
            "the tables belong to partition {}, not {}",
            stored.partition(),
            self.settings.partition_id
        );
        self.key_counter = first.0.max(stored.0);
        self.definitions.clear();
        self.awaiting = Awaiting::default();
        self.turns.forget();
        self.outbox.forget();
        self.routing_is_known = false;
    }

    /// What this engine was set up with.
    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// The last key generated, complete with its partition; goes into the entry and the store's mark.
    pub fn key_counter(&self) -> u64 {
        self.key_counter
    }

    /// Processes a command into the entry that the caller has begun. On [`Outcome::RejectionOnly`] the entry and the
    /// tables are as before. `now` must not be before the previous entry's time.
    pub fn process(
        &mut self,
        tables: &mut Tables,
        command: &Command,
        request: &RequestContext,
        now: TimestampMs,
        streams: &mut dyn JobStreams,
        entry: &mut EntryBuilder,
        effects: &mut Vec<Effect>,
    ) -> Outcome {
        let records_before = entry.record_count();
        self.notes.clear();
        self.turns.begin();
        let outlets =
            Outlets { tables, entry, effects, key_counter: &mut self.key_counter, notes: &mut self.notes };
        let mut p = Processing::new(
            &self.settings,
            now,
            request,
            &mut self.steps,
            &mut self.turns,
            &mut self.awaiting,
            &mut self.outbox,
            &mut self.definitions,
            streams,
            outlets,
        );
        let mark = p.begin();
        let (intent, key) = command.record();
        p.append_command(intent, key);
        if !self.routing_is_known {
            self.routing_is_known = !note_routing(&mut p);
        }
        let result = dispatch::process_command(&mut p, command)
            .and_then(|()| p.check_fits())
            .and_then(|()| steps::run(&mut p).map_err(Refusal::from));
        let outcome = match result {
            Ok(()) if p.record_count() == records_before + 1 => {
                p.drop_command(mark);
                Outcome::RejectionOnly
            }
            Ok(()) => {
                p.keep();
                Outcome::Events
            }
            Err(Refusal::Rejected(rejection)) => {
                p.roll_back(mark);
                p.reject(rejection);
                Outcome::RejectionOnly
            }
            Err(Refusal::Unexpected(unexpected)) => {
                p.roll_back(mark);
                give_up(&mut p, command, unexpected)
            }
        };
        if let Command::ContinuePending { process_instance_key } = command {
            self.turns.end(*process_instance_key, tables);
        }
        if self.outbox.is_touched() {
            delivery::hand_out(&mut self.outbox, self.settings.partition_id, tables, now, effects);
        }
        outcome
    }

    /// Most steps of the entries from now on, where that is less than the settings allow: what is beyond is put off. At least 1.
    pub fn allow_steps(&mut self, steps_max: Option<u32>) {
        self.turns.allow(steps_max);
    }

    /// How many steps the last command took.
    pub fn steps_taken(&self) -> u32 {
        self.turns.taken()
    }

    /// What the events of the last command mean to the partition, in order.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether any instance has follow-ups that wait for its turn.
    pub fn has_turn(&mut self, tables: &Tables) -> bool {
        self.turns.has_next(tables)
    }

    /// How many instances have follow-ups that wait for their turn; none known right after a start.
    pub fn turns_waiting(&self) -> usize {
        self.turns.waiting()
    }

    /// How many steps were undone since the start because an entry has bounds: they were taken again in an entry of their own, or
    /// became incidents.
    pub fn steps_undone(&self) -> u64 {
        self.turns.undone()
    }

    /// The command by which the instance whose turn it is goes on. It must be processed: the turn is taken with it.
    pub fn next_turn(&mut self, tables: &Tables) -> Option<Command> {
        let process_instance_key = self.turns.next(tables)?;
        Some(Command::ContinuePending { process_instance_key })
    }

    /// Applies an entry's events.
    ///
    /// # Errors
    /// When the entry is damaged or newer than this software; the tables are then of no use.
    pub fn replay(&mut self, tables: &mut Tables, entry: &EntryRef<'_>) -> Result<(), ReplayError> {
        // As in processing, what an entry makes and takes away again need not reach the store.
        tables.savepoint();
        let result = apply_events(tables, &mut self.definitions, entry);
        tables.release();
        result?;
        self.key_counter = entry.key_counter();
        self.turns.forget();
        self.outbox.forget();
        self.routing_is_known = false;
        Ok(())
    }

    /// Forgets a request that waits for the end of an instance: its client is gone or has waited long enough.
    pub fn forget_request(&mut self, request: RequestId) {
        self.awaiting.forget(request);
    }

    /// Forgets the requests that wait for somebody's work, as those do that wait for the end of an instance; which they were.
    pub fn dismiss_requests(&mut self) -> Vec<RequestId> {
        self.awaiting.dismiss()
    }

    /// When [`Engine::due_commands`] has something next; may be in the past.
    pub fn next_due(&self, tables: &Tables) -> Option<TimestampMs> {
        checkers::next_due(tables, &self.outbox)
    }

    /// What is due at a time, the earliest first: jobs past their deadline, jobs that have rested; and partitions that
    /// messages are to be sent to again.
    pub fn due_commands(&self, tables: &Tables, now: TimestampMs, max: usize) -> Vec<Command> {
        checkers::due_commands(tables, &self.outbox, now, max)
    }
}

/// Makes an event of a number of partitions that the state does not know yet; whether it did. It stands in the first entry
/// after a start, and is undone with it.
fn note_routing(p: &mut Processing<'_>) -> bool {
    let partition_count = p.settings.partition_count;
    let is_new = p.tables().partition_count() != partition_count;
    if is_new {
        p.append(RoutingIntent::Changed, Key::NONE, &RoutingRecord { partition_count });
    }
    is_new
}

fn apply_events(
    tables: &mut Tables,
    definitions: &mut Definitions,
    entry: &EntryRef<'_>,
) -> Result<(), ReplayError> {
    for record in entry.records() {
        let record = record?;
        if let Intent::Process(ProcessIntent::Deleting | ProcessIntent::Deleted) = record.header.intent {
            definitions.clear();
        }
        match record.header.record_type {
            RecordType::Event => appliers::apply_record(tables, &record)?,
            RecordType::Command | RecordType::CommandRejection => {}
        }
    }
    Ok(())
}

/// Bans the instance that processing failed in, so that it fails only once, and refuses the command.
fn give_up(p: &mut Processing<'_>, command: &Command, unexpected: Unexpected) -> Outcome {
    let Unexpected { process_instance_key, message } = unexpected;
    let outcome = if process_instance_key.is_some() && !p.tables().is_banned(process_instance_key) {
        let _ = p.begin();
        let (intent, key) = command.record();
        p.append_command(intent, key);
        bans::ban(p, process_instance_key, &message);
        steps::put_off(p);
        p.keep();
        Outcome::Events
    } else {
        Outcome::RejectionOnly
    };
    p.reject(Rejection::new(RejectionType::ProcessingError, message));
    outcome
}
