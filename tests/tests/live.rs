//! What changes, told to pages that are open: at `/live`, as server-sent events.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const SMALL: [&str; 4] = ["--cores", "0", "--partitions", "1"];
/// Streams of one address.
const OF_ADDRESS_MAX: usize = 32;

/// An open stream.
struct Stream(BufReader<TcpStream>);

#[derive(Debug)]
struct Event {
    kind: String,
    id: String,
    data: Value,
}

impl Stream {
    /// Opens one; the status, and the stream if it is one.
    fn try_open(server: &Server, query: &str) -> (u16, Self) {
        let mut socket = TcpStream::connect(server.rest).expect("the server listens");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
        write!(socket, "GET /live?{query} HTTP/1.1\r\nhost: {}\r\n\r\n", server.rest).expect("sent");
        let mut stream = Self(BufReader::new(socket));
        let status = stream.line();
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        while !stream.line().is_empty() {}
        (status, stream)
    }

    /// Opens one, and the mark with which it begins.
    fn open(server: &Server, query: &str) -> (Self, String) {
        let (status, mut stream) = Self::try_open(server, query);
        assert_eq!(status, 200);
        let event = stream.event();
        assert_eq!(event.kind, "open");
        (stream, event.id)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("it comes in time");
        line.trim_end().to_owned()
    }

    /// The next event.
    fn event(&mut self) -> Event {
        let mut event = Event { kind: String::new(), id: String::new(), data: Value::Null };
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("event", kind)) => event.kind = kind.to_owned(),
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).expect("JSON"),
                _ if line.is_empty() && !event.kind.is_empty() => return event,
                // Sizes of chunks, comments.
                _ => {}
            }
        }
    }
}

fn create(client: &mut Client, secret: &str) -> String {
    let body = json!({ "processDefinitionId": "one_task", "variables": { "secret": secret } });
    let created = client.post("/v2/process-instances", &body).expect("an answer").json();
    created["processInstanceKey"].as_str().expect("a key").to_owned()
}

fn cancel(client: &mut Client, instance: &str) {
    let path = format!("/v2/process-instances/{instance}/cancellation");
    assert_eq!(client.post(&path, &json!({})).expect("an answer").status, 204);
}

/// A server with the model.
fn server(folder: &std::path::Path) -> (Server, Client) {
    let server = Server::start(folder, &SMALL);
    let mut client = Client::connect(server.rest).expect("the server listens");
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    (server, client)
}

#[test]
fn who_watches_an_instance_hears_when_its_change_can_be_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, mut client) = server(folder.path());
    let (one, other) = (create(&mut client, "hush"), create(&mut client, "hush"));
    let (mut stream, mark) = Stream::open(&server, &format!("instances={one}"));
    let (mut list, _) = Stream::open(&server, "anything=true");
    cancel(&mut client, &other);
    assert_eq!(list.event().data, json!({ "instances": [], "anything": true }));
    cancel(&mut client, &one);
    let told = loop {
        // Its begin may be told as well: it was young when the stream was opened.
        let event = stream.event();
        assert_eq!(
            (event.kind.as_str(), &event.data),
            ("changed", &json!({ "instances": [one], "anything": false }))
        );
        let found = client.get(&format!("/v2/process-instances/{one}")).expect("an answer").json();
        if found["state"] == "TERMINATED" {
            break event;
        }
    };
    assert!(!told.data.to_string().contains("hush"), "{told:?}");
    // Who was away hears what it missed; who comes from nowhere, that nobody knows.
    let (mut again, _) = Stream::open(&server, &format!("instances={one},{other}&after={mark}"));
    let missed = again.event();
    assert_eq!(missed.kind, "changed");
    assert!(missed.data["instances"].as_array().is_some_and(|keys| keys.contains(&json!(one))), "{missed:?}");
    assert_eq!(Stream::open(&server, &format!("instances={one}&after=1-1")).0.event().kind, "resync");
    // A stop waits for no page.
    let stopping = Instant::now();
    server.stop();
    assert!(stopping.elapsed() < Duration::from_secs(5), "{:?}", stopping.elapsed());
    assert_eq!((stream.line(), list.0.get_ref().peer_addr().is_ok()), (String::new(), true));
}

#[test]
fn streams_are_bounded_and_only_where_pages_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _) = server(&folder.path().join("on"));
    let mut streams: Vec<Stream> =
        (0..OF_ADDRESS_MAX).map(|_| Stream::open(&server, "anything=true").0).collect();
    assert_eq!(Stream::try_open(&server, "anything=true").0, 503);
    streams.pop();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Stream::try_open(&server, "anything=true").0 != 200 {
        assert!(Instant::now() < deadline, "nobody noticed that one is gone");
    }
    let many = vec!["7"; 65].join(",");
    assert_eq!(Stream::try_open(&server, &format!("instances={many}")).0, 400);
    assert_eq!(Stream::try_open(&server, "instances=x").0, 400);
    drop(streams);
    server.stop();
    for (name, setting, status) in
        [("off", &["--web", "off"][..], 404), ("bare", &["--no-secondary-storage"], 503)]
    {
        let server = Server::start(&folder.path().join(name), &[&SMALL[..], setting].concat());
        assert_eq!(Stream::try_open(&server, "anything=true").0, status, "{name}");
        server.stop();
    }
}
