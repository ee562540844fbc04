//! The base on disk: one LMDB environment per partition, one named database per table, read through a map.
//!
//! Invariants: the environment is opened without WRITE_MAP, NO_SYNC or MAPASYNC, so that a commit is durable and a
//! full disk is an error instead of a signal; all reads come from one read transaction, which is replaced only in
//! `renew`; rows and mark change in one write transaction. Values are not interpreted beyond their checksum.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvOpenOptions, MdbError, PutFlags, RoRange, RoTxn, WithoutTls};
use ringbolt_writeback::WriteBack;

use crate::damage::{DAMAGE_MARKER, leave_marker};
use crate::error::{CheckpointError, Error};
use crate::mark::Mark;
use crate::overlay::Overlay;
use crate::report::CheckpointReport;
use crate::sigbus::MappedFile;
use crate::{TABLES_MAX, TableId, row, space};

/// The layout version of `docs/formats/store.md`.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The name LMDB gives its data file.
pub(crate) const DATA_FILE_NAME: &str = "data.mdb";

/// The two meta pages, at the least.
const DATA_FILE_BYTES_MIN: u64 = 8192;

/// The name LMDB gives its reader table.
const LOCK_FILE_NAME: &str = "lock.mdb";
/// More than the reader table needs.
const LOCK_FILE_BYTES: usize = 8192;

/// The directory inside a base's directory where a new base is made.
const STAGING_NAME: &str = "creating";

pub(crate) const META_NAME: &str = "meta";
pub(crate) const FORMAT_KEY: &[u8] = b"format";
pub(crate) const MARK_KEY: &[u8] = b"mark";

/// The tables, the meta database, and none to spare.
const DATABASES_MAX: u32 = TABLES_MAX as u32 + 1;

/// One reader per store, plus room for a backup's.
const READERS_MAX: u32 = 8;

/// A checkpoint calls its pause hook after this many rows.
const ROWS_PER_PAUSE: u32 = 64;

/// Address space reserved for a base unless told otherwise. It costs no memory and no disk.
pub const MAP_SIZE_BYTES_DEFAULT: usize = 64 << 30;

type Rows = Database<'static, Bytes, Bytes>;
type Txn = RoTxn<'static, WithoutTls>;

/// Settings of a base.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Address space to reserve: the most the base can ever hold. A multiple of the page size.
    pub map_size_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { map_size_bytes: MAP_SIZE_BYTES_DEFAULT }
    }
}

/// The handles of all databases.
struct Databases {
    meta: Rows,
    tables: [Rows; TABLES_MAX],
    /// For the message of a fault, as long as anybody reads the map.
    _mapped: MappedFile,
}

pub(crate) struct LmdbBase {
    env: Env<WithoutTls>,
    databases: Arc<Databases>,
    /// `None` only while it is being replaced, or for good if that failed.
    txn: Option<Txn>,
    table_rows: Box<[u64]>,
    mark: Mark,
}

impl LmdbBase {
    /// Opens or creates it; what can go wrong is written at [`crate::open_lmdb`].
    pub(crate) fn open(path: &Path, options: Options) -> Result<LmdbBase, Error> {
        let io_error = |source: io::Error| Error::Io { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(io_error)?;
        match fs::metadata(path.join(DATA_FILE_NAME)) {
            // LMDB would begin an empty base in it.
            Ok(metadata) if metadata.len() < DATA_FILE_BYTES_MIN => {
                return Err(damaged(path, format!("{DATA_FILE_NAME} has {} bytes", metadata.len())));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path, options)?,
            Err(error) => return Err(io_error(error)),
        }
        finish_creation(path).map_err(io_error)?;
        let (env, databases) = open_environment(path, options)?;
        check_format(path, &env, &databases)?;
        let (databases, table_rows) = (Arc::new(databases), vec![0; TABLES_MAX].into());
        let mut base = LmdbBase { env, databases, txn: None, table_rows, mark: Mark::default() };
        base.renew().map_err(|reason| damaged(path, format!("the checkpoint's mark: {reason}")))?;
        Ok(base)
    }

    fn txn(&self) -> Result<&Txn, String> {
        self.txn.as_ref().ok_or_else(|| "the read transaction could not be renewed".to_owned())
    }

    fn rows(&self, table: TableId) -> &Rows {
        &self.databases.tables[usize::from(table.0)]
    }

    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Result<Option<&[u8]>, String> {
        self.rows(table).get(self.txn()?, key).map_err(|error| error.to_string())
    }

    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> Result<LmdbIter<'_>, String> {
        let txn = self.txn()?;
        // LMDB has no empty keys: the smallest key is one zero byte.
        let lower = if lower.is_empty() { &[0][..] } else { lower };
        let inner =
            self.rows(table).range(txn, &(std::ops::Bound::Included(lower), std::ops::Bound::Unbounded));
        inner.map(|inner| LmdbIter { inner }).map_err(|error| error.to_string())
    }

    pub(crate) fn table_rows(&self, table: TableId) -> u64 {
        self.table_rows[usize::from(table.0)]
    }

    pub(crate) fn mark(&self) -> &Mark {
        &self.mark
    }

