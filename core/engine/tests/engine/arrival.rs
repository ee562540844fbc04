//! How elements come to be entered: what is promised is entered once, and a scope ends when nothing is in it and
//! nothing is still to come. The random processes check the counts of all scopes after every command.

use crate::budget::{flow, task};
use crate::modifications::{activate, of};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::BroadcastSignal;
use ringbolt_record::{Command, DEFAULT_TENANT, Key, PartitionId, Reply, VariableDocument};

impl Rig {
    fn is_alive(&self, instance: Key) -> bool {
        self.tables.element_instance(instance).is_some()
    }

    fn cancels(&mut self, instance: Key) -> bool {
        let request = self.send(&Command::CancelProcessInstance { process_instance_key: instance });
        let is_there = matches!(self.answer(request), Some(Ok(Reply::Done)));
        self.run_due();
        assert!(!self.is_alive(instance));
        is_there
    }
}

#[test]
fn a_path_that_ends_does_not_end_an_instance_with_elements_still_to_come() {
    for steps in [1, 100] {
        let settings = EngineSettings { batch_steps_max: steps, ..EngineSettings::new(PartitionId(1)) };
        let mut rig = Rig::with(settings);
        let gateway = r#"<bpmn:exclusiveGateway id="g" />"#;
        rig.deploy_body("p", &[gateway, &task("t", "w", ""), &flow("s", "g")].concat());
        for starts in [["g", "t"], ["t", "g"]] {
            let instance = rig.start_at("p", &starts);
            rig.run_due();
            assert!(rig.is_alive(instance), "{starts:?}");
            let jobs = rig.take_jobs("w");
            assert_eq!(jobs.len(), 1);
            rig.finish(jobs[0], Default::default()).unwrap();
            rig.run_due();
            assert!(!rig.is_alive(instance), "{starts:?}");
        }
    }
}

#[test]
fn an_element_that_was_asked_for_uses_no_flow_of_another() {
    let mut rig = Rig::default();
    let others = r#"<bpmn:exclusiveGateway id="x" /><bpmn:parallelGateway id="j" /><bpmn:endEvent id="e" /><bpmn:manualTask id="m" />"#;
    let body =
        [others, &task("t", "w", ""), &flow("s", "x"), &flow("x", "j"), &flow("t", "j"), &flow("j", "m")];
    rig.deploy_body("p", &body.concat());
    for starts in [["x", "e"], ["e", "x"], ["x", "x"]] {
        let instance = rig.start_at("p", &starts);
        rig.run_due();
        assert!(rig.is_alive(instance), "{starts:?}: a flow waits at the join");
        assert!(rig.cancels(instance));
    }
    let instance = rig.start_at("p", &["x", "t", "j"]);
    rig.run_due();
    let job = rig.take_jobs("w")[0];
    rig.finish(job, Default::default()).unwrap();
    rig.run_due();
    assert!(!rig.is_alive(instance));
}

/// An event sub-process that was started at by hand leaves alone what an event brought for the one that takes the place of all.
#[test]
fn what_is_started_at_takes_no_event_of_another() {
    let body = format!(
        r#"<bpmn:subProcess id="handler" triggeredByEvent="true"><bpmn:startEvent id="caught"><bpmn:escalationEventDefinition /></bpmn:startEvent>{}{}</bpmn:subProcess>
        <bpmn:exclusiveGateway id="m" /><bpmn:intermediateThrowEvent id="raise"><bpmn:escalationEventDefinition escalationRef="up" /></bpmn:intermediateThrowEvent>{}"#,
        task("t", "w", ""),
        flow("caught", "t"),
        flow("m", "raise")
    );
    for steps in [1, 2, 3, 100] {
        let settings = EngineSettings { batch_steps_max: steps, ..EngineSettings::new(PartitionId(1)) };
        let mut rig = Rig::with(settings);
        rig.deploy_with(r#"<bpmn:escalation id="up" escalationCode="E" />"#, "p", &body);
        let instance = rig.start_at("p", &["handler", "m"]);
        rig.run_due();
        let jobs = rig.take_jobs("w");
        assert_eq!(jobs.len(), 1, "with {steps} steps at once");
        rig.finish(jobs[0], Default::default()).unwrap();
        rig.run_due();
        assert!(!rig.is_alive(instance));
    }
}

/// A fork that is wider than an entry is taken in parts; the scope waits for those that are still to come.
#[test]
fn a_fork_wider_than_an_entry_is_taken_in_parts() {
    const WIDTH: usize = 2_000;
    let settings = EngineSettings { entry_bytes_max: 256 << 10, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    let mut body = format!(
        r#"<bpmn:parallelGateway id="g" /><bpmn:parallelGateway id="j" /><bpmn:manualTask id="m" /><bpmn:manualTask id="t" />{}{}"#,
        flow("s", "g"),
        flow("j", "t")
    );
    for number in 0..WIDTH {
        let (source, target) = if number % 2 == 0 { ("g", "m") } else { ("g", "j") };
        body.push_str(&format!(
            r#"<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}" />"#
        ));
    }
    rig.deploy_body("wide", &body);
    let instance = rig.start("wide", Default::default()).unwrap();
    rig.restart();
    rig.run_due();
    assert_eq!((rig.count("SEQUENCE_FLOW_TAKEN"), rig.count("INCIDENT")), (WIDTH + 2, 0));
    assert!(!rig.is_alive(instance));
}

/// An event sub-process that was entered by hand is the last that stands, and is left by itself before it is its turn to be ended by the
/// event that takes the place of all: that follows all the same.
#[test]
fn what_is_left_before_it_is_ended_makes_room_too() {
    let handler = r#"<bpmn:subProcess id="handler" triggeredByEvent="true"><bpmn:startEvent id="caught"><bpmn:signalEventDefinition signalRef="stop" /></bpmn:startEvent><bpmn:manualTask id="m" /><bpmn:endEvent id="e" />"#;
    let flows = [flow("caught", "m"), flow("m", "e")].concat();
    let body = format!(r#"{handler}{flows}</bpmn:subProcess>{}{}"#, task("t", "w", ""), flow("s", "t"));
    for (steps, element, before) in (1..8).flat_map(|steps| {
        ["m", "e"].into_iter().flat_map(move |element| (0..4).map(move |before| (steps, element, before)))
    }) {
        let settings = EngineSettings { batch_steps_max: steps, ..EngineSettings::new(PartitionId(1)) };
        let mut rig = Rig::with(settings);
        rig.deploy_with(r#"<bpmn:signal id="stop" name="stop" />"#, "p", &body);
        let instance = rig.start("p", VariableDocument::default()).unwrap();
        rig.run_due();
        let mut modify = of(instance);
        modify.activate.push(activate(element, Key::NONE));
        rig.modify(modify).unwrap();
        for _ in 0..before {
            if let Some(command) = rig.engine.next_turn(&rig.tables) {
                rig.process(&command, None);
            }
        }
        rig.send(&Command::BroadcastSignal(BroadcastSignal {
            name: "stop".to_owned(),
            variables: VariableDocument::default(),
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
        rig.run_due();
        rig.check_counts();
        assert!(!rig.is_alive(instance), "steps {steps}, {element}, {before} turns before");
    }
}
