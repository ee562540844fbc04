//! The files of one named reader, in its partition's directory: `reader-<name>` and `spill-<name>-<first>-<end>`; and
//! beside them `history`, the partition's lives, which all its readers share.
//!
//! Invariants: a file gets its final name only when its content is durable, and the name is durable before the call returns;
//! what a crash leaves half-made has the ending `.tmp` and is removed at the next start. Everything here blocks.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ringbolt_writeback::WriteBack;

use super::files::{random_number, sync_directory};
use crate::history::{History, Life, LifeId};
use crate::partition_reader::ReaderFiles;
use crate::spill::SpillSummary;
use crate::types::{PartitionId, Position};
use crate::verify::ReaderFile;

/// Longest name of a reader, in bytes.
pub const READER_NAME_BYTES_MAX: usize = 40;

const POSITION_PREFIX: &str = "reader-";
const SPILL_PREFIX: &str = "spill-";
const TEMPORARY: &str = ".tmp";
const HISTORY_FILE: &str = "history";

/// Whether a reader may have this name: it becomes part of file names.
#[must_use]
pub fn is_reader_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=READER_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed)
}

/// One reader's files.
#[derive(Clone, Debug)]
pub struct DirectoryReaderFiles {
    directory: PathBuf,
    reader: String,
}

/// The reader and the range that a spill's file name says.
pub(crate) fn parse_spill_name(name: &str) -> Option<(&str, Position, Position)> {
    let (rest, end) = name.strip_prefix(SPILL_PREFIX)?.rsplit_once('-')?;
    let (reader, first) = rest.rsplit_once('-')?;
    let number = |text: &str| (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten();
    let (first, end) = (number(first)?, number(end)?);
    (first < end).then_some((reader, Position(first), Position(end)))
}

/// What a file of this name in a partition's directory is; `None` when it is no reader's.
pub(crate) fn reader_file_kind(name: &str) -> Option<ReaderFile> {
    let is_ours =
        name.starts_with(POSITION_PREFIX) || name.starts_with(SPILL_PREFIX) || name.starts_with(HISTORY_FILE);
    match name {
        _ if is_ours && name.ends_with(TEMPORARY) => Some(ReaderFile::Temporary),
        HISTORY_FILE => Some(ReaderFile::History),
        _ if name.starts_with(POSITION_PREFIX) => Some(ReaderFile::Position),
        _ if name.starts_with(SPILL_PREFIX) => Some(ReaderFile::Spill),
        _ => None,
    }
}

impl LifeId {
    /// A life that no directory had before.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random() -> io::Result<Self> {
        random_number().map(Self)
    }
}

