//! Secondary storage: the records of each partition, folded into rows that are searched.
//!
//! Code map
//! - `schema`: the tables, their columns and indexes; `codes` the numbers that stand for names of the API's enums.
//! - `files`: the files of each partition, and connections that read them.
//! - `view`, `views`: what can be searched, each column declared once.
//! - `filter`, `like`: conditions; `sql` their text. `page`: sorts, pages and cursors.
//! - `readers`: connections, deadlines. `search`: the same SQL on every file, `merge` its rows; `lanes` what is read of a file by several statements, in order.
//! - `rows`: rows in memory and their SQL, `place` where they stand; `fold` makes them of records, `definitions` and `lookup` know what elements
//!   are called. `young`: instances that are not written yet.
//! - `store`: the writer of one partition, `writing` its statements, `missing` those for what the state tells; `projector` the loop from the log to it, a turn at a time, `events` what it tells.
//! - `blocks`: rows of what has ended, many in one value, as `record`s of the tables that `shapes` knows; `recent` shows them as tables.
//! - `archive`: files of finished instances, and which of them are past their time, `bulk` their pages; `rewriting` them without what was deleted, `salvage` of them when `hot.db` is damaged.
//! - `usage`: how much was used, by the minute; `job_counts` what became of jobs. `json`: values as they are compared.
//! - `live`: what changed, told to those who watch. `visible`: up to which position rows are there, and waiting for one.
//!
//! Invariants
//! - It is derived: whoever deletes its directory loses the history that the log no longer has, and nothing else.
//! - All rows of an instance stand in the file of its partition that has the instance's own row, so that they can be joined.
//! - A partition's rows and the position that they have come to are one transaction.
//! - Everything here blocks and runs on threads of its own, never on a core.

mod archive;
mod blocks;
mod bulk;
mod checkpoints;
pub mod codes;
mod definitions;
mod events;
pub mod files;
pub mod filter;
mod fold;
mod job_counts;
mod json;
mod lanes;
pub mod like;
pub mod live;
mod lookup;
mod merge;
mod missing;
pub mod page;
mod place;
mod projector;
mod readers;
mod recent;
mod record;
mod rewriting;
mod rows;
mod salvage;
pub mod schema;
pub mod search;
mod shapes;
mod sql;
mod store;
#[cfg(test)]
mod tests;
mod usage;
pub mod view;
pub mod views;
pub mod visible;
mod writing;
mod young;

pub use archive::History;
pub use events::StoreEvent;
pub use files::{Files, FinishedFile, PartitionFiles, Unavailable};
pub use filter::{Filter, Test, Value};
pub use job_counts::{JobCount, JobCounted, JobFigures, JobGroup, JobsWanted, ROWS_MAX as JOB_COUNTS_MAX};
pub use json::canonical;
pub use live::{Changed, Live, Mark, Watched, Watching};
pub use page::{Order, Page, Start};
pub use projector::{Ages, Batching, Pace, Projector};
pub use readers::{Cancel, Error, Searcher};
/// How the fold reads times that clients write.
pub use ringbolt_model::date_time_millis;
pub use search::{Figures, Found, Group, Query, Row};
pub use usage::UsageFigures;
pub use view::{By, Column, Kind, Place, View};
pub use visible::{Visible, Waited};
