//! Which segments there are, which come next, and which may be used again.
//!
//! The plan asks for one file job at a time; a side thread (or a simulator) does it and reports. Invariants: live
//! segments are consecutive and are given up from the oldest only; a segment is given up only if every partition's
//! entries in it lie below that partition's floor; the active segment never is. One segment is prepared under its
//! final name, others wait as spares. It deliberately does no I/O and keeps no clock: whoever drives it decides when
//! to try again after the disk was full.

use std::collections::VecDeque;
use std::io;

use crate::batch::{PartitionRange, widen};
use crate::error::Failure;
use crate::scan::SegmentSummary;
use crate::segment_job::SegmentJob;
use crate::source::SegmentFile;
use crate::types::{Epoch, PartitionId, Position, SegmentSequence, SpareNumber};

/// Spares that are created ahead, so that completions can go on for a while on a full disk.
pub const RESERVE_SEGMENTS: usize = 1;

/// How a file job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No name has changed: the disk is full, there is no descriptor, no memory, no permission. It is tried again.
    #[error(transparent)]
    NotDone(io::Error),
    /// Names may have changed, or may not be durable: final.
    #[error(transparent)]
    Uncertain(io::Error),
}

impl From<io::Error> for JobError {
    fn from(cause: io::Error) -> Self {
        Self::NotDone(cause)
    }
}

/// Whether new segments can be prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Yes.
    Enough,
    /// The disk or a quota is full. Appends go on in what is prepared; new work should be refused.
    DiskFull,
    /// Files cannot be created, opened or renamed for another reason, mostly for want of descriptors.
    Failing,
}

/// A kind of file job that waits for `retry` since it failed, and why.
#[derive(Clone, Debug)]
struct Trouble {
    space: Space,
    cause: String,
    waits: bool,
}

/// Kinds of file jobs that fail apart from each other: a full disk keeps files from being created, and is left by using
/// others again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JobKind {
    Install,
    Create,
    Release,
}

impl SegmentJob {
    fn kind(&self) -> JobKind {
        match self {
            SegmentJob::Create { .. } => JobKind::Create,
            SegmentJob::Install { .. } => JobKind::Install,
            SegmentJob::Recycle { .. } | SegmentJob::Remove { .. } => JobKind::Release,
        }
    }
}

/// A file that waits to become a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spare {
    /// Its number, part of its name.
    pub number: SpareNumber,
    /// Its size.
    pub bytes: u64,
}

/// The plan.
#[derive(Debug)]
pub(crate) struct SegmentPlan {
    name: String,
    segment_bytes: u64,
    first_segment_bytes: u64,
    spares_max: usize,
    /// From the oldest to the active one.
    live: VecDeque<SegmentSummary>,
    /// Prepared under their final names, consecutive behind the active one. Usually one; two after a crash.
    prepared: VecDeque<SegmentFile>,
    /// Prepared files of a size that is no longer wanted, to be removed from the last on.
    discard: Vec<SegmentSequence>,
    spares: VecDeque<Spare>,
    last_spare: SpareNumber,
    job: Option<SegmentJob>,
    /// Whether the active segment's first batch is durable. Until then the segment before it must stay: the
    /// oldest segment has to begin with a batch.
    active_durable: bool,
    /// What is no longer needed of each partition: records below.
    floors: Vec<(PartitionId, Position)>,
    /// What failed and did not succeed since, by kind.
    troubles: [Option<Trouble>; 3],
    counts: SegmentCounts,
}

/// How many files were handled in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentCounts {
    /// Created and filled with zeros.
    pub created: u64,
    /// Used again.
    pub recycled: u64,
    /// Removed.
    pub removed: u64,
}

/// What the plan starts from.
#[derive(Debug, Default)]
pub(crate) struct PlanStart {
    pub(crate) live: Vec<SegmentSummary>,
    pub(crate) prepared: Vec<SegmentFile>,
    pub(crate) spares: Vec<Spare>,
}

impl SegmentPlan {
    pub(crate) fn new(
        name: String,
        segment_bytes: u64,
        first_segment_bytes: u64,
        spares_max: usize,
        start: PlanStart,
    ) -> Self {
        let last_spare = start.spares.iter().map(|spare| spare.number).max().unwrap_or_default();
        let usable = start.prepared.iter().take_while(|file| file.bytes == segment_bytes).count();
        Self {
            name,
            segment_bytes,
            first_segment_bytes,
            spares_max: spares_max.max(RESERVE_SEGMENTS),
            live: start.live.into(),
            prepared: start.prepared[..usable].iter().copied().collect(),
            discard: start.prepared[usable..].iter().map(|file| file.sequence).collect(),
            spares: start.spares.into_iter().filter(|spare| spare.bytes == segment_bytes).collect(),
            last_spare,
            job: None,
            active_durable: false,
            floors: Vec::new(),
            troubles: [const { None }; 3],
            counts: SegmentCounts::default(),
        }
    }

    pub(crate) fn counts(&self) -> SegmentCounts {
        self.counts
    }

