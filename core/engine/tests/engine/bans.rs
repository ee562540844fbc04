//! Banned instances: what stands in nobody's way, and how they end.

use crate::budget::{flow, task};
use crate::rig::{OpenStream, Rig};
use crate::unique_ids::{ROOTS, begun, message};
use bytes::Bytes;
use ringbolt_engine::{Effect, EngineSettings};
use ringbolt_record::command::PublishMessage;
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, VariableDocument};
use ringbolt_store::{RowOwner, TableId};

const PROCESSES: TableId = TableId(1);

/// Does something while the definitions of a process are lost.
pub(crate) fn without_definitions(rig: &mut Rig, ids: &[&str], act: impl FnOnce(&mut Rig)) {
    let latest = |id: &&str| rig.tables.latest_process(DEFAULT_TENANT, id).expect("it is deployed").key;
    let row = |key: Key| {
        let key = key.0.to_be_bytes();
        (key, rig.tables.store().get(PROCESSES, &key).expect("it is deployed").to_vec())
    };
    let rows: Vec<_> = ids.iter().map(latest).map(row).collect();
    rig.restart();
    for (key, _) in &rows {
        rig.change_both(|tables| tables.store_mut().delete(PROCESSES, key, RowOwner::Shared));
    }
    act(rig);
    for (key, row) in &rows {
        rig.change_both(|tables| tables.store_mut().put(PROCESSES, key, row));
    }
}

impl Rig {
    /// Bans instances as if something that cannot happen had happened in them: their definition is lost meanwhile.
    fn ban(&mut self, jobs: &[Key]) {
        let definition = self.names.definitions[0].0.to_be_bytes();
        let row = self.tables.store().get(PROCESSES, &definition).unwrap().to_vec();
        self.restart();
        self.change_both(|tables| tables.store_mut().delete(PROCESSES, &definition, RowOwner::Shared));
        jobs.iter().for_each(|job| self.complete(*job));
        self.change_both(|tables| tables.store_mut().put(PROCESSES, &definition, &row));
        self.effects.clear();
        self.records.clear();
    }

    fn open(&mut self, job_type: &str) {
        self.streams.open.push(Some(OpenStream {
            job_type: job_type.into(),
            worker: "s".into(),
            timeout: DurationMs(1000),
            fetch: [].into(),
            credit: 1000,
        }));
    }
}

/// `count` banned instances whose jobs wait in front of all others.
fn with_banned(count: usize) -> Rig {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    for _ in 0..count {
        rig.create("one_task", "{}");
    }
    let jobs: Vec<Key> = rig.tables.activatable_jobs("<default>", "work").collect();
    assert_eq!(jobs.len(), count);
    rig.ban(&jobs);
    assert_eq!(rig.tables.banned().count(), count);
    rig
}

#[test]
fn jobs_of_banned_instances_leave_the_queue_in_bounded_steps() {
    let mut rig = with_banned(250);
    rig.create("one_task", "{}");
    let mut canceled = Vec::new();
    let found = loop {
        rig.records.clear();
        let (jobs, truncated) = rig.activate("work", 10, 1 << 20);
        canceled.push(rig.records.iter().filter(|record| record.contains("JOB CANCELED")).count());
        if !truncated {
            break jobs;
        }
    };
    assert_eq!((canceled, found.len()), (vec![100, 100, 50], 1));
    // Nothing is left to be walked over: new jobs are pushed at once.
    rig.open("work");
    rig.create("one_task", "{}");
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::PushJob { .. })), "{:?}", rig.effects);
}

#[test]
fn a_banned_instance_is_listed_until_it_is_canceled() {
    let mut rig = with_banned(2);
    assert_eq!(rig.activate("work", 10, 1 << 20), (Vec::new(), false));
    let banned: Vec<Key> = rig.tables.banned().collect();
    for process_instance_key in banned {
        rig.send(&Command::CancelProcessInstance { process_instance_key });
        rig.run_due();
        assert_eq!(rig.tables.element_instance(process_instance_key), None);
    }
    assert_eq!(rig.tables.banned().next(), None);
}

/// Ending an instance needs its state alone: the definition is gone for good, and the follow-ups go over many entries.
#[test]
fn an_instance_whose_definition_is_gone_can_be_canceled() {
    let settings = EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy("one_task");
    let process_instance_key = rig.create("one_task", "{}");
    rig.run_due();
    let job = rig.tables.activatable_jobs("<default>", "work").next().expect("its job");
    let definition = rig.names.definitions[0].0.to_be_bytes();
    rig.restart();
    rig.change_both(|tables| tables.store_mut().delete(PROCESSES, &definition, RowOwner::Shared));
    rig.complete(job);
    assert!(rig.tables.is_banned(process_instance_key));
    let entries = rig.entries.len();
    rig.send(&Command::CancelProcessInstance { process_instance_key });
    rig.run_due();
    assert!(rig.entries.len() > entries + 1, "each entry takes its share");
    assert_eq!(rig.tables.element_instance(process_instance_key), None);
    assert_eq!((rig.tables.job(job), rig.tables.banned().next()), (None, None));
    assert_eq!(rig.engine.next_due(&rig.tables), None);
}

