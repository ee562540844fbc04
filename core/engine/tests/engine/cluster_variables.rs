//! Cluster variables: how they change, on every partition, and what expressions see of them.

use crate::outbox::{Cluster, Random};
use crate::rig::Rig;
use bytes::Bytes;
use ringbolt_record::ClusterVariableChange::{Create, Delete, Update};
use ringbolt_record::command::{CreateDeployment, EvaluateExpression, Resource};
use ringbolt_record::{
    ChangeClusterVariable, ClusterVariable, ClusterVariableChange, ClusterVariableScope, Command,
    DEFAULT_TENANT, PartitionId, RejectionType, Reply, VariableDocument,
};

const GLOBAL: ClusterVariableScope = ClusterVariableScope::Global;
const TENANT: ClusterVariableScope = ClusterVariableScope::Tenant;

fn command(change: ClusterVariableChange, scope: ClusterVariableScope, name: &str, value: &str) -> Command {
    let variable = ClusterVariable {
        scope,
        tenant_id: if scope == TENANT { DEFAULT_TENANT.to_owned() } else { String::new() },
        name: name.to_owned(),
        value: Bytes::copy_from_slice(value.as_bytes()),
        metadata: Bytes::from_static(b"{\"unit\":\"s\"}"),
    };
    Command::ChangeClusterVariable(Box::new(ChangeClusterVariable { change, variable }))
}

impl Rig {
    pub(crate) fn change(
        &mut self,
        change: ClusterVariableChange,
        scope: ClusterVariableScope,
        name: &str,
        value: &str,
    ) {
        let request = self.send(&command(change, scope, name, value));
        let answer = self.answer(request);
        assert!(matches!(answer, Some(Ok(Reply::ClusterVariableChanged(_)))), "{name}: {answer:?}");
    }

    fn refused(&mut self, command: &Command) -> (RejectionType, String) {
        let request = self.send(command);
        let rejection = self.answer(request).expect("an answer").expect_err("a refusal");
        (rejection.kind, rejection.reason)
    }

