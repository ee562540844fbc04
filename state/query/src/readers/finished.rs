//! Connections to files of finished instances, which all searches share.
//!
//! A search may read hundreds of such files, one after the other. It has a connection for as long as it reads from one, so that as many are open at a
//! time as are kept, and one for each search that runs.

use super::deleted::{self, LeftOut};
use super::turns::Work;
use super::{Error, Watch, broken, prepare};
use crate::files::{FinishedFile, PartitionFiles, file_name};
use crate::schema::{APPLICATION_ID, SCHEMA_VERSION, made_as};
use parking_lot::Mutex;
use ringbolt_record::PartitionId;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a connection rests before it is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// Memory for pages of each, KiB: the files never change, so that the operating system's serve as well.
const CACHE_KIB: i64 = 64;
/// Prepared statements that each keeps.
const STATEMENTS_MAX: usize = 6;

/// A file: its partition, which `hot.db` lists it, and its number there.
type Name = (PartitionId, u64, u32);

/// A connection that nobody uses for the moment.
struct Connected {
    connection: Connection,
    watch: Watch,
    left_out: LeftOut,
    rests_since: Instant,
}

#[derive(Default)]
struct Idle {
    by_name: BTreeMap<Name, Vec<Connected>>,
    count: usize,
}

/// Those that are kept for the next search: to open a file anew, for its schema and statements, costs a millisecond.
pub(super) struct Connections {
    idle: Mutex<Idle>,
    kept_max: usize,
}

/// A file as a search sees it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) files: &'a PartitionFiles,
    pub(super) generation: u64,
    pub(super) file: &'a FinishedFile,
    pub(super) hot: &'a Connection,
    /// The last deletion that is to be left out.
    pub(super) deleted: i64,
    pub(super) begun: &'a Arc<Work>,
}

impl Connections {
    /// So many are kept.
    pub(super) fn keeping(kept_max: usize) -> Self {
        Self { idle: Mutex::default(), kept_max }
    }

    /// Closes those to files of a partition that are not listed any more, and those that have rested for long.
    pub(super) fn keep_listed(&self, partition: PartitionId, generation: u64, listed: &[FinishedFile]) {
        let listed: BTreeSet<u32> = listed.iter().map(|file| file.number).collect();
        let mut idle = self.idle.lock();
        let mut count = 0;
        idle.by_name.retain(|(of, made, number), connected| {
            if *of != partition || *made == generation && listed.contains(number) {
                connected.retain(|one| one.rests_since.elapsed() < IDLE_MAX);
            } else {
                connected.clear();
            }
            count += connected.len();
            !connected.is_empty()
        });
        idle.count = count;
    }

    /// Reads from a file.
    pub(super) fn read<T>(
        &self,
        seen: Seen<'_>,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let name = (seen.files.partition(), seen.generation, seen.file.number);
        let mut connected = match self.take(&name) {
            Some(connected) => connected,
            None => Connected::open(seen)?,
        };
        *connected.watch.lock() = Some(seen.begun.clone());
        let keys = [seen.file.key_min, seen.file.key_max];
        deleted::leave_out(seen.hot, seen.deleted, &connected.connection, keys, &mut connected.left_out)?;
        let done = work(&connected.connection);
        *connected.watch.lock() = None;
        match &done {
            // What is wrong with a connection is not known: the next search opens another.
            Err(error) if error.is_of_connection() => {}
            _ => self.put(name, connected),
        }
        done
    }

    fn take(&self, name: &Name) -> Option<Connected> {
        let mut idle = self.idle.lock();
        let connected = idle.by_name.get_mut(name)?.pop()?;
        idle.count -= 1;
        Some(connected)
    }

    fn put(&self, name: Name, connected: Connected) {
        let mut idle = self.idle.lock();
        // Who reads all of more files than are kept would find none of them, were the oldest closed for the newest.
        if idle.count < self.kept_max {
            let connected = Connected { rests_since: Instant::now(), ..connected };
            idle.by_name.entry(name).or_default().push(connected);
            idle.count += 1;
        }
    }
}

impl Connected {
    fn open(seen: Seen<'_>) -> Result<Self, Error> {
        let Seen { files, file, hot, .. } = seen;
        let damaged = |what: &str| {
            let directory = hot.path().and_then(|path| std::path::Path::new(path).parent());
            let path = directory.unwrap_or(files.directory()).join(file_name(file.number));
            Error::Damaged(path.to_string_lossy().into_owned(), what.into())
        };
        let Some(connection) = files.open_finished(file.number)? else {
            return Err(damaged("it is not there"));
        };
        let watch = Watch::default();
        let connection = prepare(connection, watch.clone())?;
        if made_as(&connection).map_err(broken(&connection))? != (APPLICATION_ID, SCHEMA_VERSION) {
            return Err(damaged("it is no file of finished instances"));
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let cache = connection.pragma_update(None, "cache_size", -CACHE_KIB);
        cache.map_err(broken(&connection))?;
        Ok(Self { connection, watch, left_out: LeftOut::default(), rests_since: Instant::now() })
    }
}
