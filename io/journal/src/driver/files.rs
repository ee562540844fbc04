//! The files of one journal: names, the identity file, opening, preparing, reading. Everything here blocks and runs at
//! start or on a side thread.
//!
//! Invariants: a file gets its final name only when its content is durable, and a rename is reported only when the
//! directory is. Files that are written hold an exclusive lock on their open description, which the kernel keeps
//! until the last write in flight is done, even after the process was killed: recovery waits for it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ringbolt_ring::fs::{AlignedBuf, OpenFlags, open_std};

use super::past::ReadBudget;
use crate::error::{Corruption, CorruptionKind, Error};
use crate::extent::{Extent, decode_extent, encode_extent, first_extent};
use crate::format::{BLOCK_BYTES, FORMAT_VERSION};
use crate::segment_job::SegmentJob;
use crate::segments::{JobError, Spare, segment_file_name, spare_file_name};
use crate::source::{SegmentFile, SegmentSource};
use crate::tail_ring::TailRing;
use crate::types::{JournalId, JournalNumber, Place, SegmentSequence, SpareNumber};

/// The first bytes of a journal's identity file.
const META_MAGIC: [u8; 8] = *b"RBJMETA\0";
/// The identity file's name.
const META_FILE: &str = "meta";
/// The name of the file that says which segments there must be.
const EXTENT_FILE: &str = "segments";
/// Zeros written at once when a file is prepared, in bytes.
const ZERO_BYTES: usize = 1 << 20;
/// How long to wait for the writes of a process that was killed.
const WRITERS_WAIT: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(10) };
/// How long to sleep between two looks at a locked file.
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// How files are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Past the page cache; a write is durable when it completes.
    Direct,
    /// Through the page cache, each write followed by a flush: where direct I/O is refused.
    Buffered,
}

impl Access {
    fn reading(self) -> OpenFlags {
        match self {
            Self::Direct => OpenFlags::READ,
            Self::Buffered => OpenFlags::READ | OpenFlags::BUFFERED,
        }
    }

    fn writing(self) -> OpenFlags {
        match self {
            Self::Direct => OpenFlags::WRITE | OpenFlags::DSYNC,
            Self::Buffered => OpenFlags::WRITE | OpenFlags::BUFFERED,
        }
    }
}

/// An I/O error with its file.
pub(super) fn failed(action: &'static str, path: &Path, cause: io::Error) -> Error {
    Error::Io { action, file: path.display().to_string(), offset: 0, cause }
}

/// The directory of a journal.
pub(super) fn journal_directory(data: &Path, number: JournalNumber) -> PathBuf {
    data.join(format!("journal-{number}"))
}

/// The directory's name while it is removed.
pub(super) fn retired_directory(data: &Path, number: JournalNumber) -> PathBuf {
    data.join(format!("retired-journal-{number}"))
}

/// Makes a directory's names durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A journal's directory, kept open, so that its names can be made durable when no descriptor is left.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    path: PathBuf,
    file: Arc<File>,
    extent: Arc<Mutex<KeptExtent>>,
}

/// The extent, and its file. File jobs are done one at a time.
#[derive(Debug)]
struct KeptExtent {
    file: File,
    journal: JournalId,
    number: u64,
    extent: Extent,
}

impl KeptExtent {
    fn set(&mut self, extent: Extent) -> io::Result<()> {
        if extent == self.extent {
            return Ok(());
        }
        let number = self.number + 1;
        let copy = encode_extent(self.journal, number, extent);
        self.file.write_all_at(&copy, number % 2 * BLOCK_BYTES as u64)?;
        self.file.sync_data()?;
        (self.number, self.extent) = (number, extent);
        Ok(())
    }
}

/// Where a journal keeps which segments there must be.
pub(crate) fn extent_path(directory: &Path) -> PathBuf {
    directory.join(EXTENT_FILE)
}

/// Reads which segments there must be, with the number of the copy that says it.
fn read_extent(directory: &Path, journal: JournalId) -> Result<(u64, Extent), Error> {
    let path = extent_path(directory);
    let bytes = fs::read(&path).map_err(|cause| failed("read", &path, cause))?;
    decode_extent(journal, &bytes).ok_or_else(|| {
        let (file, segment) = (path.display().to_string(), SegmentSequence(0));
        Error::Corrupt(Corruption { file, segment, offset: 0, kind: CorruptionKind::Extent })
    })
}

