//! The only exit of processing: events (applied as they are written), effects, keys.
//!
//! Invariant: an event is in the entry if and only if it is applied; the tables are only read through here.

use crate::appliers::Applied;
use crate::contract::{Effect, EngineSettings, JobStreams, Note};
use crate::decision_model::DecisionModel;
use crate::definitions::{Definition, Definitions};
use crate::failure::{Refusal, Unexpected};
use crate::follow_up::{STEP_BYTES, Step, TAIL_BYTES};
use crate::outbox::Outbox;
use crate::turns::Turns;
use crate::waiting::Awaiting;
use ringbolt_feel::Budget;
use ringbolt_record::entry::{ENTRY_RECORDS_MAX, ValueSerializer};
use ringbolt_record::{
    EntryBuilder, FollowUp, Intent, Key, RecordType, Rejection, RejectionType, Reply, RequestContext,
    StreamId, TimestampMs,
};
use ringbolt_tables::Tables;
use rkyv::{Portable, Serialize};
use smallvec::SmallVec;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::Arc;

/// Everything that processing one command works with.
pub(crate) struct Processing<'a> {
    pub(crate) settings: &'a EngineSettings,
    pub(crate) now: TimestampMs,
    pub(crate) request: &'a RequestContext,
    steps: &'a mut VecDeque<Step>,
    turns: &'a mut Turns,
    pub(crate) awaiting: &'a mut Awaiting,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) definitions: &'a mut Definitions,
    pub(super) streams: &'a mut dyn JobStreams,
    tables: &'a mut Tables,
    entry: &'a mut EntryBuilder,
    effects: &'a mut Vec<Effect>,
    key_counter: &'a mut u64,
    notes: &'a mut Vec<Note>,
    /// Credits taken, to be returned if the command fails.
    credits: SmallVec<[StreamId; 4]>,
    /// Effects before this command's.
    effects_before: usize,
    /// Steps taken in this entry.
    /// No more steps are to be taken in it.
    is_closed: bool,
    /// What expressions may use up; there once the first is evaluated.
    expressions: OnceCell<Budget>,
    /// An event did not fit into the entry. It was applied all the same, so that the step can go on; it must be undone.
    overflowed: bool,
    /// The key of the follow-up that is being taken up, of those that were put off: the rows up to there are used.
    taken_up: Key,
    /// Whether the entry has the record for which [`TAIL_BYTES`] are kept.
    has_tail: bool,
    /// The token of the lease under which the command's worker has the job that it is about.
    lease_shown: Option<Box<str>>,
}

/// The context of what nobody waits for.
static NOBODY: RequestContext = RequestContext {
    request: None,
    operation_reference: 0,
    batch_operation_reference: 0,
    trace_id: 0,
    claims: Vec::new(),
};

/// What a [`Processing`] is made of that only this module touches.
pub(crate) struct Outlets<'a> {
    pub(crate) tables: &'a mut Tables,
    pub(crate) entry: &'a mut EntryBuilder,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) key_counter: &'a mut u64,
    pub(crate) notes: &'a mut Vec<Note>,
}

impl<'a> Processing<'a> {
    pub(crate) fn new(
        settings: &'a EngineSettings,
        now: TimestampMs,
        request: &'a RequestContext,
        steps: &'a mut VecDeque<Step>,
        turns: &'a mut Turns,
        awaiting: &'a mut Awaiting,
        outbox: &'a mut Outbox,
        definitions: &'a mut Definitions,
        streams: &'a mut dyn JobStreams,
        outlets: Outlets<'a>,
    ) -> Self {
        let Outlets { tables, entry, effects, key_counter, notes } = outlets;
        let effects_before = effects.len();
        Self {
            settings,
            now,
            request,
            steps,
            turns,
            awaiting,
            outbox,
            definitions,
            streams,
            tables,
            entry,
            effects,
            key_counter,
            notes,
            credits: SmallVec::new(),
            effects_before,
            is_closed: false,
            expressions: OnceCell::new(),
            overflowed: false,
            taken_up: Key::NONE,
            has_tail: false,
            lease_shown: None,
        }
    }

