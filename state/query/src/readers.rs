//! Connections that read, kept for the next search.
//!
//! A search sees each partition as it was at one moment: `hot.db` in one transaction, and the files of finished instances that it lists
//! there, which never change, and which nobody removes until it has ended. It opens them one after the other as it comes to them.

mod deleted;
mod finished;
mod turns;

use crate::files::{Files, FinishedFile, PartitionFiles, Pin, Unavailable};
use crate::filter::Filter;
use crate::like::{Pattern, TooCostly};
use crate::recent::Snapshot;
use crate::schema::is_damage;
use crate::view::Place;
use finished::{Connections, Seen};
use parking_lot::Mutex;
use ringbolt_record::{Key, PartitionId};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use turns::{Turns, Work};

/// The partition that keeps what is deployed.
const DEPLOYMENT_PARTITION: PartitionId = PartitionId(1);
/// Instructions of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: i32 = 10_000;
/// A text of so many bytes may take long to match: the clock is looked at before each, since a row is few of these instructions.
const LONG_TEXT: usize = 1024;
/// What a match says that was not begun any more.
const ENDED: &str = "the search has ended";
/// Connections to files of finished instances that all searches together keep open, unless it is said.
const FINISHED_KEPT_MAX: usize = 512;
/// How long a set of connections rests before it is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);
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
    /// A cursor is of another store, or of this one before it was begun anew.
    #[error("the provided cursor is of another store, or of this one before it was begun anew")]
    OtherStore,
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
    /// The system does not give what a file has, or no memory for it.
    #[error("secondary storage cannot be read: {0}")]
    Unreadable(String),
    /// An error of ours.
    #[error("secondary storage cannot be searched: {0}")]
    Broken(String),
}

impl Error {
    /// Whether it may be the connection's that has met it, and come again with that.
    fn is_of_connection(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Damaged(..) | Self::Unreadable(_) | Self::Broken(_))
    }
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
type Watch = Arc<Mutex<Option<Arc<Work>>>>;

/// A connection to one partition's `hot.db`.
struct Reader {
    generation: u64,
    hot: Connection,
    snapshot: Snapshot,
    /// The files of finished instances that the search at hand may read.
    wanted: Vec<FinishedFile>,
    /// The last deletion of history that is left out of them.
    deleted: i64,
}

/// What a search reads from: `hot.db`, or a file of finished instances.
pub(crate) struct Source<'a> {
    hot: &'a Connection,
    /// The file of finished instances that it is; none for `hot.db`.
    pub(crate) file: Option<&'a FinishedFile>,
    finished: Option<(&'a Connections, Seen<'a>)>,
}

impl Source<'_> {
    /// Does something with a connection to it.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        match self.finished {
            None => work(self.hot),
            Some((connections, seen)) => connections.read(seen, work),
        }
    }
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
    finished: Connections,
    turns: Arc<Turns>,
}

impl Searcher {
    /// Over these files.
    pub fn new(files: Arc<Files>) -> Self {
        let finished = Connections::keeping(FINISHED_KEPT_MAX);
        Self { files, idle: Mutex::default(), finished, turns: Arc::default() }
    }

    /// The same, which keeps no more connections to files of finished instances open. Beside these each search that runs has one.
    #[must_use]
    pub fn keeping(self, finished_max: usize) -> Self {
        Self { finished: Connections::keeping(finished_max), ..self }
    }

    /// A number that no other store has.
    pub(crate) fn identity(&self) -> i64 {
        self.files.identity()
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
        let begun = Work::begin(cancel, &self.turns);
        *readers.watch.lock() = Some(begun.clone());
        let done = self.read_with(&mut readers, wanted, &begun, work);
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
            Err(error) if error.is_of_connection() => {}
            _ => {
                readers.rest();
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
        begun: &Arc<Work>,
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
        // Before it is seen which files there are.
        let _pins: Vec<Pin<'_>> = partitions.iter().map(|files| files.pin()).collect();
        for files in &partitions {
            readers.open(files, wanted, &self.finished)?;
        }
        let mut sources = Vec::new();
        for files in &partitions {
            let Some(reader) = readers.partitions.get(&files.partition()) else { continue };
            let Reader { generation, hot, wanted, deleted, .. } = reader;
            sources.push(Source { hot, file: None, finished: None });
            let of = |file| Seen { files, generation: *generation, file, hot, deleted: *deleted, begun };
            let finished =
                |file| Source { hot, file: Some(file), finished: Some((&self.finished, of(file))) };
            sources.extend(wanted.iter().map(finished));
        }
        work(&sources)
    }
}

impl Readers {
    /// Begins to read a partition.
    fn open(&mut self, files: &PartitionFiles, wanted: &Wanted, finished: &Connections) -> Result<(), Error> {
        let partition = files.partition();
        if let Some(unavailable) = files.unavailable() {
            self.partitions.remove(&partition);
            return Err(unavailable.into());
        }
        let generation = files.generation();
        if self.partitions.get(&partition).is_none_or(|reader| reader.generation != generation) {
            let (hot, snapshot) = files.open_hot_snapshots()?;
            let hot = prepare(hot, self.watch.clone())?;
            let reader = Reader { generation, hot, snapshot, wanted: Vec::new(), deleted: 0 };
            self.partitions.insert(partition, reader);
        }
        let Some(reader) = self.partitions.get_mut(&partition) else { return Ok(()) };
        reader.hot.execute_batch("BEGIN").map_err(broken(&reader.hot))?;
        reader.snapshot.forget();
        reader.list(files, wanted, finished)
    }

    /// Ends reading.
    fn rest(&mut self) {
        self.rests_since = Some(Instant::now());
        self.partitions
            .retain(|_, reader| reader.hot.is_autocommit() || reader.hot.execute_batch("COMMIT").is_ok());
    }
}

impl Reader {
    /// Where its files are, as SQLite names them.
    fn directory(&self) -> Option<&Path> {
        Path::new(self.hot.path()?).parent()
    }

    /// Looks up which files of finished instances may have what is wanted.
    fn list(&mut self, files: &PartitionFiles, wanted: &Wanted, finished: &Connections) -> Result<(), Error> {
        self.wanted.clear();
        if wanted.place != Place::Instances || wanted.are_alive {
            return Ok(());
        }
        self.wanted = files.finished(&self.hot, self.generation)?;
        finished.keep_listed(files.partition(), self.generation, &self.wanted);
        self.deleted = deleted::last(&self.hot)?;
        if let Some(keys) = &wanted.own_keys {
            let may_have = |file: &FinishedFile| {
                keys.iter().any(|key: &i64| (file.key_min..=file.key_max).contains(key))
            };
            self.wanted.retain(may_have);
        }
        Ok(())
    }
}

/// A connection that is watched, and matches patterns.
fn prepare(mut connection: Connection, watch: Watch) -> Result<Connection, Error> {
    let is_over = move || watch.lock().as_ref().is_some_and(|work| work.go_on().is_err());
    connection.progress_handler(STEPS, Some(is_over.clone())).map_err(broken(&connection))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let matches = move |context: &mut rusqlite::functions::Context<'_>| {
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
        if text.len() >= LONG_TEXT && is_over() {
            return Err(rusqlite::Error::UserFunctionError(ENDED.into()));
        }
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
            _ if text.contains(ENDED) => Error::TimedOut,
            _ if is_damage(&error) => Error::Damaged(source.path().unwrap_or_default().to_owned(), text),
            _ if text.contains(&TooCostly.to_string()) => Error::TooCostly(TooCostly),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => Error::Unreadable(text),
            _ => Error::Broken(text),
        }
    }
}
