//! Jobs: activating, streaming, ending and changing them.

use super::{JSON, ask, check, job_path, problems, rest, show};
use bytes::Bytes;
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_api::fake::{FakeBroker, job};
use ringbolt_record::Reply;
use ringbolt_record::reply::{ActivatedJob, JobBatch};
use std::fmt::Write as _;

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
        &format!("POST {}", job_path("/completion")),
        r#"{"variables":{"a":1},"result":{"type":"adHocSubProcess","isCompletionConditionFulfilled":true,
            "activateElements":[{"elementId":"A","variables":{"b":[2]}},{"elementId":"B","variables":null}]}}"#,
        done(),
        expect![[r#"
            2: COMPLETE 4503599627370503 {a=1} activate "A" {b=[2]} activate "B" {} fulfilled within 15s
            204"#]],
    );
    check(
        "POST /v2/element-instances/ad-hoc-activities/4503599627370503/activation",
        r#"{"elements":[{"elementId":"A","variables":{"b":1}},{"elementId":"B"}],"cancelRemainingInstances":true}"#,
        done(),
        expect![[r#"
            2: ACTIVATE 0 4503599627370503 activate "A" {b=1} activate "B" {} cancel within 15s
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
            2: UPDATE 4503599627370503 retries=Some(9) timeout=None priority=None operationReference=3 within 15s
            204"#]],
    );
}

#[test]
fn bodies_that_end_no_job() {
    check(
        "POST /v2/jobs/7/completion",
        "",
        Ok(Reply::Done),
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
        &["{\"result\":{\"type\":\"adHocSubProcess\",\"x\":1}}", "{\"variables\":1}", "{\"x\":1}"],
        expect![[r#"
            <{"result":{"type":"adHocSubProcess","x":1}}> is
                400 Bad Request: Request property [result.x] cannot be parsed: there is no such property
            <{"variables":1}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'INTEGER'.
            <{"x":1}> is
                400 Bad Request: Request property [x] cannot be parsed: there is no such property
        "#]],
    );
    problems(
        "POST /v2/element-instances/ad-hoc-activities/4503599627370503/activation",
        &["{}", "{\"elements\":[]}", "{\"elements\":[{\"elementId\":\"A\"},{\"elementId\":\" \"},{}]}"],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No elements provided.
            <{"elements":[]}> is
                400 INVALID_ARGUMENT: No elements provided.
            <{"elements":[{"elementId":"A"},{"elementId":" "},{}]}> is
                400 INVALID_ARGUMENT: No elementId provided in 'elements[1]'. No elementId provided in 'elements[2]'.
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
}

#[test]
fn bodies_that_change_no_job() {
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
                400 INVALID_ARGUMENT: No changeset provided.
            <{"changeset":{}}> is
                400 INVALID_ARGUMENT: At least one of [retries, timeout, priority] is required.
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
        {"jobs":[]}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"], with_leases: false } None
        poll dropped, 0 of 0 delivered


        503 application/problem+json
        {"type":"about:blank","title":"RESOURCE_EXHAUSTED","status":503,"detail":"Expected to handle command 'ACTIVATE', but the server's disk is full; new work is accepted again as soon as there is space","instance":"/v2/jobs/activation"}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"], with_leases: false } None
        poll dropped, 0 of 0 delivered


        200 application/json
        {"jobs":[{"type":"pay","processDefinitionId":"order","processDefinitionVersion":3,"elementId":"task","customHeaders":{"a":"b"},"worker":"w\n1","retries":3,"deadline":1700000000123,"variables":{"x": [1, 2.50]},"tenantId":"<default>","jobKey":"4503599627370497","processInstanceKey":"4503599627370504","rootProcessInstanceKey":"4503599627370504","processDefinitionKey":"2251799813685255","elementInstanceKey":"4503599627370505","kind":"BPMN_ELEMENT","listenerEventType":"UNSPECIFIED","userTask":null,"tags":["fast"],"physicalTenantId":"default","businessId":"o-1","priority":0,"jobLeaseToken":null},{"type":"pay","processDefinitionId":"order","processDefinitionVersion":3,"elementId":"task","customHeaders":{"a":"b"},"worker":"w\n1","retries":3,"deadline":1700000000123,"variables":{"x": [1, 2.50]},"tenantId":"<default>","jobKey":"4503599627370498","processInstanceKey":"4503599627370504","rootProcessInstanceKey":"4503599627370504","processDefinitionKey":"2251799813685255","elementInstanceKey":"4503599627370505","kind":"BPMN_ELEMENT","listenerEventType":"UNSPECIFIED","userTask":null,"tags":["fast"],"physicalTenantId":"default","businessId":"o-1","priority":0,"jobLeaseToken":null}]}poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 3, bytes_max: 4194304, fetch_variables: ["x"], tenant_ids: ["<default>"], with_leases: false } None
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
                400 Bad Request: Cannot map value 'SOME' for type 'tenantFilter'. Use any of the following values: [ASSIGNED, PROVIDED]
            <{"type":"x","timeout":1,"maxJobsToActivate":1,"tenantIds":["a","b"]}> is
                400 INVALID_ARGUMENT: Expected to handle request Activate Jobs with tenant identifier 'a', but multi-tenancy is disabled
        "#]],
    );
}

#[test]
fn leases_and_priorities() {
    let mut shown = String::new();
    for (request, body) in [
        ("PATCH ", r#"{"changeset":{"priority":-2147483648},"jobLeaseToken":null}"#),
        ("PATCH ", r#"{"changeset":{"priority":7,"timeout":5},"jobLeaseToken":"t1"}"#),
        ("POST /completion", r#"{"variables":{"a":1},"jobLeaseToken":"t1"}"#),
        ("POST /completion", r#"{"result":{"type":"userTask","denied":true},"jobLeaseToken":"t1"}"#),
        ("POST /completion", r#"{"variables":{"a":1},"jobLeaseToken":"t1","businessId":"b"}"#),
        ("POST /failure", r#"{"retries":1,"jobLeaseToken":"t1"}"#),
        ("POST /error", r#"{"errorCode":"E","jobLeaseToken":"t1"}"#),
    ] {
        let (method, path) = request.split_once(' ').expect("two words");
        let (broker, rest) = rest();
        broker.answer(Ok(Reply::Done));
        let answer = show(ask(&rest, method, &job_path(path), JSON, body.as_bytes()));
        assert_eq!(answer, "204", "{body}");
        shown.push_str(&broker.take_log());
    }
    expect![[r#"
        2: UPDATE 4503599627370503 retries=None timeout=None priority=Some(-2147483648) within 15s
        2: UPDATE 4503599627370503 lease="t1" retries=None timeout=Some(5) priority=Some(7) within 15s
        2: COMPLETE 4503599627370503 lease="t1" {a=1} within 15s
        2: COMPLETE 4503599627370503 lease="t1" {} TaskListenerResult { is_denied: true, denied_reason: "", assignee: None, corrections: UserTaskChanges { candidate_groups: None, candidate_users: None, due_date: None, follow_up_date: None, priority: None } } within 15s
        2: COMPLETE 4503599627370503 lease="t1" businessId="b" {a=1} within 15s
        2: FAIL 4503599627370503 lease="t1" retries=1 backoff=0 message="" {} within 15s
        2: THROW_ERROR 4503599627370503 lease="t1" code="E" message="" {} within 15s
    "#]].assert_eq(&shown);
    let (broker, rest) = rest();
    let leased = ActivatedJob { priority: -3, lease_token: Some("t1".into()), ..job(1) };
    broker.batch(Ok(JobBatch { jobs: vec![leased], truncated: false }));
    let body = r#"{"type":"pay","timeout":1000,"maxJobsToActivate":1,"requestTimeout":-1,"withLease":true}"#;
    let answer = show(ask(&rest, "POST", "/v2/jobs/activation", JSON, body.as_bytes()));
    assert!(answer.contains(r#""businessId":"o-1","priority":-3,"jobLeaseToken":"t1"}"#), "{answer}");
    assert!(broker.take_log().contains("with_leases: true"));
    problems(
        &format!("PATCH {}", job_path("")),
        &[r#"{"changeset":{"priority":2147483648}}"#, r#"{"changeset":{"priority":1},"jobLeaseToken":""}"#],
        expect![[r#"
            <{"changeset":{"priority":2147483648}}> is
                400 Bad Request: Request property [changeset.priority] cannot be parsed: expected a whole number of 32 bits
            <{"changeset":{"priority":1},"jobLeaseToken":""}> is
                400 INVALID_ARGUMENT: No jobLeaseToken provided.
        "#]],
    );
}

#[test]
fn streaming_jobs() {
    let (broker, rest) = rest();
    broker.push(ActivatedJob { variables: Bytes::from_static(b"{\"x\":\r\n 1}"), ..job(1) });
    let body = r#"{"type":"pay","worker":"w","timeout":1000,"fetchVariable":["x"]}"#;
    let shown = show(ask(&rest, "POST", "/v2/jobs/streaming", JSON, body.as_bytes()));
    expect![[r#"
        200 application/x-ndjson
        {\"type\":\"pay\",\"processDefinitionId\":\"order\",\"processDefinitionVersion\":3,\"elementId\":\"task\",\"customHeaders\":{\"a\":\"b\"},\"worker\":\"w\\n1\",\"retries\":3,\"deadline\":1700000000123,\"variables\":{\"x\":   1},\"tenantId\":\"<default>\",\"jobKey\":\"4503599627370497\",\"processInstanceKey\":\"4503599627370504\",\"rootProcessInstanceKey\":\"4503599627370504\",\"processDefinitionKey\":\"2251799813685255\",\"elementInstanceKey\":\"4503599627370505\",\"kind\":\"BPMN_ELEMENT\",\"listenerEventType\":\"UNSPECIFIED\",\"userTask\":null,\"tags\":[\"fast\"],\"physicalTenantId\":\"default\",\"businessId\":\"o-1\",\"priority\":0,\"jobLeaseToken\":null}\n
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
