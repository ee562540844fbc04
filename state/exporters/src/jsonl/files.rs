//! The files of the sink: their names, and what a crash or an error left in the last of them.

use ringbolt_record::json::position_of;
use ringbolt_record::{PartitionId, Position};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

const ENDING: &str = ".jsonl";
/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// Device and number of a file, which its name can lose.
pub(super) type Identity = (u64, u64);

pub(super) fn identity_of(file: &File) -> io::Result<Identity> {
    file.metadata().map(|metadata| (metadata.dev(), metadata.ino()))
}

pub(super) fn identity_at(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The name of a file whose first line has this position.
pub(super) fn file_name(partition: PartitionId, first: Position) -> String {
    format!("partition-{partition}-{:020}{ENDING}", first.0)
}

/// A partition's files by their first position; others in the directory are left alone.
pub(super) fn list(directory: &Path, partition: PartitionId) -> io::Result<Vec<(u64, PathBuf)>> {
    let prefix = format!("partition-{partition}-");
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(ENDING)?.parse().ok());
        if let Some(first) = number {
            files.push((first, entry.path()));
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A file that can be gone on with.
#[derive(Debug)]
pub(super) struct Recovered {
    /// At its end.
    pub(super) file: File,
    /// Its bytes, all of them durable whole lines.
    pub(super) bytes: u64,
    /// Position of its last line.
    pub(super) last: Position,
}

/// How far whole lines in rising order reach.
#[derive(Debug, Default)]
struct Scan {
    bytes: u64,
    last: Option<Position>,
    /// Where the first line stands whose position is not acknowledged.
    doubtful_from: Option<u64>,
    /// A line was not whole or out of order: it and what follows does not count.
    is_over: bool,
}

impl Scan {
    /// Takes the next line; false when it is not whole or out of order.
    fn take(&mut self, line: &[u8], partition: PartitionId, acknowledged: Position) -> bool {
        let Some((of, position)) = position_of(line) else { return false };
        let follows = self.last.is_none_or(|last| last < position);
        if of != u32::from(partition.0) || !follows || !line.ends_with(b"}\n") || line.contains(&0) {
            return false;
        }
        if position >= acknowledged {
            self.doubtful_from.get_or_insert(self.bytes);
        }
        self.bytes += line.len() as u64;
        self.last = Some(position);
        true
    }
}

/// What a crash leaves is never acknowledged. A line that is, behind one that is not whole, means that the file was
/// damaged: cutting it would lose records that are nowhere else.
fn check_unacknowledged(line: &[u8], acknowledged: Position, damage_at: u64) -> io::Result<()> {
    match position_of(line) {
        Some((_, position)) if position < acknowledged => {
            let text = format!(
                "the line at byte {damage_at} is damaged, and acknowledged lines follow: move the file away"
            );
            Err(io::Error::new(io::ErrorKind::InvalidData, text))
        }
        Some(_) | None => Ok(()),
    }
}

fn scan(file: &mut File, partition: PartitionId, acknowledged: Position) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let (mut buffer, mut begun) = (vec![0; READ_BYTES], Vec::new());
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(scan),
            Ok(read) => read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        let mut rest = &buffer[..read];
        while let Some(at) = memchr::memchr(b'\n', rest) {
            begun.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 1..];
            if scan.is_over {
                check_unacknowledged(&begun, acknowledged, scan.bytes)?;
            } else {
                scan.is_over = !scan.take(&begun, partition, acknowledged);
            }
            begun.clear();
        }
        begun.extend_from_slice(rest);
    }
}

