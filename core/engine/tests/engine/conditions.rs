//! Conditions that are waited for. The reference engine that others are compared with does not know them; what is asked for here is
//! in the documentation of Camunda 8.9 ("Conditional events", "Conditionals").

use crate::ad_hoc::choose;
use crate::budget::{flow, variables};
use crate::modifications::{activate, of};
use crate::rig::Rig;
use expect_test::{Expect, expect};
use ringbolt_record::command::UpdateSemantics;
use ringbolt_record::modification::{ActivateInstruction, VariableInstruction};
use ringbolt_record::{AdHocInstruction, Command, Key, ModifyProcessInstance, VariableDocument};

pub(crate) fn definition(condition: &str, filter: &str) -> String {
    let extensions = match filter {
        "" => String::new(),
        filter => {
            format!("<bpmn:extensionElements><zeebe:conditionalFilter {filter} /></bpmn:extensionElements>")
        }
    };
    format!(
        "<bpmn:conditionalEventDefinition>{extensions}<bpmn:condition>{condition}</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
}

pub(crate) fn caught(id: &str, condition: &str, filter: &str) -> String {
    format!(
        r#"<bpmn:intermediateCatchEvent id="{id}">{}</bpmn:intermediateCatchEvent>"#,
        definition(condition, filter)
    )
}

pub(crate) fn task(id: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask>"#
    )
}

fn attached(id: &str, to: &str, interrupts: bool, condition: &str, filter: &str) -> String {
    format!(
        r#"<bpmn:boundaryEvent id="{id}" attachedToRef="{to}" cancelActivity="{interrupts}">{}</bpmn:boundaryEvent>"#,
        definition(condition, filter)
    )
}

fn event_sub_process(id: &str, interrupts: bool, condition: &str) -> String {
    format!(
        r#"<bpmn:subProcess id="{id}" triggeredByEvent="true"><bpmn:startEvent id="{id}_start" isInterrupting="{interrupts}">{}</bpmn:startEvent><bpmn:endEvent id="{id}_end" />{}</bpmn:subProcess>"#,
        definition(condition, ""),
        flow(&format!("{id}_start"), &format!("{id}_end"))
    )
}

/// What the elements and conditions did, since the last look.
fn check(rig: &mut Rig, expected: Expect) {
    let mut text = String::new();
    for line in rig.records.drain(..) {
        let field = |name: &str| {
            let from = line.find(&format!(" {name}="))? + name.len() + 2;
            line[from..].split(' ').next().map(str::to_owned)
        };
        let what = line.split(' ').nth(2).unwrap_or_default();
        if line.contains("CONDITIONAL_SUBSCRIPTION") {
            text += &format!("{what} {}\n", field("catchEventId").unwrap_or_default());
        } else if line.starts_with("E PROCESS_INSTANCE ELEMENT_") {
            let what = what.trim_start_matches("ELEMENT_");
            if matches!(what, "ACTIVATED" | "COMPLETED" | "TERMINATED") {
                text += &format!("{} {what}\n", field("elementId").unwrap_or_default());
            }
        }
    }
    expected.assert_eq(&text);
}

impl Rig {
    pub(crate) fn set(&mut self, element_instance_key: Key, json: &str, semantics: UpdateSemantics) {
        let variables = variables(json.to_owned());
        self.send(&Command::SetVariables { element_instance_key, variables, semantics });
        self.run_due();
    }

    /// The newest instance of an element.
    fn newest(&self, id: &str) -> Key {
        self.names.elements.iter().rev().find(|(_, other, _)| other == id).expect("it is there").2
    }

    fn finish_all(&mut self) {
        for job_key in self.names.jobs.clone() {
            let _ = self.finish(job_key, VariableDocument::default());
        }
        self.run_due();
    }
}

/// All rows of all tables.
type Rows = Vec<(u8, Vec<u8>, Vec<u8>)>;

/// An instance of a process with this body, what was there before it, and its key; what it has done so far is not looked at.
fn begun(body: &str) -> (Rig, Rows, Key) {
    let mut rig = Rig::default();
    rig.deploy_body("p", body);
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.records.clear();
    (rig, rows, instance)
}

const MERGE: UpdateSemantics = UpdateSemantics::Propagate;