/// Who asks for jobs asks for no instance: what cannot go on is banned, and stands in nobody's way.
#[test]
fn a_worker_gets_the_jobs_behind_those_of_instances_that_cannot_go_on() {
    let mut rig = Rig::default();
    rig.deploy_body("lost", &[task("t", "work", ""), flow("s", "t")].concat());
    rig.deploy_body("sound", &[task("t", "work", ""), flow("s", "t")].concat());
    for id in ["lost", "lost", "lost", "sound", "sound"] {
        rig.start(id, VariableDocument::default()).expect("it is deployed");
    }
    let jobs: Vec<Key> = rig.tables.activatable_jobs("<default>", "work").collect();
    without_definitions(&mut rig, &["lost"], |rig| {
        assert_eq!(rig.activate("work", 1, 1 << 20), (Vec::new(), true), "the first is banned");
        assert_eq!(rig.activate("work", 3, 1 << 20), (jobs[3..4].to_vec(), true), "two more are");
        assert_eq!(rig.activate("work", 3, 1 << 20), (jobs[4..].to_vec(), false));
        assert_eq!(rig.activate("work", 3, 1 << 20), (Vec::new(), false));
    });
    assert_eq!(rig.tables.banned().count(), 3);
}

/// Who publishes a message asks for no instance either: it goes to the next one that waits.
#[test]
fn a_message_goes_on_to_an_instance_that_can_take_it() {
    let roots = r#"<bpmn:message id="m" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="= &quot;k&quot;" /></bpmn:extensionElements></bpmn:message>"#;
    let body = [
        r#"<bpmn:receiveTask id="r" messageRef="m" />"#,
        &flow("s", "r"),
        &task("t", "work", ""),
        &flow("r", "t"),
    ]
    .concat();
    let mut rig = Rig::default();
    let mut instances = Vec::new();
    // Two versions of one process, of which the message reaches one instance.
    for version in ["", " "] {
        rig.deploy_with(roots, "p", &format!("{body}{version}"));
        instances.push(rig.start("p", VariableDocument::default()).expect("it is deployed"));
        rig.run_due();
    }
    let first = rig.tables.element_instance(instances[0]).expect("it is there");
    let definition = first.element.instance.process_definition_key.0.to_be_bytes();
    let row = rig.tables.store().get(PROCESSES, &definition).expect("it is deployed").to_vec();
    rig.restart();
    rig.change_both(|tables| tables.store_mut().delete(PROCESSES, &definition, RowOwner::Shared));
    let publish = PublishMessage {
        name: "m".to_owned(),
        correlation_key: "k".to_owned(),
        time_to_live: DurationMs(60_000),
        message_id: String::new(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    };
    rig.told(&Command::PublishMessage(publish)).expect("it is published");
    rig.run_due();
    rig.change_both(|tables| tables.store_mut().put(PROCESSES, &definition, &row));
    assert_eq!(rig.tables.banned().collect::<Vec<_>>(), instances[..1]);
    let stands = rig.standing("t");
    assert_eq!(stands.len(), 1, "the other one has taken it");
}

/// An instance of `q` that a message has started and that is not entered yet, since that of `p` took the entry's one step.
fn to_be_entered(correlation_key: &str, business_id: &str) -> (Rig, Key) {
    let settings = EngineSettings {
        business_ids_are_unique: true,
        batch_steps_max: 1,
        ..EngineSettings::new(PartitionId(1))
    };
    let mut rig = Rig::with(settings);
    rig.deploy_with(ROOTS, "p", &begun("work"));
    rig.deploy_with(ROOTS, "q", &begun("work"));
    let mut begin = message(correlation_key, business_id, DurationMs(0));
    if let Command::PublishMessage(publish) = &mut begin {
        publish.variables = VariableDocument::parse(Bytes::from_static(br#"{"a":1}"#)).expect("it is JSON");
    }
    rig.told(&begin).expect("it is published");
    let mut waits = vec![rig.tables.instance_with_follow_ups(Key::NONE).expect("one is to be entered")];
    waits.extend(rig.tables.instance_with_follow_ups(Key(waits[0].0 + 1)));
    waits.retain(|key| rig.tables.element_instance_state(*key).is_none());
    assert_eq!(waits.len(), 1);
    (rig, waits[0])
}

/// Nobody can cancel an instance that was never entered: nothing of it stays.
#[test]
fn nothing_stays_of_an_instance_that_was_banned_before_it_was_entered() {
    for (correlation_key, business_id) in [("k", ""), ("k", "x"), ("", "x"), ("", "")] {
        let (mut rig, process_instance_key) = to_be_entered(correlation_key, business_id);
        let rows = |rig: &Rig| {
            let (big, little) = (process_instance_key.0.to_be_bytes(), process_instance_key.0.to_le_bytes());
            let names = |bytes: &[u8]| bytes.windows(8).any(|window| window == big || window == little);
            let rows = rig.dump().into_iter();
            rows.filter(|(_, key, row)| names(key) || names(row))
                .map(|(table, _, _)| table)
                .collect::<Vec<_>>()
        };
        assert!(!rows(&rig).is_empty());
        without_definitions(&mut rig, &["q"], Rig::run_due);
        assert!(rig.records.iter().any(|record| record.contains("ERROR CREATED")), "{:#?}", rig.records);
        assert_eq!(rows(&rig), [0; 0], "{correlation_key:?} {business_id:?}");
    }
}

/// The message that is kept for the correlation key starts the next one.
#[test]
fn a_message_that_waits_for_an_instance_that_was_never_entered_starts_the_next() {
    let (mut rig, process_instance_key) = to_be_entered("k", "");
    assert!(rig.tables.has_message_lock(DEFAULT_TENANT, "q", "k"));
    rig.told(&message("k", "", DurationMs(60_000))).expect("it is published");
    without_definitions(&mut rig, &["q"], |rig| {
        // Its own turn alone: what begins next has its definition again.
        while !rig.tables.is_banned(process_instance_key) {
            let turn = rig.engine.next_turn(&rig.tables).expect("it is to be entered");
            rig.process(&turn, None);
        }
    });
    rig.run_due();
    assert_eq!(rig.tables.banned().count(), 0);
    assert_eq!(rig.standing("t").len(), 2, "one of each process");
    assert!(rig.tables.has_message_lock(DEFAULT_TENANT, "q", "k"), "the next one has it");
}
