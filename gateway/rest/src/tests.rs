//! Requests against a scripted broker: what reaches the engine, what the client gets.

use crate::{Answer, AnswerBody, Head, OPERATIONS, OWN_OPERATIONS, Rest, Route, route};
use bytes::Bytes;
use expect_test::{Expect, expect};
use ringbolt_api::fake::{FakeBroker, FakeStream, deployment, instance, job, run};
use ringbolt_api::{JobStream, Limits, Refusal};
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{Key, PartitionId, Rejection, RejectionType, Reply};
use std::fmt::Write as _;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

const JSON: Option<&str> = Some("application/json");

fn rest() -> (FakeBroker, Rest<FakeBroker>) {
    let broker = FakeBroker::new();
    (broker.clone(), Rest::new(broker, Rc::new(Limits::default())))
}

fn ask(
    rest: &Rest<FakeBroker>,
    method: &str,
    path: &str,
    content_type: Option<&str>,
    body: &[u8],
) -> Answer<FakeStream> {
    let head = Head { path, content_type: content_type.map(str::as_bytes), traceparent: None };
    run(rest.answer(method, route(method, path), head, Bytes::copy_from_slice(body)))
}

fn show(answer: Answer<FakeStream>) -> String {
    let mut shown = format!("{}", answer.status);
    for part in
        [answer.content_type.map(str::to_owned), answer.extra.map(|(name, value)| format!("{name}: {value}"))]
    {
        let _ = part.map(|part| write!(shown, " {part}"));
    }
    match answer.body {
        AnswerBody::Empty => {}
        AnswerBody::Document(document) => {
            let _ = write!(shown, "\n{}", String::from_utf8_lossy(&document));
            serde_json::from_slice::<serde_json::Value>(&document).expect("the document is JSON");
        }
        AnswerBody::Jobs(mut jobs) => {
            while let Poll::Ready(Some(job)) = jobs.poll_next(&mut Context::from_waker(Waker::noop())) {
                let line = crate::stream::job_line(&job);
                let _ = write!(shown, "\n{}", String::from_utf8_lossy(&line).escape_debug());
            }
        }
    }
    shown
}

/// The engine's view of a request, and the client's. `request` is method and path.
fn check(request: &str, body: &str, answer: Result<Reply, Refusal>, expected: Expect) {
    let (broker, rest) = rest();
    broker.answer(answer);
    let (method, path) = request.split_once(' ').expect("method and path");
    let shown = show(ask(&rest, method, path, JSON, body.as_bytes()));
    expected.assert_eq(&format!("{}{shown}", broker.take_log()));
}

/// Status and detail of the problem that a body is.
fn problem(request: &str, body: &[u8]) -> String {
    let (broker, rest) = rest();
    let (method, path) = request.split_once(' ').expect("method and path");
    let answer = ask(&rest, method, path, JSON, body);
    assert_eq!(broker.take_log(), "", "the engine was asked: {}", String::from_utf8_lossy(body));
    let AnswerBody::Document(document) = &answer.body else { panic!("no problem for {body:?}") };
    let document: serde_json::Value = serde_json::from_slice(document).expect("the document is JSON");
    assert_eq!((&document["type"], &document["instance"]), (&"about:blank".into(), &path.into()));
    assert_eq!(document["status"], answer.status);
    assert_eq!(answer.content_type, Some("application/problem+json"));
    let text = |name: &str| document[name].as_str().expect("a text").to_owned();
    format!("{} {}: {}", answer.status, text("title"), text("detail"))
}

fn problems(request: &str, bodies: &[&str], expected: Expect) {
    let shown: String = bodies
        .iter()
        .map(|body| format!("<{body}> is\n    {}\n", problem(request, body.as_bytes())))
        .collect();
    expected.assert_eq(&shown);
}

fn job_path(rest: &str) -> String {
    format!("/v2/jobs/{}{rest}", Key::new(PartitionId(2), 7))
}

