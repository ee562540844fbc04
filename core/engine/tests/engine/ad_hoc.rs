//! Steps of scenarios about ad-hoc sub-processes, and their records as text; and what of them the recordings do not show.

use crate::budget::{flow, task, variables};
use crate::modifications::{activate, of};
use crate::print::Line;
use crate::rig::Rig;
use crate::scenarios::Step;
use ringbolt_engine::EngineSettings;
use ringbolt_record::values::AdHocSubProcessInstructionRecord;
use ringbolt_record::{
    AdHocActivation, AdHocInstruction, Command, CompleteAdHocJob, InstructAdHocSubProcess, Key,
    ModifyProcessInstance, PartitionId, RecordRef, RejectionType, VariableDocument,
};
use serde_json::Value;

/// The command of an `ad-hoc` or a `complete-ad-hoc` step.
pub(crate) fn command(step: &Step, key: Key) -> Command {
    let json: Value =
        step.json.as_deref().map_or(Value::Null, |json| serde_json::from_str(json).expect("JSON"));
    let variables = |of: &Value| match of {
        Value::Null => VariableDocument::default(),
        json => VariableDocument::parse(json.to_string().into()).expect("a document"),
    };
    let activate = json["activate"].as_array().cloned().unwrap_or_default();
    let activate = activate.iter().map(|element| AdHocActivation {
        element_id: element["element"].as_str().unwrap_or_default().to_owned(),
        variables: variables(&element["variables"]),
    });
    let instruction = AdHocInstruction {
        activate: activate.collect(),
        is_completion_condition_fulfilled: json["fulfilled"] == true,
        cancels_remaining_instances: json["cancel"] == true,
    };
    match step.words[0].as_str() {
        "ad-hoc" => Command::InstructAdHocSubProcess(Box::new(InstructAdHocSubProcess {
            element_instance_key: key,
            instruction,
        })),
        _ => Command::CompleteAdHocJob(Box::new(CompleteAdHocJob {
            job_key: key,
            variables: variables(&json["variables"]),
            instruction,
        })),
    }
}

/// What an ad-hoc sub-process was told.
pub(crate) fn print(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<AdHocSubProcessInstructionRecord<'_>>().unwrap();
    let elements = value.activate.iter().map(|element| {
        let mut inner = Line::default();
        inner.text("elementId", &element.element_id);
        if !element.variables.is_empty() {
            let json: Value = serde_json::from_slice(&element.variables).unwrap();
            inner.field("variables", json);
        }
        inner
    });
    line.list("activateElements", elements);
    line.field("adHocSubProcessInstanceKey", Key::of(&value.element_instance_key));
    for (name, is_so) in [
        ("cancelRemainingInstances", value.cancels_remaining_instances),
        ("completionConditionFulfilled", value.is_completion_condition_fulfilled),
    ] {
        if is_so {
            line.field(name, true);
        }
    }
}

/// More than are told to end at once.
const MANY: usize = 250;

/// `a` and `b` in an ad-hoc sub-process with these attributes of its extension, and `c` behind it.
fn body(ad_hoc: &str, more: &str) -> String {
    format!(
        r#"<bpmn:adHocSubProcess id="adhoc"><bpmn:extensionElements><zeebe:adHoc {ad_hoc} />{more}</bpmn:extensionElements>{}{}</bpmn:adHocSubProcess>{}{}{}"#,
        task("a", "a", ""),
        task("b", "b", ""),
        task("c", "c", ""),
        flow("s", "adhoc"),
        flow("adhoc", "c")
    )
}

pub(crate) fn choose(id: &str, count: usize) -> AdHocInstruction {
    let one = AdHocActivation { element_id: id.into(), variables: VariableDocument::default() };
    AdHocInstruction { activate: vec![one; count], ..AdHocInstruction::default() }
}

impl Rig {
    fn instruct(&mut self, key: Key, instruction: AdHocInstruction) -> Result<(), (RejectionType, String)> {
        let command = InstructAdHocSubProcess { element_instance_key: key, instruction };
        let request = self.send(&Command::InstructAdHocSubProcess(Box::new(command)));
        let answer = self.answer(request).expect("an answer");
        answer.map(drop).map_err(|rejection| (rejection.kind, rejection.reason))
    }

