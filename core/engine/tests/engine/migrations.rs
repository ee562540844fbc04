//! Steps of scenarios that let an instance run another definition; and what of it the reference engine of the recordings does not
//! know.

use crate::budget::{flow, task};
use crate::conditions::definition;
use crate::outbox::Cluster;
use crate::rig::Rig;
use crate::scenarios::Step;
use expect_test::expect;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{PublishMessage, UpdateSemantics};
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, MigrateProcessInstance, PartitionId, RejectionType,
    VariableDocument,
};

/// The command of a `migrate` step; `key` finds what has a name.
pub(crate) fn command(step: &Step, key: impl Fn(&str) -> Key) -> Command {
    let mappings = step.list("map").into_iter().map(|mapping| {
        let (source, target) = mapping.split_once('>').expect("a mapping");
        MigrateMapping { source_element_id: source.to_owned(), target_element_id: target.to_owned() }
    });
    Command::MigrateProcessInstance(MigrateProcessInstance {
        process_instance_key: key(&step.words[1]),
        target_process_definition_key: key(&step.words[2]),
        mappings: mappings.collect(),
    })
}

const ROOTS: &str = r#"<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="= &quot;b&quot;" /></bpmn:extensionElements></bpmn:message><bpmn:message id="begin" name="begin" />"#;
/// The partition of the correlation key `b`, of two.
const HERE: PartitionId = PartitionId(1);
const ELSEWHERE: PartitionId = PartitionId(2);

/// The message `paid` is waited for, then a job.
fn waiting(id: &str) -> String {
    format!(
        r#"<bpmn:intermediateCatchEvent id="{id}"><bpmn:messageEventDefinition messageRef="m" /></bpmn:intermediateCatchEvent>{}{}{}"#,
        flow("s", id),
        task(&format!("after_{id}"), "work", ""),
        flow(id, &format!("after_{id}"))
    )
}

fn tasks(id: &str, extensions: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="work" />{extensions}</bpmn:extensionElements></bpmn:serviceTask>{}"#,
        flow("s", id)
    )
}

