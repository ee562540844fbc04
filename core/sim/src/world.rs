//! The scheduler: one step at a time, clients, writes, file jobs, checkpoints, timers, faults and crashes, in an
//! order drawn from the seed.
//!
//! Invariants: the clock moves only here, and not always forwards; every effect of a step is judged before the next
//! step; what the disk was given is known from the writes themselves, not from what the journal reports of them.

mod business_ids;
mod crashes;
mod effects;
mod mail;
mod polls;
mod reading;
mod storage;

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use ringbolt_journal::{Place, SegmentJob, Ticket, WriteRequest};
use ringbolt_partition::Answer;
use ringbolt_record::{Command, PartitionId, RequestId, TimestampMs};
use ringbolt_store::{CheckpointJob, CheckpointOutcome};

pub(crate) use business_ids::BusinessIds;

use crate::disk::{Disks, Tear};
use crate::node::Node;
use crate::oracle::{Oracle, PartitionOracle};
use crate::random::Random;
use crate::recovery;
use crate::report::Report;
use crate::settings::Settings;
use crate::trace::Trace;
use crate::workload::{Act, Clients};

/// The clock's first reading.
const START_MS: i64 = 1_700_000_000_000;
/// Steps after which a run that does not come to rest is a failure.
const DRAIN_STEPS_MAX: u32 = 20_000;

/// How a write in flight goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFault {
    /// It is reported as failed; this part of it is on the disk all the same.
    Failed(Tear),
    /// All but the last sector is written, and reported so.
    Short,
    /// It is reported as done, but went to another place.
    Misdirected(Place),
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// Nothing was to be done.
    Nothing,
    /// A client acted.
    Client,
    /// Something else happened.
    Other,
}

struct InFlight {
    request: WriteRequest,
    ticket: Ticket,
}

enum Checkpoint {
    Ready(CheckpointJob),
    Written(CheckpointOutcome),
}

/// One node with its clients and its disk.
pub struct World {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    trace: Rc<RefCell<Trace>>,
    clock_ms: i64,
    disks: Disks,
    node: Node,
    pub(crate) oracle: Oracle,
    clients: Clients,
    in_flight: Option<InFlight>,
    file_job: Option<SegmentJob>,
    /// Messages on their way between partitions.
    mail: VecDeque<(PartitionId, Command)>,
    checkpoints: Vec<(PartitionId, Checkpoint)>,
    /// Entries that the disk was not given yet.
    unwritten: VecDeque<(Ticket, PartitionId, u64)>,
    stopped: BTreeSet<PartitionId>,
    /// Partitions whose reader's sink is dead at the moment.
    dead_sinks: BTreeSet<PartitionId>,
    /// Partitions whose reader was detached at some time: gaps are possible.
    was_detached: BTreeSet<PartitionId>,
    /// Every batch of this run: where it was meant to be written, and its length.
    batches: Vec<(Place, usize)>,
    pub(crate) report: Report,
}

impl World {
    /// A new, empty node.
    #[must_use]
    pub fn new(seed: u64, settings: Settings, trace: Rc<RefCell<Trace>>) -> Self {
        let disks = Disks::new(settings.partitions, settings.fill);
        let partitions = disks.partitions().map(|id| (id, PartitionOracle::new(id, settings.engine(id))));
        let oracle = Oracle { partitions: partitions.collect() };
        let now = TimestampMs(START_MS);
        let make = |id| settings.partition(id);
        let recovered =
            recovery::recover(&disks, &make, settings.replay_entries_per_look, now).expect("nothing to read");
        let node = Node::start(&disks, recovered, &settings.journal);
        let mut world = Self {
            settings,
            random: Random::new(seed),
            trace,
            clock_ms: START_MS,
            disks,
            node,
            oracle,
            clients: Clients::default(),
            in_flight: None,
            file_job: None,
            mail: VecDeque::new(),
            checkpoints: Vec::new(),
            unwritten: VecDeque::new(),
            stopped: BTreeSet::new(),
            dead_sinks: BTreeSet::new(),
            was_detached: BTreeSet::new(),
            batches: Vec::new(),
            report: Report::default(),
        };
        world.open_journal();
        world
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        let mut trace = self.trace.borrow_mut();
        let line = line();
        trace.note(format!("{:>8} {line}", self.clock_ms - START_MS));
    }

    fn now(&self) -> TimestampMs {
        TimestampMs(self.clock_ms)
    }

