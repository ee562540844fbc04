//! Messages and signals.

use super::{check, problems};
use expect_test::expect;
use ringbolt_api::Refusal;
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
