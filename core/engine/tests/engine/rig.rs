//! One partition's engine with a virtual clock: commands in, records and answers out as text.
//!
//! After every command all entries so far are kept, and the new one is replayed into a second store, whose rows must
//! equal the first one's.

use crate::print;
use ringbolt_engine::{Effect, Engine, EngineSettings, JobStreams, Note, Outcome, StreamGrant};
use ringbolt_record::values::{Arrival, InstanceRef, ProcessEventRecord, ProcessInstanceCreationRecord};
use ringbolt_record::{
    Command, DurationMs, EntryBuilder, EntryMeta, EntryRef, FollowUp, Key, PartitionId, Position, RecordRef,
    RecordType, Rejection, Reply, RequestContext, RequestId, StreamId, TimestampMs,
};
use ringbolt_store::{Finished, Mark, open_memory};
use ringbolt_tables::{
    Afterwards, ElementInstanceFlags as Flags, ElementInstanceRow, ElementInstanceState, Tables,
};
use std::sync::Arc;

/// The clock's first reading.
pub(crate) const START: TimestampMs = TimestampMs(1_893_456_000_000);

/// A stream with credit for everything.
#[derive(Clone)]
pub(crate) struct OpenStream {
    pub(crate) job_type: String,
    pub(crate) worker: Arc<str>,
    pub(crate) timeout: DurationMs,
    pub(crate) fetch: Arc<[String]>,
    pub(crate) credit: u32,
}

#[derive(Default)]
pub(crate) struct Streams {
    pub(crate) open: Vec<Option<OpenStream>>,
}

impl JobStreams for Streams {
    fn take_credit(&mut self, job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        for (number, stream) in self.open.iter_mut().enumerate() {
            let Some(stream) = stream else { continue };
            if stream.job_type == job_type && stream.credit > 0 {
                stream.credit -= 1;
                return Some(StreamGrant {
                    stream: StreamId(number as u64),
                    worker: stream.worker.clone(),
                    timeout: stream.timeout,
                    fetch_variables: stream.fetch.clone(),
                    with_leases: false,
                });
            }
        }
        None
    }

    fn return_credit(&mut self, stream: StreamId) {
        if let Some(Some(stream)) = self.open.get_mut(stream.0 as usize) {
            stream.credit += 1;
        }
    }
}

pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) tables: Tables,
    pub(crate) streams: Streams,
    pub(crate) now: TimestampMs,
    pub(crate) names: print::Names,
    settings: EngineSettings,
    replica: (Engine, Tables),
    entry: EntryBuilder,
    pub(crate) entries: Vec<Vec<u8>>,
    next_position: u64,
    next_request: u64,
    /// Written by the last command.
    pub(crate) records: Vec<String>,
    pub(crate) effects: Vec<Effect>,
}

impl Default for Rig {
    fn default() -> Self {
        Self::with(EngineSettings::new(PartitionId(1)))
    }
}

impl Rig {
    pub(crate) fn with(settings: EngineSettings) -> Self {
        let fresh = || (Engine::new(settings.clone()), Tables::new(open_memory()));
        let (engine, tables) = fresh();
        Self {
            engine,
            tables,
            streams: Streams::default(),
            now: START,
            names: print::Names::default(),
            replica: fresh(),
            settings,
            entry: EntryBuilder::default(),
            entries: Vec::new(),
            next_position: 1,
            next_request: 1,
            records: Vec::new(),
            effects: Vec::new(),
        }
    }

    pub(crate) fn partition_id(&self) -> PartitionId {
        self.settings.partition_id
    }