/// Cuts what is not a whole line and makes the rest durable. `trusted_bytes` is how many bytes are known to be durable
/// after an error in this process: what stands behind them may be in memory only and is cut. After a start that is
/// not known, so what is not acknowledged is written once more. `None` when no line is left.
pub(super) fn recover(
    path: &Path,
    partition: PartitionId,
    acknowledged: Position,
    trusted_bytes: Option<u64>,
) -> io::Result<Option<Recovered>> {
    let mut file = File::options().read(true).write(true).open(path)?;
    if let Some(trusted) = trusted_bytes
        && file.metadata()?.len() > trusted
    {
        file.set_len(trusted)?;
    }
    let found = scan(&mut file, partition, acknowledged)?;
    let Some(last) = found.last else { return Ok(None) };
    if file.metadata()?.len() > found.bytes {
        file.set_len(found.bytes)?;
    }
    if let Some(from) = found.doubtful_from {
        write_again(&mut file, from, found.bytes)?;
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(found.bytes))?;
    Ok(Some(Recovered { file, bytes: found.bytes, last }))
}

fn write_again(file: &mut File, from: u64, end: u64) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut at = from;
    while at < end {
        let chunk = READ_BYTES.min(usize::try_from(end - at).unwrap_or(READ_BYTES));
        file.read_exact_at(&mut buffer[..chunk], at)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&buffer[..chunk])?;
        at += chunk as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{file_name, list, recover};
    use ringbolt_record::json::write_gap;
    use ringbolt_record::{PartitionId, Position};
    use std::fs;

    fn line(position: u64) -> Vec<u8> {
        let mut line = Vec::new();
        write_gap(&mut line, 1, Position(position), Position(position));
        line.push(b'\n');
        line
    }

    #[test]
    fn every_torn_tail_is_cut_at_its_last_whole_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file_name(PartitionId(1), Position(1)));
        let whole: Vec<u8> = [1, 2, 3].into_iter().flat_map(line).collect();
        let first = line(1).len();
        for bytes in 0..=whole.len() {
            for acknowledged in [1, 3, 9] {
                fs::write(&path, &whole[..bytes]).unwrap();
                let left = recover(&path, PartitionId(1), Position(acknowledged), None).unwrap();
                let lines = bytes / first;
                assert_eq!(left.as_ref().map(|left| left.last.0), (lines > 0).then_some(lines as u64));
                if left.is_some() {
                    assert_eq!(fs::read(&path).unwrap(), &whole[..lines * first], "{bytes}");
                }
            }
        }
    }

    #[test]
    fn holes_and_what_does_not_follow_are_cut_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file_name(PartitionId(1), Position(1)));
        let zeros = vec![0; 20];
        for tail in
            [&zeros, &[&zeros[..], b"\n", &line(3)].concat(), &line(2), &b"{\"position\":9}\n".to_vec()]
        {
            fs::write(&path, [&line(1)[..], &line(2), tail].concat()).unwrap();
            let left = recover(&path, PartitionId(1), Position(1), None).unwrap().expect("lines");
            assert_eq!((left.last, left.bytes), (Position(2), 2 * line(1).len() as u64));
        }
        fs::write(&path, [line(1), line(2)].concat()).unwrap();
        let left = recover(&path, PartitionId(1), Position(1), Some(line(1).len() as u64)).unwrap();
        assert_eq!(left.expect("a line").last, Position(1), "only what is known to be durable");
        assert!(recover(&path, PartitionId(2), Position(1), None).unwrap().is_none(), "another partition's");
        let rotten = [line(1), b"{\"rot\n".to_vec(), line(3)].concat();
        fs::write(&path, &rotten).unwrap();
        let error = recover(&path, PartitionId(1), Position(4), None).expect_err("3 is acknowledged");
        assert!(error.to_string().contains("damaged"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), rotten, "nothing of it is cut");
    }

    #[test]
    fn files_are_listed_by_partition_and_position() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["partition-1-20.jsonl", "partition-1-3.jsonl", "partition-11-1.jsonl", "notes.txt"] {
            fs::write(dir.path().join(name), b"").unwrap();
        }
        let found: Vec<u64> = list(dir.path(), PartitionId(1)).unwrap().iter().map(|(at, _)| *at).collect();
        assert_eq!(found, [3, 20]);
    }
}
