//! What stands around the answers of the binary: names of requests, what a client may ask for, methods that there are.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, start_command};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

/// Asks with a header, or without.
fn ask(client: &mut Client, line: &str, header: &str, body: &Value) -> Response {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    client.send(method, path, header, body).expect("an answer")
}

/// The lines that a server writes to standard error.
fn lines_of(server: &mut Server) -> Receiver<String> {
    let (sender, lines) = channel();
    let stderr = BufReader::new(server.take_stderr().expect("it is piped"));
    std::thread::spawn(move || {
        stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok();
    });
    lines
}

/// The next line about a request with such a name.
fn line_with(lines: &Receiver<String>, id: &str) -> String {
    let named = format!("request_id={id}");
    until("a line of the log names the request", || {
        lines.try_iter().find(|line| line.split(' ').any(|field| field == named))
    })
}

#[test]
fn a_request_is_called_the_same_in_its_answer_and_in_the_log() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = start_command(dir.path(), &["--no-secondary-storage"]);
    command.stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let lines = lines_of(&mut server);
    let mut client = server.client();
    let search = "POST /v2/process-instances/search";
    let named = ask(&mut client, search, "x-request-id: order-17=\"a\\b\"\r\n", &json!({}));
    assert_eq!((named.status, named.header("x-request-id")), (503, "order-17=\"a\\b\""));
    let line = line_with(&lines, r#""order-17=\"a\\b\"""#);
    assert!(line.contains("level=warn") && line.contains("path=/v2/process-instances/search"), "{line}");
    // What is no name gets one, as does what has none.
    let long = format!("x-request-id: {}\r\n", "a".repeat(129));
    for header in ["", "x-request-id: \r\n", "x-request-id: a b\r\n", "x-request-id: \u{e4}\r\n", &long] {
        let refused = ask(&mut client, search, header, &json!({}));
        let id = refused.header("x-request-id").to_owned();
        let is_made = id.len() < 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        assert!(refused.status == 503 && is_made && id.len() > 16, "{header:?}: {id}");
    }
    // A page of another site is told too, and its refusal stands under that name.
    let foreign = "origin: http://evil.example\r\nx-request-id: from-afar\r\n";
    let refused = ask(&mut client, "GET /v2/topology", foreign, &Value::Null);
    assert_eq!((refused.status, refused.header("x-request-id")), (403, "from-afar"));
    assert!(line_with(&lines, "from-afar").contains("port=rest"));
    // Faults of clients have names, and no lines.
    let wrong = ask(&mut client, "POST /v2/jobs/activation", "x-request-id: wrong\r\n", &json!({}));
    assert_eq!((wrong.status, wrong.header("x-request-id")), (400, "wrong"));
    let unnamed = ask(&mut client, "GET /v2/nowhere", "", &Value::Null);
    assert!(unnamed.status == 404 && unnamed.header("x-request-id").len() > 16);
    let well = ask(&mut client, "GET /v2/topology", "x-request-id: well\r\n", &Value::Null);
    assert_eq!((well.status, well.header("x-request-id")), (200, "well"));
    let well = ask(&mut client, "GET /v2/topology", "", &Value::Null);
    assert_eq!((well.status, well.header("x-request-id")), (200, ""));
    server.stop();
    let rest: Vec<String> = lines.iter().collect();
    assert!(!rest.iter().any(|line| line.contains("wrong") || line.contains("well")), "{rest:?}");
}

#[test]
fn a_document_is_given_to_whoever_asks_for_it_and_the_most_exact_range_decides() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    let form = "multipart/form-data; boundary=edge";
    let body = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                content-type: image/png\r\n\r\nnot one\r\n--edge--\r\n";
    let kept =
        client.request("POST", "/v2/documents?documentId=a", form, body.as_bytes()).expect("an answer");
    let hash = kept.json()["contentHash"].as_str().expect("a hash").to_owned();
    let path = format!("/v2/documents/a?contentHash={hash}");
    for accept in ["image/png", "image/webp", "application/json", "text/html;q=0.5, image/*;q=0", "*/*;q=0"] {
        let given = ask(&mut client, &format!("GET {path}"), &format!("accept: {accept}\r\n"), &Value::Null);
        assert_eq!((given.status, given.content_type.as_str()), (200, "image/png"), "{accept}");
        assert_eq!(given.body, b"not one");
    }
    for (accept, status) in [
        ("application/json;q=0, */*", 406),
        ("*/*;q=0, application/json", 200),
        ("text/plain, application/*;q=0, */*", 406),
        ("text/plain;q=0, */*;q=0.1", 200),
    ] {
        let answer = ask(&mut client, "GET /v2/topology", &format!("accept: {accept}\r\n"), &Value::Null);
        assert_eq!(answer.status, status, "{accept}");
    }
    server.stop();
}

#[test]
fn who_asks_the_management_port_in_a_wrong_way_is_told_the_right_ones() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--test-endpoints"]);
    let mut client = Client::connect(server.management).expect("it listens");
    for (line, allowed) in [
        ("POST /actuator/health", "GET, HEAD"),
        ("DELETE /actuator/prometheus", "GET, HEAD"),
        ("PUT /actuator/flowControl", "GET, HEAD, POST"),
        ("POST /actuator/jobstreams", "GET, HEAD"),
        ("GET /actuator/exporting/pause", "POST"),
        ("GET /actuator/exporters/none/enable", "POST"),
        ("PUT /actuator/clock", "GET, HEAD, DELETE"),
        ("GET /actuator/clock/pin", "POST"),
        ("GET /actuator/cluster/purge", "POST"),
    ] {
        let answer = ask(&mut client, line, "", &Value::Null);
        assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{line}");
    }
    server.stop();
}

/// Camunda reads a filter as a tree of JSON first, in which a member that comes again takes the place of the one before.
#[test]
fn of_an_operator_that_comes_twice_in_a_filter_the_last_one_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &[]);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let body = json!({ "processDefinitionId": "one_task", "businessId": "a" });
    let created = client.post("/v2/process-instances", &body).expect("an answer");
    let position = format!("ringbolt-position: {}\r\n", created.header("ringbolt-position"));
    let mut found = |filter: &str| {
        let body = format!("{{\"filter\":{filter}}}");
        let head = format!(
            "POST /v2/process-instances/search HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             {position}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = client.raw(head.as_bytes()).expect("an answer");
        (answer.status, answer.json()["page"]["totalItems"].as_u64())
    };
    for (filter, items) in [
        (r#"{"businessId":{"$eq":"b","$eq":"a"}}"#, 1),
        (r#"{"businessId":{"$eq":"a","$eq":"b"}}"#, 0),
        (r#"{"businessId":{"$eq":"b","$\u0065q":"a"}}"#, 1),
        (r#"{"businessId":{"$in":["b"],"$eq":"a","$in":["a"]}}"#, 1),
        (r#"{"businessId":{"$in":["a"],"$eq":"a","$in":["b"]}}"#, 0),
        (r#"{"businessId":{"$eq":"b","$eq":null}}"#, 1),
        (r#"{"businessId":"b","businessId":"a"}"#, 1),
        (r#"{"businessId":"a","businessId":{"$eq":"b"}}"#, 0),
    ] {
        assert_eq!(found(filter), (200, Some(items)), "{filter}");
    }
    server.stop();
}
