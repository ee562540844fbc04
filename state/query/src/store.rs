//! The writer of one partition's `hot.db`.
//!
//! Invariants
//! - A batch's rows and its position are one transaction: after a crash they are there together, or not at all.
//! - Nothing is synced by a write. [`Store::sync`] says up to which position everything is on stable storage.
//! - An instance's rows stand in one place: among the living until it has ended, then among the recent ones.

use crate::files::{FinishedFile, PartitionFiles, finished};
use crate::fold::{Batch, Deleted, IncidentChange, MigratedTask};
use crate::place::Place;
use crate::rows::{Alone, Row, Rows};
use crate::schema::{APPLICATION_ID, HOT_DDL, INSTANCE_TABLES, SCHEMA_VERSION};
use ringbolt_exporters::Definition;
use ringbolt_record::{Key, Position};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};
use rustc_hash::FxHashSet;
use std::fs;
use std::path::Path;

/// Memory for pages of one partition's file, KiB.
const CACHE_KIB: i64 = 8 * 1024;
/// Pages of 4 KiB in the write-ahead log after which they are moved into the file.
const CHECKPOINT_PAGES: i64 = 4_000;
/// Statements that stay prepared.
const STATEMENTS: usize = 160;

/// Why the store does not get on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// It is of another version, or damaged, or no store: it is to be set aside.
    #[error("{0}")]
    Unusable(String),
    /// It may get on later.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Unusable(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
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
    wal: std::path::PathBuf,
    position: Position,
    origin: Origin,
    recent: Place,
    recent_figures: Recent,
    next_file: u32,
    bytes_max: Option<u64>,
}

/// What a set of recent rows holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recent {
    /// Instances, and decisions that were evaluated for none.
    pub(crate) instances: u64,
    /// When the first of them ended, milliseconds since 1970.
    pub(crate) since: Option<i64>,
}

/// Opens or makes the file.
fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    match (application, version) {
        (APPLICATION_ID, SCHEMA_VERSION) => {}
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
    Ok(connection)
}

const INSERT_STORE: &str = "INSERT INTO store VALUES (1, 0, ?, 0, 0, 1, NULL)";
const SELECT_STORE: &str =
    "SELECT position, life, complete_since, recent_set, next_file, bytes_max FROM store";
const UPDATE_POSITION: &str = "UPDATE store SET position = ?";
const UPDATE_ORIGIN: &str = "UPDATE store SET life = ?, complete_since = ?";

