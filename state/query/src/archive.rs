//! Files of finished instances: made of a full set of recent rows on a thread of its own, and which of them are past their time.
//!
//! Invariants
//! - A file has its name only when it is complete, with its indexes, and on stable storage; what is not is made again.
//! - `hot.db` lists it by the transaction that empties the set, so that every row is in one of the two for whoever reads.

use crate::blocks::each_sorted;
use crate::bulk::{Bulk, Error as BulkError};
use crate::files::{FinishedFile, PartitionFiles, open};
use crate::place::RecentSet;
use crate::rewriting::{Deletions, Rewritten, rewrite};
use crate::schema::{
    APPLICATION_ID, FINISHED_DDL, FINISHED_INDEXES, INSTANCE_TABLES, PAGE_BYTES, SCHEMA_VERSION,
};
use crate::store::StoreError;
use ringbolt_writeback::WriteBack;
use rusqlite::Connection;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Instructions of SQLite's machine between two looks whether it is to end.
const STEPS: i32 = 10_000;
/// Bytes of recent rows from which on a file is made of them, however few instances they are of: as much may have to be in memory while it is made.
pub(crate) const SET_BYTES_MAX: u64 = 96 << 20;
/// Memory for pages while a file is made, KiB.
const CACHE_KIB: i64 = 16 * 1024;

/// What of the past is kept, of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// How long a finished instance is kept, milliseconds.
    pub age_max_ms: i64,
    /// Bytes of all files beyond which the oldest finished instances go; none for what was found at the first start.
    pub bytes_max: Option<u64>,
    /// What `bytes_max` becomes at the first start where it is none.
    pub bytes_max_at_first: u64,
    /// Finished instances in one file.
    pub file_instances: u64,
    /// How long finished instances wait for enough others to fill a file, milliseconds.
    pub file_age_ms: i64,
    /// How long after a deletion its bytes are gone, milliseconds.
    pub rewrite_ms: i64,
}

impl Default for History {
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 3_600 * 1_000;
        Self {
            age_max_ms: 30 * DAY_MS,
            bytes_max: None,
            bytes_max_at_first: 1 << 30,
            file_instances: 50_000,
            file_age_ms: DAY_MS,
            rewrite_ms: DAY_MS,
        }
    }
}

/// What a file is being made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Of one set of recent rows.
    Set(RecentSet),
    /// Of a file, without what was deleted.
    File(FinishedFile, Deletions),
}

/// A file that is being made.
pub(crate) struct Sealing {
    pub(crate) source: Source,
    thread: JoinHandle<Result<Rewritten, StoreError>>,
    is_given_up: Arc<AtomicBool>,
}

