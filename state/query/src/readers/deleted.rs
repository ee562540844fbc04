//! What was deleted, left out of files of finished instances, which never change.
//!
//! A connection to such a file gets views of its own with the names of the tables, which show all rows but those of what was deleted. SQLite looks for
//! names among them first, so that every search goes by them.

use super::{Error, broken};
use crate::schema::INSTANCE_TABLES;
use rusqlite::Connection;

const LAST: &str = "SELECT COALESCE(max(number), 0) FROM deleted_history";
const SINCE: &str =
    "SELECT process_instance_key, decision_evaluation_key FROM deleted_history WHERE number > ?";

/// Leaves out of a file what was deleted since `known`, as `hot.db` says it.
/// `known` is none for a connection that has no views yet.
pub(super) fn leave_out(hot: &Connection, file: &Connection, known: &mut Option<i64>) -> Result<(), Error> {
    let last: i64 = hot
        .prepare_cached(LAST)
        .and_then(|mut last| last.query_row([], |row| row.get(0)))
        .map_err(broken(hot))?;
    if last == known.unwrap_or(0) {
        return Ok(());
    }
    // When all were forgotten, since no file has anything of them, there are fewer than before.
    if last > known.unwrap_or(0) {
        let keys = keys_since(hot, known.unwrap_or(0)).map_err(broken(hot))?;
        // Only what belongs to the connection is written.
        file.pragma_update(None, "query_only", false).map_err(broken(file))?;
        let noted = note(file, &keys, known.is_some());
        file.pragma_update(None, "query_only", true).map_err(broken(file))?;
        noted.map_err(broken(file))?;
        *known = Some(last);
    }
    Ok(())
}

/// Keys of instances and of evaluations that were deleted.
fn keys_since(hot: &Connection, known: i64) -> rusqlite::Result<Vec<(Option<i64>, Option<i64>)>> {
    let mut since = hot.prepare_cached(SINCE)?;
    since.query_map([known], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn note(file: &Connection, keys: &[(Option<i64>, Option<i64>)], has_views: bool) -> rusqlite::Result<()> {
    if !has_views {
        file.execute_batch(&views())?;
    }
    let mut instance = file.prepare_cached("INSERT OR IGNORE INTO temp.deleted_instances VALUES (?)")?;
    let mut evaluation = file.prepare_cached("INSERT OR IGNORE INTO temp.deleted_evaluations VALUES (?)")?;
    for (instance_key, evaluation_key) in keys {
        if let Some(key) = instance_key {
            instance.execute([key])?;
        }
        if let Some(key) = evaluation_key {
            evaluation.execute([key])?;
        }
    }
    Ok(())
}

fn views() -> String {
    let mut sql = "CREATE TEMP TABLE IF NOT EXISTS deleted_instances (key INTEGER PRIMARY KEY);
         CREATE TEMP TABLE IF NOT EXISTS deleted_evaluations (key INTEGER PRIMARY KEY);\n"
        .to_owned();
    for table in INSTANCE_TABLES {
        let also = match table {
            "decision_instances" => {
                " AND NOT EXISTS (SELECT 1 FROM temp.deleted_evaluations d WHERE d.key = t.decision_evaluation_key)"
            }
            _ => "",
        };
        sql.push_str(&format!(
            "CREATE TEMP VIEW IF NOT EXISTS {table} AS SELECT * FROM main.{table} t WHERE NOT EXISTS \
             (SELECT 1 FROM temp.deleted_instances d WHERE d.key = t.process_instance_key){also};\n"
        ));
    }
    sql
}
