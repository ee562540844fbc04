//! Business ids that have to differ, on one partition. What is asked for is Camunda's: `CreateProcessInstanceBusinessIdUniquenessToggleTest`,
//! `MessageStartEventBusinessIdUniquenessTest` and `AssignProcessInstanceBusinessIdWhenUniquenessEnabledTest` of its engine, and its page on
//! process instance creation, "Uniqueness control". The reference engine that others are compared with has no such option.

use crate::budget::{flow, task};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{
    CorrelateMessage, CreateProcessInstance, DefinitionSelector, PublishMessage, WithBusinessId,
};
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, MigrateProcessInstance, PartitionId, RejectionType,
    VariableDocument,
};

pub(crate) const ROOTS: &str = r#"<bpmn:message id="begin" name="begin" />"#;
/// Begun by a client or a message.
pub(crate) fn begun(job_type: &str) -> String {
    let start =
        r#"<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="begin" /></bpmn:startEvent>"#;
    [start.to_owned(), task("t", job_type, ""), flow("s", "t"), flow("m", "t")].concat()
}

fn rig() -> Rig {
    let settings = EngineSettings { business_ids_are_unique: true, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_with(ROOTS, "p", &begun("work"));
    rig
}

fn creation(business_id: &str) -> Command {
    Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "p".to_owned() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.to_owned(),
        tags: Vec::new(),
        business_id: business_id.to_owned(),
        await_result: None,
    })
}

fn create(rig: &mut Rig, business_id: &str) -> Result<Key, RejectionType> {
    let created = rig.start_of(business_id, "p", VariableDocument::default());
    rig.run_due();
    created
}

pub(crate) fn message(correlation_key: &str, business_id: &str, time_to_live: DurationMs) -> Command {
    Command::PublishMessage(PublishMessage {
        name: "begin".to_owned(),
        correlation_key: correlation_key.to_owned(),
        time_to_live,
        message_id: String::new(),
        business_id: business_id.to_owned(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

const MINUTE: DurationMs = DurationMs(60_000);

/// Publishes; how many instances stand then.
fn publish(rig: &mut Rig, correlation_key: &str, business_id: &str, time_to_live: DurationMs) -> usize {
    rig.send(&message(correlation_key, business_id, time_to_live));
    rig.run_due();
    rig.standing("t").len()
}

/// The business ids of the instances that stand, in the order of their jobs.
pub(crate) fn ids(rig: &mut Rig) -> Vec<String> {
    let of = |task: Key| {
        let row = rig.tables.element_instance(task).expect("it stands");
        let metadata = rig.tables.instance_metadata(row.element.instance.process_instance_key);
        metadata.map(|metadata| metadata.business_id).unwrap_or_default()
    };
    rig.standing("t").into_iter().map(of).collect()
}

fn complete_first(rig: &mut Rig) {
    let job = rig.take_jobs("work")[0];
    rig.finish(job, VariableDocument::default()).expect("it waits for that");
    rig.run_due();
}

fn cancel(rig: &mut Rig, process_instance_key: Key) {
    rig.told(&Command::CancelProcessInstance { process_instance_key }).expect("it runs");
    rig.run_due();
}

/// Rows of who has which id, and of who waits for one.
fn rows(rig: &Rig) -> usize {
    rig.dump().iter().filter(|(table, _, _)| [135, 136].contains(table)).count()
}

#[test]
fn a_second_instance_is_refused_until_the_first_has_ended() {
    let mut rig = rig();
    let first = create(&mut rig, "x").unwrap();
    let (kind, reason) = rig.told(&creation("x")).unwrap_err();
    assert_eq!(kind, RejectionType::AlreadyExists);
    assert_eq!(
        reason,
        "Expected to create instance of process with business id 'x', but an instance with this business id already exists \
         for process definition 'p'"
    );
    assert_eq!(create(&mut rig, "y").map(|_| ()), Ok(()));
    assert_eq!(create(&mut rig, "").map(|_| ()), Ok(()));
    assert_eq!(create(&mut rig, "").map(|_| ()), Ok(()));
    complete_first(&mut rig);
    assert!(rig.tables.element_instance_state(first).is_none());
    let second = create(&mut rig, "x").unwrap();
    assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists));
    cancel(&mut rig, second);
    create(&mut rig, "x").unwrap();
    assert_eq!(rows(&rig), 2, "x and y");
}

/// Of another version it is the same process, of another process it is not.
#[test]
fn ids_are_a_process_s_whatever_its_version() {
    let mut rig = rig();
    create(&mut rig, "x").unwrap();
    rig.deploy_with(ROOTS, "p", &begun("other"));
    assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists));
    rig.deploy_body("q", &[task("u", "inner", ""), flow("s", "u")].concat());
    assert!(rig.start_of("x", "q", VariableDocument::default()).is_ok());
}

