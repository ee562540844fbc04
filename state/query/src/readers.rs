//! Connections that read, kept for the next search.
//!
//! A search sees each partition as it was at one moment: `hot.db` in one transaction, and the files of finished instances that it lists
//! there, which never change.

mod deleted;

use crate::files::{Files, FinishedFile, PartitionFiles, Unavailable, file_name};
use crate::filter::Filter;
use crate::like::{Pattern, TooCostly};
use crate::schema::{APPLICATION_ID, SCHEMA_VERSION, is_damage, made_as};
use crate::view::Place;
use parking_lot::Mutex;
use ringbolt_record::{Key, PartitionId};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The partition that keeps what is deployed.
const DEPLOYMENT_PARTITION: PartitionId = PartitionId(1);
/// Instructions of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: i32 = 10_000;
/// Files of finished instances of a partition that a set of connections keeps open: to open one again, for its schema and statements, costs a millisecond.
const FINISHED_KEPT_MAX: usize = 128;
/// How long a set of connections rests before it is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// How often the list of files is read again because one of them was replaced meanwhile.
const LISTED_ANEW_MAX: u32 = 5;
/// Memory for pages of each of those, KiB: they never change, so that the operating system's serve as well.
const FINISHED_CACHE_KIB: i64 = 64;
/// Prepared statements that each of those keeps.
const FINISHED_STATEMENTS_MAX: usize = 6;
/// Prepared statements that a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// When a search ends, done or not. Clones share it.
#[derive(Clone, Debug)]
pub struct Cancel {
    deadline: Instant,
    is_given_up: Arc<AtomicBool>,
}

/// Why a search has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Some rows cannot be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It takes too long.
    #[error("the search takes longer than it may")]
    TimedOut,
    /// Nobody waits for it any more.
    #[error("nobody waits for the search any more")]
    GivenUp,
    /// A pattern takes too long to match.
    #[error(transparent)]
    TooCostly(#[from] TooCostly),
    /// The answer is larger than it may be.
    #[error("the answer has more than {0} bytes; ask for a smaller page")]
    TooLarge(usize),
    /// There is too much to be told apart.
    #[error("there are more than {0} groups")]
    TooManyGroups(usize),
    /// A file is damaged: which, and what is wrong. Its partition's projector has been told, and does without it.
    #[error("secondary storage is damaged, and goes on without what cannot be read: {0}: {1}")]
    Damaged(String, String),
    /// An error of ours, or of the disk.
    #[error("secondary storage cannot be searched: {0}")]
    Broken(String),
}

impl Cancel {
    /// It ends at the deadline.
    pub fn at(deadline: Instant) -> Self {
        Self { deadline, is_given_up: Arc::default() }
    }

    /// Nobody waits for it any more.
    pub fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    /// Whether it goes on.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_given_up.load(Ordering::Relaxed) {
            return Err(Error::GivenUp);
        }
        if Instant::now() >= self.deadline { Err(Error::TimedOut) } else { Ok(()) }
    }
}

/// Which files may have the rows.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) place: Place,
    /// Only those that may have something with one of these keys.
    pub(crate) own_keys: Option<Vec<i64>>,
    /// None of finished instances.
    pub(crate) are_alive: bool,
}

impl Wanted {
    /// What a condition leaves of a view's files.
    pub(crate) fn by(place: Place, filter: &Filter) -> Self {
        Self { place, own_keys: filter.own_keys(), are_alive: filter.is_of_the_living() }
    }

    /// What each partition has besides rows of instances.
    pub(crate) fn of_partitions() -> Self {
        Self { place: Place::Partitions, own_keys: None, are_alive: false }
    }
}

/// What the connections of a set ask while they work.
type Watch = Arc<Mutex<Option<Cancel>>>;

/// Connections to one partition's files.
struct Reader {
    generation: u64,
    hot: Connection,
    finished: BTreeMap<u32, Finished>,
    /// Those of them that the search at hand reads.
    wanted: Vec<FinishedFile>,
}

/// A connection that a search reads.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    connection: &'a Connection,
    /// The file of finished instances that it reads; none for `hot.db`.
    pub(crate) file: Option<&'a FinishedFile>,
}

impl Deref for Source<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A connection to a file of finished instances.
struct Finished {
    connection: Connection,
    /// The number of the last deletion that is left out of it; none as long as nothing is.
    deleted: Option<i64>,
}

/// A set of connections: a search has one for itself.
#[derive(Default)]
struct Readers {
    partitions: BTreeMap<PartitionId, Reader>,
    watch: Watch,
    rests_since: Option<Instant>,
}

