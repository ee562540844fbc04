//! The data directory: whose it is, what is in it, which format it has.
//!
//! Layout: `LOCK` (held while a process uses the directory), `RINGBOLT` (format, partition count),
//! `journal-<n>/` (one log each), `partition-<n>/` (one state each).
//!
//! Invariants: one process at a time; a directory of another format or another partition count is refused, never
//! converted silently; `RINGBOLT` is replaced by rename, so that it is whole at any instant.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Version of the directory's layout.
pub const DIRECTORY_FORMAT: u32 = 1;

const LOCK_FILE: &str = "LOCK";
const META_FILE: &str = "RINGBOLT";

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
    /// Another version wrote it.
    #[error(
        "data directory {path} has format {found}, this version of Ringbolt reads format {DIRECTORY_FORMAT}"
    )]
    Format {
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
    /// Unlocked when it is closed.
    _lock: File,
}

struct Meta {
    format: u32,
    partitions: u16,
}

fn parse_meta(text: &str) -> Result<Meta, String> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.ok_or_else(|| format!("it does not say {name}"))
    };
    let number = |name: &str| field(name)?.parse::<u64>().map_err(|e| format!("{name}: {e}"));
    let partitions = u16::try_from(number("partitions")?).map_err(|e| format!("partitions: {e}"))?;
    let format = u32::try_from(number("format")?).map_err(|e| format!("format: {e}"))?;
    Ok(Meta { format, partitions })
}

fn write_meta(path: &Path, meta: &Meta) -> io::Result<()> {
    let text = format!("format={}\npartitions={}\n", meta.format, meta.partitions);
    let fresh = path.join(format!("{META_FILE}.new"));
    let mut file = File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path.join(META_FILE))?;
    File::open(path)?.sync_all()
}

impl DataDirectory {
    /// Opens a directory, or makes it. `partitions` is what was asked for; without it an existing directory keeps
    /// its count and a new one takes `partitions_default`.
    ///
    /// # Errors
    /// When it is in use, of another format, of another partition count, or cannot be read or written.
    pub fn open(
        path: &Path,
        partitions: Option<u16>,
        partitions_default: u16,
    ) -> Result<Self, DirectoryError> {
        let io_error = |action| move |source| DirectoryError::Io { path: path.to_path_buf(), action, source };
        fs::create_dir_all(path).map_err(io_error("create it"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(io_error("open its lock file"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(DirectoryError::InUse(path.to_path_buf())),
            Err(fs::TryLockError::Error(source)) => return Err(io_error("lock it")(source)),
        }
        let meta = match fs::read_to_string(path.join(META_FILE)) {
            Ok(text) => {
                parse_meta(&text).map_err(|why| DirectoryError::Meta { path: path.to_path_buf(), why })?
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let partitions = partitions.unwrap_or(partitions_default);
                let meta = Meta { format: DIRECTORY_FORMAT, partitions };
                write_meta(path, &meta).map_err(io_error("write RINGBOLT in it"))?;
                meta
            }
            Err(source) => return Err(io_error("read RINGBOLT in it")(source)),
        };
        if meta.format != DIRECTORY_FORMAT {
            return Err(DirectoryError::Format { path: path.to_path_buf(), found: meta.format });
        }
        if let Some(asked) = partitions.filter(|asked| *asked != meta.partitions) {
            return Err(DirectoryError::Partitions {
                path: path.to_path_buf(),
                found: meta.partitions,
                asked,
            });
        }
        Ok(Self { path: path.to_path_buf(), partitions: meta.partitions, _lock: lock })
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
    use super::{DataDirectory, DirectoryError};
    use std::fs;

    #[test]
    fn a_directory_is_one_processes_and_keeps_its_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDirectory::open(&path, Some(3), 1).unwrap();
        assert_eq!(first.partitions(), 3);
        assert!(matches!(DataDirectory::open(&path, None, 1), Err(DirectoryError::InUse(_))));
        drop(first);
        assert!(matches!(
            DataDirectory::open(&path, Some(2), 1),
            Err(DirectoryError::Partitions { found: 3, asked: 2, .. })
        ));
        let again = DataDirectory::open(&path, None, 1).unwrap();
        assert_eq!(again.partitions(), 3);
    }

    #[test]
    fn a_foreign_or_damaged_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("RINGBOLT"), "format=99\npartitions=1\n").unwrap();
        assert!(matches!(
            DataDirectory::open(dir.path(), None, 1),
            Err(DirectoryError::Format { found: 99, .. })
        ));
        fs::write(dir.path().join("RINGBOLT"), "format=1\npartitions=many\n").unwrap();
        let error = DataDirectory::open(dir.path(), None, 1).unwrap_err();
        assert!(error.to_string().contains("partitions"), "{error}");
    }
}
