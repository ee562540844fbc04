//! Batch operations as rows, the same however much is written at once; and what is deleted, wherever it stands.

use crate::feed::{Bench, Log, quick_directory, rows};
use crate::log::Writer;
use ringbolt_query::views::batch_operations::BATCH_OPERATION_ITEMS;
use ringbolt_query::views::instances::{PROCESS_INSTANCES, SEQUENCE_FLOWS, VARIABLES};
use ringbolt_query::{Cancel, Filter, History, Page, Query, Searcher, Start, Test, Value, view::View};
use ringbolt_record::batch_operation::{AddItems, CreateBatchOperation};
use ringbolt_record::{
    BatchItem, BatchOperationCommand, BatchOperationType, BatchPlan, Command, HistoryDeletionType, Key,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, ..Log::default() }))
}

impl Writer {
    pub(crate) fn ask(&mut self, command: BatchOperationCommand) {
        self.process(&Command::BatchOperation(Box::new(command)));
    }

    /// Cancels the instances with these keys as a batch, as far as follow-ups of its own entry go.
    fn cancel(&mut self, keys: &[Key], is_last: bool) -> Key {
        let filter = r#"{"state":"ACTIVE"}"#.to_owned();
        let kind = BatchOperationType::CancelProcessInstance;
        let plan = BatchPlan::Plain;
        self.ask(BatchOperationCommand::Create(CreateBatchOperation { kind, filter, plan }));
        let batch_operation_key = self.newest_batch();
        let items = keys.iter().map(|key| BatchItem {
            item_key: *key,
            process_instance_key: *key,
            root_process_instance_key: *key,
        });
        let items = items.collect();
        let (after, cursor) = (Key::NONE, *keys.last().expect("a key"));
        self.ask(BatchOperationCommand::AddItems(AddItems {
            batch_operation_key,
            after,
            cursor,
            items,
            is_last,
        }));
        batch_operation_key
    }
}

fn all(bench: &Bench) -> String {
    let hot = bench.hot();
    ["batch_operations", "batch_operation_counts", "batch_operation_items"]
        .map(|table| rows(&hot, table, "*"))
        .concat()
}

pub(crate) fn found(searcher: &Searcher, view: &'static View, filter: Filter) -> usize {
    let query = Query {
        view,
        output: view.columns.iter().take(1).collect(),
        filter,
        sort: Vec::new(),
        page: Page { start: Start::From(0), limit: 100 },
        is_counted: true,
    };
    let cancel = Cancel::at(Instant::now() + Duration::from_secs(10));
    let found = searcher.search(&query, &cancel, |_| Ok(())).expect("it can be searched");
    usize::try_from(found.total).expect("a small number")
}

pub(crate) fn is(view: &'static View, name: &str, value: Value) -> Filter {
    Filter::Is(view.column(name).expect("a column"), Test::Eq(value))
}

#[test]
fn batches_are_the_same_however_much_is_written_at_once() {
    let mut writer = Writer::new().create(4);
    let mut keys = writer.instances();
    keys.push(Key(keys[3].0 + 1_000_000));
    writer.cancel(&keys, true);
    let writer_entries = writer.entries.clone();
    // The second one is canceled before its items were all selected.
    let mut writer = writer.create(2);
    let more = writer.instances().split_off(4);
    let second = writer.cancel(&more, false);
    writer.ask(BatchOperationCommand::Cancel { batch_operation_key: second });
    assert!(writer.entries.len() > writer_entries.len());
    let dump = |sizes: Vec<usize>, young_ms: u64| {
        let directory = quick_directory();
        let mut bench = Bench::young(directory.path(), &log_of(writer.entries.clone()), sizes, young_ms);
        bench.run();
        all(&bench)
    };
    let one = dump(vec![1], 0);
    assert_eq!(one, dump(vec![100], 0));
    assert_eq!(one, dump(vec![3], 7));
    let count = |what: &str| one.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("batch_operation_items"), 7, "{one}");
    assert_eq!(count("no such process was found"), 1, "{one}");
    assert!(one.contains("items=5 completed=4 failed=1"), "{one}");
    assert!(one.contains("items=2 completed=0 failed=0"), "{one}");
}