/// Begins a life of a partition in its directory, which exists, and returns the whole history. When the file that keeps
/// it is damaged the history begins with this life: the second value says why. When it cannot be written, as on a full
/// disk, the life before this one goes on.
///
/// # Errors
/// When there is no life before this one that could go on.
pub fn begin_life(
    directory: &Path,
    partition: PartitionId,
    life: Life,
) -> io::Result<(History, Option<String>)> {
    let path = directory.join(HISTORY_FILE);
    let (before, damage) = match fs::read(&path) {
        Ok(bytes) => match History::decode(partition, &bytes) {
            Ok(history) => (history, None),
            Err(bad) => (History::default(), Some(format!("{}: {bad}", path.display()))),
        },
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => (History::default(), None),
        Err(cause) => (History::default(), Some(format!("{}: {cause}", path.display()))),
    };
    let mut history = before.clone();
    history.begin(life);
    match write_durably(&path, &history.encode(partition)) {
        Ok(()) => Ok((history, damage)),
        Err(_) if !before.lives().is_empty() => Ok((before, damage)),
        Err(cause) => Err(cause),
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = PathBuf::from(format!("{}{TEMPORARY}", path.display()));
    let create = File::options().write(true).create(true).truncate(true).mode(0o600).open(&temporary);
    let written = create.and_then(|mut file| {
        file.write_all(bytes)?;
        WriteBack::open(&temporary)?.wait()?;
        file.sync_all()
    });
    if let Err(cause) = written {
        // A full disk must not be fuller for it; what cannot be removed now is removed at the next start.
        let _ = fs::remove_file(&temporary);
        return Err(cause);
    }
    fs::rename(&temporary, path)?;
    sync_directory(path.parent().expect("a file has a directory"))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl DirectoryReaderFiles {
    /// The files of this reader in a partition's directory, which exists.
    ///
    /// # Panics
    /// When the name is none (`is_reader_name`).
    #[must_use]
    pub fn new(directory: PathBuf, reader: &str) -> Self {
        assert!(is_reader_name(reader), "{reader:?} is no name of a reader");
        Self { directory, reader: reader.to_owned() }
    }

    /// Removes what a crash left half-made, and the spills of readers that are no more: nobody would ever read them.
    /// Their positions stay. Returns the names of the files that held entries.
    pub fn clean(directory: &Path, readers: &[&str]) -> io::Result<Vec<String>> {
        let mut removed = Vec::new();
        for entry in fs::read_dir(directory)? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            if reader_file_kind(&name) == Some(ReaderFile::Temporary) {
                remove(&directory.join(&name))?;
            } else if let Some((reader, _, _)) = parse_spill_name(&name)
                && !readers.contains(&reader)
            {
                remove(&directory.join(&name))?;
                removed.push(name);
            }
        }
        Ok(removed)
    }

    fn position_path(&self) -> PathBuf {
        self.directory.join(format!("{POSITION_PREFIX}{}", self.reader))
    }

    fn spill_path(&self, spill: &SpillSummary) -> PathBuf {
        let (first, end) = (spill.first.0, spill.end.0);
        self.directory.join(format!("{SPILL_PREFIX}{}-{first:016x}-{end:016x}", self.reader))
    }
}

impl ReaderFiles for DirectoryReaderFiles {
    fn spills(&mut self) -> io::Result<Vec<SpillSummary>> {
        let mut spills = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some((reader, first, end)) = name.to_str().and_then(parse_spill_name) else { continue };
            if reader == self.reader {
                spills.push(SpillSummary { first, end, bytes: entry.metadata()?.len() });
            }
        }
        spills.sort_unstable();
        Ok(spills)
    }

    fn write_spill(&mut self, spill: &SpillSummary, bytes: &[u8]) -> io::Result<()> {
        write_durably(&self.spill_path(spill), bytes)
    }

    fn read_spill(&mut self, spill: &SpillSummary) -> io::Result<Vec<u8>> {
        fs::read(self.spill_path(spill))
    }

    fn remove_spill(&mut self, spill: &SpillSummary) -> io::Result<()> {
        remove(&self.spill_path(spill))
    }

    fn position(&mut self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.position_path()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    fn write_position(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_durably(&self.position_path(), bytes)
    }

    fn name(&self, spill: Option<&SpillSummary>) -> String {
        spill.map_or_else(|| self.position_path(), |spill| self.spill_path(spill)).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{DirectoryReaderFiles, is_reader_name};
    use crate::partition_reader::ReaderFiles;
    use crate::spill::SpillSummary;
    use crate::types::Position;

    #[test]
    fn files_are_one_readers_and_what_nobody_reads_goes() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut one = DirectoryReaderFiles::new(dir.path().to_owned(), "a");
        let mut other = DirectoryReaderFiles::new(dir.path().to_owned(), "a-b");
        let spill = |first, end| SpillSummary { first: Position(first), end: Position(end), bytes: 3 };
        one.write_spill(&spill(9, 12), b"xyz").expect("written");
        one.write_spill(&spill(1, 9), b"abc").expect("written");
        other.write_spill(&spill(2, 3), b"def").expect("written");
        one.write_position(b"first").expect("written");
        one.write_position(b"second").expect("written");
        std::fs::write(dir.path().join("spill-a-1.tmp"), b"half").expect("written");
        std::fs::write(dir.path().join("data.mdb"), b"not ours").expect("written");
        assert_eq!(one.spills().expect("listed"), [spill(1, 9), spill(9, 12)]);
        assert_eq!(one.read_spill(&spill(1, 9)).expect("read"), b"abc");
        assert_eq!(one.position().expect("read").as_deref(), Some(&b"second"[..]));
        assert_eq!(other.position().expect("read"), None);
        let removed = DirectoryReaderFiles::clean(dir.path(), &["a"]).expect("cleaned");
        assert_eq!(removed, ["spill-a-b-0000000000000002-0000000000000003"]);
        one.remove_spill(&spill(1, 9)).expect("removed");
        one.remove_spill(&spill(1, 9)).expect("no error");
        assert_eq!(one.spills().expect("listed"), [spill(9, 12)]);
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 3, "position, spill, data.mdb");
    }

    #[test]
    fn names_of_readers_are_fit_for_files() {
        for good in ["a", "jsonl", "audit_2", "to-lake"] {
            assert!(is_reader_name(good), "{good}");
        }
        for bad in ["", "A", "a/b", "..", "a.tmp", "ä", &"x".repeat(41)] {
            assert!(!is_reader_name(bad), "{bad}");
        }
    }
}