impl Store {
    /// Opens a partition's store, or makes an empty one.
    ///
    /// # Errors
    /// When it cannot be used now, or never.
    pub(crate) fn open(files: &PartitionFiles) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Failed(error.to_string());
        fs::create_dir_all(files.directory()).map_err(failed)?;
        let path = files.hot();
        let connection = open(&path)?;
        let mut store = connection.query_row(SELECT_STORE, [], |row| {
            let life = u128::from_le_bytes(row.get(1)?);
            Ok(Self {
                wal: path.with_extension("db-wal"),
                position: Position(row.get(0)?),
                origin: Origin { life, complete_since: row.get(2)? },
                recent: Place::recent(row.get(3)?),
                recent_figures: Recent::default(),
                next_file: row.get(4)?,
                bytes_max: row.get(5)?,
                connection: Connection::open_in_memory()?,
            })
        })?;
        store.connection = connection;
        store.recent_figures = store.figures(store.recent)?;
        // The file's name has to be as durable as what is acknowledged because of it.
        fs::File::open(files.directory()).and_then(|directory| directory.sync_all()).map_err(failed)?;
        Ok(store)
    }

    /// The last position that it holds; 0 for none.
    pub(crate) fn position(&self) -> Position {
        self.position
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

    /// Writes a batch that goes up to `position`. When it fails nothing of it is there, and it may be written again.
    pub(crate) fn write(&mut self, batch: &mut Batch, position: Position) -> Result<(), StoreError> {
        let recent = self.recent;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_instances(&transaction, batch, recent)?;
        write_deployed(&transaction, batch)?;
        change_incidents(&transaction, batch)?;
        move_ended(&transaction, batch, recent)?;
        transaction.prepare_cached(UPDATE_POSITION)?.execute([position.0])?;
        transaction.commit()?;
        self.position = position;
        let figures = &mut self.recent_figures;
        figures.instances += batch.ended.len() as u64 + batch.decisions_alone;
        figures.since = figures.since.or(batch.ended_at);
        Ok(())
    }

    /// What the set of recent rows that is being filled holds.
    pub(crate) fn recent(&self) -> Recent {
        self.recent_figures
    }

    /// The set that is not being filled, if a file is to be made of it.
    pub(crate) fn full(&self) -> Result<Option<Place>, StoreError> {
        let other = self.recent.other();
        Ok((self.figures(other)?.instances > 0).then_some(other))
    }

    fn figures(&self, place: Place) -> Result<Recent, StoreError> {
        let set = place.recent_prefix();
        let sql = format!(
            "SELECT (SELECT count(*) FROM {set}process_instances)
                + (SELECT count(*) FROM {set}decision_instances WHERE process_instance_key IS NULL),
                min((SELECT min(end_date) FROM {set}process_instances),
                    (SELECT min(evaluation_date) FROM {set}decision_instances))"
        );
        let figures = self
            .connection
            .query_row(&sql, [], |row| Ok(Recent { instances: row.get(0)?, since: row.get(1)? }));
        Ok(figures?)
    }

    /// Fills the other set from now on, which is empty. The set of which a file is to be made.
    pub(crate) fn switch(&mut self) -> Result<Place, StoreError> {
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
    pub(crate) fn adopt(&mut self, file: &FinishedFile, place: Place) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO finished_files VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                file.number,
                file.instances,
                file.bytes,
                file.key_min,
                file.key_max,
                file.end_date_min,
                file.end_date_max
            ],
        )?;
        for table in INSTANCE_TABLES {
            transaction.execute(&format!("DELETE FROM {}{table}", place.recent_prefix()), [])?;
        }
        transaction.execute("UPDATE store SET next_file = ?", [file.number + 1])?;
        transaction.commit()?;
        self.next_file = file.number + 1;
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

    /// The bytes that all files may have: what is wanted, or what was found at the first start.
    pub(crate) fn bytes_max(&mut self, wanted: Option<u64>, at_first: u64) -> Result<u64, StoreError> {
        if self.bytes_max.is_none() {
            self.connection.execute("UPDATE store SET bytes_max = ?", [at_first])?;
            self.bytes_max = Some(at_first);
        }
        Ok(wanted.or(self.bytes_max).unwrap_or(at_first))
    }

    /// Has everything written so far be on stable storage; the position of that.
    pub(crate) fn sync(&self) -> Result<Position, StoreError> {
        // What is no longer in the write-ahead log was synced when it was moved into the file.
        let synced = fs::File::open(&self.wal).and_then(|wal| wal.sync_data());
        synced.map_err(|error| StoreError::Failed(format!("cannot sync {}: {error}", self.wal.display())))?;
        Ok(self.position)
    }
}

const SELECT_DEFINITION: &str = "SELECT process_definition_id, version, resource_name, xml FROM process_definitions \
     JOIN process_definition_xml USING (process_definition_key) WHERE process_definition_key = ?";

type Written = rusqlite::Result<()>;

/// Writes rows, those of instances that began and ended in the batch where they stay.
fn write_rows<R: Row>(
    transaction: &Transaction<'_>,
    rows: &mut Rows<R>,
    is_short: &dyn Fn(i64) -> bool,
    recent: Place,
) -> Written {
    if rows.len() == 0 {
        return Ok(());
    }
    let mut statements = [
        transaction.prepare_cached(R::UPSERT[Place::Live as usize])?,
        transaction.prepare_cached(R::UPSERT[recent as usize])?,
    ];
    for row in rows.sorted() {
        let is_recent = row.instance().map_or(R::ALONE == Alone::Recent, is_short);
        let statement = &mut statements[usize::from(is_recent)];
        row.bind(statement)?;
        statement.raw_execute()?;
    }
    Ok(())
}