/// A called instance has its caller's id and does not count.
#[test]
fn what_is_called_does_not_count() {
    let mut rig = rig();
    let call = r#"<bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="p" /></bpmn:extensionElements></bpmn:callActivity>"#;
    rig.deploy_body("caller", &[call.to_owned(), flow("s", "c")].concat());
    let caller = rig.start_of("x", "caller", VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(ids(&mut rig), ["x"]);
    create(&mut rig, "x").expect("the called one does not count");
    assert_eq!(ids(&mut rig), ["x", "x"]);
    cancel(&mut rig, caller);
    assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists), "its end frees nothing");
    assert_eq!(rows(&rig), 1);
}

/// Ids that were taken while they did not have to differ count from the start at which they do.
#[test]
fn ids_of_before_count() {
    let mut rig = rig();
    rig.restart_with_unique_ids(false);
    let without = create(&mut rig, "").unwrap();
    let [first, second] = ["x", "x"].map(|id| create(&mut rig, id).unwrap());
    let late = Command::AssignBusinessId { process_instance_key: without, business_id: "late".to_owned() };
    rig.told(&late).unwrap();
    publish(&mut rig, "k", "by-message", DurationMs(0));
    rig.restart_with_unique_ids(true);
    for id in ["x", "late", "by-message"] {
        assert_eq!(create(&mut rig, id), Err(RejectionType::AlreadyExists), "{id}");
    }
    cancel(&mut rig, first);
    assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists), "the other one is there");
    rig.restart_with_unique_ids(false);
    cancel(&mut rig, second);
    rig.restart_with_unique_ids(true);
    create(&mut rig, "x").expect("both have ended");
}

#[test]
fn nothing_is_given_later_where_ids_have_to_differ() {
    let mut rig = rig();
    let instance = create(&mut rig, "").unwrap();
    let assign = Command::AssignBusinessId { process_instance_key: instance, business_id: "x".to_owned() };
    let expected = (
        RejectionType::InvalidState,
        format!(
            "Expected to assign a business id to process instance with key '{}', but business id assignment is not allowed while \
             business id uniqueness is enabled",
            instance.to_wire()
        ),
    );
    assert_eq!(rig.told(&assign).unwrap_err(), expected);
    let job_key = rig.take_jobs("work")[0];
    let command = Command::CompleteJob { job_key, variables: VariableDocument::default() };
    let with = WithBusinessId { business_id: "x".to_owned(), command };
    assert_eq!(rig.told(&Command::WithBusinessId(Box::new(with))).unwrap_err(), expected);
    assert_eq!(rig.standing("t").len(), 1, "neither is done");
}

/// A message whose id another instance has waits for its end, under whatever correlation key it is kept.
#[test]
fn a_message_waits_for_its_business_id() {
    for is_canceled in [false, true] {
        let mut rig = rig();
        let holder = create(&mut rig, "x").unwrap();
        assert_eq!(publish(&mut rig, "", "x", DurationMs(0)), 1, "it is not kept");
        assert_eq!(publish(&mut rig, "k", "x", MINUTE), 1);
        assert_eq!(publish(&mut rig, "", "", MINUTE), 2, "one of no id is for all");
        assert_eq!(publish(&mut rig, "", "y", MINUTE), 3);
        if is_canceled {
            cancel(&mut rig, holder)
        } else {
            complete_first(&mut rig)
        }
        assert_eq!(ids(&mut rig), ["", "y", "x"]);
        assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists));
    }
}

