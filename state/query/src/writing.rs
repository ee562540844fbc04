//! What writes a batch's rows, in the transaction of its position.

mod batches;

pub(crate) use batches::{delete, note_deleted};

use crate::blocks::{BlockWriter, SetWriter};
use crate::definitions::DefinitionRows;
use crate::fold::{Batch, Deleted, IncidentChange, MigratedTask};
use crate::place::Place;
use crate::record::RecordWriter;
use crate::rows::{ElementInstance, OfInstance, ProcessInstance, Row, Rows, SequenceFlow};
use crate::schema::INSTANCE_TABLES;
use crate::shapes::SHAPES;
use crate::young::Young;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Transaction, params};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

type Written = rusqlite::Result<()>;

/// Rows that go to a set of recent ones, by table.
#[derive(Default)]
pub(crate) struct Ending {
    tables: [BlockWriter; INSTANCE_TABLES.len()],
    record: RecordWriter,
}

impl Ending {
    /// Adds a row as SQLite reads it.
    pub(crate) fn put_read(&mut self, table: usize, row: &rusqlite::Row<'_>) -> Written {
        let shape = &SHAPES[table];
        let (key, instance) = (row.get(0)?, row.get(shape.instance)?);
        for at in 0..shape.columns.len() {
            let is_number = at == 0 && shape.has_rowid();
            self.record.put(if is_number { ValueRef::Null } else { row.get_ref(at)? });
        }
        self.tables[table].put(key, instance, |data| self.record.finish(data));
        Ok(())
    }

    /// Writes and forgets all.
    pub(crate) fn write(&mut self, set: &SetWriter<'_>) -> Written {
        self.tables.iter_mut().enumerate().try_for_each(|(table, rows)| set.write(table, rows))
    }
}

/// Writes rows where they can change.
fn write_rows<R: Row>(transaction: &Transaction<'_>, rows: &Rows<R>) -> Written {
    if rows.len() == 0 {
        return Ok(());
    }
    let mut statement = transaction.prepare_cached(R::UPSERT)?;
    for row in rows.sorted() {
        row.bind(&mut statement)?;
        statement.raw_execute()?;
    }
    Ok(())
}

/// Writes rows, each where those of its instance belong.
fn write_of_instances<R: OfInstance>(
    transaction: &Transaction<'_>,
    rows: &Rows<R>,
    young: &Young,
    ending: &mut Ending,
) -> Written {
    if rows.len() == 0 {
        return Ok(());
    }
    let table = INSTANCE_TABLES.iter().position(|table| *table == R::TABLE);
    let Ending { tables, record } = ending;
    let ended = &mut tables[table.expect("it is a table of instances")];
    let mut statement = transaction.prepare_cached(R::UPSERT)?;
    for row in rows.sorted() {
        let instance = row.instance();
        match instance.map_or(Some(R::ALONE), |instance| young.place(instance)) {
            None => {}
            Some(Place::Live) => {
                row.bind(&mut statement)?;
                statement.raw_execute()?;
            }
            Some(Place::Recent) => {
                row.record(record);
                ended.put(row.number(), instance, |data| record.finish(data));
            }
        }
    }
    Ok(())
}

/// Writes everything of a batch but the rows that stay in memory, recent ones into this set.
pub(crate) fn write(
    transaction: &Transaction<'_>,
    batch: &mut Batch,
    ending: &mut Ending,
    recent: &SetWriter<'_>,
) -> Written {
    // What failed may have left some.
    ending.tables.iter_mut().for_each(BlockWriter::clear);
    write_instances(transaction, batch, ending)?;
    write_deployed(transaction, batch)?;
    change_incidents(transaction, batch)?;
    batch.usage.write(transaction)?;
    batch.job_counts.write(transaction)?;
    move_ended(transaction, batch, ending, recent)?;
    ending.write(recent)?;
    batches::write(transaction, batch, recent)
}

/// What others call has their business id; only the creation of an instance says one.
fn inherit_business_ids(transaction: &Transaction<'_>, rows: &mut Rows<ProcessInstance>) -> Written {
    let unnamed = rows.iter().filter(|row| row.business_id.is_none());
    let called = unnamed.filter_map(|row| Some((row.process_instance_key, row.parent_process_instance_key?)));
    let mut called: Vec<(i64, i64)> = called.collect();
    // Who calls is older, so that its own is known before.
    called.sort_unstable();
    for (key, caller) in called {
        let of_batch = rows.get_mut(&(caller,)).map(|row| (row.business_id.clone(), row.business_id_since));
        let of_caller = match of_batch {
            Some((Some(id), since)) => Some((Some(id), since)),
            Some((None, _)) | None => {
                let mut statement = transaction.prepare_cached(BUSINESS_ID)?;
                statement.query_row([caller], |row| Ok((row.get(0)?, row.get(1)?))).optional()?
            }
        };
        // Who was called before the caller had one has none.
        let id = of_caller.and_then(|(id, since)| id.filter(|_| since.is_none_or(|since| key > since)));
        if let Some(row) = rows.get_mut(&(key,)) {
            row.business_id = id;
        }
    }
    Ok(())
}