    fn complete_ad_hoc(&mut self, job_key: Key, instruction: AdHocInstruction) {
        self.complete_ad_hoc_with(job_key, "{}", instruction);
    }

    pub(crate) fn complete_ad_hoc_with(&mut self, job_key: Key, json: &str, instruction: AdHocInstruction) {
        let variables = variables(json.to_owned());
        let command = CompleteAdHocJob { job_key, variables, instruction };
        let request = self.send(&Command::CompleteAdHocJob(Box::new(command)));
        assert!(self.answer(request).expect("an answer").is_ok());
    }
}

/// All that stands in it ends, in many steps, and what is chosen with that stays.
#[test]
fn many_remaining_instances_end_in_bounded_steps() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &body("", ""));
    let rows = rig.dump();
    rig.start("p", VariableDocument::default()).unwrap();
    let ad_hoc = rig.standing("adhoc")[0];
    rig.instruct(ad_hoc, choose("a", MANY)).unwrap();
    rig.run_due();
    assert_eq!(rig.standing("a").len(), MANY);
    let entries = rig.entries.len();
    rig.instruct(ad_hoc, AdHocInstruction { cancels_remaining_instances: true, ..choose("b", 2) }).unwrap();
    rig.restart();
    rig.run_due();
    assert!(rig.entries.len() - entries >= MANY / 100, "{} entries", rig.entries.len() - entries);
    assert_eq!((rig.standing("a").len(), rig.standing("b").len()), (0, 2));
    for job in rig.take_jobs("b") {
        rig.finish(job, VariableDocument::default()).unwrap();
    }
    assert!(rig.standing("adhoc").is_empty(), "it is complete once the last in it is");
    let job = rig.take_jobs("c")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

/// The same where the condition holds once one of them has ended.
#[test]
fn many_remaining_instances_end_when_the_condition_holds() {
    let mut rig = Rig::default();
    let condition = "<bpmn:completionCondition>= true</bpmn:completionCondition></bpmn:adHocSubProcess>";
    rig.deploy_body("p", &body("", "").replace("</bpmn:adHocSubProcess>", condition));
    rig.start("p", VariableDocument::default()).unwrap();
    let ad_hoc = rig.standing("adhoc")[0];
    rig.instruct(ad_hoc, choose("a", MANY)).unwrap();
    rig.run_due();
    let job = rig.take_jobs("a")[MANY / 2];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert!(rig.standing("a").is_empty() && rig.standing("adhoc").is_empty());
    assert_eq!((rig.standing("c").len(), rig.take_jobs("a").len()), (1, 0));
}

#[test]
fn only_what_is_there_is_told_what_to_enter() {
    let mut rig = Rig::default();
    let listener = r#"<zeebe:executionListeners><zeebe:executionListener eventType="start" type="listen" /></zeebe:executionListeners>"#;
    rig.deploy_body("p", &body("", listener));
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    let ad_hoc = rig.standing("adhoc")[0];
    let kind = |answer: Result<(), (RejectionType, String)>| answer.unwrap_err().0;
    assert_eq!(kind(rig.instruct(ad_hoc, choose("a", 1))), RejectionType::InvalidState, "it listens");
    let job = rig.take_jobs("listen")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    for key in [instance, Key::NONE, job] {
        assert_eq!(kind(rig.instruct(key, choose("a", 1))), RejectionType::NotFound, "{key}");
    }
    let unknown = rig.instruct(ad_hoc, choose("c", 1)).unwrap_err();
    assert_eq!(unknown.0, RejectionType::NotFound);
    assert!(unknown.1.contains("[c] do not exist"), "{}", unknown.1);
    rig.instruct(ad_hoc, choose("a", 1)).unwrap();
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.run_due();
    assert_eq!(kind(rig.instruct(ad_hoc, choose("a", 1))), RejectionType::NotFound, "it is gone");
}

