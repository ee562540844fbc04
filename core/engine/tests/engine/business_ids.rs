//! Business ids in messages. The reference engine that others are compared with does not know them; what is asked for here is in the
//! sources of Camunda 8.10 (`zeebe/docs/adr/0001-810-message-correlation-business-id-cross-partition.md`, `MessageCorrelateBehavior`).

use crate::budget::{flow, task};
use crate::rig::Rig;
use crate::scenarios::{Step, rig_of};
use crate::user_tasks;
use ringbolt_record::command::WithBusinessId;
use ringbolt_record::{Command, Key, RejectionType, VariableDocument};

/// The completion of a job, perhaps with a business id for its instance.
pub(crate) fn completion(step: &Step, job_key: Key) -> Command {
    let command = user_tasks::completion(step, job_key);
    match step.option("business-id") {
        None => command,
        Some(id) => Command::WithBusinessId(Box::new(WithBusinessId { business_id: id.to_owned(), command })),
    }
}

/// The business ids of the instances whose jobs nobody has, in the order of the jobs.
fn ids(rig: &mut Rig, job_type: &str) -> Vec<String> {
    let jobs = rig.take_jobs_up_to(job_type, 10);
    jobs.iter().map(|job| job.business_id.to_string()).collect()
}

#[test]
fn what_a_message_starts_has_its_business_id() {
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000 business-id=y\n\
         publish begin key=a ttl=60000\n\
         publish begin key=b business-id=x\n\
         correlate begin key=c business-id=z",
    );
    // One at a time for a correlation key, whatever the business id is; the oldest comes next.
    assert_eq!(ids(&mut rig, "a"), ["x", "x", "z"]);
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000 business-id=y\n\
         publish begin key=a ttl=60000\n\
         complete job1",
    );
    assert_eq!(ids(&mut rig, "a"), ["y"]);
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000\n\
         publish begin key=a ttl=60000 business-id=y\n\
         complete job1",
    );
    assert_eq!(ids(&mut rig, "a"), [""]);
}

#[test]
fn an_instance_waits_with_its_business_id() {
    let rig = rig_of(
        "deploy catch_message.bpmn\n\
         create catch_message business-id=x {\"orderId\":\"k\"}\n\
         create catch_message business-id=y {\"orderId\":\"k\"}\n\
         create catch_message {\"orderId\":\"k\"}\n\
         publish paid key=k ttl=60000 business-id=z\n\
         correlate paid key=k business-id=z\n\
         correlate paid key=k business-id=y",
    );
    let stands = |key: &&Key| rig.tables.element_instance_state(**key).is_some();
    let instances = &rig.names.instances;
    assert_eq!(instances.iter().filter(stands).collect::<Vec<_>>(), [&instances[0], &instances[2]]);
}

/// What is asked for from here on is in `zeebe/docs/adr/0006-810-late-business-id-assignment.md` of Camunda 8.10.
fn assign(process_instance_key: Key, business_id: &str) -> Command {
    Command::AssignBusinessId { process_instance_key, business_id: business_id.to_owned() }
}

fn refused(rig: &mut Rig, key: Key, business_id: &str) -> (RejectionType, String) {
    let (kind, reason) = rig.told(&assign(key, business_id)).unwrap_err();
    let begin =
        format!("Expected to assign a business id to process instance with key '{}', but ", key.to_wire());
    (kind, reason.strip_prefix(&begin).unwrap_or_else(|| panic!("{reason}")).to_owned())
}

#[test]
fn a_business_id_is_given_once() {
    let mut rig = rig_of("deploy one_task.bpmn\ncreate one_task {}\ncreate one_task business-id=x {}");
    let [without, with] = [rig.names.instances[0], rig.names.instances[1]];
    let stands = |why: &str| (RejectionType::InvalidState, why.to_owned());
    let has = stands("it already has a business id assigned");
    assert_eq!(refused(&mut rig, with, "y"), has);
    assert_eq!(refused(&mut rig, with, "x"), has);
    rig.told(&assign(without, "z")).unwrap();
    rig.rest();
    assert_eq!(refused(&mut rig, without, "z"), has);
    assert_eq!(refused(&mut rig, without, "y"), has);
    let is_none = |why: &str| (RejectionType::NotFound, why.to_owned());
    let unknown = Key::new(rig.partition_id(), 9999);
    assert_eq!(refused(&mut rig, unknown, "y"), is_none("no such process instance was found"));
    let task = rig.standing("task")[0];
    assert_eq!(refused(&mut rig, task, "y"), is_none("the element with this key is not a process instance"));
}

