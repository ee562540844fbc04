//! One HTTP/2 connection with a number of streams outstanding.
//!
//! All requests are alike, so their header block is a constant that needs no compression state; of answers only the
//! frames are read, and of their headers the first byte: the status 200 is one index of HPACK's static table.

use std::io;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Run, bad};
use crate::service::REPLY;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// `:method GET`, `:scheme http`, `:path /`, and `:authority x` without indexing.
const HEADERS: [u8; 6] = [0x82, 0x86, 0x84, 0x01, 0x01, b'x'];
const STATUS_200: u8 = 0x88;
const FRAME_HEADER_BYTES: usize = 9;

const DATA: u8 = 0;
const HEADERS_TYPE: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// Body bytes received before the connection's window is opened again by as much; the window is 65,535.
const WINDOW_STEP: u32 = 16 * 1024;
/// Streams whose start is remembered, by the low bits of their number.
const STARTS: usize = 4096;

/// What goes out, and what it needs to know of before.
struct Connection {
    out: Vec<u8>,
    starts: Vec<Instant>,
    next_stream: u32,
    outstanding: usize,
    unacknowledged: u32,
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

fn slot(stream: u32) -> usize {
    (stream >> 1) as usize % STARTS
}

impl Connection {
    fn new() -> Connection {
        let mut out = PREFACE.to_vec();
        frame(&mut out, SETTINGS, 0, 0, &[]);
        Connection {
            out,
            starts: vec![Instant::now(); STARTS],
            next_stream: 1,
            outstanding: 0,
            unacknowledged: 0,
        }
    }

    fn request(&mut self, now: Instant) {
        frame(&mut self.out, HEADERS_TYPE, END_STREAM | END_HEADERS, self.next_stream, &HEADERS);
        self.starts[slot(self.next_stream)] = now;
        self.next_stream += 2;
        self.outstanding += 1;
    }

    fn on_frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8], run: &Run) -> io::Result<()> {
        match kind {
            SETTINGS if flags & ACK == 0 => frame(&mut self.out, SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => frame(&mut self.out, PING, ACK, 0, payload),
            HEADERS_TYPE if payload.first() != Some(&STATUS_200) => {
                return Err(bad("not an answer of status 200"));
            }
            DATA => {
                if !payload.is_empty() && payload != REPLY {
                    return Err(bad("another body"));
                }
                self.unacknowledged += payload.len() as u32;
                if self.unacknowledged >= WINDOW_STEP {
                    frame(&mut self.out, WINDOW_UPDATE, 0, 0, &self.unacknowledged.to_be_bytes());
                    self.unacknowledged = 0;
                }
            }
            RST_STREAM | GOAWAY => return Err(bad("the server broke off")),
            _ => {}
        }
        if matches!(kind, DATA | HEADERS_TYPE) && flags & END_STREAM != 0 {
            self.outstanding -= 1;
            run.done(self.starts[slot(stream)]);
        }
        Ok(())
    }
}

/// The first frame of `input` and its length as a whole, once all of it is there.
fn split(input: &[u8]) -> Option<(u8, u8, u32, &[u8], usize)> {
    let header = input.get(..FRAME_HEADER_BYTES)?;
    let length = usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2]);
    let end = FRAME_HEADER_BYTES + length;
    let payload = input.get(FRAME_HEADER_BYTES..end)?;
    let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]) & 0x7fff_ffff;
    Some((header[3], header[4], stream, payload, end))
}

pub(super) async fn connection(mut stream: TcpStream, outstanding: usize, run: &Run) -> io::Result<()> {
    assert!(outstanding <= STARTS, "more streams than starts are remembered");
    let mut connection = Connection::new();
    let mut input = Vec::with_capacity(64 * 1024);
    while !run.stopping.get() {
        let now = Instant::now();
        while connection.outstanding < outstanding {
            connection.request(now);
        }
        stream.write_all(&connection.out).await?;
        connection.out.clear();
        if stream.read_buf(&mut input).await? == 0 {
            return Err(bad("the connection ended early"));
        }
        let mut done = 0;
        while let Some((kind, flags, number, payload, length)) = split(&input[done..]) {
            connection.on_frame(kind, flags, number, payload, run)?;
            done += length;
        }
        input.drain(..done);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{HEADERS_TYPE, frame, split};

    #[test]
    fn a_frame_is_read_as_it_was_written_and_not_before_it_is_whole() {
        let mut bytes = Vec::new();
        frame(&mut bytes, HEADERS_TYPE, 5, 77, b"abc");
        for end in 0..bytes.len() {
            assert!(split(&bytes[..end]).is_none(), "{end} bytes");
        }
        bytes.push(0);
        assert_eq!(split(&bytes), Some((HEADERS_TYPE, 5, 77, b"abc".as_slice(), bytes.len() - 1)));
    }
}
