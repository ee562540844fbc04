//! The writer of one partition's `hot.db`.
//!
//! Invariants
//! - A batch's rows and its position are one transaction: after a crash they are there together, or not at all.
//! - Nothing is synced by a write. [`Store::sync`] says up to which position everything is on stable storage.
//! - An instance's rows stand in one place: among the living until it has ended, then among the recent ones.
//! - Of the instances whose rows stay in memory the keys are written, and where in the log the first of them began: from there on
//!   their rows can be made again, and nothing else is.

use crate::blocks::{self, SetWriter};
use crate::checkpoints::{CHECKPOINT_PAGES, Checkpoints};
use crate::files::{FinishedFile, PartitionFiles, finished};
use crate::fold::{Batch, DeletedHistory};
use crate::missing;
use crate::place::RecentSet;
use crate::recent;
use crate::schema::{ADDED_LATER, APPLICATION_ID, HOT_DDL, PAGE_BYTES, SCHEMA_VERSION, is_damage, made_as};
use crate::writing::{self, Ending};
use ringbolt_exporters::Definition;
use ringbolt_record::{HistoryDeletionType, Key, Position};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Memory for pages of one partition's file, KiB.
const CACHE_KIB: i64 = 8 * 1024;
/// Pages that a transaction may have in memory beyond that: more than a batch needs, and no more where one goes over the whole file.
const SPILL_PAGES: i64 = 2_048;
/// Up to this size the file is copied in memory to be without gaps, bytes.
const COMPACTED_IN_MEMORY_MAX: i64 = 32 << 20;
/// Size to which the write-ahead log is cut when it begins anew: it grows for as long as somebody reads.
const WAL_BYTES_KEPT: i64 = 2 * CHECKPOINT_PAGES * PAGE_BYTES;
/// Statements that stay prepared.
const STATEMENTS: usize = 160;

/// Why the store does not get on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// It is of another version, or no store: it is to be set aside.
    #[error("{0}")]
    Unusable(String),
    /// `hot.db` is damaged: it is to be set aside.
    #[error("{0}")]
    Damaged(String),
    /// It may get on later.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        if is_damage(&error) { Self::Damaged(text) } else { Self::Failed(text) }
    }
}

/// What a store says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The life of the data directory in which it was written last.
    pub(crate) life: u128,
    /// Since when everything that happened is in it, milliseconds since 1970; 0 for always.
    pub(crate) complete_since: i64,
}

/// The writer.
pub(crate) struct Store {
    connection: Connection,
    checkpoints: Checkpoints,
    reached: Reached,
    origin: Origin,
    recent: RecentSet,
    /// The number of the next block of recent rows.
    next_block: Arc<AtomicI64>,
    /// Memory for what is written there.
    ending: Ending,
    recent_figures: Recent,
    next_file: u32,
    bytes_max: Option<u64>,
    /// From where on the state is still to be told.
    filling: Option<Vec<u8>>,
}

/// How far a store has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The last position of which it holds everything, but for what belongs to young instances; 0 for none.
    pub(crate) position: Position,
    /// The first position of which it may not hold everything.
    pub(crate) resume: Position,
    /// Instances of which it holds nothing, by rising key.
    pub(crate) young: Vec<i64>,
}

/// What a set of recent rows holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recent {
    /// Instances, and decisions that were evaluated for none.
    pub(crate) instances: u64,
    /// When the first of them ended, milliseconds since 1970.
    pub(crate) since: Option<i64>,
    /// Bytes of all rows.
    pub(crate) bytes: u64,
}

