//! What clients ask, and how their bodies come.

use super::{GET, Rig, WHOLE, block, bounds, frame};
use crate::{
    Connection,
    frame::{flag, kind},
};

fn open(id: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flag::END_HEADERS, id, &[GET, &block(fields)].concat())
}

#[test]
fn the_greeting_offers_the_bounds() {
    let mut rig = Rig { connection: Connection::new(bounds()) };
    assert_eq!(rig.sent(), ["settings 30 0", "0 window 134465"]);
}

#[test]
fn requests_come_with_their_bodies_and_trailers() {
    let mut rig = Rig::new();
    let bytes = [
        frame(kind::HEADERS, WHOLE, 1, GET),
        open(3, &[("content-length", "5")]),
        frame(kind::DATA, 0, 3, b"abc"),
        frame(kind::HEADERS, WHOLE, 5, GET),
        frame(kind::DATA, flag::END_STREAM, 3, b"de"),
        open(7, &[]),
        frame(kind::DATA, 0, 7, b"x"),
        frame(kind::HEADERS, WHOLE, 7, &block(&[("end", "yes")])),
    ]
    .concat();
    let events = rig.receive(&bytes).expect("no error");
    let expected = [
        "1 GET http://h/ whole",
        "3 GET http://h/",
        "3 data 3",
        "5 GET http://h/ whole",
        "3 data 2 last",
        "7 GET http://h/",
        "7 data 1",
        r#"7 trailers {"end": "yes"}"#,
    ];
    assert_eq!(events, expected);
    assert_eq!((rig.connection.streams(), rig.connection.unanswered()), (4, 4));
}

#[test]
fn a_block_may_come_in_many_frames_and_under_padding_and_priority() {
    let mut rig = Rig::new();
    let parts: Vec<Vec<u8>> = [
        frame(kind::HEADERS, flag::END_STREAM, 1, &GET[..2]),
        frame(kind::CONTINUATION, 0, 1, &GET[2..3]),
        frame(kind::CONTINUATION, flag::END_HEADERS, 1, &GET[3..]),
    ]
    .into();
    assert_eq!(rig.receive(&parts.concat()), Ok(vec!["1 GET http://h/ whole".to_owned()]));
    let padded = [&[4, 0, 0, 0, 1, 9][..], GET, &[0; 4]].concat();
    let bytes = [
        frame(kind::HEADERS, WHOLE | flag::PADDED | flag::PRIORITY, 3, &padded),
        frame(kind::PRIORITY, 0, 5, &[0, 0, 0, 1, 9]),
        open(5, &[]),
        frame(kind::DATA, flag::PADDED | flag::END_STREAM, 5, b"\x03abc\0\0\0"),
    ];
    let events = rig.receive(&bytes.concat()).expect("no error");
    assert_eq!(events, ["3 GET http://h/ whole", "5 GET http://h/", "5 data 3 last"]);
}

#[test]
fn the_same_block_is_the_same_request_until_the_table_changes() {
    let mut rig = Rig::new();
    // The authority is put into the table: it is entry 62, then 63.
    let first = [&[0x82, 0x86, 0x84, 0x41, 1][..], b"a"].concat();
    let again = [0x82, 0x86, 0x84, 0xbe];
    let other = [&[0x82, 0x86, 0x84, 0x41, 1][..], b"b"].concat();
    let mut id = 1;
    let mut ask = |block: &[u8]| {
        id += 2;
        rig.receive(&frame(kind::HEADERS, WHOLE, id, block)).expect("no error").remove(0)
    };
    assert!(ask(&first).contains("http://a/"));
    for _ in 0..4 {
        assert!(ask(&again).contains("http://a/"));
    }
    assert!(ask(&other).contains("http://b/"));
    for _ in 0..3 {
        assert!(ask(&again).contains("http://b/"));
    }
}

#[test]
fn windows_open_for_what_was_given_back_alone() {
    let mut rig = Rig::new();
    rig.receive(&open(1, &[])).expect("no error");
    let data = frame(kind::DATA, 0, 1, &[0; 20_000]);
    rig.receive(&data.repeat(5)).expect("what the window has");
    assert_eq!(rig.sent(), [""; 0]);
    let key = rig.key(1);
    rig.connection.return_bytes(Some(key), 49_999);
    assert_eq!(rig.sent(), [""; 0], "in batches");
    rig.connection.return_bytes(Some(key), 1);
    assert_eq!(rig.sent(), ["1 window 50000"]);
    rig.connection.return_bytes(Some(key), 50_000);
    assert_eq!(rig.sent(), ["0 window 100000", "1 window 50000"]);
    rig.receive(&data.repeat(5)).expect("what was given back");
    assert_eq!(rig.receive(&data), Ok(vec!["1 wrong: FLOW_CONTROL_ERROR".to_owned()]));
    assert_eq!(rig.sent(), ["1 reset 3"]);
    // The connection's own: the other streams have room, it has not.
    rig.receive(&open(3, &[])).expect("no error");
    let more = frame(kind::DATA, 0, 3, &[0; 20_000]);
    rig.receive(&more.repeat(4)).expect("what it has");
    assert_eq!(rig.code(&more.repeat(2)), 3);
}