/// What does not fit is rejected with nothing done, and nobody is banned.
#[test]
fn an_instruction_that_fits_into_no_entry_changes_nothing() {
    let mut rig =
        Rig::with(EngineSettings { entry_bytes_max: 64 << 10, ..EngineSettings::new(PartitionId(1)) });
    rig.deploy_body("p", &body("", ""));
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    let ad_hoc = rig.standing("adhoc")[0];
    let rows = rig.dump();
    let mut large = choose("a", 2);
    large.activate[1].variables = variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(60_000)));
    assert_eq!(rig.instruct(ad_hoc, large).unwrap_err().0, RejectionType::ExceededBatchRecordSize);
    assert_eq!((rig.count(" ERROR CREATED"), rig.standing("a").len()), (0, 0));
    assert!(rig.dump() == rows);
    rig.instruct(ad_hoc, choose("a", 1)).unwrap();
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.run_due();
    assert!(rig.standing("adhoc").is_empty());
}

/// An element can be entered by modification; what it stands in comes with it, and its results have a list.
#[test]
fn a_modification_enters_it_with_what_it_has_from_the_beginning() {
    let mut rig = Rig::default();
    let rest = body(r#"outputCollection="results" outputElement="= r""#, "");
    let rest = rest.replace(&flow("s", "adhoc"), "");
    rig.deploy_body("p", &[&rest, &task("before", "before", "")[..], &flow("s", "before")].concat());
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.modify(ModifyProcessInstance { activate: vec![activate("a", Key::NONE)], ..of(instance) }).unwrap();
    let refused = rig.modify(ModifyProcessInstance {
        activate: vec![activate("adhoc#innerInstance", Key::NONE)],
        ..of(instance)
    });
    assert!(refused.is_err(), "an inner instance is nothing without what it is for");
    let (a, before) = (rig.take_jobs("a")[0], rig.take_jobs("before")[0]);
    rig.records.clear();
    rig.finish(a, variables(r#"{"r":7}"#.into())).unwrap();
    assert!(rig.count("value=[7]") > 0, "{:#?}", rig.records);
    assert!(rig.standing("adhoc").is_empty());
    rig.finish(before, VariableDocument::default()).unwrap();
    let c = rig.take_jobs("c")[0];
    rig.finish(c, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

/// A worker that says nothing of what to do next leaves it as it is; a job is only of use as long as the sub-process stands.
#[test]
fn the_worker_is_asked_after_each_end_and_no_job_is_left() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &body("", r#"<zeebe:taskDefinition type="decide" />"#));
    let rows = rig.dump();
    rig.start("p", VariableDocument::default()).unwrap();
    let ad_hoc = rig.standing("adhoc")[0];
    let first = rig.take_jobs("decide")[0];
    rig.complete_ad_hoc(first, choose("a", 2));
    assert!(rig.take_jobs("decide").is_empty(), "nothing has ended yet");
    let a = rig.take_jobs("a");
    rig.finish(a[0], VariableDocument::default()).unwrap();
    let asked = rig.take_jobs("decide");
    rig.finish(a[1], VariableDocument::default()).unwrap();
    assert_eq!(rig.finish(asked[0], VariableDocument::default()), Err(RejectionType::NotFound), "too late");
    let asked = rig.take_jobs("decide");
    assert_eq!(asked.len(), 1, "once for both");
    rig.finish(asked[0], VariableDocument::default()).unwrap();
    assert_eq!(rig.standing("adhoc"), [ad_hoc], "it waits for someone else to choose");
    rig.instruct(ad_hoc, choose("b", 1)).unwrap();
    let b = rig.take_jobs("b")[0];
    rig.finish(b, VariableDocument::default()).unwrap();
    let asked = rig.take_jobs("decide")[0];
    let done = AdHocInstruction { is_completion_condition_fulfilled: true, ..AdHocInstruction::default() };
    rig.complete_ad_hoc(asked, done);
    assert!(rig.standing("adhoc").is_empty());
    let c = rig.take_jobs("c")[0];
    rig.finish(c, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}
