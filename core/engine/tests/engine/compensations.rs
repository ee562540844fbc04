//! Compensation of many: bounded slices, ends in the middle of them, and nothing that is left behind.

use crate::budget::{flow, variables};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::{Command, Key, PartitionId, VariableDocument};

/// The table of what was put off.
const PENDING: u8 = 15;
/// More than a step triggers or deletes.
const COUNT: usize = 1_000;

const MANY: &str = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= items" inputElement="item" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"#;

/// An activity in a sub-process that is repeated; each of them has a handler, and so may each sub-process. What `after` is comes
/// behind them.
fn repeated(handler: &str, of_sub_process: &str, after: &str) -> String {
    let attached = |to: &str, handler: &str| {
        format!(
            r#"<bpmn:boundaryEvent id="on_{to}" attachedToRef="{to}"><bpmn:compensateEventDefinition id="on_{to}_d" /></bpmn:boundaryEvent>{handler}<bpmn:association id="undo_of_{to}" sourceRef="on_{to}" targetRef="undo_{to}" />"#
        )
    };
    let inner = match of_sub_process {
        "" => String::new(),
        handler => attached("one", handler),
    };
    format!(
        r#"<bpmn:subProcess id="all">{MANY}<bpmn:startEvent id="as" /><bpmn:subProcess id="one"><bpmn:startEvent id="os" /><bpmn:manualTask id="t" />{}{}</bpmn:subProcess>{inner}{}</bpmn:subProcess>{after}{}"#,
        attached("t", handler),
        flow("os", "t"),
        flow("as", "one"),
        flow("s", "all"),
    )
}

const BACK: &str = r#"<bpmn:intermediateThrowEvent id="back"><bpmn:compensateEventDefinition id="back_d" /></bpmn:intermediateThrowEvent><bpmn:sequenceFlow id="to_back" sourceRef="all" targetRef="back" />"#;
const WAIT: &str = r#"<bpmn:serviceTask id="wait"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:sequenceFlow id="to_wait" sourceRef="all" targetRef="wait" />"#;
const MANUAL: &str = r#"<bpmn:manualTask id="undo_t" isForCompensation="true" />"#;
/// Done in the step that enters it.
const AT_ONCE: &str = r#"<bpmn:scriptTask id="undo_t" isForCompensation="true"><bpmn:extensionElements><zeebe:script expression="= 1" resultVariable="r" /></bpmn:extensionElements></bpmn:scriptTask>"#;
const JOB: &str = r#"<bpmn:serviceTask id="undo_t" isForCompensation="true"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask>"#;

fn items(count: usize) -> VariableDocument {
    let numbers: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    variables(format!(r#"{{"items":[{}]}}"#, numbers.join(",")))
}

/// Each step has an entry of its own.
fn step_by_step() -> Rig {
    Rig::with(EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) })
}

impl Rig {
    /// Goes on until nothing is put off, with `each` after each turn; the most rows that ever were, and how many turns.
    fn compensation_turns(&mut self, mut each: impl FnMut(&mut Self)) -> (usize, usize) {
        let (mut most, mut turns) = (0, 0);
        while let Some(command) = self.engine.next_turn(&self.tables) {
            self.process(&command, None);
            each(self);
            turns += 1;
            most = most.max(self.dump().iter().filter(|(table, _, _)| *table == PENDING).count());
        }
        (most, turns)
    }

    fn subscriptions(&self, intent: &str) -> usize {
        self.count(&format!("COMPENSATION_SUBSCRIPTION {intent}"))
    }
}

#[test]
fn many_are_compensated_in_slices() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &repeated(MANUAL, "", BACK));
    let rows = rig.dump();
    rig.start("p", items(COUNT)).unwrap();
    let (_, turns) = rig.compensation_turns(|_| {});
    // For each item the task, and the sub-process around it twice: the inner one and the one for the item.
    let all = 3 * COUNT + 1;
    assert_eq!((rig.subscriptions("CREATED"), rig.subscriptions("TRIGGERED")), (all, all));
    assert_eq!(rig.subscriptions("COMPLETED"), all);
    assert_eq!(rig.count("ELEMENT_COMPLETED key"), rig.count("ELEMENT_ACTIVATED key"));
    assert!(turns <= COUNT, "{turns} entries");
    assert_eq!(rig.dump(), rows);
}

