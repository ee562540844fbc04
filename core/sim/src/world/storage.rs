//! Writes, file jobs and checkpoints: each starts in one step and ends in another, so that anything can come between.

use std::io;

use ringbolt_record::PartitionId;
use ringbolt_store::CheckpointError;

use super::{Checkpoint, InFlight, World, WriteFault};
use crate::disk::Tear;
use ringbolt_journal::memory::SECTOR_BYTES;

/// One checkpoint in this many finds no space, where faults are wanted.
const CHECKPOINT_NO_SPACE_ODDS: u64 = 6;

/// One file job in this many finds no descriptor, where faults are wanted.
const JOB_NOT_DONE_ODDS: u64 = 12;

impl World {
    /// Starts the journal's next write, if there is one.
    pub fn start_write(&mut self) -> bool {
        if self.in_flight.is_some() {
            return false;
        }
        let Some(request) = self.node.host.log.next_write() else { return false };
        let ticket = self.node.host.log.appended();
        let (place, length) = (request.place, request.buffer.len());
        self.note(|| format!("write of {length} bytes at {}:{} up to {ticket}", place.segment, place.offset));
        self.batches.push((place, length));
        self.in_flight = Some(InFlight { request, ticket });
        true
    }

    /// The write in flight ends, well or with a fault.
    pub fn finish_write(&mut self, fault: Option<WriteFault>) -> bool {
        let Some(InFlight { request, ticket }) = self.in_flight.take() else { return false };
        let length = request.buffer.len();
        let result = match fault {
            None => self.disks.with_journal(|journal| journal.write(&request)),
            Some(WriteFault::Failed(kept)) => {
                self.disks.tear(&request, kept);
                Err(io::Error::other("the device reports an error"))
            }
            Some(WriteFault::Short) => {
                self.disks.tear(&request, Tear::Before(length / SECTOR_BYTES - 1));
                Ok(length - SECTOR_BYTES)
            }
            Some(WriteFault::Misdirected(to)) => {
                self.disks.with_journal(|journal| journal.misdirect(&request, to)).expect("the place exists");
                Ok(length)
            }
        };
        if result.as_ref().is_ok_and(|written| *written == length) {
            self.note_durable(ticket);
        }
        match self.node.host.log.write_done(result, request.buffer) {
            Ok(commit) => {
                self.node.mark.publish(commit.batch);
                assert_eq!(commit.ticket, ticket, "a write commits what was appended when it was submitted");
                self.note(|| format!("written up to {ticket}"));
                self.node.note_durable(ticket);
                if !(self.settings.agrees_late && self.random.one_in(2)) {
                    self.agree();
                }
            }
            Err(error) => {
                self.note(|| format!("write failed: {error}"));
                self.node.stop_all(&error.to_string());
                assert!(self.node.host.log.next_write().is_none(), "nothing is written after a failure");
            }
        }
        self.settle(None);
        true
    }

    /// What is durable is committed. False when that is known already.
    pub(super) fn agree(&mut self) -> bool {
        let agreed = self.node.agree();
        for (id, index) in &agreed {
            self.oracle.of_mut(*id).note_committed(*index);
        }
        let is_news = !agreed.is_empty();
        if is_news {
            self.note(|| format!("committed: {agreed:?}"));
            let now = self.now();
            self.node.commit(now, agreed);
            self.settle(None);
        }
        is_news
    }

    fn note_durable(&mut self, ticket: ringbolt_journal::Ticket) {
        while let Some((_, id, index)) = self.unwritten.pop_front_if(|(written, _, _)| *written <= ticket) {
            self.oracle.of_mut(id).note_durable(index);
        }
    }

    /// Takes up the journal's next file job, or ends the one under way.
    pub(super) fn step_file_job(&mut self) -> bool {
        match self.file_job.take() {
            None => {
                self.file_job = self.node.host.log.next_job();
                self.file_job.is_some()
            }
            Some(job) => {
                if self.settings.with_faults && self.random.one_in(JOB_NOT_DONE_ODDS) {
                    self.disks.with_journal(|journal| journal.job_failures.push_back(io::ErrorKind::Other));
                }
                let result = self.disks.with_journal(|journal| journal.run(job));
                self.note(|| format!("{job:?}: {result:?}"));
                self.node.host.log.job_done(result).expect("file jobs succeed or find the disk full");
                true
            }
        }
    }

    /// Freezes a partition's state for a checkpoint, unless one is under way.
    pub fn checkpoint(&mut self, id: PartitionId) {
        self.note(|| format!("checkpoint of {id} is asked for"));
        self.node.start_checkpoint(id);
        self.settle(Some(id));
    }

    /// Writes the oldest checkpoint that is ready, or hands a written one back.
    pub(super) fn step_checkpoint(&mut self) -> bool {
        if self.checkpoints.is_empty() {
            return false;
        }
        let (id, checkpoint) = self.checkpoints.remove(0);
        match checkpoint {
            Checkpoint::Ready(job) => {
                if self.settings.with_faults && self.random.one_in(CHECKPOINT_NO_SPACE_ODDS) {
                    let failure = CheckpointError::DiskFull("no space left on device".to_owned());
                    self.disks.store(id).fail_next_checkpoint(failure);
                }
                let outcome = job.run();
                let rows = outcome.result().map(|report| (report.rows_put, report.rows_deleted));
                self.note(|| format!("checkpoint of {id} is written: {rows:?}"));
                self.report.checkpoints += u64::from(rows.is_ok());
                self.report.checkpoints_without_space += u64::from(rows.is_err());
                self.checkpoints.push((id, Checkpoint::Written(outcome)));
            }
            Checkpoint::Written(outcome) => {
                self.note(|| format!("checkpoint of {id} comes back"));
                let now = self.now();
                self.node.finish_checkpoint(now, id, outcome);
                self.settle(Some(id));
            }
        }
        true
    }

    /// The journal's disk takes no more files, or does again.
    pub fn set_disk_full(&mut self, full: bool) {
        self.note(|| format!("the disk {}", if full { "is full" } else { "has space" }));
        self.report.disk_full += u64::from(full);
        self.disks.with_journal(|journal| journal.bytes_max = full.then(|| journal.bytes()));
        self.disks.set_spills_full(full);
    }

    /// Writes and file jobs until the journal has opened.
    pub(super) fn open_journal(&mut self) {
        while !self.node.host.log.is_open() {
            self.open_step();
        }
    }

    pub(super) fn open_step(&mut self) {
        if self.in_flight.is_some() {
            self.finish_write(None);
        } else if !self.start_write() && !self.step_file_job() {
            assert!(self.node.host.log.wants_retry(), "a journal can be opened");
            self.node.host.log.retry_space();
        }
    }
}