/// What waits is passed over, and what would come after it begins.
#[test]
fn a_message_that_waits_keeps_no_other_back() {
    let mut rig = rig();
    create(&mut rig, "held").unwrap();
    publish(&mut rig, "k", "a", MINUTE);
    publish(&mut rig, "k", "held", MINUTE);
    publish(&mut rig, "k", "free", MINUTE);
    assert_eq!(ids(&mut rig), ["held", "a"]);
    let job = rig.take_jobs_up_to("work", 10)[1].key;
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(ids(&mut rig), ["held", "free"]);
}

/// One end begins one instance, and a message whose time is over none.
#[test]
fn each_end_begins_the_oldest_that_is_left() {
    let mut rig = rig();
    create(&mut rig, "x").unwrap();
    publish(&mut rig, "a", "x", DurationMs(1_000));
    publish(&mut rig, "b", "x", MINUTE);
    publish(&mut rig, "c", "x", MINUTE);
    rig.now = rig.now.plus(DurationMs(1_001));
    rig.run_due();
    for left in [1, 1, 0] {
        complete_first(&mut rig);
        assert_eq!(ids(&mut rig).len(), left);
    }
    assert_eq!(rows(&rig), 0);
}

#[test]
fn whoever_waits_for_whom_a_message_reaches_is_told_why_it_does_not() {
    let mut rig = rig();
    create(&mut rig, "x").unwrap();
    let correlate = Command::CorrelateMessage(CorrelateMessage {
        name: "begin".to_owned(),
        correlation_key: "k".to_owned(),
        business_id: "x".to_owned(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    });
    let (kind, reason) = rig.told(&correlate).unwrap_err();
    assert_eq!(kind, RejectionType::NotFound);
    assert!(reason.contains("in process IDs [p]"), "{reason}");
}

/// A migration asks for nothing: the id goes along, and is free where it was.
#[test]
fn an_id_goes_with_a_migration() {
    let mut rig = rig();
    rig.deploy_with(ROOTS, "q", &begun("work"));
    let instance = create(&mut rig, "x").unwrap();
    rig.start_of("x", "q", VariableDocument::default()).unwrap();
    publish(&mut rig, "k", "x", MINUTE);
    let target = rig.tables.latest_process(DEFAULT_TENANT, "q").expect("it is deployed").key;
    let mapping =
        |id: &str| MigrateMapping { source_element_id: id.to_owned(), target_element_id: id.to_owned() };
    rig.told(&Command::MigrateProcessInstance(MigrateProcessInstance {
        process_instance_key: instance,
        target_process_definition_key: target,
        mappings: vec![mapping("t")],
    }))
    .unwrap();
    rig.run_due();
    assert_eq!(create(&mut rig, "x"), Err(RejectionType::AlreadyExists), "the message was faster");
    assert_eq!(ids(&mut rig), ["x", "x", "x"]);
    assert_eq!(rows(&rig), 3);
}

/// A called instance has no id of its own, whatever it runs.
#[test]
fn what_is_called_does_not_count_where_it_was_migrated() {
    let mut rig = rig();
    rig.deploy_with(ROOTS, "q", &begun("work"));
    let call = r#"<bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="p" /></bpmn:extensionElements></bpmn:callActivity>"#;
    rig.deploy_body("caller", &[call.to_owned(), flow("s", "c")].concat());
    rig.start_of("x", "caller", VariableDocument::default()).unwrap();
    rig.run_due();
    let called = rig.tables.element_instance(rig.standing("t")[0]).expect("it stands").element;
    let target = rig.tables.latest_process(DEFAULT_TENANT, "q").expect("it is deployed").key;
    let mapping = MigrateMapping { source_element_id: "t".to_owned(), target_element_id: "t".to_owned() };
    rig.told(&Command::MigrateProcessInstance(MigrateProcessInstance {
        process_instance_key: called.instance.process_instance_key,
        target_process_definition_key: target,
        mappings: vec![mapping],
    }))
    .unwrap();
    rig.run_due();
    assert_eq!(rows(&rig), 1, "the caller's");
    rig.start_of("x", "q", VariableDocument::default()).expect("the called one does not count");
    for job in rig.take_jobs_up_to("work", 2) {
        rig.finish(job.key, VariableDocument::default()).expect("it waits for that");
    }
    rig.run_due();
    assert_eq!(rows(&rig), 0);
}
