//! Figures of one core: plain cells, no lock, no atomics. A scrape collects them core by core.

use ringbolt_record::RejectionType;
use std::time::Duration;

/// Buckets per doubling of the latency.
const STEPS_PER_OCTAVE: usize = 2;
/// Doublings from 1 microsecond to 67 seconds.
const OCTAVES: usize = 26;
/// Buckets of a histogram, the last without an upper bound.
pub const BUCKETS: usize = OCTAVES * STEPS_PER_OCTAVE + 1;

/// A step on a request's way whose duration is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// From the complete request to its command.
    Parsed,
    /// From a mailbox of another core to the partition.
    MailboxWait,
    /// The engine's work on one command.
    Processing,
    /// Copying an entry into the journal's batch.
    Append,
    /// One write and flush of a batch.
    Flush,
    /// From an entry's append to its commit.
    Commit,
    /// From the commit to the response handed to the connection.
    Response,
    /// From a job's creation to its hand-over to a stream, counted from the oldest entry of the same commit; for a
    /// waiting job, from its activation.
    JobPush,
    /// From an instance's creation to its completion; a sample of the instances.
    Instance,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Parsed,
        Self::MailboxWait,
        Self::Processing,
        Self::Append,
        Self::Flush,
        Self::Commit,
        Self::Response,
        Self::JobPush,
        Self::Instance,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parsed => "request_parsed",
            Self::MailboxWait => "mailbox_wait",
            Self::Processing => "processing",
            Self::Append => "append",
            Self::Flush => "flush",
            Self::Commit => "commit",
            Self::Response => "response_written",
            Self::JobPush => "job_created_to_pushed",
            Self::Instance => "instance_created_to_completed",
        }
    }
}

/// What a request that was turned away wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkClass {
    /// To start something: an instance, a deployment, an evaluation.
    NewWork,
    /// To bring something to its end: completions, failures, incidents, polls, changes.
    Progress,
}

impl WorkClass {
    /// Both.
    pub const ALL: [Self; 2] = [Self::NewWork, Self::Progress];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewWork => "new_work",
            Self::Progress => "progress",
        }
    }
}

/// Why a request was turned away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalReason {
    /// It had waited too long before it could be read: the core is behind.
    Age,
    /// Commits are slow, or the log takes nothing now.
    Commit,
    /// The disk is full.
    DiskFull,
    /// The partition stopped.
    Stopped,
    /// Too many expressions wait for their evaluation.
    Evaluations,
    /// As much was written as may be, or exporters are behind.
    WriteLimit,
    /// As many polls and streams wait for jobs as may.
    Waiting,
}

impl RefusalReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Age,
        Self::Commit,
        Self::DiskFull,
        Self::Stopped,
        Self::Evaluations,
        Self::WriteLimit,
        Self::Waiting,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Commit => "commit",
            Self::DiskFull => "disk_full",
            Self::Stopped => "stopped",
            Self::Evaluations => "evaluations",
            Self::WriteLimit => "write_limit",
            Self::Waiting => "waiting",
        }
    }
}

/// Durations in buckets that grow by the square root of two, from a microsecond.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u64; BUCKETS],
    sum_us: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], sum_us: 0.0 }
    }
}

/// Upper bound of a bucket, microseconds; infinite for the last.
pub fn bucket_bound_us(bucket: usize) -> f64 {
    if bucket + 1 == BUCKETS {
        return f64::INFINITY;
    }
    2f64.powf((bucket + 1) as f64 / STEPS_PER_OCTAVE as f64)
}

fn bucket_of(us: f64) -> usize {
    if us <= 1.0 {
        return 0;
    }
    let place = (us.log2() * STEPS_PER_OCTAVE as f64).ceil() as usize;
    place.saturating_sub(1).min(BUCKETS - 1)
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        let us = duration.as_nanos() as f64 / 1000.0;
        self.counts[bucket_of(us)] += 1;
        self.sum_us += us;
    }

    /// Adds another core's counts.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        self.sum_us += other.sum_us;
    }

    /// Counts per bucket.
    pub fn counts(&self) -> &[u64; BUCKETS] {
        &self.counts
    }

    /// Sum of all durations, microseconds.
    pub fn sum_us(&self) -> f64 {
        self.sum_us
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The bucket bound below which a part `q` (0 to 1) of the durations lies, microseconds; 0 when empty.
    pub fn quantile_us(&self, q: f64) -> f64 {
        let rank = (self.count() as f64 * q).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank && seen > 0 {
                return bucket_bound_us(bucket);
            }
        }
        0.0
    }
}

