//! What is damaged, what is interrupted, and what others write meanwhile.

use super::{
    Arc, AtomicI64, BlockCache, BlockWriter, Connection, RecentSet, Rig, SHAPES, SetWriter, Value, answer,
    put, register,
};
use crate::recent::register_writer;
use crate::schema::{HOT_DDL, is_damage};
use rusqlite::ErrorCode;
use rusqlite::types::ValueRef;

/// Statements that read every byte of jobs, each in a way of its own.
const READ: [&str; 3] = [
    "SELECT * FROM recent_a_jobs",
    "SELECT * FROM recent_a_jobs WHERE process_instance_key >= 0 AND job_key > 0",
    "SELECT *, (SELECT count(*) FROM recent_b_incidents) FROM recent_a_jobs ORDER BY type, job_key",
];

/// A block with the sum of its bytes.
fn summed(mut body: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c(&body[4..]);
    body[..4].copy_from_slice(&sum.to_le_bytes());
    body
}

#[test]
fn what_is_damaged_is_told_with_the_code_for_it() {
    let rig = Rig::new(7);
    rig.blocks.execute_batch("COMMIT").expect("no transaction");
    let jobs = SHAPES.iter().position(|shape| shape.name == "jobs").expect("a table") as i64;
    rig.blocks.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM recent_a_blocks").expect("SQL");
    let of_jobs = format!("recent_a_blocks WHERE number >> 40 = {jobs}");
    let whole: Vec<(i64, Vec<u8>)> = {
        let mut statement = rig.blocks.prepare(&format!("SELECT number, body FROM {of_jobs}")).expect("SQL");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.collect::<Result<_, _>>().expect("blocks")
    };
    let (number, body) = &whole[0];
    let keys: Vec<u8> = {
        let sql = "SELECT keys FROM recent_a_blocks WHERE number = ?";
        rig.blocks.query_row(sql, [number], |row| row.get(0)).expect("a block")
    };
    let rows = (keys.len() - 4) / 16;
    let damage_of = |part: &str, bytes: &[u8], also: &str| {
        let sql = format!("UPDATE recent_a_blocks SET {part} = ? WHERE number = ?");
        rig.blocks.execute(&sql, (bytes, number)).expect("SQL");
        if !also.is_empty() {
            rig.blocks.execute_batch(&format!("{also} WHERE number = {number}")).expect("SQL");
        }
        for sql in READ {
            // A number is never that of something else but here.
            rig.cache.clear();
            let found = answer(&rig.blocks, sql, &[]);
            assert!(found.as_ref().is_err_and(is_damage), "{sql}: {found:?}");
        }
        rig.blocks.execute_batch("INSERT OR REPLACE INTO recent_a_blocks SELECT * FROM kept").expect("SQL");
    };
    let damage = |bytes: &[u8], also: &str| damage_of("body", bytes, also);
    // Cut anywhere, or empty.
    for cut in [0, 3, 4, 4 * rows, body.len() / 2, body.len() - 1] {
        damage(&body[..cut], "");
    }
    for cut in [0, 3, 4, 8 * rows, keys.len() - 16, keys.len() - 1] {
        damage_of("keys", &keys[..cut], "");
    }
    let changed = |of: &[u8], at: usize, bytes: &[u8]| {
        let mut of = of.to_vec();
        of[at..at + bytes.len()].copy_from_slice(bytes);
        of
    };
    damage(&changed(body, body.len() - 1, &[!body[body.len() - 1]]), "");
    damage_of("keys", &changed(&keys, 4, &[!keys[4]]), "");
    // The same where the sum is right, as of something that never was a block: fewer rows than are listed, others, a row that ends elsewhere.
    let changed = |of: &[u8], at: usize, bytes: &[u8]| summed(changed(of, at, bytes));
    damage_of("keys", &summed(keys[..4 + 16 * (rows - 1)].to_vec()), "");
    damage_of("keys", &changed(&keys, 4, &i64::MIN.to_le_bytes()), "");
    damage(&changed(body, 4, &u32::MAX.to_le_bytes()), "");
    damage(&changed(body, 4 * rows, &u32::MAX.to_le_bytes()), "");
    // Records whose headers are longer than they, or name a type that there is not, or a value that is longer.
    for bytes in [[0xff, 0xff], [26, 10], [26, 0xff], [0, 0], [1, 0]] {
        damage(&changed(body, 4 + 4 * rows, &bytes), "");
    }
    // Another block than is listed.
    for also in
        ["rows = rows + 1", "rows = -1", "key_min = key_min - 1", "key_max = key_max + 1", "rows = 'x'"]
    {
        damage(body, &format!("UPDATE recent_a_blocks SET {also}"));
    }
    rig.cache.clear();
    READ.iter().for_each(|sql| assert!(rig.check(sql, &[]) > 0));
}

