//! `ringbolt verify DIR`: reads every byte of a data directory that nobody uses, and says what is wrong where.
//!
//! Invariants: it writes nothing and holds the directory's lock meanwhile; one line for each thing that it read, one line
//! beginning with `DAMAGED` for each thing that is wrong.

use clap::Args;
use ringbolt_broker::{DIRECTORY_FORMAT, DataDirectory, DirectoryError};
use ringbolt_documents::{Verified, verify_documents};
use ringbolt_journal::{
    EntryKind, FileFinding, Filter, ReaderFile, Recovery, verify_journal, verify_reader_file,
};
use ringbolt_record::{EntryRef, PartitionId};
use ringbolt_store::{DAMAGE_MARKER, Mark, verify_base};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Nothing is wrong.
const SOUND: u8 = 0;
/// Something is damaged.
const DAMAGED: u8 = 1;
/// The directory could not be verified: it is in use, of another format, or none.
const NOT_VERIFIED: u8 = 2;

/// Files that are the base's, beside those of readers.
const BASE_FILES: [&str; 4] = ["data.mdb", "lock.mdb", "creating", DAMAGE_MARKER];
const DIRECTORY_FILES: [&str; 3] = ["RINGBOLT", "LOCK", DOCUMENTS];
const DOCUMENTS: &str = "documents";

/// What to verify.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Directory of log and state. No server may use it.
    #[arg(value_name = "DIR", env = "RINGBOLT_DATA_DIR", default_value = crate::config::DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
}

/// Verifies the directory, prints what it found, and says how the program ends.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &VerifyArgs) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    match DataDirectory::open_existing(&args.data_dir) {
        Ok(directory) => {
            let mut verifier = Verifier { out: &mut out, damages: 0, marks: BTreeMap::new() };
            verifier.directory(&directory)?;
            let damages = verifier.damages;
            writeln!(out, "{}: {}", args.data_dir.display(), verdict(damages))?;
            Ok(ExitCode::from(if damages == 0 { SOUND } else { DAMAGED }))
        }
        Err(error @ DirectoryError::Meta { .. }) => {
            writeln!(out, "DAMAGED {error}")?;
            Ok(ExitCode::from(DAMAGED))
        }
        Err(error) => {
            eprintln!("ringbolt: {error}");
            Ok(ExitCode::from(NOT_VERIFIED))
        }
    }
}

fn verdict(damages: u64) -> String {
    match damages {
        0 => "sound".to_owned(),
        1 => "1 damage".to_owned(),
        more => format!("{more} damages"),
    }
}

fn journal_partition(id: PartitionId) -> ringbolt_journal::PartitionId {
    ringbolt_journal::PartitionId(u32::from(id.0))
}

struct Verifier<'a> {
    out: &'a mut dyn Write,
    damages: u64,
    /// What the intact states contain.
    marks: BTreeMap<PartitionId, Mark>,
}

