//! Secondary storage that begins late has what is alive from the state, as if it had read every record.

use crate::batch_operations::{add, ask, begun, create, one, waits as waits_for_a_job};
use crate::rig::Rig;
use crate::row_feed::{Bench, Log, check_starts, quick_directory, rows};
use crate::rows::scenarios;
use crate::scenarios::{entries_of, rig_of};
use ringbolt_engine::{EngineSettings, tell};
use ringbolt_exporters::{Definition, StatePart};
use ringbolt_record::BatchOperationType::{CancelProcessInstance, ResolveIncident};
use ringbolt_record::ClusterVariableChange::{Create, Delete};
use ringbolt_record::ClusterVariableScope::Global;
use ringbolt_record::{
    BatchOperationCommand, BatchPlan, EntryBuilder, EntryMeta, EntryRef, Key, Position, TimestampMs,
};
use ringbolt_tables::{Listed, listed_key};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// What is alive, and what the state knows of it: tables with conditions, and columns.
const ALIVE: [(&str, &str); 16] = [
    (
        "live_process_instances",
        "process_instance_key, process_definition_key, state, parent_process_instance_key, parent_element_instance_key, \
         root_process_instance_key, incident_count, business_id, business_id_since, tags",
    ),
    (
        "live_element_instances WHERE state = 0",
        "element_instance_key, process_instance_key, process_definition_key, root_process_instance_key, flow_scope_key, \
         element_id, type, incident_count, incident_key",
    ),
    (
        // What has ended keeps its variables until its instance ends; the state does not.
        "live_variables WHERE scope_key IN (SELECT process_instance_key FROM live_process_instances UNION \
         SELECT element_instance_key FROM live_element_instances WHERE state = 0)",
        "variable_key, process_instance_key, root_process_instance_key, scope_key, name, value",
    ),
    (
        "live_jobs WHERE is_over IS NULL",
        "job_key, process_instance_key, process_definition_key, element_instance_key, element_id, type, worker, kind, \
         listener_event_type, retries, deadline, error_message, error_code, custom_headers",
    ),
    (
        "live_incidents WHERE state = 0",
        "incident_key, process_instance_key, process_definition_key, element_instance_key, element_id, job_key, \
         error_type, error_message, error_message_hash",
    ),
    (
        "live_user_tasks WHERE state NOT IN (1, 3)",
        "user_task_key, process_instance_key, element_instance_key, element_id, state, assignee, candidate_groups, \
         candidate_users, creation_date, due_date, follow_up_date, priority, form_key, external_form_reference",
    ),
    (
        "live_event_waits WHERE NOT is_over",
        "wait_key, process_instance_key, element_instance_key, element_id, wait_type, due_date, repetitions, waits_for, \
         variable_events",
    ),
    ("process_definitions WHERE state = 0", "*"),
    (
        "elements WHERE process_definition_key IN (SELECT process_definition_key FROM process_definitions WHERE state = 0)",
        "*",
    ),
    ("decision_definitions WHERE NOT is_deleted", "*"),
    ("forms WHERE NOT is_deleted", "*"),
    ("resources WHERE NOT is_deleted", "*"),
    ("cluster_variables", "*"),
    ("batch_operations WHERE end_date IS NULL", "batch_operation_key, kind, state"),
    (
        "batch_operation_counts WHERE end_date IS NULL",
        "batch_operation_key, items - completed - failed AS to_do",
    ),
    ("batch_operation_items WHERE state = 0", "*"),
];

fn alive(hot: &Connection) -> String {
    ALIVE.into_iter().map(|(table, columns)| rows(hot, table, columns)).collect()
}

/// Messages that are waited for: of one that has come the state does not say so.
fn waits(hot: &Connection, of: &str) -> BTreeSet<String> {
    let columns = "message_subscription_key, process_instance_key, element_instance_key, element_id, message_name, \
                   correlation_key";
    rows(hot, "live_message_subscriptions", columns)
        .lines()
        .zip(
            rows(hot, "live_message_subscriptions", "message_subscription_key, message_subscription_state")
                .lines(),
        )
        .filter(|(_, state)| state.split("state=").nth(1).is_some_and(|state| of.contains(state)))
        .map(|(row, _)| row.to_owned())
        .collect()
}

