//! Encodings of bodies, of paths and of file names, and how deep a body may nest.

use super::{BOUNDARY, JSON, ask, form, problem, rest, show};
use expect_test::expect;
use ringbolt_api::fake::deployment;
use ringbolt_record::Reply;

/// What the engine is asked for a completion with this body, or status and detail.
fn complete(content_type: &str, body: &[u8]) -> String {
    let (broker, rest) = rest();
    broker.answer(Ok(Reply::Done));
    let shown = show(ask(&rest, "POST", "/v2/jobs/4503599627370503/completion", Some(content_type), body));
    format!("{}{shown}", broker.take_log())
}

#[test]
fn bodies_in_other_encodings_say_the_same() {
    let first = complete("application/json", r#"{"variables":{"ü":"ß"}}"#.as_bytes());
    assert!(first.contains("{ü=\"ß\"}") && first.ends_with("204"), "{first}");
    for (content_type, body) in [
        ("application/json", "\u{feff}{\"variables\":{\"ü\":\"ß\"}}".as_bytes()),
        ("application/json;charset=ISO-8859-1", b"{\"variables\":{\"\xfc\":\"\xdf\"}}"),
        ("application/problem+json; charset=\"windows-1252\"", b"{\"variables\":{\"\xfc\":\"\xdf\"}}"),
    ] {
        assert_eq!(complete(content_type, body), first, "{content_type}");
    }
    let unknown = complete("application/json; charset=klingon", b"{}");
    assert!(unknown.starts_with("415 ") && unknown.contains("charset=klingon"), "{unknown}");
    let malformed = complete("application/json; charset=utf-16", b"{}x");
    assert!(
        malformed.starts_with("400 ") && malformed.contains("the encoding that it declares"),
        "{malformed}"
    );
    let latin = complete("application/json", b"{\"variables\":{\"\xfc\":1}}");
    assert!(latin.starts_with("400 ") && latin.contains("not UTF-8"), "{latin}");
}

#[test]
fn variables_nest_as_deep_as_documented_and_no_deeper() {
    let nested = |depth: usize| {
        let (open, close) = (r#"{"a":"#.repeat(depth - 1), "}".repeat(depth - 1));
        format!(r#"{{"variables":{open}{{}}{close}}}"#)
    };
    let accepted = complete("application/json", nested(256).as_bytes());
    assert!(accepted.ends_with("204"), "{accepted}");
    let refused = problem("POST /v2/jobs/7/completion", nested(257).as_bytes());
    expect!["400 Bad Request: Failed to read request: nested deeper than 256 levels"].assert_eq(&refused);
}

#[test]
fn keys_in_paths_may_be_percent_encoded() {
    for (path, status) in [
        ("/v2/jobs/%34503599627370503/completion", 204),
        ("/v2/jobs/%3", 400),
        ("/v2/jobs/%3/completion", 400),
        ("/v2/jobs/%ff/completion", 400),
        ("/v2/jobs/7%2F8/completion", 400),
        ("/v2/jobs/7%00/completion", 400),
        ("/v2/jobs/../completion", 404),
    ] {
        let (broker, rest) = rest();
        broker.answer(Ok(Reply::Done));
        assert_eq!(ask(&rest, "POST", path, JSON, b"{}").status, status, "{path}");
    }
}

#[test]
fn files_are_deployed_under_the_names_that_clients_mean() {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    for file_name in [
        "filename=\"übung.bpmn\"",
        "filename*=UTF-8''%C3%BCbung.bpmn",
        "FileName=\"?bung.bpmn\"; filename*=\"UTF-8''%C3%BCbung.bpmn\"",
        "filename=\"=?UTF-8?Q?=C3=BCbung.bpmn?=\"",
    ] {
        let part = format!("content-disposition: form-data; Name=\"resources\"; {file_name}");
        let (broker, rest) = rest();
        broker.answer(Ok(Reply::Deployed(deployment())));
        let answer = ask(&rest, "POST", "/v2/deployments", Some(&content_type), &form(&[(&part, "<a/>")]));
        assert_eq!(answer.status, 200, "{file_name}");
        assert!(broker.take_log().contains("\"übung.bpmn\"=4 bytes"), "{file_name}");
    }
    let (_, rest) = rest();
    let part = "content-disposition: form-data; name=\"resources\"; filename*=UTF-8''%C";
    let shown = show(ask(&rest, "POST", "/v2/deployments", Some(&content_type), &form(&[(part, "<a/>")])));
    assert!(shown.starts_with("400 ") && shown.contains("RFC 5987"), "{shown}");
}
