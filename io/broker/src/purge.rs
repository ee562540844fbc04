//! Emptying a data directory between two lives of it, as a whole or not at all.
//!
//! What is to come is made ready beside what there is: for each partition an empty state that holds the mark at which the old one ended, so
//! that positions, keys and indexes go on, and the partition's history with the positions of its readers, so that exporters know the records
//! that they have and go on behind them. One rename decides. After it the old logs, states, spills, documents and what searches read
//! go, and the new states take their places, now or at the next start, however often that is interrupted; before it nothing has happened.

use crate::directory::{DirectoryError, check_line, parse_number};
use ringbolt_record::PartitionId;
use ringbolt_store::{Finished, Mark, Options, open_checked};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Made ready, not decided.
const FRESH: &str = "purge.new";
/// Decided.
const DECIDED: &str = "purge";
/// The number of the last change.
const CHANGE: &str = "CHANGE";
/// A partition's lives, for its readers.
const HISTORY: &str = "history";
/// How far a reader is, by how its name begins.
const POSITION: &str = "reader-";
/// What is being written.
const TEMPORARY: &str = ".tmp";
/// What clients are told before the first change.
const NO_CHANGE: i64 = -1;
/// What searches read. It is made from the log and the states: what was made from those that go goes with them, however the life before
/// this one was set up.
const SECONDARY: &str = "secondary";
/// What goes, by how its name begins.
const GOES: [&str; 4] = ["journal-", "retired-journal-", "documents", SECONDARY];

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// An empty state that ends where another one did.
fn make_state(path: &Path, mark: &Mark, options: Options) -> io::Result<()> {
    fs::create_dir_all(path)?;
    let mut store = open_checked(path, options).map_err(io::Error::other)?;
    let outcome = store.freeze(mark.clone()).run();
    match store.finish_checkpoint(outcome) {
        Finished::Committed(_) => sync(path),
        Finished::NoSpace(cause) => Err(io::Error::new(io::ErrorKind::StorageFull, cause.to_string())),
        Finished::Failed => Err(io::Error::other("the empty state could not be written")),
    }
}

/// What readers of the log know goes on: the partition's lives, and how far each of them is.
fn keep_readers(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text == HISTORY || (text.starts_with(POSITION) && !text.ends_with(TEMPORARY)) {
            fs::copy(from.join(&name), to.join(&name))?;
            File::open(to.join(&name))?.sync_all()?;
        }
    }
    sync(to)
}

/// Makes ready and decides: from here on the directory is empty, and `change` is its last change.
pub(crate) fn decide(
    directory: &Path,
    marks: &[(PartitionId, Mark)],
    change: i64,
    options: Options,
) -> io::Result<()> {
    let fresh = directory.join(FRESH);
    remove(&fresh)?;
    fs::create_dir(&fresh)?;
    for (partition, mark) in marks {
        let name = format!("partition-{partition}");
        let state = fresh.join(&name);
        make_state(&state, mark, options)?;
        keep_readers(&directory.join(&name), &state)?;
    }
    let line = format!("change={change}\n");
    fs::write(fresh.join(CHANGE), format!("{line}{}", check_line(&line)))?;
    File::open(fresh.join(CHANGE))?.sync_all()?;
    sync(&fresh)?;
    fs::rename(&fresh, directory.join(DECIDED))?;
    sync(directory)
}

/// Carries out what was decided, if something was, and removes what was only made ready.
pub(crate) fn carry_out(directory: &Path) -> io::Result<()> {
    let decided = directory.join(DECIDED);
    if !decided.exists() {
        return remove(&directory.join(FRESH));
    }
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if GOES.iter().any(|begin| name.starts_with(begin)) {
            remove(&directory.join(name.as_ref()))?;
        }
    }
    for entry in fs::read_dir(&decided)? {
        let name = entry?.file_name();
        let place: PathBuf = directory.join(&name);
        if place.is_dir() {
            remove(&place)?;
        }
        fs::rename(decided.join(&name), place)?;
    }
    sync(directory)?;
    fs::remove_dir(&decided)?;
    sync(directory)
}

/// Whether something is decided and not carried out yet.
pub(crate) fn is_decided(directory: &Path) -> bool {
    directory.join(DECIDED).exists()
}

