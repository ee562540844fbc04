//! Tables over blocks beside real tables with the same rows.

mod answers;
mod damage;
mod plans;

use super::{BlockCache, Snapshot, register};
use crate::blocks::{BlockWriter, SetWriter};
use crate::place::{LIVE, RECENT, RecentSet};
use crate::record::RecordWriter;
use crate::schema::HOT_DDL;
use crate::shapes::{SHAPES, Shape};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

/// Process instances that there are.
const INSTANCES: u64 = 120;
/// Rows of each other table.
const ROWS: usize = 240;

/// Numbers without end, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn instance(&mut self) -> i64 {
        1_000 + 7 * self.below(INSTANCES) as i64
    }

    fn text(&mut self) -> String {
        match self.below(12) {
            0 => String::new(),
            1 => "long ".repeat(60),
            other => format!("t{}", other % 6),
        }
    }

    /// A value for a column of this name and type.
    fn value(&mut self, name: &str, of_type: &str, is_not_null: bool) -> Value {
        if !is_not_null && self.below(4) == 0 {
            return Value::Null;
        }
        match name {
            "process_definition_key" => Value::Integer(1 + self.below(4) as i64),
            name if name.ends_with("_key") && of_type == "INTEGER" => Value::Integer(self.instance()),
            "flows" | "tags" | "candidate_groups" | "candidate_users" | "custom_headers"
            | "variable_events" | "evaluated_inputs" | "matched_rules" => {
                Value::Text(format!("[\"t{}\",\"t{}\"]", self.below(6), self.below(6)))
            }
            _ if of_type == "TEXT" => Value::Text(self.text()),
            _ => Value::Integer(match self.below(20) {
                0 => i64::MAX,
                1 => i64::MIN,
                2 => -70_000,
                3 => 1 << 40,
                other => other as i64 % 5,
            }),
        }
    }
}

/// The same rows in real tables and in blocks.
struct Rig {
    real: Connection,
    blocks: Connection,
    cache: Arc<BlockCache>,
}

/// Tables in place of those over the blocks of a set.
fn real_tables(set: &str) -> String {
    let table = |shape: &Shape| {
        let name = shape.name;
        let named =
            shape.sql.replacen(&format!("CREATE TABLE {name}"), &format!("CREATE TABLE {set}{name}"), 1);
        format!("DROP TABLE {set}{name}; {named};\n")
    };
    SHAPES.iter().map(table).collect()
}

/// A `hot.db` with tables over blocks.
fn made() -> (Connection, Snapshot, Arc<BlockCache>) {
    let connection = Connection::open_in_memory().expect("memory");
    let cache = Arc::default();
    let snapshot = register(&connection, &cache).expect("a module");
    connection.execute_batch(HOT_DDL).expect("SQL");
    (connection, snapshot, cache)
}

/// A row's record.
fn record(shape: &Shape, row: &[Value], out: &mut Vec<u8>) {
    let mut writer = RecordWriter::default();
    for (at, value) in row.iter().enumerate() {
        writer.put(if at == 0 && shape.has_rowid() { ValueRef::Null } else { value.into() });
    }
    writer.finish(out);
}

fn number(value: &Value) -> Option<i64> {
    if let Value::Integer(number) = value { Some(*number) } else { None }
}

fn put(rows: &mut BlockWriter, shape: &Shape, row: &[Value]) {
    let key = number(&row[0]).expect("a key");
    rows.put(key, number(&row[shape.instance]), |out| record(shape, row, out));
}

fn insert(connection: &Connection, table: &str, row: &[Value]) {
    let holes = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT INTO {table} VALUES ({holes})");
    connection.prepare_cached(&sql).expect("SQL").execute(params_from_iter(row)).expect("a row");
}

