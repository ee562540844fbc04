//! The sink that writes records as JSON lines to files: `partition-<n>-<first position>.jsonl` in one directory.
//!
//! Invariants: a line is whole or not there after every start; what `export` returned for is on stable storage; a file
//! begins only when the one before it is durable, so only the last file of a partition is ever in doubt. A directory
//! or a file that disappears is an error, never an empty place to begin anew in. Beside the files stands in which
//! lives of the data directory they were written (`partition-<n>.lives`).

mod files;
mod lives;

use crate::sink::{Held, Lines, Sink, SinkError};
use files::{Identity, Recovered, file_name, identity_of, list, recover};
use lives::Lives;
use ringbolt_record::{PartitionId, Position};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Held by the process that writes to a directory.
const LOCK_FILE: &str = ".ringbolt-lock";

/// A file that lines are appended to.
#[derive(Debug)]
struct Active {
    path: PathBuf,
    file: File,
    identity: Identity,
    /// Bytes that are durable.
    durable_bytes: u64,
}

/// JSON lines in files.
#[derive(Debug)]
pub struct Jsonl {
    directory: PathBuf,
    file_bytes_max: u64,
    /// Held while the directory is used.
    lock: Option<File>,
    /// Whether the directory was there or made by this process before.
    was_there: bool,
    active: BTreeMap<PartitionId, Active>,
    /// Files that an error left with perhaps more than is durable.
    doubtful: BTreeMap<PartitionId, (PathBuf, u64)>,
}

impl Jsonl {
    /// Files in this directory, which is made at the first use; a file is closed when it has `file_bytes_max` bytes.
    pub fn new(directory: PathBuf, file_bytes_max: u64) -> Self {
        Self {
            directory,
            file_bytes_max,
            lock: None,
            was_there: false,
            active: BTreeMap::new(),
            doubtful: BTreeMap::new(),
        }
    }

    fn enter_directory(&mut self) -> Result<(), SinkError> {
        let directory = &self.directory;
        let failed = |action: &str, cause: &std::io::Error| SinkError::io(action, directory.display(), cause);
        if !self.was_there {
            fs::create_dir_all(directory).map_err(|cause| failed("create", &cause))?;
        }
        let lock_path = directory.join(LOCK_FILE);
        let is_held = match &self.lock {
            Some(lock) => identity_of(lock).ok() == files::identity_at(&lock_path).ok(),
            None => false,
        };
        if !is_held {
            // A directory that was there and is not any more may be a file system that is not mounted: it is not made.
            let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
            let lock = lock.map_err(|cause| failed("write to", &cause))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(SinkError(format!("{} is in use by another process", directory.display())));
                }
                Err(fs::TryLockError::Error(cause)) => return Err(failed("lock", &cause)),
            }
            self.lock = Some(lock);
        }
        self.was_there = true;
        Ok(())
    }

    fn lives(&self, partition: PartitionId) -> Result<Lives, SinkError> {
        let path = lives::path(&self.directory, partition);
        Lives::read(&self.directory, partition).map_err(|cause| SinkError::io("read", path.display(), &cause))
    }

    /// Begins a file for lines that start at this position.
    fn begin(&self, partition: PartitionId, first: Position) -> Result<Active, SinkError> {
        let path = self.directory.join(file_name(partition, first));
        let failed = |cause: &std::io::Error| SinkError::io("create", path.display(), cause);
        let file = File::create_new(&path).map_err(|cause| failed(&cause))?;
        sync_directory(&self.directory)?;
        let identity = identity_of(&file).map_err(|cause| failed(&cause))?;
        Ok(Active { path, file, identity, durable_bytes: 0 })
    }

    fn append(&mut self, partition: PartitionId, lines: &Lines) -> Result<(), SinkError> {
        let first = lines.first().ok_or_else(|| SinkError("a batch without lines".to_owned()))?;
        let is_full = |active: &Active| active.durable_bytes >= self.file_bytes_max;
        if self.active.get(&partition).is_none_or(is_full) {
            let active = self.begin(partition, first)?;
            self.active.insert(partition, active);
        }
        let active = self.active.get_mut(&partition).expect("just begun");
        // Writing to a file that was removed would succeed and be lost.
        if files::identity_at(&active.path).ok() != Some(active.identity) {
            return Err(SinkError(format!("{} has been removed or replaced", active.path.display())));
        }
        let written = active.file.write_all(lines.bytes()).and_then(|()| active.file.sync_data());
        written.map_err(|cause| SinkError::io("write to", active.path.display(), &cause))?;
        active.durable_bytes += lines.bytes().len() as u64;
        Ok(())
    }
}