    /// Processes a command; its request id.
    pub(crate) fn send(&mut self, command: &Command) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        self.process(command, Some(request));
        request
    }

    pub(crate) fn process(&mut self, command: &Command, request: Option<RequestId>) -> Outcome {
        let context = RequestContext { request, ..RequestContext::default() };
        let meta = EntryMeta {
            timestamp: self.now,
            first_position: Position(self.next_position),
            ..EntryMeta::default()
        };
        self.entry.begin(&meta);
        let effects_before = self.effects.len();
        let outcome = self.engine.process(
            &mut self.tables,
            command,
            &context,
            self.now,
            &mut self.streams,
            &mut self.entry,
            &mut self.effects,
        );
        let count = self.entry.record_count();
        let bytes = self.entry.finish(self.engine.key_counter()).to_vec();
        match outcome {
            Outcome::Events => {
                assert!(count > 1, "an entry has a command and events");
                assert!(bytes.len() <= self.settings.entry_bytes_max, "an entry of {} bytes", bytes.len());
                self.next_position += u64::from(count);
                assert_eq!(self.engine.notes(), notes_in(&bytes), "notes say what the events say");
                self.records.extend(print::entry(&bytes, &mut self.names));
                self.replay(&bytes);
                self.entries.push(bytes);
            }
            Outcome::RejectionOnly => {
                assert_eq!(count, 0, "nothing is written with a rejection");
                // The second store is as the first one was before the command.
                let same = self.tables.store().dump().eq(self.replica.1.store().dump());
                assert!(same, "a rejection changes nothing");
            }
        }
        let answered = self.effects[effects_before..]
            .iter()
            .any(|effect| matches!(effect, Effect::Reply { request: r, .. } if Some(*r) == request));
        let waits = match command {
            Command::CreateProcessInstance(create) => create.await_result.is_some(),
            Command::CorrelateMessage(_) => true,
            // Listeners of tasks may be asked first.
            Command::UserTask(_) | Command::SetVariables { .. } => true,
            _ => false,
        };
        assert!(answered || waits || request.is_none(), "every request is answered: {command:?}");
        assert!(self.tables.store().fault().is_none());
        outcome
    }

    /// Replays an entry into the second store and compares all rows.
    fn replay(&mut self, bytes: &[u8]) {
        let entry = EntryRef::parse(bytes).expect("an entry that was just written");
        let (engine, tables) = &mut self.replica;
        engine.replay(tables, &entry).expect("every event can be applied");
        assert_eq!(engine.key_counter(), self.engine.key_counter());
        let same = self.tables.store().dump().eq(self.replica.1.store().dump());
        assert!(same, "replay gives other rows than processing");
    }

    /// Changes the tables behind the engine's back, and the second ones alike.
    pub(crate) fn change_both(&mut self, change: impl Fn(&mut Tables)) {
        change(&mut self.tables);
        change(&mut self.replica.1);
    }

    pub(crate) fn dump(&self) -> Vec<(u8, Vec<u8>, Vec<u8>)> {
        self.tables.store().dump().map(|(table, key, row)| (table.0, key.to_vec(), row.to_vec())).collect()
    }

    /// What each scope counts is what there is: elements in it, and elements still to come, by a flow that waits for
    /// others or by a step that was put off.
    pub(crate) fn check_counts(&self) {
        let rows = self.dump();
        let key_at = |bytes: &[u8], at: usize| Key(u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap()));
        let of = |wanted: u8| rows.iter().filter(move |(table, _, _)| *table == wanted);
        let put_off: Vec<FollowUp> =
            of(15).chain(of(121)).map(|(_, _, row)| FollowUp::read(row).unwrap()).collect();
        for (_, key, _) in of(4) {
            let scope_key = key_at(key, 0);
            let scope = self.tables.element_instance(scope_key).unwrap();
            let children = self.tables.children_after(scope_key, Key::NONE).count();
            assert_eq!(scope.active_children as usize, children, "children of {scope_key}");
            self.check_flags(scope_key, &scope, of(12).map(|(_, key, _)| key_at(key, 0)));
            let to_spawn = put_off.iter().find_map(|step| match step {
                FollowUp::Spawn { body_key, next } if *body_key == scope_key => {
                    Some(self.tables.multi_instance_items(scope_key).map_or(0, |items| items.len() - next))
                }
                _ => None,
            });
            let in_parts = |step: &FollowUp| matches!(step, FollowUp::TakeFlows { element, .. } if element.flow_scope_key == scope_key);
            if scope.state == ElementInstanceState::Terminating || put_off.iter().any(in_parts) {
                continue;
            }
            let waiting = of(14).filter(|(_, key, _)| key_at(key, 0) == scope_key);
            let waiting: u32 =
                waiting.map(|(_, _, row)| u32::from_le_bytes(row[..].try_into().unwrap())).sum();
            let is_interrupted = scope.flags.has(Flags::INTERRUPTED);
            let is_coming = |step: &&FollowUp| match step {
                FollowUp::Activate { element, arrival, .. } => {
                    element.flow_scope_key == scope_key
                        && (!is_interrupted || scope.interrupter == element.element_index)
                        && !matches!(arrival, Arrival::None | Arrival::Join(_))
                }
                _ => false,
            };
            let to_spawn = to_spawn.filter(|_| !is_interrupted).unwrap_or(0);
            let mut coming = put_off.iter().filter(is_coming).count() as u32 + to_spawn;
            // Or when what is in it has ended.
            let is_next =
                matches!(scope.afterwards, Afterwards::EventSubProcess(_)) && scope.active_children > 0;
            coming += u32::from(is_next && scope.arriving > coming + waiting);
            assert_eq!(scope.arriving, waiting + coming, "still to come in {scope_key}");
        }
    }

    /// An element instance says of itself whether variables or incidents belong to it.
    fn check_flags(&self, key: Key, row: &ElementInstanceRow, incidents: impl Iterator<Item = Key>) {
        let has_variables = self.tables.variables(key).next().is_some();
        let has_incident = incidents
            .filter_map(|incident| self.tables.incident(incident))
            .any(|incident| incident.element_instance_key == key);
        let is_process = row.element.flow_scope_key.is_none();
        let says = |flag| row.flags.has(flag);
        assert_eq!(says(Flags::LOCAL_VARIABLES), has_variables || is_process, "variables of {key}");
        assert_eq!(says(Flags::INCIDENT), has_incident, "incidents of {key}");
        let waits = self.tables.event_subscriptions(key).next().is_some();
        assert!(says(Flags::SUBSCRIPTIONS) || !waits, "subscriptions of {key}");
        let caught = self.tables.event_triggers(key).next().is_some();
        assert!(says(Flags::TRIGGERS) || !caught, "triggers of {key}");
    }

    /// Writes the rows so far into the base below.
    pub(crate) fn checkpoint(&mut self) {
        let mark = Mark {
            position: self.next_position,
            key_counter: self.engine.key_counter(),
            journal_info: Vec::new(),
        };
        let job = self.tables.store_mut().freeze(mark);
        assert!(matches!(self.tables.store_mut().finish_checkpoint(job.run()), Finished::Committed(_)));
    }

    /// The same, and from now on business ids have to differ, or not.
    pub(crate) fn restart_with_unique_ids(&mut self, are_unique: bool) {
        self.settings.business_ids_are_unique = are_unique;
        self.restart();
    }

    /// Goes on from the log alone, as after a crash.
    pub(crate) fn restart(&mut self) {
        let mut engine = Engine::new(self.settings.clone());
        let mut tables = Tables::new(open_memory());
        engine.recover(&tables);
        for bytes in &self.entries {
            engine
                .replay(&mut tables, &EntryRef::parse(bytes).expect("an entry"))
                .expect("it can be replayed");
        }
        assert!(tables.store().dump().eq(self.tables.store().dump()), "replay gives other rows");
        (self.engine, self.tables) = (engine, tables);
    }

    /// Processes all that is due, and all that was put off.
    pub(crate) fn run_due(&mut self) {
        for _ in 0..100_000 {
            if let Some(command) = self.engine.next_turn(&self.tables) {
                self.process(&command, None);
                continue;
            }
            let due = self.engine.due_commands(&self.tables, self.now, 10);
            match (due.is_empty(), self.engine.next_due(&self.tables)) {
                (true, next) => {
                    return assert!(next.is_none_or(|next| next > self.now), "{next:?} is overlooked");
                }
                (false, next) => assert!(next.is_some_and(|next| next <= self.now), "due, but {next:?}"),
            }
            for command in due {
                self.process(&command, None);
            }
        }
        panic!("due commands do not end");
    }

    /// What the request with this id was answered; taken out of the effects.
    pub(crate) fn answer(&mut self, wanted: RequestId) -> Option<Result<Reply, Rejection>> {
        let at = self
            .effects
            .iter()
            .position(|effect| matches!(effect, Effect::Reply { request, .. } if *request == wanted))?;
        match self.effects.remove(at) {
            Effect::Reply { result, .. } => Some(result),
            Effect::PushJob { .. } | Effect::JobsAvailable { .. } | Effect::Send { .. } => None,
        }
    }
}

