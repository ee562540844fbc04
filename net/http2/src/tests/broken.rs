//! What no client may do, and what it is told.

use super::{GET, Rig, WHOLE, block, frame};
use crate::{
    Bounds, Connection, PREFACE,
    frame::{flag, kind},
};

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE_ERROR: u32 = 6;
const COMPRESSION_ERROR: u32 = 9;
const ENHANCE_YOUR_CALM: u32 = 11;

#[test]
fn frames_that_no_connection_survives() {
    let cases: Vec<(&str, Vec<u8>, u32)> = vec![
        ("a frame that is too large", frame(kind::DATA, 0, 1, &[0; 20_001]), FRAME_SIZE_ERROR),
        ("data of no stream", frame(kind::DATA, 0, 0, b"x"), PROTOCOL_ERROR),
        ("data of a stream that was never opened", frame(kind::DATA, 0, 1, b"x"), PROTOCOL_ERROR),
        ("a padding without a length", frame(kind::DATA, flag::PADDED, 1, b""), FRAME_SIZE_ERROR),
        (
            "a padding that is too long",
            frame(kind::HEADERS, WHOLE | flag::PADDED, 1, &[9, 0x82]),
            PROTOCOL_ERROR,
        ),
        (
            "a priority that is cut off",
            frame(kind::HEADERS, WHOLE | flag::PRIORITY, 1, &[0, 0]),
            FRAME_SIZE_ERROR,
        ),
        ("headers of no stream", frame(kind::HEADERS, WHOLE, 0, GET), PROTOCOL_ERROR),
        ("headers of a stream of the server's", frame(kind::HEADERS, WHOLE, 2, GET), PROTOCOL_ERROR),
        ("a block that cannot be read", frame(kind::HEADERS, WHOLE, 1, &[0xff, 0xff]), COMPRESSION_ERROR),
        ("a continuation of nothing", frame(kind::CONTINUATION, 4, 1, GET), PROTOCOL_ERROR),
        ("a priority of nothing", frame(kind::PRIORITY, 0, 0, &[0, 0, 0, 1, 1]), PROTOCOL_ERROR),
        ("a priority of a wrong length", frame(kind::PRIORITY, 0, 1, &[0; 4]), FRAME_SIZE_ERROR),
        ("a reset of nothing", frame(kind::RST_STREAM, 0, 0, &[0; 4]), PROTOCOL_ERROR),
        ("a reset of what was never opened", frame(kind::RST_STREAM, 0, 1, &[0; 4]), PROTOCOL_ERROR),
        ("a reset of a wrong length", frame(kind::RST_STREAM, 0, 1, &[0; 5]), FRAME_SIZE_ERROR),
        ("settings of a stream", frame(kind::SETTINGS, 0, 1, &[]), PROTOCOL_ERROR),
        ("settings of a wrong length", frame(kind::SETTINGS, 0, 0, &[0; 5]), FRAME_SIZE_ERROR),
        ("an acknowledgement that says something", frame(kind::SETTINGS, 1, 0, &[0; 6]), FRAME_SIZE_ERROR),
        ("a push that is no flag", frame(kind::SETTINGS, 0, 0, &[0, 2, 0, 0, 0, 2]), PROTOCOL_ERROR),
        (
            "a window that is too large",
            frame(kind::SETTINGS, 0, 0, &[0, 4, 0x80, 0, 0, 0]),
            FLOW_CONTROL_ERROR,
        ),
        ("frames that are too small", frame(kind::SETTINGS, 0, 0, &[0, 5, 0, 0, 0x3f, 0xff]), PROTOCOL_ERROR),
        ("frames that are too large", frame(kind::SETTINGS, 0, 0, &[0, 5, 1, 0, 0, 0]), PROTOCOL_ERROR),
        ("a push", frame(kind::PUSH_PROMISE, 4, 1, &[0, 0, 0, 2]), PROTOCOL_ERROR),
        ("a ping of a stream", frame(kind::PING, 0, 1, &[0; 8]), PROTOCOL_ERROR),
        ("a ping of a wrong length", frame(kind::PING, 0, 0, &[0; 7]), FRAME_SIZE_ERROR),
        ("a goodbye of a stream", frame(kind::GOAWAY, 0, 1, &[0; 8]), PROTOCOL_ERROR),
        ("a goodbye of a wrong length", frame(kind::GOAWAY, 0, 0, &[0; 7]), FRAME_SIZE_ERROR),
        ("a window that grows by nothing", frame(kind::WINDOW_UPDATE, 0, 0, &[0; 4]), PROTOCOL_ERROR),
        ("a window of a wrong length", frame(kind::WINDOW_UPDATE, 0, 0, &[0; 3]), FRAME_SIZE_ERROR),
        (
            "a window of what was never opened",
            frame(kind::WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
            PROTOCOL_ERROR,
        ),
        ("a window of 2^31", frame(kind::WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]), FLOW_CONTROL_ERROR),
    ];
    for (name, bytes, code) in cases {
        assert_eq!(Rig::new().code(&bytes), code, "{name}");
    }
}

