//! The data directory: whose it is, what is in it, which format it has.
//!
//! Layout: `LOCK` (held while a process uses the directory), `RINGBOLT` (format, partition count),
//! `journal-<n>/` (one log each), `partition-<n>/` (one state each), `CHANGE` (the number of the last change), `purge/` (see `purge.rs`).
//!
//! Invariants: one process at a time; a directory of another format or another partition count is refused, never
//! converted silently, and before anything is written to it; `RINGBOLT` is replaced by rename, so that it is whole at
//! any instant.

use crate::purge;
use ringbolt_journal as journal;
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The format of a data directory as a whole: of every byte of log, state, spills and positions in it.
///
/// Until the first tagged release every change of any of these layouts (`docs/formats/`) raises it, in the same commit,
/// with a line under "Compatibility" in the changelog. From then on a released format is read or upgraded.
pub const DIRECTORY_FORMAT: u32 = 12;

const LOCK_FILE: &str = "LOCK";
const META_FILE: &str = "RINGBOLT";
/// How long a start waits for the lock of a process that is ending.
const LOCK_WAIT: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(5) };
/// How long it sleeps between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The operating system refused.
    #[error("data directory {path}: cannot {action}: {source}")]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process uses it.
    #[error("data directory {0} is in use by another process")]
    InUse(PathBuf),
    /// An earlier version wrote it.
    #[error(
        "data directory {path} has format {found}, this version of Ringbolt reads and writes format {DIRECTORY_FORMAT}; \
         nothing was changed. To carry work over, let the version that wrote it finish its instances, then deploy to a \
         new data directory with this version (CHANGELOG.md, Compatibility)"
    )]
    Older {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: u32,
    },
    /// A later version wrote it.
    #[error(
        "data directory {path} has format {found}, this version of Ringbolt reads and writes format {DIRECTORY_FORMAT} only; \
         nothing was changed. Start the newer version that wrote it, or restore the backup from before the upgrade"
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: u32,
    },
    /// Its description cannot be read.
    #[error("data directory {path}: {META_FILE} is damaged: {why}")]
    Meta {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The partition count is fixed when the directory is made.
    #[error(
        "data directory {path} has {found} partitions, {asked} were asked for: the number cannot be changed"
    )]
    Partitions {
        /// The directory.
        path: PathBuf,
        /// The count it was made with.
        found: u16,
        /// The count asked for now.
        asked: u16,
    },
}

/// An opened data directory; holds its lock.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    partitions: u16,
    last_change: i64,
    /// Unlocked when it is closed.
    _lock: File,
}

struct Meta {
    format: u32,
    partitions: u16,
}

/// The number that a line `name=number` gives.
pub(crate) fn parse_number<T: TryFrom<u64>>(text: &str, name: &str) -> Result<T, String>
where
    T::Error: std::fmt::Display,
{
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let number = line.ok_or_else(|| format!("it does not say {name}"))?.parse::<u64>();
    let number = number.map_err(|error| format!("{name}: {error}"))?;
    T::try_from(number).map_err(|error| format!("{name}: {error}"))
}

/// What `RINGBOLT` says; `None` where there is none yet.
fn read_meta(path: &Path) -> Result<Option<Meta>, DirectoryError> {
    let text = match fs::read_to_string(path.join(META_FILE)) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
            return Err(DirectoryError::Meta { path: path.to_path_buf(), why: cause.to_string() });
        }
        Err(source) => {
            return Err(DirectoryError::Io {
                path: path.to_path_buf(),
                action: "read RINGBOLT in it",
                source,
            });
        }
    };
    // The format first: what else a later version writes is its own matter.
    let format = parse_number::<u32>(&text, "format");
    let meta = format.and_then(|format| match format.cmp(&DIRECTORY_FORMAT) {
        Ordering::Less => Ok(Err(DirectoryError::Older { path: path.to_path_buf(), found: format })),
        Ordering::Greater => Ok(Err(DirectoryError::Newer { path: path.to_path_buf(), found: format })),
        Ordering::Equal => {
            let lines = text.find("check=").map_or("", |at| &text[..at]);
            if text != format!("{lines}{}", check_line(lines)) {
                return Err("it does not match its check line".to_owned());
            }
            parse_number(&text, "partitions").map(|partitions| Ok(Meta { format, partitions }))
        }
    });
    meta.map_err(|why| DirectoryError::Meta { path: path.to_path_buf(), why })?.map(Some)
}