#[test]
fn the_cluster() {
    check(
        "GET /v2/topology",
        "",
        Ok(Reply::Done),
        expect![[r#"
        200 application/json ringbolt-version: 0.1.0
        {"brokers":[{"nodeId":0,"host":"127.0.0.1","port":26501,"partitions":[{"partitionId":1,"role":"leader","health":"healthy"},{"partitionId":2,"role":"follower","health":"unhealthy"},{"partitionId":3,"role":"inactive","health":"dead"}],"version":"8.9.0"}],"clusterId":"c0ffee","clusterSize":1,"partitionsCount":3,"replicationFactor":1,"gatewayVersion":"8.9.0","lastCompletedChangeId":"-1"}"#]],
    );
    check("GET /v2/status", "", Ok(Reply::Done), expect!["204"]);
    check(
        "GET /v2/license",
        "",
        Ok(Reply::Done),
        expect![[r#"
        200 application/json
        {"validLicense":true,"licenseType":"apache-2.0","isCommercial":false,"expiresAt":null}"#]],
    );
}

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
fn bodies_that_make_no_instance() {
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
            <> is
                400 Bad Request: Required request body is missing
            < > is
                400 Bad Request: Required request body is missing
            <{> is
                400 Bad Request: Failed to read request: Expected this character to be either a ',' or a '}' while parsing at line 1 column 1
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
                400 INVALID_ARGUMENT: processDefinitionVersion can only be set when using processDefinitionId. No businessId provided. The value for operationReference is '0' but must be > 0.
            <{"processDefinitionId":"a","processDefinitionVersion":"1"}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","processDefinitionVersion":1.5}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","processDefinitionVersion":3000000000}> is
                400 Bad Request: Request property [processDefinitionVersion] cannot be parsed: expected a whole number of 32 bits
            <{"processDefinitionId":"a","variables":[]}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'
            <{"processDefinitionId":"a","variables":"{}"}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'STRING'
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
                400 Bad Request: Request property [startInstructions] cannot be parsed: missing field `elementId`
            <{"processDefinitionId":"a","startInstructions":[{"elementId":"a","x":1}]}> is
                400 Bad Request: Request property [startInstructions] cannot be parsed: unknown field `x`, expected `elementId`
            <{"processDefinitionId":"a","runtimeInstructions":[{"type":"JUMP","afterElementId":"a"}]}> is
                400 Bad Request: Cannot map value 'JUMP' for type 'runtimeInstructions'. Use any of the following values: [TERMINATE_PROCESS_INSTANCE]
            <{"processDefinitionId":"a","tenantId":"acme"}> is
                400 INVALID_ARGUMENT: Expected to handle request Create Process Instance with tenant identifier 'acme', but multi-tenancy is disabled
        "#]],
    );
}

#[test]
fn ending_jobs() {
    let done = || Ok(Reply::Done);
    check(
        &format!("POST {}", job_path("/completion")),
        "",
        done(),
        expect![[r#"
        2: COMPLETE 4503599627370503 {} within 15s
        204"#]],
    );
    check(
        &format!("POST {}", job_path("/completion")),
        r#"{"variables":{"a":1},"result":null}"#,
        done(),
        expect![[r#"
            2: COMPLETE 4503599627370503 {a=1} within 15s
            204"#]],
    );
    check(
        &format!("POST {}", job_path("/failure")),
        "{}",
        done(),
        expect![[r#"
        2: FAIL 4503599627370503 retries=0 backoff=0 message="" {} within 15s
        204"#]],
    );
    check(
        &format!("POST {}", job_path("/failure")),
        r#"{"retries":2,"errorMessage":"a\nb","retryBackOff":30,"variables":{"a":1}}"#,
        done(),
        expect![[r#"
            2: FAIL 4503599627370503 retries=2 backoff=30 message="a\nb" {a=1} within 15s
            204"#]],
    );
    check(
        &format!("POST {}", job_path("/error")),
        r#"{"errorCode":"c","errorMessage":null,"variables":{"a":1}}"#,
        done(),
        expect![[r#"
            2: THROW_ERROR 4503599627370503 code="c" message="" {a=1} within 15s
            204"#]],
    );
    check(
        &format!("PATCH {}", job_path("")),
        r#"{"changeset":{"retries":9,"timeout":null},"operationReference":3}"#,
        done(),
        expect![[r#"
            2: UPDATE 4503599627370503 retries=Some(9) timeout=None operationReference=3 within 15s
            204"#]],
    );
    check(
        "POST /v2/jobs/7/completion",
        "",
        done(),
        expect![[r#"
        404 application/problem+json
        {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Command 'COMPLETE' rejected with code 'NOT_FOUND': Expected to complete job with key '7', but no such job was found","instance":"/v2/jobs/7/completion"}"#]],
    );
    problems(
        "POST /v2/jobs/x/completion",
        &[""],
        expect![[r#"
            <> is
                400 Bad Request: Failed to convert 'jobKey' with value: 'x'
        "#]],
    );
    problems(
        &format!("POST {}", job_path("/completion")),
        &["{\"result\":{\"type\":\"userTask\"}}", "{\"variables\":1}", "{\"x\":1}"],
        expect![[r#"
            <{"result":{"type":"userTask"}}> is
                501 UNIMPLEMENTED: Expected to complete a job with its variables, but 'result' was given: results of listeners and ad-hoc sub-processes are not supported yet
            <{"variables":1}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'INTEGER'
            <{"x":1}> is
                400 Bad Request: Request property [x] cannot be parsed: there is no such property
        "#]],
    );
    problems(
        &format!("POST {}", job_path("/error")),
        &["", "{}", "{\"errorCode\":\"  \"}"],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: No errorCode provided.
            <{"errorCode":"  "}> is
                400 INVALID_ARGUMENT: No errorCode provided.
        "#]],
    );
    problems(
        &format!("PATCH {}", job_path("")),
        &[
            "",
            "{}",
            "{\"changeset\":{}}",
            "{\"changeset\":[]}",
            "{\"changeset\":{\"retries\":\"3\"}}",
            "{\"changeset\":{\"x\":1}}",
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: At least one of [retries, timeout] is required.
            <{"changeset":{}}> is
                400 INVALID_ARGUMENT: At least one of [retries, timeout] is required.
            <{"changeset":[]}> is
                400 Bad Request: Request property [changeset] cannot be parsed: expected an object
            <{"changeset":{"retries":"3"}}> is
                400 Bad Request: Request property [changeset.retries] cannot be parsed: expected a whole number of 32 bits
            <{"changeset":{"x":1}}> is
                400 Bad Request: Request property [changeset.x] cannot be parsed: there is no such property
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
                400 INVALID_ARGUMENT: No variables provided. The value for operationReference is '-1' but must be > 0.
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

#[test]
fn activating_jobs() {
    let (broker, rest) = rest();
    let body = r#"{"type":"pay","worker":"w","timeout":1000,"maxJobsToActivate":3,"requestTimeout":-1,"fetchVariable":["x"],
                   "tenantIds":["<default>"],"tenantFilter":"PROVIDED"}"#;
    let mut shown = String::new();
    let mut note = |broker: &FakeBroker, answer| {
        let _ = write!(shown, "{}{}\n\n", show(answer), broker.take_log());
    };
    let poll = || ask(&rest, "POST", "/v2/jobs/activation", JSON, body.as_bytes());
    note(&broker, poll());
    broker.batch(Err(Refusal::DiskFull));
    note(&broker, poll());
    broker.batch(Ok(JobBatch { jobs: vec![job(1)], truncated: false }));
    broker.batch(Ok(JobBatch { jobs: vec![job(2)], truncated: true }));
    broker.batch(Err(Refusal::DiskFull));
    note(&broker, poll());
    expect![[r#"
        200 application/json
        {"jobs":[]}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"] } None
        poll dropped, 0 of 0 delivered


        503 application/problem+json
        {"type":"about:blank","title":"RESOURCE_EXHAUSTED","status":503,"detail":"Expected to handle command 'ACTIVATE', but the server's disk is full; new work is accepted again as soon as there is space","instance":"/v2/jobs/activation"}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"] } None
        poll dropped, 0 of 0 delivered


        200 application/json
        {"jobs":[{"type":"pay","processDefinitionId":"order","processDefinitionVersion":3,"elementId":"task","customHeaders":{"a":"b"},"worker":"w\n1","retries":3,"deadline":1700000000123,"variables":{"x": [1, 2.50]},"tenantId":"<default>","jobKey":"4503599627370497","processInstanceKey":"4503599627370504","rootProcessInstanceKey":"4503599627370504","processDefinitionKey":"2251799813685255","elementInstanceKey":"4503599627370505","kind":"BPMN_ELEMENT","listenerEventType":"UNSPECIFIED","userTask":null,"tags":["fast"]},{"type":"pay","processDefinitionId":"order","processDefinitionVersion":3,"elementId":"task","customHeaders":{"a":"b"},"worker":"w\n1","retries":3,"deadline":1700000000123,"variables":{"x": [1, 2.50]},"tenantId":"<default>","jobKey":"4503599627370498","processInstanceKey":"4503599627370504","rootProcessInstanceKey":"4503599627370504","processDefinitionKey":"2251799813685255","elementInstanceKey":"4503599627370505","kind":"BPMN_ELEMENT","listenerEventType":"UNSPECIFIED","userTask":null,"tags":["fast"]}]}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"] } None
        poll dropped, 2 of 2 delivered


    "#]].assert_eq(&shown);
    problems(
        "POST /v2/jobs/activation",
        &[
            "",
            "[]",
            "{}",
            "{\"type\":\" \",\"timeout\":0,\"maxJobsToActivate\":0}",
            "{\"type\":\"x\",\"timeout\":1,\"maxJobsToActivate\":\"not-a-number\"}",
            "{\"type\":\"x\",\"timeout\":1,\"maxJobsToActivate\":1,\"tenantFilter\":\"ASSIGNED\"}",
            "{\"type\":\"x\",\"timeout\":1,\"maxJobsToActivate\":1,\"tenantFilter\":\"SOME\"}",
            "{\"type\":\"x\",\"timeout\":1,\"maxJobsToActivate\":1,\"tenantIds\":[\"a\",\"b\"]}",
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <[]> is
                400 Bad Request: Failed to read request: expected a JSON object, but found an array
            <{}> is
                400 INVALID_ARGUMENT: No type provided. No timeout provided. No maxJobsToActivate provided.
            <{"type":" ","timeout":0,"maxJobsToActivate":0}> is
                400 INVALID_ARGUMENT: No type provided. The value for timeout is '0' but must be greater than 0. The value for maxJobsToActivate is '0' but must be greater than 0.
            <{"type":"x","timeout":1,"maxJobsToActivate":"not-a-number"}> is
                400 Bad Request: Request property [maxJobsToActivate] cannot be parsed: expected a whole number of 32 bits
            <{"type":"x","timeout":1,"maxJobsToActivate":1,"tenantFilter":"ASSIGNED"}> is
                400 INVALID_ARGUMENT: Expected to handle request Activate Jobs with ASSIGNED tenant filter, but multi-tenancy is disabled
            <{"type":"x","timeout":1,"maxJobsToActivate":1,"tenantFilter":"SOME"}> is
                400 Bad Request: Request property [tenantFilter] cannot be parsed: use any of the values [PROVIDED, ASSIGNED]
            <{"type":"x","timeout":1,"maxJobsToActivate":1,"tenantIds":["a","b"]}> is
                400 INVALID_ARGUMENT: Expected to handle request Activate Jobs with tenant identifier 'a', but multi-tenancy is disabled
        "#]],
    );
}

#[test]
fn streaming_jobs() {
    let (broker, rest) = rest();
    broker.push(ringbolt_record::reply::ActivatedJob {
        variables: Bytes::from_static(b"{\"x\":\r\n 1}"),
        ..job(1)
    });
    let body = r#"{"type":"pay","worker":"w","timeout":1000,"fetchVariable":["x"]}"#;
    let shown = show(ask(&rest, "POST", "/v2/jobs/streaming", JSON, body.as_bytes()));
    expect![[r#"
        200 application/x-ndjson
        {\"type\":\"pay\",\"processDefinitionId\":\"order\",\"processDefinitionVersion\":3,\"elementId\":\"task\",\"customHeaders\":{\"a\":\"b\"},\"worker\":\"w\\n1\",\"retries\":3,\"deadline\":1700000000123,\"variables\":{\"x\":   1},\"tenantId\":\"<default>\",\"jobKey\":\"4503599627370497\",\"processInstanceKey\":\"4503599627370504\",\"rootProcessInstanceKey\":\"4503599627370504\",\"processDefinitionKey\":\"2251799813685255\",\"elementInstanceKey\":\"4503599627370505\",\"kind\":\"BPMN_ELEMENT\",\"listenerEventType\":\"UNSPECIFIED\",\"userTask\":null,\"tags\":[\"fast\"]}\n
        stream JobStreamSpec { job_type: "pay", worker: "w", timeout: 1s, fetch_variables: ["x"], tenant_ids: ["<default>"] }
        stream dropped, back go [4503599627370497]
    "#]].assert_eq(&format!("{shown}\n{}", broker.take_log()));
    problems(
        "POST /v2/jobs/streaming",
        &["", "{}", "{\"type\":\"x\",\"timeout\":1,\"maxJobsToActivate\":1}"],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: No type provided. No timeout provided.
            <{"type":"x","timeout":1,"maxJobsToActivate":1}> is
                400 Bad Request: Request property [maxJobsToActivate] cannot be parsed: there is no such property
        "#]],
    );
}

const BOUNDARY: &str = "--------------------------x1";

fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (headers, content) in parts {
        let _ = write!(body, "--{BOUNDARY}\r\n{headers}\r\n\r\n{content}\r\n");
    }
    let _ = write!(body, "--{BOUNDARY}--\r\n");
    body.into_bytes()
}

fn deploy(content_type: &str, body: &[u8]) -> String {
    let (broker, rest) = rest();
    broker.answer(Ok(Reply::Deployed(deployment())));
    let shown = show(ask(&rest, "POST", "/v2/deployments", Some(content_type), body));
    format!("{}{shown}\n", broker.take_log())
}

#[test]
fn deployments_are_forms() {
    let content_type = format!("multipart/form-data; charset=ISO-8859-1; boundary={BOUNDARY}");
    let file = "Content-Disposition: form-data; name=\"resources\"; filename=\"größe 1.bpmn\"";
    let tenant = "Content-Disposition: form-data; name=\"tenantId\"";
    let other = "Content-Disposition: form-data; name=\"other\"; filename=\"z\"\r\nContent-Type: text/plain";
    let mut shown = String::new();
    for (content_type, body) in [
        (content_type.as_str(), form(&[(file, "<a/>"), (file, ""), (tenant, "<default>"), (other, "q")])),
        (&content_type, form(&[(file, "<a/>"), (tenant, "acme")])),
        (&content_type, form(&[(tenant, "<default>")])),
        (&content_type, form(&[("Content-Disposition: form-data; name=\"resources\"", "<a/>")])),
        (&content_type, form(&[(tenant, &"x".repeat(2000))])),
        (&content_type, form(&[(other, ""); 300])),
        (&content_type, form(&[(file, "<a/>")])[..120].to_vec()),
        (&content_type, Vec::new()),
        ("multipart/form-data", form(&[(file, "<a/>")])),
        ("application/json", b"{}".to_vec()),
    ] {
        shown.push_str(&deploy(content_type, &body));
    }
    expect![[r#"
        1: CREATE 0 "größe 1.bpmn"=4 bytes "größe 1.bpmn"=0 bytes tenant=<default> within 15s
        200 application/json
        {"deploymentKey":"2251799813685253","tenantId":"<default>","deployments":[{"processDefinition":{"processDefinitionId":"order","processDefinitionVersion":3,"resourceName":"order \"v3\".bpmn","tenantId":"<default>","processDefinitionKey":"2251799813685255"},"decisionDefinition":null,"decisionRequirements":null,"form":null,"resource":null}]}
        400 application/problem+json
        {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"Expected to handle request Deploy Resources with tenant identifier 'acme', but multi-tenancy is disabled","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Required part 'resources' is not present.","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"A part 'resources' has no file name.","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to parse multipart request: field \"tenantId\" exceeded the size limit: 1024 bytes","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"The form has more than 272 parts.","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to parse multipart request: field \"resources\" received with incomplete data","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to parse multipart request: incomplete multipart stream","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to parse multipart request: multipart boundary not found in Content-Type","instance":"/v2/deployments"}
        415 application/problem+json
        {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"Content-Type 'application/json' is not supported.","instance":"/v2/deployments"}
    "#]].assert_eq(&shown);
}

#[test]
fn content_types() {
    let (_, rest) = rest();
    let path = job_path("/completion");
    let status = |content_type, body: &[u8]| ask(&rest, "POST", &path, content_type, body).status;
    for accepted in [
        "application/json",
        "Application/JSON ; charset=utf-8",
        "application/vnd.camunda.api.keys.string+json",
    ] {
        assert_eq!(status(Some(accepted), b"{}"), 204, "{accepted}");
    }
    assert_eq!(status(None, b""), 204);
    for refused in
        ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx", "application/"]
    {
        assert_eq!(status(Some(refused), b"{}"), 415, "{refused}");
    }
    let shown = show(ask(&rest, "POST", &path, None, b"{}"));
    expect![[r#"
        415 application/problem+json
        {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"Content-Type 'null' is not supported.","instance":"/v2/jobs/4503599627370503/completion"}"#]].assert_eq(&shown);
}

#[test]
fn every_operation_of_the_protocol_is_answered_or_refused_by_name() {
    let mut answered = Vec::new();
    for operation in OPERATIONS {
        let path: Vec<&str> =
            operation.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        match route(operation.method, &format!("/v2{}", path.join("/"))) {
            Route::NotImplemented(found) => assert_eq!(found, operation),
            Route::MethodNotAllowed(_) | Route::NotFound => panic!("{operation:?} is not found"),
            _ => answered.push(operation.name),
        }
    }
    assert_eq!((OPERATIONS.len(), OWN_OPERATIONS.len()), (184, 1));
    expect!["createDeployment createElementInstanceVariables resolveIncident activateJobs updateJob completeJob throwJobError failJob getLicense createProcessInstance cancelProcessInstance getStatus getTopology"].assert_eq(&answered.join(" "));
    assert_eq!(route("HEAD", "/v2/topology"), Route::GetTopology);
    for (request, expected) in [
        ("POST /v2/topology", "GET"),
        ("GET /v2/jobs/activation", "POST, PATCH"),
        ("DELETE /v2/jobs/1", "PATCH"),
        ("GET /v2/jobs/streaming", "PATCH, POST"),
    ] {
        let (method, path) = request.split_once(' ').expect("method and path");
        assert_eq!(route(method, path), Route::MethodNotAllowed(expected.to_owned()), "{request}");
    }
    for path in [
        "/",
        "/v2",
        "/v2/",
        "/v2/topology/",
        "/v2//topology",
        "/v1/topology",
        "/v2/jobs//completion",
        "/v2/a/b/c/d/e/f",
    ] {
        assert_eq!(route("GET", path), Route::NotFound, "{path}");
    }
    check(
        "POST /v2/users/search",
        "{",
        Ok(Reply::Done),
        expect![[r#"
        501 application/problem+json
        {"type":"about:blank","title":"UNIMPLEMENTED","status":501,"detail":"The operation searchUsers (POST /v2/users/search) is not implemented yet","instance":"/v2/users/search"}"#]],
    );
    check(
        "PUT /v2/topology",
        "",
        Ok(Reply::Done),
        expect![[r#"
        405 application/problem+json allow: GET
        {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Method 'PUT' is not supported.","instance":"/v2/topology"}"#]],
    );
    check(
        "GET /v2/nope\"",
        "",
        Ok(Reply::Done),
        expect![[r#"
        404 application/problem+json
        {"type":"about:blank","title":"Not Found","status":404,"detail":"No endpoint GET /v2/nope\".","instance":"/v2/nope\""}"#]],
    );
}

/// A deterministic stream of numbers.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Some bytes changed, some cut off.
    fn spoil(&mut self, valid: &[u8]) -> Vec<u8> {
        const LIKELY: &[u8] = b"{}[]\",:\\0u\r\n- e.\xff\xc3";
        let mut bytes = valid.to_vec();
        for _ in 0..=self.next() % 3 {
            let at = self.next() as usize % bytes.len();
            bytes[at] = LIKELY[self.next() as usize % LIKELY.len()];
        }
        if self.next().is_multiple_of(4) {
            bytes.truncate(self.next() as usize % bytes.len());
        }
        bytes
    }
}

#[test]
fn garbage_is_answered_in_kind() {
    let (broker, rest) = rest();
    let mut noise = Noise(0x5eed);
    let requests: [(&str, String, &[u8]); 5] = [
        ("POST", "/v2/process-instances".to_owned(), br#"{"processDefinitionId":"a\n","variables":{"a":[1,{"b":"c"}]},"tags":["x"],"startInstructions":[{"elementId":"e"}]}"#),
        ("POST", "/v2/jobs/activation".to_owned(), br#"{"type":"x","timeout":1,"maxJobsToActivate":1,"fetchVariable":["a"]}"#),
        ("POST", job_path("/failure"), br#"{"retries":1,"errorMessage":"\ud83d\ude00","retryBackOff":1,"variables":{"a":1.5e3}}"#),
        ("PATCH", job_path(""), br#"{"changeset":{"retries":1},"operationReference":1}"#),
        ("POST", "/v2/messages/publication".to_owned(), b"{}"),
    ];
    let mut statuses = [0usize; 6];
    for _ in 0..4_000 {
        for (method, path, valid) in &requests {
            let answer = ask(&rest, method, path, JSON, &noise.spoil(valid));
            statuses[usize::from(answer.status / 100)] += 1;
            if let AnswerBody::Document(document) = &answer.body {
                serde_json::from_slice::<serde_json::Value>(document).expect("the document is JSON");
            }
        }
        broker.take_log();
    }
    assert!(statuses[2] > 100 && statuses[4] > 1_000 && statuses[5] > 0, "{statuses:?}");
    let deep = format!("{{\"variables\":{}}}", "[".repeat(1_000_000));
    expect!["400 Bad Request: Failed to read request: nested deeper than 256 levels"]
        .assert_eq(&problem("POST /v2/process-instances", deep.as_bytes()));
    let many = format!("{{{}}}", (0..70_000).map(|i| format!("\"v{i}\":1")).collect::<Vec<_>>().join(","));
    expect!["400 Bad Request: Failed to read request: too many properties"]
        .assert_eq(&problem("POST /v2/process-instances", many.as_bytes()));
}

#[test]
fn spoiled_forms_are_refused_or_deployed() {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let valid = form(&[("Content-Disposition: form-data; name=\"resources\"; filename=\"a.bpmn\"", "<a/>")]);
    let (broker, rest) = rest();
    let mut noise = Noise(0xf0);
    for _ in 0..5_000 {
        broker.answer(Ok(Reply::Deployed(deployment())));
        let answer = ask(&rest, "POST", "/v2/deployments", Some(&content_type), &noise.spoil(&valid));
        assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
        broker.take_log();
    }
}