    pub(crate) fn space(&self) -> (Space, Option<&str>) {
        let trouble = self.troubles.iter().flatten().next();
        trouble.map_or((Space::Enough, None), |trouble| (trouble.space, Some(trouble.cause.as_str())))
    }

    pub(crate) fn live(&self) -> impl ExactSizeIterator<Item = &SegmentSummary> {
        self.live.iter()
    }

    /// What is prepared, rising.
    pub(crate) fn prepared(&self) -> impl Iterator<Item = SegmentSequence> {
        self.prepared.iter().map(|file| file.sequence)
    }

    /// Bytes of all files, spares included.
    pub(crate) fn disk_bytes(&self) -> u64 {
        let live: u64 = self.live.iter().map(|segment| segment.bytes).sum();
        let prepared: u64 = self.prepared.iter().map(|file| file.bytes).sum();
        live + prepared + self.spares.iter().map(|spare| spare.bytes).sum::<u64>()
    }

    /// Bytes of closed segments that somebody who needs the partition's records from `from` on keeps: from the first
    /// segment with such a record, whatever else lies in them.
    pub(crate) fn held_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        let closed = self.live.iter().take(self.live.len().saturating_sub(1));
        let holds = |segment: &&SegmentSummary| {
            segment.ranges.iter().any(|range| range.partition == partition && range.end > from)
        };
        closed.skip_while(|segment| !holds(segment)).map(|segment| segment.bytes).sum()
    }

    /// Records of the partition below `position` are no longer needed. A floor never sinks. Returns whether it rose.
    pub(crate) fn set_floor(&mut self, partition: PartitionId, position: Position) -> bool {
        let at = self.floors.iter().position(|(known, _)| *known == partition).unwrap_or_else(|| {
            self.floors.push((partition, Position(0)));
            self.floors.len() - 1
        });
        let floor = &mut self.floors[at].1;
        let rises = position > *floor;
        *floor = position.max(*floor);
        rises
    }

    /// Notes what a batch put into the active segment.
    pub(crate) fn note(&mut self, ranges: &[PartitionRange]) {
        let active = self.live.back_mut().expect("a batch is written to the active segment");
        for range in ranges {
            widen(&mut active.ranges, *range);
        }
    }

    /// Notes that what was written to the active segment is durable.
    pub(crate) fn note_durable(&mut self) {
        self.active_durable = true;
    }

    /// Makes the prepared segment the active one, if it holds at least `bytes`.
    pub(crate) fn roll(&mut self, bytes: u64, epoch: Epoch) -> Option<SegmentFile> {
        let next = self.prepared.pop_front_if(|next| next.bytes >= bytes)?;
        self.active_durable = false;
        self.live.push_back(SegmentSummary {
            sequence: next.sequence,
            bytes: next.bytes,
            first_epoch: epoch,
            ranges: Vec::new(),
        });
        Some(next)
    }

    /// The next job, if there is one and none is under way.
    pub(crate) fn next_job(&mut self) -> Option<SegmentJob> {
        if self.job.is_some() {
            return None;
        }
        let jobs = [Self::discard, Self::install, Self::give_up, Self::create];
        let mut jobs = jobs.iter().filter_map(|next| next(self));
        self.job = jobs.find(|job| !self.waits(job.kind()));
        self.job
    }

    fn waits(&self, kind: JobKind) -> bool {
        self.troubles[kind as usize].as_ref().is_some_and(|trouble| trouble.waits)
    }

    fn discard(&self) -> Option<SegmentJob> {
        self.discard.last().map(|sequence| SegmentJob::Remove { sequence: *sequence })
    }

    fn install(&self) -> Option<SegmentJob> {
        // What is discarded still has names that come next.
        let is_wanted = self.prepared.is_empty() && self.discard.is_empty();
        let spare = self.spares.front().filter(|_| is_wanted)?;
        Some(SegmentJob::Install { spare: spare.number, sequence: self.next_sequence() })
    }

    fn next_sequence(&self) -> SegmentSequence {
        self.live.back().map_or(SegmentSequence(1), |active| active.sequence.next())
    }

    fn give_up(&self) -> Option<SegmentJob> {
        let oldest = self.live.front().filter(|_| self.live.len() > 1 && self.active_durable)?;
        let needed = oldest.ranges.iter().any(|range| range.end > self.floor(range.partition));
        if needed {
            return None;
        }
        let sequence = oldest.sequence;
        let reuse = oldest.bytes == self.segment_bytes && self.spares.len() < self.spares_max;
        let spare = self.last_spare.next();
        Some(if reuse { SegmentJob::Recycle { sequence, spare } } else { SegmentJob::Remove { sequence } })
    }

    fn floor(&self, partition: PartitionId) -> Position {
        let known = self.floors.iter().find(|(known, _)| *known == partition);
        known.map_or(Position(0), |(_, floor)| *floor)
    }

    fn create(&self) -> Option<SegmentJob> {
        let wanted = RESERVE_SEGMENTS + usize::from(self.prepared.is_empty());
        if self.spares.len() >= wanted {
            return None;
        }
        let first = self.live.is_empty() && self.prepared.is_empty() && self.spares.is_empty();
        let bytes = if first { self.first_segment_bytes } else { self.segment_bytes };
        Some(SegmentJob::Create { spare: self.last_spare.next(), bytes })
    }

    /// Whether nothing can be prepared to follow the active segment before `retry`.
    pub(crate) fn is_exhausted(&self) -> bool {
        let no_spare = self.spares.is_empty() && self.waits(JobKind::Create);
        self.prepared.is_empty() && (no_spare || self.waits(JobKind::Install))
    }

    /// Whether a job failed and waits for `retry`.
    pub(crate) fn is_paused(&self) -> bool {
        self.troubles.iter().flatten().any(|trouble| trouble.waits)
    }

    /// What failed may be tried again.
    pub(crate) fn retry(&mut self) {
        self.troubles.iter_mut().flatten().for_each(|trouble| trouble.waits = false);
    }

    /// Takes the result of the job under way. An error is final: names are then uncertain.
    pub(crate) fn job_done(&mut self, result: Result<(), JobError>) -> Result<(), Failure> {
        let job = self.job.take().expect("a job is under way");
        match result {
            Ok(()) => {
                self.troubles[job.kind() as usize] = None;
                self.done(job);
                Ok(())
            }
            Err(JobError::NotDone(cause)) => {
                self.not_done(job, &cause);
                Ok(())
            }
            Err(JobError::Uncertain(cause)) => Err(self.failure(job, &cause)),
        }
    }

    fn done(&mut self, job: SegmentJob) {
        match job {
            SegmentJob::Create { spare, bytes } => {
                self.last_spare = spare;
                self.spares.push_back(Spare { number: spare, bytes });
                self.counts.created += 1;
            }
            SegmentJob::Install { spare, sequence } => {
                let spare = self.take_spare(spare);
                self.prepared.push_back(SegmentFile { sequence, bytes: spare.bytes });
            }
            SegmentJob::Recycle { spare, .. } => {
                let segment = self.live.pop_front().expect("the oldest segment was recycled");
                self.last_spare = spare;
                self.spares.push_back(Spare { number: spare, bytes: segment.bytes });
                self.counts.recycled += 1;
                self.recover_space();
            }
            SegmentJob::Remove { sequence } if self.discard.last() == Some(&sequence) => {
                self.discard.pop();
                self.may_create_again();
            }
            SegmentJob::Remove { .. } => {
                self.live.pop_front().expect("the oldest segment was removed");
                self.counts.removed += 1;
                self.may_create_again();
            }
        }
    }

    fn not_done(&mut self, job: SegmentJob, cause: &io::Error) {
        let space = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Space::DiskFull,
            _ => Space::Failing,
        };
        let cause_text = match job {
            SegmentJob::Create { bytes, .. } => format!("{cause}; a segment takes {bytes} bytes"),
            SegmentJob::Install { .. } | SegmentJob::Recycle { .. } | SegmentJob::Remove { .. } => {
                cause.to_string()
            }
        };
        self.troubles[job.kind() as usize] = Some(Trouble { space, cause: cause_text, waits: true });
        match job {
            // What was half-made may be there still, so its number is not used again.
            SegmentJob::Create { spare, .. } => self.last_spare = spare,
            // Somebody took the spare away; another one is created.
            SegmentJob::Install { spare, .. } if cause.kind() == io::ErrorKind::NotFound => {
                self.take_spare(spare);
            }
            SegmentJob::Install { .. } | SegmentJob::Recycle { .. } | SegmentJob::Remove { .. } => {}
        }
    }

    fn may_create_again(&mut self) {
        if let Some(trouble) = &mut self.troubles[JobKind::Create as usize] {
            trouble.waits = false;
        }
    }

    fn take_spare(&mut self, number: SpareNumber) -> Spare {
        let spare = self.spares.pop_front().expect("the installed spare was listed");
        assert_eq!(spare.number, number, "spares are installed in order");
        spare
    }

    /// A recycled segment can end a full disk as well as a created one.
    fn recover_space(&mut self) {
        if self.spares.len() + self.prepared.len() > RESERVE_SEGMENTS {
            self.troubles[JobKind::Create as usize] = None;
        }
    }

    fn failure(&self, job: SegmentJob, cause: &io::Error) -> Failure {
        let (action, file) = match job {
            SegmentJob::Create { spare, .. } => ("create", spare_file_name(spare)),
            SegmentJob::Install { sequence, .. } => ("install", segment_file_name(sequence)),
            SegmentJob::Recycle { sequence, .. } | SegmentJob::Remove { sequence } => {
                ("release", segment_file_name(sequence))
            }
        };
        Failure {
            action,
            file: format!("{}/{file}", self.name),
            offset: 0,
            cause: cause.to_string(),
            kind: cause.kind(),
        }
    }
}

/// The name of a segment's file within its journal's directory.
#[must_use]
pub fn segment_file_name(sequence: SegmentSequence) -> String {
    format!("segment-{:016x}.log", sequence.0)
}

/// The name of a spare's file within its journal's directory.
#[must_use]
pub fn spare_file_name(number: SpareNumber) -> String {
    format!("spare-{:016x}.log", number.0)
}
