//! Files filled here beside the same filled by SQLite.

mod made;
mod measure;

use super::{Bulk, Error};
use crate::record::RecordWriter;
use crate::schema::{FINISHED_DDL, FINISHED_INDEXES, INSTANCE_TABLES};
use crate::shapes::{SHAPES, Shape};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::cmp::Ordering;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// Numbers that are the same each time.
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn integer(&mut self) -> i64 {
        match self.below(8) {
            0..4 => self.below(4) as i64 - 1,
            4 | 5 => 1_000 + self.below(20) as i64,
            6 => self.next() as i64 >> self.below(64),
            _ => 1_893_456_000_000 + self.below(1_000) as i64,
        }
    }

    /// Text, at most so long.
    fn text(&mut self, chars_max: u64) -> String {
        let chars = match self.below(40) {
            0..4 => 0,
            4..20 => {
                return ["one", "two", "two ", "a text of some more characters"][self.below(4) as usize]
                    .into();
            }
            20..36 => self.below(60),
            36..39 => self.below(1_000),
            _ => self.below(chars_max),
        };
        const CHARS: [char; 8] = ['a', 'b', 'ä', '€', '𝄞', '\u{1}', '\u{7f}', '\u{ff}'];
        let mut text: String = (0..chars.min(chars_max)).map(|_| CHARS[self.below(8) as usize]).collect();
        if self.below(50) == 0 {
            text.push('\0');
            text.push_str("more");
        }
        text
    }
}

/// The types of a table's columns, and whether they may be NULL.
fn columns(shape: &Shape) -> Vec<(String, bool)> {
    let connection = Connection::open_in_memory().expect("memory");
    connection.execute_batch(FINISHED_DDL).expect("SQL");
    let mut statement =
        connection.prepare("SELECT type, \"notnull\" = 0 AND pk = 0 FROM pragma_table_info(?)").expect("SQL");
    let columns = statement.query_map([shape.name], |row| Ok((row.get(0)?, row.get(1)?))).expect("a query");
    columns.collect::<rusqlite::Result<_>>().expect("columns")
}

pub(super) type Rows = Vec<Vec<Value>>;

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        _ => panic!("keys are of one kind"),
    }
}