impl Sealing {
    /// Begins to make a file of something that does not change until that is done.
    pub(crate) fn begin(
        files: &Arc<PartitionFiles>,
        number: u32,
        source: Source,
    ) -> Result<Self, StoreError> {
        let (files, is_given_up) = (files.clone(), Arc::<AtomicBool>::default());
        let thread = std::thread::Builder::new().name(format!("seal-{}", files.partition()));
        let make = {
            let (source, is_given_up) = (source.clone(), is_given_up.clone());
            move || match source {
                Source::Set(place) => Ok(Rewritten::By(make(&files, number, place, is_given_up)?)),
                Source::File(old, deletions) => Ok(rewrite(&files, &old, number, deletions, is_given_up)?),
            }
        };
        let thread = thread.spawn(make).map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { source, thread, is_given_up })
    }

    /// Whether it has ended.
    pub(crate) fn is_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// What was made; waits for it.
    pub(crate) fn end(self) -> Result<Rewritten, StoreError> {
        let failed = || StoreError::Failed("making a file of finished instances failed".into());
        self.thread.join().unwrap_or_else(|_| Err(failed()))
    }

    /// Ends it, done or not: what is not complete is made again.
    pub(crate) fn give_up(self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        let _ = self.end();
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<MakeError> for StoreError {
    fn from(error: MakeError) -> Self {
        match error {
            // Of `hot.db`: another file was looked at (`rewriting`).
            MakeError::Sql(error) => error.into(),
            MakeError::Io(error) => Self::Failed(error.to_string()),
        }
    }
}

/// Whether there is a file of finished instances.
pub(crate) fn has_finished(directory: &Path) -> bool {
    let names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut names = names.filter_map(|name| name.into_string().ok());
    names.any(|name| name.starts_with("finished-") && name.ends_with(".db"))
}

/// Removes files that are not listed: a crash left them.
pub(crate) fn remove_strays(directory: &Path, listed: &[FinishedFile]) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix("finished-")) else { continue };
        let number = rest.strip_suffix(".db").and_then(|number| number.parse::<u32>().ok());
        if number.is_none_or(|number| listed.iter().all(|file| file.number != number)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The listed files that are past their time, oldest first: by their age, then for as long as all files have too many bytes.
pub(crate) fn past(
    listed: &[FinishedFile],
    hot_bytes: u64,
    history: &History,
    bytes_max: u64,
    now_ms: i64,
) -> Vec<u32> {
    let mut bytes = hot_bytes + listed.iter().map(|file| file.bytes).sum::<u64>();
    let mut gone = Vec::new();
    for file in listed {
        if now_ms - file.end_date_max > history.age_max_ms || bytes > bytes_max {
            bytes -= file.bytes;
            gone.push(file.number);
        }
    }
    gone
}

/// Has a new file hold the definitions of instances.
const COPY_DEFINITIONS: &str = "
    INSERT INTO main.process_definitions SELECT * FROM hot.process_definitions;
    INSERT INTO main.elements SELECT * FROM hot.elements;";
/// Has a file hold what batch operations did to its instances: of the items from its first to its last one, those whose instance it has.
const COPY_ITEMS: &str = "
    INSERT INTO main.batch_operation_items SELECT * FROM hot.batch_operation_items
        WHERE process_instance_key BETWEEN (SELECT min(process_instance_key) FROM main.process_instances)
            AND (SELECT max(process_instance_key) FROM main.process_instances)
        AND +process_instance_key IN (SELECT process_instance_key FROM main.process_instances);";

/// Has a file hold what a set of recent rows does.
fn copy(hot: &Connection, place: RecentSet, bulk: &mut Bulk) -> Result<(), BulkError> {
    for table in 0..INSTANCE_TABLES.len() {
        let mut rows = bulk.table(table)?;
        each_sorted(hot, place.prefix(), table, |key, record| rows.put(key, record))?;
        rows.complete()?;
    }
    Ok(())
}

/// Instances, their smallest key and the largest of anything, when the first began, and when the first and the last ended.
const SUMMARY: &str = "
    WITH keys (low, high) AS (
        SELECT min(process_instance_key), max(process_instance_key) FROM process_instances
        UNION ALL SELECT NULL, max(element_instance_key) FROM element_instances
        UNION ALL SELECT NULL, max(variable_key) FROM variables
        UNION ALL SELECT NULL, max(job_key) FROM jobs
        UNION ALL SELECT NULL, max(incident_key) FROM incidents
        UNION ALL SELECT NULL, max(user_task_key) FROM user_tasks
        UNION ALL SELECT NULL, max(message_subscription_key) FROM message_subscriptions
        UNION ALL SELECT NULL, max(subscription_key) FROM correlated_message_subscriptions
        UNION ALL SELECT min(decision_evaluation_key), max(decision_evaluation_key) FROM decision_instances
    ), dates (first, low, high) AS (
        SELECT (SELECT min(start_date) FROM process_instances), min(end_date), max(end_date) FROM process_instances
        UNION ALL SELECT min(evaluation_date), min(evaluation_date), max(evaluation_date) FROM decision_instances
    )
    SELECT (SELECT count(*) FROM process_instances), (SELECT COALESCE(min(low), 0) FROM keys),
        (SELECT COALESCE(max(high), 0) FROM keys), (SELECT COALESCE(min(first), 0) FROM dates), (SELECT COALESCE(min(low), 0) FROM dates),
        (SELECT COALESCE(max(high), 0) FROM dates)";

/// A file of finished instances that is not complete, under another name.
pub(crate) struct Draft {
    pub(crate) connection: Connection,
    number: u32,
    path: PathBuf,
    is_given_up: Arc<AtomicBool>,
}

/// Has what a connection does end soon when it is given up.
fn watch(connection: &mut Connection, is_given_up: &Arc<AtomicBool>) -> rusqlite::Result<()> {
    let is_given_up = is_given_up.clone();
    connection.progress_handler(STEPS, Some(move || is_given_up.load(Ordering::Relaxed)))
}

impl Draft {
    /// Begins one without rows and indexes.
    pub(crate) fn begin(
        files: &PartitionFiles,
        number: u32,
        is_given_up: Arc<AtomicBool>,
    ) -> Result<Self, MakeError> {
        let path = files.finished_file(number);
        let draft: PathBuf = path.with_extension("db-draft");
        for old in [&draft, &path] {
            match fs::remove_file(old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        let draft = Self::open(draft, number, is_given_up)?;
        draft.connection.execute_batch(FINISHED_DDL)?;
        Ok(draft)
    }

    fn open(path: PathBuf, number: u32, is_given_up: Arc<AtomicBool>) -> Result<Self, MakeError> {
        let mut connection = Connection::open(&path)?;
        watch(&mut connection, &is_given_up)?;
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        // What is not complete is made again: nothing has to be rolled back.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(Self { connection, number, path, is_given_up })
    }

    /// Adds the indexes, of the rows that there are.
    pub(crate) fn add_indexes(&self) -> Result<(), MakeError> {
        Ok(self.connection.execute_batch(FINISHED_INDEXES)?)
    }

    /// Has it hold something of `hot.db`.
    fn copy(&self, files: &PartitionFiles, sql: &str) -> Result<(), MakeError> {
        self.connection.execute("ATTACH ? AS hot", [files.hot().to_string_lossy()])?;
        self.connection.execute_batch("BEGIN")?;
        self.connection.execute_batch(sql)?;
        Ok(self.connection.execute_batch("COMMIT; DETACH hot")?)
    }

    /// Has its tables of instances, which are empty, and their indexes be filled without SQLite.
    fn fill(self, fill: impl FnOnce(&mut Bulk) -> Result<(), BulkError>) -> Result<Self, MakeError> {
        let Self { connection, number, path, is_given_up } = self;
        connection.close().map_err(|(_, error)| error)?;
        let mut bulk = Bulk::open(&path, is_given_up.clone())?;
        fill(&mut bulk)?;
        bulk.complete()?;
        Self::open(path, number, is_given_up)
    }

    /// Syncs it, with its indexes, and gives it its own name.
    pub(crate) fn complete(self, files: &PartitionFiles) -> Result<FinishedFile, MakeError> {
        let Self { connection, number, path, is_given_up } = self;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        let mut file = connection.query_row(SUMMARY, [], |row| {
            Ok(FinishedFile {
                number,
                instances: row.get(0)?,
                bytes: 0,
                key_min: row.get(1)?,
                key_max: row.get(2)?,
                start_date_min: row.get(3)?,
                end_date_min: row.get(4)?,
                end_date_max: row.get(5)?,
            })
        })?;
        connection.close().map_err(|(_, error)| error)?;
        if is_given_up.load(Ordering::Relaxed) {
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        WriteBack::open(&path)?.wait()?;
        let made = fs::File::open(&path)?;
        made.sync_all()?;
        file.bytes = made.metadata()?.len();
        fs::rename(&path, files.finished_file(number))?;
        fs::File::open(files.directory())?.sync_all()?;
        Ok(file)
    }

    /// It is not needed.
    pub(crate) fn drop(self) -> Result<(), MakeError> {
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(fs::remove_file(self.path)?)
    }
}

/// Makes a file of a set.
pub(crate) fn make(
    files: &PartitionFiles,
    number: u32,
    place: RecentSet,
    is_given_up: Arc<AtomicBool>,
) -> Result<FinishedFile, MakeError> {
    let draft = Draft::begin(files, number, is_given_up.clone())?;
    draft.add_indexes()?;
    draft.copy(files, COPY_DEFINITIONS)?;
    let mut hot = open(&files.hot())?;
    watch(&mut hot, &is_given_up)?;
    // All of it as it is at one moment.
    hot.execute_batch("BEGIN")?;
    let draft = draft.fill(|bulk| copy(&hot, place, bulk))?;
    hot.close().map_err(|(_, error)| error)?;
    draft.copy(files, COPY_ITEMS)?;
    draft.complete(files)
}

#[cfg(test)]
mod tests {
    use super::{History, past};
    use crate::files::FinishedFile;

    #[test]
    fn the_oldest_go_first_by_age_and_by_bytes() {
        let file = |number, end_date_max| FinishedFile {
            number,
            instances: 1,
            bytes: 100,
            key_min: 0,
            key_max: 0,
            start_date_min: 0,
            end_date_min: 0,
            end_date_max,
        };
        let files = [file(1, 1_000), file(2, 2_000), file(3, 3_000)];
        let history = History { age_max_ms: 500, ..History::default() };
        assert_eq!(past(&files, 50, &history, 10_000, 1_400), [0_u32; 0]);
        assert_eq!(past(&files, 50, &history, 10_000, 2_501), [1, 2]);
        assert_eq!(past(&files, 50, &history, 349, 1_400), [1]);
        assert_eq!(past(&files, 50, &history, 249, 1_400), [1, 2]);
        // What is alive is never removed for want of room.
        assert_eq!(past(&files, 5_000, &history, 249, 1_400), [1, 2, 3]);
    }
}