    pub(crate) fn renew(&mut self) -> Result<(), String> {
        // The old transaction goes first: it pins the pages that the next checkpoint wants to reuse.
        self.txn = None;
        let txn = self.env.clone().static_read_txn().map_err(|error| error.to_string())?;
        for (rows, database) in self.table_rows.iter_mut().zip(&self.databases.tables) {
            *rows = database.len(&txn).map_err(|error| error.to_string())?;
        }
        self.mark = match self.databases.meta.get(&txn, MARK_KEY).map_err(|error| error.to_string())? {
            Some(bytes) => Mark::decode(bytes)?,
            None => Mark::default(),
        };
        self.txn = Some(txn);
        Ok(())
    }

    pub(crate) fn writer(&self) -> LmdbWriter {
        LmdbWriter { env: self.env.clone(), databases: self.databases.clone() }
    }

    /// Lets the next start verify this base.
    pub(crate) fn leave_marker(&self, what: &str) {
        leave_marker(self.env.path(), what);
    }

    pub(crate) fn map_bytes(&self) -> (u64, u64) {
        let info = self.env.info();
        let page_bytes = u64::from(self.env.unnamed_database_stat().page_size);
        ((info.last_page_number as u64 + 1) * page_bytes, info.map_size as u64)
    }
}

impl Databases {
    /// Opens every table, creating them all in a new environment: a table's existence never depends on its use.
    fn open(env: &Env<WithoutTls>) -> Result<Databases, heed::Error> {
        let txn = env.write_txn()?;
        let opened = env.create_databases_and_commit(txn, |opener, txn| {
            let meta = opener.create_database::<Bytes, Bytes>(txn, Some(META_NAME))?;
            let mut tables = [meta; TABLES_MAX];
            for (number, table) in tables.iter_mut().enumerate() {
                *table = opener.create_database(txn, Some(&format!("t{number:02x}")))?;
            }
            Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit((meta, tables)))
        })?;
        let (meta, tables) = opened.unwrap_commit();
        let mapped = MappedFile::register(&env.path().join(DATA_FILE_NAME), Path::new(DAMAGE_MARKER));
        Ok(Databases { meta, tables, _mapped: mapped })
    }
}

/// LMDB writes its reader table through a map of a file with holes: on a full disk that is a signal. With the file's
/// blocks in place it is an error, here.
fn allocate_lock_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() >= LOCK_FILE_BYTES as u64 => Ok(()),
        Ok(_) => fs::write(path, [0; LOCK_FILE_BYTES]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::write(path, [0; LOCK_FILE_BYTES]),
        Err(error) => Err(error),
    }
}

fn damaged(path: &Path, what: String) -> Error {
    Error::Damaged { path: path.to_owned(), what }
}

/// Tells what LMDB found wrong in the file from what the system refused.
fn base_error(path: &Path, action: &'static str, error: &heed::Error) -> Error {
    match error {
        heed::Error::Mdb(
            MdbError::Corrupted
            | MdbError::Invalid
            | MdbError::PageNotFound
            | MdbError::Panic
            | MdbError::VersionMismatch
            | MdbError::Incompatible
            | MdbError::CursorFull
            | MdbError::PageFull
            | MdbError::BadDbi
            | MdbError::BadTxn,
        ) => damaged(path, format!("cannot {action}: {error}")),
        other => Error::Base { path: path.to_owned(), action, reason: other.to_string() },
    }
}

/// Opens an environment and all its databases, creating what is missing.
fn open_environment(path: &Path, options: Options) -> Result<(Env<WithoutTls>, Databases), Error> {
    let in_base = |action| move |error: heed::Error| base_error(path, action, &error);
    allocate_lock_file(&path.join(LOCK_FILE_NAME))
        .map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let mut open_options = EnvOpenOptions::new().read_txn_without_tls();
    open_options.map_size(options.map_size_bytes).max_dbs(DATABASES_MAX).max_readers(READERS_MAX);
    #[allow(unsafe_code)]
    // SAFETY: the map is only sound if nobody changes the files behind LMDB's back. The data directory's lock
    // keeps other Ringbolt processes out, LMDB's own lock file orders transactions, this process writes the
    // files through LMDB only, and no flag that weakens LMDB's guarantees is set.
    let env = unsafe { open_options.open(path) }.map_err(in_base("open the map"))?;
    env.clear_stale_readers().map_err(in_base("clear readers of a dead process"))?;
    let databases = Databases::open(&env).map_err(in_base("open the tables"))?;
    Ok((env, databases))
}

/// Creates an empty base. LMDB's first write of a new file is not safe against crashes and full disks, so it happens
/// under another name: the data file appears at its place complete, or not at all.
fn create(path: &Path, options: Options) -> Result<(), Error> {
    let io_error = |source: io::Error| Error::Io { path: path.to_owned(), source };
    let staging = path.join(STAGING_NAME);
    if fs::exists(&staging).map_err(io_error)? {
        fs::remove_dir_all(&staging).map_err(io_error)?;
    }
    fs::create_dir(&staging).map_err(io_error)?;
    let (env, databases) = open_environment(&staging, options)?;
    let written = env.write_txn().and_then(|mut txn| {
        databases.meta.put(&mut txn, FORMAT_KEY, &FORMAT_VERSION.to_le_bytes())?;
        txn.commit()
    });
    written.map_err(|error| base_error(path, "write the layout version", &error))?;
    drop(env);
    fs::rename(staging.join(DATA_FILE_NAME), path.join(DATA_FILE_NAME)).map_err(io_error)
}