/// Says of elements when the instances in memory began that they are of.
fn date_young_elements(batch: &mut Batch) {
    for row in batch.element_instances.iter_mut().filter(|row| row.process_start_date.is_none()) {
        let instance = row.process_instance_key;
        if batch.young.has(instance) {
            row.process_start_date =
                batch.process_instances.get(&(instance,)).map(|process| process.start_date);
        }
    }
}

/// The same of instances that have a row already, as far as it is wanted.
pub(crate) fn date_elements(
    transaction: &Transaction<'_>,
    rows: &mut Rows<ElementInstance>,
    is_wanted: impl Fn(i64) -> bool,
) -> Written {
    let mut known: FxHashMap<i64, Option<i64>> = FxHashMap::default();
    for row in rows.iter_mut().filter(|row| row.process_start_date.is_none()) {
        let instance = row.process_instance_key;
        if !is_wanted(instance) {
            continue;
        }
        row.process_start_date = match known.get(&instance) {
            Some(start) => *start,
            None => {
                let mut statement = transaction.prepare_cached(START_DATE)?;
                let start = statement.query_row([instance], |row| row.get(0)).optional()?;
                known.insert(instance, start);
                start
            }
        };
    }
    Ok(())
}

/// Has instances that are written once have their sequence flows in their own rows; those of another definition, or that wait no more, are left. Others
/// have a row for each.
fn gather_flows(batch: &mut Batch) {
    let Batch { young, process_instances, sequence_flows, flows_deleted, .. } = batch;
    if sequence_flows.len() > 0 {
        let is_gathered = |flow: &SequenceFlow| {
            young.has_ended(flow.process_instance_key)
                && process_instances.get(&(flow.process_instance_key,)).is_some_and(|row| flow.is_of(row))
                && (flows_deleted.is_empty() || !flows_deleted.contains(&flow.key()))
        };
        for flow in sequence_flows.take(is_gathered) {
            if let Some(row) = process_instances.get_mut(&(flow.process_instance_key,)) {
                row.flows.get_or_insert_default().add(flow.element_id);
            }
        }
    }
    for row in process_instances.iter_mut() {
        let Some(flows) = &mut row.flows else { continue };
        match young.place(row.process_instance_key) {
            None => {}
            Some(Place::Recent) => flows.sort(),
            Some(Place::Live) => row.take_flows().for_each(|flow| sequence_flows.put(flow)),
        }
    }
}

fn write_instances(transaction: &Transaction<'_>, batch: &mut Batch, ending: &mut Ending) -> Written {
    inherit_business_ids(transaction, &mut batch.process_instances)?;
    date_young_elements(batch);
    gather_flows(batch);
    let young = &batch.young;
    if !batch.flows_deleted.is_empty() {
        let deleted = &batch.flows_deleted;
        let is_gone =
            |flow: &SequenceFlow| young.has_ended(flow.process_instance_key) && deleted.contains(&flow.key());
        batch.sequence_flows.take(is_gone);
    }
    write_of_instances(transaction, &batch.process_instances, young, ending)?;
    date_elements(transaction, &mut batch.element_instances, |instance| !young.has(instance))?;
    write_of_instances(transaction, &batch.element_instances, young, ending)?;
    write_of_instances(transaction, &batch.sequence_flows, young, ending)?;
    write_of_instances(transaction, &batch.variables, young, ending)?;
    write_of_instances(transaction, &batch.jobs, young, ending)?;
    write_of_instances(transaction, &batch.incidents, young, ending)?;
    write_of_instances(transaction, &batch.user_tasks, young, ending)?;
    write_of_instances(transaction, &batch.message_subscriptions, young, ending)?;
    write_of_instances(transaction, &batch.event_waits, young, ending)?;
    write_of_instances(transaction, &batch.correlated, young, ending)?;
    write_of_instances(transaction, &batch.decision_instances, young, ending)?;
    for (job, (worker, deadline)) in &batch.jobs_activated {
        transaction.prepare_cached(ACTIVATE_JOB)?.execute(params![worker, deadline, job])?;
    }
    for (task, state) in &batch.user_task_states {
        transaction.prepare_cached(UPDATE_TASK_STATE)?.execute(params![state, task])?;
    }
    for (task, migrated) in &batch.user_tasks_migrated {
        let MigratedTask { process_definition_key, element_id, custom_headers } = migrated;
        let changed = params![process_definition_key, element_id, custom_headers, task];
        transaction.prepare_cached(MIGRATE_TASK)?.execute(changed)?;
    }
    for (instance, flow) in &batch.flows_deleted {
        transaction.prepare_cached(DELETE_FLOW)?.execute(params![instance, flow])?;
    }
    Ok(())
}

/// Of an instance that has called another, which is alive as long as that is.
const BUSINESS_ID: &str =
    "SELECT business_id, business_id_since FROM live_process_instances WHERE process_instance_key = ?";
