//! What becomes of a base that is damaged: a run that met damage leaves a marker beside the base, and the next start
//! verifies the whole base before it serves from it.
//!
//! Invariant: a base with a marker is opened only after every byte of it was found sound; the marker goes then.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::error::Error;
use crate::lmdb::{Options, open_lmdb};
use crate::store::Store;
use crate::verify::{BaseReport, verify_base};

/// The marker's name in a base's directory. Its content is what the run before saw, for people.
pub const DAMAGE_MARKER: &str = "DAMAGED";

/// Findings that an error's message names.
const FINDINGS_NAMED_MAX: usize = 3;

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

/// Leaves the marker. A base whose disk takes no marker is met with the same damage again, so failing is no error.
pub(crate) fn leave_marker(directory: &Path, what: &str) {
    let written = fs::File::create(directory.join(DAMAGE_MARKER)).and_then(|mut file| {
        file.write_all(what.as_bytes())?;
        file.sync_all()?;
        fs::File::open(directory)?.sync_all()
    });
    drop(written);
}