/// The last line: a checksum over the lines before it.
pub(crate) fn check_line(lines: &str) -> String {
    format!("check={:08x}\n", journal::checksum(lines.as_bytes()))
}

fn write_meta(path: &Path, meta: &Meta) -> io::Result<()> {
    let mut text = format!("format={}\npartitions={}\n", meta.format, meta.partitions);
    text += &check_line(&text);
    let fresh = path.join(format!("{META_FILE}.new"));
    let mut file = File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path.join(META_FILE))?;
    File::open(path)?.sync_all()
}

/// Creates the directory if it is not there, and makes its name durable: what is acknowledged from within it must not go
/// with it.
fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// Locks the directory, waiting for a process that was just killed to be gone, if that is wanted where another one has it. False when
/// that one keeps it.
fn lock_patiently(lock: &File, waits: impl FnOnce() -> bool) -> io::Result<bool> {
    let (started, mut waits) = (ringbolt_ring::time::now(), Some(waits));
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(fs::TryLockError::WouldBlock) if started.elapsed() >= LOCK_WAIT => return Ok(false),
            Err(fs::TryLockError::WouldBlock) if waits.take().is_some_and(|waits| !waits()) => {
                return Ok(false);
            }
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(fs::TryLockError::Error(cause)) => return Err(cause),
        }
    }
}

