//! Requests of the REST API over a scripted engine: a head line, then the body as it is.
//!
//! Held against every answer: a document is JSON, an error is a problem document with the answer's own status, what is refused for
//! its form never reaches the engine, and nothing is an internal error.

use crate::run::{Target, signature};
use crate::targets::json;
use bytes::Bytes;
use ringbolt_api::Limits;
use ringbolt_api::fake::{FakeBroker, deployment, evaluation, instance, job, run};
use ringbolt_record::Reply;
use ringbolt_record::reply::{ExpressionEvaluation, JobBatch};
use ringbolt_rest::{AnswerBody, Head, Rest, Route, route};
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;

/// Requests.
pub(crate) const REQUESTS: Target = Target {
    name: "rest",
    corpus: requests,
    tokens: json::TOKENS,
    length_max: 16 * 1024,
    memory_base: 256 * 1024,
    memory_per_byte: 400,
    time_max: Duration::from_secs(3),
    check,
};

/// Deployments: forms.
pub(crate) const FORMS: Target = Target {
    name: "forms",
    corpus: forms,
    tokens: FORM_TOKENS,
    length_max: 16 * 1024,
    memory_base: 1 << 20,
    memory_per_byte: 400,
    time_max: Duration::from_secs(3),
    check,
};

const FORM_TOKENS: &[&str] = &[
    "--b",
    "--b--",
    "\r\n",
    "\r\n\r\n",
    "--b\r\n",
    "boundary=b",
    "boundary=\"",
    "; boundary=",
    "multipart/form-data",
    ";",
    "\"",
    "=",
    "content-disposition: form-data; name=\"resources\"; filename=\"x.bpmn\"\r\n\r\n",
    "content-disposition: ",
    "name=\"tenantId\"",
    "filename=\"",
    "filename*=UTF-8''%e2%82%ac",
    "\\\"",
    "content-type: text/plain; charset=utf-16\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "<definitions/>",
    "\0",
    ":",
    "--",
    "<default>",
];

