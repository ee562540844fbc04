//! What writes rows that the state tells of, where there are none yet.

use crate::fold::{Batch, item_state};
use crate::rows::{Row, Rows};
use crate::schema::INSTANCE_TABLES;
use crate::writing::{
    COUNT_IN_ELEMENTS, COUNT_IN_INSTANCES, NAME_INCIDENT, date_elements, insert_definition_parts,
};
use rusqlite::{OptionalExtension, Transaction, params};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

type Written = rusqlite::Result<()>;

/// The text that writes a row only where there is none.
fn insert_missing<R: Row>() -> String {
    let upsert = R::UPSERT;
    let insert = upsert.split(" ON CONFLICT").next().unwrap_or(upsert);
    insert.replacen("INSERT INTO", "INSERT OR IGNORE INTO", 1)
}

const IS_LIVE: &str = "SELECT 1 FROM live_process_instances WHERE process_instance_key = ?";
const IS_THERE: &str = "SELECT 1 FROM process_instances WHERE process_instance_key = ?";
const SAY_DEPLOYMENT: &str = "UPDATE process_definitions SET deployment_key = ?, version_tag = ?, tenant_id = ? \
     WHERE process_definition_key = ? AND deployment_key IS NULL";
/// What a record of the middle of its life brought there may not know how it stands.
const SAY_STATE: &str = "UPDATE live_process_instances SET state = ?, suspended_date = ? \
     WHERE process_instance_key = ? AND state IS NULL";
/// The same of a batch operation and of its items.
const SAY_KIND: &str =
    "UPDATE batch_operations SET kind = ?, start_date = ifnull(start_date, ?) WHERE batch_operation_key = ?";
const SAY_KIND_OF_ITEMS: &str =
    "UPDATE batch_operation_items SET kind = ? WHERE batch_operation_key = ? AND kind <> ?";
/// Elements that the log told of, whose instance began in what it lacks.
const SAY_START: &str =
    "UPDATE live_element_instances SET process_start_date = ? WHERE process_instance_key = ?";
const TELL: &str = "INSERT OR IGNORE INTO told VALUES (?)";

/// Which instances are alive here.
#[derive(Default)]
struct Alive(FxHashMap<i64, bool>);

impl Alive {
    fn holds(&mut self, transaction: &Transaction<'_>, instance: i64) -> rusqlite::Result<bool> {
        if let Some(known) = self.0.get(&instance) {
            return Ok(*known);
        }
        let found: Option<i64> =
            transaction.prepare_cached(IS_LIVE)?.query_row([instance], |row| row.get(0)).optional()?;
        self.0.insert(instance, found.is_some());
        Ok(found.is_some())
    }
}

fn write_rows<R: Row>(transaction: &Transaction<'_>, rows: &mut Rows<R>, alive: &mut Alive) -> Written {
    if rows.len() == 0 {
        return Ok(());
    }
    let mut statement = transaction.prepare_cached(&insert_missing::<R>())?;
    for row in rows.sorted() {
        let may_be = row.instance().map_or(Ok(true), |instance| alive.holds(transaction, instance))?;
        if may_be {
            row.bind(&mut statement)?;
            statement.raw_execute()?;
        }
    }
    Ok(())
}

/// Writes what is told and has no row.
pub(crate) fn write(transaction: &Transaction<'_>, told: &mut Batch) -> Written {
    write_deployed(transaction, told)?;
    let mut alive = Alive::default();
    for row in told.process_instances.sorted() {
        let key = row.process_instance_key;
        transaction.prepare_cached(TELL)?.execute([key])?;
        let is_there: Option<i64> =
            transaction.prepare_cached(IS_THERE)?.query_row([key], |row| row.get(0)).optional()?;
        if is_there.is_none() {
            let mut statement =
                transaction.prepare_cached(&insert_missing::<crate::rows::ProcessInstance>())?;
            row.bind(&mut statement)?;
            statement.raw_execute()?;
            transaction.prepare_cached(SAY_START)?.execute(params![row.start_date, key])?;
        } else {
            let stands = rusqlite::params![row.state, row.suspended_date, key];
            transaction.prepare_cached(SAY_STATE)?.execute(stands)?;
        }
    }
    date_elements(transaction, &mut told.element_instances, |_| true)?;
    write_rows(transaction, &mut told.element_instances, &mut alive)?;
    write_rows(transaction, &mut told.variables, &mut alive)?;
    // When they were made is not known.
    told.jobs.iter_mut().for_each(|job| job.creation_time = None);
    write_rows(transaction, &mut told.jobs, &mut alive)?;
    write_rows(transaction, &mut told.incidents, &mut alive)?;
    write_rows(transaction, &mut told.user_tasks, &mut alive)?;
    write_rows(transaction, &mut told.message_subscriptions, &mut alive)?;
    write_rows(transaction, &mut told.event_waits, &mut alive)?;
    write_batch_operations(transaction, told, &mut alive)
}

