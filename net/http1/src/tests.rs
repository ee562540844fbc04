//! A connection and a client made by hand: bytes in, what came of them out, as text.

mod answers;
mod bodies;
mod heads;
mod pieces;

use std::io::IoSlice;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{Answer, Connection, Error, Event, Heads};

const HEADER_BYTES_MAX: usize = 4096;
const DATE: HeaderValue = HeaderValue::from_static("Mon, 30 Nov 2026 23:59:59 GMT");

/// One side of a connection, driven by hand.
struct Rig {
    connection: Connection,
}

impl Rig {
    fn new() -> Rig {
        Rig { connection: Connection::new(HEADER_BYTES_MAX, Heads::default()) }
    }

    /// What comes of these bytes, a line an event, and how many of them were left.
    fn receive(&mut self, mut bytes: &[u8]) -> (Result<Vec<String>, Error>, usize) {
        let mut events = Vec::new();
        loop {
            match self.connection.receive(&mut bytes) {
                Ok(Some(event)) => events.push(shown(&event)),
                Ok(None) => return (Ok(events), bytes.len()),
                Err(error) => return (Err(error), bytes.len()),
            }
        }
    }

    /// The same where all of them are taken, and are right.
    fn good(&mut self, bytes: impl AsRef<[u8]>) -> Vec<String> {
        let (received, left) = self.receive(bytes.as_ref());
        assert_eq!(left, 0, "all is taken");
        received.expect("a request")
    }

    /// Answers the request with a status alone; whether another may follow.
    fn done(&mut self) -> bool {
        self.connection.respond(StatusCode::NO_CONTENT, &HeaderMap::new(), &DATE, Answer::Streamed);
        self.connection.finish()
    }

    /// What was sent since the last call.
    fn sent(&mut self) -> String {
        let mut written = Vec::new();
        while self.connection.unwritten() > 0 {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = self.connection.slices(&mut slices);
            let before = written.len();
            slices[..count].iter().for_each(|slice| written.extend_from_slice(slice));
            let count = written.len() - before;
            self.connection.written(count);
        }
        String::from_utf8(written).expect("text")
    }
}

fn shown(event: &Event<'_>) -> String {
    match event {
        Event::Request { request, body } => {
            format!("{} {} {:?} {body:?}", request.method(), request.uri(), request.version())
        }
        Event::Data { data, is_last } => {
            let end = if *is_last { " last" } else { "" };
            format!("data {}{end}", String::from_utf8_lossy(data))
        }
        Event::End(trailers) => format!("end {trailers:?}"),
    }
}

/// What a client is told that sends this as its first.
fn wrong(bytes: impl AsRef<[u8]>) -> (u16, &'static str) {
    let mut rig = Rig::new();
    let (received, _) = rig.receive(bytes.as_ref());
    let error = match received {
        Err(error) => error,
        Ok(events) => panic!("{:?} is taken for {events:?}", String::from_utf8_lossy(bytes.as_ref())),
    };
    assert!(!rig.connection.is_reading(), "nothing more is read");
    (error.status.as_u16(), error.text)
}

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let field = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    fields.iter().map(field).collect()
}

fn whole(body: &'static str) -> Answer {
    Answer::Whole(Bytes::from_static(body.as_bytes()))
}