    /// The command comes from who has its job under a lease.
    pub(crate) fn show_lease(&mut self, token: &str) {
        self.lease_shown = Some(token.into());
    }

    /// The token of the lease that the command shows.
    pub(crate) fn lease_shown(&self) -> Option<&str> {
        self.lease_shown.as_deref()
    }

    /// The state, to be read.
    pub(crate) fn tables(&self) -> &Tables {
        self.tables
    }

    /// The next key of this partition.
    pub(crate) fn next_key(&mut self) -> Key {
        *self.key_counter += 1;
        let key = Key(*self.key_counter);
        assert_eq!(key.partition(), self.settings.partition_id, "the key counter left its partition");
        key
    }

    /// The first of several keys that follow each other.
    pub(crate) fn next_keys(&mut self, count: usize) -> Key {
        let first = self.next_key();
        *self.key_counter += count as u64 - 1;
        first
    }

    /// Writes the client's command as the entry's first record; what follows names it as its cause.
    pub(crate) fn append_command(&mut self, intent: Intent, key: Key) {
        self.entry.push_command(intent, key);
    }

    /// Writes an event and applies it. What the entry cannot hold is applied without being written, and marks the
    /// step as one that must be undone.
    pub(crate) fn append<V>(&mut self, intent: impl Into<Intent>, key: Key, value: &V)
    where
        V: Applied + for<'s> Serialize<ValueSerializer<'s>>,
        V::Archived: Portable,
    {
        let intent = intent.into();
        let before = self.entry.mark();
        let archived = self.entry.push(RecordType::Event, intent, key, value);
        V::apply(self.tables, intent, key, archived).expect("only events are written");
        if let Some(note) = Note::of(intent, key) {
            self.notes.push(note);
        }
        if !self.fits() {
            self.overflowed = true;
            self.entry.truncate(before);
        }
    }

    /// Tells the partition something that an event's key alone does not say.
    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Whether the entry holds what is in it, and what the steps in the queue become when they are put off.
    fn fits(&self) -> bool {
        let steps = self.steps.len();
        let records = self.entry.record_count() as usize + steps + usize::from(!self.has_tail);
        records < ENTRY_RECORDS_MAX && self.reserved_bytes() <= self.settings.entry_bytes_max
    }