fn forms() -> Vec<Vec<u8>> {
    let head = "POST /v2/deployments multipart/form-data; boundary=b\n";
    let part = |headers: &str, content: &str| format!("--b\r\n{headers}\r\n\r\n{content}\r\n");
    let resource = |name: &str, content: &str| {
        part(
            &format!(
                "Content-Disposition: form-data; name=\"resources\"; filename=\"{name}\"\r\nContent-Type: text/xml"
            ),
            content,
        )
    };
    let tenant = part("content-disposition: form-data; name=\"tenantId\"", "<default>");
    [
        format!("{head}{}--b--\r\n", resource("x.bpmn", "<a/>")),
        format!("{head}{}{tenant}{}--b--", resource("x.bpmn", "<a>\r\n--c\r\n</a>"), resource("ü.dmn", "")),
        format!(
            "{head}preamble\r\n{}--b--\r\nepilogue",
            part("content-disposition: form-data; name=other", "1")
        ),
        "POST /v2/deployments multipart/form-data; charset=utf-8; boundary=\"a b\"\n--a b\r\n\r\n--a b--"
            .to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn requests() -> Vec<Vec<u8>> {
    let key = "4503599627370503";
    let texts = [
        "GET /v2/topology \n".to_owned(),
        r#"POST /v2/process-instances application/json
{"processDefinitionId":"order","processDefinitionVersion":2,"variables":{"a" : 1.50, "b":{"c":[]}},"awaitCompletion":true,"fetchVariables":["r"],"requestTimeout":500}"#.to_owned(),
        r#"POST /v2/process-instances application/json; charset=utf-8
 {"processDefinitionKey":"2251799813685255","variables":null,"tenantId":"<default>","startInstructions":[{"elementId":"s"}],"runtimeInstructions":[{"type":"TERMINATE_PROCESS_INSTANCE","afterElementId":"t"}],"tags":["x"],"businessId":"b\u00e9","operationReference":12} "#.to_owned(),
        "POST /v2/jobs/activation application/json\n{\"type\":\"work\",\"worker\":\"w\",\"timeout\":60000,\"maxJobsToActivate\":5,\"fetchVariable\":[\"x\"],\"requestTimeout\":-1,\"tenantIds\":[\"<default>\"],\"tenantFilter\":\"PROVIDED\"}".to_owned(),
        "POST /v2/jobs/streaming application/json\n{\"type\":\"work\",\"timeout\":1000}".to_owned(),
        format!("POST /v2/jobs/{key}/completion application/json\n{{\"variables\":{{\"a\":1,\"a\":2}}}}"),
        format!("POST /v2/jobs/{key}/failure application/json\n{{\"retries\":2,\"errorMessage\":\"no\\n\",\"retryBackOff\":100,\"variables\":{{}}}}"),
        format!("POST /v2/jobs/{key}/error application/json\n{{\"errorCode\":\"E\",\"errorMessage\":\"\",\"variables\":null}}"),
        format!("PATCH /v2/jobs/{key} application/merge+json\n{{\"changeset\":{{\"retries\":3,\"timeout\":5000}},\"operationReference\":9}}"),
        format!("PUT /v2/element-instances/{key}/variables application/json\n{{\"variables\":{{\"x\":[1]}},\"local\":true}}"),
        format!("POST /v2/process-instances/{key}/cancellation application/json\n"),
        format!("POST /v2/incidents/{key}/resolution application/json\n{{\"operationReference\":1}}"),
        "POST /v2/decision-definitions/evaluation application/json\n{\"decisionDefinitionId\":\"dish\",\"variables\":{\"a\":[1]},\"tenantId\":\"<default>\"}".to_owned(),
        "POST /v2/decision-definitions/evaluation application/json\n{\"decisionDefinitionKey\":\"2251799813685258\"}".to_owned(),
        "POST /v2/expression/evaluation application/json\n{\"expression\":\"= a + 1\",\"variables\":{\"a\":1}}".to_owned(),
        "DELETE /v2/users/a application/json\n{}".to_owned(),
        format!("GET /operate/processes/{key} \n"),
        "GET /tasklist/%2f%2fe \n".to_owned(),
        "GET / \n".to_owned(),
    ];
    texts.map(String::into_bytes).to_vec()
}

/// The head line's method, path and content type, and the body. A path with blanks or control characters is none that HTTP lets through.
fn split(input: &[u8]) -> Option<(&str, &str, &[u8], &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let (line, body) = (&input[..end], &input[end + 1..]);
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let mut text = || parts.next().and_then(|part| std::str::from_utf8(part).ok());
    let (method, path) = (text()?, text()?);
    let is_path = path.starts_with('/') && path.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    is_path.then_some((method, path, parts.next().unwrap_or_default(), body))
}

fn broker(route: &Route<'_>) -> FakeBroker {
    let broker = FakeBroker::new();
    let Route::Operation(operation, _) = route else { return broker };
    match operation.id {
        "createDeployment" => broker.answer(Ok(Reply::Deployed(deployment()))),
        "createProcessInstance" => broker.answer(Ok(Reply::ProcessInstanceCreated(instance()))),
        "evaluateDecision" => {
            broker.answer(Ok(Reply::DecisionEvaluated(Box::new(evaluation()))));
        }
        "evaluateExpression" => {
            let result = Bytes::from_static(b"[1]");
            let warnings = vec!["so\n".to_owned()];
            let expression = "=x".to_owned();
            let evaluation = ExpressionEvaluation { expression, result, warnings };
            broker.answer(Ok(Reply::ExpressionEvaluated(evaluation)));
        }
        "activateJobs" => broker.batch(Ok(JobBatch { jobs: vec![job(7), job(8)], truncated: false })),
        _ => {}
    }
    broker
}

fn check(input: &[u8]) -> u64 {
    let Some((method, path, content_type, body)) = split(input) else { return 0 };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let route = route(method, path);
    let broker = broker(&route);
    let rest = Rest::new(broker.clone(), Rc::new(Limits::default()));
    let content_type = (!content_type.is_empty()).then_some(content_type);
    let head = Head { path, query, content_type, ..Head::default() };
    let answer = run(rest.answer(method, route, head, Bytes::copy_from_slice(body)));
    let asked = broker.take_log();
    let is_json = answer.content_type.is_some_and(|content_type| content_type.ends_with("json"));
    let document = match &answer.body {
        AnswerBody::Document(document) | AnswerBody::Once(document, _) if is_json => {
            serde_json::from_slice(document).unwrap_or_else(|error| panic!("{error} in {document:?}"))
        }
        AnswerBody::Document(_)
        | AnswerBody::Once(..)
        | AnswerBody::Empty
        | AnswerBody::Attachment(_)
        | AnswerBody::Live(_)
        | AnswerBody::Jobs(_) => Value::Null,
        AnswerBody::Page(_, headers) => {
            for (_, location) in headers.iter().filter(|(name, _)| *name == "location") {
                let is_ours =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"./-".contains(&byte);
                assert!(location.bytes().all(is_ours) && !location.starts_with('/'), "{location}");
            }
            Value::Null
        }
    };
    let status = u64::from(answer.status);
    match answer.status {
        302 => {
            assert_eq!(asked, "", "led elsewhere, and yet the engine was asked");
            status
        }
        200 | 201 | 204 | 207 => status * 31 + signature(&asked),
        400 | 404 | 405 | 413 | 415 | 501 => {
            assert_eq!(asked, "", "refused, and yet the engine was asked");
            assert_eq!(answer.content_type, Some("application/problem+json"));
            assert_eq!(document["status"], answer.status);
            let detail = document["detail"].as_str().expect("a detail");
            assert!(!detail.is_empty(), "an error without a reason");
            status * 31 + signature(detail)
        }
        other => panic!("status {other}: {document}"),
    }
}
