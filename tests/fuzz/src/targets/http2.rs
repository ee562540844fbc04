//! Connections of HTTP/2: what a client sends behind its preface and its SETTINGS. Requests are answered as they come, one after the
//! other in another way.
//!
//! Held: what comes of the bytes does not depend on where they were cut, streams stay within their bound, and what is sent is whole frames.

use crate::run::{Target, signature};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ringbolt_http2::{Bounds, Connection, Event, PREFACE};
use std::fmt::Write as _;
use std::io::IoSlice;
use std::time::Duration;

/// Frames of a client.
pub(crate) const TARGET: Target = Target {
    name: "http2",
    corpus,
    tokens: &[
        "\0\0\0",
        "\x01\x05\0\0\0",
        "\0\x01\0\0\0",
        "\x04\0\0\0\0\0",
        "\x08\0\0\0\0\0\0\0\x01",
        "\u{2}\u{6}\u{4}\x01\x01h",
        "\x40\x01a",
    ],
    length_max: 8 * 1024,
    memory_base: 1 << 20,
    memory_per_byte: 400,
    time_max: Duration::from_secs(3),
    check,
};

const STREAMS_MAX: u32 = 20;
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// :method GET, :scheme http, :path / and :authority h, all from the static table.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x01, 0x01, b'h'];

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream], payload].concat()
}

fn corpus() -> Vec<Vec<u8>> {
    let indexed = [GET, b"\x40\x01a\x01b\x0f\x0d\x013"].concat();
    let huffman = [
        0x82, 0x86, 0x84, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
    ];
    vec![
        frame(1, 5, 1, GET),
        [frame(1, 4, 1, &indexed), frame(0, 1, 1, b"abc"), frame(1, 5, 3, &[0x82, 0x86, 0x84, 0xbe])]
            .concat(),
        [frame(1, 1, 1, &huffman[..5]), frame(9, 4, 1, &huffman[5..]), frame(1, 5, 3, &huffman)].concat(),
        [
            frame(1, 4, 3, GET),
            frame(0, 9, 3, b"\x02abc\0\0"),
            frame(1, 0x2d, 5, &[&[0, 0, 0, 0, 1, 9][..], GET].concat()),
        ]
        .concat(),
        [frame(1, 4, 5, GET), frame(0, 0, 5, b"x"), frame(1, 5, 5, b"\x40\x03end\x01x")].concat(),
        [
            frame(4, 0, 0, &[0, 4, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0]),
            frame(1, 5, 1, GET),
            frame(8, 0, 1, &[0, 0, 0, 9]),
        ]
        .concat(),
        [
            frame(6, 0, 0, b"12345678"),
            frame(1, 5, 1, GET),
            frame(3, 0, 1, &[0, 0, 0, 8]),
            frame(7, 0, 0, &[0; 8]),
        ]
        .concat(),
        [frame(2, 0, 1, &[0, 0, 0, 3, 9]), frame(8, 0, 0, &[0, 0, 0, 1]), frame(1, 5, 1, GET)].concat(),
    ]
}

fn check(input: &[u8]) -> u64 {
    let bytes = [PREFACE, SETTINGS, input].concat();
    let whole = outcome(&bytes, bytes.len());
    for step in [1, 7] {
        assert!(outcome(&bytes, step) == whole, "in pieces of {step}");
    }
    signature(&whole)
}

/// What comes of bytes that are read in pieces: events, what was sent, the end.
fn outcome(bytes: &[u8], step: usize) -> String {
    let mut connection: Connection<()> = Connection::new(Bounds {
        streams_max: STREAMS_MAX,
        stream_window: 1000,
        connection_window: 70_000,
        frame_bytes_max: 16_384,
        header_bytes_max: 2048,
        header_table_bytes: 4096,
        error_resets_max: 10,
    });
    let mut seen = String::new();
    'all: for mut piece in bytes.chunks(step) {
        loop {
            match connection.receive(&mut piece) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    let _ = match &event {
                        Event::Data { key, data, is_last } => {
                            write!(seen, "{key:?} {} {is_last}", data.len())
                        }
                        other => write!(seen, "{other:?}"),
                    };
                    on_event(&mut connection, event);
                }
                Err(error) => {
                    let _ = write!(seen, "{error}");
                    break 'all;
                }
            }
        }
        assert!(
            connection.streams() <= STREAMS_MAX as usize && connection.unanswered() <= connection.streams()
        );
    }
    let sent = sent(&mut connection);
    let mut rest = &sent[..];
    while let Some((head, after)) = rest.split_first_chunk::<9>() {
        rest = &after[u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize..];
    }
    assert!(rest.is_empty(), "a frame is cut off");
    let _ = write!(seen, "{sent:?}");
    seen
}

fn on_event(connection: &mut Connection<()>, event: Event<'_, ()>) {
    match event {
        Event::Data { key, data, .. } => connection.return_bytes(Some(key), data.len() as u32),
        Event::Request { key, .. } => {
            if key.id() % 4 == 1 {
                connection.skip(key, 100);
            }
            let name = HeaderName::from_static("content-type");
            let headers: HeaderMap = [(name, HeaderValue::from_static("a/b"))].into_iter().collect();
            connection.respond(key, StatusCode::OK, &headers, key.id() % 3 == 0);
            if key.id() % 3 == 0 || connection.send_data(key, &mut Bytes::from_static(b"0123456789"), true) {
                connection.close(key);
            }
        }
        Event::Trailers { .. } | Event::Gone { .. } | Event::Room(_) | Event::Pong(_) | Event::Leaving => {}
    }
}

fn sent(connection: &mut Connection<()>) -> Vec<u8> {
    let mut sent = Vec::new();
    while connection.unwritten() > 0 {
        let mut slices = [IoSlice::new(&[]); 4];
        let count = connection.slices(&mut slices);
        let before = sent.len();
        slices[..count].iter().for_each(|slice| sent.extend_from_slice(slice));
        let written = sent.len() - before;
        connection.written(written);
    }
    sent
}
