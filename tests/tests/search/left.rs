//! Searches that would take long end with their time, or when their clients have left: they hold up nobody.

use crate::rig::Rig;
use ringbolt_tests::server::Server;
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

const VARIABLES: &str = "/v2/variables/search";

/// A search that goes through every value for long: each nearly matches, everywhere.
fn heavy() -> String {
    let pattern = format!("*{}b*", "a".repeat(900));
    json!({ "filter": { "value": { "$like": pattern } } }).to_string()
}

fn ask(server: &Server) -> TcpStream {
    let body = heavy();
    let mut stream = TcpStream::connect(server.rest).expect("the server listens");
    let head = format!(
        "POST {VARIABLES} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        server.rest,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("it is taken");
    stream
}

/// Long values: to match one takes a twentieth of a second, all of them twenty.
fn long_values(rig: &mut Rig) {
    for _ in 0..20 {
        let name = |at: usize| (format!("v{at}"), Value::from("a".repeat(40_000)));
        let variables: Map<String, Value> = (0..20).map(name).collect();
        rig.create(&json!({ "processDefinitionId": "one_task", "variables": variables }));
    }
}

#[test]
fn a_search_ends_at_its_time_however_long_values_are() {
    let mut rig = Rig::start_with(&["--search-time-ms", "300"]);
    long_values(&mut rig);
    // They are there.
    assert_eq!(rig.count(VARIABLES, &json!({ "name": "v1" })), 20);
    let begun = Instant::now();
    let answer = rig.client.request("POST", VARIABLES, "application/json", heavy().as_bytes());
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, &answer.json()["title"]), (504, &json!("DEADLINE_EXCEEDED")));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    rig.server.stop();
}

/// Each of the searches takes many times as long as the rest of the test together, and one thread does them all.
#[test]
fn a_search_ends_with_its_client() {
    let mut rig = Rig::start_with(&["--search-threads", "1", "--search-time-ms", "600000"]);
    long_values(&mut rig);
    let name = json!({ "filter": { "name": "v1" }, "page": { "limit": 1 } });
    assert_eq!(rig.search(VARIABLES, &name)["page"]["totalItems"], 20);
    let begun = Instant::now();
    let asked: Vec<TcpStream> = (0..6).map(|_| ask(&rig.server)).collect();
    for (number, stream) in asked.iter().enumerate() {
        let how = if number % 2 == 0 { Shutdown::Both } else { Shutdown::Write };
        stream.shutdown(how).expect("our own socket");
    }
    // The thread is free again only because their clients are gone.
    assert_eq!(rig.search(VARIABLES, &name)["page"]["totalItems"], 20);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let mut told = String::new();
    (&asked[1]).read_to_string(&mut told).expect("text");
    assert!(told.starts_with("HTTP/1.1 504 "), "who only ended its half is told: {told}");
    // Who ends its half right after it asked has what an index finds at once.
    let body = name.to_string();
    let mut half = TcpStream::connect(rig.server.rest).expect("the server listens");
    let head = format!(
        "POST {VARIABLES} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        rig.server.rest,
        body.len()
    );
    half.write_all(head.as_bytes()).expect("it is taken");
    half.shutdown(Shutdown::Write).expect("our own socket");
    let mut told = String::new();
    half.read_to_string(&mut told).expect("text");
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    rig.server.stop();
}
