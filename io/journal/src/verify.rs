//! Verifies what this crate wrote into a data directory, offline: journals with every batch and entry, and the files of
//! readers: positions, spills, histories.
//!
//! Invariants: it changes nothing; a journal's walk ends at its first damage, because what follows cannot be told from what
//! an earlier use of the file left; every byte of every file is read nevertheless, so that what the device cannot read is named.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::driver::{Access, DirectorySource, parse_spill_name};
use crate::error::{Corruption, Error};
use crate::extent::damaged_copies;
use crate::history::History;
use crate::scan::{Scan, scan};
use crate::spill::{Spill, SpillSummary, decode_position};
use crate::types::{JournalNumber, PartitionId};

/// Bytes read at once when only readability is in question.
const READ_BYTES: usize = 1 << 20;
/// What is tried one by one where such a read fails.
const SECTOR_BYTES: usize = 4096;

/// Something that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// Which file.
    pub file: String,
    /// Where, in bytes from its beginning.
    pub offset: u64,
    /// What.
    pub what: String,
}

/// One journal, as a look at all of it found it.
#[derive(Debug)]
pub struct JournalReport {
    /// Which journal.
    pub number: JournalNumber,
    /// Bytes of all its files; all of them were read.
    pub bytes: u64,
    /// Its batches; `None` if it has no segment yet, or damage.
    pub scan: Option<Scan>,
    /// What is wrong.
    pub findings: Vec<FileFinding>,
}

fn finding(path: &Path, offset: u64, what: impl ToString) -> FileFinding {
    FileFinding { file: path.display().to_string(), offset, what: what.to_string() }
}

/// Reads a file to its end; what cannot be read is a finding. Returns its size.
fn read_through(path: &Path, findings: &mut Vec<FileFinding>) -> u64 {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) = match opened {
        Ok(opened) => opened,
        Err(cause) => {
            findings.push(finding(path, 0, format!("cannot be read: {cause}")));
            return 0;
        }
    };
    let mut buffer = vec![0; READ_BYTES];
    let mut at = 0;
    while at < bytes {
        let chunk = READ_BYTES.min(usize::try_from(bytes - at).unwrap_or(READ_BYTES));
        if file.read_exact_at(&mut buffer[..chunk], at).is_err() {
            for from in (0..chunk).step_by(SECTOR_BYTES) {
                let end = chunk.min(from + SECTOR_BYTES);
                if let Err(cause) = file.read_exact_at(&mut buffer[from..end], at + from as u64) {
                    findings.push(finding(path, at + from as u64, format!("cannot be read: {cause}")));
                }
            }
        }
        at += chunk as u64;
    }
    bytes
}

fn of_error(directory: &Path, error: Error) -> FileFinding {
    match error {
        Error::Corrupt(Corruption { file, offset, kind, .. }) => {
            FileFinding { file, offset, what: kind.to_string() }
        }
        Error::Io { file, offset, cause, .. } => FileFinding { file, offset, what: cause.to_string() },
        Error::Version { file, offset, version } => {
            FileFinding { file, offset, what: format!("format version {version}") }
        }
        other => finding(directory, 0, other),
    }
}

/// Verifies the journal in a directory of its own. Nobody may use it meanwhile. Blocks.
///
/// # Errors
/// When the directory cannot be listed.
pub fn verify_journal(directory: &Path, number: JournalNumber) -> io::Result<JournalReport> {
    let mut report = JournalReport { number, bytes: 0, scan: None, findings: Vec::new() };
    for entry in fs::read_dir(directory)? {
        report.bytes += read_through(&entry?.path(), &mut report.findings);
    }
    let mut source = DirectorySource::new(directory.to_owned(), Access::Buffered);
    let identity = crate::driver::read_identity(directory);
    if let Ok(journal) = &identity {
        let path = crate::driver::extent_path(directory);
        let damaged = damaged_copies(*journal, &fs::read(&path).unwrap_or_default());
        let what = "this copy of which segments there must be is damaged";
        report.findings.extend(damaged.into_iter().map(|offset| finding(&path, offset, what)));
    }
    let scanned = identity.and_then(|journal| scan(&mut source, journal));
    match scanned {
        Ok(scan) => report.scan = scan,
        Err(error) => report.findings.push(of_error(directory, error)),
    }
    Ok(report)
}

/// What a reader's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderFile {
    /// How far a reader has acknowledged.
    Position,
    /// Entries copied out of the log.
    Spill,
    /// The partition's lives.
    History,
    /// Half-made; removed at the next start.
    Temporary,
}

/// Verifies a file in a partition's directory if it is a reader's. `None` if it is none.
#[must_use]
pub fn verify_reader_file(
    path: &Path,
    partition: PartitionId,
) -> Option<(ReaderFile, u64, Vec<FileFinding>)> {
    let name = path.file_name()?.to_str()?;
    let kind = crate::driver::reader_file_kind(name)?;
    let mut findings = Vec::new();
    let bytes = read_through(path, &mut findings);
    let content = fs::read(path);
    let judged = match (kind, content) {
        (_, Err(cause)) => Err(format!("cannot be read: {cause}")),
        (ReaderFile::Temporary, Ok(_)) => Ok(()),
        (ReaderFile::Position, Ok(content)) => {
            decode_position(partition, &content).map(drop).map_err(|bad| bad.to_string())
        }
        (ReaderFile::History, Ok(content)) => {
            History::decode(partition, &content).map(drop).map_err(|bad| bad.to_string())
        }
        (ReaderFile::Spill, Ok(content)) => judge_spill(name, partition, content),
    };
    if let Err(what) = judged {
        findings.push(finding(path, 0, what));
    }
    Some((kind, bytes, findings))
}

/// A spill holds what its name says, entry after entry.
fn judge_spill(name: &str, partition: PartitionId, content: Vec<u8>) -> Result<(), String> {
    let (_, first, end) = parse_spill_name(name).ok_or("its name names no positions")?;
    let bytes = content.len() as u64;
    let mut spill = Spill::verify(partition, content).map_err(|bad| bad.to_string())?;
    let named = SpillSummary { first, end, bytes };
    if spill.summary() != named {
        return Err(format!("it holds {:?}, its name says {named:?}", spill.summary()));
    }
    let mut next = first;
    while let Some(entry) = spill.next_entry() {
        if entry.frame.partition != partition || entry.frame.position < next {
            return Err(format!("an entry at position {} is out of place", entry.frame.position));
        }
        next = entry.frame.end();
    }
    if next == end { Ok(()) } else { Err(format!("its entries end at position {next}, not {end}")) }
}