/// Rows of a table, by their keys.
fn rows(random: &mut Random, shape: &Shape, count: usize, chars_max: u64) -> Rows {
    let columns = columns(shape);
    let mut rows: Rows = (0..count)
        .map(|_| {
            let value = |(at, (kind, may_be_null)): (usize, &(String, bool))| {
                if *may_be_null && random.below(3) == 0 {
                    return Value::Null;
                }
                match (kind.as_str(), at) {
                    ("INTEGER", 0) => Value::Integer((random.next() as i64) >> (8 * random.below(8))),
                    ("INTEGER", _) => Value::Integer(random.integer()),
                    (_, at) if at < shape.keys => Value::Text(format!("flow {}", random.below(10))),
                    _ => Value::Text(random.text(chars_max)),
                }
            };
            columns.iter().enumerate().map(value).collect()
        })
        .collect();
    let keys = |a: &Vec<Value>, b: &Vec<Value>| {
        let mut orders = (0..shape.keys).map(|at| order(&a[at], &b[at]));
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    rows.sort_by(keys);
    rows.dedup_by(|a, b| keys(a, b).is_eq());
    rows
}

/// Rows of every table.
pub(super) fn all_rows(random: &mut Random, count: usize, chars_max: u64) -> Vec<Rows> {
    SHAPES.iter().map(|shape| rows(random, shape, count, chars_max)).collect()
}

/// The key of a row, and its record.
pub(super) fn record(shape: &Shape, row: &[Value]) -> (i64, Vec<u8>) {
    let Value::Integer(key) = row[0] else { panic!("a key is a number") };
    let (mut writer, mut record) = (RecordWriter::default(), Vec::new());
    for (at, value) in row.iter().enumerate() {
        let is_rowid = at == 0 && shape.has_rowid();
        writer.put(if is_rowid { ValueRef::Null } else { ValueRef::from(value) });
    }
    writer.finish(&mut record);
    (key, record)
}

fn begin(path: &Path, page_bytes: usize) -> Connection {
    let connection = Connection::open(path).expect("a file");
    connection.pragma_update(None, "page_size", page_bytes).expect("a size");
    connection.pragma_update(None, "journal_mode", "OFF").expect("a mode");
    connection.pragma_update(None, "synchronous", "OFF").expect("a mode");
    connection.execute_batch(FINISHED_DDL).expect("SQL");
    connection
}

pub(super) fn insert(connection: &Connection, all: &[Rows]) {
    connection.execute_batch("BEGIN").expect("SQL");
    for (shape, rows) in SHAPES.iter().zip(all) {
        let marks = vec!["?"; shape.columns.len()].join(", ");
        let mut statement =
            connection.prepare(&format!("INSERT INTO {} VALUES ({marks})", shape.name)).expect("SQL");
        for row in rows {
            statement.execute(params_from_iter(row)).expect("a row");
        }
    }
    connection.execute_batch("COMMIT").expect("SQL");
}

fn by_sqlite(path: &Path, page_bytes: usize, all: &[Rows]) -> Connection {
    let connection = begin(path, page_bytes);
    insert(&connection, all);
    connection.execute_batch(FINISHED_INDEXES).expect("SQL");
    connection
}

/// A file with indexes and no rows.
fn empty(path: &Path, page_bytes: usize) {
    let connection = begin(path, page_bytes);
    connection.execute_batch(FINISHED_INDEXES).expect("SQL");
    connection.close().expect("closed");
}

fn fill(bulk: &mut Bulk, all: &[Rows]) -> Result<(), Error> {
    for (table, rows) in all.iter().enumerate() {
        let mut writer = bulk.table(table)?;
        for row in rows {
            let (key, record) = record(&SHAPES[table], row);
            writer.put(key, &record)?;
        }
        writer.complete()?;
    }
    Ok(())
}

fn in_bulk(path: &Path, page_bytes: usize, all: &[Rows]) -> Connection {
    empty(path, page_bytes);
    let mut bulk = Bulk::open(path, Arc::default()).expect("a file of SQLite's");
    fill(&mut bulk, all).expect("rows");
    bulk.complete().expect("written");
    let bytes = fs::read(path).expect("a file");
    assert_eq!(bytes[24..28], bytes[92..96], "or else its size counts for nothing");
    Connection::open(path).expect("a file")
}

pub(super) fn answer(connection: &Connection, sql: &str) -> Rows {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).expect("a query");
    rows.collect::<rusqlite::Result<_>>().unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What is asked of every file: all rows by key, and by each index those that it has.
fn questions() -> Vec<String> {
    let keys = |shape: &Shape| shape.columns[..shape.keys].join(", ");
    let mut questions: Vec<String> =
        SHAPES.iter().map(|shape| format!("SELECT * FROM {} ORDER BY {}", shape.name, keys(shape))).collect();
    for text in FINISHED_INDEXES.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (name, rest) = text["CREATE INDEX ".len()..].split_once(" ON ").expect("an index");
        let (table, rest) = rest.split_once(" (").expect("a table");
        let (parts, condition) = rest.split_once(" WHERE ").unwrap_or((rest, "true"));
        let parts = parts.strip_suffix(')').expect("an end");
        let shape = SHAPES.iter().find(|shape| shape.name == table).expect("a table");
        questions.push(format!(
            "SELECT * FROM {table} INDEXED BY {name} WHERE {condition} ORDER BY {parts}, {}",
            keys(shape)
        ));
    }
    questions
}

/// Has both say the same, and SQLite find nothing wrong.
pub(super) fn check_alike(made: &Connection, expected: &Connection) {
    let found = answer(made, "PRAGMA integrity_check(3)");
    assert_eq!(found, [[Value::Text("ok".into())]]);
    for sql in questions() {
        assert!(answer(made, &sql) == answer(expected, &sql), "{sql}");
    }
}