const START_DATE: &str = "SELECT start_date FROM live_process_instances WHERE process_instance_key = ?";
const DELETE_FLOW: &str = "DELETE FROM live_sequence_flows WHERE process_instance_key = ? AND element_id = ?";
const ACTIVATE_JOB: &str = "UPDATE live_jobs SET worker = ?, deadline = ? WHERE job_key = ?";
const UPDATE_TASK_STATE: &str = "UPDATE live_user_tasks SET state = ? WHERE user_task_key = ?";
const MIGRATE_TASK: &str = "UPDATE live_user_tasks SET process_definition_key = ?, element_id = ?, \
     custom_headers = COALESCE(?, custom_headers) WHERE user_task_key = ?";
const INSERT_ELEMENT: &str = "INSERT OR REPLACE INTO elements VALUES (?, ?, ?, ?, ?, ?)";
const INSERT_XML: &str = "INSERT OR REPLACE INTO process_definition_xml VALUES (?, ?)";
const INSERT_DECISION_XML: &str = "INSERT OR REPLACE INTO decision_requirements_xml VALUES (?, ?)";
const DELETED_PROCESS: &str = "UPDATE process_definitions SET state = 1 WHERE process_definition_key = ?";
const DELETED_REQUIREMENTS: &str =
    "UPDATE decision_requirements SET is_deleted = 1 WHERE decision_requirements_key = ?";
const DELETED_DECISION: &str =
    "UPDATE decision_definitions SET is_deleted = 1 WHERE decision_definition_key = ?";
const DELETED_FORM: &str = "UPDATE forms SET is_deleted = 1 WHERE form_key = ?";
const DELETE_CLUSTER_VARIABLES: &str = "DELETE FROM cluster_variables WHERE is_deleted = 1";
const DELETED_RESOURCE: &str = "UPDATE resources SET is_deleted = 1 WHERE resource_key = ?";

/// Writes what a definition has besides its row: the same whenever it is written.
pub(crate) fn insert_definition_parts(transaction: &Transaction<'_>, definition: &DefinitionRows) -> Written {
    let key = definition.row.process_definition_key;
    transaction.prepare_cached(INSERT_XML)?.execute(params![key, definition.xml])?;
    for element in &definition.elements {
        transaction.prepare_cached(INSERT_ELEMENT)?.execute(params![
            key,
            element.id,
            element.element_type,
            element.name,
            element.custom_headers,
            element.properties
        ])?;
    }
    Ok(())
}

fn write_deployed(transaction: &Transaction<'_>, batch: &mut Batch) -> Written {
    let mut definitions = Rows::default();
    for definition in &batch.definitions {
        definitions.put(definition.row.clone());
        insert_definition_parts(transaction, definition)?;
    }
    write_rows(transaction, &definitions)?;
    write_rows(transaction, &batch.decision_requirements)?;
    write_rows(transaction, &batch.decisions)?;
    write_rows(transaction, &batch.forms)?;
    write_rows(transaction, &batch.resources)?;
    let has_deleted = batch.cluster_variables.iter().any(|variable| variable.is_deleted);
    write_rows(transaction, &batch.cluster_variables)?;
    if has_deleted {
        transaction.prepare_cached(DELETE_CLUSTER_VARIABLES)?.execute([])?;
    }
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

pub(crate) const COUNT_IN_ELEMENTS: &str = around!(
    "UPDATE live_element_instances SET incident_count = incident_count + ?2 \
     WHERE element_instance_key IN (SELECT key FROM around)"
);
pub(crate) const COUNT_IN_INSTANCES: &str = around!(
    "UPDATE live_process_instances SET incident_count = incident_count + ?2 \
     WHERE process_instance_key IN (SELECT key FROM around)"
);
pub(crate) const NAME_INCIDENT: &str =
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

/// For each table of instances: the rows of some, and away with them.
static MOVES: LazyLock<[[String; 2]; INSTANCE_TABLES.len()]> = LazyLock::new(|| {
    let of_ended = "WHERE process_instance_key IN (SELECT value FROM json_each(?))";
    INSTANCE_TABLES.map(|table| {
        [format!("SELECT * FROM live_{table} {of_ended}"), format!("DELETE FROM live_{table} {of_ended}")]
    })
});

/// Moves the rows of instances that ended in the batch but began before it.
fn move_ended(
    transaction: &Transaction<'_>,
    batch: &Batch,
    ending: &mut Ending,
    recent: &SetWriter<'_>,
) -> Written {
    if batch.ended.is_empty() {
        return Ok(());
    }
    let mut keys: Vec<i64> = batch.ended.iter().copied().collect();
    keys.sort_unstable();
    let keys = serde_json::Value::from(keys).to_string();
    for (table, [rows, away]) in MOVES.iter().enumerate() {
        let mut statement = transaction.prepare_cached(rows)?;
        let mut rows = statement.query([&keys])?;
        let mut has_some = false;
        while let Some(row) = rows.next()? {
            ending.put_read(table, row)?;
            recent.write_if_large(table, &mut ending.tables[table])?;
            has_some = true;
        }
        drop(rows);
        if has_some {
            transaction.prepare_cached(away)?.execute([&keys])?;
        }
    }
    Ok(())
}