#[test]
fn padding_and_what_is_dropped_need_no_giving_back() {
    let mut rig = Rig::new();
    rig.receive(&open(1, &[])).expect("no error");
    let padding = [&[255][..], &[0; 255]].concat();
    for _ in 0..400 {
        rig.receive(&frame(kind::DATA, flag::PADDED, 1, &[&padding[..1], b"x", &padding[1..]].concat()))
            .expect("within the windows");
    }
    let sent = rig.sent();
    assert_eq!(sent, ["1 window 50176", "0 window 100096", "1 window 50176"]);
}

#[test]
fn bodies_have_the_length_that_was_said() {
    for (length, parts, fits) in [
        ("3", vec!["ab", "c"], true),
        ("3", vec!["ab"], false),
        ("3", vec!["ab", "cd"], false),
        ("0", vec![""], true),
    ] {
        let mut rig = Rig::new();
        rig.receive(&open(1, &[("content-length", length)])).expect("no error");
        let last = parts.len() - 1;
        let mut events = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let flags = if number == last { flag::END_STREAM } else { 0 };
            events = rig.receive(&frame(kind::DATA, flags, 1, part.as_bytes())).expect("no error");
        }
        assert_eq!(events == ["1 wrong: PROTOCOL_ERROR"], !fits, "{length} {parts:?}: {events:?}");
    }
    let mut rig = Rig::new();
    let head = [GET, &block(&[("content-length", "1")])].concat();
    assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE, 1, &head)), Ok(vec![]));
    assert_eq!(rig.sent(), ["1 reset 1"]);
}

#[test]
fn who_asks_too_much_at_a_time_is_refused_that() {
    let mut rig = Rig::new();
    for id in 0..12 {
        rig.receive(&frame(kind::HEADERS, WHOLE, 2 * id + 1, GET)).expect("no error");
    }
    assert_eq!(rig.sent(), ["21 reset 7", "23 reset 7"]);
    assert_eq!(rig.connection.streams(), 10);
    let given_up = rig.receive(&frame(kind::RST_STREAM, 0, 1, &[0, 0, 0, 8]));
    assert_eq!(given_up, Ok(vec!["1 given up: CANCEL".to_owned()]));
    assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE, 25, GET)).expect("room").len(), 1);
}

#[test]
fn a_header_that_is_too_large_is_answered_and_the_connection_goes_on() {
    let mut rig = Rig::new();
    let large = "v".repeat(120);
    let fields: Vec<(&str, &str)> = (0..40).map(|_| ("name", &*large)).collect();
    assert_eq!(rig.receive(&open(1, &fields)), Ok(vec![]));
    assert_eq!(rig.sent(), ["1 headers 5 last", "1 reset 0"]);
    // What was under way is dropped.
    assert_eq!(rig.receive(&frame(kind::DATA, flag::END_STREAM, 1, b"body")), Ok(vec![]));
    assert_eq!(rig.receive(&frame(kind::HEADERS, WHOLE, 3, GET)).expect("no error").len(), 1);
    assert_eq!(rig.sent(), [""; 0]);
}

#[test]
fn what_is_owed_and_what_is_counted_is_told() {
    let mut rig = Rig::new();
    assert!(rig.connection.take_was_even() && !rig.connection.owes());
    let headers = frame(kind::HEADERS, flag::END_STREAM, 1, GET);
    for cut in [3, headers.len()] {
        let mut rig = Rig::new();
        rig.connection.take_was_even();
        rig.receive(&headers[..cut]).expect("no error");
        assert!(rig.connection.owes() && !rig.connection.take_was_even(), "cut at {cut}");
    }
    rig.receive(&open(1, &[])).expect("no error");
    rig.connection.take_was_even();
    rig.receive(&frame(kind::DATA, 0, 1, &[0; 100])[..20]).expect("no error");
    assert!(!rig.connection.owes() && rig.connection.take_was_even(), "in the middle of data");
    let before = rig.connection.counts();
    rig.receive(&frame(kind::DATA, 0, 1, &[0; 100])[20..]).expect("no error");
    let control = [
        frame(kind::PING, 0, 0, &[7; 8]),
        frame(kind::SETTINGS, 0, 0, &[]),
        frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        frame(0xee, 0, 0, b"unknown"),
        frame(kind::RST_STREAM, 0, 1, &[0, 0, 0, 8]),
    ];
    rig.receive(&control.concat()).expect("no error");
    let counts = rig.connection.counts();
    assert_eq!((counts.control - before.control, counts.resets), (5, 1));
    assert_eq!(rig.sent(), ["ping 1 [7, 7, 7, 7, 7, 7, 7, 7]", "settings 0 1"]);
}