impl Directory {
    pub(super) fn open(path: PathBuf, journal: JournalId) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|cause| failed("open", &path, cause))?;
        let (number, extent) = read_extent(&path, journal)?;
        let name = path.join(EXTENT_FILE);
        let kept = File::options().write(true).open(&name).map_err(|cause| failed("open", &name, cause))?;
        let kept = KeptExtent { file: kept, journal, number, extent };
        Ok(Self { path, file: Arc::new(file), extent: Arc::new(Mutex::new(kept)) })
    }

    fn extent(&self) -> MutexGuard<'_, KeptExtent> {
        self.extent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

pub(super) fn random_number() -> io::Result<u128> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

fn meta_bytes(journal: JournalId) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK_BYTES];
    bytes[..8].copy_from_slice(&META_MAGIC);
    bytes[12..14].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes[16..32].copy_from_slice(&journal.0.to_le_bytes());
    let checksum = crc32c::crc32c(&bytes[12..]);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Creates a journal's directory with a new identity. It appears whole or not at all.
pub(super) fn create_journal(data: &Path, number: JournalNumber) -> Result<JournalId, Error> {
    let directory = journal_directory(data, number);
    let temporary = data.join(format!("journal-{number}.tmp"));
    let create = || -> io::Result<JournalId> {
        if temporary.exists() {
            fs::remove_dir_all(&temporary)?;
        }
        fs::create_dir(&temporary)?;
        let journal = JournalId(random_number()?);
        let meta = open_std(&temporary.join(META_FILE), OpenFlags::CREATE_NEW | OpenFlags::BUFFERED)?;
        meta.write_all_at(&meta_bytes(journal), 0)?;
        meta.sync_all()?;
        let extent = open_std(&temporary.join(EXTENT_FILE), OpenFlags::CREATE_NEW | OpenFlags::BUFFERED)?;
        extent.write_all_at(&first_extent(journal), 0)?;
        extent.sync_all()?;
        sync_directory(&temporary)?;
        fs::rename(&temporary, &directory)?;
        sync_directory(data)?;
        Ok(journal)
    };
    create().map_err(|cause| failed("create", &directory, cause))
}

/// Reads a journal's identity.
pub(crate) fn read_identity(directory: &Path) -> Result<JournalId, Error> {
    let path = directory.join(META_FILE);
    let bytes = fs::read(&path).map_err(|cause| failed("read", &path, cause))?;
    let damaged =
        |text: &'static str| failed("read", &path, io::Error::new(io::ErrorKind::InvalidData, text));
    if bytes.len() != BLOCK_BYTES || bytes[..8] != META_MAGIC {
        return Err(damaged("this is not a journal's identity file"));
    }
    if bytes[8..12] != crc32c::crc32c(&bytes[12..]).to_le_bytes() {
        return Err(damaged("the checksum does not match"));
    }
    let version = u16::from_le_bytes([bytes[12], bytes[13]]);
    if version != FORMAT_VERSION {
        return Err(Error::Version { file: path.display().to_string(), offset: 12, version });
    }
    Ok(JournalId(u128::from_le_bytes(bytes[16..32].try_into().expect("sixteen bytes"))))
}

fn number_in(name: &str, prefix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(".log")?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok())?
}

