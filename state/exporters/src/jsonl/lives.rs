//! In which lives of the data directory a partition's files were written: `partition-<n>.lives`, at most two lines of a
//! life (32 hexadecimal digits) and the first position that was written in it.
//!
//! Invariant: a life stands here, durably, before a line of it is written. A last line belongs to the last life that
//! begins at or before it.

use ringbolt_record::{PartitionId, Position};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A partition's lives, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lives(Vec<(u128, Position)>);

pub(super) fn path(directory: &Path, partition: PartitionId) -> PathBuf {
    directory.join(format!("partition-{partition}.lives"))
}

fn parse(line: &str) -> Option<(u128, Position)> {
    let (life, first) = line.split_once(' ')?;
    let life = (life.len() == 32).then(|| u128::from_str_radix(life, 16).ok())??;
    Some((life, Position(first.parse().ok()?)))
}

impl Lives {
    /// What stands in the file; nothing where there is none or it makes no sense: then nobody knows whose the lines are.
    pub(super) fn read(directory: &Path, partition: PartitionId) -> io::Result<Self> {
        match fs::read(path(directory, partition)) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Ok(Self(text.lines().map(parse).collect::<Option<_>>().unwrap_or_default()))
            }
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(cause),
        }
    }

    /// In which life a line at this position was written.
    pub(super) fn of(&self, position: Position) -> Option<u128> {
        self.0.iter().rev().find(|(_, first)| *first <= position).map(|(life, _)| *life)
    }

    /// From this position on lines are written in a life. False when that stood there already.
    pub(super) fn begin(&mut self, life: u128, first: Position) -> bool {
        if self.0.last().is_some_and(|(last, begun)| *last == life && *begun <= first) {
            return false;
        }
        // Lives that wrote nothing leave no trace, and of those before only the last one matters.
        self.0.retain(|(_, begun)| *begun < first);
        self.0.drain(..self.0.len().saturating_sub(1));
        self.0.push((life, first));
        true
    }

    /// Durable when it returns.
    pub(super) fn write(&self, directory: &Path, partition: PartitionId) -> io::Result<()> {
        let text: String = self.0.iter().map(|(life, first)| format!("{life:032x} {}\n", first.0)).collect();
        let path = path(directory, partition);
        let fresh = path.with_extension("lives.tmp");
        let mut file = File::create(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(directory)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::Lives;
    use ringbolt_record::{PartitionId, Position};

    #[test]
    fn a_line_belongs_to_the_life_that_wrote_it() {
        let mut lives = Lives::default();
        assert_eq!(lives.of(Position(9)), None);
        assert!(lives.begin(1, Position(1)));
        assert!(!lives.begin(1, Position(30)), "it goes on");
        assert!(lives.begin(2, Position(50)), "it writes nothing");
        assert!(lives.begin(3, Position(50)));
        assert_eq!([49, 50].map(|at| lives.of(Position(at))), [Some(1), Some(3)]);
        assert!(lives.begin(4, Position(70)));
        assert_eq!([49, 69, 70].map(|at| lives.of(Position(at))), [None, Some(3), Some(4)]);
    }

    #[test]
    fn lives_are_kept_in_a_file() {
        let (dir, partition) = (tempfile::tempdir().unwrap(), PartitionId(3));
        assert_eq!(Lives::read(dir.path(), partition).unwrap(), Lives::default());
        let mut lives = Lives::default();
        lives.begin(7, Position(1));
        lives.begin(u128::MAX, Position(12));
        lives.write(dir.path(), partition).unwrap();
        assert_eq!(Lives::read(dir.path(), partition).unwrap(), lives);
        std::fs::write(super::path(dir.path(), partition), "nonsense\n").unwrap();
        assert_eq!(Lives::read(dir.path(), partition).unwrap(), Lives::default());
    }
}
