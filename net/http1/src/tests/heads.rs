//! Heads of requests: what is one (RFC 9112, sections 2, 3 and 5), and where its request ends (section 6.3).

use super::{HEADER_BYTES_MAX, Rig, wrong};
use crate::{Connection, HEADERS_MAX, Heads};

#[test]
fn targets_come_in_three_forms() {
    for (line, request) in [
        ("GET /a?b HTTP/1.1", "GET /a?b HTTP/1.1 Empty"),
        ("GET http://x:1/a?b HTTP/1.1", "GET http://x:1/a?b HTTP/1.1 Empty"),
        ("GET http://x HTTP/1.1", "GET http://x/ HTTP/1.1 Empty"),
        ("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1 Empty"),
        ("HEAD / HTTP/1.0", "HEAD / HTTP/1.0 Empty"),
        ("X-Y / HTTP/1.1", "X-Y / HTTP/1.1 Empty"),
        // A line end may be a line feed alone, and some before the first line are passed over (section 2.2).
        ("\r\n\r\nGET / HTTP/1.1", "GET / HTTP/1.1 Empty"),
    ] {
        for end in ["\r\n", "\n"] {
            assert_eq!(Rig::new().good(format!("{line}{end}host: h{end}{end}")), [request], "{line:?}");
        }
    }
}

#[test]
fn a_request_keeps_its_header_as_it_came() {
    let mut connection = Connection::new(HEADER_BYTES_MAX, Heads::default());
    let mut bytes = &b"GET / HTTP/1.1\r\nHost: h\r\nA:1\r\na: \t 2 x \t\r\nb:\r\nc: \x80\xff\r\n\r\n"[..];
    let Ok(Some(crate::Event::Request { request, .. })) = connection.receive(&mut bytes) else {
        panic!("a request")
    };
    let mut fields: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    fields.sort_unstable();
    let expected: [(&str, &[u8]); 5] =
        [("a", b"1"), ("a", b"2 x"), ("b", b""), ("c", b"\x80\xff"), ("host", b"h")];
    assert_eq!(fields, expected);
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for lines in [
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET\t/ HTTP/1.1\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
        "GET example.com:80 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\rhost: h\r\n\r\n",
        // Blanks before a colon, a line that goes on, a header without a name or a colon, a return alone, a zero (section 5).
        "GET / HTTP/1.1\r\nhost : h\r\n\r\n",
        "GET / HTTP/1.1\r\n host: h\r\n\r\n",
        "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\na: b\r\n\tc\r\n\r\n",
        "GET / HTTP/1.1\r\n: h\r\n\r\n",
        "GET / HTTP/1.1\r\nhost\r\n\r\n",
        "GET / HTTP/1.1\r\na: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\na: b\r\r\n\r\n",
        "GET / HTTP/1.1\r\na: \0\r\n\r\n",
        "GET / HTTP/1.1\r\na: \x7f\r\n\r\n",
        "GET / HTTP/1.1\r\na\0: b\r\n\r\n",
        // Nobody waits for the rest of a line that is none.
        "GET \x01",
        "\x02\x03",
    ] {
        assert_eq!(wrong(lines).0, 400, "{lines:?}");
    }
}

/// A request with these headers, and a body that could be one or the next request.
fn request(headers: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: h\r\n{headers}\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n")
}

#[test]
fn where_a_body_ends_is_never_a_matter_of_opinion() {
    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 0\r\ntransfer-encoding: chunked\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5\r\nContent-Length: 5\r\n",
        "content-length: 5, 5\r\n",
        "content-length: +5\r\n",
        "content-length: -5\r\n",
        "content-length: 0x5\r\n",
        "content-length: 5 5\r\n",
        "content-length: \r\n",
        "content-length: 5.0\r\n",
        "content-length: 18446744073709551616\r\n",
        "transfer-encoding: identity\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked;q=1\r\n",
        "transfer-encoding: \x0bchunked\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: \"chunked\"\r\n",
        "transfer-encoding: \r\n",
    ] {
        assert_eq!(wrong(request(headers)).0, 400, "{headers:?}");
    }
    for headers in
        ["transfer-encoding: gzip, chunked\r\n", "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n"]
    {
        assert_eq!(wrong(request(headers)).0, 501, "{headers:?}");
    }
    assert_eq!(wrong("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n").0, 400);
    for (headers, body) in [
        ("content-length: 5\r\n", "Length(5)"),
        ("content-length: 005\r\n", "Length(5)"),
        ("content-length: 18446744073709551615\r\n", "Length(18446744073709551615)"),
        ("content-length: 0\r\n", "Empty"),
        ("transfer-encoding: Chunked\r\n", "Chunked"),
        ("transfer-encoding: , chunked ,\r\n", "Chunked"),
    ] {
        let mut rig = Rig::new();
        let (events, _) = rig.receive(request(headers).as_bytes());
        assert_eq!(events.expect("a request")[0], format!("POST / HTTP/1.1 {body}"), "{headers:?}");
    }
}