/// How many items they have is counted when all are there.
fn write_batch_operations(transaction: &Transaction<'_>, told: &mut Batch, alive: &mut Alive) -> Written {
    write_rows(transaction, &mut told.batch_operations, alive)?;
    write_rows(transaction, &mut told.batch_counts, alive)?;
    write_rows(transaction, &mut told.batch_items, alive)?;
    for row in told.batch_operations.iter() {
        let key = row.batch_operation_key;
        transaction.prepare_cached(SAY_KIND)?.execute(params![row.kind, row.start_date, key])?;
    }
    let whole = told.batch_operations.iter().map(|row| (row.batch_operation_key, row.kind));
    let items = told.batch_items.iter().map(|row| (row.batch_operation_key, row.kind));
    let kinds: BTreeMap<i64, u8> = whole.chain(items).collect();
    for (key, kind) in kinds {
        transaction.prepare_cached(SAY_KIND_OF_ITEMS)?.execute(params![kind, key, kind])?;
    }
    Ok(())
}

/// Counts the items of batch operations that go on anew.
pub(crate) fn count_items(transaction: &Transaction<'_>) -> Written {
    let count = |of: &str| {
        format!(
            "(SELECT count(*) FROM batch_operation_items i \
             WHERE i.batch_operation_key = batch_operation_counts.batch_operation_key{of})"
        )
    };
    let done = |state: &str| count(&format!(" AND i.state = {}", item_state(state)));
    let sql = format!(
        "UPDATE batch_operation_counts SET items = {}, completed = {}, failed = {} WHERE end_date IS NULL",
        count(""),
        done("COMPLETED"),
        done("FAILED")
    );
    transaction.execute(&sql, []).map(drop)
}

fn write_deployed(transaction: &Transaction<'_>, told: &mut Batch) -> Written {
    let mut alive = Alive::default();
    let mut definitions = Rows::default();
    for definition in &told.definitions {
        definitions.put(definition.row.clone());
        insert_definition_parts(transaction, definition)?;
    }
    write_rows(transaction, &mut definitions, &mut alive)?;
    for row in definitions.iter() {
        // One that was looked up for its names alone does not say where it came from.
        let (from, key) = (row.deployment_key, row.process_definition_key);
        transaction.prepare_cached(SAY_DEPLOYMENT)?.execute(params![
            from,
            row.version_tag,
            row.tenant_id,
            key
        ])?;
    }
    write_rows(transaction, &mut told.decision_requirements, &mut alive)?;
    write_rows(transaction, &mut told.decisions, &mut alive)?;
    write_rows(transaction, &mut told.forms, &mut alive)?;
    write_rows(transaction, &mut told.resources, &mut alive)?;
    write_rows(transaction, &mut told.cluster_variables, &mut alive)?;
    for (key, xml) in &told.decision_xml {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO decision_requirements_xml VALUES (?, ?)")?
            .execute(params![key, xml])?;
    }
    Ok(())
}

/// Forgets of what is alive how it stands: it is told anew.
pub(crate) fn forget_how_it_stands(transaction: &Transaction<'_>) -> Written {
    transaction.execute_batch(
        "UPDATE live_process_instances SET state = NULL, suspended_date = NULL;
         DELETE FROM live_variables WHERE scope_key = process_instance_key OR scope_key IN
             (SELECT element_instance_key FROM live_element_instances WHERE end_date IS NULL);
         DELETE FROM live_element_instances WHERE end_date IS NULL;
         DELETE FROM live_jobs WHERE end_time IS NULL;
         DELETE FROM live_incidents WHERE state = 0;
         DELETE FROM live_user_tasks WHERE completion_date IS NULL;
         DELETE FROM live_message_subscriptions
             WHERE process_instance_key IS NOT NULL AND message_subscription_state = 1;
         DELETE FROM live_event_waits WHERE is_over = 0;
         DELETE FROM cluster_variables;
         DELETE FROM batch_operations WHERE end_date IS NULL;
         DELETE FROM batch_operation_counts WHERE end_date IS NULL;
         DELETE FROM batch_operation_items WHERE state = 0;",
    )
}

/// Removes instances that are alive here and were not told of, with keys up to one: they ended in what is missing of the log.
pub(crate) fn forget_untold(transaction: &Transaction<'_>, until_key: u64) -> Written {
    for table in INSTANCE_TABLES.iter().rev() {
        let sql = format!(
            "DELETE FROM live_{table} WHERE process_instance_key IN \
             (SELECT process_instance_key FROM live_process_instances WHERE process_instance_key <= ? \
             AND process_instance_key NOT IN (SELECT instance FROM told))"
        );
        transaction.execute(&sql, [i64::try_from(until_key).unwrap_or(i64::MAX)])?;
    }
    transaction.execute("DELETE FROM told", [])?;
    Ok(())
}

/// Counts all incidents that are active anew.
pub(crate) fn count_incidents(transaction: &Transaction<'_>) -> Written {
    transaction.execute("UPDATE live_element_instances SET incident_count = 0, incident_key = NULL WHERE incident_count <> 0 OR incident_key IS NOT NULL", [])?;
    transaction
        .execute("UPDATE live_process_instances SET incident_count = 0 WHERE incident_count <> 0", [])?;
    let mut statement = transaction.prepare(
        "SELECT incident_key, element_instance_key FROM live_incidents WHERE state = 0 ORDER BY incident_key",
    )?;
    let active = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    for incident in active.collect::<Result<Vec<_>, _>>()? {
        let (incident, element) = incident;
        transaction.prepare_cached(COUNT_IN_ELEMENTS)?.execute(params![element, 1])?;
        transaction.prepare_cached(COUNT_IN_INSTANCES)?.execute(params![element, 1])?;
        transaction.prepare_cached(NAME_INCIDENT)?.execute(params![element, incident])?;
    }
    Ok(())
}
