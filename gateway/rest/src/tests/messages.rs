//! Messages and signals.

use super::{check, problems};
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_record::values::StartedInstance;
use ringbolt_record::{Key, PartitionId, Rejection, RejectionType, Reply};

#[test]
fn correlating_a_message() {
    let message_key = Key::new(PartitionId(2), 7);
    check(
        "POST /v2/messages/correlation",
        r#"{"name":"paid","correlationKey":"order-1","variables":{"a":1}}"#,
        Ok(Reply::MessageCorrelated { message_key, process_instance_key: Key(message_key.0 + 1) }),
        expect![[r#"
            3: CORRELATE 0 "paid" for "order-1" {a=1} tenant=<default> within 15s
            200 application/json
            {"tenantId":"<default>","messageKey":"4503599627370503","processInstanceKey":"4503599627370504"}"#]],
    );
    check(
        "POST /v2/messages/correlation",
        r#"{"name":"paid","businessId":"b-1"}"#,
        Ok(Reply::MessageCorrelated { message_key, process_instance_key: Key(message_key.0 + 1) }),
        expect![[r#"
            1: CORRELATE 0 "paid" for "" businessId="b-1" {} tenant=<default> within 15s
            200 application/json
            {"tenantId":"<default>","messageKey":"4503599627370503","processInstanceKey":"4503599627370504"}"#]],
    );
    check(
        "POST /v2/messages/publication",
        r#"{"name":"paid","correlationKey":"order-1","timeToLive":5,"businessId":"b-1"}"#,
        Ok(Reply::MessagePublished { message_key }),
        expect![[r#"
            3: PUBLISH 0 "paid" for "order-1" id="" ttl=5 businessId="b-1" {} tenant=<default> within 15s
            200 application/json
            {"tenantId":"<default>","messageKey":"4503599627370503"}"#]],
    );
    let nobody = Rejection::new(RejectionType::NotFound, "Expected to find subscription");
    check(
        "POST /v2/messages/correlation",
        r#"{"name":"paid"}"#,
        Err(Refusal::Rejected(nobody)),
        expect![[r#"
        1: CORRELATE 0 "paid" for "" {} tenant=<default> within 15s
        404 application/problem+json
        {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Command 'CORRELATE' rejected with code 'NOT_FOUND': Expected to find subscription","instance":"/v2/messages/correlation"}"#]],
    );
    problems(
        "POST /v2/messages/correlation",
        &[r#"{"correlationKey":"k"}"#, r#"{"name":"","variables":[]}"#],
        expect![[r#"
            <{"correlationKey":"k"}> is
                400 INVALID_ARGUMENT: No name provided.
            <{"name":"","variables":[]}> is
                400 INVALID_ARGUMENT: No name provided. Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'.
        "#]],
    );
}

#[test]
fn broadcasting_a_signal() {
    check(
        "POST /v2/signals/broadcast",
        r#"{"signalName":"alarm","variables":{"a":1}}"#,
        Ok(Reply::SignalBroadcasted { signal_key: Key::new(PartitionId(2), 7) }),
        expect![[r#"
            2: BROADCAST 0 "alarm" {a=1} tenant=<default> within 15s
            200 application/json
            {"tenantId":"<default>","signalKey":"4503599627370503"}"#]],
    );
    problems(
        "POST /v2/signals/broadcast",
        &["{}", r#"{"signalName":"","tenantId":7}"#],
        expect![[r#"
        <{}> is
            400 INVALID_ARGUMENT: No signalName provided.
        <{"signalName":"","tenantId":7}> is
            400 Bad Request: Request property [tenantId] cannot be parsed: expected a string. No signalName provided
    "#]],
    );
}

#[test]
fn evaluating_conditions_of_start_events() {
    let started = |key| StartedInstance {
        process_definition_key: Key::new(PartitionId(1), 9),
        process_instance_key: Key::new(PartitionId(2), key),
    };
    let evaluated = || Reply::ConditionalsEvaluated {
        key: Key::new(PartitionId(2), 8),
        started: vec![started(5), started(6)],
    };
    check(
        "POST /v2/conditionals/evaluation",
        r#"{"variables":{"x":1},"processDefinitionKey":"2251799813685257"}"#,
        Ok(evaluated()),
        expect![[r#"
            2: EVALUATE 0 of 2251799813685257 {x=1} tenant=<default> within 15s
            200 application/json
            {"conditionalEvaluationKey":"4503599627370504","tenantId":"<default>","processInstances":[{"processDefinitionKey":"2251799813685257","processInstanceKey":"4503599627370501"},{"processDefinitionKey":"2251799813685257","processInstanceKey":"4503599627370502"}]}"#]],
    );
    check(
        "POST /v2/conditionals/evaluation",
        r#"{"variables":{},"processDefinitionKey":"-1"}"#,
        Ok(Reply::ConditionalsEvaluated { key: Key::new(PartitionId(2), 8), started: vec![] }),
        expect![[r#"
            2: EVALUATE 0 of 0 {} tenant=<default> within 15s
            200 application/json
            {"conditionalEvaluationKey":"4503599627370504","tenantId":"<default>","processInstances":[]}"#]],
    );
    problems(
        "POST /v2/conditionals/evaluation",
        &["{}", r#"{"variables":[],"tenantId":"t"}"#, r#"{"variables":{},"processDefinitionKey":"x"}"#],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No variables provided.
            <{"variables":[],"tenantId":"t"}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'.
            <{"variables":{},"processDefinitionKey":"x"}> is
                400 INVALID_ARGUMENT: The provided processDefinitionKey 'x' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?.
        "#]],
    );
}
