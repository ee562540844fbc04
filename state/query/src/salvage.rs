//! What is saved when `hot.db` is damaged: the files of finished instances beside it, which are sound.
//!
//! They are of use only with what `hot.db` says of them: which they are, what of them was deleted, and how far the log was folded into them. Where
//! any of these cannot be read nothing is saved. What was alive is told anew by the state.

use crate::files::{self, FinishedFile, PartitionFiles, file_name, finished};
use crate::schema::{APPLICATION_ID, SCHEMA_VERSION, made_as};
use crate::store;
use rusqlite::{Connection, Transaction, params_from_iter};
use std::fs;
use std::path::Path;

/// Tables that say something of files of finished instances.
const TABLES: [&str; 3] = ["store", "finished_files", "deleted_history"];
/// What is alive is to be told from the begin, and it is not known yet since when everything is there.
const ANEW: &str = "UPDATE store SET filling = x'', complete_since = ?, recent_set = 0";

/// Begins a store with the files of finished instances of one that was set aside. How many instances these have; none where nothing can be saved.
pub(crate) fn salvage(aside: &Path, files: &PartitionFiles) -> Option<u64> {
    let saved = begin(aside, files);
    if saved.is_err() {
        // Nothing but an incomplete `hot.db` is in it.
        let _ = fs::remove_dir_all(files.directory());
    }
    let listed = saved.ok()?;
    for file in &listed {
        let name = file_name(file.number);
        // One that is not there is found missing by who reads it.
        let _ = fs::rename(aside.join(&name), files.directory().join(&name));
    }
    Some(listed.iter().map(|file| file.instances).sum())
}

/// What it may be that nothing can be saved.
type NotSaved = Box<dyn std::error::Error>;

fn begin(aside: &Path, files: &PartitionFiles) -> Result<Vec<FinishedFile>, NotSaved> {
    let old = files::open(&aside.join("hot.db"))?;
    if made_as(&old)? != (APPLICATION_ID, SCHEMA_VERSION) {
        return Err("it is of another version".into());
    }
    for table in TABLES {
        let said: String = old.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if said != "ok" {
            return Err(said.into());
        }
    }
    let listed = finished(&old)?;
    if listed.is_empty() {
        return Err("there is nothing to be saved".into());
    }
    fs::create_dir_all(files.directory())?;
    let mut new = store::open(files)?;
    let transaction = new.transaction()?;
    for table in TABLES {
        copy(&old, &transaction, table)?;
    }
    transaction.execute(ANEW, [i64::MAX])?;
    transaction.commit()?;
    Ok(listed)
}

/// Copies the rows of a table.
fn copy(from: &Connection, to: &Transaction<'_>, table: &str) -> rusqlite::Result<()> {
    let mut all = from.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = all.column_count();
    let marks = vec!["?"; columns].join(", ");
    let mut insert = to.prepare(&format!("INSERT OR REPLACE INTO {table} VALUES ({marks})"))?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let values =
            (0..columns).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<rusqlite::types::Value>>>()?;
        insert.execute(params_from_iter(values))?;
    }
    Ok(())
}
