//! What is sent, and how streams end.

use super::{GET, Rig, WHOLE, bounds, frame};
use crate::{
    Bounds, Code,
    frame::{flag, kind},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

fn asked(rig: &mut Rig, id: u32) -> crate::Key {
    rig.receive(&frame(kind::HEADERS, WHOLE, id, GET)).expect("a request");
    rig.key(id)
}

fn one(name: &'static str, value: &'static str) -> HeaderMap {
    [(HeaderName::from_static(name), HeaderValue::from_static(value))].into_iter().collect()
}

#[test]
fn answers_with_nothing_with_a_body_with_trailers() {
    let mut rig = Rig::new();
    let (empty, full, trailed) = (asked(&mut rig, 1), asked(&mut rig, 3), asked(&mut rig, 5));
    *rig.connection.get_mut(full).expect("there") = 7;
    rig.connection.respond(empty, StatusCode::NO_CONTENT, &HeaderMap::new(), true);
    assert_eq!(rig.connection.close(empty), Some(0));
    rig.connection.respond(full, StatusCode::OK, &one("content-type", "a/b"), false);
    assert!(rig.connection.send_data(full, &mut Bytes::from_static(b"body"), true));
    assert_eq!(rig.connection.close(full), Some(7));
    rig.connection.respond(trailed, StatusCode::OK, &one("content-type", "a/b"), false);
    assert!(rig.connection.send_data(trailed, &mut Bytes::from_static(b"body"), false));
    rig.connection.send_trailers(trailed, &one("grpc-status", "0"));
    assert!(rig.connection.close(trailed).is_some());
    let expected = [
        "1 headers 1 last",
        "3 headers 6 last",
        "3 data 4 last",
        "5 headers 2",
        "5 data 4",
        "5 headers 15 last",
    ];
    let expected: Vec<String> =
        expected.iter().map(|line| line.replace("3 headers 6 last", "3 headers 6")).collect();
    assert_eq!(rig.sent(), expected);
    assert_eq!((rig.connection.streams(), rig.connection.unanswered()), (0, 0));
    assert!(rig.connection.get_mut(full).is_none() && rig.connection.close(full).is_none());
}

#[test]
fn data_go_as_far_as_the_windows_and_the_frames() {
    let mut rig = Rig::new();
    let (first, second) = (asked(&mut rig, 1), asked(&mut rig, 3));
    let mut body = Bytes::from(vec![1; 70_000]);
    rig.connection.respond(first, StatusCode::OK, &HeaderMap::new(), false);
    while rig.connection.room(first) > 0 {
        assert!(!rig.connection.send_data(first, &mut body, true));
    }
    assert_eq!(rig.sent(), ["1 headers 1", "1 data 16384", "1 data 16384", "1 data 16384", "1 data 16383"]);
    assert_eq!((body.len(), rig.connection.room(second)), (4465, 0), "the connection has no room either");
    // The stream's window alone does not help.
    let more = frame(kind::WINDOW_UPDATE, 0, 1, &[0, 0, 0x20, 0]);
    assert_eq!(rig.receive(&more), Ok(vec!["1 room".to_owned()]));
    assert!(rig.connection.room(first) == 0 && !rig.connection.send_data(first, &mut body, true));
    assert_eq!(rig.receive(&frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0x10, 0])), Ok(vec!["room".to_owned()]));
    assert_eq!((rig.connection.room(first), rig.connection.room(second)), (4096, 4096));
    assert!(!rig.connection.send_data(first, &mut body, true));
    assert_eq!(rig.receive(&frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0x71])).expect("no error").len(), 1);
    assert!(rig.connection.send_data(first, &mut body, true));
    assert_eq!(rig.sent(), ["1 data 4096", "1 data 369 last"]);
}

#[test]
fn a_client_may_change_its_windows() {
    let mut rig = Rig::new();
    let key = asked(&mut rig, 1);
    let window = |bytes: u32| frame(kind::SETTINGS, 0, 0, &[&[0, 4][..], &bytes.to_be_bytes()].concat());
    assert_eq!(rig.receive(&window(10)), Ok(vec![]));
    rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), false);
    let mut body = Bytes::from(vec![1; 100]);
    assert!(!rig.connection.send_data(key, &mut body, true));
    // Below zero.
    assert_eq!(rig.receive(&window(5)), Ok(vec![]));
    assert_eq!(rig.connection.room(key), 0);
    assert_eq!(rig.receive(&window(50)), Ok(vec!["room".to_owned()]));
    assert_eq!(rig.connection.room(key), 40);
    // A frame's size, too.
    rig.receive(&[frame(kind::SETTINGS, 0, 0, &[0, 5, 0, 0, 0x80, 0]), window(100_000)].concat())
        .expect("no error");
    let key = asked(&mut rig, 3);
    rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), false);
    rig.sent();
    rig.connection.send_data(key, &mut Bytes::from(vec![1; 40_000]), true);
    assert_eq!(rig.sent(), ["3 data 32768"]);
}

#[test]
fn a_large_header_is_cut() {
    let mut rig = Rig::new();
    let key = asked(&mut rig, 1);
    let headers: HeaderMap = [(
        HeaderName::from_static("x"),
        HeaderValue::from_maybe_shared(Bytes::from(vec![b'v'; 40_000])).expect("a value"),
    )]
    .into_iter()
    .collect();
    rig.connection.respond(key, StatusCode::OK, &headers, true);
    assert_eq!(rig.sent(), ["1 headers 16384 last", "1 continuation 16384", "1 continuation 7240"]);
}

