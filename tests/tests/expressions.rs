//! Expressions by request run beside the cores: one that never ends delays nobody, ends with its client or its time, and
//! more than can wait are refused.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::net::{Shutdown, TcpStream};

/// Minutes of work for any machine.
const ENDLESS: &str =
    "=count(for i in 1..100000 return count(for j in 1..100000 return count(for k in 1..100000 return k)))";
/// Evaluations that wait for a thread at most.
const QUEUE: usize = 64;
const PATH: &str = "/v2/expression/evaluation";

fn evaluate(client: &mut Client, expression: &str) -> Response {
    client.post(PATH, &json!({ "expression": expression })).expect("an answer")
}

/// A client that asks for something endless and waits.
fn bomb(server: &Server) -> TcpStream {
    use std::io::Write;
    let body = json!({ "expression": ENDLESS }).to_string();
    let mut stream = TcpStream::connect(server.rest).expect("the server listens");
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        server.rest,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("it is taken");
    stream
}

fn create(client: &mut Client) -> Response {
    client.post("/v2/process-instances", &json!({ "processDefinitionId": "one_task" })).expect("an answer")
}

fn metric(server: &Server, line: &str) -> f64 {
    let page = Client::connect(server.management).expect("it listens").get("/metrics").expect("an answer");
    let page = String::from_utf8(page.body).expect("text");
    let found = page.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok());
    found.unwrap_or_else(|| panic!("no {line}: {page}"))
}

fn detail(response: &Response) -> String {
    response.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn an_endless_expression_delays_nobody_and_ends_with_its_client() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--evaluation-timeout-ms", "600000"]);
    let mut client = server.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    let bombs: Vec<TcpStream> = (0..10).map(|_| bomb(&server)).collect();
    // The one core goes on.
    for _ in 0..20 {
        assert_eq!(create(&mut client).status, 200);
    }
    // The one thread is free again only because their clients are gone: some leave, some only end their half.
    for (number, bomb) in bombs.iter().enumerate() {
        let how = if number % 2 == 0 { Shutdown::Both } else { Shutdown::Write };
        bomb.shutdown(how).expect("our own socket");
    }
    let evaluated = evaluate(&mut client, "=1 + 2");
    assert_eq!((evaluated.status, &evaluated.json()["result"]), (200, &json!(3)));
    let (status, text) = last_answer(&bombs[1]);
    assert_eq!(status, 504, "{text}");
    server.stop();
}

/// The begin of an answer, if one has come, in small letters.
fn answer_there(stream: &TcpStream) -> Option<String> {
    stream.set_nonblocking(true).expect("our own socket");
    let mut head = [0; 512];
    let read = stream.peek(&mut head).ok().filter(|read| *read > 0)?;
    Some(String::from_utf8_lossy(&head[..read]).to_lowercase())
}

/// What the server said to a client that ended its half.
fn last_answer(stream: &TcpStream) -> (u16, String) {
    use std::io::Read;
    let mut text = String::new();
    let mut stream = stream.try_clone().expect("our own socket");
    stream.read_to_string(&mut text).expect("text");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_default(), text)
}

#[test]
fn an_expression_has_a_deadline_and_says_so() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--evaluation-timeout-ms", "100"]);
    let mut client = server.client();
    let late = evaluate(&mut client, ENDLESS);
    assert_eq!((late.status, &late.json()["title"]), (504, &json!("DEADLINE_EXCEEDED")));
    assert!(detail(&late).contains("within 100 ms"), "{}", detail(&late));
    // What it could not have before: more than an entry's budget, within its time.
    let large = evaluate(&mut client, "=count(for i in 1..20000 return i)");
    assert_eq!((large.status, &large.json()["result"]), (200, &json!(20_000)), "{}", detail(&large));
    server.stop();
}

#[test]
fn more_expressions_than_can_wait_are_refused_and_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0", "--evaluation-timeout-ms", "600000"]);
    let mut client = server.client();
    // One is evaluated; how many wait when the last ones come depends on when that one was begun.
    let mut asking: Vec<TcpStream> = (0..QUEUE + 4).map(|_| bomb(&server)).collect();
    let line = "ringbolt_refusals_total{class=\"new_work\",reason=\"evaluations\"}";
    let refused = until("those who are too many are refused, and counted", || {
        let refused: Vec<String> = asking.iter().filter_map(answer_there).collect();
        (refused.len() >= 3 && metric(&server, line) == refused.len() as f64).then_some(refused)
    });
    for head in &refused {
        assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: 1"), "{head}");
    }
    assert_eq!(create(&mut client).status, 404, "the core answers whatever waits");
    asking.clear();
    until("there is room again", || {
        let evaluated = evaluate(&mut client, "=7");
        (evaluated.status == 200).then(|| assert_eq!(evaluated.json()["result"], Value::from(7)))
    });
    server.stop();
}