fn published(key: &str, ttl: i64) -> Command {
    let name = if key == "b" { "paid" } else { "begin" };
    Command::PublishMessage(PublishMessage {
        name: name.to_owned(),
        correlation_key: key.to_owned(),
        time_to_live: DurationMs(ttl),
        message_id: String::new(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

impl Rig {
    fn definition(&self, id: &str) -> Key {
        self.tables.latest_process(DEFAULT_TENANT, id).expect("it is deployed").key
    }

    fn migrate(
        &mut self,
        process_instance_key: Key,
        target_process_definition_key: Key,
        ids: &[(&str, &str)],
    ) -> Result<(), (RejectionType, String)> {
        let mappings = ids.iter().map(|(source, target)| MigrateMapping {
            source_element_id: (*source).to_owned(),
            target_element_id: (*target).to_owned(),
        });
        let request = self.send(&Command::MigrateProcessInstance(MigrateProcessInstance {
            process_instance_key,
            target_process_definition_key,
            mappings: mappings.collect(),
        }));
        self.answer(request)
            .expect("an answer")
            .map(drop)
            .map_err(|rejection| (rejection.kind, rejection.reason))
    }

    fn stands(&self, id: &str) -> bool {
        let mut named = self.names.elements.iter().filter(|(_, of, _)| of == id);
        named.any(|(_, _, key)| self.tables.element_instance_state(*key).is_some())
    }
}

/// Two partitions with `p` and `q`, and an instance of `p` that waits on the one that does not keep its message.
fn apart() -> (Cluster, Key) {
    let mut cluster = Cluster::new(2);
    for (process, id) in [("p", "a"), ("q", "b")] {
        cluster.rig(HERE).deploy_with(ROOTS, process, &waiting(id));
    }
    cluster.collect();
    cluster.settle();
    let instance = cluster.rig(ELSEWHERE).start("p", VariableDocument::default()).unwrap();
    cluster.collect();
    cluster.settle();
    cluster.rigs.iter_mut().for_each(|rig| rig.records.clear());
    (cluster, instance)
}

#[test]
fn the_messages_side_of_a_subscription_follows_on_another_partition() {
    let (mut cluster, instance) = apart();
    let target = cluster.rig(ELSEWHERE).definition("q");
    cluster.rig(ELSEWHERE).migrate(instance, target, &[("a", "b")]).unwrap();
    cluster.collect();
    cluster.settle();
    assert_eq!(cluster.rig(HERE).count("MESSAGE_SUBSCRIPTION MIGRATED"), 1);
    cluster.rig(HERE).send(&published("b", 0));
    assert_eq!(cluster.rig(HERE).count("bpmnProcessId=q"), 2, "as one of the new process it is told");
    cluster.collect();
    cluster.settle();
    assert!(cluster.rig(ELSEWHERE).stands("after_b"));
}

#[test]
fn a_message_under_way_comes_to_the_new_definition() {
    let (mut cluster, instance) = apart();
    cluster.rig(HERE).send(&published("b", 0));
    let target = cluster.rig(ELSEWHERE).definition("q");
    cluster.rig(ELSEWHERE).migrate(instance, target, &[("a", "b")]).unwrap();
    cluster.collect();
    cluster.settle();
    assert!(cluster.rig(ELSEWHERE).stands("after_b"));
    cluster.rig(ELSEWHERE).send(&Command::CancelProcessInstance { process_instance_key: instance });
    cluster.collect();
    cluster.settle();
    cluster.check();
}

#[test]
fn a_definition_that_is_being_deleted_goes_with_the_last_that_leaves_it() {
    let (mut cluster, instance) = apart();
    let (source, target) = (cluster.rig(HERE).definition("p"), cluster.rig(HERE).definition("q"));
    cluster.rig(HERE).send(&Command::DeleteResource { resource_key: source, delete_history: false });
    cluster.collect();
    cluster.settle();
    let rig = cluster.rig(ELSEWHERE);
    assert!(rig.tables.process(source).is_some(), "an instance runs");
    rig.migrate(instance, target, &[("a", "b")]).unwrap();
    assert!(rig.tables.process(source).is_none());
    let other = rig.start("q", VariableDocument::default()).unwrap();
    let refused = rig.migrate(other, source, &[("b", "a")]).unwrap_err();
    assert_eq!(refused.0, RejectionType::NotFound, "{refused:?}");
}

#[test]
fn what_was_put_off_comes_before() {
    let mut rig = Rig::with(EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) });
    rig.deploy_body("p", &tasks("a", ""));
    rig.deploy_body("q", &tasks("b", ""));
    let key = rig.start("p", VariableDocument::default()).unwrap();
    let target = rig.definition("q");
    let (kind, reason) = rig.migrate(key, target, &[("a", "b")]).unwrap_err();
    assert_eq!(kind, RejectionType::InvalidState);
    assert!(reason.contains("concurrent command"), "{reason}");
    rig.run_due();
    rig.migrate(key, target, &[("a", "b")]).unwrap();
    assert!(rig.stands("b"));
}

#[test]
fn what_no_entry_holds_changes_nothing() {
    let settings = EngineSettings { entry_bytes_max: 24 << 10, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    let repeats = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= for i in 1..200 return i" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>"#;
    for (process, id) in [("p", "a"), ("q", "b")] {
        rig.deploy_body(process, &tasks(id, "").replace("</bpmn:serviceTask>", repeats));
    }
    let key = rig.start("p", VariableDocument::default()).unwrap();
    rig.run_due();
    let target = rig.definition("q");
    let refused = rig.migrate(key, target, &[("a", "b")]).unwrap_err();
    assert_eq!(refused.0, RejectionType::ExceededBatchRecordSize, "{refused:?}");
    assert!(rig.stands("a") && !rig.stands("b"));
}

#[test]
fn only_process_instances_are_migrated_and_only_to_what_is_there() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &tasks("a", ""));
    let key = rig.start("p", VariableDocument::default()).unwrap();
    let (_, _, element) = rig.names.elements.iter().find(|(_, id, _)| id == "a").expect("it stands").clone();
    let target = rig.definition("p");
    for (instance, target) in [(element, target), (Key(77), target), (key, element), (key, Key::NONE)] {
        let refused = rig.migrate(instance, target, &[("a", "a")]).unwrap_err();
        assert_eq!(refused.0, RejectionType::NotFound, "{refused:?}");
    }
    rig.migrate(key, target, &[("a", "a")]).unwrap();
    rig.check_counts();
}

#[test]
fn what_waits_for_a_listener_after_its_work_asks_the_new_ones_and_waits_for_no_event() {
    let listener = |name: &str| format!(r#"<zeebe:executionListener eventType="end" type="{name}" />"#);
    let listeners = |names: &[&str]| {
        let each: String = names.iter().map(|name| listener(name)).collect();
        format!("<zeebe:executionListeners>{each}</zeebe:executionListeners>")
    };
    let late = r#"<bpmn:boundaryEvent id="late" attachedToRef="b"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"#;
    let mut rig = Rig::default();
    rig.deploy_body("p", &tasks("a", &listeners(&["one"])));
    rig.deploy_body("q", &format!("{}{late}", tasks("b", &listeners(&["one", "two"]))));
    let (rows, key) = (rig.dump(), rig.start("p", VariableDocument::default()).unwrap());
    let job = rig.take_jobs("work")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    let target = rig.definition("q");
    rig.migrate(key, target, &[("a", "b")]).unwrap();
    assert_eq!(rig.count("TIMER CREATED"), 0);
    for name in ["one", "two"] {
        let job = rig.take_jobs(name)[0];
        rig.finish(job, VariableDocument::default()).unwrap();
    }
    assert_eq!(rig.dump(), rows, "it has ended");
}

#[test]
fn a_lock_that_is_left_lets_the_next_message_start() {
    let starting = r#"<bpmn:startEvent id="begins"><bpmn:messageEventDefinition messageRef="begin" /></bpmn:startEvent>"#;
    let mut rig = Rig::default();
    rig.deploy_with(ROOTS, "p", &format!("{}{starting}{}", tasks("a", ""), flow("begins", "a")));
    rig.deploy_body("q", &tasks("b", ""));
    rig.send(&published("k", 60_000));
    rig.send(&published("k", 60_000));
    rig.run_due();
    assert_eq!(rig.count("elementId=p "), 2, "one instance is entered and active");
    let key = rig.names.elements.iter().find(|(_, id, _)| id == "a").expect("it stands").0;
    let target = rig.definition("q");
    rig.migrate(key, target, &[("a", "b")]).unwrap();
    rig.run_due();
    assert!(rig.stands("b"));
    assert_eq!(rig.count("elementId=p "), 4, "another one has begun");
    assert!(rig.tables.message_lock_of(key).is_none());
}

/// As in Camunda 8.9 (its tests of migrated conditional boundary events): whoever was mapped waits for what it waited for before.
#[test]
fn who_waits_for_a_condition_goes_on_to_wait() {
    let attached = |id: &str, interrupts: bool, condition: &str| {
        let condition = definition(condition, r#"variableNames="x,y""#);
        format!(
            r#"<bpmn:boundaryEvent id="{id}" attachedToRef="a" cancelActivity="{interrupts}">{condition}</bpmn:boundaryEvent>"#
        )
    };
    let mut rig = Rig::default();
    rig.deploy_with(
        "",
        "p",
        &(tasks("a", "") + &attached("late", true, "=x > 10") + &attached("gone", true, "=z")),
    );
    rig.deploy_with(
        "",
        "q",
        &(tasks("a", "") + &attached("told", false, "=y > 10") + &attached("new", false, "=x > 20")),
    );
    let rows = rig.dump();
    let target = rig.definition("q");
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.records.clear();
    rig.migrate(instance, target, &[("a", "a"), ("late", "told")]).unwrap();
    rig.restart();
    let tell = |rig: &mut Rig, json: &str| rig.set(instance, json, UpdateSemantics::Propagate);
    tell(&mut rig, r#"{"y":11}"#);
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 0, "its new condition means nothing");
    let lines: Vec<&String> = rig.records.iter().filter(|line| line.contains("CONDITIONAL")).collect();
    let seen: String = lines.iter().map(|line| format!("{}\n", line)).collect();
    expect![[r#"
        E CONDITIONAL_SUBSCRIPTION DELETED key=2251799813685258 catchEventId=gone condition="=z" elementInstanceKey=2251799813685257 variableNames=x,y interrupting=true
        E CONDITIONAL_SUBSCRIPTION CREATED key=2251799813685261 catchEventId=new condition="=x > 20" elementInstanceKey=2251799813685257 variableNames=x,y interrupting=false
        E CONDITIONAL_SUBSCRIPTION MIGRATED key=2251799813685259 catchEventId=told condition="=x > 10" elementInstanceKey=2251799813685257 variableNames=x,y interrupting=false
    "#]].assert_eq(&seen);
    rig.records.clear();
    tell(&mut rig, r#"{"x":11}"#);
    assert!(rig.stands("a"), "the new event does not interrupt");
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 1);
    tell(&mut rig, r#"{"x":21}"#);
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 3, "both");
    let job = rig.take_jobs("work").remove(0);
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}