#[test]
fn a_request_that_is_answered_before_its_end_is_stopped_or_skipped() {
    let mut rig = Rig::new();
    let data = |id, flags, length| frame(kind::DATA, flags, id, &vec![0; length]);
    rig.receive(&frame(kind::HEADERS, flag::END_HEADERS, 1, GET)).expect("a request");
    let key = rig.key(1);
    rig.connection.respond(key, StatusCode::PAYLOAD_TOO_LARGE, &HeaderMap::new(), true);
    rig.connection.close(key);
    assert_eq!(rig.sent(), ["1 headers 5 last", "1 reset 0"]);
    // What was under way is dropped, and its end is no news.
    assert_eq!(rig.receive(&[data(1, 0, 9), data(1, flag::END_STREAM, 9)].concat()), Ok(vec![]));

    for (number, whole) in [(3u32, true), (5, false)] {
        rig.receive(&frame(kind::HEADERS, flag::END_HEADERS, number, GET)).expect("a request");
        let key = rig.key(number);
        rig.connection.skip(key, 60_000);
        rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), true);
        assert_eq!(rig.connection.close(key), Some(0));
        assert_eq!((rig.connection.streams(), rig.connection.unanswered()), (1, 0));
        for _ in 0..3 {
            assert_eq!(rig.receive(&data(number, 0, 20_000)), Ok(vec![]));
        }
        let flags = if whole { flag::END_STREAM } else { 0 };
        assert_eq!(rig.receive(&data(number, flags, 1)), Ok(vec![]));
        let sent = rig.sent();
        let windows = format!("{number} window 60000");
        assert!(sent.contains(&windows), "{sent:?}");
        assert_eq!(sent.contains(&format!("{number} reset 0")), !whole, "{sent:?}");
        assert_eq!(rig.connection.streams(), 0);
    }
    assert_eq!(rig.sent(), [""; 0]);
}

#[test]
fn what_is_skipped_may_end_before_the_answer_does() {
    let mut rig = Rig::new();
    rig.receive(&frame(kind::HEADERS, flag::END_HEADERS, 1, GET)).expect("a request");
    let key = rig.key(1);
    rig.connection.skip(key, 100);
    assert_eq!(rig.receive(&frame(kind::DATA, flag::END_STREAM, 1, b"abc")), Ok(vec![]));
    rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), true);
    assert_eq!(rig.connection.close(key), Some(0));
    assert_eq!((rig.connection.streams(), rig.sent()), (0, vec!["1 headers 1 last".to_owned()]));
}

#[test]
fn an_answer_that_cannot_be_finished_is_reset() {
    let mut rig = Rig::new();
    let key = asked(&mut rig, 1);
    rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), false);
    assert_eq!(rig.connection.reset(key, Code::INTERNAL_ERROR), Some(0));
    assert_eq!(rig.sent(), ["1 headers 1", "1 reset 2"]);
    assert_eq!((rig.connection.streams(), rig.connection.unanswered()), (0, 0));
}

#[test]
fn the_end_is_announced_and_then_nothing_new_is_served() {
    let mut rig = Rig::new();
    let before = asked(&mut rig, 1);
    rig.connection.announce_end();
    rig.connection.ping(*b"goodbye!");
    let between = asked(&mut rig, 3);
    assert_eq!(rig.receive(&frame(kind::PING, flag::ACK, 0, b"goodbye!")).expect("no error").len(), 1);
    rig.connection.go_away(Code::NO_ERROR, "");
    // What crosses that on its way is passed over, with all that belongs to it.
    for (kind, flags, payload) in [
        (kind::HEADERS, flag::END_HEADERS, GET),
        (kind::DATA, 0, b"body"),
        (kind::WINDOW_UPDATE, 0, &[0, 0, 0, 8]),
        (kind::HEADERS, WHOLE, b""),
        (kind::RST_STREAM, 0, &[0, 0, 0, 8]),
    ] {
        assert_eq!(rig.receive(&frame(kind, flags, 5, payload)), Ok(vec![]), "{kind}");
    }
    for key in [before, between] {
        rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), true);
        rig.connection.close(key);
    }
    let sent = rig.sent();
    let ping = "ping 0 [103, 111, 111, 100, 98, 121, 101, 33]";
    assert_eq!(sent, ["goaway 2147483647 0", ping, "goaway 3 0", "1 headers 1 last", "3 headers 1 last"]);
    assert_eq!(rig.connection.unanswered(), 0);
}

#[test]
fn places_are_used_again_and_an_old_key_is_nobodys() {
    let mut rig = Rig::with(Bounds { streams_max: 1000, ..bounds() });
    let old = asked(&mut rig, 1);
    rig.receive(&frame(kind::RST_STREAM, 0, 1, &[0, 0, 0, 8])).expect("no error");
    let new = asked(&mut rig, 3);
    assert_eq!(old.index(), new.index());
    assert!(rig.connection.get_mut(old).is_none() && rig.connection.get_mut(new).is_some());
    assert_eq!(rig.connection.at(new.index()), Some(new));
    rig.connection.respond(old, StatusCode::OK, &HeaderMap::new(), true);
    assert!(rig.connection.close(old).is_none());
    rig.sent();
    // Many at a time, and then none.
    let keys: Vec<_> = (0..500).map(|number| asked(&mut rig, 2 * number + 5)).collect();
    for key in keys.into_iter().chain([new]) {
        rig.connection.respond(key, StatusCode::OK, &HeaderMap::new(), true);
        rig.connection.close(key);
    }
    assert_eq!(rig.connection.streams(), 0);
    assert_eq!(asked(&mut rig, 2001).index(), 0);
}
