//! The contract of an exporter's sink.

use ringbolt_record::{PartitionId, Position};

/// Why a sink does not get on. It is opened again later, with growing pauses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub String);

impl SinkError {
    /// What was tried with which thing, and the operating system's reason.
    pub fn io(action: &str, what: impl std::fmt::Display, cause: &std::io::Error) -> Self {
        Self(format!("cannot {action} {what}: {cause}"))
    }
}

/// Memory that lines keep from one batch to the next, in bytes.
const RETAINED_BYTES: usize = 4 << 20;

/// Records and gaps of one partition as lines of JSON, in order, each with its line break.
#[derive(Debug, Default)]
pub struct Lines {
    pub(crate) bytes: Vec<u8>,
    pub(crate) count: u64,
    pub(crate) first: Option<Position>,
}

impl Lines {
    /// All lines.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many lines there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Position of the first line.
    pub fn first(&self) -> Option<Position> {
        self.first
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(RETAINED_BYTES);
        (self.count, self.first) = (0, None);
    }

    /// Ends the line that was written last.
    pub(crate) fn end_line(&mut self, position: Position) {
        self.bytes.push(b'\n');
        self.count += 1;
        self.first.get_or_insert(position);
    }
}

/// What a sink holds of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The last position that is durable there.
    pub last: Position,
    /// The life of the data directory in which that was written; `None` if the sink does not know.
    pub life: Option<u128>,
}

/// Where records go. Called by one thread; may block.
pub trait Sink: Send {
    /// Gets ready for a partition's records, at the start and after every error. `acknowledged` is the first position that
    /// may not be durable in the sink. Returns what is durable there, `None` if it holds nothing: records up to its last
    /// position are not given again.
    ///
    /// # Errors
    /// When it cannot be used now.
    fn open(&mut self, partition: PartitionId, acknowledged: Position) -> Result<Option<Held>, SinkError>;

    /// From this position on, what it is given belongs to a life of the data directory. Called after `open` and before
    /// `export`; durable when it returns.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn begin_life(&mut self, partition: PartitionId, life: u128, first: Position) -> Result<(), SinkError>;

    /// Sets aside, for good, what it holds of a partition: another history begins. Called after `open`.
    ///
    /// # Errors
    /// When it cannot; what was set aside already stays so.
    fn set_aside(&mut self, partition: PartitionId) -> Result<(), SinkError>;

    /// Takes lines that follow what it holds. When it returns they are durable.
    ///
    /// # Errors
    /// When they are not, or not all; then `open` is called before anything else.
    fn export(&mut self, partition: PartitionId, lines: &Lines) -> Result<(), SinkError>;
}
