//! Where records come from: the committed log of one partition, from a durable position on.

use crate::progress::Progress;
use ringbolt_record::{Key, PartitionId, Position};

/// One thing that a feed gives.
#[derive(Clone, Copy, Debug)]
pub enum FeedItem<'a> {
    /// A committed entry's bytes.
    Entry(&'a [u8]),
    /// Positions that are no longer there.
    Gap {
        /// The first missing one.
        from: Position,
        /// The last missing one.
        to: Position,
    },
}

/// What a look for more found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// There may be more at once.
    More,
    /// That was all that is committed.
    CaughtUp,
    /// Something could not be read and is a gap among the items.
    Damaged(String),
}

/// A process definition, to give names to its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// The definition's version.
    pub version: i32,
    /// The resource's file name.
    pub resource_name: String,
    /// The model.
    pub resource: Vec<u8>,
}

/// A part of the state of a partition, told as the records that would bring it about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePart {
    /// The state is as after this position, which may not be committed yet.
    pub position: Position,
    /// An entry with the records; its key counter is the partition's.
    pub entry: Vec<u8>,
    /// Where the next part begins; none when that was all.
    pub next: Option<Vec<u8>>,
    /// With it the last of the process instances that there are has been told.
    pub is_past_instances: bool,
}

/// The log of one partition, for one exporter.
pub trait Feed: Send {
    /// Which partition.
    fn partition(&self) -> PartitionId;
    /// Whether this exporter never acknowledged anything of this partition.
    fn is_new(&self) -> bool;
    /// The first position that is not acknowledged.
    fn acknowledged(&self) -> Position;
    /// The partition's last position; 0 while that is not known yet.
    fn last_position(&self) -> Position;
    /// Goes on at this position, or at the acknowledged one if that is later.
    fn seek(&mut self, next: Position);
    /// Takes what comes next in place of what it had.
    ///
    /// # Errors
    /// When the log cannot be read; it may be tried again.
    fn fill(&mut self) -> Result<FeedState, String>;
    /// What it has.
    fn items(&self) -> Box<dyn Iterator<Item = FeedItem<'_>> + '_>;
    /// The position after all that it has; `None` if it has nothing.
    fn end(&self) -> Option<Position>;
    /// Everything below `next` is safe. Durable when it returns.
    ///
    /// # Errors
    /// When it cannot be written down; it may be tried again.
    fn acknowledge(&mut self, next: Position) -> Result<(), String>;
    /// A definition: `None` when the answer is not there yet, then whether there is one.
    fn definition(&self, key: Key) -> Option<Option<Definition>>;
    /// A part of the state as it is now, from where an earlier part says, from the begin for nothing; `None` when the answer is not there yet.
    fn state(&self, from: &[u8]) -> Option<StatePart>;
    /// The life of the data directory that this process is: a random number, a new one at every start.
    fn life(&self) -> u128;
    /// Whether a record at a position that was exported in some life is this directory's own past.
    fn is_own_past(&self, life: u128, position: Position) -> bool;
    /// Shows how the exporter is doing.
    fn show(&self, progress: &Progress);
}
