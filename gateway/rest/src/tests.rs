//! Requests against a scripted broker: what reaches the engine, what the client gets.

mod batch_operations;
mod decisions;
mod docs;
mod documents;
mod encodings;
mod garbage;
mod instances;
mod jobs;
mod messages;
mod migrations;
mod modifications;
mod pages;
mod resources;
mod strict;
mod tools;
mod user_tasks;

use crate::{Answer, AnswerBody, Head, Rest, Route, route};
use bytes::Bytes;
use expect_test::{Expect, expect};
use ringbolt_api::fake::{FakeBroker, FakeStream, deployment, run};
use ringbolt_api::operation::Kind;
use ringbolt_api::schema::Level;
use ringbolt_api::{JobStream, Limits, Refusal, table};
use ringbolt_record::{Key, PartitionId, Reply};
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
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let content_type = content_type.map(str::as_bytes);
    let head = Head { path, query, content_type, authority: "engine:8080", ..Head::default() };
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
        AnswerBody::Once(document, receipt) => {
            receipt.delivered();
            let _ = write!(shown, "\n{}", String::from_utf8_lossy(&document));
        }
        AnswerBody::Attachment(attachment) => {
            let _ = write!(shown, "\n{attachment:?}");
        }
        AnswerBody::Page(content, headers) => {
            let _ = write!(shown, "\n{headers:?} {} bytes", content.len());
        }
        AnswerBody::Live(_) => panic!("a stream of changes"),
        AnswerBody::Jobs(mut jobs) => {
            while let Poll::Ready(Some(job)) = jobs.poll_next(&mut Context::from_waker(Waker::noop())) {
                let line = crate::stream::job_line(&job, Level::default());
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
            {"brokers":[{"nodeId":0,"brokerId":"0","host":"127.0.0.1","port":26501,"partitions":[{"partitionId":1,"role":"leader","health":"healthy","state":"active"},{"partitionId":2,"role":"follower","health":"unhealthy","state":"active"},{"partitionId":3,"role":"inactive","health":"dead","state":"active"}],"version":"8.10.0"}],"clusterId":"c0ffee","clusterSize":1,"partitionsCount":3,"replicationFactor":1,"gatewayVersion":"8.10.0","lastCompletedChangeId":"-1"}"#]],
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
fn everybody_is_nobody_in_particular() {
    check(
        "GET /v2/authentication/me",
        "",
        Ok(Reply::Done),
        expect![[r#"
            200 application/json
            {"username":"anonymous","displayName":null,"email":null,"authorizedComponents":["*"],"tenants":[],"groups":[],"roles":[],"salesPlanType":null,"c8Links":{},"canLogout":false}"#]],
    );
}

#[test]
fn settings_are_shown_as_the_level_has_them() {
    check(
        "GET /v2/system/configuration",
        "",
        Ok(Reply::Done),
        expect![[r#"
            200 application/json
            {"jobMetrics":{"enabled":true,"exportInterval":"PT1M","maxWorkerNameLength":1024,"maxJobTypeLength":400,"maxTenantIdLength":31,"maxUniqueKeys":10000},"components":{"active":[]},"deployment":{"isMultiTenancyEnabled":false,"maxRequestSize":4259840},"authentication":{"canLogout":false,"isLoginDelegated":false},"cloud":{"stage":null}}"#]],
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
        {"deploymentKey":"2251799813685253","tenantId":"<default>","deployments":[{"processDefinition":{"processDefinitionId":"order","processDefinitionVersion":3,"resourceName":"order \"v3\".bpmn","tenantId":"<default>","processDefinitionKey":"2251799813685255"},"decisionDefinition":null,"decisionRequirements":null,"form":null,"resource":null},{"processDefinition":null,"decisionDefinition":{"decisionDefinitionId":"dish","version":2,"name":"Dish","tenantId":"<default>","decisionRequirementsId":"dinner","decisionDefinitionKey":"2251799813685258","decisionRequirementsKey":"2251799813685257"},"decisionRequirements":null,"form":null,"resource":null},{"processDefinition":null,"decisionDefinition":null,"decisionRequirements":{"decisionRequirementsId":"dinner","decisionRequirementsName":"Dinner","version":4,"resourceName":"dinner.dmn","tenantId":"<default>","decisionRequirementsKey":"2251799813685257"},"form":null,"resource":null},{"processDefinition":null,"decisionDefinition":null,"decisionRequirements":null,"form":{"formId":"claim","version":5,"resourceName":"claim.form","tenantId":"<default>","formKey":"2251799813685259"},"resource":null},{"processDefinition":null,"decisionDefinition":null,"decisionRequirements":null,"form":null,"resource":{"resourceId":"robot","version":6,"resourceName":"robot.rpa","tenantId":"<default>","resourceKey":"2251799813685260"}}]}
        400 application/problem+json
        {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"Expected to handle request Deploy Resources with tenant identifier 'acme', but multi-tenancy is disabled","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Required part 'resources' is not present.","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"A part 'resources' has no file name.","instance":"/v2/deployments"}
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"The part 'tenantId' has more than 1024 bytes.","instance":"/v2/deployments"}
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

/// What a request asks for, by name.
fn shown(method: &str, path: &str) -> String {
    match route(method, path) {
        Route::Operation(operation, _) => operation.id.to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn paths_are_of_operations_of_other_methods_of_nothing_or_malformed() {
    assert_eq!(shown("HEAD", "/v2/topology"), "getTopology");
    assert_eq!(shown("GET", "/v2/%74opology"), "getTopology");
    for (request, expected) in [
        ("POST /v2/topology", "GET"),
        ("GET /v2/jobs/activation", "POST, PATCH"),
        ("DELETE /v2/jobs/1", "PATCH"),
        ("GET /v2/jobs/streaming", "POST, PATCH"),
        ("OPTIONS /v2/jobs/activation", "POST, PATCH"),
        ("POST /openapi.json", "GET"),
    ] {
        let (method, path) = request.split_once(' ').expect("method and path");
        assert_eq!(shown(method, path), format!("MethodNotAllowed({expected:?})"), "{request}");
    }
    // A page may say so where no program asks.
    assert!(shown("GET", "/nothing").starts_with("Page(Web(Nowhere("));
    assert_eq!(shown("POST", "/nothing"), "NotFound");
    for path in [
        "/v2",
        "/v2/",
        "/v2/topology/",
        "/v2//topology",
        "/v1/topology",
        "/v2/jobs//completion",
        "/v2/a/b/c/d/e/f",
        "/v2/users/..",
        "/v2/users/%2e%2E",
        "/v2/topology%2f",
        "/v2/jobs%2factivation",
    ] {
        assert_eq!(shown("GET", path), "NotFound", "{path}");
    }
    for path in
        ["/v2/users/%00", "/v2/users/%0a", "/v2/users/%f", "/v2/users/%zz", "/v2/users/%ff", &long_path()]
    {
        assert!(shown("GET", path).starts_with("Malformed"), "{path}");
    }
}

fn long_path() -> String {
    format!("/v2/users/{}", "a".repeat(1025))
}

#[test]
fn every_operation_of_the_protocol_is_answered_or_refused_by_name() {
    let mut answered = Vec::new();
    for operation in table::operations() {
        let part = |part: &'static str| if part.starts_with('{') { "1%2F%32" } else { part };
        let path: Vec<&str> = operation.path.split('/').map(part).collect();
        let path = format!("/v2{}", path.join("/"));
        let Route::Operation(found, parameters) = route(operation.method.name(), &path) else {
            panic!("{operation:?} is not found")
        };
        assert_eq!(found.id, operation.id);
        let count = operation.path.matches('{').count();
        assert!(parameters[..count].iter().all(|parameter| parameter == "1/2"), "{parameters:?}");
        if !matches!(operation.kind, Kind::Later) {
            answered.push(operation.id);
        }
    }
    expect!["activateAdHocSubProcessActivities getAuthentication searchOwnAuthorizations searchBatchOperationItems searchBatchOperations getBatchOperation cancelBatchOperation resumeBatchOperation suspendBatchOperation pinClock resetClock getClusterStatus getStatus getTopology createGlobalClusterVariable deleteGlobalClusterVariable getGlobalClusterVariable updateGlobalClusterVariable searchClusterVariables createTenantClusterVariable deleteTenantClusterVariable getTenantClusterVariable updateTenantClusterVariable evaluateConditionals evaluateDecision searchDecisionDefinitions getDecisionDefinition getDecisionDefinitionXML deleteDecisionInstancesBatchOperation searchDecisionInstances getDecisionInstance deleteDecisionInstance searchDecisionRequirements getDecisionRequirements getDecisionRequirementsXML createDocument createDocuments deleteDocument getDocument createDocumentLink followDocumentLink searchElementInstances searchElementInstanceWaitStates getElementInstance searchElementInstanceIncidents createElementInstanceVariables getClusterExportingStatus pauseClusterExporting resumeClusterExporting getExportingStatus pauseExporting resumeExporting evaluateExpression getFormByKey searchIncidents getProcessInstanceStatisticsByDefinition getProcessInstanceStatisticsByError getIncident resolveIncident activateJobs updateJobsBatchOperation searchJobs getJobTypeStatistics getJobWorkerStatistics getJobErrorStatistics getGlobalJobStatistics getJobTimeSeriesStatistics updateJob completeJob throwJobError failJob getLicense correlateMessage publishMessage searchCorrelatedMessageSubscriptions searchMessageSubscriptions searchProcessDefinitions getProcessDefinitionMessageSubscriptionStatistics getProcessDefinitionInstanceStatistics getProcessDefinitionInstanceVersionStatistics getProcessDefinition getStartProcessForm getProcessDefinitionStatistics searchProcessDefinitionVariableNames getProcessDefinitionXML createProcessInstance cancelProcessInstancesBatchOperation deleteProcessInstancesBatchOperation resolveIncidentsBatchOperation migrateProcessInstancesBatchOperation modifyProcessInstancesBatchOperation resumeProcessInstancesBatchOperation searchProcessInstances suspendProcessInstancesBatchOperation getProcessInstance assignProcessInstanceBusinessId getProcessInstanceCallHierarchy cancelProcessInstance deleteProcessInstance resolveProcessInstanceIncidents searchProcessInstanceIncidents migrateProcessInstance modifyProcessInstance resumeProcessInstance getProcessInstanceSequenceFlows getProcessInstanceStatistics getProcessInstanceWaitStateStatistics suspendProcessInstance createDeployment searchResources getResource getResourceContent getResourceContentBinary deleteResource streamJobs searchTimers listSecrets resolveSecrets broadcastSignal getSystemConfiguration getUsageMetrics searchUserTasks getUserTask updateUserTask unassignUserTask assignUserTask completeUserTask searchUserTaskEffectiveVariables getUserTaskForm searchUserTaskVariables searchVariables getVariable"].assert_eq(&answered.join(" "));
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

/// Thousands wait, and each move of one copies all of it.
#[test]
fn what_waits_for_an_answer_is_small() {
    let (_, rest) = rest();
    let (method, path) = ("POST", "/v2/process-instances");
    let head =
        Head { path, content_type: Some(b"application/json"), authority: "engine:8080", ..Head::default() };
    let waiting = rest.answer(method, route(method, path), head, Bytes::new());
    let bytes = size_of_val(&waiting);
    assert!(bytes <= 5 * 1024, "{bytes} bytes");
}
