//! Connections of HTTP/1.1: what a client sends. Requests are answered as they come, by their number in one way or another.
//!
//! Held: what comes of the bytes does not depend on where they were cut, nor on whether a header is known; nothing that a client sends is held
//! beyond a head; nothing follows a request whose end is not certain.

use crate::run::{Target, signature};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use ringbolt_http1::{Answer, Connection, Event, Heads};
use std::fmt::Write as _;
use std::io::IoSlice;
use std::time::Duration;

/// Requests of a client.
pub(crate) const TARGET: Target = Target {
    name: "http1",
    corpus,
    tokens: &[
        "\r\n",
        "\r\n\r\n",
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        "GET /",
        "HEAD /",
        "host: h\r\n",
        "content-length: 3\r\n",
        "transfer-encoding: chunked\r\n",
        "transfer-encoding: ",
        "connection: close\r\n",
        "connection: keep-alive\r\n",
        "expect: 100-continue\r\n",
        "0\r\n\r\n",
        "3;a=b\r\nabc\r\n",
        ", chunked",
    ],
    length_max: 8 * 1024,
    memory_base: 1 << 20,
    memory_per_byte: 400,
    time_max: Duration::from_secs(3),
    check,
};

const HEADER_BYTES_MAX: usize = 2048;

fn corpus() -> Vec<Vec<u8>> {
    let get = "GET /a?b HTTP/1.1\r\nhost: h\r\n\r\n";
    let post = "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc";
    let chunked = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
    [
        get.to_owned(),
        format!("{post}{get}{get}{post}{get}"),
        format!("{chunked}3\r\nabc\r\n0a;x=\"y\"\r\n0123456789\r\n0\r\n\r\n{get}"),
        format!("{chunked}0\r\nt: u\r\nv: w\r\n\r\n{chunked}0\r\n\r\n{get}"),
        "GET http://h/ HTTP/1.0\r\nconnection: keep-alive\r\n\r\nHEAD * HTTP/1.0\r\n\r\n".to_owned(),
        "PUT / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\nx".to_owned(),
        "POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG".to_owned(),
        "GET / HTTP/1.1\r\na : b\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\na: b\n\n\nGET / HTTP/1.1\r\n\r\n".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn check(input: &[u8]) -> u64 {
    let heads = Heads::default();
    let whole = outcome(input, input.len().max(1), &Heads::default());
    for step in [1, 7, 64] {
        assert!(outcome(input, step, &heads) == whole, "in pieces of {step}");
    }
    assert!(outcome(input, input.len().max(1), &heads) == whole, "with what was known");
    signature(&whole)
}

/// What comes of bytes that are read in pieces: events, what was sent, the end.
fn outcome(bytes: &[u8], step: usize, heads: &Heads) -> String {
    let mut connection = Connection::new(HEADER_BYTES_MAX, heads.clone());
    let (mut seen, mut requests, mut taken, mut has_data) = (String::new(), 0usize, 0, false);
    let mut read = 0;
    'all: while read < bytes.len() {
        read = bytes.len().min(read + step);
        let mut piece = &bytes[taken..read];
        loop {
            let received = connection.receive(&mut piece);
            let is_data = matches!(received, Ok(Some(Event::Data { .. })));
            match received {
                Ok(Some(Event::Data { data, is_last })) => {
                    let mark = if has_data { "" } else { "data " };
                    let _ =
                        write!(seen, "{mark}{}{}", data.escape_ascii(), if is_last { " last" } else { "" });
                }
                Ok(Some(event)) => {
                    requests += usize::from(matches!(event, Event::Request { .. }));
                    let _ = write!(seen, "\n{event:?}\n");
                }
                Ok(None) if connection.is_asked() && !connection.is_in_body() => {
                    answer(&mut connection, requests);
                    let _ = write!(seen, "\n{}", sent(&mut connection).escape_ascii());
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(!connection.is_reading(), "nothing is read after an error");
                    let _ = write!(seen, "\n{error}");
                    break 'all;
                }
            }
            has_data = is_data || (has_data && connection.is_in_body());
        }
        taken = read - piece.len();
        if connection.is_over() {
            break;
        }
        assert!(taken == read, "a connection that reads takes all");
    }
    let _ = write!(seen, "\n{} {}", connection.owes(), connection.is_over());
    seen
}

fn answer(connection: &mut Connection, requests: usize) {
    let date = HeaderValue::from_static("today");
    let body = if requests.is_multiple_of(2) {
        Answer::Streamed
    } else {
        Answer::Whole(Bytes::from_static(b"0123456789"))
    };
    if connection.respond(StatusCode::OK, &HeaderMap::new(), &date, body) {
        connection.send_data(Bytes::from_static(b"abc"));
        connection.send_end();
    }
    connection.finish();
}

fn sent(connection: &mut Connection) -> Vec<u8> {
    let mut sent = Vec::new();
    while connection.unwritten() > 0 {
        let mut slices = [IoSlice::new(&[]); 3];
        let count = connection.slices(&mut slices);
        let before = sent.len();
        slices[..count].iter().for_each(|slice| sent.extend_from_slice(slice));
        let written = sent.len() - before;
        connection.written(written);
    }
    sent
}