#[test]
fn a_header_block_is_alone_until_its_end() {
    for (name, between) in [
        ("another frame", frame(kind::PING, 0, 0, &[0; 8])),
        ("another stream's", frame(kind::CONTINUATION, 4, 3, GET)),
        ("other headers", frame(kind::HEADERS, WHOLE, 3, GET)),
        ("an unknown frame", frame(0xee, 0, 1, b"")),
    ] {
        let bytes = [frame(kind::HEADERS, flag::END_STREAM, 1, GET), between].concat();
        assert_eq!(Rig::new().code(&bytes), PROTOCOL_ERROR, "{name}");
    }
}

#[test]
fn the_first_frame_is_settings() {
    for first in [frame(kind::PING, 0, 0, &[0; 8]), frame(kind::SETTINGS, flag::ACK, 0, &[])] {
        let mut rig = Rig { connection: Connection::new(super::bounds()) };
        assert_eq!(rig.code(&[&PREFACE[..], &first].concat()), PROTOCOL_ERROR);
    }
}

#[test]
fn requests_that_are_malformed_are_reset_alone() {
    let good = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "h")];
    let mut cases: Vec<Vec<(&str, &str)>> = vec![
        [&good[..], &[("X-Upper", "a")]].concat(),
        [&good[..], &[(":unknown", "a")]].concat(),
        [&good[..], &[(":status", "200")]].concat(),
        [&good[..], &[("connection", "close")]].concat(),
        [&good[..], &[("a", "line\nfeed")]].concat(),
        [&[("early", "a")], &good[..]].concat(),
        [&[good[0], good[1], (":path", "")], &good[3..]].concat(),
    ];
    for missing in 0..3 {
        let mut fields = good.to_vec();
        fields.remove(missing);
        cases.push(fields);
    }
    for fields in cases {
        let mut rig = Rig::new();
        assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE, 1, &block(&fields))), Ok(vec![]), "{fields:?}");
        assert_eq!(rig.sent(), ["1 reset 1"], "{fields:?}");
        assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE, 3, GET)).expect("it goes on").len(), 1);
    }
}

#[test]
fn what_comes_for_a_stream_that_is_over() {
    let open = frame(kind::HEADERS, flag::END_HEADERS, 1, GET);
    let whole = frame(kind::HEADERS, WHOLE, 1, GET);
    // After its end, as long as it is there: an error of the stream.
    for late in [frame(kind::DATA, 0, 1, b"x"), frame(kind::HEADERS, WHOLE, 1, GET)] {
        let mut rig = Rig::new();
        let events = rig.receive(&[whole.clone(), late].concat()).expect("no error of the connection");
        assert_eq!(events[1], "1 wrong: STREAM_CLOSED");
        assert_eq!(rig.sent(), ["1 reset 5"]);
    }
    // When the client itself has reset it.
    let reset = frame(kind::RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    let mut rig = Rig::new();
    rig.receive(&[open.clone(), reset.clone()].concat()).expect("no error");
    assert_eq!(rig.receive(&frame(kind::DATA, 0, 1, b"x")), Ok(vec![]));
    assert_eq!(rig.sent(), ["1 reset 5"]);
    for calm in [reset.clone(), frame(kind::WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])] {
        assert_eq!(rig.receive(&calm), Ok(vec![]));
    }
    let mut rig = Rig::new();
    rig.receive(&[open, reset].concat()).expect("no error");
    assert_eq!(rig.code(&whole), STREAM_CLOSED);
    // A stream that was passed over cannot be opened any more.
    let mut rig = Rig::new();
    rig.receive(&frame(kind::HEADERS, WHOLE, 5, GET)).expect("no error");
    assert_eq!(rig.code(&frame(kind::HEADERS, WHOLE, 3, GET)), PROTOCOL_ERROR);
}

