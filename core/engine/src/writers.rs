//! The only exit of processing: events (applied as they are written), effects, keys.
//!
//! Invariant: an event is in the entry if and only if it is applied; the tables are only read through here.

use crate::appliers::Applied;
use crate::contract::{Effect, EngineSettings, JobStreams};
use crate::decision_model::DecisionModel;
use crate::definitions::{Definition, Definitions};
use crate::engine::Awaiting;
use crate::failure::Unexpected;
use crate::steps::Step;
use ringbolt_record::entry::ValueSerializer;
use ringbolt_record::{
    EntryBuilder, Intent, Key, RecordType, Rejection, Reply, RequestContext, StreamId, TimestampMs,
};
use ringbolt_tables::Tables;
use rkyv::{Portable, Serialize};
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::Arc;

/// Everything that processing one command works with.
pub(crate) struct Processing<'a> {
    pub(crate) settings: &'a EngineSettings,
    pub(crate) now: TimestampMs,
    pub(crate) request: &'a RequestContext,
    pub(crate) steps: &'a mut VecDeque<Step>,
    pub(crate) awaiting: &'a mut Awaiting,
    /// When unacknowledged deployments are sent again.
    pub(crate) resend_at: &'a mut TimestampMs,
    pub(crate) definitions: &'a mut Definitions,
    pub(super) streams: &'a mut dyn JobStreams,
    tables: &'a mut Tables,
    entry: &'a mut EntryBuilder,
    effects: &'a mut Vec<Effect>,
    key_counter: &'a mut u64,
    /// Credits taken, to be returned if the command fails.
    credits: SmallVec<[StreamId; 4]>,
    /// Effects before this command's.
    effects_before: usize,
}

/// What a [`Processing`] is made of that only this module touches.
pub(crate) struct Outlets<'a> {
    pub(crate) tables: &'a mut Tables,
    pub(crate) entry: &'a mut EntryBuilder,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) key_counter: &'a mut u64,
}

impl<'a> Processing<'a> {
    pub(crate) fn new(
        settings: &'a EngineSettings,
        now: TimestampMs,
        request: &'a RequestContext,
        steps: &'a mut VecDeque<Step>,
        awaiting: &'a mut Awaiting,
        resend_at: &'a mut TimestampMs,
        definitions: &'a mut Definitions,
        streams: &'a mut dyn JobStreams,
        outlets: Outlets<'a>,
    ) -> Self {
        let Outlets { tables, entry, effects, key_counter } = outlets;
        let effects_before = effects.len();
        Self {
            settings,
            now,
            request,
            steps,
            awaiting,
            resend_at,
            definitions,
            streams,
            tables,
            entry,
            effects,
            key_counter,
            credits: SmallVec::new(),
            effects_before,
        }
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

    /// Writes the client's command as the entry's first record; what follows names it as its cause.
    pub(crate) fn append_command(&mut self, intent: Intent, key: Key) {
        self.entry.push_command(intent, key);
    }

    /// Writes an event and applies it.
    pub(crate) fn append<V>(&mut self, intent: impl Into<Intent>, key: Key, value: &V)
    where
        V: Applied + for<'s> Serialize<ValueSerializer<'s>>,
        V::Archived: Portable,
    {
        let intent = intent.into();
        let archived = self.entry.push(RecordType::Event, intent, key, value);
        V::apply(self.tables, intent, key, archived).expect("only events are written");
    }

    /// Records that the entry can still take before it is full.
    pub(crate) fn records_left(&self) -> usize {
        ringbolt_record::entry::ENTRY_RECORDS_MAX - self.entry.record_count() as usize
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

    /// Refuses the request, if anybody waits.
    pub(crate) fn reject(&mut self, rejection: Rejection) {
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

    /// Takes back the command's effects and credits, when its rows are rolled back.
    pub(crate) fn undo_effects(&mut self) {
        self.effects.truncate(self.effects_before);
        while !self.credits.is_empty() {
            self.return_credit();
        }
    }

    /// Puts rows, entry and key counter back to a mark.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        self.tables.rollback();
        self.entry.truncate(mark.entry);
        *self.key_counter = mark.key_counter;
        self.steps.clear();
        self.awaiting.forget_new();
        self.undo_effects();
    }

    /// Takes the command's record back out of an entry in which nothing follows it; its answer stays.
    pub(crate) fn drop_command(&mut self, mark: Mark) {
        self.tables.release();
        self.entry.truncate(mark.entry);
        *self.key_counter = mark.key_counter;
        self.awaiting.keep_new();
    }

    /// Where the command begins.
    pub(crate) fn begin(&mut self) -> Mark {
        self.tables.savepoint();
        Mark { entry: self.entry.mark(), key_counter: *self.key_counter }
    }

    /// Keeps what the command did.
    pub(crate) fn keep(&mut self) {
        self.tables.release();
        self.awaiting.keep_new();
    }
}

/// Where a command begins.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    entry: (usize, u32, u16),
    key_counter: u64,
}
