//! Bodies of requests, and what follows them.

use super::{HEADER_BYTES_MAX, Rig};

/// What comes of a body in chunks.
fn chunked(body: impl AsRef<[u8]>) -> Result<Vec<String>, &'static str> {
    let mut rig = Rig::new();
    assert_eq!(rig.good("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").len(), 1);
    let (received, _) = rig.receive(body.as_ref());
    received.map_err(|error| {
        assert!(!rig.connection.is_reading() && rig.connection.is_asked() && error.status == 400);
        assert!(!rig.done(), "nothing follows");
        error.text
    })
}

#[test]
fn a_body_by_its_length_ends_there() {
    let mut rig = Rig::new();
    let (events, left) = rig.receive(b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nabcdeGET /");
    assert_eq!(events.expect("a request"), ["POST / HTTP/1.1 Length(5)", "data abcde last"]);
    // What follows waits until the request is answered.
    assert_eq!(left, 5);
    assert!(!rig.connection.is_reading() && rig.connection.is_asked());
    assert_eq!(rig.receive(b"GET /"), (Ok(vec![]), 5));
    assert!(rig.done() && rig.connection.is_reading() && !rig.connection.owes());
    assert_eq!(rig.good("GET /"), [""; 0]);
    assert!(rig.connection.owes());
    assert_eq!(rig.good(" HTTP/1.1\r\n\r\n"), ["GET / HTTP/1.1 Empty"]);
    assert!(!rig.connection.owes());
}

#[test]
fn a_body_comes_in_chunks() {
    assert_eq!(chunked("3\r\nabc\r\n0\r\n\r\n"), Ok(vec!["data abc".into(), "end {}".into()]));
    // Sizes in both cases and with zeros before them; extensions and blanks before them are passed over (section 7.1.1).
    let body = "0A\r\n0123456789\r\n00b ;a=b;c=\"d\"\r\n0123456789x\r\n1\t\r\ny\r\n0;e\r\n\r\n";
    let expected = ["data 0123456789", "data 0123456789x", "data y", "end {}"];
    assert_eq!(chunked(body), Ok(expected.map(str::to_owned).to_vec()));
    let with_trailers = "1\r\na\r\n0\r\nA: b\r\nc: d\r\n\r\n";
    assert_eq!(chunked(with_trailers), Ok(vec!["data a".into(), r#"end {"a": "b", "c": "d"}"#.into()]));
}

#[test]
fn chunks_that_can_be_read_in_two_ways_are_refused() {
    for body in [
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "0x1\r\na\r\n",
        " 1\r\na\r\n",
        ";a\r\n",
        "1 1\r\na\r\n",
        "1\na\r\n",
        "1\r\r\na\r\n",
        "1;a\nb\r\na\r\n",
        "1;a\rb\r\na\r\n",
        "1\r\nab\r\n",
        "1\r\na\n0\r\n\r\n",
        "1\r\na\rb",
        "10000000000000000\r\n",
        "ffffffffffffffffff\r\n",
        "0\r\n\n",
        "0\r\na: b\n\r\n",
        "0\r\na : b\r\n\r\n",
        "0\r\na: b\r\n c\r\n\r\n",
        "0\r\nnothing\r\n\r\n",
    ] {
        assert!(chunked(body).is_err(), "{body:?}: {:?}", chunked(body));
    }
}

#[test]
fn what_nobody_reads_of_chunks_is_bounded() {
    let extension = |bytes: usize| format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(bytes));
    assert!(chunked(extension(16 * 1024 - 1)).is_ok());
    assert_eq!(chunked(extension(16 * 1024)), Err("the chunks have too long extensions"));
    let many = "1;xxxxxxx\r\na\r\n".repeat(2049);
    assert_eq!(chunked(many), Err("the chunks have too long extensions"));
    let trailers = |bytes: usize| format!("0\r\na: {}\r\n\r\n", "x".repeat(bytes - 7));
    assert!(chunked(trailers(HEADER_BYTES_MAX)).is_ok());
    assert_eq!(chunked(trailers(HEADER_BYTES_MAX + 1)), Err("the trailers are too long"));
    assert!(chunked(format!("0\r\n{}\r\n", "a: b\r\n".repeat(101))).is_err());
}

#[test]
fn a_client_that_waits_for_a_word_is_asked_for_its_body() {
    let head = "POST / HTTP/1.1\r\nexpect: 100-Continue\r\ncontent-length: 1\r\n\r\n";
    let mut rig = Rig::new();
    rig.good(head);
    assert!(rig.connection.expects_continue());
    rig.connection.send_continue();
    assert_eq!(rig.sent(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(!rig.connection.expects_continue());
    assert_eq!(rig.good("a"), ["data a last"]);
    assert!(rig.done());
    // One that does not wait is not asked, nor one that has nothing to send, or knows nothing of that.
    let mut rig = Rig::new();
    rig.good(format!("{}ab", head.replace('1', "3").replace("HTTP/3.3", "HTTP/1.1").replace("300", "100")));
    assert!(rig.connection.is_in_body() && !rig.connection.expects_continue());
    for head in [
        "POST / HTTP/1.1\r\nexpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nexpect: something\r\ncontent-length: 1\r\n\r\n",
    ] {
        let mut rig = Rig::new();
        rig.good(head);
        assert!(!rig.connection.expects_continue(), "{head:?}");
    }
}

#[test]
fn nothing_follows_a_body_that_did_not_come_to_its_end() {
    let mut rig = Rig::new();
    rig.good("POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nabc");
    assert!(!rig.done() && rig.connection.is_over());
    assert_eq!(rig.receive(b"deGET / HTTP/1.1\r\n\r\n"), (Ok(vec![]), 20));
}
