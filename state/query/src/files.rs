//! The files of each partition, and connections that read them.
//!
//! `DIRECTORY/partition-N/hot.db` is written by the partition's projector alone. It lists the files of finished instances beside
//! it, `finished-NNNNNN.db`, which never change once they are listed.
//!
//! How to read everything of a partition as it was at one moment: take a [`Pin`], open `hot.db`, begin a transaction, read the list with
//! [`PartitionFiles::finished`], and open the files of it. As long as the pin is kept none of them is removed.

use crate::recent::{self, BlockCache, Snapshot};
use crate::schema::is_damage;
use parking_lot::Mutex;
use ringbolt_record::PartitionId;
use ringbolt_writeback::WriteBack;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

/// How long a reader waits for a file that is locked, which happens only while it is being opened or set aside.
const BUSY_MAX: Duration = Duration::from_millis(250);

/// Why a partition cannot be searched at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secondary storage of partition {partition} cannot be read: {reason}")]
pub struct Unavailable {
    /// Which partition.
    pub partition: PartitionId,
    /// Why.
    pub reason: String,
}

/// A file of finished instances, as `hot.db` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedFile {
    /// Its number, counted from 1 in the order in which they were made. One that is written again gets another one.
    pub number: u32,
    /// Process instances in it.
    pub instances: u64,
    /// Its size.
    pub bytes: u64,
    /// The smallest key of an instance in it. The keys of everything in an instance are above the instance's.
    pub key_min: i64,
    /// The largest key of anything in it.
    pub key_max: i64,
    /// When the first of its instances began, milliseconds since 1970.
    pub start_date_min: i64,
    /// When the first of its instances ended.
    pub end_date_min: i64,
    /// When the last of its instances ended.
    pub end_date_max: i64,
}

/// A file that is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// The number of a file of finished instances; none for `hot.db`.
    pub(crate) file: Option<u32>,
    /// What is wrong with it.
    pub(crate) cause: String,
}

#[derive(Debug)]
struct State {
    /// Raised whenever `hot.db` is another file than before.
    generation: u64,
    /// A number that no other `hot.db` has; 0 before it was opened first.
    identity: i64,
    /// Why it cannot be read.
    unavailable: Option<String>,
    /// It is neither open nor known to fail.
    is_opening: bool,
    /// Since when everything that happened is in it, milliseconds since 1970; 0 for always, the largest for what is still to come.
    complete_since: i64,
    /// What is alive is being told, and is not all in it.
    is_filling: bool,
    /// Somebody who read found that a file is damaged.
    damage: Option<Damage>,
    /// The number of the next pin.
    next_pin: u64,
    /// Who reads files of finished instances.
    pins: BTreeSet<u64>,
    /// Files that are not listed any more, and the first pin whose keeper cannot have seen that they were.
    unlisted: Vec<(u64, u32)>,
}

/// As long as it is kept, no file of finished instances is removed that was listed when it was taken.
#[derive(Debug)]
pub struct Pin<'a> {
    files: &'a PartitionFiles,
    number: u64,
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.files.state.lock().pins.remove(&self.number);
        self.files.remove_unlisted();
    }
}

/// The files of one partition.
#[derive(Debug)]
pub struct PartitionFiles {
    partition: PartitionId,
    directory: PathBuf,
    /// The number of the next block of recent rows.
    next_block: Arc<AtomicI64>,
    blocks: Arc<BlockCache>,
    /// Of `hot.db`, which stays open: see `checkpoints`.
    descriptor: Mutex<Option<Arc<WriteBack>>>,
    state: Mutex<State>,
}

/// The files of all partitions.
#[derive(Debug)]
pub struct Files {
    partitions: BTreeMap<PartitionId, Arc<PartitionFiles>>,
}

impl Files {
    /// Files below `directory`, which need not be there. No partition can be searched until its projector says so.
    pub fn new(directory: &Path, partitions: impl IntoIterator<Item = PartitionId>) -> Self {
        let of = |partition: PartitionId| {
            let files = PartitionFiles {
                partition,
                directory: directory.join(format!("partition-{partition}")),
                next_block: Arc::default(),
                blocks: Arc::default(),
                descriptor: Mutex::default(),
                state: Mutex::new(State {
                    generation: 0,
                    identity: 0,
                    unavailable: Some("it was not opened yet".into()),
                    is_opening: true,
                    complete_since: 0,
                    is_filling: false,
                    damage: None,
                    next_pin: 0,
                    pins: BTreeSet::new(),
                    unlisted: Vec::new(),
                }),
            };
            (partition, Arc::new(files))
        };
        Self { partitions: partitions.into_iter().map(of).collect() }
    }

    /// All partitions, in order.
    pub fn partitions(&self) -> impl Iterator<Item = &Arc<PartitionFiles>> {
        self.partitions.values()
    }

    /// A number that no other store has: that of the first partition's `hot.db`, 0 before it was opened.
    pub(crate) fn identity(&self) -> i64 {
        self.partitions.values().next().map_or(0, |files| files.state.lock().identity)
    }