fn write_instances(transaction: &Transaction<'_>, batch: &mut Batch, recent: Place) -> Written {
    let Batch { begun, ended, .. } = batch;
    let is_short = |instance: i64| begun.contains(&instance) && ended.contains(&instance);
    write_rows(transaction, &mut batch.process_instances, &is_short, recent)?;
    write_rows(transaction, &mut batch.element_instances, &is_short, recent)?;
    write_rows(transaction, &mut batch.sequence_flows, &is_short, recent)?;
    write_rows(transaction, &mut batch.variables, &is_short, recent)?;
    write_rows(transaction, &mut batch.jobs, &is_short, recent)?;
    write_rows(transaction, &mut batch.incidents, &is_short, recent)?;
    write_rows(transaction, &mut batch.user_tasks, &is_short, recent)?;
    write_rows(transaction, &mut batch.message_subscriptions, &is_short, recent)?;
    write_rows(transaction, &mut batch.correlated, &is_short, recent)?;
    write_rows(transaction, &mut batch.decision_instances, &is_short, recent)?;
    for (task, state) in &batch.user_task_states {
        transaction.prepare_cached(UPDATE_TASK_STATE)?.execute(params![state, task])?;
    }
    for (task, migrated) in &batch.user_tasks_migrated {
        let MigratedTask { process_definition_key, element_id, custom_headers } = migrated;
        let changed = params![process_definition_key, element_id, custom_headers, task];
        transaction.prepare_cached(MIGRATE_TASK)?.execute(changed)?;
    }
    for (instance, flow) in &batch.flows_deleted {
        for prefix in ["live_", recent.recent_prefix()] {
            let sql = format!(
                "DELETE FROM {prefix}sequence_flows WHERE process_instance_key = ? AND element_id = ?"
            );
            transaction.prepare_cached(&sql)?.execute(params![instance, flow])?;
        }
    }
    Ok(())
}

const UPDATE_TASK_STATE: &str = "UPDATE live_user_tasks SET state = ? WHERE user_task_key = ?";
const MIGRATE_TASK: &str = "UPDATE live_user_tasks SET process_definition_key = ?, element_id = ?, \
     custom_headers = COALESCE(?, custom_headers) WHERE user_task_key = ?";
const INSERT_ELEMENT: &str = "INSERT OR REPLACE INTO elements VALUES (?, ?, ?, ?, ?)";
const INSERT_XML: &str = "INSERT OR REPLACE INTO process_definition_xml VALUES (?, ?)";
const INSERT_DECISION_XML: &str = "INSERT OR REPLACE INTO decision_requirements_xml VALUES (?, ?)";
const DELETED_PROCESS: &str = "UPDATE process_definitions SET state = 1 WHERE process_definition_key = ?";
const DELETED_REQUIREMENTS: &str =
    "UPDATE decision_requirements SET is_deleted = 1 WHERE decision_requirements_key = ?";
const DELETED_DECISION: &str =
    "UPDATE decision_definitions SET is_deleted = 1 WHERE decision_definition_key = ?";
const DELETED_FORM: &str = "UPDATE forms SET is_deleted = 1 WHERE form_key = ?";
const DELETED_RESOURCE: &str = "UPDATE resources SET is_deleted = 1 WHERE resource_key = ?";

fn write_deployed(transaction: &Transaction<'_>, batch: &mut Batch) -> Written {
    let none = |_| false;
    let mut definitions = Rows::default();
    for definition in &batch.definitions {
        let key = definition.row.process_definition_key;
        definitions.put(definition.row.clone());
        transaction.prepare_cached(INSERT_XML)?.execute(params![key, definition.xml])?;
        for element in &definition.elements {
            transaction.prepare_cached(INSERT_ELEMENT)?.execute(params![
                key,
                element.id,
                element.name,
                element.custom_headers,
                element.properties
            ])?;
        }
    }
    write_rows(transaction, &mut definitions, &none, Place::Live)?;
    write_rows(transaction, &mut batch.decision_requirements, &none, Place::Live)?;
    write_rows(transaction, &mut batch.decisions, &none, Place::Live)?;
    write_rows(transaction, &mut batch.forms, &none, Place::Live)?;
    write_rows(transaction, &mut batch.resources, &none, Place::Live)?;
    for (key, xml) in &batch.decision_xml {
        transaction.prepare_cached(INSERT_DECISION_XML)?.execute(params![key, xml])?;
    }
    for deleted in &batch.deleted {
        let (sql, key) = match deleted {
            Deleted::Process(key) => (DELETED_PROCESS, key),
            Deleted::DecisionRequirements(key) => (DELETED_REQUIREMENTS, key),
            Deleted::Decision(key) => (DELETED_DECISION, key),
            Deleted::Form(key) => (DELETED_FORM, key),
            Deleted::Resource(key) => (DELETED_RESOURCE, key),
        };
        transaction.prepare_cached(sql)?.execute([key])?;
    }
    Ok(())
}

