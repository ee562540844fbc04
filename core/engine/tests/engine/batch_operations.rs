//! Batch operations: items that are done once whatever happens in between, on one partition and on several.

use crate::budget::{flow, task};
use crate::outbox::{Cluster, Random};
use crate::print::Line;
use crate::rig::Rig;
use bytes::Bytes;
use expect_test::expect;
use ringbolt_engine::{BATCH_OPERATIONS_MAX, EngineSettings};
use ringbolt_record::batch_operation::{
    AddItems, CreateBatchOperation, ElementPair, MigrationPlan, ModificationPlan,
};
use ringbolt_record::command::{ActivateJobs, CreateDeployment, FailJob, Resource};
use ringbolt_record::modification::ActivateInstruction;
use ringbolt_record::values::{
    BatchOperationChunkRecord, BatchOperationExecutionRecord, BatchOperationLifecycleManagementRecord,
    BatchOperationPartitionLifecycleRecord,
};
use ringbolt_record::{
    BatchItem, BatchOperationCommand, BatchOperationErrorType, BatchOperationType, BatchPlan, Command,
    DEFAULT_TENANT, DurationMs, HistoryDeletionType, Key, ModifyProcessInstance, PartitionId, RecordRef,
    RejectionType, Reply, ValueType, VariableDocument,
};

/// Tables of batch operations.
const TABLES: std::ops::RangeInclusive<u8> = 110..=113;
const CANCEL: BatchOperationType = BatchOperationType::CancelProcessInstance;

/// What tests look at of a record.
pub(crate) fn print(record: &RecordRef<'_>, line: &mut Line) {
    match record.header.intent.value_type() {
        ValueType::BatchOperationChunk => {
            let value = record.value::<BatchOperationChunkRecord>().unwrap();
            line.field("items", value.items.len()).field("forgotten", value.forgotten);
        }
        ValueType::BatchOperationExecution => {
            let value = record.value::<BatchOperationExecutionRecord<'_>>().unwrap();
            line.field("item", Key::of(&value.item.item_key));
            if let Some(failure) = value.failure.as_ref() {
                line.text("failure", &failure.reason);
            }
        }
        ValueType::BatchOperationPartitionLifecycle => {
            let value = record.value::<BatchOperationPartitionLifecycleRecord<'_>>().unwrap();
            line.field("partition", value.source_partition_id);
        }
        ValueType::BatchOperationLifecycleManagement => {
            let value = record.value::<BatchOperationLifecycleManagementRecord<'_>>().unwrap();
            for error in value.errors.iter() {
                line.text("error", &error.message);
            }
        }
        _ => {}
    }
}

pub(crate) fn ask(rig: &mut Rig, command: BatchOperationCommand) -> Result<Reply, (RejectionType, String)> {
    let request = rig.send(&Command::BatchOperation(Box::new(command)));
    let answer = rig.answer(request).expect("it is answered at once");
    answer.map_err(|rejection| (rejection.kind, rejection.reason))
}

pub(crate) fn create(rig: &mut Rig, kind: BatchOperationType, plan: BatchPlan) -> Key {
    let filter = r#"{"state":"ACTIVE"}"#.to_owned();
    match ask(rig, BatchOperationCommand::Create(CreateBatchOperation { kind, filter, plan })) {
        Ok(Reply::BatchOperationCreated { batch_operation_key, .. }) => batch_operation_key,
        other => panic!("{other:?}"),
    }
}

fn item(item_key: Key) -> BatchItem {
    BatchItem { item_key, process_instance_key: item_key, root_process_instance_key: item_key }
}

/// Adds items in pages of so many, the last one included.
pub(crate) fn add(rig: &mut Rig, batch_operation_key: Key, keys: &[Key], page: usize) {
    let mut after = Key::NONE;
    let mut left = keys;
    loop {
        let (now, rest) = left.split_at(page.min(left.len()));
        let cursor = now.last().copied().unwrap_or(after);
        let items = now.iter().copied().map(item).collect();
        let is_last = rest.is_empty();
        let add = AddItems { batch_operation_key, after, cursor, items, is_last };
        assert_eq!(ask(rig, BatchOperationCommand::AddItems(add)), Ok(Reply::Done));
        if is_last {
            return;
        }
        (after, left) = (cursor, rest);
    }
}

/// A process whose instances wait for a job.
pub(crate) fn waits(id: &str) -> String {
    format!(
        r#"<bpmn:process id="{id}" isExecutable="true"><bpmn:startEvent id="s" />{}{}</bpmn:process>"#,
        task("t", "work", ""),
        flow("s", "t")
    )
}

