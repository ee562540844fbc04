//! Rows written into a file of SQLite's many at a time, by rising key, with all indexes: a few times less work than through SQLite, which looks for the place of
//! each row and each entry.
//!
//! SQLite makes the file, its schema and the small tables; what belongs to instances is written here while nobody has it open, in the format of
//! <https://www.sqlite.org/fileformat2.html>. Who opens it then finds what SQLite itself could have written.
//!
//! - `pages`: pages put behind those that there are. `tree`: trees of them.
//! - `row`: a row's record, looked at once. `specs`: the indexes. `entries`: those of an index, sorted.
//!
//! Invariants
//! - In memory are the entries of one table's indexes, never its rows.
//! - The file is of use only after [`Bulk::complete`]: before, its header says nothing of what was added.

mod entries;
mod pages;
mod row;
mod specs;
#[cfg(test)]
mod tests;
mod tree;

use crate::archive::MakeError;
use crate::blocks::Damaged;
use crate::files::open;
use crate::shapes::{SHAPES, Shape};
use entries::Entries;
use pages::Pages;
use row::{Place, Row, is_after};
use specs::SPECS;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tree::{Kind, Tree};

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is to be written.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The file that is written.
    #[error("the file that is made is not as SQLite makes it")]
    Unexpected,
}

impl From<Error> for MakeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Sql(error) => error.into(),
            Error::Io(error) => error.into(),
            Error::Damaged(damaged) => rusqlite::Error::from(damaged).into(),
            Error::Unexpected => io::Error::other(error.to_string()).into(),
        }
    }
}

/// A file that is filled.
#[derive(Debug)]
pub(crate) struct Bulk {
    pages: Pages,
    /// Where tables and indexes begin.
    roots: HashMap<String, u32>,
}

impl Bulk {
    /// Begins to fill a file that SQLite has made, with its tables and indexes, and that nobody has open. What is given up is noticed every few pages.
    ///
    /// # Errors
    /// When it cannot be read, or is of a kind that is not written here.
    pub(crate) fn open(path: &Path, is_given_up: Arc<AtomicBool>) -> Result<Self, Error> {
        let connection = open(path)?;
        let mut statement =
            connection.prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0")?;
        let roots = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let roots = roots.collect::<rusqlite::Result<_>>()?;
        drop(statement);
        connection.close().map_err(|(_, error)| error)?;
        Ok(Self { pages: Pages::open(path, is_given_up)?, roots })
    }

    fn tree(&self, kind: Kind, name: &str) -> Result<Tree, Error> {
        let root = self.roots.get(name).copied().ok_or(Error::Unexpected)?;
        Ok(Tree::new(kind, root, self.pages.page_bytes()))
    }

    /// Begins with a table, by its place in [`INSTANCE_TABLES`](crate::schema::INSTANCE_TABLES), which is empty.
    ///
    /// # Errors
    /// When the file does not have it.
    pub(crate) fn table(&mut self, table: usize) -> Result<Rows<'_>, Error> {
        let shape = &SHAPES[table];
        let kind = if shape.has_rowid() { Kind::Table } else { Kind::Index };
        let tree = self.tree(kind, shape.name)?;
        let indexes = SPECS[table].iter().map(Entries::new).collect();
        let (places, last) = Default::default();
        Ok(Rows { bulk: self, shape, tree, indexes, places, last_rowid: None, last })
    }

    /// Ends it. The file is as SQLite has them, but for what it did not sync.
    ///
    /// # Errors
    /// When it cannot be written, or is not wanted any more.
    pub(crate) fn complete(self) -> Result<(), Error> {
        self.pages.complete()
    }
}

/// A table that is filled.
#[derive(Debug)]
pub(crate) struct Rows<'b> {
    bulk: &'b mut Bulk,
    shape: &'static Shape,
    tree: Tree,
    indexes: Vec<Entries>,
    places: Vec<Place>,
    last_rowid: Option<i64>,
    /// The last record of a table without row numbers.
    last: Vec<u8>,
}

impl Rows<'_> {
    /// Adds a row, whose key comes after all before: `key` is its number where it has one.
    ///
    /// # Errors
    /// When it is no row of this table, does not come after the one before, or cannot be written.
    pub(crate) fn put(&mut self, key: i64, record: &[u8]) -> Result<(), Error> {
        let rowid = self.shape.has_rowid().then_some(key);
        let row = Row::parse(record, self.shape.columns.len(), rowid, &mut self.places)?;
        if rowid.is_some() {
            if self.last_rowid >= rowid {
                return Err(Damaged.into());
            }
            self.last_rowid = rowid;
            self.tree.put_row(&mut self.bulk.pages, key, record)?;
        } else {
            if !self.last.is_empty() && !is_after(&self.last, record, self.shape.keys) {
                return Err(Damaged.into());
            }
            self.last.clear();
            self.last.extend_from_slice(record);
            self.tree.put_record(&mut self.bulk.pages, record)?;
        }
        for index in &mut self.indexes {
            index.put(&row)?;
        }
        Ok(())
    }

    /// Ends the table, and writes its indexes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn complete(self) -> Result<(), Error> {
        let Self { bulk, tree, indexes, .. } = self;
        tree.complete(&mut bulk.pages)?;
        for mut entries in indexes {
            let mut tree = bulk.tree(Kind::Index, entries.name())?;
            entries.write(&mut tree, &mut bulk.pages)?;
            tree.complete(&mut bulk.pages)?;
        }
        Ok(())
    }
}
