//! Forms and other resources: reading and deleting them.

use super::{check, problems};
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_record::reply::{DeployedResource, FetchedResource};
use ringbolt_record::{BatchOperationType, Key, PartitionId, Rejection, RejectionType, Reply};

fn resource(content: &'static str) -> Result<Reply, Refusal> {
    Ok(Reply::Resource(Box::new(FetchedResource {
        deployed: DeployedResource {
            resource_id: "robot".to_owned(),
            version: 3,
            resource_key: Key::new(PartitionId(1), 7),
            resource_name: "robot \"3\".rpa".to_owned(),
        },
        version_tag: String::new(),
        tenant_id: "<default>".to_owned(),
        content: content.into(),
    })))
}

fn path(rest: &str) -> String {
    format!("/v2/resources/{}{rest}", Key::new(PartitionId(1), 7))
}

#[test]
fn reading_resources() {
    check(
        &format!("GET {}", path("")),
        "",
        resource("{}"),
        expect![[r#"
        2: FETCH 2251799813685255 within 15s
        200 application/json
        {"resourceName":"robot \"3\".rpa","version":3,"versionTag":null,"resourceId":"robot","tenantId":"<default>","resourceKey":"2251799813685255"}"#]],
    );
    check(
        &format!("GET {}", path("/content")),
        "",
        resource("{\"a\": 1}"),
        expect![[r#"
        2: FETCH 2251799813685255 within 15s
        200 application/json
        {"a": 1}"#]],
    );
    check(
        &format!("GET {}", path("/content")),
        "",
        resource("plain"),
        expect![[r#"
        2: FETCH 2251799813685255 within 15s
        406 application/problem+json
        {"type":"about:blank","title":"Not Acceptable","status":406,"detail":"The content of the resource is no JSON object: ask for it as binary","instance":"/v2/resources/2251799813685255/content"}"#]],
    );
    check(
        &format!("GET {}", path("/content/binary")),
        "",
        resource("[1]"),
        expect![[r#"
        2: FETCH 2251799813685255 within 15s
        200 application/octet-stream
        [1]"#]],
    );
    check(
        &format!("GET /v2/forms/{}", Key::new(PartitionId(1), 7)),
        "",
        resource("{\"id\": \"f\"}"),
        expect![[r#"
            2: FETCH 2251799813685255 within 15s
            200 application/json
            {"tenantId":"<default>","formId":"robot","schema":"{\"id\": \"f\"}","version":3,"formKey":"2251799813685255"}"#]],
    );
}

#[test]
fn deleting_resources() {
    let delete = format!("POST {}", path("/deletion"));
    let deleted = || Ok(Reply::ResourceDeleted { resource_key: Key::new(PartitionId(1), 7), history: None });
    check(
        &delete,
        "",
        deleted(),
        expect![[r#"
        1: DELETE 0 resource 2251799813685255 within 15s
        200 application/json
        {"resourceKey":"2251799813685255","batchOperation":null}"#]],
    );
    check(
        &delete,
        r#"{"operationReference":4,"deleteHistory":false}"#,
        deleted(),
        expect![[r#"
        1: DELETE 0 resource 2251799813685255 operationReference=4 within 15s
        200 application/json
        {"resourceKey":"2251799813685255","batchOperation":null}"#]],
    );
    let history = Some((Key::new(PartitionId(1), 9), BatchOperationType::DeleteProcessInstance));
    check(
        &delete,
        r#"{"deleteHistory":true}"#,
        Ok(Reply::ResourceDeleted { resource_key: Key::new(PartitionId(1), 7), history }),
        expect![[r#"
            1: DELETE 0 resource 2251799813685255 with its history within 15s
            200 application/json
            {"resourceKey":"2251799813685255","batchOperation":{"batchOperationKey":"2251799813685257","batchOperationType":"DELETE_PROCESS_INSTANCE"}}"#]],
    );
    let running = Rejection::new(RejectionType::InvalidState, "Expected so");
    check(
        &delete,
        "{}",
        Err(Refusal::Rejected(running)),
        expect![[r#"
        1: DELETE 0 resource 2251799813685255 within 15s
        409 application/problem+json
        {"type":"about:blank","title":"INVALID_STATE","status":409,"detail":"Command 'DELETE' rejected with code 'INVALID_STATE': Expected so","instance":"/v2/resources/2251799813685255/deletion"}"#]],
    );
    problems(
        &delete,
        &[r#"{"operationReference":0}"#],
        expect![[r#"
        <{"operationReference":0}> is
            400 INVALID_ARGUMENT: The value for operationReference is '0' but must be > 0.
    "#]],
    );
}
