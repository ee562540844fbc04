//! Documents: forms, attachments, links.

use super::{ask, rest, show};
use expect_test::{Expect, expect};
use ringbolt_api::documents::DocumentReply;
use ringbolt_api::{ApiError, ErrorKind};

const FORM: Option<&str> = Some("multipart/form-data; boundary=b");

/// A form of parts: headers after `content-disposition: form-data; `, and content.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(head, content): &(&str, &str)| {
        format!("--b\r\ncontent-disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--b--\r\n"
}

fn created(id: &str) -> Result<DocumentReply, ApiError> {
    Ok(DocumentReply::Created { id: id.to_owned(), hash: "c0ffee".to_owned() })
}

/// What the store is asked, and what the client gets.
fn check(request: &str, body: &str, answers: Vec<Result<DocumentReply, ApiError>>, expected: Expect) {
    let (broker, rest) = rest();
    answers.into_iter().for_each(|answer| broker.document(answer));
    let (method, path) = request.split_once(' ').expect("method and path");
    let content_type = if body.starts_with("--b") { FORM } else { Some("application/json") };
    let shown = show(ask(&rest, method, path, content_type, body.as_bytes()));
    expected.assert_eq(&format!("{}{shown}", broker.take_log()));
}

#[test]
fn a_form_is_kept_with_what_is_said_of_it() {
    let metadata = r#"{"fileName":"b.txt","expiresAt":"2030-01-02T03:04:05+01:00","processInstanceKey":"7","customProperties":{"a": [1]}}"#;
    check(
        "POST /v2/documents?documentId=..%2Fa&storeId=local",
        &form(&[
            ("name=\"metadata\"\r\ncontent-type: application/json", metadata),
            ("name=\"file\"; filename=\"a.html\"\r\ncontent-type: text/html", "<p>"),
        ]),
        vec![created("../a")],
        expect![[r#"
            document "../a" "b.txt" text/html 3 bytes, ends 1893549845000, {"contentType":"text/html","fileName":"b.txt","expiresAt":"2030-01-02T02:04:05.000Z","size":3,"processDefinitionId":null,"processInstanceKey":"7","customProperties":{"a": [1]}}
            201 application/json
            {"camunda.document.type":"camunda","storeId":"local","documentId":"../a","contentHash":"c0ffee","metadata":{"contentType":"text/html","fileName":"b.txt","expiresAt":"2030-01-02T02:04:05.000Z","size":3,"processDefinitionId":null,"processInstanceKey":"7","customProperties":{"a": [1]}}}"#]],
    );
    check(
        "POST /v2/documents",
        &form(&[("name=\"file\"; filename=\"\"", "")]),
        vec![created("made")],
        expect![[r#"
            document "" "document" application/octet-stream 0 bytes, ends never, {"contentType":"application/octet-stream","fileName":"document","expiresAt":null,"size":0,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}
            201 application/json
            {"camunda.document.type":"camunda","storeId":"local","documentId":"made","contentHash":"c0ffee","metadata":{"contentType":"application/octet-stream","fileName":"document","expiresAt":null,"size":0,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}}"#]],
    );
}

#[test]
fn forms_that_make_no_sense_are_refused_before_anything_is_kept() {
    let file = ("name=\"file\"; filename=\"a\"", "x");
    check(
        "POST /v2/documents",
        &form(&[("name=\"files\"; filename=\"a\"", "x")]),
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Required part 'file' is not present.","instance":"/v2/documents"}"#]],
    );
    check(
        "POST /v2/documents",
        &form(&[("name=\"metadata\"", r#"{"size":"1","x":1}"#), file]),
        vec![],
        expect![[r#"
            400 application/problem+json
            {"type":"about:blank","title":"Bad Request","status":400,"detail":"Request property [metadata.size] cannot be parsed: expected a whole number of 64 bits. Request property [metadata.x] cannot be parsed: there is no such property","instance":"/v2/documents"}"#]],
    );
    check(
        "POST /v2/documents",
        &form(&[("name=\"metadata\"", r#"{"expiresAt":"soon"}"#), file]),
        vec![],
        expect![[r#"
            400 application/problem+json
            {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"The provided metadata.expiresAt 'soon' cannot be parsed as a date according to RFC 3339, section 5.6.","instance":"/v2/documents"}"#]],
    );
    check(
        "POST /v2/documents",
        &form(&[("name=\"metadata\"", "{} {}"), file]),
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to read request: expected ',' or '}' at byte 16","instance":"/v2/documents"}"#]],
    );
}

#[test]
fn what_else_is_wrong_with_a_form_is_said() {
    let file = ("name=\"file\"; filename=\"a\"", "x");
    check(
        "POST /v2/documents?storeId=s3",
        &form(&[file]),
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"Document store with id 's3' does not exist","instance":"/v2/documents"}"#]],
    );
    check(
        &format!("POST /v2/documents?documentId={}", "x".repeat(401)),
        &form(&[file]),
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"The provided documentId exceeds the limit of 400 characters.","instance":"/v2/documents"}"#]],
    );
    check(
        "POST /v2/documents",
        "{}",
        vec![],
        expect![[r#"
        415 application/problem+json
        {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"Content-Type 'application/json' is not supported.","instance":"/v2/documents"}"#]],
    );
    check(
        "POST /v2/documents/batch",
        &form(&[file]),
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Required part 'files' is not present.","instance":"/v2/documents/batch"}"#]],
    );
    let files = ("name=\"files\"; filename=\"a\"", "x");
    check(
        "POST /v2/documents/batch",
        &form(&[files, ("name=\"metadataList\"", "[{},{}]")]),
        vec![],
        expect![[r#"
            400 application/problem+json
            {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"The number of items in metadataList must be that of the files.","instance":"/v2/documents/batch"}"#]],
    );
    check(
        "POST /v2/documents/batch",
        &form(&[files, ("name=\"metadataList\"", "[{\"size\":true}]")]),
        vec![],
        expect![[r#"
            400 application/problem+json
            {"type":"about:blank","title":"Bad Request","status":400,"detail":"Request property [metadataList[0].size] cannot be parsed: expected a whole number of 64 bits","instance":"/v2/documents/batch"}"#]],
    );
}

/// What is looked at and what is read must be one thing.
#[test]
fn what_is_said_of_documents_is_one_value() {
    let files = ("name=\"files\"; filename=\"a\"", "x");
    for list in [r#"[{}],"metadataList":[{}]"#, r#"[],"metadataList":[{}]"#, "[{}]]", "null,null", "", "[{}"]
    {
        let refused = refused("/v2/documents/batch", &[files, ("name=\"metadataList\"", list)]);
        assert!(refused.contains("400"), "{list}: {refused}");
    }
    let file = ("name=\"file\"; filename=\"a\"", "x");
    let twice = ("name=\"metadata\"", r#"{"fileName":"a"},"metadata":{"fileName":"b"}"#);
    assert!(refused("/v2/documents", &[file, twice]).contains("is not one JSON value"));
}

#[test]
fn files_of_a_batch_are_kept_each_by_itself() {
    let files = [
        ("name=\"files\"; filename=\"a\"", "1"),
        ("name=\"files\"; filename=\"b\"\r\nX-Document-Metadata: {\"fileName\":\"old\"}", "2"),
    ];
    let full = Err(ApiError::new(ErrorKind::ResourceExhausted, "no room"));
    check(
        "POST /v2/documents/batch",
        &form(&files),
        vec![created("1"), full],
        expect![[r#"
        document "" "a" application/octet-stream 1 bytes, ends never, {"contentType":"application/octet-stream","fileName":"a","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}
        document "" "old" application/octet-stream 1 bytes, ends never, {"contentType":"application/octet-stream","fileName":"old","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}
        207 application/json
        {"failedDocuments":[{"fileName":"old","status":503,"title":"RESOURCE_EXHAUSTED","detail":"no room"}],"createdDocuments":[{"camunda.document.type":"camunda","storeId":"local","documentId":"1","contentHash":"c0ffee","metadata":{"contentType":"application/octet-stream","fileName":"a","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}}]}"#]],
    );
    let list = ("name=\"metadataList\"", r#"[{"fileName":"one"},{"fileName":"two"}]"#);
    let whole = form(&[files[0], files[1], list]);
    check(
        "POST /v2/documents/batch",
        &whole,
        vec![created("1"), created("2")],
        expect![[r#"
        document "" "one" application/octet-stream 1 bytes, ends never, {"contentType":"application/octet-stream","fileName":"one","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}
        document "" "two" application/octet-stream 1 bytes, ends never, {"contentType":"application/octet-stream","fileName":"two","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}
        201 application/json
        {"failedDocuments":[],"createdDocuments":[{"camunda.document.type":"camunda","storeId":"local","documentId":"1","contentHash":"c0ffee","metadata":{"contentType":"application/octet-stream","fileName":"one","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}},{"camunda.document.type":"camunda","storeId":"local","documentId":"2","contentHash":"c0ffee","metadata":{"contentType":"application/octet-stream","fileName":"two","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{}}}]}"#]],
    );
}

#[test]
fn documents_are_read_linked_and_deleted() {
    let content = DocumentReply::Content {
        content: "x".into(),
        content_type: "text/html".to_owned(),
        file_name: "a.html".to_owned(),
    };
    check(
        "GET /v2/documents/a%2Fb?contentHash=c0",
        "",
        vec![Ok(content)],
        expect![[r#"
        document Get { id: "a/b", hash: Some("c0") }
        200
        Attachment { content: b"x", content_type: "text/html", file_name: "a.html" }"#]],
    );
    let missing = Err(ApiError::new(ErrorKind::NotFound, "Document with id 'a' not found"));
    check(
        "DELETE /v2/documents/a",
        "",
        vec![missing],
        expect![[r#"
        document Delete { id: "a" }
        404 application/problem+json
        {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Document with id 'a' not found","instance":"/v2/documents/a"}"#]],
    );
    check(
        "DELETE /v2/documents/a",
        "",
        vec![Ok(DocumentReply::Deleted)],
        expect![[r#"
        document Delete { id: "a" }
        204"#]],
    );
}

#[test]
fn links_are_addresses_of_this_server() {
    let content = DocumentReply::Content {
        content: "x".into(),
        content_type: "text/plain".to_owned(),
        file_name: "a.txt".to_owned(),
    };
    let signed = || Ok(DocumentReply::Signed { until_ms: 3_600_000, signature: "5161".to_owned() });
    check(
        "POST /v2/documents/a%2F%20b/links",
        "",
        vec![signed()],
        expect![[r#"
        document Link { id: "a/ b", hash: None, lives_ms: 3600000 }
        201 application/json
        {"url":"http://engine:8080/v2/documents/a%2F%20b/content?until=3600000&signature=5161","expiresAt":"1970-01-01T01:00:00.000Z"}"#]],
    );
    check(
        "POST /v2/documents/a/links?contentHash=c0",
        r#"{"timeToLive":5}"#,
        vec![signed()],
        expect![[r#"
        document Link { id: "a", hash: Some("c0"), lives_ms: 5 }
        201 application/json
        {"url":"http://engine:8080/v2/documents/a/content?until=3600000&signature=5161","expiresAt":"1970-01-01T01:00:00.000Z"}"#]],
    );
    check(
        "POST /v2/documents/a/links",
        r#"{"timeToLive":0}"#,
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"The value for timeToLive is '0' but must be greater than 0.","instance":"/v2/documents/a/links"}"#]],
    );
    check(
        "GET /v2/documents/a/content?until=5&signature=51",
        "",
        vec![Ok(content)],
        expect![[r#"
        document Follow { id: "a", until_ms: 5, signature: "51" }
        200
        Attachment { content: b"x", content_type: "text/plain", file_name: "a.txt" }"#]],
    );
    check(
        "GET /v2/documents/a/content?until=soon&signature=51",
        "",
        vec![],
        expect![[r#"
        400 application/problem+json
        {"type":"about:blank","title":"Bad Request","status":400,"detail":"Failed to convert 'until' with value: 'soon'","instance":"/v2/documents/a/content"}"#]],
    );
}

/// The status and the detail of what a client gets; the store is not asked.
fn refused(path: &str, parts: &[(&str, &str)]) -> String {
    let (broker, rest) = rest();
    let shown = show(ask(&rest, "POST", path, FORM, form(parts).as_bytes()));
    assert_eq!(broker.take_log(), "", "{path}");
    let detail = shown.split_once("\"detail\":\"").and_then(|(_, rest)| rest.split_once("\",\"instance"));
    format!("{} {}", &shown[..3], detail.map_or(shown.as_str(), |(detail, _)| detail))
}

#[test]
fn a_document_gets_no_id_by_which_nobody_could_ask_for_it() {
    let file = ("name=\"file\"; filename=\"a\"", "x");
    for id in [".", "..", "%2e%2E", "a%01b", "a%0ab"] {
        let refused = refused(&format!("/v2/documents?documentId={id}"), &[file]);
        assert!(
            refused.starts_with("400 The provided documentId must be a part of a path"),
            "{id}: {refused}"
        );
    }
    for id in ["a%2Fb".to_owned(), "%E2%82%AC".repeat(133), "...".to_owned()] {
        let (broker, rest) = rest();
        broker.document(created("made"));
        broker.document(Ok(DocumentReply::Deleted));
        let path = format!("/v2/documents?documentId={id}");
        assert!(show(ask(&rest, "POST", &path, FORM, form(&[file]).as_bytes())).starts_with("201"), "{id}");
        let path = format!("/v2/documents/{id}");
        assert!(show(ask(&rest, "DELETE", &path, None, b"")).starts_with("204"), "{id}");
    }
}

#[test]
fn what_is_said_of_a_document_is_bounded_and_means_something() {
    let file = ("name=\"file\"; filename=\"a\"", "x");
    for date in
        ["9999-12-31T23:59:59-23:59", "2027-01-02 00:00:00Z", "2027-02-30T00:00:00Z", "2027-01-01t23:59:60z"]
    {
        let said = format!("{{\"expiresAt\":\"{date}\"}}");
        let refused = refused("/v2/documents", &[("name=\"metadata\"", &said), file]);
        assert!(refused.starts_with("400 The provided metadata.expiresAt"), "{refused}");
    }
    let large = format!("{{\"customProperties\":{{\"a\":\"{}\"}}}}", "x".repeat(983_040));
    let refused_large = refused("/v2/documents", &[("name=\"metadata\"", &large), file]);
    assert_eq!(refused_large, "413 The metadata of a document has more than 983040 bytes");
    let files = ("name=\"files\"; filename=\"a\"", "x");
    // The one beyond all bounds is not even read: it is no JSON.
    for list in [format!("[{large},{{}}]"), format!("{large}{large}")] {
        let refused = refused("/v2/documents/batch", &[files, files, ("name=\"metadataList\"", &list)]);
        assert_eq!(refused, refused_large);
    }
    let long = "n".repeat(1025);
    let said = format!("{{\"fileName\":\"{long}\"}}");
    let refused_name = refused("/v2/documents", &[("name=\"metadata\"", &said), file]);
    assert_eq!(refused_name, "400 The provided fileName exceeds the limit of 1024 bytes.");
    let named = format!("name=\"files\"; filename=\"{long}\"");
    let refused_one = refused("/v2/documents/batch", &[files, (&named, "x")]);
    assert_eq!(refused_one, "400 The provided fileName exceeds the limit of 1024 bytes.");
    let headers = format!("name=\"file\"; filename=\"{}\"", "n".repeat(8192));
    let refused_headers = refused("/v2/documents", &[(&headers, "x")]);
    assert_eq!(refused_headers, "400 The headers of a part have more than 8192 bytes.");
}

/// Of what is said twice the last holds, and nothing of it is looked for more than once.
#[test]
fn what_is_said_twice_is_said_by_the_last() {
    let metadata = r#"{"fileName":"a","fileName":"b","contentType":"text/a","contentType":null,"customProperties":{"fileName":"c"}}"#;
    check(
        "POST /v2/documents",
        &form(&[("name=\"metadata\"", metadata), ("name=\"file\"", "x")]),
        vec![created("made")],
        expect![[r#"
            document "" "b" application/octet-stream 1 bytes, ends never, {"contentType":"application/octet-stream","fileName":"b","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{"fileName":"c"}}
            201 application/json
            {"camunda.document.type":"camunda","storeId":"local","documentId":"made","contentHash":"c0ffee","metadata":{"contentType":"application/octet-stream","fileName":"b","expiresAt":null,"size":1,"processDefinitionId":null,"processInstanceKey":null,"customProperties":{"fileName":"c"}}}"#]],
    );
}
