//! Processing, the commit gate, recovery and stopping of one partition.
//!
//! Deliberately not here: how entries become durable, who may lead, what a request's connection looks like.

use crate::checkpoints::{CheckpointSettings, Checkpoints, Phase};
use crate::consensus::Consensus;
use crate::flow::{Flow, FlowSettings, is_new_work, new_work_bytes};
use crate::held::{Held, HeldEffects};
use crate::host::{Answer, EntryFrame, Host, Refusal};
use crate::lifetimes::Lifetimes;
use crate::observe::observe_notes;
use crate::readers::{ReaderSettings, Readers};
use crate::recovery::{RecoveryError, decode_mark_info};
use crate::slices::Slices;
use crate::stats::PartitionStats;
use crate::streams::Streams;
use ringbolt_engine::{Effect, Engine, EngineSettings, Outcome};
use ringbolt_record::{
    Command, EntryBuilder, EntryMeta, EntryRef, PartitionId, Position, Reply, RequestContext, RequestId,
    TimestampMs,
};
use ringbolt_tables::Tables;
use rustc_hash::FxHashSet;

/// The partition's own requests carry this id; their answers never reach the host.
pub(crate) const INTERNAL_REQUEST: RequestId = RequestId(u64::MAX);
/// Places for waiting requests that are kept when none waits.
const WAITING_RETAINED: usize = 1024;
/// The version that entries carry.
const BROKER_VERSION: (u8, u8, u16) = (0, 1, 0);

/// How one partition works.
#[derive(Clone, Debug)]
pub struct PartitionSettings {
    /// The engine's bounds.
    pub engine: EngineSettings,
    /// When checkpoints start.
    pub checkpoints: CheckpointSettings,
    /// Which work is refused under overload.
    pub flow: FlowSettings,
    /// What readers of the log may keep.
    pub readers: ReaderSettings,
    /// Whether time may go back.
    pub clock: Clock,
}

/// What is known of the time that a partition is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// It is never behind the last entry's, whatever the host says.
    #[default]
    Steady,
    /// It is whatever the host says: a test may set it back.
    Controlled,
}

/// One partition, as its leader.
pub struct Partition {
    pub(crate) id: PartitionId,
    pub(crate) engine: Engine,
    pub(crate) tables: Tables,
    entry: EntryBuilder,
    effects: Vec<Effect>,
    pub(crate) held: HeldEffects,
    pub(crate) streams: Streams,
    pub(crate) flow: Flow,
    lifetimes: Lifetimes,
    pub(crate) slices: Slices,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) readers: Readers,
    clock: Clock,
    waiting_requests: FxHashSet<RequestId>,
    pub(crate) consensus: Consensus,
    pub(crate) next_position: Position,
    pub(crate) last_timestamp: TimestampMs,
    /// The log up to here was released.
    pub(crate) released: Position,
    pub(crate) disk_full: bool,
    pub(crate) stopped: Option<String>,
}

impl Partition {
    /// Opens a partition over its state. Replay the log's entries after [`Partition::replay_from`] next, then call
    /// [`Partition::lead`].
    ///
    /// # Errors
    /// When the state's mark cannot be read.
    pub fn open(id: PartitionId, tables: Tables, settings: PartitionSettings) -> Result<Self, RecoveryError> {
        let mark = tables.store().mark().clone();
        let (index, term, timestamp) = decode_mark_info(&mark.journal_info)
            .map_err(|cause| RecoveryError::Mark { partition: id, cause })?;
        let mut engine = Engine::new(settings.engine);
        engine.recover(&tables);
        Ok(Self {
            id,
            engine,
            tables,
            entry: EntryBuilder::default(),
            effects: Vec::new(),
            held: HeldEffects::default(),
            streams: Streams::default(),
            flow: Flow::new(settings.flow),
            lifetimes: Lifetimes::default(),
            slices: Slices::default(),
            checkpoints: Checkpoints::new(settings.checkpoints),
            readers: Readers::new(settings.readers),
            clock: settings.clock,
            waiting_requests: FxHashSet::default(),
            consensus: Consensus::alone(term, index),
            next_position: Position(mark.position + 1),
            last_timestamp: timestamp,
            released: Position(0),
            disk_full: false,
            stopped: None,
        })
    }

