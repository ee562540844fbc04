//! What a file of one-task instances costs, and what it does when SQLite makes it of tables.
//!
//! `BULK_INSTANCES=50000 cargo test --release -p ringbolt-query --lib what_a_file_costs` writes the figures to stderr.

use super::made::Hot;
use super::{Rows, check_alike, insert};
use crate::schema::{FINISHED_DDL, FINISHED_INDEXES, INSTANCE_TABLES, PAGE_BYTES};
use crate::shapes::SHAPES;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::io::Write as _;

/// The set's instances when nobody says how many.
const INSTANCES: usize = 300;
/// Rows of instances that stand in one block.
const BLOCK_INSTANCES: usize = 100;

/// CPU time of this thread, microseconds.
fn own_us() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let ns = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    ns.unwrap_or_default() / 1e3
}

/// Adds a row that has these columns.
fn add(all: &mut [Rows], table: &str, values: &[(&str, Value)]) {
    let table = INSTANCE_TABLES.iter().position(|name| *name == table).expect("a table");
    let mut row = vec![Value::Null; SHAPES[table].columns.len()];
    for (column, value) in values {
        row[SHAPES[table].column(column).unwrap_or_else(|| panic!("{column}"))] = value.clone();
    }
    all[table].push(row);
}

/// Instances of a process of three elements, with a job and a variable of 1 KiB.
fn one_task(count: usize) -> Vec<Rows> {
    let mut all = vec![Rows::new(); SHAPES.len()];
    let (base, definition, began) = (1_i64 << 51, (1 << 51) + 3, 1_893_456_000_000);
    let payload = format!(r#"{{"payload":"{}"}}"#, "x".repeat(1_000));
    for at in 0..count as i64 {
        let (key, start) = (base + 1_000 + 20 * at, began + at / 2);
        let end = start + 5 + at % 3;
        let mut put = |table, values: &[(&str, Value)]| add(&mut all, table, values);
        let int = Value::Integer;
        let text = |text: &str| Value::Text(text.to_owned());
        let of_instance = [
            ("process_instance_key", int(key)),
            ("process_definition_key", int(definition)),
            ("root_process_instance_key", int(key)),
        ];
        let with = |own: &[(&'static str, Value)], shared: &[(&'static str, Value)]| [own, shared].concat();
        put(
            "process_instances",
            &with(
                &[
                    ("state", int(1)),
                    ("start_date", int(start)),
                    ("end_date", int(end)),
                    ("incident_count", int(0)),
                    ("business_id", text(&format!("order-{at}"))),
                    ("flows", text(r#"["to_task","to_end"]"#)),
                ],
                &of_instance,
            ),
        );
        for (place, (id, kind)) in [("start", 3), ("task", 20), ("end", 9)].into_iter().enumerate() {
            let own = [
                ("element_instance_key", int(key + 3 + 4 * place as i64)),
                ("flow_scope_key", int(key)),
                ("element_id", text(id)),
                ("type", int(kind)),
                ("state", int(1)),
                ("start_date", int(start)),
                ("end_date", int(end)),
                ("incident_count", int(0)),
                ("process_start_date", int(start)),
            ];
            put("element_instances", &with(&own, &of_instance));
        }
        let variable = [("variable_key", int(key + 1)), ("scope_key", int(key)), ("name", text("payload"))];
        let variable = with(&variable, &[("value", text(&payload))]);
        put("variables", &with(&variable, &[of_instance[0].clone(), of_instance[2].clone()]));
        let job = [
            ("job_key", int(key + 8)),
            ("element_instance_key", int(key + 7)),
            ("element_id", text("task")),
            ("type", text("work")),
            ("worker", text("worker")),
            ("kind", int(0)),
            ("listener_event_type", int(0)),
            ("state", int(1)),
            ("retries", int(3)),
            ("priority", int(0)),
            ("creation_time", int(start)),
            ("end_time", int(end)),
            ("is_over", int(1)),
        ];
        put("jobs", &with(&job, &of_instance));
    }
    all
}

#[test]
fn what_a_file_costs() {
    let wanted = std::env::var("BULK_INSTANCES").ok().and_then(|text| text.parse().ok());
    let count: usize = wanted.unwrap_or(INSTANCES);
    let (hot, all) = (Hot::new(), one_task(count));
    for (table, rows) in all.iter().enumerate() {
        let rows_each = BLOCK_INSTANCES * (rows.len() / count).max(1);
        rows.chunks(rows_each).for_each(|rows| hot.add(table, rows, 1));
    }
    let before = own_us();
    let file = hot.make().expect("made");
    let own = own_us() - before;
    let path = |name: &str| hot.files.directory().join(name);
    let tables = Connection::open(path("tables.db")).expect("a file");
    tables.pragma_update(None, "page_size", PAGE_BYTES).expect("a size");
    tables.execute_batch(FINISHED_DDL).expect("SQL");
    insert(&tables, &all);
    let before = own_us();
    let sqlites = Connection::open(path("sqlites.db")).expect("a file");
    let set_up = format!(
        "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
         PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; ATTACH '{}' AS hot; {FINISHED_DDL}",
        path("tables.db").display()
    );
    sqlites.execute_batch(&set_up).expect("SQL");
    sqlites.execute_batch("BEGIN").expect("SQL");
    for table in INSTANCE_TABLES {
        let sql = format!("INSERT INTO main.{table} SELECT * FROM hot.{table}");
        sqlites.execute_batch(&sql).expect("SQL");
    }
    sqlites.execute_batch("COMMIT; DETACH hot").expect("SQL");
    sqlites.execute_batch(FINISHED_INDEXES).expect("SQL");
    let by_sqlite = own_us() - before;
    let made = hot.files.open_finished(3).expect("a file").expect("a file");
    check_alike(&made, &sqlites);
    let sqlites_bytes = std::fs::metadata(path("sqlites.db")).expect("a file").len();
    assert!(100 * file.bytes <= 101 * sqlites_bytes, "{} bytes, SQLite {sqlites_bytes}", file.bytes);
    if wanted.is_some() {
        let each = |us: f64| us / count as f64;
        writeln!(
            std::io::stderr(),
            "{:.2} us and {} bytes of each instance; by SQLite {:.2} us and {} bytes",
            each(own),
            file.bytes / count as u64,
            each(by_sqlite),
            sqlites_bytes / count as u64
        )
        .expect("stderr");
    }
}