/// Opens or makes the file.
pub(crate) fn open(files: &PartitionFiles) -> Result<Connection, StoreError> {
    let connection = Connection::open(files.hot())?;
    recent::register_writer(&connection, files.blocks())?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // A page that leaves memory before its transaction's end is written again with each change of it.
    connection.pragma_update(None, "cache_spill", SPILL_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    match made_as(&connection)? {
        (APPLICATION_ID, SCHEMA_VERSION) => connection.execute_batch(ADDED_LATER)?,
        (0, 0) => {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute_batch(HOT_DDL)?;
            transaction.execute(INSERT_STORE, [0_u128.to_le_bytes()])?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
        }
        (APPLICATION_ID, other) => {
            return Err(StoreError::Unusable(format!("its version is {other}, not {SCHEMA_VERSION}")));
        }
        _ => return Err(StoreError::Unusable("it is no secondary storage".into())),
    }
    files.next_block().fetch_max(blocks::last_number(&connection)? + 1, Ordering::Relaxed);
    Ok(connection)
}

const INSERT_STORE: &str = "INSERT INTO store VALUES (1, 0, 1, x'', ?, 0, 0, 1, NULL, NULL)";
const SELECT_STORE: &str = "SELECT position, life, complete_since, recent_set, next_file, bytes_max, resume, young, filling FROM store";
const UPDATE_REACHED: &str = "UPDATE store SET position = ?, resume = ?, young = ?";
const UPDATE_ORIGIN: &str = "UPDATE store SET life = ?, complete_since = ?";

/// Keys as they are kept.
fn keys_of(bytes: &[u8]) -> Vec<i64> {
    bytes.as_chunks().0.iter().map(|key| i64::from_le_bytes(*key)).collect()
}

/// Lists a file.
fn list(transaction: &Transaction<'_>, file: &FinishedFile) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO finished_files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            file.number,
            file.instances,
            file.bytes,
            file.key_min,
            file.key_max,
            file.start_date_min,
            file.end_date_min,
            file.end_date_max
        ],
    )?;
    transaction.execute("UPDATE store SET next_file = ?", [file.number + 1])?;
    Ok(())
}

impl Reached {
    /// Where a batch is that goes up to a position.
    fn of(batch: &Batch, position: Position) -> Self {
        let mut resume = position.plus(1);
        let mut young = Vec::new();
        for (instance, begun) in batch.young.staying() {
            resume = resume.min(begun.position);
            young.push(instance);
        }
        young.sort_unstable();
        Self { position, resume, young }
    }
}

