//! Process instances, their variables and incidents.

use super::{JSON, ask, check, problems, rest};
use bytes::Bytes;
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_api::fake::instance;
use ringbolt_record::{Key, PartitionId, Rejection, RejectionType, Reply};

#[test]
fn creating_instances() {
    let created = || Ok(Reply::ProcessInstanceCreated(instance()));
    check(
        "POST /v2/process-instances",
        r#"{"processDefinitionId":"order","variables":{"a" : 1.50, "b":{"c":[]}}}"#,
        created(),
        expect![[r#"
            2: CREATE 0 latest "order" {a=1.50, b={"c":[]}} tenant=<default> businessId="" within 15s
            200 application/json
            {"processDefinitionId":"order","processDefinitionVersion":3,"tenantId":"<default>","variables":{},"processDefinitionKey":"2251799813685255","processInstanceKey":"4503599627370504","tags":["fast"],"businessId":"o-1"}"#]],
    );
    check(
        "POST /v2/process-instances",
        r#" {"processDefinitionKey":"2251799813685255","processDefinitionVersion":-1,"variables":null,"tenantId":"<default>",
            "startInstructions":[{"elementId":"s"}],
            "runtimeInstructions":[{"type":"TERMINATE_PROCESS_INSTANCE","afterElementId":"t"},{"afterElementId":"u"}],
            "tags":["x"],"businessId":"b\u00e9","operationReference":12,"awaitCompletion":false,"requestTimeout":0,
            "fetchVariables":[]} "#,
        created(),
        expect![[r#"
            2: CREATE 0 definition 2251799813685255 {} start=["s"] terminateAfter=["t", "u"] tags=["x"] tenant=<default> businessId="bé" operationReference=12 within 15s
            200 application/json
            {"processDefinitionId":"order","processDefinitionVersion":3,"tenantId":"<default>","variables":{},"processDefinitionKey":"2251799813685255","processInstanceKey":"4503599627370504","tags":["fast"],"businessId":"o-1"}"#]],
    );
    let result =
        Reply::ProcessInstanceResult { instance: instance(), variables: Bytes::from_static(b"{\"r\": 1.0}") };
    check(
        "POST /v2/process-instances",
        r#"{"processDefinitionId":"order","processDefinitionVersion":2,"awaitCompletion":true,"fetchVariables":["r"],"requestTimeout":500}"#,
        Ok(result),
        expect![[r#"
            2: CREATE_WITH_AWAITING_RESULT 0 "order" version 2 {} tenant=<default> businessId="" await ["r"] within 500ms
            200 application/json
            {"processDefinitionId":"order","processDefinitionVersion":3,"tenantId":"<default>","variables":{"r": 1.0},"processDefinitionKey":"2251799813685255","processInstanceKey":"4503599627370504","tags":["fast"],"businessId":"o-1"}"#]],
    );
    let bare = ringbolt_record::reply::ProcessInstanceReply {
        tags: Vec::new(),
        business_id: String::new(),
        ..instance()
    };
    check(
        "POST /v2/process-instances",
        r#"{"processDefinitionId":"order"}"#,
        Ok(Reply::ProcessInstanceCreated(bare)),
        expect![[r#"
            2: CREATE 0 latest "order" {} tenant=<default> businessId="" within 15s
            200 application/json
            {"processDefinitionId":"order","processDefinitionVersion":3,"tenantId":"<default>","variables":{},"processDefinitionKey":"2251799813685255","processInstanceKey":"4503599627370504","tags":[],"businessId":null}"#]],
    );
}

#[test]
fn what_the_engine_refuses_is_a_problem() {
    let create = r#"{"processDefinitionId":"order"}"#;
    check(
        "POST /v2/process-instances",
        create,
        Err(Refusal::Rejected(Rejection::new(RejectionType::NotFound, "Expected to find \"it\""))),
        expect![[r#"
            2: CREATE 0 latest "order" {} tenant=<default> businessId="" within 15s
            404 application/problem+json
            {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Command 'CREATE' rejected with code 'NOT_FOUND': Expected to find \"it\"","instance":"/v2/process-instances"}"#]],
    );
    check(
        "POST /v2/process-instances",
        create,
        Err(Refusal::Overloaded { retry_after: std::time::Duration::from_millis(1500) }),
        expect![[r#"
            2: CREATE 0 latest "order" {} tenant=<default> businessId="" within 15s
            503 application/problem+json retry-after: 2
            {"type":"about:blank","title":"RESOURCE_EXHAUSTED","status":503,"detail":"Expected to handle command 'CREATE', but the partition is overloaded; try again in 1500 ms","instance":"/v2/process-instances"}"#]],
    );
    check(
        "POST /v2/process-instances",
        create,
        Ok(Reply::Done),
        expect![[r#"
        2: CREATE 0 latest "order" {} tenant=<default> businessId="" within 15s
        500 application/problem+json
        {"type":"about:blank","title":"INTERNAL","status":500,"detail":"Unexpected error occurred during the request processing: the answer was nothing","instance":"/v2/process-instances"}"#]],
    );
}

#[test]
fn bodies_that_name_no_definition() {
    problems(
        "POST /v2/process-instances",
        &[
            "",
            " ",
            "{",
            "[]",
            "null",
            "{}",
            "{\"processDefinitionId\":\"\"}",
            "{\"processDefinitionId\":\"a\",\"processDefinitionKey\":\"1\"}",
            "{\"processDefinitionId\":7}",
            "{\"processDefinitionKey\":7}",
            "{\"processDefinitionKey\":\"order\"}",
            "{\"processDefinitionKey\":\"1\",\"processDefinitionVersion\":3,\"operationReference\":0,\"businessId\":\" \"}",
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            < > is
                400 Bad Request: Required request body is missing
            <{> is
                400 Bad Request: Failed to read request: expected a name in quotes at byte 2
            <[]> is
                400 Bad Request: Failed to read request: expected a JSON object, but found an array
            <null> is
                400 INVALID_ARGUMENT: At least one of [processDefinitionId, processDefinitionKey] is required.
            <{}> is
                400 INVALID_ARGUMENT: At least one of [processDefinitionId, processDefinitionKey] is required.
            <{"processDefinitionId":""}> is
                400 INVALID_ARGUMENT: At least one of [processDefinitionId, processDefinitionKey] is required.
            <{"processDefinitionId":"a","processDefinitionKey":"1"}> is
                400 INVALID_ARGUMENT: Only one of [processDefinitionId, processDefinitionKey] is allowed.
            <{"processDefinitionId":7}> is
                400 Bad Request: Request property [processDefinitionId] cannot be parsed: expected a string
            <{"processDefinitionKey":7}> is
                400 Bad Request: Request property [processDefinitionKey] cannot be parsed: expected a string
            <{"processDefinitionKey":"order"}> is
                400 INVALID_ARGUMENT: The provided processDefinitionKey 'order' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?.
            <{"processDefinitionKey":"1","processDefinitionVersion":3,"operationReference":0,"businessId":" "}> is
                400 INVALID_ARGUMENT: The value for operationReference is '0' but must be > 0. No businessId provided. processDefinitionVersion can only be set when using processDefinitionId.
        "#]],
    );
}

#[test]
fn properties_that_make_no_instance() {
    problems(
        "POST /v2/process-instances",
        &[
            "{\"processDefinitionId\":\"a\",\"processDefinitionVersion\":\"1\"}",
            "{\"processDefinitionId\":\"a\",\"processDefinitionVersion\":1.5}",
            "{\"processDefinitionId\":\"a\",\"processDefinitionVersion\":3000000000}",
            "{\"processDefinitionId\":\"a\",\"variables\":[]}",
            "{\"processDefinitionId\":\"a\",\"variables\":\"{}\"}",
            "{\"processDefinitionId\":\"a\",\"__unexpectedField\":\"x\"}",
            "{\"processDefinitionId\":\"a\",\"awaitCompletion\":\"true\"}",
            "{\"processDefinitionId\":\"a\",\"fetchVariables\":\"x\"}",
            "{\"processDefinitionId\":\"a\",\"tags\":[1]}",
            "{\"processDefinitionId\":\"a\",\"tags\":[\"1x\"]}",
            "{\"processDefinitionId\":\"a\",\"startInstructions\":[{}]}",
            "{\"processDefinitionId\":\"a\",\"startInstructions\":[{\"elementId\":\"a\",\"x\":1}]}",
            "{\"processDefinitionId\":\"a\",\"runtimeInstructions\":[{\"type\":\"JUMP\",\"afterElementId\":\"a\"}]}",
            "{\"processDefinitionId\":\"a\",\"tenantId\":\"acme\"}",
        ],
        expect![[r#"
            <{"processDefinitionId":"a","processDefinitionVersion":"1"}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","processDefinitionVersion":1.5}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","processDefinitionVersion":3000000000}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","variables":[]}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'.
            <{"processDefinitionId":"a","variables":"{}"}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'STRING'.
            <{"processDefinitionId":"a","__unexpectedField":"x"}> is
                400 Bad Request: Request property [__unexpectedField] cannot be parsed: there is no such property
            <{"processDefinitionId":"a","awaitCompletion":"true"}> is
                400 Bad Request: Request property [awaitCompletion] cannot be parsed: expected true or false
            <{"processDefinitionId":"a","fetchVariables":"x"}> is
                400 Bad Request: Request property [fetchVariables] cannot be parsed: expected an array of strings
            <{"processDefinitionId":"a","tags":[1]}> is
                400 Bad Request: Request property [tags] cannot be parsed: expected an array of strings
            <{"processDefinitionId":"a","tags":["1x"]}> is
                400 INVALID_ARGUMENT: The provided tag '1x' is not valid. Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It must not be blank and must be 100 characters or less.
            <{"processDefinitionId":"a","startInstructions":[{}]}> is
                400 INVALID_ARGUMENT: No elementId provided in 'startInstructions[0]'.
            <{"processDefinitionId":"a","startInstructions":[{"elementId":"a","x":1}]}> is
                400 Bad Request: Request property [startInstructions[0].x] cannot be parsed: there is no such property
            <{"processDefinitionId":"a","runtimeInstructions":[{"type":"JUMP","afterElementId":"a"}]}> is
                400 INVALID_ARGUMENT: Cannot map value 'JUMP' for type 'runtimeInstructions'. Use any of the following values: [TERMINATE_PROCESS_INSTANCE].
            <{"processDefinitionId":"a","tenantId":"acme"}> is
                400 INVALID_ARGUMENT: Expected to handle request Create Process Instance with tenant identifier 'acme', but multi-tenancy is disabled
        "#]],
    );
}

#[test]
fn the_other_commands() {
    let key = Key::new(PartitionId(2), 8);
    let done = || Ok(Reply::Done);
    check(
        &format!("POST /v2/process-instances/{key}/cancellation"),
        "",
        done(),
        expect![[r#"
        2: CANCEL 4503599627370504 within 15s
        204"#]],
    );
    check(
        &format!("POST /v2/process-instances/{key}/cancellation"),
        r#"{"operationReference":5}"#,
        done(),
        expect![[r#"
            2: CANCEL 4503599627370504 operationReference=5 within 15s
            204"#]],
    );
    check(
        &format!("POST /v2/process-instances/{key}/business-id-assignment"),
        r#"{"businessId":"b\u00e9"}"#,
        done(),
        expect![[r#"
            2: ASSIGN 4503599627370504 businessId="bé" within 15s
            204"#]],
    );
    for (path, command) in [
        (format!("/v2/process-instances/{key}/suspension"), "SUSPEND"),
        (format!("/v2/process-instances/{key}/resumption"), "RESUME"),
    ] {
        let (broker, rest) = rest();
        broker.answer(done());
        let answer = ask(&rest, "POST", &path, JSON, br#"{"operationReference":5}"#);
        let log = format!("2: {command} 4503599627370504 operationReference=5 within 15s\n");
        assert_eq!((broker.take_log(), answer.status), (log, 204));
    }
    check(
        &format!("POST /v2/incidents/{key}/resolution"),
        "null",
        done(),
        expect![[r#"
        2: RESOLVE 4503599627370504 within 15s
        204"#]],
    );
    check(
        &format!("PUT /v2/element-instances/{key}/variables"),
        r#"{"variables":{"a":1},"local":true}"#,
        Ok(Reply::VariablesSet { key }),
        expect![[r#"
            2: UPDATE 4503599627370504 Local {a=1} within 15s
            204"#]],
    );
}

#[test]
fn bodies_of_other_commands_that_are_wrong() {
    let key = Key::new(PartitionId(2), 8);
    problems(
        &format!("PUT /v2/element-instances/{key}/variables"),
        &[
            "",
            "{}",
            "{\"variables\":{ }}",
            "{\"variables\":null,\"operationReference\":-1}",
            "{\"variables\":{\"a\":1},\"local\":1}",
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: No variables provided.
            <{"variables":{ }}> is
                400 INVALID_ARGUMENT: No variables provided.
            <{"variables":null,"operationReference":-1}> is
                400 INVALID_ARGUMENT: The value for operationReference is '-1' but must be > 0. No variables provided.
            <{"variables":{"a":1},"local":1}> is
                400 Bad Request: Request property [local] cannot be parsed: expected true or false
        "#]],
    );
    problems(
        &format!("POST /v2/incidents/{key}/resolution"),
        &["{\"operationReference\":\"1\"}", "{\"x\":1}"],
        expect![[r#"
            <{"operationReference":"1"}> is
                400 Bad Request: Request property [operationReference] cannot be parsed: expected a whole number of 64 bits
            <{"x":1}> is
                400 Bad Request: Request property [x] cannot be parsed: there is no such property
        "#]],
    );
}
