//! Figures of a run, counted as it goes.

/// Figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Over all lines of the trace.
    pub trace_hash: u64,
    /// Lines of the trace.
    pub trace_lines: u64,
    /// Client commands, streams opened and closed included.
    pub commands: u64,
    /// Entries in the logs at the end.
    pub entries: u64,
    /// Process instances created.
    pub instances: u64,
    /// Jobs completed.
    pub jobs_completed: u64,
    /// Incidents raised.
    pub incidents: u64,
    /// Instances that had a business id, and of those the banned ones.
    pub with_business_id: [u64; 2],
    /// Items of batch operations done or refused.
    pub batch_items: u64,
    /// Good answers.
    pub replies: u64,
    /// Commands rejected for what they ask.
    pub rejections: u64,
    /// Commands refused: overload.
    pub refused_overload: u64,
    /// Commands refused: disk full.
    pub refused_disk_full: u64,
    /// Commands refused: the partition stopped.
    pub refused_stopped: u64,
    /// Jobs pushed to streams.
    pub pushes: u64,
    /// Crashes.
    pub crashes: u64,
    /// Recoveries that cut a torn batch.
    pub torn: u64,
    /// Messages between partitions that came to one.
    pub mail_delivered: u64,
    /// Messages between partitions that were lost.
    pub mail_lost: u64,
    /// Messages between partitions that came once more.
    pub mail_doubled: u64,
    /// Partitions that stopped after a fault.
    pub stops: u64,
    /// Checkpoints written.
    pub checkpoints: u64,
    /// Checkpoints that found no space.
    pub checkpoints_without_space: u64,
    /// Checkpoints that a replay wrote.
    pub replay_checkpoints: u64,
    /// Journal segments used again.
    pub segments_recycled: u64,
    /// Times that the disk became full.
    pub disk_full: u64,
    /// Spills of readers written.
    pub spills: u64,
    /// Spills of readers that found no room.
    pub spills_failed: u64,
    /// Readers that were detached at some time.
    pub detached: u64,
    /// Gaps that readers were told of.
    pub reader_gaps: u64,
    /// Most bytes of the journal's files at any time.
    pub journal_bytes_max: u64,
    /// Crash points tried on the side.
    pub crash_points: u64,
    /// Crash images tried at those points.
    pub crash_images: u64,
}

impl Report {
    /// Adds another run's figures; the trace hash is mixed.
    pub fn add(&mut self, other: &Self) {
        self.trace_hash = self.trace_hash.rotate_left(1) ^ other.trace_hash;
        self.trace_lines += other.trace_lines;
        self.commands += other.commands;
        self.entries += other.entries;
        self.instances += other.instances;
        self.jobs_completed += other.jobs_completed;
        self.incidents += other.incidents;
        for (count, more) in self.with_business_id.iter_mut().zip(other.with_business_id) {
            *count += more;
        }
        self.batch_items += other.batch_items;
        self.replies += other.replies;
        self.rejections += other.rejections;
        self.refused_overload += other.refused_overload;
        self.refused_disk_full += other.refused_disk_full;
        self.refused_stopped += other.refused_stopped;
        self.pushes += other.pushes;
        self.crashes += other.crashes;
        self.torn += other.torn;
        self.mail_delivered += other.mail_delivered;
        self.mail_lost += other.mail_lost;
        self.mail_doubled += other.mail_doubled;
        self.stops += other.stops;
        self.checkpoints += other.checkpoints;
        self.checkpoints_without_space += other.checkpoints_without_space;
        self.replay_checkpoints += other.replay_checkpoints;
        self.segments_recycled += other.segments_recycled;
        self.disk_full += other.disk_full;
        self.spills += other.spills;
        self.spills_failed += other.spills_failed;
        self.detached += other.detached;
        self.reader_gaps += other.reader_gaps;
        self.journal_bytes_max = self.journal_bytes_max.max(other.journal_bytes_max);
        self.crash_points += other.crash_points;
        self.crash_images += other.crash_images;
    }
}