/// Makes a new base's name durable. LMDB syncs its file but not the directories that name it: without this a power
/// loss could take the whole base away after the log below it was reused. What is left of the creation is removed
/// last, so that a crash before that leads here again.
fn finish_creation(path: &Path) -> io::Result<()> {
    let staging = path.join(STAGING_NAME);
    if !fs::exists(&staging)? {
        return Ok(());
    }
    for directory in [Some(path), path.parent()].into_iter().flatten() {
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        fs::File::open(directory)?.sync_all()?;
    }
    fs::remove_dir_all(&staging)
}

/// Refuses an environment with another layout version, or none.
fn check_format(path: &Path, env: &Env<WithoutTls>, databases: &Databases) -> Result<(), Error> {
    let in_base = |error: heed::Error| base_error(path, "check the layout version", &error);
    let txn = env.read_txn().map_err(in_base)?;
    let found = databases.meta.get(&txn, FORMAT_KEY).map_err(in_base)?;
    match found.and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes) {
        Some(FORMAT_VERSION) => Ok(()),
        Some(found) => Err(Error::Format { path: path.to_owned(), found, expected: FORMAT_VERSION }),
        // It is written before the file has its name.
        None => Err(damaged(path, "it does not say its layout version".to_owned())),
    }
}

pub(crate) struct LmdbIter<'a> {
    inner: RoRange<'a, Bytes, Bytes>,
}

impl<'a> Iterator for LmdbIter<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|row| row.map_err(|error| error.to_string()))
    }
}

#[derive(Clone)]
pub(crate) struct LmdbWriter {
    env: Env<WithoutTls>,
    databases: Arc<Databases>,
}

impl LmdbWriter {
    pub(crate) fn write(
        &self,
        overlay: &Overlay,
        mark: &Mark,
        pause: &mut dyn FnMut(),
    ) -> Result<CheckpointReport, CheckpointError> {
        // An error on the way drops the transaction, which aborts it.
        self.try_write(overlay, mark, pause).map_err(|error| self.classify(&error))
    }

    fn try_write(
        &self,
        overlay: &Overlay,
        mark: &Mark,
        pause: &mut dyn FnMut(),
    ) -> Result<CheckpointReport, heed::Error> {
        let mut report = CheckpointReport::default();
        let written = WriteBack::open(&self.env.path().join(DATA_FILE_NAME))?;
        let mut txn = self.env.write_txn()?;
        let mut stored = Vec::new();
        let mut rows_to_pause = ROWS_PER_PAUSE;
        for number in 0..=u8::MAX {
            let table = TableId(number);
            if overlay.table_rows(table) == 0 {
                continue;
            }
            let database = &self.databases.tables[usize::from(number)];
            // Keys above the table's last are appended: LMDB then fills pages instead of halving them.
            let last = database.last(&txn)?.map(|(key, _)| key.to_vec());
            for (key, value) in overlay.iter_from(table, &[]) {
                report.count(key, value);
                match value {
                    Some(value) => {
                        row::encode(table, key, value, &mut stored);
                        let appends = last.as_deref().is_none_or(|last| key > last);
                        let flags = if appends { PutFlags::APPEND } else { PutFlags::empty() };
                        database.put_with_flags(&mut txn, flags, key, &stored)?;
                    }
                    None => {
                        database.delete(&mut txn, key)?;
                    }
                }
                rows_to_pause -= 1;
                if rows_to_pause == 0 {
                    rows_to_pause = ROWS_PER_PAUSE;
                    written.wait()?;
                    pause();
                }
            }
        }
        self.databases.meta.put(&mut txn, MARK_KEY, &mark.encode())?;
        txn.commit()?;
        Ok(report)
    }

    /// Tells a lack of space, which a later try can overcome, from everything else, which stops the partition.
    fn classify(&self, error: &heed::Error) -> CheckpointError {
        match error {
            heed::Error::Mdb(MdbError::MapFull) => {
                CheckpointError::MapFull { map_size_bytes: self.env.info().map_size }
            }
            heed::Error::Io(source) if self.is_lack_of_space(source) => {
                CheckpointError::DiskFull(source.to_string())
            }
            other => CheckpointError::Failed(other.to_string()),
        }
    }

    fn is_lack_of_space(&self, error: &io::Error) -> bool {
        match error.raw_os_error() {
            Some(libc::ENOSPC | libc::EDQUOT | libc::EFBIG) => true,
            // LMDB reports a write that was cut short by a full disk as EIO, so look at the disk.
            Some(libc::EIO) => space::is_exhausted(&self.env.path().join(DATA_FILE_NAME)),
            Some(_) | None => false,
        }
    }
}
