//! Records of the log to other systems.
//!
//! Code map
//! - `feed`: where records come from, one feed per partition; the binary connects it to the log's readers.
//! - `sink`: the contract of an exporter: open, export, and nothing else.
//! - `exporter`: the loop between them: what is exported when, acknowledgements, retries; `progress` its figures.
//! - `render`: an entry's records as lines of JSON; `filter` which of them; `names` what their elements are called.
//! - `jsonl`: the sink that writes JSON lines to files.
//!
//! Invariants
//! - A position is acknowledged only when its sink says that everything before it is durable there.
//! - Every record that the filter admits is given to the sink in order; what is missing is given as a gap.
//! - Nothing piles up: a feed is read only when the sink has taken what was read before. The log is the queue.
//! - Everything here blocks and runs on a thread of its own, never on a core.

mod exporter;
mod feed;
mod filter;
pub mod jsonl;
mod names;
mod progress;
mod render;
mod sink;

pub use exporter::{Event, Exporter, Turn};
pub use feed::{Definition, Feed, FeedItem, FeedState, StatePart};
pub use filter::{Filter, UnknownType};
pub use jsonl::Jsonl;
pub use names::LearnedNames;
pub use progress::Progress;
pub use sink::{Held, Lines, Sink, SinkError};