/// What one core counts.
#[derive(Clone, Debug, Default)]
pub struct CoreMetrics {
    /// One histogram for each of [`Stage::ALL`].
    pub stages: [Histogram; 9],
    /// Commands processed.
    pub commands: u64,
    /// Commands refused for what they ask, by the number of the rejection type.
    pub rejections: [u64; RejectionType::ALL.len()],
    /// Requests of this core's clients that were turned away, by [`WorkClass`] and [`RefusalReason`].
    pub refusals: [[u64; RefusalReason::ALL.len()]; WorkClass::ALL.len()],
    /// Jobs pushed to streams.
    pub jobs_pushed: u64,
    /// Jobs handed over by polls.
    pub jobs_polled: u64,
    /// Bytes of entries appended.
    pub entry_bytes: u64,
    /// Bytes written to the journal, padding included.
    pub written_bytes: u64,
    /// Batches written.
    pub flushes: u64,
    /// Of them, those that a thread wrote and not the ring.
    pub flushes_by_thread: u64,
    /// Commands of this core's clients that needed another core.
    pub handoffs: u64,
    /// How often the wall clock was set since the start.
    pub clock_jumps: u64,
    /// Bytes of entries copied out of the log for readers.
    pub spilled_bytes: u64,
    /// Large commands that waited because the next write had enough.
    pub large_waited: u64,
    /// Duration of the last checkpoint, milliseconds.
    pub checkpoint_ms: u64,
    /// Checkpoints finished.
    pub checkpoints: u64,
    /// Duration of the replay at start, milliseconds.
    pub replay_ms: u64,
    /// Entries replayed at start.
    pub replayed_entries: u64,
}

impl CoreMetrics {
    /// Counts a stage's duration.
    pub fn observe(&mut self, stage: Stage, duration: Duration) {
        self.stages[stage as usize].record(duration);
    }

    /// Counts a request that was turned away.
    pub fn refuse(&mut self, class: WorkClass, reason: RefusalReason) {
        self.refusals[class as usize][reason as usize] += 1;
    }

    /// A stage's histogram.
    pub fn stage(&self, stage: Stage) -> &Histogram {
        &self.stages[stage as usize]
    }

    /// Adds another core's figures.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.stages.iter_mut().zip(&other.stages) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.rejections.iter_mut().zip(other.rejections) {
            *mine += theirs;
        }
        self.commands += other.commands;
        for (mine, theirs) in self.refusals.as_flattened_mut().iter_mut().zip(other.refusals.as_flattened()) {
            *mine += theirs;
        }
        self.jobs_pushed += other.jobs_pushed;
        self.jobs_polled += other.jobs_polled;
        self.entry_bytes += other.entry_bytes;
        self.written_bytes += other.written_bytes;
        self.flushes += other.flushes;
        self.flushes_by_thread += other.flushes_by_thread;
        self.handoffs += other.handoffs;
        self.clock_jumps += other.clock_jumps;
        self.spilled_bytes += other.spilled_bytes;
        self.large_waited += other.large_waited;
        self.checkpoint_ms = self.checkpoint_ms.max(other.checkpoint_ms);
        self.checkpoints += other.checkpoints;
        self.replay_ms = self.replay_ms.max(other.replay_ms);
        self.replayed_entries += other.replayed_entries;
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, bucket_bound_us, bucket_of};
    use std::time::Duration;

    #[test]
    fn every_duration_lies_below_its_buckets_bound() {
        for us in [0.2, 1.0, 1.3, 1.5, 7.0, 1000.0, 1e6, 1e9] {
            let bucket = bucket_of(us);
            assert!(us <= bucket_bound_us(bucket) * 1.000_001, "{us} in bucket {bucket}");
            assert!(bucket == 0 || bucket_bound_us(bucket - 1) < us, "{us} in bucket {bucket}");
        }
        assert_eq!(bucket_of(f64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_come_from_the_counts() {
        let mut histogram = Histogram::default();
        for ms in 1..=100 {
            histogram.record(Duration::from_millis(ms));
        }
        let median = histogram.quantile_us(0.5);
        assert!((50_000.0..75_000.0).contains(&median), "{median}");
        assert_eq!(Histogram::default().quantile_us(0.5), 0.0);
    }
}