#[test]
fn errors_of_streams() {
    let open = frame(kind::HEADERS, flag::END_HEADERS, 1, GET);
    for (name, bytes, code) in [
        ("a window that grows by nothing", frame(kind::WINDOW_UPDATE, 0, 1, &[0; 4]), 1),
        ("a window of 2^31", frame(kind::WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]), 3),
        ("trailers without an end", frame(kind::HEADERS, flag::END_HEADERS, 1, &block(&[("a", "b")])), 1),
        ("trailers of a request", frame(kind::HEADERS, WHOLE, 1, GET), 1),
    ] {
        let mut rig = Rig::new();
        let events = rig.receive(&[open.clone(), bytes].concat()).expect("no error of the connection");
        assert!(events[1].starts_with("1 wrong: "), "{name}: {events:?}");
        assert_eq!(rig.sent(), [format!("1 reset {code}")], "{name}");
        assert_eq!(rig.connection.unanswered(), 0);
    }
    let mut rig = Rig::new();
    let by_itself = [&[0, 0, 0, 1, 9][..], GET].concat();
    assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE | flag::PRIORITY, 1, &by_itself)), Ok(vec![]));
    assert_eq!(rig.sent(), ["1 reset 1"]);
}

#[test]
fn what_is_done_too_often_ends_the_connection() {
    let open = frame(kind::HEADERS, flag::END_HEADERS, 1, GET);
    let empty = frame(kind::DATA, 0, 1, b"");
    let mut rig = Rig::new();
    rig.receive(
        &[open.clone(), empty.repeat(100), frame(kind::DATA, 0, 1, b"x"), empty.repeat(100)].concat(),
    )
    .expect("few enough");
    assert_eq!(rig.code(&empty), ENHANCE_YOUR_CALM);

    let headers = frame(kind::HEADERS, flag::END_STREAM, 1, GET);
    let more = frame(kind::CONTINUATION, 0, 1, b"");
    assert_eq!(Rig::new().code(&[headers.clone(), more.repeat(6)].concat()), ENHANCE_YOUR_CALM);

    let malformed =
        (0..6).flat_map(|n| frame(kind::HEADERS, WHOLE, 2 * n + 1, &GET[..2])).collect::<Vec<u8>>();
    assert_eq!(Rig::new().code(&malformed), ENHANCE_YOUR_CALM);

    // A header that is far too large, sent or named by an index again and again.
    let long = block(&[("name", &"v".repeat(120))]);
    let huge = frame(kind::CONTINUATION, 0, 1, &long.repeat(75));
    assert_eq!(Rig::new().code(&[headers.clone(), huge].concat()), ENHANCE_YOUR_CALM);
    let field = [&[0x40, 1, b'a', 0x7f, 0x81, 0x07][..], &[b'v'; 1024]].concat();
    let named = [GET, &field, &[0xbe; 40]].concat();
    assert_eq!(Rig::new().code(&frame(kind::HEADERS, WHOLE, 1, &named)), ENHANCE_YOUR_CALM);
}

#[test]
fn a_smaller_table_binds_a_client_that_knows_of_it() {
    let mut rig = Rig::with(Bounds { header_table_bytes: 0, ..super::bounds() });
    let update = [&[0x20][..], GET].concat();
    rig.receive(&frame(kind::HEADERS, WHOLE, 1, GET)).expect("it does not know yet");
    rig.receive(&frame(kind::SETTINGS, flag::ACK, 0, &[])).expect("no error");
    rig.receive(&frame(kind::HEADERS, WHOLE, 3, &update)).expect("it says so");
    rig.receive(&frame(kind::HEADERS, WHOLE, 5, GET)).expect("once");
    let mut rig = Rig::with(Bounds { header_table_bytes: 0, ..super::bounds() });
    rig.receive(&frame(kind::SETTINGS, flag::ACK, 0, &[])).expect("no error");
    assert_eq!(rig.code(&frame(kind::HEADERS, WHOLE, 1, GET)), COMPRESSION_ERROR);
}
