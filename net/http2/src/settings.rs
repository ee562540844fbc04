//! SETTINGS (RFC 9113, section 6.5): what this side asks of a client, and what a client asks of it.

use crate::{
    code::{Code, Error},
    frame::{FRAME_BYTES_FIRST, FRAME_BYTES_LAST},
};

pub(crate) const WINDOW_FIRST: u32 = 65_535;
pub(crate) const WINDOW_LAST: i64 = 0x7fff_ffff;

const HEADER_TABLE_SIZE: u16 = 1;
const ENABLE_PUSH: u16 = 2;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const MAX_HEADER_LIST_SIZE: u16 = 6;

/// The bounds of one connection. All sizes are bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Requests at a time; one more is refused.
    pub streams_max: u32,
    /// What a client may send on a stream before it is read; up to 2^31 - 1.
    pub stream_window: u32,
    /// The same for all streams together; at least 65,535.
    pub connection_window: u32,
    /// The largest frame that a client may send; 16,384 to 16,777,215.
    pub frame_bytes_max: u32,
    /// The largest header: names, values, and 32 bytes for each field. More is answered with 431.
    pub header_bytes_max: u32,
    /// A client's table of header fields.
    pub header_table_bytes: u32,
    /// Streams that are reset for the client's errors before the connection ends.
    pub error_resets_max: usize,
}

/// What a client takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) stream_window: u32,
    pub(crate) frame_bytes_max: u32,
    pub(crate) header_table_bytes: u32,
}

impl Default for Peer {
    fn default() -> Peer {
        Peer { stream_window: WINDOW_FIRST, frame_bytes_max: FRAME_BYTES_FIRST, header_table_bytes: 4096 }
    }
}

impl Bounds {
    /// The payload of the frame that tells a client.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let all = [
            (HEADER_TABLE_SIZE, self.header_table_bytes),
            (MAX_CONCURRENT_STREAMS, self.streams_max),
            (INITIAL_WINDOW_SIZE, self.stream_window),
            (MAX_FRAME_SIZE, self.frame_bytes_max),
            (MAX_HEADER_LIST_SIZE, self.header_bytes_max),
        ];
        all.iter()
            .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat())
            .collect()
    }
}

impl Peer {
    /// What the client takes from now on.
    pub(crate) fn changed(mut self, payload: &[u8]) -> Result<Peer, Error> {
        if !payload.len().is_multiple_of(6) {
            return Err(Error::frame_size("a SETTINGS frame of a wrong length"));
        }
        let (settings, _) = payload.as_chunks::<6>();
        for [high, low, a, b, c, d] in settings {
            let value = u32::from_be_bytes([*a, *b, *c, *d]);
            match u16::from_be_bytes([*high, *low]) {
                HEADER_TABLE_SIZE => self.header_table_bytes = value,
                ENABLE_PUSH if value > 1 => return Err(Error::protocol("SETTINGS_ENABLE_PUSH is no flag")),
                INITIAL_WINDOW_SIZE if i64::from(value) > WINDOW_LAST => {
                    return Err(Error::new(
                        Code::FLOW_CONTROL_ERROR,
                        "SETTINGS_INITIAL_WINDOW_SIZE is too large",
                    ));
                }
                INITIAL_WINDOW_SIZE => self.stream_window = value,
                MAX_FRAME_SIZE if !(FRAME_BYTES_FIRST..=FRAME_BYTES_LAST).contains(&value) => {
                    return Err(Error::protocol("SETTINGS_MAX_FRAME_SIZE is out of its range"));
                }
                MAX_FRAME_SIZE => self.frame_bytes_max = value,
                // Nothing is pushed, and headers here are short.
                _ => {}
            }
        }
        Ok(self)
    }
}