/// A process whose instances wait for a job `t`, and have an `other` to stand at.
fn moves(id: &str) -> String {
    format!(
        r#"<bpmn:process id="{id}" isExecutable="true"><bpmn:startEvent id="s" />{}{}{}{}</bpmn:process>"#,
        task("t", "work", ""),
        flow("s", "t"),
        task("other", "rest", ""),
        flow("t", "other")
    )
}

fn deploy(rig: &mut Rig, processes: &str) {
    let content = format!(
        r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">{processes}</bpmn:definitions>"#
    );
    let resources = vec![Resource { name: "p.bpmn".to_owned(), content: Bytes::from(content) }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    let answer = rig.answer(request);
    assert!(answer.as_ref().is_some_and(Result::is_ok), "{answer:?}");
}

pub(crate) fn begun(settings: EngineSettings, processes: &str, id: &str, many: usize) -> (Rig, Vec<Key>) {
    let mut rig = Rig::with(settings);
    deploy(&mut rig, processes);
    let keys = (0..many).map(|_| rig.start(id, VariableDocument::default()).unwrap()).collect();
    rig.records.clear();
    (rig, keys)
}

pub(crate) fn one() -> EngineSettings {
    EngineSettings::new(PartitionId(1))
}

pub(crate) fn count(rig: &Rig, what: &str) -> usize {
    rig.records.iter().filter(|line| line.contains(what)).count()
}

/// The lines about batch operations, without keys.
fn lines(rig: &Rig) -> String {
    let ours = rig.records.iter().filter(|line| line.contains("BATCH_OPERATION"));
    let without_keys = ours.map(|line| {
        let words = line.split(' ').filter(|word| !word.starts_with("key=") && !word.starts_with("item="));
        words.collect::<Vec<_>>().join(" ") + "\n"
    });
    without_keys.collect()
}

pub(crate) fn nothing_is_left(rig: &Rig) {
    assert!(rig.dump().iter().all(|(table, _, _)| !TABLES.contains(table)));
    assert!(rig.tables.instance_with_follow_ups(Key::NONE).is_none());
}

#[test]
fn each_item_is_done_once_in_slices() {
    let (mut rig, keys) = begun(one(), &waits("p"), "p", 250);
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    add(&mut rig, key, &keys, 120);
    let mut steps = 0;
    while let Some(command) = rig.engine.next_turn(&rig.tables) {
        rig.process(&command, None);
        steps = steps.max(rig.engine.steps_taken());
    }
    assert!(steps <= rig.engine.settings().batch_steps_max);
    assert_eq!(count(&rig, "BATCH_OPERATION_EXECUTION EXECUTED"), 250);
    assert_eq!(count(&rig, "failure="), 0);
    assert!(keys.iter().all(|key| rig.tables.element_instance(*key).is_none()));
    nothing_is_left(&rig);
    let shown: String =
        lines(&rig).lines().filter(|line| !line.contains("EXECUT")).map(|l| format!("{l}\n")).collect();
    expect![[r#"
        E BATCH_OPERATION_CREATION CREATED
        E BATCH_OPERATION_CHUNK CREATED items=100 forgotten=0
        E BATCH_OPERATION_CHUNK CREATED items=20 forgotten=0
        E BATCH_OPERATION_INITIALIZATION INITIALIZING
        E BATCH_OPERATION_CHUNK CREATED items=100 forgotten=0
        E BATCH_OPERATION_CHUNK CREATED items=20 forgotten=0
        E BATCH_OPERATION_INITIALIZATION INITIALIZING
        E BATCH_OPERATION_CHUNK CREATED items=10 forgotten=0
        E BATCH_OPERATION_INITIALIZATION INITIALIZED
        E BATCH_OPERATION_PARTITION_LIFECYCLE PARTITION_COMPLETED partition=1
        E BATCH_OPERATION_LIFECYCLE_MANAGEMENT COMPLETED
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_restart_after_every_entry_changes_nothing() {
    let settings = EngineSettings { batch_steps_max: 7, ..one() };
    let (mut rig, keys) = begun(settings, &waits("p"), "p", 30);
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    rig.restart();
    assert_eq!(rig.tables.batch_operation_to_select(), Some(key));
    add(&mut rig, key, &keys, 12);
    rig.restart();
    let mut suspended = false;
    while let Some(command) = rig.engine.next_turn(&rig.tables) {
        rig.process(&command, None);
        rig.restart();
        if count(&rig, "EXECUTED") > 10 && !suspended {
            suspended = true;
            assert_eq!(
                ask(&mut rig, BatchOperationCommand::Suspend { batch_operation_key: key }),
                Ok(Reply::Done)
            );
            rig.restart();
            rig.run_due();
            assert!(count(&rig, "EXECUTED") < 20, "it rests");
            assert_eq!(
                ask(&mut rig, BatchOperationCommand::Resume { batch_operation_key: key }),
                Ok(Reply::Done)
            );
            rig.restart();
        }
    }
    assert_eq!(count(&rig, "BATCH_OPERATION_EXECUTION EXECUTED"), 30);
    assert_eq!(count(&rig, "ELEMENT_TERMINATED"), 60);
    nothing_is_left(&rig);
}

#[test]
fn what_is_refused_fails_alone_and_leaves_nothing_of_its_command() {
    let (mut rig, mut keys) = begun(one(), &waits("p"), "p", 3);
    rig.process(&Command::CancelProcessInstance { process_instance_key: keys[1] }, None);
    keys.push(Key::from_wire(2_251_799_813_699_999));
    rig.records.clear();
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    add(&mut rig, key, &keys, 100);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (4, 2));
    assert_eq!(count(&rig, "no such process was found"), 2);
    assert!(keys.iter().all(|key| rig.tables.element_instance(*key).is_none()));
    nothing_is_left(&rig);
}

#[test]
fn one_that_is_canceled_does_no_more_and_forgets_its_items_in_slices() {
    let (mut rig, keys) = begun(one(), &waits("p"), "p", 20);
    let many: Vec<Key> = keys.iter().copied().cycle().take(20_000).collect();
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    add(&mut rig, key, &many, 1000);
    assert_eq!(ask(&mut rig, BatchOperationCommand::Cancel { batch_operation_key: key }), Ok(Reply::Done));
    let done = count(&rig, "EXECUTED");
    assert!(done < 200, "{done}");
    let again = ask(&mut rig, BatchOperationCommand::Cancel { batch_operation_key: key });
    assert_eq!(again.unwrap_err().0, RejectionType::NotFound);
    rig.run_due();
    assert_eq!(count(&rig, "EXECUTED"), done);
    assert!(count(&rig, "FORGOTTEN") >= 3, "{}", count(&rig, "FORGOTTEN"));
    nothing_is_left(&rig);
}

#[test]
fn states_in_which_it_can_be_changed() {
    let mut rig = Rig::default();
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    let suspend = || BatchOperationCommand::Suspend { batch_operation_key: key };
    let resume = || BatchOperationCommand::Resume { batch_operation_key: key };
    let wire = key.to_wire();
    let refused = |state: &str, verb: &str| {
        let text = format!(
            "Expected to {verb} a batch operation with key '{wire}', but it has an invalid state '{state}'."
        );
        Err((RejectionType::InvalidState, text))
    };
    assert_eq!(ask(&mut rig, resume()), refused("CREATED", "resume"));
    assert_eq!(ask(&mut rig, suspend()), Ok(Reply::Done));
    assert_eq!(rig.tables.batch_operation_to_select(), None, "nothing is selected while it rests");
    assert_eq!(ask(&mut rig, suspend()), refused("SUSPENDED", "suspend"));
    // A page that was on its way is not lost; the end waits until it goes on.
    add(&mut rig, key, &[], 1);
    assert_eq!(ask(&mut rig, resume()), Ok(Reply::Done));
    rig.run_due();
    nothing_is_left(&rig);
    let missing = format!(
        "Expected to suspend a batch operation with key '{wire}', but no such batch operation was found."
    );
    assert_eq!(ask(&mut rig, suspend()), Err((RejectionType::NotFound, missing)));
    let empty = CreateBatchOperation { kind: CANCEL, filter: "{}".to_owned(), plan: BatchPlan::Plain };
    let empty = ask(&mut rig, BatchOperationCommand::Create(empty));
    assert_eq!(empty, Err((RejectionType::InvalidArgument, "Given filter is empty".to_owned())));
}

#[test]
fn what_is_selected_late_or_twice_is_not_taken() {
    let (mut rig, keys) = begun(one(), &waits("p"), "p", 2);
    let key = create(&mut rig, CANCEL, BatchPlan::Plain);
    let page = |after, cursor, is_last| {
        let items = vec![item(cursor)];
        BatchOperationCommand::AddItems(AddItems { batch_operation_key: key, after, cursor, items, is_last })
    };
    assert_eq!(ask(&mut rig, page(Key::NONE, keys[0], false)), Ok(Reply::Done));
    assert_eq!(ask(&mut rig, page(Key::NONE, keys[0], false)).unwrap_err().0, RejectionType::InvalidState);
    assert_eq!(ask(&mut rig, page(keys[0], keys[1], true)), Ok(Reply::Done));
    assert_eq!(ask(&mut rig, page(keys[0], keys[1], true)).unwrap_err().0, RejectionType::InvalidState);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (2, 0));
    nothing_is_left(&rig);
}

#[test]
fn there_are_only_so_many() {
    let mut rig = Rig::default();
    for _ in 0..BATCH_OPERATIONS_MAX {
        create(&mut rig, CANCEL, BatchPlan::Plain);
    }
    let filter = r#"{"state":"ACTIVE"}"#.to_owned();
    let one_more = CreateBatchOperation { kind: CANCEL, filter, plan: BatchPlan::Plain };
    let refused = ask(&mut rig, BatchOperationCommand::Create(one_more)).unwrap_err();
    assert_eq!(refused.0, RejectionType::InvalidState);
}

#[test]
fn instances_are_moved_and_migrated() {
    let (mut rig, keys) = begun(one(), &moves("p"), "p", 5);
    deploy(&mut rig, &moves("q"));
    let pair = |source: &str, target: &str| ElementPair {
        source_element_id: source.to_owned(),
        target_element_id: target.to_owned(),
    };
    let plan = BatchPlan::Modification(ModificationPlan { moves: vec![pair("t", "other")] });
    let key = create(&mut rig, BatchOperationType::ModifyProcessInstance, plan);
    add(&mut rig, key, &keys, 100);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (5, 0));
    assert_eq!(count(&rig, "JOB CREATED type=rest") + count(&rig, "type=rest"), count(&rig, "type=rest"));
    assert!(
        rig.records.iter().filter(|line| line.contains("JOB CREATED") && line.contains("rest")).count() == 5
    );
    let target = rig.tables.latest_process(DEFAULT_TENANT, "q").unwrap().key;
    let plan = BatchPlan::Migration(MigrationPlan {
        target_process_definition_key: target,
        mappings: vec![pair("other", "other")],
    });
    let key = create(&mut rig, BatchOperationType::MigrateProcessInstance, plan);
    add(&mut rig, key, &keys, 100);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (10, 0));
    for key in keys {
        let row = rig.tables.element_instance(key).unwrap();
        assert_eq!(row.element.instance.process_definition_key, target);
    }
    nothing_is_left(&rig);
}

