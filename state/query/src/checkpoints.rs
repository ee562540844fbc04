//! Moving what stands in the write-ahead log of `hot.db` into the file, so that others who use the disk hardly feel it.
//!
//! SQLite would do it at the end of a transaction and sync the log before and the file after, megabytes each time, and every flush of the
//! engine's log that came meanwhile would stand behind them. Here both are written a piece at a time, and SQLite copies pages without syncing.
//!
//! Invariants
//! - No page is copied into the file before the log that has it is on stable storage.
//! - No descriptor of `hot.db` is closed while a connection of this process has it: that would take SQLite's locks of it away, and whoever looked
//!   at the file with another program and left would remove the log under the server. So one is kept with the partition's files.
//! - The log is not begun anew before the file is. That happens with a transaction of the one writer, and there is none in between.
//! - Of a file that cannot be synced nobody knows what it holds after a loss of power: the log, which SQLite takes for moved, is begun
//!   anew by the next transaction. So that file is damaged.

use crate::files::PartitionFiles;
use crate::store::StoreError;
use ringbolt_writeback::WriteBack;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Pages in the write-ahead log after which they are moved into the file.
pub(crate) const CHECKPOINT_PAGES: i64 = 1_000;

/// When that is due, and between which files.
pub(crate) struct Checkpoints {
    hot: Arc<WriteBack>,
    wal: PathBuf,
    /// Pages that the log had after the last transaction.
    pages: Arc<AtomicI64>,
    /// So many pages it has the next time: more while somebody who reads needs what is there.
    due_at: i64,
}

impl Checkpoints {
    /// Those of a partition, in place of SQLite's own on the connection that writes.
    pub(crate) fn of(files: &PartitionFiles, writer: &mut Connection) -> Result<Self, StoreError> {
        let hot = files.descriptor_of_hot().map_err(|error| StoreError::Failed(error.to_string()))?;
        let pages = Arc::new(AtomicI64::new(0));
        let seen = pages.clone();
        writer.wal_hook(Some(move |_: &mut _, count| {
            seen.store(i64::from(count), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { hot, wal: files.hot().with_extension("db-wal"), pages, due_at: CHECKPOINT_PAGES })
    }

    /// Has everything that was written so far be on stable storage.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        // What is no longer in the write-ahead log was synced when it was moved into the file.
        let synced = WriteBack::open(&self.wal).and_then(|wal| wal.sync());
        synced.map_err(|error| StoreError::Failed(format!("cannot sync {}: {error}", self.wal.display())))
    }

    /// Moves what there is into the file, if it is much.
    pub(crate) fn run_if_due(&mut self, writer: &Connection) -> Result<(), StoreError> {
        if self.pages.load(Ordering::Relaxed) < self.due_at {
            return Ok(());
        }
        self.sync()?;
        writer.pragma_update(None, "synchronous", "OFF")?;
        let figures = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let copied = writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], figures);
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        let (pages, moved) = copied?;
        self.hot.sync().map_err(|error| StoreError::Damaged(format!("hot.db cannot be synced: {error}")))?;
        self.pages.store(0, Ordering::Relaxed);
        self.due_at = if moved < pages { pages + CHECKPOINT_PAGES } else { CHECKPOINT_PAGES };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CHECKPOINT_PAGES, Checkpoints};
    use crate::files::Files;
    use crate::schema::PAGE_BYTES;
    use crate::store::{StoreError, open};
    use ringbolt_record::PartitionId;
    use ringbolt_writeback::WriteBack;
    use rusqlite::Connection;
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::sync::Arc;
    use tempfile::TempDir;

    const PARTITION: PartitionId = PartitionId(1);

    struct Writer {
        files: Files,
        connection: Connection,
        checkpoints: Checkpoints,
        _directory: TempDir,
    }

    impl Writer {
        fn new() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let files = Files::new(directory.path(), [PARTITION]);
            let partition = files.partition(PARTITION).expect("it is there").clone();
            fs::create_dir_all(partition.directory()).expect("a directory");
            let mut connection = open(&partition).expect("a file");
            let checkpoints = Checkpoints::of(&partition, &mut connection).expect("a hook");
            connection.execute_batch("CREATE TABLE large (bytes BLOB)").expect("SQL");
            Self { files, connection, checkpoints, _directory: directory }
        }

        /// A transaction of so many pages and a few.
        fn write(&self, pages: i64) {
            self.connection
                .execute("INSERT INTO large VALUES (zeroblob(?))", [pages * PAGE_BYTES])
                .expect("it is written");
        }

        fn run(&mut self) -> Result<(), StoreError> {
            self.checkpoints.run_if_due(&self.connection)
        }

