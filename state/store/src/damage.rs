//! The marker that a run which met damage leaves beside the base, for the next start.

use std::fs;
use std::io::Write;
use std::path::Path;

/// The marker's name in a base's directory. Its content is what the run before saw, for people.
pub const DAMAGE_MARKER: &str = "DAMAGED";

/// Leaves the marker. A base whose disk takes no marker is met with the same damage again, so failing is no error.
pub(crate) fn leave_marker(directory: &Path, what: &str) {
    let written = fs::File::create(directory.join(DAMAGE_MARKER)).and_then(|mut file| {
        file.write_all(what.as_bytes())?;
        file.sync_all()?;
        fs::File::open(directory)?.sync_all()
    });
    drop(written);
}
