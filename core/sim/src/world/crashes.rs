//! Crashes and restarts: memory is gone, a part of what was under way is on the disk, and a start must find it.

use std::collections::BTreeMap;

use super::{InFlight, World};
use crate::disk::{Disks, Tear};
use crate::node::Node;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::recovery::{self, RecoverError, Recovered, for_each_entry};
use crate::report::Report;
use ringbolt_partition::Partition;
use ringbolt_store::CheckpointError;

/// One in this many steps of an opening journal is a crash of its own.
const CRASH_IN_OPENING_ODDS: u64 = 10;
/// One in this many starts finds no space for a checkpoint that its replay wants.
const FULL_AT_START_ODDS: u64 = 4;

impl World {
    /// Everything in memory is lost. Of the write in flight the disk keeps a part, of a file job all or nothing.
    pub fn crash(&mut self, tear: Tear) {
        let file_job_done = self.random.one_in(2);
        self.note(|| format!("crash, write in flight: {tear:?}, file job done: {file_job_done}"));
        self.report.crashes += 1;
        self.report.segments_recycled += self.node.host.log.counts().segments.recycled;
        if let Some(InFlight { request, .. }) = self.in_flight.take() {
            self.disks.tear(&request, tear);
        }
        if let Some(job) = self.file_job.take()
            && file_job_done
        {
            // A full disk makes a creation fail; then it leaves nothing behind.
            let _ = self.disks.with_journal(|journal| journal.run(job));
        }
        self.lose_memory();
    }

    fn lose_memory(&mut self) {
        self.in_flight = None;
        self.file_job = None;
        self.checkpoints.clear();
        self.unwritten.clear();
        self.stopped.clear();
        self.batches.clear();
        self.clients.on_crash();
    }

    /// How many bytes the write in flight has; zero without one.
    #[must_use]
    pub fn in_flight_bytes(&self) -> usize {
        self.in_flight.as_ref().map_or(0, |write| write.request.buffer.len())
    }

    fn recover(&self, disks: &Disks) -> Result<Recovered, RecoverError> {
        let make = |id| self.settings.partition(id);
        recovery::recover(disks, &make, self.settings.replay_entries_per_look, self.now())
    }

    /// Starts again from the disks alone, checks what came back, and opens the journal; sometimes with a crash in
    /// the middle of that.
    ///
    /// # Errors
    /// When the node refuses to start.
    pub fn restart(&mut self) -> Result<(), RecoverError> {
        // The space that a full disk needs is the operator's; a start without any is refused, not simulated.
        self.disks.with_journal(|journal| journal.bytes_max = None);
        self.disks.set_spills_full(false);
        loop {
            self.settings.change(&mut self.random);
            self.fail_a_checkpoint_of_the_replay();
            let recovered = self.recover(&self.disks)?;
            self.check_recovered(&self.disks, &recovered)?;
            self.report.torn += u64::from(recovered.scan.as_ref().is_some_and(|scan| scan.torn.is_some()));
            self.report.replay_checkpoints += recovered.checkpoints;
            let index_of = |p: &Partition| (p.id(), p.stats().last_index);
            let indexes: Vec<_> = recovered.partitions.values().map(index_of).collect();
            self.note(|| format!("back at {indexes:?}"));
            self.node = Node::start(&self.disks, recovered, &self.settings.journal);
            if self.open_or_crash() {
                // Not earlier: until the opening batch is written, a crash may bring a torn batch back whole.
                for (id, index) in indexes {
                    self.oracle.of_mut(id).go_on_at(index);
                }
                return Ok(());
            }
        }
    }

    /// A disk that is full at the start: a checkpoint that the replay wants has to wait.
    fn fail_a_checkpoint_of_the_replay(&mut self) {
        if self.settings.with_faults && self.random.one_in(FULL_AT_START_ODDS) {
            let ids: Vec<_> = self.disks.partitions().collect();
            let id = ids[self.random.index(ids.len())];
            let failure = CheckpointError::DiskFull("no space left on device".to_owned());
            self.disks.store(id).fail_next_checkpoint(failure);
        }
    }

    fn open_or_crash(&mut self) -> bool {
        while !self.node.host.log.is_open() {
            if self.random.one_in(CRASH_IN_OPENING_ODDS) {
                let bytes = self.in_flight_bytes();
                let tear = Tear::any(&mut self.random, bytes);
                self.crash(tear);
                return false;
            }
            self.open_step();
        }
        true
    }

    fn check_recovered(&self, disks: &Disks, recovered: &Recovered) -> Result<(), RecoverError> {
        let mut in_log = BTreeMap::new();
        if let Some(scan) = &recovered.scan {
            for_each_entry(disks, scan, |id, index, bytes| {
                self.oracle.of(id).check_entry(index, bytes);
                in_log.insert(id, index);
            })?;
        }
        for partition in recovered.partitions.values().filter(|_| self.settings.compares_states) {
            let in_log = in_log.get(&partition.id()).copied().unwrap_or(0);
            self.oracle.of(partition.id()).check_recovered(partition, in_log);
        }
        self.check_reading_after(disks, recovered);
        Ok(())
    }

    /// The disks as a crash now would leave them.
    #[must_use]
    pub fn crash_image(&self, tear: Tear, file_job_done: bool) -> Disks {
        let disks = self.disks.fork();
        if let Some(write) = &self.in_flight {
            disks.tear(&write.request, tear);
        }
        if let Some(job) = self.file_job.filter(|_| file_job_done) {
            let _ = disks.with_journal(|journal| journal.run(job));
        }
        disks
    }

    /// Crashes here in a side branch and checks what a start brings back. Returns the branch's disks.
    ///
    /// # Errors
    /// When the node refuses to start.
    pub fn check_crash(&self, tear: Tear, file_job_done: bool) -> Result<(), RecoverError> {
        let disks = self.crash_image(tear, file_job_done);
        let recovered = self.recover(&disks)?;
        self.check_recovered(&disks, &recovered)
    }

    /// A side branch in which the node has crashed here and goes on; this world is not changed.
    ///
    /// # Errors
    /// When the node refuses to start.
    pub fn branch_after_crash(&self, tear: Tear, mut random: Random) -> Result<World, RecoverError> {
        let mut settings = self.settings.clone();
        settings.change(&mut random);
        let disks = self.crash_image(tear, true);
        disks.with_journal(|journal| journal.bytes_max = None);
        disks.set_spills_full(false);
        let recovered = self.recover(&disks)?;
        self.check_recovered(&disks, &recovered)?;
        let fork = |partition: &Partition| {
            let oracle = self.oracle.of(partition.id()).fork_at(partition.stats().last_index);
            (partition.id(), oracle)
        };
        let oracle = Oracle { partitions: recovered.partitions.values().map(fork).collect() };
        let node = Node::start(&disks, recovered, &settings.journal);
        let mut branch = World {
            settings,
            random,
            trace: self.trace.clone(),
            clock_ms: self.clock_ms,
            disks,
            node,
            oracle,
            clients: self.clients.fork(),
            in_flight: None,
            file_job: None,
            mail: Default::default(),
            checkpoints: Vec::new(),
            unwritten: Default::default(),
            stopped: Default::default(),
            dead_sinks: Default::default(),
            was_detached: self.was_detached.clone(),
            batches: Vec::new(),
            report: Report::default(),
        };
        branch.note(|| "a branch crashes here and goes on".to_owned());
        branch.open_journal();
        Ok(branch)
    }
}
