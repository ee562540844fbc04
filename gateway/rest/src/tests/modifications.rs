//! Letting instances stand elsewhere.

use super::{check, problem, problems};
use expect_test::expect;
use ringbolt_record::{Key, PartitionId, Reply};

fn path() -> String {
    format!("POST /v2/process-instances/{}/modification", Key::new(PartitionId(2), 8))
}

#[test]
fn modifying_an_instance() {
    check(
        &path(),
        r#"{"activateInstructions":[{"elementId":"a","ancestorElementInstanceKey":"4503599627370505","variableInstructions":[{"variables":{"x":1},"scopeId":"s"},{"variables":{}}]}],"terminateInstructions":[{"elementId":"b"},{"elementInstanceKey":"4503599627370506"}],"operationReference":3}"#,
        Ok(Reply::Done),
        expect![[r#"
            2: MODIFY 4503599627370504 [ActivateInstruction { element_id: "a", ancestor_element_instance_key: 4503599627370505, variables: [VariableInstruction { scope_id: "s", variables: VariableDocument { text: b"{\"x\":1}", members: [Member { name: Owned("x"), value: (5, 6) }] } }, VariableInstruction { scope_id: "", variables: VariableDocument { text: b"{}", members: [] } }] }] [ElementId("b"), Key(4503599627370506)] [] operationReference=3 within 15s
            204"#]],
    );
    let moved = |ancestor: &str| {
        format!(
            r#"{{"moveInstructions":[{{"sourceElementInstruction":{{"sourceType":"byKey","sourceElementInstanceKey":"4503599627370506"}},"targetElementId":"c"{ancestor}}}]}}"#
        )
    };
    for (ancestor, wanted) in [
        (
            "",
            expect![[r#"
            2: MODIFY 4503599627370504 [] [] [MoveInstruction { source: Key(4503599627370506), target_element_id: "c", ancestor: Only, variables: [] }] within 15s
            204"#]],
        ),
        (
            r#","ancestorScopeInstruction":{"ancestorScopeType":"inferred"}"#,
            expect![[r#"
            2: MODIFY 4503599627370504 [] [] [MoveInstruction { source: Key(4503599627370506), target_element_id: "c", ancestor: Inferred, variables: [] }] within 15s
            204"#]],
        ),
        (
            r#","ancestorScopeInstruction":{"ancestorScopeType":"sourceParent"}"#,
            expect![[r#"
            2: MODIFY 4503599627370504 [] [] [MoveInstruction { source: Key(4503599627370506), target_element_id: "c", ancestor: SourceParent, variables: [] }] within 15s
            204"#]],
        ),
        (
            r#","ancestorScopeInstruction":{"ancestorScopeType":"direct","ancestorElementInstanceKey":"4503599627370507"}"#,
            expect![[r#"
                2: MODIFY 4503599627370504 [] [] [MoveInstruction { source: Key(4503599627370506), target_element_id: "c", ancestor: Direct(4503599627370507), variables: [] }] within 15s
                204"#]],
        ),
    ] {
        check(&path(), &moved(ancestor), Ok(Reply::Done), wanted);
    }
}

#[test]
fn what_modifies_nothing_is_refused() {
    problems(
        &path(),
        &[
            "",
            r#"{"activateInstructions":[{}]}"#,
            r#"{"activateInstructions":[{"elementId":"a","variableInstructions":[{"scopeId":"s"}]}]}"#,
            r#"{"activateInstructions":[{"elementId":"a","variableInstructions":[{"variables":[1]}]}]}"#,
            r#"{"terminateInstructions":[{}]}"#,
            r#"{"terminateInstructions":[{"elementId":"b","elementInstanceKey":"1"}]}"#,
            r#"{"moveInstructions":[{"sourceElementInstruction":{"sourceType":"byId"},"targetElementId":"c"}]}"#,
            r#"{"moveInstructions":[{"sourceElementInstruction":{"sourceType":"byId","sourceElementId":"a"},"targetElementId":"c","ancestorScopeInstruction":{"ancestorScopeType":"any"}}]}"#,
            r#"{"moveInstructions":[{"targetElementId":"c"}]}"#,
            r#"{"activateInstructions":{"elementId":"a"}}"#,
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{"activateInstructions":[{}]}> is
                400 INVALID_ARGUMENT: No elementId provided in 'activateInstructions[0]'.
            <{"activateInstructions":[{"elementId":"a","variableInstructions":[{"scopeId":"s"}]}]}> is
                400 INVALID_ARGUMENT: No variables provided in 'activateInstructions[0].variableInstructions[0]'.
            <{"activateInstructions":[{"elementId":"a","variableInstructions":[{"variables":[1]}]}]}> is
                400 INVALID_ARGUMENT: Property 'activateInstructions[0].variableInstructions[0].variables' is invalid: Expected document to be a root level object, but was 'ARRAY'.
            <{"terminateInstructions":[{}]}> is
                400 INVALID_ARGUMENT: No elementId provided in 'terminateInstructions[0]'.
            <{"terminateInstructions":[{"elementId":"b","elementInstanceKey":"1"}]}> is
                400 Bad Request: Request property [terminateInstructions[0].elementInstanceKey] cannot be parsed: it cannot stand beside the others
            <{"moveInstructions":[{"sourceElementInstruction":{"sourceType":"byId"},"targetElementId":"c"}]}> is
                400 INVALID_ARGUMENT: No sourceElementId provided in 'moveInstructions[0].sourceElementInstruction'.
            <{"moveInstructions":[{"sourceElementInstruction":{"sourceType":"byId","sourceElementId":"a"},"targetElementId":"c","ancestorScopeInstruction":{"ancestorScopeType":"any"}}]}> is
                400 INVALID_ARGUMENT: Unexpected value 'any' for ancestorScopeType. Use any of the following values: [direct, inferred, sourceParent].
            <{"moveInstructions":[{"targetElementId":"c"}]}> is
                400 INVALID_ARGUMENT: No sourceElementInstruction provided in 'moveInstructions[0]'.
            <{"activateInstructions":{"elementId":"a"}}> is
                400 Bad Request: Request property [activateInstructions] cannot be parsed: expected an array
        "#]],
    );
}

/// A client is told as much as it may want to read, whatever it sends.
#[test]
fn an_answer_does_not_grow_with_what_is_wrong() {
    let item = format!(
        r#"{{"sourceElementInstruction":{{"sourceType":"byId","sourceElementId":"a"}},"targetElementId":"c","ancestorScopeInstruction":{{"ancestorScopeType":"{}"}}}}"#,
        "é".repeat(200)
    );
    let body = format!(r#"{{"moveInstructions":[{}]}}"#, vec![item; 1_000].join(","));
    let shown = problem(&path(), body.as_bytes());
    assert!(shown.starts_with("400 "), "{shown}");
    assert_eq!(shown.matches("Unexpected value").count(), 32);
    assert!(shown.matches('é').count() == 32 * 100, "{shown}");
}
