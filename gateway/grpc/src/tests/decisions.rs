//! Evaluating decisions, and the conditions of start events.

use super::{NO_CONTEXT, call, check, key};
use crate::calls::Calls;
use crate::messages as m;
use bytes::Bytes;
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_api::fake::{FakeBroker, evaluation};
use ringbolt_record::reply::EvaluationFailure;
use ringbolt_record::values::StartedInstance;
use ringbolt_record::{Key, PartitionId, Rejection, RejectionType, Reply};
use std::rc::Rc;

fn by_id(decision_id: &str) -> m::EvaluateDecisionRequest {
    m::EvaluateDecisionRequest { decision_id: decision_id.to_owned(), ..Default::default() }
}

#[test]
fn evaluating_decisions() {
    check(
        call!(evaluate_decision),
        m::EvaluateDecisionRequest { variables: Bytes::from_static(b"{\"month\":1}"), ..by_id("dish") },
        Ok(Reply::DecisionEvaluated(Box::new(evaluation()))),
        expect![[r#"
            2: EVALUATE 0 latest "dish" {month=1} tenant=<default> within 15s
            -> EvaluateDecisionResponse { decision_key: 2251799813685258, decision_id: "dish", decision_name: "Dish", decision_version: 2, decision_requirements_id: "dinner", decision_requirements_key: 2251799813685257, decision_output: b"\"stew\"", evaluated_decisions: [EvaluatedDecision { decision_key: -1, decision_id: "f", decision_name: "function", decision_version: -1, decision_type: "LITERAL_EXPRESSION", decision_output: b"2", matched_rules: [], evaluated_inputs: [], tenant_id: "<default>", decision_evaluation_instance_key: "4503599627370507-1" }, EvaluatedDecision { decision_key: 2251799813685258, decision_id: "dish", decision_name: "Dish", decision_version: 2, decision_type: "DECISION_TABLE", decision_output: b"\"stew\"", matched_rules: [MatchedDecisionRule { rule_id: "r1", rule_index: 1, evaluated_outputs: [EvaluatedDecisionOutput { output_id: "out", output_name: "dish", output_value: b"\"stew\"" }] }], evaluated_inputs: [EvaluatedDecisionInput { input_id: "in", input_name: "Month", input_value: b"1" }], tenant_id: "<default>", decision_evaluation_instance_key: "4503599627370507-2" }], failed_decision_id: "", failure_message: "", tenant_id: "<default>", decision_instance_key: 4503599627370507, decision_evaluation_key: 4503599627370507 }"#]],
    );
    let mut failed = evaluation();
    failed.output = Err(EvaluationFailure { decision_id: "season".into(), message: "it failed".to_owned() });
    failed.evaluated.clear();
    check(
        call!(evaluate_decision),
        m::EvaluateDecisionRequest { decision_key: key(10), ..Default::default() },
        Ok(Reply::DecisionEvaluated(Box::new(failed))),
        expect![[r#"
            2: EVALUATE 0 decision 4503599627370506 {} tenant=<default> within 15s
            -> EvaluateDecisionResponse { decision_key: 2251799813685258, decision_id: "dish", decision_name: "Dish", decision_version: 2, decision_requirements_id: "dinner", decision_requirements_key: 2251799813685257, decision_output: b"null", evaluated_decisions: [], failed_decision_id: "season", failure_message: "it failed", tenant_id: "<default>", decision_instance_key: 4503599627370507, decision_evaluation_key: 4503599627370507 }"#]],
    );
}

#[test]
fn evaluations_that_make_no_sense() {
    let refused = || Err(Refusal::Rejected(Rejection::new(RejectionType::NotFound, "Expected so")));
    for (request, expected) in [
        (
            m::EvaluateDecisionRequest { decision_key: -1, ..Default::default() },
            expect![[r#"
            2: EVALUATE 0 latest "" {} tenant=<default> within 15s
            -> NotFound Command 'EVALUATE' rejected with code 'NOT_FOUND': Expected so"#]],
        ),
        (
            m::EvaluateDecisionRequest::default(),
            expect![[r#"
            2: EVALUATE 0 decision 0 {} tenant=<default> within 15s
            -> NotFound Command 'EVALUATE' rejected with code 'NOT_FOUND': Expected so"#]],
        ),
        (
            m::EvaluateDecisionRequest { variables: Bytes::from_static(b"{a}"), ..by_id("dish") },
            expect![[
                "-> InvalidArgument Invalid JSON value in 'variables': Expected this character to be either a ',' or a '}' while parsing at line 1 column 2"
            ]],
        ),
        (
            m::EvaluateDecisionRequest {
                variables: Bytes::from_static(b"\xef\xbb\xbf{\"a\":1}"),
                ..by_id("dish")
            },
            expect![[r#"
            2: EVALUATE 0 latest "dish" {a=1} tenant=<default> within 15s
            -> NotFound Command 'EVALUATE' rejected with code 'NOT_FOUND': Expected so"#]],
        ),
        (
            m::EvaluateDecisionRequest { decision_key: 7, ..by_id("dish") },
            expect![[r#"
            2: EVALUATE 0 latest "dish" {} tenant=<default> within 15s
            -> NotFound Command 'EVALUATE' rejected with code 'NOT_FOUND': Expected so"#]],
        ),
        (
            m::EvaluateDecisionRequest { variables: Bytes::from_static(b"[]"), ..by_id("dish") },
            expect![
                "-> InvalidArgument Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'"
            ],
        ),
        (
            m::EvaluateDecisionRequest { tenant_id: "t".to_owned(), ..by_id("dish") },
            expect![
                "-> InvalidArgument Expected to handle gRPC request EvaluateDecision with tenant identifier 't', but multi-tenancy is disabled"
            ],
        ),
        (
            by_id(&"x".repeat(500)),
            expect![
                "-> InvalidArgument The provided decisionDefinitionId has 500 bytes, but at most 400 are allowed"
            ],
        ),
    ] {
        check(call!(evaluate_decision), request, refused(), expected);
    }
}

#[test]
fn evaluating_conditions_of_start_events() {
    let started = StartedInstance {
        process_definition_key: Key::new(PartitionId(1), 9),
        process_instance_key: Key::new(PartitionId(2), 5),
    };
    let variables = Bytes::from_static(b"{\"x\":1}");
    let of = Key::new(PartitionId(1), 9).to_wire();
    check(
        call!(evaluate_conditional),
        m::EvaluateConditionalRequest {
            variables: variables.clone(),
            process_definition_key: Some(of),
            ..Default::default()
        },
        Ok(Reply::ConditionalsEvaluated { key: Key::new(PartitionId(2), 8), started: vec![started] }),
        expect![[r#"
            2: EVALUATE 0 of 2251799813685257 {x=1} tenant=<default> within 15s
            -> EvaluateConditionalResponse { process_instances: [ProcessInstanceReference { process_definition_key: 2251799813685257, process_instance_key: 4503599627370501 }], conditional_evaluation_key: 4503599627370504, tenant_id: "<default>" }"#]],
    );
    check(
        call!(evaluate_conditional),
        m::EvaluateConditionalRequest { variables, tenant_id: "t".to_owned(), ..Default::default() },
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument Expected to handle gRPC request EvaluateConditional with tenant identifier 't', but multi-tenancy is disabled"
        ],
    );
}
