//! Files made of a set of recent rows.

use super::{Random, all_rows, answer, check_alike, insert, record};
use crate::archive::{MakeError, make};
use crate::blocks::{BlockWriter, SetWriter};
use crate::files::{Files, PartitionFiles};
use crate::place::RecentSet;
use crate::schema::{FINISHED_DDL, FINISHED_INDEXES};
use crate::shapes::SHAPES;
use ringbolt_record::PartitionId;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use tempfile::TempDir;

/// A partition's `hot.db` with blocks of rows.
pub(super) struct Hot {
    pub(super) files: Arc<PartitionFiles>,
    connection: Connection,
    next: AtomicI64,
    _directory: TempDir,
}

impl Hot {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let files = Files::new(directory.path(), [PartitionId(1)]);
        let files = files.partition(PartitionId(1)).expect("a partition").clone();
        std::fs::create_dir_all(files.directory()).expect("a directory");
        let connection = crate::store::open(&files).expect("a file");
        Self { files, connection, next: AtomicI64::new(1), _directory: directory }
    }

    /// Adds rows of a table, so many in a block, dealt out over all of them.
    pub(super) fn add(&self, table: usize, rows: &[Vec<Value>], blocks: usize) {
        let writer = SetWriter::new(&self.connection, RecentSet::B, &self.next);
        for block in 0..blocks {
            let mut written = BlockWriter::default();
            for row in rows.iter().skip(block).step_by(blocks) {
                let (key, record) = record(&SHAPES[table], row);
                let instance = match row[SHAPES[table].instance] {
                    Value::Integer(instance) => Some(instance),
                    _ => None,
                };
                written.put(key, instance, |data| data.extend_from_slice(&record));
            }
            writer.write(table, &mut written).expect("written");
        }
    }

    pub(super) fn make(&self) -> Result<crate::FinishedFile, MakeError> {
        make(&self.files, 3, RecentSet::B, Arc::default())
    }
}

#[test]
fn a_file_has_the_rows_of_a_set_and_what_they_refer_to() {
    let (hot, all) = (Hot::new(), all_rows(&mut Random(11), 400, 60_000));
    for (table, rows) in all.iter().enumerate() {
        hot.add(table, rows, 7);
    }
    let Value::Integer(instance) = all[0][5][0] else { panic!("a key is a number") };
    let sql = format!(
        "INSERT INTO process_definitions VALUES (11, 'order', 'Order', 1, NULL, 'o.bpmn', 0, NULL, 0, 9, NULL);
         INSERT INTO elements (process_definition_key, element_id) VALUES (11, 'task');
         INSERT INTO batch_operation_items VALUES (1, 2, 0, {instance}, NULL, 0, NULL, NULL, NULL),
             (1, 3, 0, {}, NULL, 0, NULL, NULL, NULL);",
        instance.wrapping_add(1)
    );
    hot.connection.execute_batch(&sql).expect("SQL");
    let file = hot.make().expect("made");
    let made = hot.files.open_finished(3).expect("a file").expect("a file");
    let expected = Connection::open_in_memory().expect("memory");
    expected.execute_batch(FINISHED_DDL).expect("SQL");
    insert(&expected, &all);
    expected.execute_batch(FINISHED_INDEXES).expect("SQL");
    check_alike(&made, &expected);
    let items = answer(&made, "SELECT item_key, process_instance_key FROM batch_operation_items");
    assert_eq!(items, [[Value::Integer(2), Value::Integer(instance)]]);
    let names = answer(&made, "SELECT name, element_id FROM process_definitions, elements");
    assert_eq!(names, [[Value::Text("Order".into()), Value::Text("task".into())]]);
    assert_eq!(file.instances, all[0].len() as u64);
    assert_eq!(answer(&made, "SELECT min(end_date) FROM process_instances").len(), 1);
    assert_eq!(file.bytes, std::fs::metadata(hot.files.finished_file(3)).expect("a file").len());
}

#[test]
fn an_empty_set_makes_an_empty_file() {
    let hot = Hot::new();
    let file = hot.make().expect("made");
    assert_eq!((file.instances, file.key_max), (0, 0));
}

#[test]
fn damage_of_a_set_is_told_and_makes_no_file() {
    let (hot, all) = (Hot::new(), all_rows(&mut Random(12), 30, 100));
    hot.add(3, &all[3], 2);
    hot.connection.execute_batch("UPDATE recent_b_blocks SET body = substr(body, 1, 100)").expect("SQL");
    let Err(MakeError::Sql(error)) = hot.make() else { panic!("it is damaged") };
    assert!(crate::schema::is_damage(&error));
    // The rows of another table, as if they were of this one.
    let hot = Hot::new();
    hot.add(4, &all[3], 1);
    let Err(MakeError::Sql(error)) = hot.make() else { panic!("it is damaged") };
    assert!(crate::schema::is_damage(&error));
    assert!(!hot.files.finished_file(3).exists());
}

#[test]
fn a_file_that_is_given_up_is_not_made() {
    let hot = Hot::new();
    let given_up = Arc::new(AtomicBool::new(true));
    assert!(make(&hot.files, 3, RecentSet::B, given_up).is_err());
    assert!(!hot.files.finished_file(3).exists());
}