/// The names in a directory that are valid text.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// The numbers of all journals in a data directory, rising.
///
/// # Errors
/// When the directory cannot be listed.
pub fn journal_numbers(data: &Path) -> io::Result<Vec<JournalNumber>> {
    let number = |name: &String| name.strip_prefix("journal-")?.parse().ok().map(JournalNumber);
    let mut numbers: Vec<JournalNumber> = names(data)?.iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Removes what an interrupted start or removal left in the data directory.
pub(super) fn clean_data_directory(data: &Path) -> io::Result<()> {
    for name in names(data)? {
        let leftover = name.starts_with("journal-") && name.ends_with(".tmp");
        if leftover || name.starts_with("retired-journal-") {
            fs::remove_dir_all(data.join(name))?;
        }
    }
    Ok(())
}

/// Removes unfinished files and spares of another size; the spares that are left, oldest first.
pub(super) fn clean_spares(directory: &Path, segment_bytes: u64) -> io::Result<Vec<Spare>> {
    let mut spares = Vec::new();
    for name in names(directory)? {
        let path = directory.join(&name);
        if name.ends_with(".tmp") {
            fs::remove_file(&path)?;
        } else if let Some(number) = number_in(&name, "spare-") {
            let bytes = fs::metadata(&path)?.len();
            if bytes == segment_bytes {
                spares.push(Spare { number: SpareNumber(number), bytes });
            } else {
                fs::remove_file(&path)?;
            }
        }
    }
    spares.sort_unstable_by_key(|spare| spare.number);
    Ok(spares)
}

fn lock(file: &File, patience: Duration) -> io::Result<bool> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
    }
}

/// Opens a segment for writing, and locks it.
pub(super) fn open_for_writing(
    directory: &Path,
    sequence: SegmentSequence,
    access: Access,
) -> Result<File, Error> {
    open_locked(&directory.join(segment_file_name(sequence)), access)
}

fn open_locked(path: &Path, access: Access) -> Result<File, Error> {
    let file = open_std(path, access.writing()).map_err(|cause| failed("open", path, cause))?;
    match lock(&file, WRITERS_WAIT) {
        Ok(true) => Ok(file),
        Ok(false) => Err(Error::Busy { file: path.display().to_string() }),
        Err(cause) => Err(failed("lock", path, cause)),
    }
}

/// Refuses a file that has lost its name: what is written to it would be gone with the process.
pub(super) fn check_named(file: &File) -> io::Result<()> {
    match file.metadata()?.nlink() {
        0 => Err(io::Error::new(io::ErrorKind::NotFound, "the file was removed while it was open")),
        _ => Ok(()),
    }
}

/// Waits until no write of an earlier process is under way in any of the journal's segments.
pub(super) fn wait_for_writers(source: &mut DirectorySource) -> Result<(), Error> {
    let directory = source.directory.clone();
    let segments = source.segments().map_err(|cause| failed("list", &directory, cause))?;
    for segment in segments {
        open_for_writing(&directory, segment.sequence, source.access)?;
    }
    Ok(())
}

/// Reserves a file's blocks, so that a full disk shows before anything is written. File systems that cannot are
/// left to find out while writing.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    let length = libc::off_t::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    // SAFETY: the descriptor is open for the duration of the call, which takes no pointers.
    if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, length) } == 0 {
        return Ok(());
    }
    let cause = io::Error::last_os_error();
    match cause.raw_os_error() {
        Some(libc::EOPNOTSUPP | libc::ENOSYS) => Ok(()),
        Some(_) | None => Err(cause),
    }
}

fn write_zeros(path: &Path, bytes: u64, access: Access) -> io::Result<()> {
    let flags = match access {
        Access::Direct => OpenFlags::CREATE_NEW,
        Access::Buffered => OpenFlags::CREATE_NEW | OpenFlags::BUFFERED,
    };
    let file = open_std(path, flags)?;
    reserve(&file, bytes)?;
    let zeros = AlignedBuf::zeroed(ZERO_BYTES.min(usize::try_from(bytes).unwrap_or(ZERO_BYTES)));
    let mut offset = 0;
    while offset < bytes {
        let chunk = zeros.len().min(usize::try_from(bytes - offset).unwrap_or(usize::MAX));
        file.write_all_at(&zeros[..chunk], offset)?;
        offset += chunk as u64;
    }
    file.sync_all()
}

/// Creates a file of zeros under a spare's name. On failure nothing is left behind.
fn create_spare(directory: &Directory, path: &Path, bytes: u64, access: Access) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let create = || {
        write_zeros(&temporary, bytes, access)?;
        fs::rename(&temporary, path)?;
        directory.file.sync_all()
    };
    create().inspect_err(|_| {
        // What cannot be removed either is removed at the next start.
        for name in [temporary.as_path(), path] {
            let _ = fs::remove_file(name);
        }
    })
}

