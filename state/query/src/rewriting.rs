//! Files of finished instances written again without what was deleted, on a thread of their own.
//!
//! What is deleted is left out by whoever reads at once; its bytes go when the file that has them is written again under a new number, and the old
//! one is removed. When no file has anything of a deletion any more, nobody needs to know of it.
//!
//! Invariants
//! - A file is listed instead of the one before it in one transaction; every row is in one of the two for whoever reads.

use crate::archive::{Draft, MakeError};
use crate::files::{FinishedFile, PartitionFiles};
use crate::schema::{INSTANCE_TABLES, is_damage};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Which deletions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deletions {
    /// Up to this number.
    pub(crate) until: i64,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rewritten {
    /// It has nothing that was deleted.
    Unchanged,
    /// All of it was deleted.
    Empty,
    /// It cannot be read: why.
    Damaged(String),
    /// This one stands in its place.
    By(FinishedFile),
}

/// What of a file was deleted.
const GONE: &str = "
    CREATE TEMP TABLE gone (key INTEGER PRIMARY KEY);
    CREATE TEMP TABLE gone_evaluations (key INTEGER PRIMARY KEY);";
const GONE_INSTANCES: &str = "INSERT OR IGNORE INTO temp.gone SELECT d.process_instance_key FROM hot.deleted_history d \
     WHERE d.number <= ?1 AND d.process_instance_key IN (SELECT i.process_instance_key FROM old.process_instances i)";
const GONE_EVALUATIONS: &str = "INSERT OR IGNORE INTO temp.gone_evaluations SELECT d.decision_evaluation_key FROM hot.deleted_history d \
     WHERE d.number <= ?1 AND d.decision_evaluation_key IN (SELECT x.decision_evaluation_key FROM old.decision_instances x)";

/// Has a file written again under another number, without what was deleted.
pub(crate) fn rewrite(
    files: &PartitionFiles,
    old: &FinishedFile,
    number: u32,
    deletions: Deletions,
    is_given_up: Arc<AtomicBool>,
) -> Result<Rewritten, MakeError> {
    let path = files.finished_file(old.number);
    if !path.exists() {
        return Ok(Rewritten::Damaged("it is not there".into()));
    }
    match rewrite_sound(files, old, number, deletions, is_given_up) {
        // Whether it is this file, or `hot.db`, which its own writer finds.
        Err(MakeError::Sql(error)) if is_damage(&error) && !is_sound(&path) => {
            Ok(Rewritten::Damaged(error.to_string()))
        }
        made => made,
    }
}

/// Looks at every page of a file.
fn is_sound(path: &Path) -> bool {
    let check = |connection: Connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).and_then(check).is_ok_and(|said| said == "ok")
}

fn rewrite_sound(
    files: &PartitionFiles,
    old: &FinishedFile,
    number: u32,
    deletions: Deletions,
    is_given_up: Arc<AtomicBool>,
) -> Result<Rewritten, MakeError> {
    let draft = Draft::begin(files, number, is_given_up)?;
    let connection = &draft.connection;
    connection.execute("ATTACH ? AS hot", [files.hot().to_string_lossy()])?;
    connection.execute("ATTACH ? AS old", [files.finished_file(old.number).to_string_lossy()])?;
    connection.execute_batch(GONE)?;
    let gone = connection.execute(GONE_INSTANCES, [deletions.until])?
        + connection.execute(GONE_EVALUATIONS, [deletions.until])?;
    if gone == 0 {
        draft.drop()?;
        return Ok(Rewritten::Unchanged);
    }
    connection.execute_batch("BEGIN")?;
    copy(connection)?;
    connection.execute_batch("COMMIT; DETACH hot; DETACH old")?;
    let left = "SELECT (SELECT count(*) FROM process_instances) + (SELECT count(*) FROM decision_instances)";
    let left: i64 = connection.query_row(left, [], |row| row.get(0))?;
    if left == 0 {
        draft.drop()?;
        return Ok(Rewritten::Empty);
    }
    draft.add_indexes()?;
    draft.complete(files).map(Rewritten::By)
}

/// Copies what is left.
fn copy(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO main.process_definitions SELECT * FROM old.process_definitions;
         INSERT INTO main.elements SELECT * FROM old.elements;
         INSERT INTO main.batch_operation_items SELECT * FROM old.batch_operation_items
             WHERE process_instance_key NOT IN (SELECT key FROM temp.gone);",
    )?;
    for table in INSTANCE_TABLES {
        let also = match table {
            "decision_instances" => {
                " AND decision_evaluation_key NOT IN (SELECT key FROM temp.gone_evaluations)"
            }
            _ => "",
        };
        connection.execute(
            &format!(
                "INSERT INTO main.{table} SELECT * FROM old.{table} WHERE (process_instance_key IS NULL \
                 OR process_instance_key NOT IN (SELECT key FROM temp.gone)){also}"
            ),
            [],
        )?;
    }
    Ok(())
}