#[test]
fn only_what_comes_after_has_a_business_id() {
    let before = "deploy two_tasks.bpmn\ncreate two_tasks {}\nassign-business-id pi1 x";
    assert_eq!(ids(&mut rig_of(before), "one"), [""]);
    let mut rig = rig_of(&format!("{before}\ncomplete job1 {{}}"));
    rig.rest();
    assert_eq!(ids(&mut rig, "two"), ["x"]);
}

#[test]
fn a_worker_gives_a_business_id_with_its_completion_or_does_neither() {
    let before = "deploy two_tasks.bpmn\ncreate two_tasks {}\ncomplete job1 business-id=x {}";
    let mut rig = rig_of(before);
    assert_eq!(ids(&mut rig, "two"), ["x"]);
    let rows = rig.dump();
    let job_key = rig.standing("second")[0];
    let job_key = rig.tables.element_instance(job_key).expect("it stands").waits_for;
    let command = Command::CompleteJob { job_key, variables: VariableDocument::default() };
    let with = WithBusinessId { business_id: "x".to_owned(), command };
    let (kind, reason) = rig.told(&Command::WithBusinessId(Box::new(with))).unwrap_err();
    assert_eq!(kind, RejectionType::InvalidState);
    assert!(reason.ends_with("but it already has a business id assigned"), "{reason}");
    assert!(rig.dump() == rows, "nothing of it is left");
}

/// Called instances have the business id that their caller had then, and are given none of their own.
#[test]
fn what_is_called_has_the_business_id_of_then() {
    let mut rig = Rig::default();
    rig.deploy_body("q", &[task("u", "inner", ""), flow("s", "u")].concat());
    let call = |id: &str| {
        format!(
            r#"<bpmn:callActivity id="{id}"><bpmn:extensionElements><zeebe:calledElement processId="q" /></bpmn:extensionElements></bpmn:callActivity>"#
        )
    };
    let body = [
        call("early"),
        task("t", "work", ""),
        call("late"),
        flow("s", "early"),
        flow("s", "t"),
        flow("t", "late"),
    ];
    rig.deploy_body("p", &body.concat());
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.run_due();
    let called = rig.names.instances.iter().copied().find(|key| *key != instance).expect("it is called");
    let child =
        "it is a child process instance; a business id can only be assigned to root process instances";
    assert_eq!(refused(&mut rig, called, "y"), (RejectionType::InvalidState, child.to_owned()));
    rig.told(&assign(instance, "x")).unwrap();
    let job = rig.take_jobs("work")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.rest();
    assert_eq!(ids(&mut rig, "inner"), ["", "x"]);
}

/// A wait keeps what it began with, also when it rested meanwhile.
#[test]
fn a_wait_from_before_is_for_messages_of_no_business_id() {
    for between in ["", "suspend pi1\nresume pi1\n"] {
        let begin = format!(
            "deploy catch_message_two.bpmn\ncreate catch_message_two {{\"orderId\":\"k\"}}\nassign-business-id pi1 x\n{between}"
        );
        let stands = |more: &str| {
            let rig = rig_of(&format!("{begin}{more}"));
            ["first", "second"].map(|id| rig.is_alive_at(id))
        };
        assert_eq!(stands("publish paid key=k business-id=x"), [true, false]);
        assert_eq!(stands("publish paid key=k"), [false, true]);
        let passed = "publish paid key=k\npublish paid key=k business-id=";
        assert_eq!(stands(&format!("{passed}y")), [false, true]);
        assert_eq!(stands(&format!("{passed}x")), [false, false]);
    }
}

/// An instance that is ending, or not begun yet, gets none; one that rests does.
#[test]
fn only_what_is_active_gets_a_business_id() {
    let inactive = (
        RejectionType::InvalidState,
        "it is not active; a business id can only be assigned to active process instances".to_owned(),
    );
    let mut rig = rig_of("deploy el_process.bpmn\ncreate el_process {}");
    let instance = rig.names.instances[0];
    assert_eq!(refused(&mut rig, instance, "x"), inactive);
    let mut rig = rig_of("deploy one_task.bpmn\ncreate one_task {}\nsuspend pi1");
    let instance = rig.names.instances[0];
    rig.told(&assign(instance, "x")).unwrap();
    rig.rest();
    assert_eq!(rig.tables.instance_metadata(instance).expect("it has one").business_id, "x");
}
