//! What happens before a journal runs: its files are opened and the run's first batch is written.
//!
//! Invariants: only what the log will write to is opened; nothing is served before the first batch is durable. Blocks.

use std::fs::File;
use std::os::unix::fs::FileExt;

use ringbolt_ring::fs::AlignedBuf;

use super::files::{Access, Directory, check_named, failed, open_for_writing, run_job};
use crate::error::Error;
use crate::handles::OpenSegments;
use crate::log::{Commit, Log, WriteRequest};
use crate::types::Place;

/// What opening gathers before there is a journal.
pub(super) struct Opening {
    pub(super) directory: Directory,
    pub(super) access: Access,
    pub(super) files: OpenSegments<File>,
}

impl Opening {
    /// Opens what the log will write to.
    pub(super) fn open_recovered(
        &mut self,
        log: &Log,
        last_batch: Option<(Place, u32)>,
    ) -> Result<(), Error> {
        for sequence in log.writable() {
            self.files.push(sequence, open_for_writing(self.directory.path(), sequence, self.access)?);
        }
        match (self.access, last_batch) {
            (Access::Buffered, Some((place, length))) => self.write_again(log, place, length),
            (Access::Buffered, None) => Ok(()),
            (Access::Direct, _) => self.flush_recovered(),
        }
    }

    /// What recovery read may stand in the device's cache only, if the process ended between a write and its end. The
    /// opening batch is written with O_DSYNC, which on some devices makes nothing durable but itself.
    fn flush_recovered(&self) -> Result<(), Error> {
        for file in self.files.files() {
            file.sync_data().map_err(|cause| failed("flush", self.directory.path(), cause))?;
        }
        Ok(())
    }

    /// The last batch may be in the page cache without being on disk, if the process ended between its write and its
    /// flush or the flush failed: the cache would show it and lose it later. So it is written once more.
    fn write_again(&self, log: &Log, place: Place, length: u32) -> Result<(), Error> {
        let file = if log.active_segment() == Some(place.segment) {
            let active = self.files.active(place.segment);
            active.try_clone().map_err(|cause| failed("open", self.directory.path(), cause))?
        } else {
            open_for_writing(self.directory.path(), place.segment, self.access)?
        };
        let mut buffer = AlignedBuf::zeroed(length as usize);
        let rewrite = |buffer: &mut AlignedBuf| {
            file.read_exact_at(buffer, place.offset)?;
            file.write_all_at(buffer, place.offset)?;
            file.sync_data()
        };
        rewrite(&mut buffer).map_err(|cause| failed("write again", self.directory.path(), cause))
    }

    /// Runs file jobs until the opening batch has a place, and writes it.
    pub(super) fn write_first_batch(&mut self, log: &mut Log) -> Result<Commit, Error> {
        loop {
            if let Some(WriteRequest { place, buffer }) = log.next_write() {
                while self.files.take_before(place.segment).is_some() {}
                let file = self.files.active(place.segment);
                let write = || {
                    check_named(file)?;
                    file.write_all_at(&buffer, place.offset)?;
                    match self.access {
                        Access::Direct => Ok(()),
                        Access::Buffered => file.sync_data(),
                    }
                };
                let written = write();
                return log.write_done(written.map(|()| buffer.len()), buffer);
            }
            let Some(job) = log.next_job() else {
                let (_, cause) = log.space();
                let cause = cause.unwrap_or("no segment can be prepared").to_owned();
                return Err(Error::NoSpace { cause });
            };
            let result = run_job(&self.directory, self.access, job);
            log.job_done(result.map(|opened| drop(self.files.note(job, opened))))?;
        }
    }
}