impl Verifier<'_> {
    fn damage(&mut self, file: impl AsRef<Path>, offset: u64, what: &str) -> io::Result<()> {
        self.damages += 1;
        writeln!(self.out, "DAMAGED {} at offset {offset}: {what}", file.as_ref().display())
    }

    fn findings(&mut self, findings: &[FileFinding]) -> io::Result<()> {
        findings.iter().try_for_each(|found| self.damage(&found.file, found.offset, &found.what))
    }

    fn directory(&mut self, directory: &DataDirectory) -> io::Result<()> {
        let (path, partitions) = (directory.path(), directory.partitions());
        writeln!(
            self.out,
            "{}: format {DIRECTORY_FORMAT}, {partitions} partitions",
            path.join("RINGBOLT").display()
        )?;
        for id in (1..=partitions).map(PartitionId) {
            self.partition(path, id)?;
        }
        let are_whole = self.journals(path)?;
        if are_whole {
            self.log_against_states(path, partitions)?;
        }
        self.documents(&path.join(DOCUMENTS))?;
        self.strangers(path, partitions)
    }

    fn partition(&mut self, data: &Path, id: PartitionId) -> io::Result<()> {
        let path = data.join(format!("partition-{id}"));
        let base = path.join("data.mdb");
        match verify_base(&path) {
            Ok(report) => {
                writeln!(
                    self.out,
                    "{}: {} bytes, {} rows on {} pages, {} free pages",
                    base.display(),
                    report.bytes,
                    report.rows,
                    report.pages_used,
                    report.pages_free
                )?;
                for found in &report.findings {
                    self.damage(&base, found.offset, &found.what)?;
                }
                if report.more_findings > 0 {
                    self.damage(&base, 0, &format!("and {} more", report.more_findings))?;
                }
                if report.is_sound() {
                    self.marks.insert(id, report.mark.unwrap_or_default());
                }
            }
            Err(cause) => self.damage(&base, 0, &format!("cannot be read: {cause}"))?,
        }
        let Ok(entries) = fs::read_dir(&path) else { return Ok(()) };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        for file in files {
            self.partition_file(&file, id)?;
        }
        Ok(())
    }

    fn partition_file(&mut self, file: &Path, id: PartitionId) -> io::Result<()> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == DAMAGE_MARKER {
            let seen = fs::read(file).unwrap_or_default();
            let seen = String::from_utf8_lossy(&seen).trim().to_owned();
            return writeln!(self.out, "{}: left by a run that saw: {seen}", file.display());
        }
        match verify_reader_file(file, journal_partition(id)) {
            Some((kind, bytes, findings)) => {
                let what = match kind {
                    ReaderFile::Position => "an exporter's position",
                    ReaderFile::Spill => "entries copied for an exporter",
                    ReaderFile::History => "the partition's history",
                    ReaderFile::Temporary => "half-made, removed at the next start",
                };
                writeln!(self.out, "{}: {bytes} bytes, {what}", file.display())?;
                self.findings(&findings)
            }
            None if BASE_FILES.contains(&name.as_str()) => Ok(()),
            None => writeln!(self.out, "{}: not Ringbolt's, not looked at", file.display()),
        }
    }

    /// Verifies all journals; whether all are whole.
    fn journals(&mut self, data: &Path) -> io::Result<bool> {
        let before = self.damages;
        for number in ringbolt_journal::journal_numbers(data)? {
            let path = data.join(format!("journal-{number}"));
            let report = verify_journal(&path, number)?;
            let (segments, batches) =
                report.scan.as_ref().map_or((0, 0), |scan| (scan.segments.len(), scan.batches));
            let bytes = report.bytes;
            writeln!(
                self.out,
                "{}: {bytes} bytes, {batches} batches in {segments} segments",
                path.display()
            )?;
            if let Some(torn) = report.scan.as_ref().and_then(|scan| scan.torn.as_ref()) {
                let (file, offset) = (&torn.file, torn.place.offset);
                writeln!(
                    self.out,
                    "{file} at offset {offset}: a torn tail, cut at the next start: what a crash leaves, or damage to the last write"
                )?;
            }
            self.findings(&report.findings)?;
        }
        Ok(self.damages == before)
    }

    /// Reads every entry of every journal, and looks whether each partition's log goes on where its state ends.
    fn log_against_states(&mut self, data: &Path, partitions: u16) -> io::Result<()> {
        let recovery = match Recovery::inspect(data) {
            Ok(recovery) => recovery,
            Err(error) => return self.damage(data, 0, &error.to_string()),
        };
        let mut next: BTreeMap<PartitionId, u64> = BTreeMap::new();
        let (mut entries, mut records) = (0_u64, 0_u64);
        let mut stream = recovery.entries(Filter::All);
        loop {
            let entry = match stream.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(error) => return self.damage(data, 0, &error.to_string()),
            };
            if entry.frame.kind != EntryKind::Records {
                continue;
            }
            let id = PartitionId(u16::try_from(entry.frame.partition.0).unwrap_or(u16::MAX));
            let (first, end) = (entry.frame.position.0, entry.frame.end().0);
            entries += 1;
            let parsed =
                EntryRef::parse(entry.payload()).map_err(|error| error.to_string()).and_then(|content| {
                    content
                        .records()
                        .try_fold(0, |count, record| record.map(|_| count + 1).map_err(|e| e.to_string()))
                });
            let from = *next.entry(id).or_insert(first);
            next.insert(id, end);
            if id.0 > partitions {
                self.damage(data, 0, &format!("the log has entries of partition {id}, which is none"))?;
            }
            if first < from || (first > from && !self.is_in_state(id, first - 1)) {
                let what = format!("the log of partition {id} goes from position {from} on at {first}");
                self.damage(data, 0, &what)?;
            }
            match parsed {
                Ok(count) => records += count,
                Err(why) => {
                    self.damage(data, 0, &format!("partition {id}, entry at position {first}: {why}"))?
                }
            }
        }
        writeln!(self.out, "{}: {entries} entries of the log with {records} records", data.display())?;
        let firsts: BTreeMap<u32, u64> =
            recovery.partitions().into_iter().map(|range| (range.partition.0, range.first.0)).collect();
        for (id, mark) in std::mem::take(&mut self.marks) {
            let first = firsts.get(&u32::from(id.0)).copied().filter(|_| next.contains_key(&id));
            if let Some(first) = first.filter(|first| *first > mark.position + 1) {
                let state = mark.position;
                let what = format!(
                    "the state of partition {id} ends at position {state}, but the log goes on at {first}: an older segment is missing"
                );
                self.damage(data, 0, &what)?;
            }
        }
        Ok(())
    }

    /// Whether the log up to this position may be gone: the partition's state contains it. Where partitions went from core to core, an
    /// older journal may hold entries from before what a newer one has released. Of a damaged state nothing is known beside its damage.
    fn is_in_state(&self, id: PartitionId, position: u64) -> bool {
        self.marks.get(&id).is_none_or(|mark| position <= mark.position)
    }

    fn documents(&mut self, directory: &Path) -> io::Result<()> {
        for Verified { path, bytes, what } in verify_documents(directory)? {
            match what {
                Ok(what) => writeln!(self.out, "{}: {bytes} bytes, {what}", path.display())?,
                Err(what) => self.damage(path, 0, &what)?,
            }
        }
        Ok(())
    }

    /// What stands in the directory and belongs to nobody.
    fn strangers(&mut self, data: &Path, partitions: u16) -> io::Result<()> {
        for entry in fs::read_dir(data)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let number = |prefix: &str| name.strip_prefix(prefix).and_then(|text| text.parse::<u32>().ok());
            let is_partition =
                number("partition-").is_some_and(|id| (1..=u32::from(partitions)).contains(&id));
            let is_ours = is_partition
                || number("journal-").is_some()
                || DIRECTORY_FILES.contains(&name.as_str())
                || name.starts_with("retired-journal-");
            if !is_ours {
                writeln!(self.out, "{}: not looked at", data.join(name).display())?;
            }
        }
        Ok(())
    }
}