/// Handlers that complete meanwhile take nothing away that the rest is found by, be they those of activities or of what those
/// stood in.
#[test]
fn handlers_that_complete_between_slices() {
    let of_sub_process = JOB.replace("undo_t", "undo_one");
    let mut rig = step_by_step();
    rig.deploy_body("p", &repeated(JOB, &of_sub_process, BACK));
    let rows = rig.dump();
    rig.start("p", items(150)).unwrap();
    let mut done = 0;
    rig.compensation_turns(|rig| {
        // The newest handlers complete at once: those of the places that the next slice begins at.
        for job_key in rig.names.jobs.clone().into_iter().skip(done).collect::<Vec<Key>>() {
            rig.finish(job_key, VariableDocument::default()).unwrap();
            done += 1;
        }
    });
    for job_key in rig.names.jobs.clone().into_iter().skip(done) {
        rig.finish(job_key, VariableDocument::default()).unwrap();
    }
    rig.run_due();
    assert_eq!((rig.names.jobs.len(), rig.subscriptions("TRIGGERED")), (300, 451));
    assert_eq!(rig.dump(), rows);
}

/// An event waits for what it has only promised to have compensated: that is another slice.
#[test]
fn an_event_waits_for_its_next_slice() {
    let looped = format!(
        r#"<bpmn:exclusiveGateway id="again" /><bpmn:scriptTask id="t"><bpmn:extensionElements><zeebe:script expression="= i + 1" resultVariable="i" /></bpmn:extensionElements></bpmn:scriptTask><bpmn:boundaryEvent id="on_t" attachedToRef="t"><bpmn:compensateEventDefinition id="on_t_d" /></bpmn:boundaryEvent>{AT_ONCE}<bpmn:association id="undo" sourceRef="on_t" targetRef="undo_t" /><bpmn:exclusiveGateway id="all" default="to_back" /><bpmn:sequenceFlow id="more" sourceRef="all" targetRef="again"><bpmn:conditionExpression>= i &lt; 250</bpmn:conditionExpression></bpmn:sequenceFlow>{BACK}{}{}{}"#,
        flow("s", "again"),
        flow("again", "t"),
        flow("t", "all"),
    );
    let mut rig = step_by_step();
    rig.deploy_body("p", &looped);
    let rows = rig.dump();
    rig.start("p", variables(r#"{"i":0}"#.into())).unwrap();
    rig.run_due();
    let last = rig
        .records
        .iter()
        .position(|line| line.contains("ELEMENT_COMPLETING") && line.contains("elementId=back"));
    let behind = &rig.records[last.unwrap()..];
    assert!(behind.iter().all(|line| !line.contains("COMPENSATION_SUBSCRIPTION")), "{behind:#?}");
    assert_eq!((rig.subscriptions("TRIGGERED"), rig.subscriptions("COMPLETED")), (250, 250));
    assert_eq!(rig.dump(), rows);
}

/// What could be compensated goes with its instance, also when that ends in the middle of being compensated.
#[test]
fn an_end_takes_away_what_could_be_compensated() {
    for (handler, after, until) in [
        (MANUAL, WAIT, "elementId=wait"),
        (JOB, BACK, "COMPENSATION_SUBSCRIPTION TRIGGERED"),
        (JOB, BACK, "elementId=undo_t"),
        (JOB, BACK, "never"),
    ] {
        let mut rig = step_by_step();
        rig.deploy_body("p", &repeated(handler, "", after));
        let rows = rig.dump();
        let process_instance_key = rig.start("p", items(COUNT / 8)).unwrap();
        while rig.count(until) == 0
            && let Some(command) = rig.engine.next_turn(&rig.tables)
        {
            rig.process(&command, None);
        }
        rig.send(&Command::CancelProcessInstance { process_instance_key });
        rig.run_due();
        assert_eq!(rig.dump(), rows, "ended once there is {until}");
    }
}

/// So it is for a sub-process, of whose parts one after the other is deleted, the inner ones first.
#[test]
fn a_sub_process_that_is_interrupted() {
    let outer = format!(
        r#"<bpmn:subProcess id="outer"><bpmn:startEvent id="outs" />{}</bpmn:subProcess><bpmn:boundaryEvent id="fault" attachedToRef="outer"><bpmn:errorEventDefinition /></bpmn:boundaryEvent><bpmn:intermediateThrowEvent id="late"><bpmn:compensateEventDefinition id="late_d" /></bpmn:intermediateThrowEvent>{}{}"#,
        repeated(MANUAL, "", WAIT).replace(r#"sourceRef="s" "#, r#"sourceRef="outs" "#),
        flow("s", "outer"),
        flow("fault", "late"),
    );
    let mut rig = Rig::default();
    rig.deploy_body("p", &outer);
    let rows = rig.dump();
    rig.start("p", items(COUNT)).unwrap();
    rig.run_due();
    let job_key = rig.names.jobs[0];
    rig.send(&Command::ThrowJobError {
        job_key,
        error_code: "E".into(),
        error_message: String::new(),
        variables: VariableDocument::default(),
    });
    rig.run_due();
    assert_eq!((rig.subscriptions("DELETED"), rig.subscriptions("TRIGGERED")), (3 * COUNT + 1, 0));
    assert_eq!(rig.dump(), rows);
}
