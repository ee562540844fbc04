//! JSON bodies, states, keys and paths of the REST API.

use crate::{INSTANCES, JSON, REQUEST_BYTES_MAX, Victim, activate, create};
use serde_json::json;

fn with_variables(variables: &str) -> Vec<u8> {
    format!(r#"{{"processDefinitionId":"one_task","variables":{variables}}}"#).into_bytes()
}

#[test]
fn json_bodies() {
    let victim = Victim::start(&[]);
    let deep = "[".repeat(REQUEST_BYTES_MAX / 2);
    let long_name = "n".repeat(401);
    victim.refuses(
        INSTANCES,
        JSON,
        &[
            (b"", 400, "Required request body is missing"),
            (b"{", 400, "Failed to read request"),
            (br#"{"processDefinitionId":"#, 400, "Failed to read request"),
            (br#"{"processDefinitionId":"one_task"} {}"#, 400, "at byte 36"),
            (br#"{"processDefinitionId":"one_task",}"#, 400, "Failed to read request"),
            (br#"{'processDefinitionId':'one_task'}"#, 400, "Failed to read request"),
            (br#"["one_task"]"#, 400, "expected a JSON object, but found an array"),
            (b"17", 400, "expected a JSON object, but found a number"),
            (b"\xff\xfe{\0}\0", 400, "not UTF-8 at byte 1"),
            (b"{\"processDefinitionId\":\"\xc3(\"}", 400, "not UTF-8 at byte 25"),
            (
                br#"{"processDefinitionId":5}"#,
                400,
                "[processDefinitionId] cannot be parsed: expected a string",
            ),
            (br#"{"processDefinitionId":"\ud800"}"#, 400, "[processDefinitionId]"),
            (br#"{"processDefinitionId":"one_task","tags":"x"}"#, 400, "[tags] cannot be parsed"),
            (br#"{"processDefinitionId":"one_task","tags":[null]}"#, 400, "[tags] cannot be parsed"),
            (
                br#"{"processDefinitionId":"one_task","startInstructions":[{}]}"#,
                400,
                "No elementId provided in 'startInstructions[0]'.",
            ),
            (
                br#"{"processDefinitionId":"one_task","nope":1}"#,
                400,
                "[nope] cannot be parsed: there is no such",
            ),
            (br#"{"processDefinitionId":"one_task","processDefinitionVersion":9999999999}"#, 400, "32 bits"),
            (br#"{"processDefinitionId":"one_task","requestTimeout":1e400}"#, 400, "[requestTimeout]"),
            (
                br#"{"processDefinitionId":"one_task","operationReference":-1}"#,
                400,
                "operationReference is '-1'",
            ),
            (br#"{"processDefinitionId":"one_task","tenantId":"x"}"#, 400, "tenant identifier 'x'"),
            (br#"{"processDefinitionKey":"12x"}"#, 400, "processDefinitionKey '12x' is not a valid key"),
            (br#"{"variables":{}}"#, 400, "At least one of [processDefinitionId, processDefinitionKey]"),
            (br#"{"processDefinitionId":"nobody"}"#, 404, "nobody"),
            (br#"{"processDefinitionId":"one_task","processDefinitionVersion":7}"#, 404, "7"),
            (&with_variables("[1]"), 400, "but was 'ARRAY'"),
            (&with_variables("\"x\""), 400, "but was 'STRING'"),
            (&with_variables("1.5"), 400, "but was 'FLOAT'"),
            (&with_variables(r#"{"a":01}"#), 400, "Failed to read request"),
            (&with_variables("{\"a\":\"\u{1}\"}"), 400, "Failed to read request"),
            (&with_variables(&format!("{{\"a\":{deep}")), 400, "deeper than 256 levels"),
            (&with_variables(&format!("{{\"{long_name}\":1}}")), 400, "401"),
            (
                &with_variables(&format!("{{\"a\":\"{}\"}}", "x".repeat(REQUEST_BYTES_MAX))),
                400,
                "exceed the limit",
            ),
            (&vec![b' '; REQUEST_BYTES_MAX * 3], 413, "larger than 131072 bytes"),
        ],
    );
    victim.check();
}

#[test]
fn of_a_name_that_comes_twice_the_last_value_holds() {
    let victim = Victim::start(&[]);
    let body = br#"{"processDefinitionId":"nobody","processDefinitionId":"one_task","variables":{"b":1},
        "variables":{"a":1,"x":[1],"a":{"y":1,"y":2},"a":12345678901234567890123456789.10}}"#;
    assert_eq!(victim.ask(INSTANCES, JSON, body).status, 200);
    let response = victim.ask(
        "POST /v2/jobs/activation",
        JSON,
        br#"{"type":"none","type":"work","timeout":1,"timeout":60000,"maxJobsToActivate":2}"#,
    );
    let text = String::from_utf8(response.body).expect("UTF-8");
    let expected = r#""variables":{"a":12345678901234567890123456789.10,"x":[1]}"#;
    assert!(text.contains(expected), "{text}");
}

#[test]
fn wrong_states_keys_and_paths() {
    let victim = Victim::start(&[]);
    let mut client = victim.server.client();
    create(&mut client, json!({ "done": 1 }));
    let jobs = activate(&mut client);
    let key = |job: usize| jobs[job]["jobKey"].as_str().expect("a key");
    let done = format!("POST /v2/jobs/{}/completion", key(1));
    assert_eq!(victim.ask(&done, JSON, b"{}").status, 204);
    let missing = victim.ask(&done, JSON, b"{}");
    assert_eq!(missing.status, 404, "{missing:?}");
    let held = |what: &str| format!("POST /v2/jobs/{}/{what}", key(0));
    victim.refuses(
        &held("completion"),
        JSON,
        &[
            (br#"{"variables":[]}"#, 400, "'ARRAY'"),
            (br#"{"variables":{"a":2},"more":1}"#, 400, "[more]"),
            (br#"{"variables":{"a":2}"#, 400, "Failed to read"),
            (br#"{"result":{"type":"adHocSubProcess","activateElements":1}}"#, 400, "activateElements"),
        ],
    );
    victim.refuses(
        &held("failure"),
        JSON,
        &[(br#"{"retries":"2"}"#, 400, "[retries]"), (br#"{"retries":2.5}"#, 400, "[retries]")],
    );
    victim.refuses(&held("error"), JSON, &[(br#"{"errorMessage":"x"}"#, 400, "No errorCode provided")]);
    let patch = format!("PATCH /v2/jobs/{}", key(0));
    victim.refuses(
        &patch,
        JSON,
        &[
            (br#"{"changeset":{}}"#, 400, "At least one of [retries, timeout, priority]"),
            (br#"{"changeset":{"retries":0}}"#, 400, "retries"),
            (br#"{"changeset":{"retries":1,"x":1}}"#, 400, "[changeset.x]"),
            (br#"{"changeset":[1]}"#, 400, "[changeset]"),
        ],
    );
    for (request, status, says) in [
        ("POST /v2/jobs/x/completion", 400, "'jobKey' with value: 'x'"),
        ("POST /v2/jobs/99999999999999999999/completion", 400, "'jobKey'"),
        ("POST /v2/jobs/-1/completion", 404, "'-1'"),
        ("POST /v2/jobs/9223372036854775807/completion", 404, "9223372036854775807"),
        ("POST /v2/process-instances/1/cancellation", 404, "'1'"),
        ("POST /v2/incidents/2251799813685300/resolution", 404, "2251799813685300"),
        ("POST /v2/nothing", 404, "No endpoint POST /v2/nothing"),
        ("POST /v2/jobs//completion", 404, "No endpoint"),
        ("POST /", 405, "Method 'POST' is not supported"),
        ("DELETE /v2/topology", 405, "'DELETE' is not supported"),
        ("BREW /v2/jobs/activation", 405, "'BREW' is not supported"),
        ("POST /v2/process-instances/suspension", 400, "No filter provided"),
        ("POST /v2/users/search", 501, "searchUsers"),
        ("POST /v2/process-instances/1/suspension", 404, "'1'"),
    ] {
        victim.refuses(request, JSON, &[(b"{}", status, says)]);
    }
    for content_type in ["text/plain", "application/xml", "multipart/form-data", "json", ";;;"] {
        victim.refuses(INSTANCES, content_type, &[(b"{}", 415, content_type)]);
    }
    // The job that all this was about is still there, as it was: it can be given back and done.
    assert_eq!(victim.ask(&held("failure"), JSON, br#"{"retries":3}"#).status, 204);
    victim.check();
}
