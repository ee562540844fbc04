//! Each kind of wait, suspended and resumed at each moment: what comes of it is the same as without.

use crate::budget::{flow, task, variables};
use crate::rig::Rig;
use crate::suspensions::{ROOTS, attached, broadcast, caught, cycle, message_event, published};
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::UpdateSemantics;
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    AdHocInstruction, Command, CompleteAdHocJob, InstructAdHocSubProcess, Key, PartitionId, UserTaskCommand,
    VariableDocument,
};

/// Something that a waiting instance goes on with.
#[derive(Clone, Copy, Debug)]
enum Then {
    Work,
    Message,
    Signal,
    Second,
    Set(&'static str),
    UserTask,
    Choose(&'static str, &'static str),
    ChooseByJob(&'static str),
}

const SIGNAL: &str = r#"<bpmn:signalEventDefinition signalRef="sig" />"#;
const TIMER: &str =
    r#"<bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition>"#;
const CONDITION: &str = r#"<bpmn:conditionalEventDefinition><bpmn:condition>= x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"#;

fn work(id: &str) -> String {
    task(id, "work", "")
}

fn event_sub_process(interrupts: bool, definition: &str) -> String {
    format!(
        r#"<bpmn:subProcess id="esp" triggeredByEvent="true"><bpmn:startEvent id="es" isInterrupting="{interrupts}">{definition}</bpmn:startEvent>{}{}</bpmn:subProcess>"#,
        work("handle"),
        flow("es", "handle")
    )
}

fn branch(gateway: &str, id: &str, definition: &str) -> String {
    format!("{}{}", caught(id, definition), flow(gateway, id))
}

/// A task, what is attached to it, and what follows that.
fn with_events(events: &str) -> String {
    format!("{}{}{events}{}{}", work("t"), flow("s", "t"), work("after"), flow("b", "after"))
}

fn repeated(attributes: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics {attributes}><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= [1,2,3]" outputCollection="all" outputElement="= 1" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>{}"#,
        flow("s", "t")
    )
}

fn ad_hoc(job: &str) -> String {
    format!(
        r#"<bpmn:adHocSubProcess id="ad"><bpmn:extensionElements>{job}</bpmn:extensionElements>{}{}<bpmn:completionCondition>= x &gt; 1</bpmn:completionCondition></bpmn:adHocSubProcess>{}"#,
        work("a"),
        work("b"),
        flow("s", "ad")
    )
}

/// A message or a second.
fn race() -> String {
    format!(
        r#"<bpmn:eventBasedGateway id="g"><bpmn:outgoing>g_to_by_message</bpmn:outgoing><bpmn:outgoing>g_to_by_timer</bpmn:outgoing></bpmn:eventBasedGateway>{}{}{}"#,
        flow("s", "g"),
        branch("g", "by_message", message_event()),
        branch("g", "by_timer", TIMER)
    )
}

fn compensated() -> String {
    format!(
        r#"{}<bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:compensateEventDefinition id="b_d" /></bpmn:boundaryEvent><bpmn:serviceTask id="undo" isForCompensation="true"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:association id="as" sourceRef="b" targetRef="undo" associationDirection="One" />{}<bpmn:intermediateThrowEvent id="back"><bpmn:compensateEventDefinition id="back_d" /></bpmn:intermediateThrowEvent>{}"#,
        work("t"),
        flow("s", "t"),
        flow("t", "back")
    )
}

/// By name: the body of the process, and what its instance goes on with until it ends.
fn kinds() -> Vec<(&'static str, String, Vec<Then>)> {
    let mut kinds = waits();
    kinds.extend(scopes());
    kinds
}

fn waits() -> Vec<(&'static str, String, Vec<Then>)> {
    use Then::{Message, Second, Signal, UserTask, Work};
    let listened = r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /><zeebe:executionListeners><zeebe:executionListener eventType="start" type="work" /><zeebe:executionListener eventType="end" type="work" /></zeebe:executionListeners></bpmn:extensionElements></bpmn:serviceTask>"#;
    let asked = r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask /><zeebe:taskListeners><zeebe:taskListener eventType="creating" type="work" /><zeebe:taskListener eventType="completing" type="work" /></zeebe:taskListeners></bpmn:extensionElements></bpmn:userTask>"#;
    vec![
        ("job", format!("{}{}{}{}", work("t"), flow("s", "t"), work("u"), flow("t", "u")), vec![Work, Work]),
        ("listeners", format!("{listened}{}", flow("s", "t")), vec![Work, Work, Work]),
        ("user task", format!("{}{}", user_task(), flow("s", "u")), vec![UserTask]),
        ("task listeners", format!("{asked}{}", flow("s", "u")), vec![Work, UserTask, Work]),
        ("message catch", format!("{}{}", caught("c", message_event()), flow("s", "c")), vec![Message]),
        ("message boundary", with_events(&attached("b", "t", true, message_event())), vec![Message, Work]),
        (
            "message, again and again",
            with_events(&attached("b", "t", false, message_event())),
            vec![Message, Message, Work],
        ),
        (
            "message event sub-process",
            format!("{}{}{}", event_sub_process(true, message_event()), work("t"), flow("s", "t")),
            vec![Message, Work],
        ),
        (
            "event sub-process beside",
            format!("{}{}{}", event_sub_process(false, message_event()), work("t"), flow("s", "t")),
            vec![Message, Work],
        ),
        (
            "receive task",
            format!(r#"<bpmn:receiveTask id="r" messageRef="m" />{}"#, flow("s", "r")),
            vec![Message],
        ),
        ("signal catch", format!("{}{}", caught("c", SIGNAL), flow("s", "c")), vec![Signal]),
        ("signal boundary", with_events(&attached("b", "t", true, SIGNAL)), vec![Signal, Work]),
        ("timer catch", format!("{}{}", caught("c", TIMER), flow("s", "c")), vec![Second]),
        ("timer boundary", with_events(&attached("b", "t", true, TIMER)), vec![Second, Work]),
        (
            "timer cycle",
            with_events(&attached("b", "t", false, &cycle("R2/PT1S"))),
            vec![Second, Second, Work],
        ),
    ]
}

fn scopes() -> Vec<(&'static str, String, Vec<Then>)> {
    use Then::{Choose, ChooseByJob, Message, Second, Set, Work};
    let call = r#"<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called" /></bpmn:extensionElements></bpmn:callActivity>"#;
    let fork = r#"<bpmn:parallelGateway id="g" /><bpmn:parallelGateway id="j" />"#;
    vec![
        ("parallel multi-instance", repeated(r#"isSequential="false""#), vec![Work]),
        ("sequential multi-instance", repeated(r#"isSequential="true""#), vec![Work, Work, Work]),
        ("call activity", format!("{call}{}", flow("s", "call")), vec![Work]),
        ("event-based gateway", race(), vec![Message]),
        ("event-based gateway by time", race(), vec![Second]),
        ("ad-hoc", ad_hoc(""), vec![Choose("ad", "a"), Work, Set(r#"{"x":2}"#), Choose("ad", "b"), Work]),
        (
            "ad-hoc by job",
            ad_hoc(r#"<zeebe:taskDefinition type="choose" />"#)
                .replace("<bpmn:completionCondition>= x &gt; 1</bpmn:completionCondition>", ""),
            vec![ChooseByJob("a"), Work, ChooseByJob("")],
        ),
        ("condition", format!("{}{}", caught("c", CONDITION), flow("s", "c")), vec![Set(r#"{"x":2}"#)]),
        (
            "condition boundary",
            with_events(&attached("b", "t", true, CONDITION)),
            vec![Set(r#"{"x":2}"#), Work],
        ),
        (
            "parallel gateway",
            format!(
                "{fork}{}{}{}{}{}{}",
                work("t"),
                work("u"),
                flow("s", "g"),
                flow("g", "t"),
                flow("g", "u"),
                [flow("t", "j"), flow("u", "j")].concat()
            ),
            vec![Work],
        ),
        ("compensation", compensated(), vec![Work, Work]),
        (
            "sub-process",
            format!(
                r#"<bpmn:subProcess id="sub"><bpmn:startEvent id="is" />{}{}</bpmn:subProcess>{}"#,
                caught("c", message_event()),
                flow("is", "c"),
                flow("s", "sub")
            ),
            vec![Message],
        ),
    ]
}

fn user_task() -> String {
    r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>"#.to_owned()
}

impl Rig {
    fn go_on(&mut self, instance: Key, then: Then) {
        match then {
            Then::Work => {
                for job in self.take_jobs("work") {
                    self.finish(job, VariableDocument::default()).unwrap();
                }
            }
            Then::Message => drop(self.send(&published(60_000_000))),
            Then::Signal => drop(self.send(&broadcast())),
            Then::Second => self.pass(1000),
            Then::Set(json) => {
                let (variables, semantics) = (variables(json.to_owned()), UpdateSemantics::Local);
                self.send(&Command::SetVariables { element_instance_key: instance, variables, semantics });
            }
            Then::UserTask => {
                let user_task_key = *self.names.user_tasks.last().unwrap();
                let operation = UserTaskOperation::Complete { variables: VariableDocument::default() };
                let command = UserTaskCommand { user_task_key, action: String::new(), operation };
                self.send(&Command::UserTask(command));
            }
            Then::Choose(ad_hoc, id) => {
                let element_instance_key = self.standing(ad_hoc)[0];
                let instruction = crate::ad_hoc::choose(id, 1);
                let command = InstructAdHocSubProcess { element_instance_key, instruction };
                self.send(&Command::InstructAdHocSubProcess(Box::new(command)));
            }
            Then::ChooseByJob(id) => {
                let job_key = self.take_jobs("choose")[0];
                let instruction = match id {
                    "" => AdHocInstruction {
                        is_completion_condition_fulfilled: true,
                        ..AdHocInstruction::default()
                    },
                    id => crate::ad_hoc::choose(id, 1),
                };
                let complete =
                    CompleteAdHocJob { job_key, variables: VariableDocument::default(), instruction };
                self.send(&Command::CompleteAdHocJob(Box::new(complete)));
            }
        }
        self.rest();
    }
}

/// What the elements of a run did: the run is suspended and resumed before some of its steps, by their numbers; with `meanwhile`, what
/// acts at once and is kept comes while it is suspended.
fn run(
    steps_max: u32,
    body: &str,
    thens: &[Then],
    is_suspended: impl Fn(usize) -> bool,
    meanwhile: bool,
) -> Vec<String> {
    let settings = EngineSettings { batch_steps_max: steps_max, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_with(ROOTS, "called", &format!("{}{}", work("inner"), flow("s", "inner")));
    rig.deploy_with(ROOTS, "p", body);
    rig.send(&published(0));
    let rows = rig.dump();
    rig.records.clear();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.rest();
    for (number, then) in thens.iter().enumerate() {
        let is_kept = matches!(then, Then::Message | Then::Second | Then::Set(_));
        if is_suspended(number) {
            rig.suspend(instance);
            if meanwhile && is_kept {
                let elements = rig.count("ELEMENT_");
                rig.go_on(instance, *then);
                assert_eq!(rig.count("ELEMENT_"), elements, "nothing moves");
            }
            rig.resume(instance);
        }
        if !(is_suspended(number) && meanwhile && is_kept) {
            rig.go_on(instance, *then);
        }
    }
    rig.pass(60_000_000);
    assert!(rig.tables.element_instance_state(instance).is_none(), "it has ended: {body}");
    assert_eq!(rig.dump(), rows, "nothing stays: {body}");
    let of_element = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        let id = words.iter().find(|word| word.starts_with("elementId="));
        format!("{} {}", words[2], id.unwrap_or(&""))
    };
    let is_it = |line: &&String| {
        line.starts_with("E PROCESS_INSTANCE ") && !line.contains("SUSPEND") && !line.contains("RESUM")
    };
    rig.records.iter().filter(is_it).map(of_element).collect()
}

#[test]
fn each_kind_of_wait_ends_as_without_a_suspension() {
    for (name, body, thens) in kinds() {
        for steps_max in [1, 100] {
            let mut plain = run(steps_max, &body, &thens, |_| false, false);
            plain.sort();
            for at in 0..=thens.len() {
                for meanwhile in [false, true] {
                    // The last one is suspended each time.
                    let is_suspended = |number| at == number || at == thens.len();
                    let mut suspended = run(steps_max, &body, &thens, is_suspended, meanwhile);
                    suspended.sort();
                    assert_eq!(
                        suspended, plain,
                        "{name}, suspended before {at}, {steps_max} steps at once, {meanwhile}"
                    );
                }
            }
        }
    }
}
