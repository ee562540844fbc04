//! What writes batch operations, and deletes what is known of what has ended.

use super::{Written, write_rows};
use crate::blocks::{Block, SetWriter};
use crate::fold::{Batch, DeletedHistory, item_state};
use crate::place::{LIVE, RECENT, RecentSet};
use crate::schema::INSTANCE_TABLES;
use ringbolt_record::HistoryDeletionType;
use rusqlite::{Transaction, params};
use std::sync::atomic::AtomicI64;

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

pub(super) fn write(transaction: &Transaction<'_>, batch: &mut Batch, recent: &SetWriter<'_>) -> Written {
    write_rows(transaction, &batch.batch_operations)?;
    write_rows(transaction, &batch.batch_counts)?;
    write_rows(transaction, &batch.batch_items)?;
    for key in &batch.batches_given_up {
        let given_up = params![item_state("CANCELED"), key, item_state("ACTIVE")];
        transaction.prepare_cached(GIVE_UP)?.execute(given_up)?;
    }
    delete(transaction, &batch.deleted_history, recent.next)
}

/// Deletes rows of instances, or of evaluations, from the sets of recent ones.
fn delete_recent(
    transaction: &Transaction<'_>,
    next: &AtomicI64,
    keys: &[i64],
    is_of_instances: bool,
) -> Written {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    let may_have =
        |min: i64, max: i64| keys.get(keys.partition_point(|key| *key < min)).is_some_and(|key| *key <= max);
    for set in RecentSet::ALL {
        let set = SetWriter::new(transaction, set, next);
        for (table, name) in INSTANCE_TABLES.iter().enumerate() {
            if is_of_instances {
                let is_kept = |block: &Block, row: usize| keys.binary_search(&block.instance(row)).is_err();
                set.retain(table, |block| may_have(block.instance_min, block.instance_max), is_kept)?;
            } else if *name == "decision_instances" {
                let is_kept = |block: &Block, row: usize| keys.binary_search(&block.key(row)).is_err();
                set.retain(table, |block| may_have(block.key_min, block.key_max), is_kept)?;
            }
        }
    }
    Ok(())
}

/// Deletes the rows that there are, and says whose are to be left out in files that never change. `next` is the number of the next block.
pub(crate) fn delete(transaction: &Transaction<'_>, deleted: &[DeletedHistory], next: &AtomicI64) -> Written {
    let keys_of = |kind: HistoryDeletionType| -> Vec<i64> {
        deleted.iter().filter(|one| one.kind == kind).map(|one| one.key).collect()
    };
    let of = |kind: HistoryDeletionType| {
        let keys = keys_of(kind);
        (!keys.is_empty()).then(|| serde_json::Value::from(keys).to_string())
    };
    if let Some(keys) = of(HistoryDeletionType::ProcessInstance) {
        for table in INSTANCE_TABLES {
            let sql = format!("DELETE FROM {LIVE}{table} WHERE process_instance_key {IN_KEYS}");
            transaction.prepare_cached(&sql)?.execute([&keys])?;
        }
        delete_recent(transaction, next, &keys_of(HistoryDeletionType::ProcessInstance), true)?;
    }
    if let Some(keys) = of(HistoryDeletionType::DecisionInstance) {
        let sql = format!("DELETE FROM {LIVE}decision_instances WHERE decision_evaluation_key {IN_KEYS}");
        transaction.prepare_cached(&sql)?.execute([&keys])?;
        delete_recent(transaction, next, &keys_of(HistoryDeletionType::DecisionInstance), false)?;
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