    /// The virtual disks.
    #[must_use]
    pub fn disks(&self) -> &Disks {
        &self.disks
    }

    /// The batches written since the start that lie in segments still in use, oldest first, and their lengths.
    #[must_use]
    pub fn batches(&self) -> Vec<(Place, usize)> {
        let oldest = self.node.host.log.segments().next().map(|segment| segment.sequence);
        let live = |(place, _): &&(Place, usize)| oldest.is_some_and(|oldest| place.segment >= oldest);
        self.batches.iter().filter(live).copied().collect()
    }

    /// Moves the clock, in milliseconds.
    pub fn advance_clock(&mut self, by_ms: i64) {
        self.clock_ms += by_ms;
    }

    /// Runs steps until the clients have acted this often.
    pub fn run_commands(&mut self, count: u32) {
        let mut left = count;
        while left > 0 {
            left -= u32::from(self.step(Clients::act) == Stepped::Client);
        }
    }

    /// Runs a number of steps without new client commands.
    pub fn run_background(&mut self, steps: u32) {
        for _ in 0..steps {
            self.background_step();
        }
    }

    /// One step: by chance a client's or one of the node's own.
    pub(crate) fn step(&mut self, act: impl Fn(&mut Clients, &mut Random, &Oracle) -> Act) -> Stepped {
        if self.random.below(16) >= 5 {
            return self.background_step();
        }
        self.pass_time();
        match act(&mut self.clients, &mut self.random, &self.oracle) {
            Act::Submit(partition, command) => {
                self.submit(partition, command);
            }
            Act::OpenStream(spec) => self.open_stream(&spec),
            Act::CloseStream(stream) => self.close_stream(stream),
            Act::OpenPoll(spec) => self.open_poll(&spec),
            Act::EndPoll(poll) => self.end_poll(poll),
        }
        self.report.commands += 1;
        Stepped::Client
    }

    fn pass_time(&mut self) {
        self.clock_ms += self.random.below(3) as i64;
        if self.random.one_in(200) {
            // A host's clock may be set back.
            self.clock_ms -= 50;
        }
    }

    /// One step of the node, its disk or its clock.
    pub(crate) fn background_step(&mut self) -> Stepped {
        self.pass_time();
        let done = match self.random.below(21) {
            0..=2 => self.start_write(),
            3..=5 => self.finish_write(None),
            6..=7 => self.step_file_job(),
            8 => self.step_checkpoint(),
            9 => {
                self.tick();
                true
            }
            10..=12 => self.step_reader(),
            13 => self.step_spill(),
            14..=15 => self.run_slice(),
            16..=18 => self.step_mail(),
            19 => self.agree(),
            _ => self.rare_step(),
        };
        if done { Stepped::Other } else { Stepped::Nothing }
    }

    fn rare_step(&mut self) -> bool {
        match self.random.below(12) {
            0..=1 => {
                let by_ms = 200 + self.random.below(1_500) as i64;
                self.note(|| format!("time passes: {by_ms} ms"));
                self.clock_ms += by_ms;
                true
            }
            2..=3 if self.settings.with_checkpoints => {
                let id = PartitionId(1 + self.random.below(u64::from(self.settings.partitions)) as u16);
                self.checkpoint(id);
                true
            }
            4 if self.settings.with_faults => {
                let is_full = self.disks.with_journal(|journal| journal.bytes_max.is_some());
                self.set_disk_full(!is_full);
                true
            }
            5 if self.settings.with_faults => self.end_disk_full(),
            6..=7 if self.settings.with_faults => {
                self.toggle_sink();
                true
            }
            _ => self.start_write(),
        }
    }

    fn end_disk_full(&mut self) -> bool {
        let is_full = self.disks.with_journal(|journal| journal.bytes_max.is_some());
        if is_full {
            self.set_disk_full(false);
        }
        is_full
    }

    /// Deadlines, back-offs, the disk's state; a creation of a segment that failed is tried again.
    pub fn tick(&mut self) {
        if self.node.host.log.wants_retry() {
            self.node.host.log.retry_space();
        }
        let now = self.now();
        self.node.tick(now);
        self.note_readers();
        self.settle(None);
    }

    /// Work that no client waits for: one slice.
    fn run_slice(&mut self) -> bool {
        let now = self.now();
        let ran = self.node.run_slice(now);
        if ran {
            self.note(|| "a slice".to_owned());
            self.settle(None);
        }
        ran
    }