    /// Whether a partition is still being opened: who waits a moment can read it.
    pub fn are_opening(&self) -> bool {
        self.partitions.values().any(|files| files.is_opening())
    }

    /// Since when everything that happened on every partition can be found, as long as history is kept; milliseconds since 1970. None
    /// for always.
    pub fn complete_since(&self, now_ms: i64) -> Option<i64> {
        let since = self.partitions.values().map(|files| files.state.lock().complete_since).max();
        since.filter(|since| *since > 0).map(|since| since.min(now_ms))
    }

    /// Partitions of which what is alive is still being told.
    pub fn filling(&self) -> impl Iterator<Item = PartitionId> {
        self.partitions.values().filter(|files| files.state.lock().is_filling).map(|files| files.partition)
    }

    /// One partition's files; none for a partition that there is not.
    pub fn partition(&self, partition: PartitionId) -> Option<&Arc<PartitionFiles>> {
        self.partitions.get(&partition)
    }
}

impl PartitionFiles {
    /// Which partition.
    pub fn partition(&self) -> PartitionId {
        self.partition
    }

    /// The directory of its files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where its rows are written.
    pub fn hot(&self) -> PathBuf {
        self.directory.join("hot.db")
    }

    /// `hot.db`, which is there, to be synced; the same for as long as that is the same file.
    pub(crate) fn descriptor_of_hot(&self) -> io::Result<Arc<WriteBack>> {
        let mut descriptor = self.descriptor.lock();
        if let Some(kept) = &*descriptor
            && kept.is_of(&self.hot())?
        {
            return Ok(kept.clone());
        }
        // That of a file which was set aside may go.
        Ok(descriptor.insert(Arc::new(WriteBack::open(&self.hot())?)).clone())
    }

    /// The number of the next block of recent rows, larger than all that were given while the process runs.
    pub(crate) fn next_block(&self) -> &Arc<AtomicI64> {
        &self.next_block
    }

    /// Bytes of `hot.db` and of what SQLite keeps beside it: its write-ahead log and the index of that.
    pub(crate) fn hot_bytes(&self) -> u64 {
        let bytes =
            |extension| fs::metadata(self.hot().with_extension(extension)).map_or(0, |data| data.len());
        ["db", "db-wal", "db-shm"].into_iter().map(bytes).sum()
    }

    /// Where a file of finished instances is.
    pub fn finished_file(&self, number: u32) -> PathBuf {
        self.directory.join(file_name(number))
    }

    /// A number that is another one when `hot.db` is another file: connections of before read what was set aside.
    pub fn generation(&self) -> u64 {
        self.state.lock().generation
    }

    /// Why it cannot be read at the moment; none when it can.
    pub fn unavailable(&self) -> Option<Unavailable> {
        let reason = self.state.lock().unavailable.clone()?;
        Some(self.because(reason))
    }

    /// Whether it is being opened: who waits a moment can read it.
    pub fn is_opening(&self) -> bool {
        self.state.lock().is_opening
    }

    /// It can be read from now on, and is another file than before, with this number of its own.
    pub(crate) fn set_opened(&self, identity: i64) {
        let mut state = self.state.lock();
        state.identity = identity;
        state.generation += 1;
        state.damage = None;
        // What is left of them was removed, or stands aside.
        state.unlisted.clear();
        (state.unavailable, state.is_opening) = (None, false);
        // Nobody will ask for what was in another file.
        self.blocks.clear();
    }

    /// Blocks of recent rows that are kept in memory.
    pub(crate) fn blocks(&self) -> &Arc<BlockCache> {
        &self.blocks
    }

    /// Everything that happened since then is in it.
    pub(crate) fn set_complete_since(&self, since: i64) {
        self.state.lock().complete_since = since;
    }

    /// Whether what is alive is being told.
    pub(crate) fn set_filling(&self, is_filling: bool) {
        self.state.lock().is_filling = is_filling;
    }

    /// Who read a file of a generation found that it is damaged.
    pub(crate) fn report_damage(&self, path: &str, cause: &str, generation: u64) {
        let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_prefix("finished-").and_then(|rest| rest.strip_suffix(".db"));
        let file = number.and_then(|number| number.parse().ok());
        let cause = format!("{name}: {cause}");
        let mut state = self.state.lock();
        // What was set aside meanwhile is no damage of what there is now.
        if state.generation == generation {
            state.damage.get_or_insert(Damage { file, cause });
        }
    }

    /// What somebody found who read, told once.
    pub(crate) fn take_damage(&self) -> Option<Damage> {
        self.state.lock().damage.take()
    }

    /// It can be read again.
    pub(crate) fn set_available(&self) {
        self.state.lock().unavailable = None;
    }

    /// It cannot be read from now on.
    pub(crate) fn set_unavailable(&self, reason: String) {
        let mut state = self.state.lock();
        (state.unavailable, state.is_opening) = (Some(reason), false);
    }