/// Does a file job, durably. An installed segment comes back open for writing. What needs a descriptor comes before the
/// first change of a name: from there on only the directory's, which is open, is used.
pub(super) fn run_job(
    directory: &Directory,
    access: Access,
    job: SegmentJob,
) -> Result<Option<File>, JobError> {
    let segment = |sequence| directory.path.join(segment_file_name(sequence));
    let spare_path = |number| directory.path.join(spare_file_name(number));
    let mut opened = None;
    let mut kept = directory.extent();
    let before = kept.extent.before(job);
    kept.set(before)?;
    match job {
        SegmentJob::Create { spare, bytes } => {
            create_spare(directory, &spare_path(spare), bytes, access)?;
            return Ok(None);
        }
        SegmentJob::Install { spare, sequence } => {
            opened = Some(open_locked(&spare_path(spare), access).map_err(not_opened)?);
            fs::rename(spare_path(spare), segment(sequence))?;
        }
        SegmentJob::Recycle { sequence, spare } => fs::rename(segment(sequence), spare_path(spare))?,
        SegmentJob::Remove { sequence } => fs::remove_file(segment(sequence))?,
    }
    directory.file.sync_all().map_err(JobError::Uncertain)?;
    kept.set(before.after(job)).map_err(JobError::Uncertain)?;
    Ok(opened)
}

/// The operating system's reason, by which a job's failure is judged.
fn not_opened(error: Error) -> io::Error {
    match error {
        Error::Io { cause, .. } => cause,
        other => io::Error::other(other),
    }
}

/// A journal's directory as a source of bytes. It keeps the segment that it read last open.
#[derive(Debug)]
pub struct DirectorySource {
    directory: PathBuf,
    access: Access,
    open: Option<(SegmentSequence, File)>,
    /// None where as much may be read as there is.
    budget: Option<Arc<ReadBudget>>,
    /// What the journal has written last, where it is being written.
    ring: Option<Arc<TailRing>>,
}

impl DirectorySource {
    pub(crate) fn new(directory: PathBuf, access: Access) -> Self {
        Self { directory, access, open: None, budget: None, ring: None }
    }

    /// The same, of a journal that is being written.
    pub(super) fn behind(self, ring: Arc<TailRing>) -> Self {
        Self { ring: Some(ring), ..self }
    }

    /// The same, which reads no more than a budget has left.
    pub(super) fn within(self, budget: Option<Arc<ReadBudget>>) -> Self {
        Self { budget, ..self }
    }
}

impl SegmentSource for DirectorySource {
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>> {
        let mut files = Vec::new();
        for name in names(&self.directory)? {
            if let Some(sequence) = number_in(&name, "segment-") {
                let bytes = match fs::metadata(self.directory.join(&name)) {
                    Ok(metadata) => metadata.len() / BLOCK_BYTES as u64 * BLOCK_BYTES as u64,
                    // It was given up between the listing and the look at it.
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                    Err(cause) => return Err(cause),
                };
                files.push(SegmentFile { sequence: SegmentSequence(sequence), bytes });
            }
        }
        files.sort_unstable_by_key(|file| file.sequence);
        Ok(files)
    }

    fn extent(&mut self) -> Result<Extent, Error> {
        let journal = read_identity(&self.directory)?;
        read_extent(&self.directory, journal).map(|(_, extent)| extent)
    }

    fn read_at(&mut self, segment: SegmentSequence, offset: u64, into: &mut [u8]) -> io::Result<()> {
        if let Some(budget) = &self.budget {
            budget.spend(into.len())?;
        }
        if self.open.as_ref().is_none_or(|(open, _)| *open != segment) {
            let path = self.directory.join(segment_file_name(segment));
            self.open = Some((segment, open_std(&path, self.access.reading())?));
        }
        let (_, file) = self.open.as_ref().expect("just opened");
        file.read_exact_at(into, offset)
    }

    fn written(&self, place: Place) -> Option<Arc<[u8]>> {
        self.ring.as_ref()?.find(place)
    }

    fn rest(&self) {
        if let Some(ring) = &self.ring {
            ring.forget_old();
        }
    }

    fn name(&self, segment: SegmentSequence) -> String {
        self.directory.join(segment_file_name(segment)).display().to_string()
    }
}
