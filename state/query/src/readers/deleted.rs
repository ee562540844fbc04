//! What was deleted, left out of files of finished instances, which never change.
//!
//! A connection to such a file gets views of its own with the names of the tables, which show all rows but those of what was deleted. SQLite looks for
//! names among them first, so that every search goes by them.

use super::{Error, broken};
use crate::schema::{INSTANCE_TABLES, TAKEN_FLOWS};
use rusqlite::Connection;

const LAST: &str = "SELECT COALESCE(max(number), 0) FROM deleted_history";
/// By the keys that a file may have: others may have been deleted of many.
const SINCE: &str = "SELECT process_instance_key, NULL FROM deleted_history \
     WHERE process_instance_key BETWEEN ?2 AND ?3 AND number > ?1 \
     UNION ALL SELECT NULL, decision_evaluation_key FROM deleted_history \
     WHERE decision_evaluation_key IS NOT NULL AND decision_evaluation_key BETWEEN ?2 AND ?3 AND number > ?1";

/// The number of the last deletion; 0 for none.
pub(super) fn last(hot: &Connection) -> Result<i64, Error> {
    let last = hot.prepare_cached(LAST).and_then(|mut last| last.query_row([], |row| row.get(0)));
    last.map_err(broken(hot))
}

/// What a connection to a file leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeftOut {
    /// Deletions up to this number.
    until: i64,
    /// It has views: something of the file was deleted.
    has_views: bool,
}

/// Leaves out of a file, which has keys between these two, what was deleted up to `last`, as `hot.db` says it.
pub(super) fn leave_out(
    hot: &Connection,
    last: i64,
    file: &Connection,
    keys: [i64; 2],
    left_out: &mut LeftOut,
) -> Result<(), Error> {
    // When all were forgotten, since no file has anything of them, there are fewer than before.
    if last > left_out.until {
        let keys = keys_since(hot, left_out.until, keys).map_err(broken(hot))?;
        if !keys.is_empty() {
            // Only what belongs to the connection is written.
            file.pragma_update(None, "query_only", false).map_err(broken(file))?;
            let noted = note(file, &keys, left_out.has_views);
            file.pragma_update(None, "query_only", true).map_err(broken(file))?;
            noted.map_err(broken(file))?;
            left_out.has_views = true;
        }
        left_out.until = last;
    }
    Ok(())
}

/// Keys of instances and of evaluations that were deleted.
fn keys_since(
    hot: &Connection,
    known: i64,
    [low, high]: [i64; 2],
) -> rusqlite::Result<Vec<(Option<i64>, Option<i64>)>> {
    let mut since = hot.prepare_cached(SINCE)?;
    since.query_map([known, low, high], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
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
    for table in INSTANCE_TABLES.into_iter().chain([TAKEN_FLOWS]) {
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