/// How many levels a table's tree has.
fn levels(connection: &Connection, path: &Path, page_bytes: usize, name: &str) -> usize {
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let mut page: usize = connection.query_row(sql, [name], |row| row.get(0)).expect("a root");
    let bytes = fs::read(path).expect("a file");
    for level in 1.. {
        let own = &bytes[(page - 1) * page_bytes..][..page_bytes];
        if own[0] == 0x0d || own[0] == 0x0a {
            return level;
        }
        page = u32::from_be_bytes(own[8..12].try_into().expect("four bytes")) as usize;
    }
    unreachable!()
}

struct Files {
    directory: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

#[test]
fn a_file_answers_as_one_of_sqlites_own() {
    let mut random = Random(0x5bd1_e995_9d2c_5680);
    for (page_bytes, count, chars_max) in [
        (512, 0, 10),
        (512, 1, 3_000),
        (512, 4, 3_000),
        (512, 40, 3_000),
        (512, 1_500, 1_200),
        (1_024, 200, 30_000),
        (4_096, 500, 10_000),
        (16_384, 3, 300_000),
        (16_384, 250, 100_000),
        (32_768, 50, 300_000),
    ] {
        let files = Files::new();
        let all = all_rows(&mut random, count, chars_max);
        let expected = by_sqlite(&files.path("expected"), page_bytes, &all);
        let made = in_bulk(&files.path("made"), page_bytes, &all);
        check_alike(&made, &expected);
        if count == 1_500 {
            for name in ["variables", "correlated_message_subscriptions", "variables_value", "jobs_type"] {
                let levels = levels(&made, &files.path("made"), page_bytes, name);
                assert!(levels >= 3, "{name}: {levels}");
            }
        }
    }
}

/// Trees of every number of rows up to some, so that pages end in every way.
#[test]
fn trees_of_any_number_of_rows_are_whole() {
    let mut random = Random(77);
    for count in 0..60 {
        let files = Files::new();
        let all: Vec<Rows> = SHAPES.iter().map(|shape| rows(&mut random, shape, count, 400)).collect();
        let made = in_bulk(&files.path("made"), 512, &all);
        assert_eq!(answer(&made, "PRAGMA integrity_check(3)"), [[Value::Text("ok".into())]], "{count}");
        let counted = answer(&made, "SELECT count(*) FROM decision_instances");
        assert_eq!(counted, [[Value::Integer(all[10].len() as i64)]]);
    }
}

#[test]
fn a_file_can_be_written_by_sqlite_afterwards() {
    let (files, mut random) = (Files::new(), Random(3));
    let (all, more) = (all_rows(&mut random, 200, 5_000), all_rows(&mut random, 200, 5_000));
    let made = in_bulk(&files.path("made"), 1_024, &all);
    let expected = by_sqlite(&files.path("expected"), 1_024, &all);
    for connection in [&made, &expected] {
        let sql = "DELETE FROM process_instances; DELETE FROM variables WHERE variable_key % 2";
        connection.execute_batch(sql).expect("SQL");
        insert(connection, &[more[0].clone()]);
    }
    check_alike(&made, &expected);
}

#[test]
fn what_is_no_row_or_comes_too_early_is_damage() {
    let (files, mut random) = (Files::new(), Random(9));
    empty(&files.path("file"), 1_024);
    let all = all_rows(&mut random, 2, 100);
    for (table, name) in INSTANCE_TABLES.into_iter().enumerate() {
        let [(first, a), (second, b)] = [0, 1].map(|at| record(&SHAPES[table], &all[table][at]));
        let put = |rows: &[(i64, &[u8])]| {
            let mut bulk = Bulk::open(&files.path("file"), Arc::default()).expect("a file");
            let mut writer = bulk.table(table).expect("a table");
            rows.iter().try_for_each(|(key, record)| writer.put(*key, record))
        };
        put(&[(first, &a), (second, &b)]).unwrap_or_else(|error| panic!("{name}: {error}"));
        for rows in [[(second, &b[..]), (first, &a[..])], [(first, &a), (first, &a)]] {
            assert!(matches!(put(&rows), Err(Error::Damaged(_))), "{name}");
        }
        for cut in 0..a.len() {
            assert!(matches!(put(&[(first, &a[..cut])]), Err(Error::Damaged(_))), "{name}: {cut}");
        }
        // Something else in it may be seen or not; nothing panics.
        for at in 0..a.len().min(80) {
            for other in [0, 1, 7, 10, 12, 13, 0x7f, 0x80, 0xff] {
                let mut changed = a.clone();
                changed[at] = other;
                let _ = put(&[(first, &changed)]);
            }
        }
    }
}

#[test]
fn what_is_given_up_ends_soon() {
    let (files, mut random) = (Files::new(), Random(4));
    empty(&files.path("file"), 1_024);
    let is_given_up = Arc::new(AtomicBool::new(true));
    let mut bulk = Bulk::open(&files.path("file"), is_given_up).expect("a file");
    let ended = fill(&mut bulk, &all_rows(&mut random, 1, 10));
    assert!(matches!(ended, Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::Interrupted));
}

#[test]
fn a_file_of_another_kind_is_not_written() {
    let files = Files::new();
    let open = |name: &str| Bulk::open(&files.path(name), Arc::default()).map(drop);
    let full = by_sqlite(&files.path("full"), 1_024, &all_rows(&mut Random(5), 3, 100));
    full.close().expect("closed");
    let mut bulk = Bulk::open(&files.path("full"), Arc::default()).expect("a file");
    assert!(matches!(bulk.table(0).expect("a table").complete(), Err(Error::Unexpected)));
    let other = |name: &str, sql: &str| {
        let connection = Connection::open(files.path(name)).expect("a file");
        connection.execute_batch(sql).expect("SQL");
        connection.execute_batch("CREATE TABLE t (a)").expect("SQL");
        connection.close().expect("closed");
        assert!(matches!(open(name), Err(Error::Unexpected)), "{name}");
    };
    other("wal", "PRAGMA journal_mode = WAL");
    other("large", "PRAGMA page_size = 65536");
    other("moving", "PRAGMA auto_vacuum = FULL");
    other("text", "PRAGMA encoding = 'UTF-16'");
    empty(&files.path("longer"), 1_024);
    let longer = fs::OpenOptions::new().append(true).open(files.path("longer")).expect("a file");
    longer.set_len(longer.metadata().expect("a size").len() + 1_024).expect("longer");
    assert!(matches!(open("longer"), Err(Error::Unexpected)));
}

/// The page that SQLite locks is never used: values go around it.
#[test]
fn the_locked_page_is_left_out() {
    let (files, page_bytes) = (Files::new(), 16_384);
    let path = files.path("file");
    empty(&path, page_bytes);
    // As if it were almost so large; what is between has no bytes on disk.
    let locked = 0x4000_0000 / page_bytes as u32 + 1;
    let mut bytes = fs::read(&path).expect("a file");
    bytes[28..32].copy_from_slice(&(locked - 3).to_be_bytes());
    fs::write(&path, bytes).expect("a file");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    file.set_len(u64::from(locked - 3) * page_bytes as u64).expect("longer");
    let mut all = vec![Rows::new(); SHAPES.len()];
    let value = |at: usize| "value ".repeat(10_000) + &at.to_string();
    let row = |at: usize| {
        let numbers = [at, 1, 1, 1].map(|number| Value::Integer(number as i64));
        numbers.into_iter().chain([Value::Text("n".into()), Value::Text(value(at)), Value::Null]).collect()
    };
    all[3] = (0..20).map(row).collect();
    let mut bulk = Bulk::open(&path, Arc::default()).expect("a file");
    fill(&mut bulk, &all).expect("rows");
    bulk.complete().expect("written");
    let mut page = vec![1; page_bytes];
    let file = fs::File::open(&path).expect("a file");
    file.read_exact_at(&mut page, 0x4000_0000).expect("a page behind it");
    assert!(page.iter().all(|byte| *byte == 0));
    let made = Connection::open(&path).expect("a file");
    assert!(answer(&made, "SELECT * FROM variables ORDER BY variable_key") == all[3]);
}
