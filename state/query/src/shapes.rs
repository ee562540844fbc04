//! What the tables of instances look like, as SQLite understands their text.

use crate::schema::{FINISHED_DDL, INSTANCE_TABLES};
use rusqlite::Connection;
use std::sync::LazyLock;

/// A table of instances.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// Its name, without prefix.
    pub(crate) name: &'static str,
    /// Its text, with that name.
    pub(crate) sql: String,
    /// Its columns.
    pub(crate) columns: Vec<String>,
    /// How many of them, the first ones, are its key: one, which is the row's number and left out of its record, or two.
    pub(crate) keys: usize,
    /// Which of them says the process instance.
    pub(crate) instance: usize,
}

impl Shape {
    /// Whether a row has a number, which is its key.
    pub(crate) fn has_rowid(&self) -> bool {
        self.keys == 1
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

fn shape(connection: &Connection, name: &'static str) -> rusqlite::Result<Shape> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?";
    let sql = connection.query_row(sql, [name], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?)")?;
    let columns = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns: Vec<(String, usize)> = columns.collect::<rusqlite::Result<_>>()?;
    let keys = columns.iter().filter(|(_, key)| *key > 0).count();
    let are_first =
        columns.iter().zip(1..).all(|((_, key), place)| *key == if place <= keys { place } else { 0 });
    let instance = columns.iter().position(|(column, _)| column == "process_instance_key");
    let columns = columns.into_iter().map(|(column, _)| column).collect();
    match instance {
        Some(instance) if are_first && keys > 0 => Ok(Shape { name, sql, columns, keys, instance }),
        _ => Err(rusqlite::Error::InvalidColumnName(name.to_owned())),
    }
}

/// The tables of instances, in the order of [`INSTANCE_TABLES`].
pub(crate) static SHAPES: LazyLock<[Shape; INSTANCE_TABLES.len()]> = LazyLock::new(|| {
    let connection = Connection::open_in_memory().expect("memory is a file");
    connection.execute_batch(FINISHED_DDL).expect("the tables are SQL");
    INSTANCE_TABLES
        .map(|table| shape(&connection, table).expect("a table has its key first, and says its instance"))
});

#[cfg(test)]
mod tests {
    use super::SHAPES;

    #[test]
    fn every_table_has_its_key_first_and_says_its_instance() {
        for shape in SHAPES.iter() {
            assert_eq!(shape.columns[shape.instance], "process_instance_key", "{}", shape.name);
            assert_eq!(shape.columns.last().map(String::as_str), Some("tenant_id"), "{}", shape.name);
            assert_eq!(shape.has_rowid(), !shape.sql.contains("WITHOUT ROWID"), "{}", shape.name);
        }
    }
}