#[test]
fn an_event_waits_until_its_condition_holds() {
    let mut rig = Rig::default();
    let body = format!("{}{}", caught("c", "= x &gt; 10", ""), flow("s", "c"));
    rig.deploy_body("p", &body);
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    check(
        &mut rig,
        expect![[r#"
        p ACTIVATED
        s ACTIVATED
        s COMPLETED
        CREATED c
        c ACTIVATED
    "#]],
    );
    // One that fails does not hold, and is no incident.
    rig.set(instance, r#"{"x":"eleven"}"#, MERGE);
    rig.set(instance, r#"{"x":10}"#, MERGE);
    check(&mut rig, expect![[r#""#]]);
    rig.set(instance, r#"{"x":11}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED c
        c COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
    // It holds already.
    rig.start("p", variables(r#"{"x":12}"#.into())).unwrap();
    check(
        &mut rig,
        expect![[r#"
        p ACTIVATED
        s ACTIVATED
        s COMPLETED
        CREATED c
        c ACTIVATED
        TRIGGERED c
        c COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
}

#[test]
fn filters_say_which_changes_are_looked_at() {
    let mut rig = Rig::default();
    let body = format!(
        "{}{}",
        caught("c", "= x &gt; 10", r#"variableNames="y, z" variableEvents="update""#),
        flow("s", "c")
    );
    rig.deploy_body("p", &body);
    let rows = rig.dump();
    let instance = rig.start("p", variables(r#"{"x":1}"#.into())).unwrap();
    for json in [r#"{"x":20}"#, r#"{"y":1}"#] {
        rig.set(instance, json, MERGE);
    }
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 0);
    let wait = rig.records.iter().find(|line| line.contains("CONDITIONAL_SUBSCRIPTION CREATED")).unwrap();
    assert!(wait.contains("variableNames=y,z variableEvents=update interrupting=true"), "{wait}");
    rig.set(instance, r#"{"y":2}"#, MERGE);
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 1);
    assert_eq!(rig.dump(), rows);
}

#[test]
fn events_attached_to_an_activity() {
    let body = format!(
        "{}{}{}{}",
        task("t"),
        attached("beside", "t", false, "= x &gt; 1", ""),
        attached("instead", "t", true, "= x &gt; 2", ""),
        flow("s", "t"),
    );
    let (mut rig, rows, instance) = begun(&body);
    rig.set(instance, r#"{"x":2}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED beside
        beside ACTIVATED
        beside COMPLETED
    "#]],
    );
    // Each time that it is looked at and holds; where something is interrupted nothing else of it is looked at.
    rig.set(instance, r#"{"x":2.5}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED instead
        DELETED beside
        t TERMINATED
        instead ACTIVATED
        instead COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
    // Variables of the activity alone are seen as well; those of others are not.
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    let inner = rig.newest("t");
    rig.records.clear();
    rig.set(inner, r#"{"x":3}"#, UpdateSemantics::Local);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED instead
        DELETED beside
        t TERMINATED
        instead ACTIVATED
        instead COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
    let _ = instance;
}

#[test]
fn event_sub_processes() {
    let body = format!(
        "{}{}{}{}",
        task("t"),
        event_sub_process("beside", false, "= x = 1"),
        event_sub_process("instead", true, "= y"),
        flow("s", "t"),
    );
    let (mut rig, rows, instance) = begun(&body);
    rig.set(instance, r#"{"x":1}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED beside_start
        beside ACTIVATED
        beside_start ACTIVATED
        beside_start COMPLETED
        beside_end ACTIVATED
        beside_end COMPLETED
        beside COMPLETED
    "#]],
    );
    rig.set(instance, r#"{"y":true}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED beside_start
        TRIGGERED instead_start
        DELETED beside_start
        t TERMINATED
        instead ACTIVATED
        instead_start ACTIVATED
        instead_start COMPLETED
        instead_end ACTIVATED
        instead_end COMPLETED
        instead COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
}

/// What a job brings ends what it would have led to, as soon as it is set.
#[test]
fn results_are_looked_at_before_the_path_goes_on() {
    let body = format!(
        "{}{}{}{}{}",
        task("t"),
        task("next"),
        event_sub_process("instead", true, "= x"),
        flow("s", "t"),
        flow("t", "next")
    );
    let (mut rig, rows, _) = begun(&body);
    rig.finish(rig.names.jobs[0], variables(r#"{"x":true}"#.into())).unwrap();
    rig.run_due();
    check(
        &mut rig,
        expect![[r#"
        t COMPLETED
        TRIGGERED instead_start
        instead ACTIVATED
        instead_start ACTIVATED
        instead_start COMPLETED
        instead_end ACTIVATED
        instead_end COMPLETED
        instead COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
}

#[test]
fn the_first_of_several_events() {
    let body = format!(
        r#"<bpmn:eventBasedGateway id="g"><bpmn:outgoing>g_to_one</bpmn:outgoing><bpmn:outgoing>g_to_two</bpmn:outgoing></bpmn:eventBasedGateway>{}{}{}{}{}"#,
        caught("one", "= x = 1", ""),
        caught("two", "= x = 2", ""),
        flow("s", "g"),
        flow("g", "one"),
        flow("g", "two")
    );
    let (mut rig, rows, instance) = begun(&body);
    rig.set(instance, r#"{"x":2}"#, MERGE);
    check(
        &mut rig,
        expect![[r#"
        TRIGGERED two
        DELETED one
        g COMPLETED
        two ACTIVATED
        two COMPLETED
        p COMPLETED
    "#]],
    );
    assert_eq!(rig.dump(), rows);
}

/// A change in an outer scope is seen in those inside, from the outermost on: what is interrupted there is not looked at.
#[test]
fn from_the_outermost_scope_inwards() {
    let mut rig = Rig::default();
    let inner = format!(
        r#"<bpmn:subProcess id="sub"><bpmn:startEvent id="ss" />{}{}{}</bpmn:subProcess>{}{}"#,
        task("t"),
        attached("inner", "t", true, "= x &gt; 0", ""),
        flow("ss", "t"),
        attached("outer", "sub", true, "= x &gt; 1", ""),
        flow("s", "sub")
    );
    rig.deploy_body("p", &inner);
    let rows = rig.dump();
    for json in [r#"{"x":1}"#, r#"{"x":2}"#] {
        let instance = rig.start("p", VariableDocument::default()).unwrap();
        rig.set(instance, json, MERGE);
        assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 1, "{json}");
        let outer = usize::from(json.contains('2'));
        assert_eq!(rig.count("ELEMENT_TERMINATED key"), 1 + outer);
        rig.records.clear();
        assert_eq!(rig.dump(), rows);
    }
}

/// Neither cancelation nor a restart leaves anything or loses it.
#[test]
fn what_waits_goes_with_its_instance_and_outlives_a_restart() {
    let mut rig = Rig::default();
    let body = format!(
        "{}{}{}{}",
        task("t"),
        attached("beside", "t", false, "= x", ""),
        event_sub_process("other", false, "= y"),
        flow("s", "t"),
    );
    rig.deploy_body("p", &body);
    let rows = rig.dump();
    let process_instance_key = rig.start("p", VariableDocument::default()).unwrap();
    rig.restart();
    rig.set(process_instance_key, r#"{"x":true,"y":true}"#, MERGE);
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 2);
    rig.send(&Command::CancelProcessInstance { process_instance_key });
    assert_eq!(rig.dump(), rows);
    rig.start("p", VariableDocument::default()).unwrap();
    rig.finish_all();
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION DELETED"), 4);
    assert_eq!(rig.dump(), rows);
}

/// An ad-hoc sub-process sets variables where others wait already: what its worker says, each result, and all results outside.
#[test]
fn what_an_ad_hoc_sub_process_sets_is_looked_at() {
    let mut rig = Rig::default();
    let body = format!(
        r#"<bpmn:adHocSubProcess id="adhoc"><bpmn:extensionElements><zeebe:adHoc outputCollection="results" outputElement="= 1" /><zeebe:taskDefinition type="ask" /></bpmn:extensionElements>{}</bpmn:adHocSubProcess>{}{}{}{}"#,
        task("a"),
        attached("said", "adhoc", false, "= x", r#"variableNames="x""#),
        attached("collected", "adhoc", false, "= count(results) = 1", ""),
        event_sub_process("outside", false, "= count(results) = 1"),
        flow("s", "adhoc"),
    );
    rig.deploy_body("p", &body);
    let rows = rig.dump();
    rig.start("p", VariableDocument::default()).unwrap();
    let asked = rig.take_jobs("ask").remove(0);
    rig.records.clear();
    rig.complete_ad_hoc_with(asked, r#"{"x":true}"#, choose("a", 1));
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 1, "what its worker says");
    let job = rig.take_jobs("work").remove(0);
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.count("catchEventId=collected"), 1, "each result");
    assert_eq!(rig.count("catchEventId=outside_start"), 0);
    let asked = rig.take_jobs("ask").remove(0);
    let ends = AdHocInstruction { is_completion_condition_fulfilled: true, ..AdHocInstruction::default() };
    rig.complete_ad_hoc_with(asked, "{}", ends);
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 3, "all results outside");
    assert_eq!(rig.dump(), rows);
}

#[test]
fn what_a_modification_sets_is_looked_at() {
    let mut rig = Rig::default();
    let body = format!("{}{}{}", task("t"), event_sub_process("told", false, "= y"), flow("s", "t"));
    rig.deploy_body("p", &body);
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.records.clear();
    let variables =
        vec![VariableInstruction { variables: variables(r#"{"y":true}"#.into()), scope_id: String::new() }];
    let activate = vec![ActivateInstruction { variables, ..activate("t", Key::NONE) }];
    rig.modify(ModifyProcessInstance { activate, ..of(instance) }).unwrap();
    rig.run_due();
    assert_eq!(rig.count("CONDITIONAL_SUBSCRIPTION TRIGGERED"), 1);
}
