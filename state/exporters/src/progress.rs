//! How far an exporter got, for whoever looks at it.

use ringbolt_record::Position;

/// How an exporter of one partition is doing, since the process started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The position after what is durable in the sink.
    pub exported: Position,
    /// Lines given to the sink.
    pub lines: u64,
    /// Bytes given to the sink.
    pub bytes: u64,
    /// Gaps.
    pub gaps: u64,
    /// Positions in them.
    pub gap_positions: u64,
    /// Errors of the sink or of reading.
    pub errors: u64,
    /// Why it does not get on at the moment.
    pub failing: Option<String>,
    /// Everything that was committed before this moment is in the sink; milliseconds since 1970, 0 for not known.
    pub complete_at_ms: i64,
    /// The state of the engine is being told: what is alive is not all there.
    pub is_filling: bool,
}