/// Five instances that were completed, of which the second and third were deleted afterwards; their keys, and how many entries come before the deletions.
pub(crate) fn two_of_five_deleted() -> (Writer, Vec<Key>, usize) {
    let mut writer = Writer::new().create(5).complete(5);
    let keys = writer.instances();
    let before = writer.entries.len();
    for key in &keys[1..3] {
        let kind = HistoryDeletionType::ProcessInstance;
        writer.ask(BatchOperationCommand::DeleteHistory { kind, key: *key });
    }
    (writer, keys, before)
}

/// Whatever is deleted is found no more: alive it cannot be, and what has ended may stand in a file that never changes.
#[test]
fn what_is_deleted_is_left_out_of_files_too() {
    let (writer, keys, before) = two_of_five_deleted();
    // Written as they go on, and once.
    for sizes in [vec![1], vec![usize::MAX]] {
        let log = log_of(writer.entries[..before].to_vec());
        let directory = quick_directory();
        let history = History { file_instances: 1, age_max_ms: i64::MAX / 4, ..History::default() };
        let mut bench = Bench::keeping(directory.path(), &log, sizes, history);
        bench.run();
        bench.settle(0);
        let searcher = Searcher::new(bench.files.clone());
        let count = |searcher: &Searcher, view| found(searcher, view, Filter::All(Vec::new()));
        let counts = || [&PROCESS_INSTANCES, &VARIABLES, &SEQUENCE_FLOWS].map(|view| count(&searcher, view));
        assert_eq!(counts(), [5, 5, 10]);
        log.lock().unwrap().entries = writer.entries.clone();
        bench.run();
        assert_eq!(counts(), [3, 3, 6]);
        let one = is(&PROCESS_INSTANCES, "processInstanceKey", Value::Int(keys[1].to_wire()));
        assert_eq!(found(&searcher, &PROCESS_INSTANCES, one), 0);
        // A new connection leaves them out as well.
        assert_eq!(count(&Searcher::new(bench.files.clone()), &PROCESS_INSTANCES), 3);
    }
}

#[test]
fn instances_are_found_by_their_batch_in_files_too() {
    let mut writer = Writer::new().create(3);
    let keys = writer.instances();
    let batch = writer.cancel(&keys[..2], true);
    let directory = quick_directory();
    let history = History { file_instances: 1, age_max_ms: i64::MAX / 4, ..History::default() };
    let mut bench = Bench::keeping(directory.path(), &log_of(writer.entries.clone()), vec![1], history);
    bench.run();
    bench.settle(0);
    let searcher = Searcher::new(bench.files.clone());
    let by_batch = |searcher: &Searcher, text: String| {
        found(searcher, &PROCESS_INSTANCES, is(&PROCESS_INSTANCES, "batchOperationId", Value::Text(text)))
    };
    assert_eq!(by_batch(&searcher, batch.to_wire().to_string()), 2);
    assert_eq!(by_batch(&searcher, "7".to_owned()), 0);
    assert_eq!(found(&searcher, &BATCH_OPERATION_ITEMS, Filter::All(Vec::new())), 2);
}

#[test]
fn a_definition_goes_when_no_instance_takes_its_name_from_it() {
    let mut writer = Writer::new().create(2).complete(2);
    let keys = writer.instances();
    let definition = writer.definition();
    writer.process(&Command::DeleteResource { resource_key: definition, delete_history: false });
    let of_definition = |writer: &mut Writer| {
        let kind = HistoryDeletionType::ProcessDefinition;
        writer.ask(BatchOperationCommand::DeleteHistory { kind, key: definition });
    };
    of_definition(&mut writer);
    let log = log_of(writer.entries.clone());
    let directory = quick_directory();
    let mut bench = Bench::young(directory.path(), &log, vec![100], 0);
    bench.run();
    let left = |bench: &Bench| {
        ["process_definitions", "process_definition_xml", "elements"]
            .map(|table| !rows(&bench.hot(), table, "*").is_empty())
    };
    assert_eq!(left(&bench), [true; 3], "instances are known");
    for key in keys {
        writer.ask(BatchOperationCommand::DeleteHistory { kind: HistoryDeletionType::ProcessInstance, key });
    }
    of_definition(&mut writer);
    log.lock().unwrap().entries = writer.entries.clone();
    bench.run();
    assert_eq!(left(&bench), [false; 3]);
}