impl DataDirectory {
    /// Opens a directory that is there, for a look at it: nothing is made or written.
    ///
    /// # Errors
    /// When it is none, in use, of another format, or cannot be read.
    pub fn open_existing(path: &Path) -> Result<Self, DirectoryError> {
        let io_error = |action, source| DirectoryError::Io { path: path.to_path_buf(), action, source };
        let no_directory = || {
            io_error(
                "find RINGBOLT in it",
                io::Error::new(io::ErrorKind::NotFound, "it is no data directory"),
            )
        };
        let meta = read_meta(path)?.ok_or_else(no_directory)?;
        let file =
            File::open(path.join(LOCK_FILE)).map_err(|source| io_error("open its lock file", source))?;
        match file.try_lock() {
            Ok(()) if purge::is_decided(path) => Err(DirectoryError::Meta {
                path: path.to_path_buf(),
                why: "a purge of it was interrupted; the next start of the server carries it out".to_owned(),
            }),
            Ok(()) => {
                let last_change = purge::last_change(path)?;
                Ok(Self { path: path.to_path_buf(), partitions: meta.partitions, last_change, _lock: file })
            }
            Err(fs::TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.to_path_buf())),
            Err(fs::TryLockError::Error(source)) => Err(io_error("lock it", source)),
        }
    }

    /// Opens a directory, or makes it. `partitions` is what was asked for; without it an existing directory keeps
    /// its count and a new one takes `partitions_default`. `waits` is asked once where another process has it: whether it is waited for, as
    /// that one may just have been killed.
    ///
    /// # Errors
    /// When it is in use, of another format, of another partition count, or cannot be read or written.
    pub fn open(
        path: &Path,
        partitions: Option<u16>,
        partitions_default: u16,
        waits: impl FnOnce() -> bool,
    ) -> Result<Self, DirectoryError> {
        let io_error = |action| move |source| DirectoryError::Io { path: path.to_path_buf(), action, source };
        // Before the lock, which may be a new file.
        read_meta(path)?;
        create(path).map_err(io_error("create it"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(io_error("open its lock file"))?;
        if !lock_patiently(&lock, waits).map_err(io_error("lock it"))? {
            return Err(DirectoryError::InUse(path.to_path_buf()));
        }
        let meta = match read_meta(path)? {
            Some(meta) => meta,
            None => {
                let partitions = partitions.unwrap_or(partitions_default);
                let meta = Meta { format: DIRECTORY_FORMAT, partitions };
                write_meta(path, &meta).map_err(io_error("write RINGBOLT in it"))?;
                meta
            }
        };
        if let Some(asked) = partitions.filter(|asked| *asked != meta.partitions) {
            return Err(DirectoryError::Partitions {
                path: path.to_path_buf(),
                found: meta.partitions,
                asked,
            });
        }
        purge::carry_out(path).map_err(io_error("carry out a purge of it"))?;
        let last_change = purge::last_change(path)?;
        Ok(Self { path: path.to_path_buf(), partitions: meta.partitions, last_change, _lock: lock })
    }

    /// The number of the last change; -1 before the first.
    pub fn last_change(&self) -> i64 {
        self.last_change
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many partitions it was made for.
    pub fn partitions(&self) -> u16 {
        self.partitions
    }
}

#[cfg(test)]
mod tests {
    use super::{DIRECTORY_FORMAT, DataDirectory, DirectoryError, check_line};
    use std::fs;

    #[test]
    fn a_directory_is_one_processes_and_keeps_its_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDirectory::open(&path, Some(3), 1, || true).unwrap();
        assert_eq!(first.partitions(), 3);
        assert!(matches!(DataDirectory::open(&path, None, 1, || true), Err(DirectoryError::InUse(_))));
        drop(first);
        assert!(matches!(
            DataDirectory::open(&path, Some(2), 1, || true),
            Err(DirectoryError::Partitions { found: 3, asked: 2, .. })
        ));
        let again = DataDirectory::open(&path, None, 1, || true).unwrap();
        assert_eq!(again.partitions(), 3);
    }

    #[test]
    fn a_directory_of_another_format_is_refused_by_name_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (older, newer) = (DIRECTORY_FORMAT - 1, DIRECTORY_FORMAT + 1);
        for (found, words) in [(older, "let the version that wrote it finish"), (newer, "the newer version")]
        {
            // What else stands there is another format's matter.
            let text = format!("format={found}\nnodes=9\n");
            fs::write(dir.path().join("RINGBOLT"), &text).unwrap();
            let error = DataDirectory::open(dir.path(), Some(3), 1, || true).unwrap_err().to_string();
            for part in [words, &format!("format {found},"), &format!("writes format {DIRECTORY_FORMAT}")] {
                assert!(error.contains(part), "{part:?} in {error:?}");
            }
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only RINGBOLT, no LOCK");
            assert_eq!(fs::read_to_string(dir.path().join("RINGBOLT")).unwrap(), text);
        }
    }

    #[test]
    fn a_damaged_description_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let format = format!("format={DIRECTORY_FORMAT}\n");
        let checked = |lines: &str| format!("{lines}{}", check_line(lines)).into_bytes();
        for (bytes, word) in [
            (checked(&format!("{format}partitions=many\n")), "partitions"),
            (checked(&format!("{format}partitions=70000\n")), "partitions"),
            (checked(&format), "partitions"),
            (format!("{format}partitions=1\n").into_bytes(), "check"),
            (format!("{format}partitions=1\ncheck=00000000\n").into_bytes(), "check"),
            (b"partitions=1\n".to_vec(), "format"),
            (b"\xff\xfe".to_vec(), "UTF-8"),
        ] {
            fs::write(dir.path().join("RINGBOLT"), bytes).unwrap();
            let error = DataDirectory::open(dir.path(), None, 1, || true).unwrap_err();
            assert!(matches!(&error, DirectoryError::Meta { why, .. } if why.contains(word)), "{error}");
        }
    }
}