    /// Lets everything under way come to its end, and checks that every request was answered that can be.
    pub fn drain(&mut self) {
        self.set_disk_full(false);
        let mut idle_turns = 0;
        for _ in 0..DRAIN_STEPS_MAX {
            let worked =
                self.start_write() | self.finish_write(None) | self.step_file_job() | self.step_checkpoint();
            let worked = worked | self.agree() | self.step_spill() | self.finish_reading();
            let worked = worked | self.run_slice() | self.deliver_mail() | self.select_items();
            self.tick();
            let due = self.node.partitions.values().filter_map(|p| p.next_due()).min();
            let is_due = due.is_some_and(|due| due <= self.now());
            let is_written = self.unwritten.is_empty() || !self.stopped.is_empty();
            let is_idle = !worked && self.checkpoints.is_empty() && !is_due && is_written;
            // What a tick allows again is taken up in the next turn.
            idle_turns = if is_idle { idle_turns + 1 } else { 0 };
            if idle_turns == 2
                && let Some(due) = self.mail_due()
            {
                self.clock_ms = self.clock_ms.max(due);
                idle_turns = 0;
            }
            if idle_turns == 2 {
                self.check_mail_at_rest();
                self.check_batches_at_rest();
                self.check_business_ids_at_rest();
                self.check_readers_at_rest();
                return self.check_quiet();
            }
            self.clock_ms += 1;
        }
        let due = self.node.partitions.values().filter_map(|p| p.next_due()).min();
        panic!(
            "the node does not come to rest: space {:?}, {} entries unwritten, due {due:?} at {:?}",
            self.node.host.log.space(),
            self.unwritten.len(),
            self.now()
        );
    }

    /// Closes every job stream that the clients hold, and ends their polls.
    pub fn close_streams(&mut self) {
        for poll in self.clients.polls.keys().copied().collect::<Vec<_>>() {
            self.end_poll(poll);
        }
        for stream in self.clients.streams.keys().copied().collect::<Vec<_>>() {
            self.close_stream(stream);
        }
    }

    /// Sends a command as a client would. The answer of a watched request is kept.
    pub fn watch(&mut self, partition: PartitionId, command: Command) -> RequestId {
        let request = self.clients.new_request();
        self.clients.watched.insert(request, None);
        self.submit_as(request, partition, command);
        request
    }

    /// The answer of a watched request, if there was one.
    #[must_use]
    pub fn answer(&self, request: RequestId) -> Option<&Answer> {
        self.clients.watched.get(&request).and_then(Option::as_ref)
    }

    /// Why a partition stopped, if one did.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.node.stopped()
    }

    /// Writes everything that was appended, with the file jobs that it needs.
    pub fn write_all(&mut self) {
        for _ in 0..DRAIN_STEPS_MAX {
            if self.in_flight.is_none() && self.unwritten.is_empty() {
                self.agree();
                return;
            }
            if !self.start_write() && !self.finish_write(None) {
                self.step_file_job();
            }
        }
        panic!("what was appended cannot be written");
    }

    /// Starts a write of what was appended, with the file jobs that it needs.
    pub fn start_write_when_prepared(&mut self) {
        for _ in 0..DRAIN_STEPS_MAX {
            if self.start_write() {
                return;
            }
            self.step_file_job();
        }
        panic!("there is nothing to write");
    }

    /// Requests that wait for an answer.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.clients.pending.len()
    }

    /// The last lines of the trace.
    #[must_use]
    pub fn trace_tail(&self) -> String {
        self.trace.borrow().tail()
    }

    /// Figures so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let trace = self.trace.borrow();
        let mut report = self.report.clone();
        (report.trace_hash, report.trace_lines) = (trace.hash(), trace.count());
        for oracle in self.oracle.partitions.values() {
            report.entries += oracle.last_index();
            report.jobs_completed +=
                oracle.facts.jobs.values().filter(|job| job.completed.is_some()).count() as u64;
            report.instances +=
                oracle.facts.elements.values().filter(|element| element.is_process).count() as u64;
            report.incidents += oracle.facts.incidents.len() as u64;
            report.batch_items += oracle.facts.batches.items_done();
            for (count, more) in report.with_business_id.iter_mut().zip(oracle.facts.business_ids.counts) {
                *count += more;
            }
        }
        report.segments_recycled += self.node.host.log.counts().segments.recycled;
        report
    }
}