#[test]
fn no_bytes_make_it_panic() {
    let rig = Rig::new(8);
    rig.blocks.execute_batch("COMMIT").expect("no transaction");
    let mut random = super::Random(9);
    let number: i64 = rig
        .blocks
        .query_row("SELECT number FROM recent_a_blocks WHERE number >> 40 = 4 LIMIT 1", [], |row| row.get(0))
        .expect("a block");
    let part_of = |part: &str| -> Vec<u8> {
        let sql = format!("SELECT {part} FROM recent_a_blocks WHERE number = ?");
        rig.blocks.query_row(&sql, [number], |row| row.get(0)).expect("a block")
    };
    let parts = ["body", "keys"].map(|part| (part, part_of(part)));
    for turn in 0..400 {
        let (part, whole) = &parts[turn % 2];
        let mut other = whole.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(whole.len() as u64) as usize;
            other[at] = random.below(256) as u8;
        }
        let sql = format!("UPDATE recent_a_blocks SET {part} = ? WHERE number = ?");
        rig.blocks.execute(&sql, (summed(other), number)).expect("SQL");
        for sql in READ {
            rig.cache.clear();
            if let Err(error) = answer(&rig.blocks, sql, &[]) {
                assert!(is_damage(&error), "{error}");
            }
        }
    }
}

#[test]
fn a_long_search_is_interrupted() {
    let mut rig = Rig::new(10);
    rig.blocks.progress_handler(1_000, Some(|| true)).expect("a handler");
    let sql = "SELECT count(*) FROM recent_a_jobs a, recent_a_variables b, recent_b_jobs c";
    let found = answer(&rig.blocks, sql, &[]).expect_err("it takes long");
    assert_eq!(found.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
}

/// An instance's row.
fn instance(key: i64) -> Vec<Value> {
    let mut row = vec![Value::Null; SHAPES[0].columns.len()];
    row[0] = Value::Integer(key);
    row
}

#[test]
fn a_reader_sees_blocks_as_of_its_transaction_and_a_writer_its_own_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hot.db");
    let cache = Arc::new(BlockCache::default());
    let (writer, reader) =
        (Connection::open(&path).expect("a file"), Connection::open(&path).expect("a file"));
    writer.pragma_update(None, "journal_mode", "WAL").expect("SQL");
    register_writer(&writer, &cache).expect("a module");
    writer.execute_batch(HOT_DDL).expect("SQL");
    let snapshot = register(&reader, &cache).expect("a module");
    let next = AtomicI64::new(1);
    let write = |key: i64| {
        let mut rows = BlockWriter::default();
        put(&mut rows, &SHAPES[0], &instance(key));
        let writer = SetWriter::new(&writer, RecentSet::B, &next);
        writer.write(0, &mut rows).expect("a block");
    };
    let count = |connection: &Connection| -> i64 {
        let by_key = "SELECT count(*) FROM process_instances WHERE process_instance_key IN (1, 2, 3, 4)";
        let counts = ["SELECT count(*) FROM process_instances", by_key]
            .map(|sql| connection.query_row(sql, [], |row| row.get(0)).expect("a row"));
        assert_eq!(counts[0], counts[1]);
        counts[0]
    };
    write(1);
    reader.execute_batch("BEGIN").expect("SQL");
    snapshot.forget();
    assert_eq!((count(&reader), count(&writer)), (1, 1));
    writer.execute_batch("BEGIN").expect("SQL");
    // It joins the row before, so that the block which the reader sees is gone.
    write(2);
    assert_eq!((count(&reader), count(&writer)), (1, 2));
    writer.execute_batch("COMMIT").expect("SQL");
    cache.clear();
    assert_eq!(count(&reader), 1);
    reader.execute_batch("COMMIT; BEGIN").expect("SQL");
    snapshot.forget();
    assert_eq!(count(&reader), 2);
    writer.execute_batch("BEGIN").expect("SQL");
    write(3);
    assert_eq!(count(&writer), 3);
    writer.execute_batch("ROLLBACK").expect("SQL");
    assert_eq!((count(&reader), count(&writer)), (2, 2));
    reader.execute_batch("COMMIT").expect("SQL");
    write(3);
    // Outside of a transaction nothing is kept.
    assert_eq!((count(&reader), count(&writer)), (3, 3));
    // Both read the schema anew, and make their tables again.
    writer.execute_batch("VACUUM").expect("SQL");
    write(4);
    assert_eq!((count(&reader), count(&writer)), (4, 4));
    for connection in [writer, reader] {
        // All statements of the tables are gone by then.
        connection.close().map_err(|(_, error)| error).expect("it closes");
    }
}

#[test]
fn a_table_of_no_set_is_not_made() {
    let connection = Connection::open_in_memory().expect("memory");
    register_writer(&connection, &Arc::default()).expect("a module");
    for arguments in ["", "(recent_a_)", "(live_, jobs)", "(recent_a_, nothing)", "(recent_a_, jobs, jobs)"] {
        assert!(
            connection
                .execute_batch(&format!("CREATE VIRTUAL TABLE t USING recent_rows{arguments}"))
                .is_err()
        );
    }
    connection.execute_batch(HOT_DDL).expect("SQL");
    for sql in [
        "INSERT INTO recent_a_jobs (job_key) VALUES (1)",
        "UPDATE recent_a_jobs SET state = 1",
        "DELETE FROM recent_a_jobs",
    ] {
        assert!(connection.execute_batch(sql).is_err());
    }
    let sql = "SELECT tenant_id FROM recent_a_jobs";
    let none = connection.query_row(sql, [], |row| row.get_ref(0).map(|value| value == ValueRef::Null));
    assert!(matches!(none, Err(rusqlite::Error::QueryReturnedNoRows)));
}