/// Jobs that were created, or failed with a message: of what else changed a job's state the engine keeps nothing.
fn job_states(hot: &Connection) -> BTreeSet<(i64, u8)> {
    let created_or_failed = "SELECT job_key, state FROM live_jobs WHERE is_over IS NULL AND \
                             (state = 2 OR state = 4 AND error_message IS NOT NULL)";
    let mut jobs = hot.prepare(created_or_failed).unwrap();
    let rows = jobs.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The definitions that are there.
fn definitions(rig: &Rig) -> BTreeMap<Key, Definition> {
    let keys = rig.tables.keys_behind(Listed::Processes, &[]).map(|key| listed_key(key, 0));
    let definition = |key: Key| {
        let row = rig.tables.process(key)?;
        let (bpmn_process_id, resource_name) = (row.bpmn_process_id.to_owned(), row.resource_name.to_owned());
        Some((
            key,
            Definition {
                bpmn_process_id,
                version: row.version,
                resource_name,
                resource: rig.tables.process_resource(key)?.to_vec(),
            },
        ))
    };
    keys.filter_map(definition).collect()
}

/// Parts of the state after an entry, told at some position.
fn parts(rig: &Rig, position: u64) -> Vec<(Vec<u8>, StatePart)> {
    let (mut parts, mut from) = (Vec::new(), Vec::new());
    loop {
        let mut entry = EntryBuilder::default();
        entry.begin(&EntryMeta {
            timestamp: TimestampMs(1),
            key_counter: 0,
            first_position: Position(1),
            operation_reference: 0,
            batch_operation_reference: 0,
            trace_id: 0,
            broker_version: (0, 0, 0),
            claims: Vec::new(),
        });
        let told = tell(&rig.tables, &from, &mut entry);
        let part = StatePart {
            position: Position(position),
            entry: entry.finish(rig.engine.key_counter()).to_vec(),
            next: told.next.clone(),
            is_past_instances: told.is_past_instances,
        };
        parts.push((from, part));
        let Some(next) = told.next else { return parts };
        from = next;
    }
}

fn end_of(bytes: &[u8]) -> u64 {
    let entry = EntryRef::parse(bytes).expect("an entry");
    entry.first_position().0 + u64::from(entry.record_count())
}

/// A store that finds only the entries behind the first `gone`, and what it has then.
fn late(entries: &[Vec<u8>], gone: usize, rig: &Rig) -> (Bench, tempfile::TempDir) {
    let parts = parts(rig, end_of(entries.last().unwrap()) - 1);
    let directory = quick_directory();
    let acknowledged = entries[..gone].last().map_or(1, |bytes| end_of(bytes));
    let tell = move |from: &[u8]| parts.iter().find(|(asked, _)| asked == from).map(|(_, part)| part.clone());
    let log = Log {
        entries: entries.to_vec(),
        gone,
        acknowledged: Some(acknowledged),
        life: 1,
        definitions: definitions(rig),
        state: Some(Box::new(tell)),
        ..Log::default()
    };
    let mut bench = Bench::young(directory.path(), &Arc::new(Mutex::new(log)), vec![3, 1, 7], 2);
    bench.turn();
    // While it is told, who searches is told so.
    let is_to_come = gone > 0 && entries.len() > gone + 3;
    let filling = |bench: &Bench| bench.files.filling().count() > 0;
    assert!(filling(&bench) || !is_to_come, "{gone} of {} are gone", entries.len());
    bench.run();
    for _ in 0..5 {
        bench.turn();
    }
    assert!(!filling(&bench), "it has been told all");
    (bench, directory)
}

#[test]
fn what_is_alive_is_there_however_much_of_the_log_is_gone() {
    let (mut compared, mut with_waits, mut with_failed, mut wrong) = (0, 0, 0, Vec::new());
    for (at, path) in scenarios().into_iter().enumerate() {
        let scenario = std::fs::read_to_string(&path).unwrap();
        let entries = entries_of(&scenario);
        // Something has to come after what is gone: a reader does not know of a partition without an end.
        if entries.len() < 2 {
            continue;
        }
        let whole = {
            let directory = quick_directory();
            let log = Log { entries: entries.clone(), life: 1, ..Log::default() };
            let mut bench = Bench::new(directory.path(), &Arc::new(Mutex::new(log)), vec![usize::MAX]);
            bench.run();
            let hot = bench.hot();
            check_starts(&hot);
            (alive(&hot), waits(&hot, "13"), waits(&hot, "013"), job_states(&hot))
        };
        let rig = rig_of(&scenario);
        let ways = [entries.len(), entries.len() / 2, 1 + at % (entries.len() - 1)];
        // Each scenario in one of the three ways.
        let gone = ways[at % 3];
        let (bench, _directory) = late(&entries, gone, &rig);
        let hot = bench.hot();
        let name = format!("{} without {gone} of {}", path.display(), entries.len());
        let now = alive(&hot);
        let differ = whole.0.lines().zip(now.lines()).find(|(wanted, found)| wanted != found);
        wrong.extend((whole.0 != now).then(|| format!("{name}: {differ:#?}")));
        let told = waits(&hot, "013");
        assert!(whole.1.is_subset(&told), "{name}: {:?} {told:?}", whole.1);
        assert!(waits(&hot, "13").is_subset(&whole.2), "{name}: {told:?} {:?}", whole.2);
        let jobs = job_states(&hot);
        assert!(whole.3.is_subset(&jobs), "{name}: {:?} {jobs:?}", whole.3);
        with_failed += whole.3.iter().filter(|(_, state)| *state == 4).count();
        with_waits += usize::from(!told.is_empty());
        compared += usize::from(whole.0.contains("live_process_instances "));
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong[..wrong.len().min(8)].join("\n"));
    let counts = (compared, with_waits, with_failed);
    assert!(
        compared > 50 && with_waits > 5 && with_failed > 5,
        "with instances, messages, failed jobs: {counts:?}"
    );
}

/// Batch operations that go on are known with what is left of them, and cluster variables, however much of the log is gone.
#[test]
fn batch_operations_and_cluster_variables_are_told() {
    let settings = EngineSettings { batch_steps_max: 3, ..one() };
    let (mut rig, keys) = begun(settings, &waits_for_a_job("p"), "p", 9);
    rig.change(Create, Global, "gone", "1");
    rig.change(Create, Global, "kept", "2");
    rig.change(Delete, Global, "gone", "");
    let (going, resting) = (
        create(&mut rig, CancelProcessInstance, BatchPlan::Plain),
        create(&mut rig, ResolveIncident, BatchPlan::Plain),
    );
    add(&mut rig, resting, &keys, 2);
    ask(&mut rig, BatchOperationCommand::Suspend { batch_operation_key: resting }).unwrap();
    add(&mut rig, going, &keys, 4);
    let canceled = create(&mut rig, CancelProcessInstance, BatchPlan::Plain);
    add(&mut rig, canceled, &keys, 100);
    ask(&mut rig, BatchOperationCommand::Cancel { batch_operation_key: canceled }).unwrap();
    while rig.tables.batch_operation_progress(going).is_some_and(|progress| progress.taken < 3) {
        let command = rig.engine.next_turn(&rig.tables).expect("there is work");
        rig.process(&command, None);
    }
    let directory = quick_directory();
    let log = Log { entries: rig.entries.clone(), life: 1, ..Log::default() };
    let mut bench = Bench::new(directory.path(), &Arc::new(Mutex::new(log)), vec![usize::MAX]);
    bench.run();
    let whole = alive(&bench.hot());
    assert!(whole.contains("to_do=6") && whole.contains("kept"), "{whole}");
    for gone in 1..=rig.entries.len() {
        let (bench, _directory) = late(&rig.entries, gone, &rig);
        assert_eq!(alive(&bench.hot()), whole, "without {gone} of {}", rig.entries.len());
    }
}

/// What ended in what is missing of the log is alive nowhere.
#[test]
fn what_was_alive_before_a_gap_and_is_not_told_of_is_gone() {
    let before = "deploy one_task.bpmn\ncreate one_task {\"x\":1}\ncreate one_task {\"x\":2}";
    let scenario = format!("{before}\ncomplete job1 {{}}\ncreate one_task {{\"x\":3}}");
    let (entries, held) = (entries_of(&scenario), entries_of(before).len());
    let rig = rig_of(&scenario);
    let parts = parts(&rig, end_of(entries.last().unwrap()) - 1);
    let directory = quick_directory();
    let log = Arc::new(Mutex::new(Log { entries: entries[..held].to_vec(), life: 1, ..Log::default() }));
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    drop(bench);
    let last = entries.len() - 1;
    {
        let mut log = log.lock().unwrap();
        (log.entries, log.gone, log.acknowledged) = (entries.clone(), last, Some(end_of(&entries[last - 1])));
        log.state = Some(Box::new(move |from| {
            parts.iter().find(|(asked, _)| asked == from).map(|(_, part)| part.clone())
        }));
    }
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    bench.turn();
    bench.turn();
    let hot = bench.hot();
    let values = rows(&hot, "live_variables", "variable_key, value");
    assert!(
        !values.contains("value=\"1\"") && values.contains("value=\"2\"") && values.contains("value=\"3\""),
        "{values}"
    );
    assert_eq!(rows(&hot, "live_process_instances", "process_instance_key, state").lines().count(), 2);
}

/// Since when an instance has a business id is told, so that what it called before is still without one.
#[test]
fn a_business_id_that_came_later_is_told_as_such() {
    let scenario = "deploy called.bpmn\ndeploy calling.bpmn\ncreate calling {}\nassign-business-id pi1 x\nset-variables pi2 {\"a\":1}";
    let (entries, rig) = (entries_of(scenario), rig_of(scenario));
    let directory = quick_directory();
    let log = Log { entries: entries.clone(), life: 1, ..Log::default() };
    let mut bench = Bench::new(directory.path(), &Arc::new(Mutex::new(log)), vec![usize::MAX]);
    bench.run();
    let whole = alive(&bench.hot());
    assert_eq!(whole.matches("business_id=\"x\"").count(), 1, "{whole}");
    for gone in 1..=entries.len() {
        let (bench, _directory) = late(&entries, gone, &rig);
        assert_eq!(alive(&bench.hot()), whole, "without {gone} of {}", entries.len());
    }
}