/// Everything around an element instance, itself included: scopes, its process instance, and what called that.
macro_rules! around {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE around (key) AS (
                VALUES (?1)
                UNION SELECT e.flow_scope_key FROM around
                    JOIN live_element_instances e ON e.element_instance_key = around.key
                UNION SELECT p.parent_element_instance_key FROM around
                    JOIN live_process_instances p ON p.process_instance_key = around.key
                    WHERE p.parent_element_instance_key IS NOT NULL
            ) ",
            $rest
        )
    };
}

const COUNT_IN_ELEMENTS: &str = around!(
    "UPDATE live_element_instances SET incident_count = incident_count + ?2 \
     WHERE element_instance_key IN (SELECT key FROM around)"
);
const COUNT_IN_INSTANCES: &str = around!(
    "UPDATE live_process_instances SET incident_count = incident_count + ?2 \
     WHERE process_instance_key IN (SELECT key FROM around)"
);
const NAME_INCIDENT: &str =
    "UPDATE live_element_instances SET incident_key = ?2 WHERE element_instance_key = ?1";

/// Counts the incidents that are active at what is around their elements.
fn change_incidents(transaction: &Transaction<'_>, batch: &Batch) -> Written {
    for (incident, change) in &batch.incident_changes {
        let IncidentChange { element_instance_key, is_created, is_resolved } = *change;
        let by = match (is_created, is_resolved) {
            (true, false) => 1,
            (false, true) => -1,
            (true, true) | (false, false) => continue,
        };
        transaction.prepare_cached(COUNT_IN_ELEMENTS)?.execute(params![element_instance_key, by])?;
        transaction.prepare_cached(COUNT_IN_INSTANCES)?.execute(params![element_instance_key, by])?;
        let incident = is_created.then_some(incident);
        transaction.prepare_cached(NAME_INCIDENT)?.execute(params![element_instance_key, incident])?;
    }
    Ok(())
}

macro_rules! moves {
    ($($table:literal,)*) => {[$([
        concat!(
            "INSERT INTO recent_a_", $table, " SELECT * FROM live_", $table,
            " WHERE process_instance_key IN (SELECT value FROM json_each(?))"
        ),
        concat!(
            "INSERT INTO recent_b_", $table, " SELECT * FROM live_", $table,
            " WHERE process_instance_key IN (SELECT value FROM json_each(?))"
        ),
        concat!(
            "DELETE FROM live_", $table,
            " WHERE process_instance_key IN (SELECT value FROM json_each(?))"
        ),
    ]),*]};
}

/// For each table: into one set, into the other, and away from the living.
const MOVES: [[&str; 3]; 10] = moves!(
    "process_instances",
    "element_instances",
    "sequence_flows",
    "variables",
    "jobs",
    "incidents",
    "user_tasks",
    "message_subscriptions",
    "correlated_message_subscriptions",
    "decision_instances",
);

/// Moves the rows of instances that ended in the batch but began before it.
fn move_ended(transaction: &Transaction<'_>, batch: &Batch, recent: Place) -> Written {
    let ended: FxHashSet<i64> = batch.ended.difference(&batch.begun).copied().collect();
    if ended.is_empty() {
        return Ok(());
    }
    let mut keys: Vec<i64> = ended.into_iter().collect();
    keys.sort_unstable();
    let keys = serde_json::Value::from(keys).to_string();
    for [into_a, into_b, away] in MOVES {
        let into = if recent == Place::RecentA { into_a } else { into_b };
        if transaction.prepare_cached(into)?.execute([&keys])? > 0 {
            transaction.prepare_cached(away)?.execute([&keys])?;
        }
    }
    Ok(())
}