#[test]
fn tunnels_are_refused_and_upgrades_passed_over() {
    assert_eq!(wrong("CONNECT example.com:80 HTTP/1.1\r\nhost: example.com\r\n\r\n").0, 501);
    assert_eq!(wrong("CONNECT / HTTP/1.1\r\nhost: h\r\n\r\n").0, 501);
    let upgrade = "GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
    let mut rig = Rig::new();
    assert_eq!(rig.good(upgrade), ["GET / HTTP/1.1 Empty"]);
    assert!(rig.done() && !rig.sent().contains("101"));
}

#[test]
fn heads_have_a_size_and_a_number_of_fields() {
    let of_length = |length: usize| {
        let (begin, end) = ("GET / HTTP/1.1\r\nx: ", "\r\n\r\n");
        format!("{begin}{}{end}", "y".repeat(length - begin.len() - end.len()))
    };
    let long = of_length(HEADER_BYTES_MAX);
    assert_eq!(Rig::new().good(&long), ["GET / HTTP/1.1 Empty"]);
    assert_eq!(wrong(of_length(HEADER_BYTES_MAX + 1)).0, 431);
    // Without an end, with one line or with many.
    assert_eq!(wrong(long.as_bytes()[..20].repeat(1000)).0, 431);
    assert_eq!(wrong("x".repeat(HEADER_BYTES_MAX)).0, 431);
    assert_eq!(wrong(format!("GET / HTTP/1.1\r\n{}", "abcdefghijklmnopqrst: v\r\n".repeat(99 * 10))).0, 431);
    assert_eq!(Rig::new().good("x".repeat(HEADER_BYTES_MAX - 1)), [""; 0]);
    let many = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
    assert_eq!(Rig::new().good(many(HEADERS_MAX)).len(), 1);
    assert_eq!(wrong(many(HEADERS_MAX + 1)).0, 431);
    let target = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(66_000));
    let mut connection = Connection::new(100_000, Heads::default());
    assert_eq!(connection.receive(&mut target.as_bytes()).expect_err("too long").status.as_u16(), 414);
}

#[test]
fn a_header_that_is_known_says_what_it_said() {
    let heads = Heads::default();
    let block = "host: h\r\ncontent-length: 3\r\nconnection: close\r\n\r\n";
    for (round, path) in ["/a", "/b", "/c", "/d"].into_iter().enumerate() {
        let mut rig = Rig { connection: Connection::new(HEADER_BYTES_MAX, heads.clone()) };
        assert_eq!(heads.get(block.as_bytes()).is_some(), round >= 2);
        let events = rig.good(format!("POST {path} HTTP/1.1\r\n{block}abc"));
        assert_eq!(events, [&format!("POST {path} HTTP/1.1 Length(3)"), "data abc last"]);
        assert!(!rig.done(), "it asked to close");
    }
    // Its first line is looked at all the same, and so is whether the two go together.
    let mut rig = Rig { connection: Connection::new(HEADER_BYTES_MAX, heads.clone()) };
    assert_eq!(
        rig.receive(format!("POST  / HTTP/1.1\r\n{block}abc").as_bytes()).0.expect_err("wrong").status,
        400
    );
    let chunked = "transfer-encoding: chunked\r\n\r\n";
    for _ in 0..3 {
        let mut rig = Rig { connection: Connection::new(HEADER_BYTES_MAX, heads.clone()) };
        rig.receive(format!("POST / HTTP/1.1\r\n{chunked}").as_bytes()).0.expect("right");
    }
    assert!(heads.get(chunked.as_bytes()).is_some());
    let mut rig = Rig { connection: Connection::new(HEADER_BYTES_MAX, heads.clone()) };
    assert_eq!(
        rig.receive(format!("POST / HTTP/1.0\r\n{chunked}").as_bytes()).0.expect_err("wrong").status,
        400
    );
    // Behind empty lines a header begins elsewhere.
    for _ in 0..3 {
        let mut rig = Rig { connection: Connection::new(HEADER_BYTES_MAX, heads.clone()) };
        assert_eq!(rig.good("\r\nGET /x HTTP/1.1\r\n\r\n"), ["GET /x HTTP/1.1 Empty"]);
        assert!(heads.get(b"GET /x HTTP/1.1\r\n\r\n").is_none());
    }
}

#[test]
fn empty_lines_before_a_request_owe_nothing() {
    let mut rig = Rig::new();
    rig.good("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx");
    assert!(rig.done());
    assert!(rig.good("\r\n").is_empty() && !rig.connection.owes());
    assert!(rig.good("G").is_empty() && rig.connection.owes());
    assert_eq!(rig.good("ET /next HTTP/1.1\r\nhost: a\r\n\r\n").len(), 1);
}