/// The number of the last change; -1 before the first.
pub(crate) fn last_change(directory: &Path) -> Result<i64, DirectoryError> {
    let damaged = |why: String| DirectoryError::Meta { path: directory.to_path_buf(), why };
    let text = match fs::read_to_string(directory.join(CHANGE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(NO_CHANGE),
        Err(error) => return Err(damaged(format!("{CHANGE}: {error}"))),
    };
    let lines = text.find("check=").map_or("", |at| &text[..at]);
    if text != format!("{lines}{}", check_line(lines)) {
        return Err(damaged(format!("{CHANGE} does not match its check line")));
    }
    parse_number::<i64>(&text, "change").map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::{Mark, Options, PartitionId, carry_out, decide, is_decided, last_change, open_checked};
    use std::fs;
    use std::path::Path;

    const OPTIONS: Options = Options { map_size_bytes: 64 << 20 };

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).expect("a directory");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A directory as a life leaves it.
    fn directory() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        let directories =
            ["journal-0", "retired-journal-1", "documents", "secondary", "partition-1", "partition-2"];
        for name in directories {
            fs::create_dir(dir.path().join(name)).expect("made");
            fs::write(dir.path().join(name).join("old"), b"old").expect("written");
        }
        fs::write(dir.path().join("partition-1/history"), b"lives").expect("written");
        for name in ["reader-jsonl", "reader-jsonl.tmp", "spill-jsonl-0-1"] {
            fs::write(dir.path().join("partition-1").join(name), b"41").expect("written");
        }
        fs::write(dir.path().join("RINGBOLT"), b"format").expect("written");
        dir
    }

    fn marks() -> Vec<(PartitionId, Mark)> {
        let mark = |partition: u16| Mark {
            position: 40 + u64::from(partition),
            key_counter: u64::from(partition) << 51 | 7,
            journal_info: vec![1; 24],
        };
        [1, 2].map(|partition| (PartitionId(partition), mark(partition))).into()
    }

    fn check_emptied(path: &Path) {
        assert_eq!(names(path), ["CHANGE", "RINGBOLT", "partition-1", "partition-2"]);
        for (partition, mark) in marks() {
            let store = open_checked(&path.join(format!("partition-{partition}")), OPTIONS).expect("a state");
            assert_eq!(store.mark(), &mark);
        }
        assert_eq!(fs::read(path.join("partition-1/history")).expect("kept"), b"lives");
        let kept = names(&path.join("partition-1"));
        let readers: Vec<&String> = kept.iter().filter(|name| name.contains("jsonl")).collect();
        assert_eq!(readers, ["reader-jsonl"]);
        assert_eq!(last_change(path).expect("readable"), 3);
    }

    #[test]
    fn nothing_has_happened_before_it_is_decided() {
        let dir = directory();
        let before = names(dir.path());
        fs::create_dir(dir.path().join("purge.new")).expect("half made");
        carry_out(dir.path()).expect("nothing to do");
        assert_eq!(names(dir.path()), before);
        assert_eq!(last_change(dir.path()).expect("none"), -1);
    }

    #[test]
    fn what_is_decided_is_carried_out_however_often_it_is_interrupted() {
        let dir = directory();
        decide(dir.path(), &marks(), 3, OPTIONS).expect("decided");
        assert!(is_decided(dir.path()) && dir.path().join("partition-1/old").exists());
        // Interrupted after the logs went and the first state came.
        fs::remove_dir_all(dir.path().join("journal-0")).expect("gone");
        fs::remove_dir_all(dir.path().join("partition-2")).expect("gone");
        fs::rename(dir.path().join("purge/partition-2"), dir.path().join("partition-2")).expect("come");
        carry_out(dir.path()).expect("carried out");
        check_emptied(dir.path());
        carry_out(dir.path()).expect("nothing to do");
        check_emptied(dir.path());
    }

    #[test]
    fn a_damaged_number_is_refused() {
        let dir = directory();
        fs::write(dir.path().join("CHANGE"), b"change=4\ncheck=00000000\n").expect("written");
        assert!(last_change(dir.path()).is_err());
    }
}