    /// What an expression by request gives, with variables of the request.
    fn evaluated(&mut self, expression: &str, json: &str) -> String {
        let variables = VariableDocument::parse(Bytes::copy_from_slice(json.as_bytes())).unwrap();
        let expression = expression.to_owned();
        let request = self.send(&Command::EvaluateExpression(EvaluateExpression { expression, variables }));
        match self.answer(request) {
            Some(Ok(Reply::ExpressionEvaluated(evaluation))) => {
                String::from_utf8(evaluation.result.to_vec()).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    fn seen(&self) -> String {
        String::from_utf8(self.tables.seen_cluster_variables().to_vec()).unwrap()
    }
}

/// A process whose job's type, a condition of a gateway and a mapping name cluster variables.
const MODEL: &str = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="configured" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f0</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f0" sourceRef="start" targetRef="choice" />
    <bpmn:exclusiveGateway id="choice" default="f2"><bpmn:incoming>f0</bpmn:incoming><bpmn:outgoing>f1</bpmn:outgoing><bpmn:outgoing>f2</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="f1" sourceRef="choice" targetRef="task"><bpmn:conditionExpression>=amount &gt; camunda.vars.env.limit</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f2" sourceRef="choice" targetRef="end" />
    <bpmn:serviceTask id="task"><bpmn:extensionElements><zeebe:taskDefinition type="=camunda.vars.cluster.workers.type" /><zeebe:ioMapping><zeebe:input source="=camunda.vars.env.url + &quot;/pay&quot;" target="url" /></zeebe:ioMapping></bpmn:extensionElements><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:sequenceFlow id="f3" sourceRef="task" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>"#;

fn deploy(rig: &mut Rig) {
    let resources =
        vec![Resource { name: "configured.bpmn".to_owned(), content: Bytes::from_static(MODEL.as_bytes()) }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    assert!(rig.answer(request).is_some_and(|answer| answer.is_ok()));
    rig.records.clear();
}

fn wrote(rig: &Rig, words: &[&str]) -> bool {
    rig.records.iter().any(|record| words.iter().all(|word| record.contains(word)))
}

#[test]
fn every_expression_of_a_process_sees_them_as_they_are_then() {
    let mut rig = Rig::default();
    deploy(&mut rig);
    rig.change(Create, GLOBAL, "limit", "100");
    rig.change(Create, GLOBAL, "workers", r#"{"type":"pay"}"#);
    rig.change(Create, GLOBAL, "url", r#""http://a""#);
    rig.restart();
    rig.records.clear();
    rig.create("configured", r#"{"amount":101}"#);
    assert!(wrote(&rig, &["JOB CREATED", "type=pay"]), "{:?}", rig.records);
    assert!(wrote(&rig, &["VARIABLE CREATED", "name=url", "http://a/pay"]), "{:?}", rig.records);
    rig.records.clear();
    rig.create("configured", r#"{"amount":100}"#);
    assert!(!wrote(&rig, &["JOB CREATED"]));
    // A tenant's own comes before the one that all see.
    rig.change(Create, TENANT, "limit", "9");
    rig.change(Update, GLOBAL, "workers", r#"{"type":"settle"}"#);
    rig.records.clear();
    rig.create("configured", r#"{"amount":10}"#);
    assert!(wrote(&rig, &["JOB CREATED", "type=settle"]), "{:?}", rig.records);
    // A variable of that name hides them all, at whatever scope.
    rig.records.clear();
    rig.create("configured", r#"{"amount":10,"camunda":{"vars":{"env":{"limit":11}}}}"#);
    assert!(!wrote(&rig, &["JOB CREATED"]));
    rig.records.clear();
    let shadowing = r#"{"amount":12,"camunda":{"vars":{"env":{"limit":11,"url":"x"},"cluster":{"workers":{"type":"other"}}}}}"#;
    rig.create("configured", shadowing);
    assert!(wrote(&rig, &["JOB CREATED", "type=other"]), "{:?}", rig.records);
    // What is missing is null, and what follows from that is an incident.
    rig.change(Delete, GLOBAL, "workers", "");
    rig.records.clear();
    rig.create("configured", r#"{"amount":10}"#);
    assert!(wrote(&rig, &["INCIDENT CREATED", "camunda.vars.cluster.workers.type"]), "{:?}", rig.records);
}

#[test]
fn what_expressions_see_is_one_document_of_both_scopes() {
    let mut rig = Rig::default();
    assert_eq!(rig.seen(), r#"{"vars":{"cluster":{},"tenant":{},"env":{}}}"#);
    rig.change(Create, GLOBAL, "b", "[1, 2]");
    rig.change(Create, GLOBAL, "a-1.x", "null");
    rig.change(Create, TENANT, "b", "true");
    rig.change(Update, TENANT, "b", r#"{"c":"d"}"#);
    let seen = r#"{"vars":{"cluster":{"a-1.x":null,"b":[1, 2]},"tenant":{"b":{"c":"d"}},"env":{"a-1.x":null,"b":{"c":"d"}}}}"#;
    assert_eq!(rig.seen(), seen);
    rig.restart();
    assert_eq!(rig.seen(), seen);
    rig.change(Delete, TENANT, "b", "");
    rig.change(Delete, GLOBAL, "a-1.x", "");
    assert_eq!(rig.seen(), r#"{"vars":{"cluster":{"b":[1, 2]},"tenant":{},"env":{"b":[1, 2]}}}"#);
    rig.change(Delete, GLOBAL, "b", "");
    assert_eq!(rig.seen(), r#"{"vars":{"cluster":{},"tenant":{},"env":{}}}"#);
    rig.change(Create, GLOBAL, "b", "1");
}

#[test]
fn expressions_by_request_see_them_too() {
    let mut rig = Rig::default();
    rig.change(Create, GLOBAL, "rate", "0.19");
    assert_eq!(rig.evaluated("=100 * camunda.vars.env.rate", "{}"), "19");
    assert_eq!(rig.evaluated("=camunda.vars.tenant.rate", "{}"), "null");
    assert_eq!(rig.evaluated("=camunda", r#"{"camunda":7}"#), "7");
    assert_eq!(rig.evaluated("=x", r#"{"x":1}"#), "1");
}

#[test]
fn what_cannot_be_is_refused() {
    let mut rig = Rig::default();
    rig.change(Create, GLOBAL, "url", "1");
    let mut refused =
        |change, scope, name: &str, value: &str| rig.refused(&command(change, scope, name, value));
    let (kind, reason) = refused(Create, GLOBAL, "url", "2");
    assert_eq!(kind, RejectionType::AlreadyExists);
    assert_eq!(reason, "Invalid cluster variable name: 'url'. The name already exists in the scope 'GLOBAL'");
    let (kind, reason) = refused(Update, TENANT, "url", "2");
    assert_eq!(kind, RejectionType::NotFound);
    let missing = "Invalid cluster variable name: 'url'. The variable does not exist in the scope 'tenant: '<default>''";
    assert_eq!(reason, missing);
    assert_eq!(refused(Delete, GLOBAL, "other", "").0, RejectionType::NotFound);
    assert_eq!(refused(Create, GLOBAL, "", "1").0, RejectionType::InvalidState);
    for name in ["a b", "a\u{a0}b\t", "\u{7}", &"n".repeat(257)] {
        assert_eq!(refused(Create, GLOBAL, name, "1").0, RejectionType::InvalidArgument, "{name:?}");
    }
    let (kind, reason) = refused(Create, GLOBAL, "big", &format!("\"{}\"", "x".repeat(1024 * 1024)));
    assert!(kind == RejectionType::InvalidArgument && reason.contains("at most 1048576 bytes"), "{reason}");
    for number in 1..1000 {
        rig.change(Create, GLOBAL, &format!("v{number}"), "1");
    }
    let (kind, reason) = rig.refused(&command(Create, TENANT, "one_more", "1"));
    assert!(kind == RejectionType::InvalidArgument && reason.contains("at most 1000 cluster"), "{reason}");
    rig.change(Update, GLOBAL, "v1", "2");
}

#[test]
fn every_partition_takes_every_change_in_the_same_order_whatever_the_network_does() {
    for seed in 0..10 {
        let mut random = Random(seed);
        let mut cluster = Cluster::new(2);
        let first = PartitionId(1);
        for value in 0..5 {
            let change = if value == 0 { Create } else { Update };
            cluster.rig(first).change(change, GLOBAL, "level", &value.to_string());
            cluster.collect();
            (0..10).for_each(|_| cluster.mishap(&mut random));
        }
        cluster.rig(first).change(Create, GLOBAL, "gone", "1");
        cluster.rig(first).change(Delete, GLOBAL, "gone", "");
        cluster.collect();
        cluster.settle();
        let seen = r#"{"vars":{"cluster":{"level":4},"tenant":{},"env":{"level":4}}}"#;
        for rig in &cluster.rigs {
            assert_eq!(rig.seen(), seen, "seed {seed}");
            let changes = rig.records.iter().filter(|line| line.contains("CLUSTER_VARIABLE UPDATED")).count();
            assert_eq!(changes, 4, "seed {seed}");
        }
        assert!(wrote(&cluster.rigs[0], &["COMMAND_DISTRIBUTION FINISHED"]));
    }
}