#[test]
fn a_job_whose_incident_is_resolved_may_be_tried_once_more() {
    let (mut rig, _) = begun(one(), &waits("p"), "p", 2);
    let activate = |jobs_max| {
        Command::ActivateJobs(ActivateJobs {
            job_type: "work".to_owned(),
            worker: "w".to_owned(),
            timeout: DurationMs(60_000),
            jobs_max,
            bytes_max: 1 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases: false,
        })
    };
    rig.process(&activate(2), None);
    for job_key in rig.names.jobs.clone() {
        let fail = FailJob {
            job_key,
            retries: 0,
            retry_backoff: DurationMs(0),
            error_message: "no".to_owned(),
            variables: VariableDocument::default(),
        };
        rig.process(&Command::FailJob(fail), None);
    }
    let incidents = rig.names.incidents.clone();
    assert_eq!(incidents.len(), 2);
    let key = create(&mut rig, BatchOperationType::ResolveIncident, BatchPlan::Plain);
    add(&mut rig, key, &incidents, 100);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (2, 0));
    assert_eq!((count(&rig, "RETRIES_UPDATED"), count(&rig, "INCIDENT RESOLVED")), (2, 2));
    nothing_is_left(&rig);
}

#[test]
fn only_what_has_ended_can_be_deleted() {
    let (mut rig, keys) = begun(one(), &waits("p"), "p", 1);
    let delete =
        || BatchOperationCommand::DeleteHistory { kind: HistoryDeletionType::ProcessInstance, key: keys[0] };
    let refused = ask(&mut rig, delete()).unwrap_err();
    assert_eq!(refused.0, RejectionType::InvalidState);
    assert!(refused.1.ends_with("but it is still active."), "{refused:?}");
    rig.process(&Command::CancelProcessInstance { process_instance_key: keys[0] }, None);
    assert_eq!(ask(&mut rig, delete()), Ok(Reply::Done));
    assert_eq!(count(&rig, "HISTORY_DELETION DELETED"), 1);
}

