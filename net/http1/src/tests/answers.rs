//! Answers: how their bodies are framed, and whether another request follows.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{DATE, Rig, headers, whole};
use crate::Answer;

/// A connection that was asked for this.
fn asked(line: &str, fields: &str) -> Rig {
    let mut rig = Rig::new();
    assert_eq!(rig.good(format!("{line}\r\n{fields}\r\n")).len(), 1);
    rig
}

const GET: &str = "GET / HTTP/1.1";

#[test]
fn an_answer_that_is_there_says_its_length() {
    let mut rig = asked(GET, "");
    let fields = headers(&[("content-type", "a/b"), ("content-length", "99"), ("transfer-encoding", "gzip")]);
    assert!(!rig.connection.respond(StatusCode::OK, &fields, &DATE, whole("hello")));
    assert_eq!(
        rig.sent(),
        "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\ncontent-length: 5\r\ndate: Mon, 30 Nov 2026 23:59:59 GMT\r\n\r\nhello"
    );
    assert!(rig.connection.finish());
    let mut rig = asked(GET, "");
    let fields = headers(&[("date", "today"), ("set-cookie", "a"), ("set-cookie", "b")]);
    rig.connection.respond(StatusCode::NOT_FOUND, &fields, &DATE, whole(""));
    let sent = rig.sent();
    assert!(
        sent.starts_with("HTTP/1.1 404 Not Found\r\n") && sent.ends_with("content-length: 0\r\n\r\n"),
        "{sent}"
    );
    assert!(sent.contains("date: today\r\n") && !sent.contains("2026"), "{sent}");
    assert!(sent.contains("set-cookie: a\r\nset-cookie: b\r\n"), "{sent}");
}

#[test]
fn what_has_no_body_gets_none() {
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
        for answer in [whole("hello"), Answer::Streamed] {
            let mut rig = asked(GET, "");
            assert!(!rig.connection.respond(status, &headers(&[("content-length", "5")]), &DATE, answer));
            let sent = rig.sent();
            assert!(
                sent.ends_with(" GMT\r\n\r\n") && !sent.contains("length") && !sent.contains("chunked"),
                "{sent}"
            );
            assert!(rig.connection.finish());
        }
    }
    for (fields, answer, length) in [
        (HeaderMap::new(), whole("hello"), Some("5")),
        (headers(&[("content-length", "7")]), whole(""), Some("7")),
        (HeaderMap::new(), Answer::Streamed, None),
    ] {
        let mut rig = asked("HEAD / HTTP/1.1", "");
        assert!(!rig.connection.respond(StatusCode::OK, &fields, &DATE, answer));
        let sent = rig.sent();
        assert!(sent.ends_with(" GMT\r\n\r\n"), "{sent}");
        let said = length.map(|length| format!("content-length: {length}\r\n"));
        assert_eq!(sent.contains("content-length"), said.is_some(), "{sent}");
        assert!(said.is_none_or(|said| sent.contains(&said)), "{sent}");
        assert!(rig.connection.finish());
    }
}

#[test]
fn a_streamed_body_goes_in_chunks() {
    let mut rig = asked(GET, "");
    let fields = headers(&[("content-length", "5")]);
    assert!(rig.connection.respond(StatusCode::OK, &fields, &DATE, Answer::Streamed));
    let sent = rig.sent();
    assert!(
        sent.contains("\r\ntransfer-encoding: chunked\r\n") && !sent.contains("content-length"),
        "{sent}"
    );
    for (length, size) in [(1, "1"), (0x10, "10"), (0xfff, "fff"), (70_000, "11170")] {
        let data = "x".repeat(length);
        rig.connection.send_data(Bytes::from(data.clone()));
        assert_eq!(rig.sent(), format!("{size}\r\n{data}\r\n"));
    }
    rig.connection.send_data(Bytes::new());
    assert_eq!(rig.sent(), "", "an empty chunk would be the end");
    rig.connection.send_data(Bytes::from_static(b"last"));
    rig.connection.send_end();
    assert_eq!(rig.sent(), "4\r\nlast\r\n0\r\n\r\n");
    assert!(rig.connection.finish());
}

#[test]
fn over_http_1_0_a_streamed_body_ends_with_its_connection() {
    let mut rig = asked("GET / HTTP/1.0", "connection: keep-alive\r\n");
    assert!(rig.connection.respond(StatusCode::OK, &HeaderMap::new(), &DATE, Answer::Streamed));
    rig.connection.send_data(Bytes::from_static(b"data"));
    rig.connection.send_end();
    let sent = rig.sent();
    assert!(
        sent.starts_with("HTTP/1.0 200 OK\r\nconnection: close\r\n") && sent.ends_with("\r\n\r\ndata"),
        "{sent}"
    );
    assert!(!rig.connection.finish() && rig.connection.is_over());
}

#[test]
fn whether_a_connection_goes_on_is_the_clients_the_services_and_the_servers_matter() {
    let close = headers(&[("connection", "x, Close")]);
    for (line, fields, answer, goes_on, said) in [
        (GET, "", HeaderMap::new(), true, None),
        (GET, "connection: keep-alive\r\n", HeaderMap::new(), true, None),
        (GET, "connection: a, CLOSE\r\n", HeaderMap::new(), false, Some("close")),
        (GET, "connection: close\r\nconnection: keep-alive\r\n", HeaderMap::new(), false, Some("close")),
        (GET, "connection: closed\r\n", HeaderMap::new(), true, None),
        (GET, "", close, false, Some("close")),
        ("GET / HTTP/1.0", "", HeaderMap::new(), false, Some("close")),
        ("GET / HTTP/1.0", "connection: Keep-Alive\r\n", HeaderMap::new(), true, Some("keep-alive")),
    ] {
        let mut rig = asked(line, fields);
        rig.connection.respond(StatusCode::OK, &answer, &DATE, whole("x"));
        let sent = rig.sent();
        assert_eq!(rig.connection.finish(), goes_on, "{line} {fields}");
        assert_eq!(sent.contains("connection: "), said.is_some(), "{sent}");
        assert!(said.is_none_or(|said| sent.contains(&format!("\r\nconnection: {said}\r\n"))), "{sent}");
    }
    let mut rig = Rig::new();
    rig.connection.set_last();
    rig.good("GET / HTTP/1.1\r\n\r\n");
    rig.connection.respond(StatusCode::OK, &HeaderMap::new(), &DATE, whole("x"));
    assert!(rig.sent().contains("connection: close\r\n") && !rig.connection.finish());
}

#[test]
fn what_was_no_request_is_answered_and_is_the_last() {
    let mut rig = Rig::new();
    assert!(rig.receive(b"NONSENSE\r\n\r\n").0.is_err());
    rig.connection.respond(StatusCode::BAD_REQUEST, &HeaderMap::new(), &DATE, whole("why"));
    let sent = rig.sent();
    assert!(sent.starts_with("HTTP/1.1 400 Bad Request\r\n") && sent.ends_with("\r\n\r\nwhy"), "{sent}");
    assert!(sent.contains("connection: close\r\n") && rig.connection.is_over(), "{sent}");
}
