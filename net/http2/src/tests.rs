//! A connection and a client made by hand: frames in, what came of them out, as text.

mod answers;
mod broken;
mod pieces;
mod requests;

use std::io::IoSlice;

use crate::{
    Bounds, By, Connection, Error, Event, Key, PREFACE,
    frame::{HEAD_BYTES, Head, flag, kind},
};

/// :method GET, :scheme http, :path / and :authority h, all from the static table.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x01, 0x01, b'h'];
const WHOLE: u8 = flag::END_HEADERS | flag::END_STREAM;

fn bounds() -> Bounds {
    Bounds {
        streams_max: 10,
        stream_window: 100_000,
        connection_window: 200_000,
        frame_bytes_max: 20_000,
        header_bytes_max: 4096,
        header_table_bytes: 4096,
        error_resets_max: 5,
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&Head { length, kind, flags, stream }.bytes(), payload].concat()
}

fn greeting() -> Vec<u8> {
    [&PREFACE[..], &frame(kind::SETTINGS, 0, 0, &[])].concat()
}

/// A header block of literals.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let one = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [&[0][..], &one(name), &one(value)].concat()).collect()
}

/// One side of a connection, driven by hand.
struct Rig {
    connection: Connection<u32>,
}

impl Rig {
    fn new() -> Rig {
        Rig::with(bounds())
    }

    fn with(bounds: Bounds) -> Rig {
        let mut rig = Rig { connection: Connection::new(bounds) };
        assert_eq!(rig.receive(&greeting()), Ok(vec![]));
        rig.sent();
        rig
    }

    /// What comes of these bytes, a line an event.
    fn receive(&mut self, mut bytes: &[u8]) -> Result<Vec<String>, Error> {
        let mut events = Vec::new();
        while let Some(event) = self.connection.receive(&mut bytes)? {
            events.push(shown(&event));
        }
        assert!(bytes.is_empty(), "all is taken");
        Ok(events)
    }

    /// The frames that were sent since the last call, a line each.
    fn sent(&mut self) -> Vec<String> {
        let mut written = Vec::new();
        while self.connection.unwritten() > 0 {
            let mut slices = [IoSlice::new(&[]); 4];
            let count = self.connection.slices(&mut slices);
            let before = written.len();
            slices[..count].iter().for_each(|slice| written.extend_from_slice(slice));
            let count = written.len() - before;
            self.connection.written(count);
        }
        let (mut frames, mut rest) = (Vec::new(), &written[..]);
        while let Some((head, after)) = rest.split_first_chunk::<HEAD_BYTES>() {
            let head = Head::read(head);
            let (payload, after) = after.split_at(head.length as usize);
            frames.push(shown_frame(head, payload));
            rest = after;
        }
        frames
    }

    fn key(&self, id: u32) -> Key {
        self.connection.streams.find(id).expect("a stream")
    }

    fn code(&mut self, bytes: &[u8]) -> u32 {
        self.receive(bytes).expect_err("an error").code.0
    }
}

fn shown(event: &Event<'_, u32>) -> String {
    match event {
        Event::Request { key, head, is_whole } => {
            let (request, end) = (&head.request, if *is_whole { " whole" } else { "" });
            format!("{} {} {}{end}", key.id(), request.method(), request.uri())
        }
        Event::Data { key, data, is_last } => {
            format!("{} data {}{}", key.id(), data.len(), if *is_last { " last" } else { "" })
        }
        Event::Trailers { key, trailers } => format!("{} trailers {trailers:?}", key.id()),
        Event::Gone { key, by: By::Client(code), .. } => format!("{} given up: {code}", key.id()),
        Event::Gone { key, by: By::Error(code), .. } => format!("{} wrong: {code}", key.id()),
        Event::Room(Some(key)) => format!("{} room", key.id()),
        Event::Room(None) => "room".to_owned(),
        Event::Pong(payload) => format!("pong {payload:?}"),
        Event::Leaving => "leaving".to_owned(),
    }
}

fn shown_frame(head: Head, payload: &[u8]) -> String {
    let Head { length, kind, flags, stream } = head;
    let number = |from: usize| {
        payload.get(from..from + 4).map(|bytes| bytes.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)))
    };
    let end = if matches!(kind, kind::DATA | kind::HEADERS) && flags & flag::END_STREAM != 0 {
        " last"
    } else {
        ""
    };
    match kind {
        kind::DATA => format!("{stream} data {length}{end}"),
        kind::HEADERS => format!("{stream} headers {length}{end}"),
        kind::CONTINUATION => format!("{stream} continuation {length}"),
        kind::RST_STREAM => format!("{stream} reset {}", number(0).expect("a code")),
        kind::SETTINGS => format!("settings {length} {flags}"),
        kind::PING => format!("ping {flags} {payload:?}"),
        kind::GOAWAY => format!("goaway {} {}", number(0).expect("a stream"), number(4).expect("a code")),
        kind::WINDOW_UPDATE => format!("{stream} window {}", number(0).expect("bytes")),
        other => format!("kind {other}"),
    }
}