    /// Whether the entry takes so many bytes more, in a record and a step that it leads to.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        let left = self.settings.entry_bytes_max.saturating_sub(self.reserved_bytes());
        left >= bytes && self.records_left() > self.steps.len() + 3
    }

    /// Bytes of the entry with what the steps in the queue become when they are put off.
    fn reserved_bytes(&self) -> usize {
        self.entry.len() + self.steps.len() * STEP_BYTES + if self.has_tail { 0 } else { TAIL_BYTES }
    }

    /// Records that the entry can still take.
    pub(crate) fn records_left(&self) -> usize {
        ENTRY_RECORDS_MAX - self.entry.record_count() as usize
    }

    /// Whether the step, or the command before its steps, did more than an entry holds, so that it must be undone.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflowed
    }

    /// Refuses a command that did more than an entry holds before its first step.
    pub(crate) fn check_fits(&self) -> Result<(), Refusal> {
        if !self.overflowed {
            return Ok(());
        }
        let reason = format!(
            "Expected to process the command, but what it does needs more than the {} bytes or {ENTRY_RECORDS_MAX} \
             records that one entry of the log holds",
            self.settings.entry_bytes_max
        );
        Err(Rejection::new(RejectionType::ExceededBatchRecordSize, reason).into())
    }

    /// Queues a follow-up: it is taken in this entry, or put off to a later one.
    pub(crate) fn follow_up(&mut self, process_instance_key: Key, follow_up: FollowUp) {
        self.steps.push_back(Step { process_instance_key, follow_up });
        self.overflowed |= !self.fits();
    }

    /// Whether an instance has a follow-up that is still to come: in this entry, or put off in others.
    pub(crate) fn has_to_come(&self, process_instance_key: Key, is_it: impl Fn(&FollowUp) -> bool) -> bool {
        let mut steps = self.steps.iter().filter(|step| step.process_instance_key == process_instance_key);
        if steps.any(|step| is_it(&step.follow_up)) {
            return true;
        }
        let next = |(key, _): &(Key, FollowUp)| self.tables.next_follow_up(process_instance_key, *key);
        let mut put_off =
            std::iter::successors(self.tables.next_follow_up(process_instance_key, self.taken_up), next);
        put_off.any(|(_, follow_up)| is_it(&follow_up))
            || self.tables.has_suspended()
                && self.tables.held_follow_ups(process_instance_key, Key::NONE).any(|(_, held)| is_it(&held))
    }

    /// A follow-up that was put off is being taken up.
    pub(crate) fn take_up(&mut self, key: Key) {
        self.taken_up = key;
    }

    /// Whether the entry takes another step.
    pub(crate) fn has_turn(&self) -> bool {
        !self.is_closed
            && self.turns.allows(self.settings)
            && self.entry.len() < self.settings.batch_bytes_max
            && self.expression_units() <= self.settings.expression_units_max / 2
    }

    /// What was taken up is recorded next, in the room that was kept for it.
    pub(crate) fn use_tail(&mut self) {
        self.has_tail = true;
    }

    /// The entry takes no more steps.
    pub(crate) fn take_no_more(&mut self) {
        self.is_closed = true;
    }

    /// A step was taken.
    pub(crate) fn count_turn(&mut self) {
        self.turns.count();
    }

    /// What all expressions of the entry may use up together.
    pub(crate) fn expression_budget(&self) -> &Budget {
        self.expressions.get_or_init(|| Budget::new(self.settings.expression_units_max))
    }

    /// Units of work that expressions have used up.
    pub(crate) fn expression_units(&self) -> u64 {
        self.expressions.get().map_or(0, Budget::used)
    }

    /// Whether an expression needed more units of work than were left.
    pub(crate) fn expressions_are_exhausted(&self) -> bool {
        self.expressions.get().is_some_and(Budget::is_exhausted)
    }

    /// A step found no room in the entry and was undone.
    pub(crate) fn note_undone(&mut self) {
        self.turns.note_undone();
    }

    /// Takes the next follow-up out of the queue.
    pub(crate) fn next_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// Puts a follow-up back to where it was taken from.
    pub(crate) fn put_back(&mut self, step: Step) {
        self.steps.push_front(step);
    }

    /// Takes all follow-ups of one instance out of the queue, those of the instance that comes first.
    pub(crate) fn next_left(&mut self) -> Option<(Key, Vec<FollowUp>)> {
        let instance = self.steps.front()?.process_instance_key;
        let of_instance = self.steps.iter().filter(|step| step.process_instance_key == instance);
        let follow_ups = of_instance.map(|step| step.follow_up).collect();
        self.steps.retain(|step| step.process_instance_key != instance);
        Some((instance, follow_ups))
    }

    /// An instance is about to put something off: it has a turn from now on.
    pub(crate) fn note_put_off(&mut self, process_instance_key: Key) {
        if !self.tables.has_follow_ups(process_instance_key) {
            self.turns.join(process_instance_key);
        }
    }

    /// Text cut to what an incident or a rejection may say.
    pub(crate) fn bounded<'t>(&self, text: &'t str) -> &'t str {
        &text[..text.floor_char_boundary(self.settings.text_bytes_max())]
    }

    /// Records of the entry so far.
    pub(crate) fn record_count(&self) -> u32 {
        self.entry.record_count()
    }

    /// Bytes of the entry so far.
    pub(crate) fn entry_bytes(&self) -> usize {
        self.entry.len()
    }

    /// A definition that an instance refers to.
    pub(crate) fn definition(&mut self, key: Key) -> Result<Option<Arc<Definition>>, String> {
        self.definitions.get(self.tables, key)
    }

    /// A model of decisions.
    pub(crate) fn decision_model(&mut self, key: Key) -> Result<Option<Arc<DecisionModel>>, String> {
        self.definitions.decision_model(self.tables, key)
    }

    /// The definition that an instance runs.
    pub(crate) fn definition_of(
        &mut self,
        definition_key: Key,
        process_instance_key: Key,
    ) -> Result<Arc<Definition>, Unexpected> {
        match self.definition(definition_key) {
            Ok(Some(definition)) => Ok(definition),
            Ok(None) => Err(Unexpected::new(
                process_instance_key,
                format!("Expected to find process definition with key '{definition_key}', but none found"),
            )),
            Err(message) => Err(Unexpected::new(process_instance_key, message)),
        }
    }

    /// Answers the request, if anybody waits.
    pub(crate) fn reply(&mut self, reply: Reply) {
        if let Some(request) = self.request.request {
            self.effects.push(Effect::Reply { request, result: Ok(reply) });
        }
    }

    /// Does something for nobody who waits: its answers go nowhere.
    pub(crate) fn unasked<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let request = std::mem::replace(&mut self.request, &NOBODY);
        let result = act(self);
        self.request = request;
        result
    }

    /// Refuses the request, if anybody waits.
    pub(crate) fn reject(&mut self, mut rejection: Rejection) {
        rejection.reason.truncate(self.bounded(&rejection.reason).len());
        if let Some(request) = self.request.request {
            self.effects.push(Effect::Reply { request, result: Err(rejection) });
        }
    }

    /// Hands an effect out.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Says once per type and entry that jobs wait.
    pub(crate) fn jobs_available(&mut self, job_type: &str, tenant_id: &Arc<str>) {
        let said = self.effects[self.effects_before..].iter().any(|effect| match effect {
            Effect::JobsAvailable { job_type: other, tenant_id: tenant } => {
                **other == *job_type && tenant == tenant_id
            }
            Effect::Reply { .. } | Effect::PushJob { .. } | Effect::Send { .. } => false,
        });
        if !said {
            self.effects
                .push(Effect::JobsAvailable { job_type: job_type.into(), tenant_id: tenant_id.clone() });
        }
    }

    /// Reserves credit of a stream; returned by [`Processing::undo_effects`] if the command fails.
    pub(crate) fn take_credit(
        &mut self,
        job_type: &str,
        tenant_id: &str,
    ) -> Option<crate::contract::StreamGrant> {
        let grant = self.streams.take_credit(job_type, tenant_id)?;
        self.credits.push(grant.stream);
        Some(grant)
    }

    /// Gives back the credit taken last.
    pub(crate) fn return_credit(&mut self) {
        if let Some(stream) = self.credits.pop() {
            self.streams.return_credit(stream);
        }
    }

    /// Puts everything back to a mark, the newest that was neither kept nor rolled back to.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        self.tables.rollback();
        self.entry.truncate(mark.entry);
        *self.key_counter = mark.key_counter;
        self.steps.truncate(mark.steps);
        self.awaiting.undo(mark.awaiting);
        self.effects.truncate(mark.effects);
        self.notes.truncate(mark.notes);
        while self.credits.len() > mark.credits {
            self.return_credit();
        }
        self.overflowed = mark.overflowed;
    }

    /// Takes the command's record back out of an entry in which nothing follows it; its answer stays.
    pub(crate) fn drop_command(&mut self, mark: Mark) {
        self.tables.release();
        self.entry.truncate(mark.entry);
        *self.key_counter = mark.key_counter;
        self.awaiting.keep();
    }

    /// A place to come back to: where a command, or a step of it, begins. Marks nest; each is either rolled back to
    /// or kept.
    pub(crate) fn begin(&mut self) -> Mark {
        self.tables.savepoint();
        Mark {
            entry: self.entry.mark(),
            key_counter: *self.key_counter,
            steps: self.steps.len(),
            awaiting: self.awaiting.mark(),
            effects: self.effects.len(),
            notes: self.notes.len(),
            credits: self.credits.len(),
            overflowed: self.overflowed,
        }
    }

    /// Keeps what a step did; the command that it belongs to can still be rolled back.
    pub(crate) fn keep_step(&mut self) {
        self.tables.release();
    }

    /// Keeps what the command did.
    pub(crate) fn keep(&mut self) {
        self.tables.release();
        self.awaiting.keep();
    }
}

/// Where a command or a step begins.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    entry: (usize, u32, u16),
    key_counter: u64,
    steps: usize,
    awaiting: usize,
    effects: usize,
    notes: usize,
    credits: usize,
    overflowed: bool,
}