        fn bytes(&self, ending: &str) -> i64 {
            let hot = self.files.partition(PARTITION).expect("it is there").hot();
            fs::metadata(hot.with_extension(ending)).map_or(0, |file| file.len() as i64)
        }

        fn synchronous(&self) -> i64 {
            self.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).expect("a level")
        }
    }

    #[test]
    fn pages_are_moved_when_there_are_many_and_the_log_begins_anew() {
        let mut writer = Writer::new();
        writer.write(CHECKPOINT_PAGES / 2);
        writer.run().expect("nothing to do");
        assert!(writer.bytes("db") < CHECKPOINT_PAGES / 2 * PAGE_BYTES, "SQLite moved them by itself");
        for _ in 0..8 {
            writer.write(CHECKPOINT_PAGES / 2 + 1);
            writer.run().expect("moved");
            assert_eq!(writer.synchronous(), 1, "the header of a log that begins anew is synced");
        }
        assert!(writer.bytes("db") >= 4 * CHECKPOINT_PAGES * PAGE_BYTES);
        assert!(writer.bytes("db-wal") < 2 * CHECKPOINT_PAGES * PAGE_BYTES, "it grows for ever");
    }

    #[test]
    fn while_somebody_reads_it_is_tried_after_as_many_pages_again() {
        let mut writer = Writer::new();
        let hot = writer.files.partition(PARTITION).expect("it is there").hot();
        let reader = Connection::open(hot).expect("a file");
        reader.execute_batch("BEGIN; SELECT count(*) FROM large").expect("SQL");
        writer.write(CHECKPOINT_PAGES);
        writer.run().expect("tried");
        assert!(writer.checkpoints.due_at >= 2 * CHECKPOINT_PAGES);
        writer.write(10);
        writer.run().expect("not yet");
        reader.execute_batch("COMMIT").expect("SQL");
        writer.write(CHECKPOINT_PAGES);
        writer.run().expect("moved");
        assert_eq!(writer.checkpoints.due_at, CHECKPOINT_PAGES);
        assert!(writer.bytes("db") >= 2 * CHECKPOINT_PAGES * PAGE_BYTES);
    }

    /// Whether this process has a lock of a file.
    fn is_locked(path: &std::path::Path) -> bool {
        let inode = fs::metadata(path).expect("it is there").ino();
        let locks = fs::read_to_string("/proc/locks").expect("Linux");
        let own = std::process::id().to_string();
        locks.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.contains(&&*own) && words.iter().any(|word| word.ends_with(&format!(":{inode}")))
        })
    }

    #[test]
    fn what_is_open_stays_locked() {
        let mut writer = Writer::new();
        let hot = writer.files.partition(PARTITION).expect("it is there").hot();
        let reader = Connection::open(&hot).expect("a file");
        reader.query_row("SELECT count(*) FROM large", [], |row| row.get::<_, i64>(0)).expect("SQL");
        assert!(is_locked(&hot));
        writer.write(CHECKPOINT_PAGES);
        writer.run().expect("moved");
        assert!(is_locked(&hot), "another program would take the log away");
        // As when the store is opened again while somebody reads.
        let Writer { files, connection, checkpoints, _directory } = writer;
        drop((connection, checkpoints));
        assert!(is_locked(&hot));
        let partition = files.partition(PARTITION).expect("it is there");
        let mut connection = open(partition).expect("a file");
        Checkpoints::of(partition, &mut connection).expect("a hook");
        drop(connection);
        assert!(is_locked(&hot));
    }

    #[test]
    fn what_cannot_be_synced_is_told_and_a_log_that_cannot_be_leaves_the_file_as_it_was() {
        let mut writer = Writer::new();
        writer.write(CHECKPOINT_PAGES);
        let (hot, wal) = (writer.checkpoints.hot.clone(), writer.checkpoints.wal.clone());
        // Nothing of it can be synced.
        let other = Arc::new(WriteBack::open("/proc/self/status".as_ref()).expect("a file"));
        writer.checkpoints.wal = "/nowhere/log".into();
        assert!(matches!(writer.run(), Err(StoreError::Failed(cause)) if cause.contains("/nowhere/log")));
        assert!(writer.bytes("db") < CHECKPOINT_PAGES * PAGE_BYTES);
        (writer.checkpoints.wal, writer.checkpoints.hot) = (wal, other);
        assert!(
            matches!(writer.run(), Err(StoreError::Damaged(cause)) if cause.contains("cannot be synced"))
        );
        assert_eq!(writer.synchronous(), 1);
        writer.checkpoints.hot = hot;
        writer.run().expect("it is tried again");
    }
}