#[test]
fn what_fits_into_no_entry_fails_alone() {
    let settings = EngineSettings { entry_bytes_max: ringbolt_engine::ENTRY_BYTES_MIN, ..one() };
    let (mut rig, mut keys) = begun(settings, &moves("p"), "p", 1);
    let pair = ElementPair { source_element_id: "t".to_owned(), target_element_id: "other".to_owned() };
    let plan = BatchPlan::Modification(ModificationPlan { moves: vec![pair] });
    // So many tokens at one element that no entry can move them all.
    let activate = ActivateInstruction { element_id: "t".to_owned(), ..ActivateInstruction::default() };
    for _ in 0..40 {
        let (process_instance_key, activate) = (keys[0], vec![activate.clone(); 3]);
        let modify =
            ModifyProcessInstance { process_instance_key, activate, ..ModifyProcessInstance::default() };
        rig.process(&Command::ModifyProcessInstance(modify), None);
        rig.run_due();
    }
    keys.push(rig.start("p", VariableDocument::default()).unwrap());
    rig.records.clear();
    let key = create(&mut rig, BatchOperationType::ModifyProcessInstance, plan);
    add(&mut rig, key, &keys, 100);
    rig.run_due();
    assert_eq!((count(&rig, "EXECUTED"), count(&rig, "failure=")), (2, 1), "{:?}", rig.records);
    assert_eq!(count(&rig, "JOB CREATED"), 1, "only one of the two instances was moved");
    nothing_is_left(&rig);
}