fn sync_directory(path: &Path) -> Result<(), SinkError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|cause| SinkError::io("sync", path.display(), &cause))
}

impl Sink for Jsonl {
    fn open(&mut self, partition: PartitionId, acknowledged: Position) -> Result<Option<Held>, SinkError> {
        if let Some(active) = self.active.remove(&partition) {
            self.doubtful.insert(partition, (active.path, active.durable_bytes));
        }
        self.enter_directory()?;
        let mut paths = list(&self.directory, partition)
            .map_err(|cause| SinkError::io("list", self.directory.display(), &cause))?;
        let doubtful = self.doubtful.get(&partition).cloned();
        while let Some((_, path)) = paths.pop() {
            let trusted = doubtful.as_ref().filter(|(known, _)| *known == path).map(|(_, bytes)| *bytes);
            let recovered = recover(&path, partition, acknowledged, trusted)
                .map_err(|cause| SinkError::io("recover", path.display(), &cause))?;
            let Some(Recovered { file, bytes, last }) = recovered else {
                // Nothing whole was in it; the one before it is the last.
                fs::remove_file(&path).map_err(|cause| SinkError::io("remove", path.display(), &cause))?;
                sync_directory(&self.directory)?;
                continue;
            };
            let identity =
                identity_of(&file).map_err(|cause| SinkError::io("look at", path.display(), &cause))?;
            self.active.insert(partition, Active { path, file, identity, durable_bytes: bytes });
            self.doubtful.remove(&partition);
            let life = self.lives(partition)?.of(last);
            return Ok(Some(Held { last, life }));
        }
        self.doubtful.remove(&partition);
        Ok(None)
    }

    fn begin_life(&mut self, partition: PartitionId, life: u128, first: Position) -> Result<(), SinkError> {
        let mut lives = self.lives(partition)?;
        if lives.begin(life, first) {
            let path = lives::path(&self.directory, partition);
            let written = lives.write(&self.directory, partition);
            written.map_err(|cause| SinkError::io("write to", path.display(), &cause))?;
        }
        Ok(())
    }

    fn set_aside(&mut self, partition: PartitionId) -> Result<(), SinkError> {
        self.active.remove(&partition);
        self.doubtful.remove(&partition);
        let mut paths = list(&self.directory, partition)
            .map_err(|cause| SinkError::io("list", self.directory.display(), &cause))?;
        let last_life = self.lives(partition)?;
        let life = last_life.of(Position(u64::MAX)).unwrap_or_default();
        let aside = self.directory.join(format!("history-{life:032x}"));
        fs::create_dir_all(&aside).map_err(|cause| SinkError::io("create", aside.display(), &cause))?;
        // The lives go last: until then an interrupted move is known for what it is.
        paths.push((0, lives::path(&self.directory, partition)));
        for (_, path) in paths.iter().filter(|(_, path)| path.exists()) {
            let to = aside.join(path.file_name().unwrap_or_default());
            if to.exists() {
                return Err(SinkError(format!("{} is there already", to.display())));
            }
            fs::rename(path, &to).map_err(|cause| SinkError::io("move", path.display(), &cause))?;
        }
        sync_directory(&aside)?;
        sync_directory(&self.directory)
    }

    fn export(&mut self, partition: PartitionId, lines: &Lines) -> Result<(), SinkError> {
        let result = self.append(partition, lines);
        if result.is_err()
            && let Some(active) = self.active.remove(&partition)
        {
            self.doubtful.insert(partition, (active.path, active.durable_bytes));
        }
        result
    }
}

/// Whether a directory can be given to this sink: no check of its content, only that it is not a file.
///
/// # Errors
/// Why not.
pub fn check_directory(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(format!("{} is no directory", path.display())),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(format!("{}: {cause}", path.display())),
    }
}
