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
pub(super) fn leave_out(hot: &Connection, file: &Connection, known: &mut i64) -> Result<(), Error> {
    let last: i64 = hot
        .prepare_cached(LAST)
        .and_then(|mut last| last.query_row([], |row| row.get(0)))
        .map_err(broken(hot))?;
    if last == *known {
        return Ok(());
    }
    // Only what belongs to the connection is written.
    file.pragma_update(None, "query_only", false).map_err(broken(file))?;
    let noted = note(hot, file, *known);
    file.pragma_update(None, "query_only", true).map_err(broken(file))?;
    noted.map_err(broken(file))?;
    *known = last;
    Ok(())
}

fn note(hot: &Connection, file: &Connection, known: i64) -> rusqlite::Result<()> {
    if known == 0 {
        file.execute_batch(&views())?;
    }
    let mut since = hot.prepare_cached(SINCE)?;
    let mut rows = since.query([known])?;
    let mut instance = file.prepare_cached("INSERT OR IGNORE INTO temp.deleted_instances VALUES (?)")?;
    let mut evaluation = file.prepare_cached("INSERT OR IGNORE INTO temp.deleted_evaluations VALUES (?)")?;
    while let Some(row) = rows.next()? {
        if let Some(key) = row.get::<_, Option<i64>>(0)? {
            instance.execute([key])?;
        }
        if let Some(key) = row.get::<_, Option<i64>>(1)? {
            evaluation.execute([key])?;
        }
    }
    Ok(())
}

fn views() -> String {
    let mut sql = "CREATE TEMP TABLE deleted_instances (key INTEGER PRIMARY KEY);
         CREATE TEMP TABLE deleted_evaluations (key INTEGER PRIMARY KEY);\n"
        .to_owned();
    for table in INSTANCE_TABLES {
        let also = match table {
            "decision_instances" => {
                " AND NOT EXISTS (SELECT 1 FROM temp.deleted_evaluations d WHERE d.key = t.decision_evaluation_key)"
            }
            _ => "",
        };
        sql.push_str(&format!(
            "CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} t WHERE NOT EXISTS \
             (SELECT 1 FROM temp.deleted_instances d WHERE d.key = t.process_instance_key){also};\n"
        ));
    }
    sql
}