/// The partition that was asked leads, whatever is lost, doubled or late between it and the others.
#[test]
fn all_partitions_do_their_part_whatever_the_network_does() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut cluster = Cluster::new(3);
        deploy(cluster.rig(PartitionId(1)), &waits("p"));
        cluster.collect();
        cluster.settle();
        let mut keys: Vec<Vec<Key>> = Vec::new();
        for rig in &mut cluster.rigs {
            rig.records.clear();
            keys.push((0..40).map(|_| rig.start("p", VariableDocument::default()).unwrap()).collect());
        }
        let leader = PartitionId(1 + random.below(3) as u16);
        let failing = PartitionId(1 + random.below(3) as u16);
        let key = create(cluster.rig(leader), CANCEL, BatchPlan::Plain);
        cluster.collect();
        (0..20).for_each(|_| cluster.mishap(&mut random));
        cluster.settle();
        for (rig, keys) in cluster.rigs.iter_mut().zip(&keys) {
            assert_eq!(rig.tables.batch_operation_to_select(), Some(key));
            if rig.partition_id() == failing {
                let fail = BatchOperationCommand::FailSelection {
                    batch_operation_key: key,
                    after: Key::NONE,
                    error_type: BatchOperationErrorType::QueryFailed,
                    message: "broken".to_owned(),
                };
                assert_eq!(ask(rig, fail), Ok(Reply::Done));
            } else {
                add(rig, key, keys, 25);
            }
        }
        cluster.collect();
        (0..20).for_each(|_| cluster.mishap(&mut random));
        cluster.settle();
        for rig in &cluster.rigs {
            let expected = if rig.partition_id() == failing { 0 } else { 40 };
            assert_eq!(count(rig, "EXECUTED"), expected, "seed {seed}");
            let completed = count(rig, "LIFECYCLE_MANAGEMENT COMPLETED");
            assert_eq!(completed, usize::from(rig.partition_id() == leader), "seed {seed}");
            assert_eq!(count(rig, "error=broken"), completed, "seed {seed}");
            nothing_is_left(rig);
        }
    }
}

#[test]
fn rest_and_end_reach_all_partitions() {
    let mut cluster = Cluster::new(2);
    let (leader, other) = (PartitionId(1), PartitionId(2));
    let key = create(cluster.rig(leader), CANCEL, BatchPlan::Plain);
    cluster.collect();
    cluster.settle();
    assert_eq!(
        ask(cluster.rig(leader), BatchOperationCommand::Suspend { batch_operation_key: key }),
        Ok(Reply::Done)
    );
    cluster.collect();
    cluster.settle();
    assert_eq!(cluster.rig(other).tables.batch_operation_to_select(), None);
    assert_eq!(
        ask(cluster.rig(leader), BatchOperationCommand::Resume { batch_operation_key: key }),
        Ok(Reply::Done)
    );
    cluster.collect();
    cluster.settle();
    assert_eq!(cluster.rig(other).tables.batch_operation_to_select(), Some(key));
    assert_eq!(
        ask(cluster.rig(leader), BatchOperationCommand::Cancel { batch_operation_key: key }),
        Ok(Reply::Done)
    );
    cluster.collect();
    cluster.settle();
    for rig in &cluster.rigs {
        nothing_is_left(rig);
    }
}