    /// Which partition this is.
    pub fn id(&self) -> PartitionId {
        self.id
    }

    /// The first position that replay needs.
    pub fn replay_from(&self) -> Position {
        self.next_position
    }

    /// Applies a committed entry of the log; entries that the state holds already are passed over.
    ///
    /// # Errors
    /// When entries are missing in between, or this one cannot be applied.
    pub fn replay(&mut self, index: u64, term: u64, bytes: &[u8]) -> Result<(), RecoveryError> {
        let position = self.next_position;
        let failed = |cause: String| RecoveryError::Entry { partition: self.id, position, cause };
        let entry = EntryRef::parse(bytes).map_err(|e| failed(e.to_string()))?;
        let first = entry.first_position();
        if first < self.next_position {
            return Ok(());
        }
        if first > self.next_position {
            let state = Position(self.next_position.0 - 1);
            return Err(RecoveryError::Gap { partition: self.id, state, log: first });
        }
        self.check_index(index)?;
        self.engine.replay(&mut self.tables, &entry).map_err(|e| failed(e.to_string()))?;
        if let Some(fault) = self.tables.store().fault() {
            return Err(failed(fault.to_string()));
        }
        self.next_position = first.plus(u64::from(entry.record_count()));
        self.last_timestamp = entry.timestamp();
        self.consensus.on_replayed(index, term);
        self.checkpoints.log_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Takes note of a committed entry of the log that has no records.
    ///
    /// # Errors
    /// When entries are missing in between.
    pub fn replay_bare(&mut self, index: u64, term: u64) -> Result<(), RecoveryError> {
        if index <= self.consensus.last_index() {
            return Ok(());
        }
        self.check_index(index)?;
        self.consensus.on_replayed(index, term);
        Ok(())
    }

    fn check_index(&self, log: u64) -> Result<(), RecoveryError> {
        let state = self.consensus.last_index();
        let gap = RecoveryError::IndexGap { partition: self.id, state, log };
        if log == state + 1 { Ok(()) } else { Err(gap) }
    }

    /// Processes a command. Its answer comes through the host when what it rests on is committed.
    pub fn process(
        &mut self,
        now: TimestampMs,
        command: &Command,
        context: &RequestContext,
        host: &mut dyn Host,
    ) {
        if let Some(refusal) = self.refusal(command, host) {
            if let Some(request) = context.request {
                host.answer(request, Answer::Refusal(refusal));
            }
            return;
        }
        self.waiting_requests.extend(context.request);
        self.step(now, command, context, host);
        self.refill_streams(now, host);
        self.release(host);
    }

    fn refusal(&self, command: &Command, host: &dyn Host) -> Option<Refusal> {
        let partition = self.id;
        let retry_after_ms = self.flow.retry_after_ms();
        if let Some(cause) = &self.stopped {
            return Some(Refusal::Stopped { partition, cause: cause.clone() });
        }
        if self.disk_full && (is_new_work(command) || !host.accepts()) {
            return Some(Refusal::DiskFull { partition });
        }
        if !host.accepts() {
            return Some(Refusal::Overloaded { partition, retry_after_ms });
        }
        let bytes = new_work_bytes(command)?;
        if !self.checkpoint_delayed_by().is_empty() {
            return Some(Refusal::DiskFull { partition });
        }
        let is_over = self.checkpoints.is_over(self.tables.store().overlay_bytes(), bytes);
        (is_over || !self.flow.admits()).then_some(Refusal::Overloaded { partition, retry_after_ms })
    }

    /// The time of the next entry, when the host says that it is `now`.
    pub(crate) fn time(&self, now: TimestampMs) -> TimestampMs {
        match self.clock {
            Clock::Steady => now.max(self.last_timestamp),
            Clock::Controlled => now,
        }
    }

    pub(crate) fn step(
        &mut self,
        now: TimestampMs,
        command: &Command,
        context: &RequestContext,
        host: &mut dyn Host,
    ) {
        let now = self.time(now);
        self.entry.begin(&EntryMeta {
            timestamp: now,
            key_counter: 0,
            first_position: self.next_position,
            operation_reference: context.operation_reference,
            batch_operation_reference: context.batch_operation_reference,
            trace_id: context.trace_id,
            broker_version: BROKER_VERSION,
            claims: context.claims.clone(),
        });
        self.effects.clear();
        self.engine.allow_steps(self.slices.steps_max());
        let outcome = self.engine.process(
            &mut self.tables,
            command,
            context,
            now,
            &mut self.streams,
            &mut self.entry,
            &mut self.effects,
        );
        self.slices.note_steps(self.engine.steps_taken());
        if let Some(fault) = self.tables.store().fault() {
            let cause = fault.to_string();
            self.effects.clear();
            self.stop(&cause, host);
            return;
        }
        match outcome {
            Outcome::Events => self.append(now, command, host),
            Outcome::RejectionOnly => {}
        }
        self.observe_effects();
        self.held.hold(self.consensus.last_index(), self.effects.drain(..).map(Held::Effect));
    }

    fn append(&mut self, now: TimestampMs, command: &Command, host: &mut dyn Host) {
        let record_count = self.entry.record_count();
        let first_position = self.next_position;
        let bytes = self.entry.finish(self.engine.key_counter());
        let bytes_max = self.engine.settings().entry_bytes_max;
        assert!(
            bytes.len() <= bytes_max,
            "an entry of {} bytes, at most {bytes_max} are allowed",
            bytes.len()
        );
        let (index, term) = (self.consensus.next_index(), self.consensus.term());
        self.next_position = first_position.plus(u64::from(record_count));
        self.last_timestamp = now;
        observe_notes(self.engine.notes(), now, &mut self.streams, &mut self.lifetimes, host);
        host.append(self.id, EntryFrame { index, term, first_position, record_count, bytes });
        self.consensus.on_appended(index);
        self.checkpoints.log_bytes += bytes.len() as u64;
        self.slices.on_appended(index, bytes.len());
        if is_new_work(command) {
            self.flow.on_appended(index, now);
        }
        self.start_checkpoint_if_due();
    }

    /// Keeps the streams' books of what this step pushed and left waiting.
    fn observe_effects(&mut self) {
        for effect in &self.effects {
            match effect {
                Effect::PushJob { stream, job } => self.streams.on_pushed(job.key, *stream),
                Effect::JobsAvailable { job_type, tenant_id } => {
                    self.streams.note_backlog(job_type, tenant_id)
                }
                Effect::Reply { .. } | Effect::Send { .. } => {}
            }
        }
        // Whoever wants jobs is told by now.
        self.effects.retain(|effect| !matches!(effect, Effect::JobsAvailable { .. }));
    }

    /// The log is durable up to an index: releases what is committed by that.
    ///
    /// # Panics
    /// When the index was never appended.
    pub fn on_durable(&mut self, now: TimestampMs, index: u64, host: &mut dyn Host) {
        let committed = self.consensus.on_durable(index);
        self.flow.on_committed(committed, now);
        self.slices.on_committed(committed);
        self.release(host);
        // What found no room in the log may find it now.
        self.refill_streams(now, host);
        self.run_ready_checkpoint(host);
        host.committed(self.id, committed);
    }

    pub(crate) fn release(&mut self, host: &mut dyn Host) {
        if self.stopped.is_some() {
            return;
        }
        let committed = self.consensus.committed_index();
        while let Some(held) = self.held.pop(committed) {
            match held {
                Held::Effect(Effect::Reply { request, result }) => {
                    self.forget_waiting(request);
                    host.answer(request, result.map_or_else(Answer::Rejection, Answer::Reply));
                }
                Held::Effect(Effect::PushJob { stream, job }) => host.push(stream, job),
                Held::Effect(Effect::Send { partition, command }) => host.send(partition, command),
                // The streams know it since the step.
                Held::Effect(Effect::JobsAvailable { .. }) => {}
                Held::Look { poll, found } => {
                    let found = found.map(Reply::JobsActivated);
                    host.poll_answer(self.id, poll, found.map_or_else(Answer::Rejection, Answer::Reply));
                }
            }
        }
    }

    /// When [`Partition::tick`] has something to do next.
    pub fn next_due(&self) -> Option<TimestampMs> {
        if self.stopped.is_some() {
            return None;
        }
        let retry = match self.checkpoints.phase {
            Phase::Retry { at } => Some(at),
            Phase::Idle | Phase::Waiting { .. } | Phase::Running => None,
        };
        [self.engine.next_due(&self.tables), retry].into_iter().flatten().min()
    }

    /// Time has passed: what is due is taken by slices from now on, and a checkpoint that failed is tried again.
    pub fn tick(&mut self, now: TimestampMs, host: &mut dyn Host) {
        if self.stopped.is_some() {
            return;
        }
        self.look_at_due(now);
        if let Phase::Retry { at } = self.checkpoints.phase
            && at <= now
        {
            self.checkpoints.phase = Phase::Running;
            let job = self.tables.store_mut().retry_checkpoint();
            host.run_checkpoint(self.id, job);
        }
    }

    /// Nobody waits for a request any more. What it asked for stays done.
    pub fn forget_request(&mut self, request: RequestId) {
        self.forget_waiting(request);
        self.engine.forget_request(request);
    }

    /// The server stops soon: requests that wait for somebody's work are told so. What they asked for goes on.
    pub fn dismiss_requests(&mut self, cause: &str, host: &mut dyn Host) {
        for request in self.engine.dismiss_requests() {
            self.forget_waiting(request);
            let refusal = Refusal::Stopped { partition: self.id, cause: cause.to_owned() };
            host.answer(request, Answer::Refusal(refusal));
        }
    }

    fn forget_waiting(&mut self, request: RequestId) {
        self.waiting_requests.remove(&request);
        if self.waiting_requests.is_empty() {
            self.waiting_requests.shrink_to(WAITING_RETAINED);
        }
    }

    /// The log's disk is full, or has space again.
    pub fn set_disk_full(&mut self, disk_full: bool) {
        self.disk_full = disk_full;
    }

    /// Stops for good: every waiting request learns why, nothing else leaves.
    pub fn stop(&mut self, cause: &str, host: &mut dyn Host) {
        if self.stopped.is_some() {
            return;
        }
        self.stopped = Some(cause.to_owned());
        self.stop_polls(cause, host);
        let mut waiting: Vec<RequestId> = std::mem::take(&mut self.waiting_requests).into_iter().collect();
        waiting.sort_unstable();
        for request in waiting {
            if request != INTERNAL_REQUEST {
                let refusal = Refusal::Stopped { partition: self.id, cause: cause.to_owned() };
                host.answer(request, Answer::Refusal(refusal));
            }
        }
    }

    /// Whether one more command that starts new work would find its place, as far as commits go.
    pub fn admits_new_work(&self) -> bool {
        self.flow.admits()
    }

    /// Why the partition stopped, if it did.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Its state, for queries and comparison.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The last key that it generated.
    pub fn key_counter(&self) -> u64 {
        self.engine.key_counter()
    }

    /// Figures for metrics.
    pub fn stats(&self) -> PartitionStats {
        let (batch_operations, batch_items) = self.batch_figures();
        let (messages, bounds) = (self.tables.message_totals(), self.engine.settings());
        let waits = self.tables.waits();
        PartitionStats {
            messages: messages.count,
            messages_max: bounds.messages_max,
            message_bytes: messages.bytes,
            message_bytes_max: bounds.message_bytes_max,
            timers: waits.timers,
            subscriptions: waits.subscriptions,
            user_tasks: waits.user_tasks,
            waits_max: bounds.waits_max,
            batch_operations,
            batch_items,
            last_index: self.consensus.last_index(),
            committed_index: self.consensus.committed_index(),
            last_position: self.next_position.0 - 1,
            held_effects: self.held.len(),
            streams: self.streams.open_count(),
            credit: self.streams.credit(),
            polls: self.streams.poll_count(),
            flow_limit: self.flow.limit(),
            flow_waiting: self.flow.waiting(),
            log_bytes: self.checkpoints.log_bytes,
            overlay_bytes: self.tables.store().overlay_bytes(),
            overlay_bytes_max: self.checkpoints.overlay_bytes_max(),
            follow_ups: self.engine.turns_waiting(),
            follow_ups_since: self.slices.follow_ups_since(),
            next_due: self.next_due(),
            steps_undone: self.engine.steps_undone(),
            checkpoint_delayed: !self.checkpoint_delayed_by().is_empty(),
        }
    }
}