impl Store {
    /// Opens a partition's store, or makes an empty one.
    ///
    /// # Errors
    /// When it cannot be used now, or never.
    pub(crate) fn open(files: &PartitionFiles) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Failed(error.to_string());
        fs::create_dir_all(files.directory()).map_err(failed)?;
        let mut connection = open(files)?;
        let checkpoints = Checkpoints::of(files, &mut connection)?;
        let mut store = connection.query_row(SELECT_STORE, [], |row| {
            let life = u128::from_le_bytes(row.get(1)?);
            Ok(Self {
                checkpoints,
                next_block: files.next_block().clone(),
                ending: Ending::default(),
                reached: Reached {
                    position: Position(row.get(0)?),
                    resume: Position(row.get(6)?),
                    young: keys_of(row.get_ref(7)?.as_blob()?),
                },
                origin: Origin { life, complete_since: row.get(2)? },
                recent: RecentSet::numbered(row.get(3)?),
                recent_figures: Recent::default(),
                next_file: row.get(4)?,
                bytes_max: row.get(5)?,
                filling: row.get(8)?,
                connection: Connection::open_in_memory()?,
            })
        })?;
        store.connection = connection;
        store.recent_figures = store.figures(store.recent)?;
        // The file's name has to be as durable as what is acknowledged because of it.
        fs::File::open(files.directory()).and_then(|directory| directory.sync_all()).map_err(failed)?;
        Ok(store)
    }

    /// A number that no other store has.
    pub(crate) fn identity(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row("SELECT number FROM identity", [], |row| row.get(0))?)
    }

    /// How far it has come.
    pub(crate) fn reached(&self) -> &Reached {
        &self.reached
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Says in which life it is written from now on, and since when it is complete.
    pub(crate) fn set_origin(&mut self, origin: Origin) -> Result<(), StoreError> {
        self.connection.execute(UPDATE_ORIGIN, params![origin.life.to_le_bytes(), origin.complete_since])?;
        self.origin = origin;
        Ok(())
    }

    /// A process definition, as it was deployed.
    pub(crate) fn definition(&self, key: Key) -> Result<Option<Definition>, StoreError> {
        let mut statement = self.connection.prepare_cached(SELECT_DEFINITION)?;
        let found = statement.query_row([key.to_wire()], |row| {
            Ok(Definition {
                bpmn_process_id: row.get(0)?,
                version: row.get(1)?,
                resource_name: row.get(2)?,
                resource: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Writes a batch that goes up to `position`, but for the instances that stay in it. When it fails nothing of it is there, and it
    /// may be written again.
    pub(crate) fn write(&mut self, batch: &mut Batch, position: Position) -> Result<(), StoreError> {
        let reached = Reached::of(batch, position);
        let young: Vec<u8> = reached.young.iter().flat_map(|key| key.to_le_bytes()).collect();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let set = SetWriter::new(&transaction, self.recent, &self.next_block);
        writing::write(&transaction, batch, &mut self.ending, &set)?;
        let bytes = set.added.get();
        let how_far = params![reached.position.0, reached.resume.0, young];
        transaction.prepare_cached(UPDATE_REACHED)?.execute(how_far)?;
        transaction.commit()?;
        self.reached = reached;
        let figures = &mut self.recent_figures;
        figures.instances += batch.instances_ended() + batch.decisions_alone;
        figures.since = figures.since.or(batch.ended_at);
        figures.bytes += bytes;
        Ok(())
    }

    /// From where on the state is to be told; none when nothing of it is missing.
    pub(crate) fn filling(&self) -> Option<&[u8]> {
        self.filling.as_deref()
    }

    /// The log lacks something: the state is to be told from the begin. What is there of how things stand may have changed since, so it goes; what
    /// instances have been through stays.
    pub(crate) fn begin_filling(&mut self) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM told", [])?;
        missing::forget_how_it_stands(&transaction)?;
        transaction.execute("UPDATE store SET filling = x''", [])?;
        transaction.commit()?;
        self.filling = Some(Vec::new());
        Ok(())
    }

    /// Writes what a part of the state tells and has no row, and where the next one begins. `instances_until`: with it all instances with keys up to this one
    /// have been told.
    pub(crate) fn fill(
        &mut self,
        told: &mut Batch,
        next: Option<&[u8]>,
        instances_until: Option<u64>,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        missing::write(&transaction, told)?;
        if let Some(until_key) = instances_until {
            missing::forget_untold(&transaction, until_key)?;
        }
        if next.is_none() {
            missing::count_incidents(&transaction)?;
            missing::count_items(&transaction)?;
        }
        transaction.execute("UPDATE store SET filling = ?", [next])?;
        transaction.commit()?;
        self.filling = next.map(<[u8]>::to_vec);
        Ok(())
    }

    /// What the set of recent rows that is being filled holds.
    pub(crate) fn recent(&self) -> Recent {
        self.recent_figures
    }

    /// The set that is not being filled, if a file is to be made of it.
    pub(crate) fn full(&self) -> Result<Option<RecentSet>, StoreError> {
        let other = self.recent.other();
        Ok((self.figures(other)?.instances > 0).then_some(other))
    }

    fn figures(&self, set: RecentSet) -> Result<Recent, StoreError> {
        let set = set.prefix();
        let sql = format!(
            "SELECT (SELECT count(*) FROM {set}process_instances)
                + (SELECT count(*) FROM {set}decision_instances WHERE process_instance_key IS NULL),
                (SELECT min(since) FROM (SELECT min(end_date) AS since FROM {set}process_instances
                    UNION ALL SELECT min(evaluation_date) FROM {set}decision_instances)),
                (SELECT COALESCE(sum(length(keys) + length(body)), 0) FROM {set}blocks)"
        );
        let figures = self.connection.query_row(&sql, [], |row| {
            Ok(Recent { instances: row.get(0)?, since: row.get(1)?, bytes: row.get(2)? })
        });
        Ok(figures?)
    }

    /// Fills the other set from now on, which is empty. The set of which a file is to be made.
    pub(crate) fn switch(&mut self) -> Result<RecentSet, StoreError> {
        let (full, next) = (self.recent, self.recent.other());
        self.connection.execute("UPDATE store SET recent_set = ?", [next.number()])?;
        (self.recent, self.recent_figures) = (next, Recent::default());
        Ok(full)
    }

    /// The number of the next file of finished instances.
    pub(crate) fn next_file(&self) -> u32 {
        self.next_file
    }

    /// Lists a file, and empties the set of which it was made.
    pub(crate) fn adopt(&mut self, file: &FinishedFile, set: RecentSet) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        list(&transaction, file)?;
        transaction.execute(&format!("DELETE FROM {}blocks", set.prefix()), [])?;
        transaction.commit()?;
        self.next_file = file.number + 1;
        Ok(())
    }

    /// Lists a file instead of another one, or none, and removes that.
    pub(crate) fn replace(
        &mut self,
        old: &FinishedFile,
        new: Option<&FinishedFile>,
        files: &PartitionFiles,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM finished_files WHERE number = ?", [old.number])?;
        if let Some(file) = new {
            list(&transaction, file)?;
        }
        transaction.commit()?;
        self.next_file = new.map_or(self.next_file, |file| file.number + 1);
        // Else a loss of power could bring back the list of before, of a file that is not there.
        self.sync()?;
        files.remove_finished(old.number);
        Ok(())
    }

    /// The last deletion, if the first that is known was before a moment.
    pub(crate) fn deletions_before(&self, before_ms: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT max(number), min(deleted_date) FROM deleted_history";
        let found = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok(match found {
            (Some(last), Some(first)) if first <= before_ms => Some(last),
            _ => None,
        })
    }

    /// Nothing of these deletions is in any file: has their bytes go from this file too, and forgets them. False where there is no room for
    /// that now, which is no failure of anything else.
    pub(crate) fn forget_deletions(&mut self, until: i64) -> Result<bool, StoreError> {
        // The file is copied: a large one not in memory.
        let pages: i64 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let place = if pages * PAGE_BYTES > COMPACTED_IN_MEMORY_MAX { "FILE" } else { "MEMORY" };
        self.connection.pragma_update(None, "temp_store", place)?;
        let compacted = self.connection.execute_batch("VACUUM");
        self.connection.pragma_update(None, "temp_store", "MEMORY")?;
        match compacted.map_err(StoreError::from) {
            Ok(()) => {}
            Err(error @ StoreError::Damaged(_)) => return Err(error),
            Err(_) => return Ok(false),
        }
        self.connection.execute("DELETE FROM deleted_history WHERE number <= ?", [until])?;
        // While somebody reads, what stood in the log before stays a while.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(true)
    }

    /// What is written through, for who reads in between.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Leaves finished instances out of files, as if they had been deleted at this moment.
    pub(crate) fn delete_finished(
        &mut self,
        keys: impl Iterator<Item = i64>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        writing::note_deleted(&transaction, keys, at_ms)?;
        transaction.commit()?;
        Ok(())
    }

    /// Deletes finished instances that are in no file yet, or in one that is just being made.
    pub(crate) fn delete_recent(
        &mut self,
        keys: impl Iterator<Item = i64>,
        at: i64,
    ) -> Result<(), StoreError> {
        let kind = HistoryDeletionType::ProcessInstance;
        let deleted: Vec<DeletedHistory> = keys.map(|key| DeletedHistory { kind, key, at }).collect();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        writing::delete(&transaction, &deleted, &self.next_block)?;
        transaction.commit()?;
        self.recent_figures = self.figures(self.recent)?;
        Ok(())
    }

    /// The files of finished instances, oldest first.
    pub(crate) fn finished(&self) -> Result<Vec<FinishedFile>, StoreError> {
        Ok(finished(&self.connection)?)
    }

    /// Forgets a file of finished instances, which may be removed then.
    pub(crate) fn forget(&mut self, number: u32) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM finished_files WHERE number = ?", [number])?;
        Ok(())
    }

    /// Forgets batch operations that ended before a time, and deletions of before that whose files are gone.
    pub(crate) fn forget_batches(
        &mut self,
        before_ms: i64,
        deleted_before_ms: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM deleted_history WHERE deleted_date < ?", [deleted_before_ms])?;
        transaction.execute(
            "DELETE FROM batch_operation_items WHERE batch_operation_key IN \
             (SELECT batch_operation_key FROM batch_operation_counts WHERE end_date < ?)",
            [before_ms],
        )?;
        transaction.execute("DELETE FROM batch_operation_counts WHERE end_date < ?", [before_ms])?;
        transaction.execute("DELETE FROM batch_operations WHERE end_date < ?", [before_ms])?;
        transaction.commit()?;
        Ok(())
    }

    /// The bytes that all files may have: what is wanted, or what was found at the first start.
    pub(crate) fn bytes_max(&mut self, wanted: Option<u64>, at_first: u64) -> Result<u64, StoreError> {
        if self.bytes_max.is_none() {
            self.connection.execute("UPDATE store SET bytes_max = ?", [at_first])?;
            self.bytes_max = Some(at_first);
        }
        Ok(wanted.or(self.bytes_max).unwrap_or(at_first))
    }

    /// Has everything written so far be on stable storage.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        self.checkpoints.sync()
    }

    /// Moves what was written into the file itself, if it is much.
    pub(crate) fn checkpoint_if_due(&mut self) -> Result<(), StoreError> {
        self.checkpoints.run_if_due(&self.connection)
    }
}

const SELECT_DEFINITION: &str = "SELECT process_definition_id, version, resource_name, xml FROM process_definitions \
     JOIN process_definition_xml USING (process_definition_key) WHERE process_definition_key = ?";
