//! Opening a store: on disk, on disk with a look at what an earlier run met, or in memory.
//!
//! Invariant: a base with a damage marker is opened only after every byte of it was found sound; the marker goes then.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::base::Base;
use crate::damage::{DAMAGE_MARKER, leave_marker};
use crate::error::Error;
use crate::lmdb::{LmdbBase, Options};
use crate::memory::MemoryDisk;
use crate::store::Store;
use crate::verify::{BaseReport, verify_base};

/// Findings that an error's message names.
const FINDINGS_NAMED_MAX: usize = 3;

/// Opens (or creates) the base in the directory `path`. The directory must belong to this process alone; the data
/// directory's lock file sees to that.
///
/// # Errors
/// If the directory cannot be created, LMDB refuses the files or the map, the layout is unknown, or what has to be read
/// for opening is damaged; see [`open_checked`].
pub fn open_lmdb(path: &Path, options: Options) -> Result<Store, Error> {
    Ok(Store::new(Base::Lmdb(LmdbBase::open(path, options)?)))
}

/// Opens (or creates) the base in a directory as [`open_lmdb`] does, but verifies it first if an earlier run found damage
/// in it, and says where a base that cannot be opened is damaged.
///
/// # Errors
/// As [`open_lmdb`]; [`Error::Damaged`] for a base that is not to be served from.
pub fn open_checked(path: &Path, options: Options) -> Result<Store, Error> {
    let io_error = |source: io::Error| Error::Io { path: path.to_owned(), source };
    let marker = path.join(DAMAGE_MARKER);
    let seen = match fs::read(&marker) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return open_lmdb(path, options).map_err(|error| match error {
                Error::Damaged { what, .. } => {
                    leave_marker(path, &what);
                    explain(path, what)
                }
                other => other,
            });
        }
        Err(error) => return Err(io_error(error)),
    };
    let report = verify_base(path).map_err(io_error)?;
    if !report.is_sound() {
        return Err(Error::Damaged { path: path.to_owned(), what: in_words(&report) });
    }
    let store = open_lmdb(path, options).map_err(|error| match error {
        Error::Damaged { what, .. } => explain(path, format!("{what}; before that: {seen}")),
        other => other,
    })?;
    fs::remove_file(&marker).map_err(io_error)?;
    Ok(store)
}

/// A damaged base's error with what a look at all of it finds.
fn explain(path: &Path, what: String) -> Error {
    let found = verify_base(path).ok().filter(|report| !report.is_sound());
    let what = found.map_or(what.clone(), |report| format!("{what}: {}", in_words(&report)));
    Error::Damaged { path: path.to_owned(), what }
}

fn in_words(report: &BaseReport) -> String {
    let named: Vec<String> =
        report.findings.iter().take(FINDINGS_NAMED_MAX).map(ToString::to_string).collect();
    let more = report.findings.len().saturating_sub(FINDINGS_NAMED_MAX) as u64 + report.more_findings;
    match more {
        0 => named.join("; "),
        _ => format!("{}; and {more} more", named.join("; ")),
    }
}

/// A store over a new, empty [`MemoryDisk`].
pub fn open_memory() -> Store {
    MemoryDisk::new().open()
}

impl MemoryDisk {
    /// Opens what was committed last. Call it again after dropping the store to see the state after a crash.
    pub fn open(&self) -> Store {
        Store::new(Base::Memory(self.base()))
    }
}
