//! Requests that are right and requests that are not, in pieces of every size: what comes of them does not depend on where they were cut, and
//! nothing that is held grows.

use super::{HEADER_BYTES_MAX, Rig};
use crate::{Error, Event};

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    /// A request, mostly a right one.
    fn request(&mut self) -> String {
        let odd = self.roll(12) == 0;
        let method =
            if odd { self.one(&["CONNECT", "G(T", " GET"]) } else { self.one(&["GET", "POST", "HEAD"]) };
        let odd = self.roll(12) == 0;
        let target =
            if odd { self.one(&["h:1", "/a b", ""]) } else { self.one(&["/", "/a?b", "http://h/x"]) };
        let version = if self.roll(30) == 0 { self.one(&["2.0", "1.0", "11"]) } else { "1.1" };
        let end = self.one(&["\r\n", "\r\n", "\r\n", "\n"]);
        let mut head = self.one(&["", "", "", "\r\n", "\n"]).to_owned();
        head += &format!("{method} {target} HTTP/{version}{end}");
        for _ in 0..self.roll(4) {
            let odd = self.roll(30) == 0;
            let good = ["host: h", "a: b", "connection: keep-alive", "expect: 100-continue", "a:\t"];
            head += if odd { self.one(&["a : b", " a: b", "a"]) } else { self.one(&good) };
            head += end;
        }
        if self.roll(40) == 0 {
            head += &format!("long: {}{end}", "x".repeat(self.roll(2 * HEADER_BYTES_MAX)));
        }
        match self.roll(4) {
            0 => {
                let body = "y".repeat(self.roll(300));
                head + &format!("content-length: {}{end}{end}{body}", body.len())
            }
            1 => {
                head += &format!("transfer-encoding: chunked{end}{end}");
                for _ in 0..self.roll(5) {
                    let data = "z".repeat(self.roll(40) + 1);
                    head += &format!("{:x}{}\r\n{data}\r\n", data.len(), self.one(&["", ";a=b", " ", " ;c"]));
                }
                head + self.one(&["0\r\n\r\n", "0\r\n\r\n", "0\r\nt: u\r\n\r\n", "0\r\n x\r\n\r\n", "g\r\n"])
            }
            _ => head + end,
        }
    }

    fn requests(&mut self) -> Vec<u8> {
        (0..6).map(|_| self.request()).collect::<String>().into_bytes()
    }
}

/// All that comes of these bytes, data put together, and the end. Requests are answered when they are whole, one in some time too early.
fn outcome(bytes: &[u8], mut cut: impl FnMut() -> usize) -> (Vec<String>, Option<Error>, usize) {
    let mut rig = Rig::new();
    let (mut events, mut rest, mut requests): (Vec<String>, _, usize) = (Vec::new(), bytes, 0);
    // What is left waits for an answer, and is seen again.
    let mut waiting: Vec<u8> = Vec::new();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cut().clamp(1, rest.len()));
        rest = after;
        waiting.extend_from_slice(piece);
        let mut left = &waiting[..];
        loop {
            match rig.connection.receive(&mut left) {
                Ok(None) if rig.connection.is_asked() && !rig.connection.is_in_body() => {
                    rig.done();
                }
                Ok(None) => break,
                Ok(Some(Event::Data { data, is_last })) => {
                    let text = String::from_utf8_lossy(data).into_owned();
                    match events.last_mut().filter(|last| last.starts_with("data ")) {
                        Some(last) => *last += &text,
                        None => events.push(format!("data {text}")),
                    }
                    if is_last {
                        events.push("last".to_owned());
                    }
                }
                Ok(Some(event)) => {
                    requests += usize::from(matches!(event, Event::Request { .. }));
                    events.push(super::shown(&event));
                }
                Err(error) => return (events, Some(error), requests),
            }
        }
        assert!(rig.connection.part.len() < HEADER_BYTES_MAX);
        waiting = left.to_vec();
        if !rig.connection.is_reading() {
            break;
        }
    }
    (events, None, requests)
}

#[test]
fn it_does_not_matter_where_bytes_are_cut() {
    let (mut all, mut errors) = (0, 0);
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let bytes = dice.requests();
        let whole = outcome(&bytes, || usize::MAX);
        all += whole.2;
        errors += usize::from(whole.1.is_some());
        for step in [1, 2, 3, 7, 100] {
            assert_eq!(outcome(&bytes, || step), whole, "seed {seed}, pieces of {step}");
        }
        assert_eq!(outcome(&bytes, || dice.roll(50)), whole, "seed {seed}, pieces of any size");
    }
    assert!(all > 600 && (50..290).contains(&errors), "{all} requests, {errors} errors");
}

#[test]
fn one_request_cut_at_every_place() {
    let bytes = b"\r\nPOST /a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nt: u\r\n\r\nGET / HTTP/1.0\r\n\r\n";
    let whole = outcome(bytes, || usize::MAX);
    assert_eq!((whole.0.len(), whole.1), (4, None), "{:?}", whole.0);
    for at in 1..bytes.len() {
        let mut cuts = [at, usize::MAX].into_iter();
        assert_eq!(outcome(bytes, || cuts.next().expect("two")), whole, "cut at {at}");
    }
}

#[test]
fn what_breaks_off_says_the_same_however_it_was_cut() {
    for broken in [
        &b"GET / HTTP/1.1\r\nhost: h\r\na : b\r\nc: d\r\n\r\n"[..],
        b"GET / HTTP/9.1\r\n\r\n",
        b"GET \x01 HTTP/1.1\r\n\r\n",
        b"\r\n\x01\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1 ;a\r\nb\r\n0\r\nt : u\r\n\r\n",
    ] {
        for length in 1..=broken.len() {
            let bytes = &broken[..length];
            let whole = outcome(bytes, || usize::MAX);
            for step in [1, 2, 5] {
                assert_eq!(outcome(bytes, || step), whole, "{} in pieces of {step}", bytes.escape_ascii());
            }
        }
        assert!(outcome(broken, || usize::MAX).1.is_some(), "{}", broken.escape_ascii());
    }
}

#[test]
fn whatever_comes_is_an_error_or_none() {
    let mut ended = 0;
    for seed in 0..1500 {
        let mut dice = Dice(seed);
        let mut bytes = dice.requests();
        for _ in 0..dice.roll(6) {
            let at = dice.roll(bytes.len());
            bytes[at] = dice.roll(256) as u8;
        }
        let whole = outcome(&bytes, || usize::MAX);
        ended += u32::from(whole.1.is_some());
        let step = dice.roll(30) + 1;
        assert_eq!(outcome(&bytes, || step), whole, "seed {seed}, pieces of {step}");
    }
    assert!((300..1490).contains(&ended), "{ended} of them ended");
}
