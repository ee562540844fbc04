//! Processes that conditions start. The reference engine that others are compared with does not know them; what is asked for here is
//! in the sources of Camunda 8.9 (`ConditionalEvaluationEvaluateProcessor`, `StartEventSubscriptionManager`).

use crate::budget::{flow, variables};
use crate::conditions::definition;
use crate::outbox::Cluster;
use crate::rig::Rig;
use expect_test::{Expect, expect};
use ringbolt_record::command::{CreateDeployment, EvaluateConditionals, Resource};
use ringbolt_record::values::StartedInstance;
use ringbolt_record::{Command, DEFAULT_TENANT, Key, PartitionId, Rejection, RejectionType, Reply};

/// Who waits for conditions.
const WAITS: [u8; 2] = [104, 105];

/// A process with start events of these names, conditions and filters; each leads to a task.
fn process(id: &str, starts: &[(&str, &str, &str)]) -> String {
    let mut body = String::from(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask>"#,
    );
    for (start, condition, filter) in starts {
        let condition = definition(condition, filter);
        body +=
            &format!(r#"<bpmn:startEvent id="{start}">{condition}</bpmn:startEvent>{}"#, flow(start, "t"));
    }
    format!(
        r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:process id="{id}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>"#
    )
}

impl Rig {
    /// Deploys models of processes together: their definitions.
    fn deploy_all(&mut self, contents: Vec<String>) -> Vec<Key> {
        let named = |(number, content): (usize, String)| Resource {
            name: format!("{number}.bpmn"),
            content: content.into(),
        };
        let resources = contents.into_iter().enumerate().map(named).collect();
        let tenant_id = DEFAULT_TENANT.to_owned();
        let request = self.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
        match self.answer(request) {
            Some(Ok(Reply::Deployed(deployed))) => {
                deployed.processes.iter().map(|process| process.process_definition_key).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn deploy_starts(&mut self, id: &str, starts: &[(&str, &str, &str)]) -> Key {
        self.deploy_all(vec![process(id, starts)])[0]
    }

    /// Evaluates conditions: what has begun.
    fn evaluate(&mut self, definition_key: Key, json: &str) -> Result<Vec<StartedInstance>, Rejection> {
        let request = self.send(&Command::EvaluateConditionals(EvaluateConditionals {
            process_definition_key: definition_key,
            variables: variables(json.to_owned()),
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
        self.run_due();
        match self.answer(request) {
            Some(Ok(Reply::ConditionalsEvaluated { started, .. })) => Ok(started),
            Some(Err(rejection)) => Err(rejection),
            other => panic!("{other:?}"),
        }
    }

    fn check_records(&mut self, expected: Expect) {
        let mut text = String::new();
        self.records.drain(..).for_each(|line| text += &format!("{line}\n"));
        expected.assert_eq(&text);
    }
}

#[test]
fn each_start_event_whose_condition_holds_begins_an_instance_with_what_was_brought() {
    let mut rig = Rig::default();
    let definition_key = rig.deploy_starts(
        "p",
        &[("high", "=x > 10", ""), ("any", "=x > 0", r#"variableNames="x" variableEvents="update""#)],
    );
    rig.records.retain(|line| line.contains("CONDITIONAL"));
    rig.check_records(expect![[r#"
        E CONDITIONAL_SUBSCRIPTION CREATED key=2251799813685251 catchEventId=any condition="=x > 0" variableNames=x interrupting=true
        E CONDITIONAL_SUBSCRIPTION CREATED key=2251799813685252 catchEventId=high condition="=x > 10" interrupting=true
    "#]]);
    rig.restart();
    let started = rig.evaluate(Key::NONE, r#"{"x":5,"y":"z"}"#).unwrap();
    assert_eq!(started.len(), 1);
    assert_eq!(started[0].process_definition_key, definition_key);
    rig.check_records(expect![[r#"
        E PROCESS_EVENT TRIGGERING key=2251799813685254 targetElementId=any scopeKey=2251799813685250 variables={"x":5,"y":"z"}
        E CONDITIONAL_EVALUATION EVALUATED key=2251799813685255 started=1
        E PROCESS_INSTANCE ELEMENT_ACTIVATING key=2251799813685253 bpmnElementType=PROCESS elementId=p processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E PROCESS_INSTANCE ELEMENT_ACTIVATED key=2251799813685253 bpmnElementType=PROCESS elementId=p processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E PROCESS_EVENT TRIGGERED key=2251799813685254 targetElementId=any scopeKey=2251799813685250
        E PROCESS_INSTANCE ELEMENT_ACTIVATING key=2251799813685256 bpmnElementType=START_EVENT bpmnEventType=CONDITIONAL elementId=any flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E PROCESS_INSTANCE ELEMENT_ACTIVATED key=2251799813685256 bpmnElementType=START_EVENT bpmnEventType=CONDITIONAL elementId=any flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E VARIABLE CREATED key=2251799813685257 name=x scopeKey=2251799813685256 value=5
        E VARIABLE CREATED key=2251799813685258 name=y scopeKey=2251799813685256 value="z"
        E PROCESS_INSTANCE ELEMENT_COMPLETING key=2251799813685256 bpmnElementType=START_EVENT bpmnEventType=CONDITIONAL elementId=any flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E VARIABLE CREATED key=2251799813685259 name=x scopeKey=2251799813685253 value=5
        E VARIABLE CREATED key=2251799813685260 name=y scopeKey=2251799813685253 value="z"
        E PROCESS_INSTANCE ELEMENT_COMPLETED key=2251799813685256 bpmnElementType=START_EVENT bpmnEventType=CONDITIONAL elementId=any flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E PROCESS_INSTANCE SEQUENCE_FLOW_TAKEN key=2251799813685261 bpmnElementType=SEQUENCE_FLOW elementId=any_to_t flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E PROCESS_INSTANCE ELEMENT_ACTIVATING key=2251799813685262 bpmnElementType=SERVICE_TASK elementId=t flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
        E JOB CREATED key=2251799813685263 type=work retries=3 elementId=t elementInstanceKey=2251799813685262
        E PROCESS_INSTANCE ELEMENT_ACTIVATED key=2251799813685262 bpmnElementType=SERVICE_TASK elementId=t flowScopeKey=2251799813685253 processInstanceKey=2251799813685253 processDefinitionKey=2251799813685250
    "#]]);
    assert_eq!(rig.evaluate(Key::NONE, r#"{"x":11}"#).unwrap().len(), 2, "several of one definition");
    assert_eq!(rig.evaluate(definition_key, r#"{"x":11}"#).unwrap().len(), 2);
    assert_eq!(rig.evaluate(definition_key, r#"{"x":0}"#).unwrap(), [], "none holds");
    assert_eq!(rig.evaluate(Key::NONE, r#"{"y":1}"#).unwrap(), [], "one is not looked at, the other fails");
    let jobs = rig.take_jobs("work");
    assert_eq!(jobs.len(), 5);
    let variables: Vec<String> =
        rig.records.iter().filter(|line| line.contains("VARIABLE CREATED")).cloned().collect();
    assert_eq!(variables.iter().filter(|line| line.contains("name=x")).count(), 2 * 4, "{variables:?}");
}

#[test]
fn the_newest_version_waits_alone_and_the_one_before_it_again_when_it_is_deleted() {
    let mut rig = Rig::default();
    let first = rig.deploy_starts("p", &[("s", "=x = 1", "")]);
    let second = rig.deploy_starts("p", &[("s", "=x = 2", "")]);
    let other = rig.deploy_starts("q", &[("s", "=x &lt; 3", "")]);
    let begun = |rig: &mut Rig, of, json| -> Vec<Key> {
        rig.evaluate(of, json).unwrap().into_iter().map(|it| it.process_definition_key).collect()
    };
    assert_eq!(begun(&mut rig, Key::NONE, r#"{"x":1}"#), [other]);
    assert_eq!(begun(&mut rig, first, r#"{"x":1}"#), [], "it waits no more");
    assert_eq!(begun(&mut rig, Key::NONE, r#"{"x":2}"#), [second, other]);
    for job_key in rig.take_jobs("work") {
        rig.finish(job_key, Default::default()).unwrap();
    }
    rig.run_due();
    let delete = |rig: &mut Rig, resource_key| {
        let request = rig.send(&Command::DeleteResource { resource_key, delete_history: false });
        rig.answer(request).unwrap().unwrap();
        rig.run_due();
    };
    delete(&mut rig, second);
    rig.restart();
    assert_eq!(begun(&mut rig, Key::NONE, r#"{"x":2}"#), [other]);
    assert_eq!(
        begun(&mut rig, Key::NONE, r#"{"x":1}"#),
        [other, first],
        "it waits again, behind those who waited"
    );
    for job_key in rig.take_jobs("work") {
        rig.finish(job_key, Default::default()).unwrap();
    }
    rig.run_due();
    delete(&mut rig, first);
    delete(&mut rig, other);
    assert!(rig.dump().iter().all(|(table, _, _)| !WAITS.contains(table)), "nobody waits any more");
    let refused = rig.evaluate(first, "{}").unwrap_err();
    assert_eq!(refused.kind, RejectionType::NotFound);
    let reason = format!(
        "Expected to evaluate conditional with command key '-1' for process definition key '{first}', but no such process was found."
    );
    assert_eq!(refused.reason, reason);
}

#[test]
fn start_events_wait_on_every_partition() {
    let mut cluster = Cluster::new(3);
    let definition_key = cluster.rig(PartitionId(1)).deploy_starts("p", &[("s", "=go", "")]);
    cluster.collect();
    cluster.settle();
    for partition in 1..=3 {
        let rig = cluster.rig(PartitionId(partition));
        let started = rig.evaluate(definition_key, r#"{"go":true}"#).unwrap();
        assert_eq!(started.len(), 1);
        assert_eq!(started[0].process_instance_key.partition(), PartitionId(partition));
        assert_eq!(rig.take_jobs("work").len(), 1);
    }
}

#[test]
fn what_is_too_much_at_once_is_refused_and_leaves_no_trace() {
    let mut rig = Rig::default();
    for batch in 0..10 {
        let models = (0..100).map(|number| process(&format!("p{batch}_{number}"), &[("s", "=x", "")]));
        rig.deploy_all(models.collect());
    }
    let definition_key = rig.deploy_starts("more", &[("s", "=x", "")]);
    rig.records.clear();
    let rows = rig.dump();
    let refused = rig.evaluate(Key::NONE, r#"{"x":false}"#).unwrap_err();
    assert_eq!(refused.kind, RejectionType::ExceededBatchRecordSize);
    assert!(refused.reason.contains("more than 1000 wait"), "{}", refused.reason);
    let long = format!(r#"{{"x":true,"y":"{}"}}"#, "y".repeat(rig.engine.settings().entry_bytes_max / 2));
    let refused = rig.evaluate(definition_key, &long).unwrap_err();
    assert!(refused.reason.contains("what they begin with"), "{}", refused.reason);
    assert_eq!(rig.dump(), rows);
    assert_eq!(rig.evaluate(definition_key, r#"{"x":true}"#).unwrap().len(), 1);
}
