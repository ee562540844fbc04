//! Letting instances run other definitions.

use super::{check, problems};
use expect_test::expect;
use ringbolt_record::{Key, PartitionId, Reply};

fn path() -> String {
    format!("POST /v2/process-instances/{}/migration", Key::new(PartitionId(2), 8))
}

#[test]
fn migrating_an_instance() {
    check(
        &path(),
        r#"{"targetProcessDefinitionKey":"4503599627370505","mappingInstructions":[{"sourceElementId":"a","targetElementId":"b"},{"sourceElementId":"c","targetElementId":"d"}],"operationReference":3}"#,
        Ok(Reply::Done),
        expect![[r#"
            2: MIGRATE 4503599627370504 to 4503599627370505 [MigrateMapping { source_element_id: "a", target_element_id: "b" }, MigrateMapping { source_element_id: "c", target_element_id: "d" }] operationReference=3 within 15s
            204"#]],
    );
}

#[test]
fn what_maps_nothing_is_refused() {
    let with = |mappings: &str| {
        format!(r#"{{"targetProcessDefinitionKey":"1","mappingInstructions":[{mappings}]}}"#)
    };
    let none = with("");
    let half = with(r#"{"sourceElementId":"a"}"#);
    let blank = with(r#"{"sourceElementId":"a","targetElementId":""}"#);
    problems(
        &path(),
        &[
            "",
            "{}",
            &none,
            &half,
            &blank,
            r#"{"targetProcessDefinitionKey":"x","mappingInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}"#,
            r#"{"targetProcessDefinitionKey":"1","mappingInstructions":{}}"#,
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: No targetProcessDefinitionKey provided. No mappingInstructions provided.
            <{"targetProcessDefinitionKey":"1","mappingInstructions":[]}> is
                400 INVALID_ARGUMENT: No mappingInstructions provided.
            <{"targetProcessDefinitionKey":"1","mappingInstructions":[{"sourceElementId":"a"}]}> is
                400 INVALID_ARGUMENT: No targetElementId provided in 'mappingInstructions[0]'.
            <{"targetProcessDefinitionKey":"1","mappingInstructions":[{"sourceElementId":"a","targetElementId":""}]}> is
                400 INVALID_ARGUMENT: No targetElementId provided in 'mappingInstructions[0]'.
            <{"targetProcessDefinitionKey":"x","mappingInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}> is
                400 INVALID_ARGUMENT: The provided targetProcessDefinitionKey 'x' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?.
            <{"targetProcessDefinitionKey":"1","mappingInstructions":{}}> is
                400 Bad Request: Request property [mappingInstructions] cannot be parsed: expected an array
        "#]],
    );
}
