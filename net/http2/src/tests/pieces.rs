//! Frames that are right and frames that are not, in pieces of every size: what comes of them does not depend on where they were cut, and
//! nothing that is held grows.

use super::{GET, Rig, WHOLE, block, frame, greeting};
use crate::{
    Connection, Error,
    frame::{flag, kind},
};

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.roll(most + 1)).map(|_| self.roll(256) as u8).collect()
    }

    /// A frame, mostly a right one.
    fn frame(&mut self) -> Vec<u8> {
        let stream = self.roll(16) as u32;
        let odd = 2 * self.roll(40) as u32 + 1;
        let flags = [0, flag::END_STREAM, WHOLE, flag::END_HEADERS][self.roll(4)];
        match self.roll(14) {
            0..4 => frame(kind::HEADERS, [WHOLE, flag::END_HEADERS][self.roll(2)], odd, GET),
            4 => {
                let value = "v".repeat(self.roll(40));
                let fields = [GET, &[0x40, 1, b'a'], &[value.len() as u8], value.as_bytes()].concat();
                frame(kind::HEADERS, WHOLE, odd, &fields)
            }
            5 => [
                frame(kind::HEADERS, flag::END_STREAM, odd, &GET[..3]),
                frame(kind::CONTINUATION, flag::END_HEADERS, odd, &GET[3..]),
            ]
            .concat(),
            6 => frame(kind::DATA, flags & flag::END_STREAM, odd, &self.bytes(3000)),
            7 => frame(kind::RST_STREAM, 0, odd, &[0, 0, 0, 8]),
            8 => frame(kind::WINDOW_UPDATE, 0, stream, &[0, 0, 1, 1]),
            9 => frame(kind::PING, flags & flag::ACK, 0, &[1; 8]),
            10 => frame(kind::SETTINGS, 0, 0, &[0, 4, 0, 1, 0, self.roll(256) as u8]),
            11 => frame(kind::HEADERS, WHOLE, odd, &block(&[("end", "x")])),
            12 => frame(self.roll(12) as u8, self.roll(256) as u8, stream, &self.bytes(40)),
            _ => self.bytes(20),
        }
    }
}

/// All that comes of these bytes: events, frames that were sent, the end. Each request is answered at once, and half of the data given back.
fn outcome(bytes: &[u8], mut cut: impl FnMut() -> usize) -> (Vec<String>, Vec<String>, Option<Error>) {
    let mut rig = Rig { connection: Connection::new(super::bounds()) };
    let (mut events, mut rest, mut error) = (Vec::new(), bytes, None);
    while !rest.is_empty() && error.is_none() {
        let (piece, after) = rest.split_at(cut().clamp(1, rest.len()));
        rest = after;
        let mut piece = piece;
        loop {
            let event = match rig.connection.receive(&mut piece) {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(wrong) => {
                    error = Some(wrong);
                    break;
                }
            };
            let line = super::shown(&event);
            if let crate::Event::Data { key, data, .. } = event {
                rig.connection.return_bytes(Some(key), data.len() as u32 / 2);
            } else if let crate::Event::Request { key, .. } = event
                && key.id() % 3 == 0
            {
                rig.connection.skip(key, 5000);
                rig.connection.respond(key, http::StatusCode::OK, &http::HeaderMap::new(), true);
                rig.connection.close(key);
            }
            events.push(line);
        }
    }
    assert!(rig.connection.streams() <= 10);
    (events, rig.sent(), error)
}

#[test]
fn it_does_not_matter_where_bytes_are_cut() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let frames: Vec<u8> = (0..40).flat_map(|_| dice.frame()).collect();
        let bytes = [greeting(), frames].concat();
        let whole = outcome(&bytes, || usize::MAX);
        for step in [1, 2, 3, 9, 10, 100] {
            assert_eq!(outcome(&bytes, || step), whole, "seed {seed}, pieces of {step}");
        }
        assert_eq!(outcome(&bytes, || dice.roll(50)), whole, "seed {seed}, pieces of any size");
    }
}

#[test]
fn whatever_comes_is_an_error_or_none() {
    let mut ended = 0;
    for seed in 0..3000 {
        let mut dice = Dice(seed);
        let mut bytes: Vec<u8> = [greeting(), (0..12).flat_map(|_| dice.frame()).collect()].concat();
        for _ in 0..dice.roll(6) {
            let at = dice.roll(bytes.len());
            bytes[at] = dice.roll(256) as u8;
        }
        ended += u32::from(outcome(&bytes, || usize::MAX).2.is_some());
    }
    assert!((100..2990).contains(&ended), "{ended} of them ended");
}