/// Rows of a table, no two with the same key.
fn rows(random: &mut Random, connection: &Connection, shape: &Shape) -> Vec<Vec<Value>> {
    let sql = "SELECT name, type, \"notnull\" FROM pragma_table_info(?)";
    let mut statement = connection.prepare(sql).expect("SQL");
    let columns = statement.query_map([format!("live_{}", shape.name)], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
    });
    let columns: Vec<_> = columns.expect("columns").map(|column| column.expect("a column")).collect();
    let mut keys = HashSet::new();
    let mut all = Vec::new();
    let is_instances = shape.name == "process_instances";
    let count = if is_instances { INSTANCES as usize - 10 } else { ROWS };
    while all.len() < count {
        let mut row: Vec<Value> =
            columns.iter().map(|(name, of_type, is)| random.value(name, of_type, *is)).collect();
        if shape.has_rowid() && !is_instances {
            row[0] = Value::Integer(1_000 + random.below(4_000) as i64);
        } else if is_instances {
            row[0] = Value::Integer(random.instance());
        }
        if keys.insert(format!("{:?}", &row[..shape.keys])) {
            all.push(row);
        }
    }
    all
}

impl Rig {
    fn new(seed: u64) -> Self {
        let (real, ..) = made();
        RECENT.iter().for_each(|set| real.execute_batch(&real_tables(set)).expect("SQL"));
        let (blocks, snapshot, cache) = made();
        let mut random = Random(seed);
        let next = AtomicI64::new(1);
        for (table, shape) in SHAPES.iter().enumerate() {
            let mut pending = [BlockWriter::default(), BlockWriter::default()];
            let writer = |set| SetWriter::new(&blocks, RecentSet::numbered(set), &next);
            for row in rows(&mut random, &real, shape) {
                let set = random.below(3) as u8;
                if set == 2 {
                    insert(&real, &format!("{LIVE}{}", shape.name), &row);
                    insert(&blocks, &format!("{LIVE}{}", shape.name), &row);
                    continue;
                }
                insert(&real, &format!("{}{}", RECENT[usize::from(set)], shape.name), &row);
                put(&mut pending[usize::from(set)], shape, &row);
                if random.below(20) == 0 {
                    // Without being put together with the one before.
                    let mut large = std::mem::take(&mut pending[usize::from(set)]);
                    let has_small = random.below(2) == 0;
                    if has_small {
                        writer(set).write(table, &mut large).expect("a block");
                    } else {
                        writer(set).insert(table, &mut large).expect("a block");
                    }
                }
            }
            for (set, pending) in (0..).zip(&mut pending) {
                writer(set).write(table, pending).expect("a block");
            }
        }
        for connection in [&real, &blocks] {
            definitions(connection);
        }
        blocks.execute_batch("BEGIN").expect("a transaction");
        snapshot.forget();
        Self { real, blocks, cache }
    }

    /// Has both answer, and compares.
    fn check(&self, sql: &str, values: &[Value]) -> usize {
        let wanted = answer(&self.real, sql, values).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let found = answer(&self.blocks, sql, values).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let other = wanted.iter().zip(&found).find(|(wanted, found)| wanted != found);
        let counts = [wanted.len(), found.len()];
        assert!(wanted == found, "{sql}\n{values:?}\nrows: {counts:?}, not alike first: {other:#?}");
        wanted.len()
    }

    /// How the tables over blocks are read.
    fn plan(&self, sql: &str) -> String {
        plan(&self.blocks, sql)
    }
}

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
    let rows = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    rows.map(|row| row.expect("a row") + "\n").collect()
}

fn definitions(connection: &Connection) {
    for key in 1..5 {
        connection
            .execute_batch(&format!(
                "INSERT INTO process_definitions VALUES ({key}, 't{key}', 't1', {key}, NULL, 'r', 0, NULL, 0, NULL, NULL); \
                 INSERT INTO elements VALUES ({key}, 't1', 10, 'name', NULL, NULL);"
            ))
            .expect("rows");
    }
}

/// All rows, in an order of their own where the statement says none.
fn answer(connection: &Connection, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Text(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        other => format!("{other:?}"),
    };
    let rows = statement.query_map(params_from_iter(values), |row| {
        (0..columns).map(|at| row.get_ref(at).map(text)).collect::<rusqlite::Result<Vec<_>>>()
    })?;
    let mut rows =
        rows.map(|row| row.map(|row| row.join(", "))).collect::<rusqlite::Result<Vec<String>>>()?;
    if !sql.contains("ORDER BY") {
        rows.sort();
    }
    Ok(rows)
}