/// What the events of an entry mean to its partition, read from the entry.
fn notes_in(bytes: &[u8]) -> Vec<Note> {
    let entry = EntryRef::parse(bytes).expect("an entry that was just written");
    let note = |record: RecordRef<'_>| {
        let key = record.header.key;
        if record.header.record_type != RecordType::Event {
            return None;
        }
        let name = (record.header.intent.value_type().to_string(), record.header.intent.name().to_owned());
        match (&*name.0, &*name.1) {
            ("JOB", "COMPLETED" | "FAILED" | "TIMED_OUT" | "CANCELED" | "ERROR_THROWN" | "YIELDED") => {
                Some(Note::JobReleased(key))
            }
            ("PROCESS_INSTANCE", "ELEMENT_COMPLETED") => Some(Note::ElementCompleted(key)),
            ("PROCESS_INSTANCE_CREATION", "CREATED") => {
                let value = record.value::<ProcessInstanceCreationRecord<'_>>().expect("its value");
                Some(Note::InstanceCreated(InstanceRef::of(&value.instance).process_instance_key))
            }
            ("PROCESS_EVENT", "TRIGGERING") => {
                let value = record.value::<ProcessEventRecord<'_>>().expect("its value");
                let begins = Key::of(&value.caught_by);
                (begins != Key::of(&value.scope_key)).then_some(Note::InstanceCreated(begins))
            }
            _ => None,
        }
    };
    entry.records().filter_map(|record| note(record.expect("readable"))).collect()
}