    /// It cannot be read until it is opened anew, which is tried at once.
    pub(crate) fn set_opening(&self, reason: &str) {
        let mut state = self.state.lock();
        (state.unavailable, state.is_opening) = (Some(reason.to_owned()), true);
    }

    /// Has the files that are listed from now on stay.
    pub fn pin(&self) -> Pin<'_> {
        let mut state = self.state.lock();
        let number = state.next_pin;
        state.next_pin += 1;
        state.pins.insert(number);
        Pin { files: self, number }
    }

    /// Removes a file that is not listed any more, as soon as nobody reads who may have seen that it was.
    pub(crate) fn remove_finished(&self, number: u32) {
        let mut state = self.state.lock();
        let next_pin = state.next_pin;
        state.unlisted.push((next_pin, number));
        drop(state);
        self.remove_unlisted();
    }

    fn remove_unlisted(&self) {
        let mut state = self.state.lock();
        let first = state.pins.first().copied().unwrap_or(u64::MAX);
        let unseen: Vec<(u64, u32)> = state.unlisted.extract_if(.., |(pin, _)| *pin <= first).collect();
        drop(state);
        for (_, number) in unseen {
            // What is left of it is removed at the next start.
            let _ = fs::remove_file(self.finished_file(number));
        }
    }

    /// A connection that reads `hot.db`.
    ///
    /// # Errors
    /// While it cannot be read, with the reason.
    pub fn open_hot(&self) -> Result<Connection, Unavailable> {
        self.open_hot_with(recent::register_writer).map(|(connection, ())| connection)
    }

    /// A connection that reads `hot.db`, and says when it begins a transaction.
    ///
    /// # Errors
    /// While it cannot be read, with the reason.
    pub(crate) fn open_hot_snapshots(&self) -> Result<(Connection, Snapshot), Unavailable> {
        self.open_hot_with(recent::register)
    }

    fn open_hot_with<T>(
        &self,
        register: impl FnOnce(&Connection, &Arc<BlockCache>) -> rusqlite::Result<T>,
    ) -> Result<(Connection, T), Unavailable> {
        if let Some(unavailable) = self.unavailable() {
            return Err(unavailable);
        }
        let generation = self.generation();
        let opened = open(&self.hot()).and_then(|connection| {
            let registered = register(&connection, &self.blocks)?;
            Ok((connection, registered))
        });
        opened.map_err(|error| self.unreadable(&error, generation))
    }

    /// Why `hot.db` of a generation cannot be read. Damage is told to its projector, which may have nothing to write and not meet it.
    fn unreadable(&self, error: &rusqlite::Error, generation: u64) -> Unavailable {
        if is_damage(error) {
            self.report_damage("hot.db", &error.to_string(), generation);
        }
        self.because(error.to_string())
    }

    /// A connection that reads a file of finished instances; none when it is gone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open_finished(&self, number: u32) -> Result<Option<Connection>, Unavailable> {
        let path = self.finished_file(number);
        match open_unchanging(&path) {
            Ok(connection) => Ok(Some(connection)),
            Err(_) if !path.exists() => Ok(None),
            Err(error) => Err(self.because(error.to_string())),
        }
    }

    /// The list of files of finished instances, oldest first, as it is for a connection to `hot.db` of this generation.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn finished(&self, hot: &Connection, generation: u64) -> Result<Vec<FinishedFile>, Unavailable> {
        finished(hot).map_err(|error| self.unreadable(&error, generation))
    }

    fn because(&self, reason: String) -> Unavailable {
        Unavailable { partition: self.partition, reason }
    }
}

/// The name of a file of finished instances.
pub(crate) fn file_name(number: u32) -> String {
    format!("finished-{number:06}.db")
}

/// The list of files of finished instances, oldest first.
pub(crate) fn finished(hot: &Connection) -> rusqlite::Result<Vec<FinishedFile>> {
    let mut statement = hot.prepare_cached(
        "SELECT number, instances, bytes, key_min, key_max, start_date_min, end_date_min, end_date_max \
         FROM finished_files ORDER BY end_date_max, number",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(FinishedFile {
            number: row.get(0)?,
            instances: row.get(1)?,
            bytes: row.get(2)?,
            key_min: row.get(3)?,
            key_max: row.get(4)?,
            start_date_min: row.get(5)?,
            end_date_min: row.get(6)?,
            end_date_max: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// Opens a file that never changes: nobody locks it, nor looks whether it did.
fn open_unchanging(path: &Path) -> rusqlite::Result<Connection> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    open_as(Path::new(&uri), OpenFlags::SQLITE_OPEN_URI)
}

/// Opens a `hot.db` or a file of finished instances for reading alone, whoever it belongs to.
///
/// # Errors
/// When it cannot be opened.
pub fn open_file(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    recent::register_writer(&connection, &Arc::default())?;
    Ok(connection)
}

/// Opens a file for reading alone, but for what ended a short while ago.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    open_as(path, OpenFlags::empty())
}

fn open_as(path: &Path, also: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | also;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_MAX)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}
