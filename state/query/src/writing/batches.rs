//! What writes batch operations, and deletes what is known of what has ended.

use super::{Written, write_rows};
use crate::fold::{Batch, DeletedHistory, item_state};
use crate::place::{LIVE, Place, RECENT};
use crate::schema::INSTANCE_TABLES;
use ringbolt_record::HistoryDeletionType;
use rusqlite::{Transaction, params};

const GIVE_UP: &str =
    "UPDATE batch_operation_items SET state = ? WHERE batch_operation_key = ? AND state = ?";
const DELETED: &str = "INSERT INTO deleted_history \
     (process_instance_key, decision_evaluation_key, deleted_date) VALUES (?, ?, ?)";
const DELETED_ONCE: &str = "INSERT INTO deleted_history (process_instance_key, deleted_date) SELECT ?1, ?2 \
     WHERE NOT EXISTS (SELECT 1 FROM deleted_history WHERE process_instance_key = ?1)";
/// Keys that come as a list in JSON.
const IN_KEYS: &str = "IN (SELECT value FROM json_each(?))";
/// Sets of tables that are written.
const SETS: [&str; 3] = [LIVE, RECENT[0], RECENT[1]];

pub(super) fn write(transaction: &Transaction<'_>, batch: &mut Batch) -> Written {
    let young = &batch.young;
    write_rows(transaction, &mut batch.batch_operations, young, Place::Live)?;
    write_rows(transaction, &mut batch.batch_counts, young, Place::Live)?;
    write_rows(transaction, &mut batch.batch_items, young, Place::Live)?;
    for key in &batch.batches_given_up {
        let given_up = params![item_state("CANCELED"), key, item_state("ACTIVE")];
        transaction.prepare_cached(GIVE_UP)?.execute(given_up)?;
    }
    delete(transaction, &batch.deleted_history)
}

/// Deletes the rows that there are, and says whose are to be left out in files that never change. Recent rows have no index to find them
/// by, so each table is gone over once for all.
pub(crate) fn delete(transaction: &Transaction<'_>, deleted: &[DeletedHistory]) -> Written {
    let of = |kind: HistoryDeletionType| {
        let keys: Vec<i64> = deleted.iter().filter(|one| one.kind == kind).map(|one| one.key).collect();
        (!keys.is_empty()).then(|| serde_json::Value::from(keys).to_string())
    };
    if let Some(keys) = of(HistoryDeletionType::ProcessInstance) {
        for (set, table) in SETS.iter().flat_map(|set| INSTANCE_TABLES.map(|table| (set, table))) {
            let sql = format!("DELETE FROM {set}{table} WHERE process_instance_key {IN_KEYS}");
            transaction.prepare_cached(&sql)?.execute([&keys])?;
        }
    }
    if let Some(keys) = of(HistoryDeletionType::DecisionInstance) {
        for set in SETS {
            let sql = format!("DELETE FROM {set}decision_instances WHERE decision_evaluation_key {IN_KEYS}");
            transaction.prepare_cached(&sql)?.execute([&keys])?;
        }
    }
    if let Some(keys) = of(HistoryDeletionType::ProcessDefinition) {
        delete_processes(transaction, &keys)?;
    }
    if let Some(keys) = of(HistoryDeletionType::DecisionRequirements) {
        delete_decisions(transaction, &keys)?;
    }
    let mut note = transaction.prepare_cached(DELETED)?;
    for DeletedHistory { kind, key, at } in deleted {
        match kind {
            HistoryDeletionType::ProcessInstance => note.execute(params![key, None::<i64>, at])?,
            HistoryDeletionType::DecisionInstance => note.execute(params![None::<i64>, key, at])?,
            // They stand in this file alone.
            HistoryDeletionType::ProcessDefinition | HistoryDeletionType::DecisionRequirements => 0,
        };
    }
    Ok(())
}

/// Says of instances that they are to be left out in files that never change, once.
pub(crate) fn note_deleted(
    transaction: &Transaction<'_>,
    keys: impl Iterator<Item = i64>,
    at_ms: i64,
) -> Written {
    let mut note = transaction.prepare_cached(DELETED_ONCE)?;
    for key in keys {
        note.execute(params![key, at_ms])?;
    }
    Ok(())
}

/// Deletes process definitions but those of which there still are instances: those rows take their names from here.
fn delete_processes(transaction: &Transaction<'_>, keys: &str) -> Written {
    let mut sql =
        format!("DELETE FROM process_definitions WHERE state = 1 AND process_definition_key {IN_KEYS}");
    for set in SETS {
        sql += &format!(
            " AND NOT EXISTS (SELECT 1 FROM {set}process_instances p \
             WHERE p.process_definition_key = process_definitions.process_definition_key)"
        );
    }
    transaction.prepare_cached(&sql)?.execute([keys])?;
    for table in ["process_definition_xml", "elements"] {
        let sql = format!(
            "DELETE FROM {table} WHERE process_definition_key {IN_KEYS} AND process_definition_key NOT IN \
             (SELECT process_definition_key FROM process_definitions)"
        );
        transaction.prepare_cached(&sql)?.execute([keys])?;
    }
    Ok(())
}

/// Deletes models of decisions with their decisions. Evaluations have names of their own.
fn delete_decisions(transaction: &Transaction<'_>, keys: &str) -> Written {
    for (table, is_deleted) in [
        ("decision_definitions", "AND is_deleted = 1"),
        ("decision_requirements", "AND is_deleted = 1"),
        ("decision_requirements_xml", ""),
    ] {
        let sql = format!("DELETE FROM {table} WHERE decision_requirements_key {IN_KEYS} {is_deleted}");
        transaction.prepare_cached(&sql)?.execute([keys])?;
    }
    Ok(())
}