/// Reads the files of all partitions. What it does blocks.
pub struct Searcher {
    files: Arc<Files>,
    idle: Mutex<Vec<Readers>>,
    finished_kept_max: usize,
}

impl Searcher {
    /// Over these files.
    pub fn new(files: Arc<Files>) -> Self {
        Self { files, idle: Mutex::default(), finished_kept_max: FINISHED_KEPT_MAX }
    }

    /// The same, which keeps no more files of finished instances of a partition open for each search that runs at a time.
    #[must_use]
    pub fn keeping(self, finished_max: usize) -> Self {
        Self { finished_kept_max: finished_max.min(FINISHED_KEPT_MAX), ..self }
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.files.partitions().count()
    }

    /// Does something with connections to all files that may have the rows.
    pub(crate) fn read<T>(
        &self,
        wanted: &Wanted,
        cancel: &Cancel,
        work: impl FnOnce(&[Source<'_>]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        cancel.check()?;
        let mut readers = self.idle.lock().pop().unwrap_or_default();
        *readers.watch.lock() = Some(cancel.clone());
        let done = self.read_with(&mut readers, wanted, work);
        *readers.watch.lock() = None;
        if let Err(Error::Damaged(path, cause)) = &done {
            for (partition, reader) in &readers.partitions {
                // SQLite names files as the system does, whatever the directory is called in the settings.
                if reader.directory() == Path::new(path).parent()
                    && let Some(files) = self.files.partition(*partition)
                {
                    files.report_damage(path, cause, reader.generation);
                }
            }
        }
        match &done {
            // What is wrong with a connection is not known: the next search opens others.
            Err(Error::Unavailable(_) | Error::Damaged(..) | Error::Broken(_)) => {}
            _ => {
                readers.rest(self.finished_kept_max);
                let mut idle = self.idle.lock();
                // Those at the bottom are of a time when more searched at once: they hold files that may be gone.
                idle.retain(|set| set.rests_since.is_some_and(|since| since.elapsed() < IDLE_MAX));
                idle.push(readers);
            }
        }
        // An interrupted statement does not say why.
        match done {
            Err(Error::TimedOut) => Err(cancel.check().err().unwrap_or(Error::TimedOut)),
            done => done,
        }
    }

    fn read_with<T>(
        &self,
        readers: &mut Readers,
        wanted: &Wanted,
        work: impl FnOnce(&[Source<'_>]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let partitions: Vec<&Arc<PartitionFiles>> = match (wanted.place, &wanted.own_keys) {
            (Place::Definitions, _) => self.files.partition(DEPLOYMENT_PARTITION).into_iter().collect(),
            (Place::Instances, None) | (Place::Partitions, _) => self.files.partitions().collect(),
            (Place::Instances, Some(keys)) => {
                let is_named = |files: &&Arc<PartitionFiles>| {
                    keys.iter().any(|key| Key::from_wire(*key).partition() == files.partition())
                };
                self.files.partitions().filter(is_named).collect()
            }
        };
        for files in &partitions {
            readers.open(files, wanted)?;
        }
        let mut sources = Vec::new();
        for files in &partitions {
            let Some(reader) = readers.partitions.get(&files.partition()) else { continue };
            sources.push(Source { connection: &reader.hot, file: None });
            sources.extend(reader.wanted.iter().filter_map(|file| {
                let connection = &reader.finished.get(&file.number)?.connection;
                Some(Source { connection, file: Some(file) })
            }));
        }
        work(&sources)
    }
}

impl Readers {
    /// Begins to read a partition.
    fn open(&mut self, files: &PartitionFiles, wanted: &Wanted) -> Result<(), Error> {
        let partition = files.partition();
        if let Some(unavailable) = files.unavailable() {
            self.partitions.remove(&partition);
            return Err(unavailable.into());
        }
        let generation = files.generation();
        if self.partitions.get(&partition).is_none_or(|reader| reader.generation != generation) {
            let hot = self.prepare(files.open_hot()?)?;
            let reader = Reader { generation, hot, finished: BTreeMap::new(), wanted: Vec::new() };
            self.partitions.insert(partition, reader);
        }
        let watch = self.watch.clone();
        let Some(reader) = self.partitions.get_mut(&partition) else { return Ok(()) };
        for _ in 0..LISTED_ANEW_MAX {
            reader.hot.execute_batch("BEGIN").map_err(broken(&reader.hot))?;
            if reader.open_finished(files, wanted, &watch)? {
                return Ok(());
            }
            // Another file stands in its place by now, or none: the list of this moment says so.
            reader.hot.execute_batch("COMMIT").map_err(broken(&reader.hot))?;
        }
        let listed = files.finished(&reader.hot)?;
        let missing = listed.iter().find(|file| !files.finished_file(file.number).exists());
        match (missing, reader.directory()) {
            (Some(file), Some(directory)) => {
                let path = directory.join(file_name(file.number));
                Err(Error::Damaged(path.to_string_lossy().into_owned(), "it is not there".into()))
            }
            _ => Err(Error::Broken("files of finished instances change all the time".into())),
        }
    }

    fn prepare(&self, connection: Connection) -> Result<Connection, Error> {
        prepare(connection, self.watch.clone())
    }

    /// Ends reading.
    fn rest(&mut self, finished_kept_max: usize) {
        self.rests_since = Some(Instant::now());
        self.partitions.retain(|_, reader| {
            while reader.finished.len() > finished_kept_max {
                reader.finished.pop_first();
            }
            reader.hot.is_autocommit() || reader.hot.execute_batch("COMMIT").is_ok()
        });
    }
}

impl Reader {
    /// Where its files are, as SQLite names them.
    fn directory(&self) -> Option<&Path> {
        Path::new(self.hot.path()?).parent()
    }

    /// Opens the files of finished instances that may have what is wanted, as `hot.db` lists them; false where one of them is not there.
    fn open_finished(
        &mut self,
        files: &PartitionFiles,
        wanted: &Wanted,
        watch: &Watch,
    ) -> Result<bool, Error> {
        self.wanted.clear();
        if wanted.place != Place::Instances || wanted.are_alive {
            return Ok(true);
        }
        let listed = files.finished(&self.hot)?;
        self.finished.retain(|number, _| listed.iter().any(|file| file.number == *number));
        for file in listed {
            let may_have = |key: &i64| (file.key_min..=file.key_max).contains(key);
            if wanted.own_keys.as_ref().is_some_and(|keys| !keys.iter().any(may_have)) {
                continue;
            }
            let finished = match self.finished.entry(file.number) {
                Entry::Occupied(occupied) => occupied.into_mut(),
                Entry::Vacant(vacant) => {
                    let Some(connection) = files.open_finished(file.number)? else { return Ok(false) };
                    let connection = prepare(connection, watch.clone())?;
                    let made_as = made_as(&connection).map_err(broken(&connection))?;
                    if made_as != (APPLICATION_ID, SCHEMA_VERSION) {
                        let path = connection.path().unwrap_or_default().to_owned();
                        return Err(Error::Damaged(path, "it is no file of finished instances".into()));
                    }
                    connection.set_prepared_statement_cache_capacity(FINISHED_STATEMENTS_MAX);
                    let cache = connection.pragma_update(None, "cache_size", -FINISHED_CACHE_KIB);
                    cache.map_err(broken(&connection))?;
                    vacant.insert(Finished { connection, deleted: None })
                }
            };
            deleted::leave_out(&self.hot, &finished.connection, &mut finished.deleted)?;
            self.wanted.push(file);
        }
        Ok(true)
    }
}

/// A connection that is watched, and matches patterns.
fn prepare(mut connection: Connection, watch: Watch) -> Result<Connection, Error> {
    let is_over = move || watch.lock().as_ref().is_some_and(|cancel| cancel.check().is_err());
    connection.progress_handler(STEPS, Some(is_over)).map_err(broken(&connection))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let matches = |context: &mut rusqlite::functions::Context<'_>| {
        let pattern = context.get_or_create_aux(
            0,
            |value| -> Result<Pattern, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Pattern::new(value.as_str()?)?)
            },
        )?;
        let text = context.get_raw(1);
        if text == rusqlite::types::ValueRef::Null {
            return Ok(None);
        }
        let text = text.as_str().map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
        pattern.matches(text).map(Some).map_err(|error| rusqlite::Error::UserFunctionError(error.into()))
    };
    connection.create_scalar_function("matches", 2, flags, matches).map_err(broken(&connection))?;
    Ok(connection)
}

/// What an error of SQLite means that a connection has met.
pub(crate) fn broken(source: &Connection) -> impl Fn(rusqlite::Error) -> Error {
    move |error| {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Error::TimedOut,
            _ if is_damage(&error) => Error::Damaged(source.path().unwrap_or_default().to_owned(), text),
            _ if text.contains(&TooCostly.to_string()) => Error::TooCostly(TooCostly),
            _ => Error::Broken(text),
        }
    }
}
