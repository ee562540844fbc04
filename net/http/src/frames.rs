//! What the frames of an HTTP/2 client amount to: whether it owes the rest of something, and whether it sends more control
//! frames than anybody needs.
//!
//! hyper's server has no time limit for a header that does not end and none for a client that says nothing after the
//! preface, and answers control frames as fast as they come. So the bytes on their way to it are passed over here, frame head
//! by frame head. Payloads are not looked at and nothing is judged that h2 judges itself: sizes, order, numbers, contents.

/// What a client sends first: 24 bytes, then a SETTINGS frame.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
/// On HEADERS and CONTINUATION: the header block ends here.
const END_HEADERS: u8 = 4;

/// The most frames of a kind that a client may send within a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameLimits {
    /// The window: so many ticks of the server, at least 1.
    pub(crate) window_ticks: u64,
    /// Frames that carry neither headers nor data.
    pub(crate) control: u32,
    /// Of those, resets of streams.
    pub(crate) resets: u32,
}

/// The passing state of one connection.
#[derive(Debug)]
pub(crate) struct FrameWatch {
    head: [u8; HEAD_BYTES],
    head_len: usize,
    /// Bytes of the preface or of the frame's payload that have not come yet.
    rest: usize,
    /// What is under way is a DATA frame: the time limit of bodies is its own.
    in_data: bool,
    /// A header block has begun and its end has not.
    in_block: bool,
    /// The preface and a SETTINGS frame have begun.
    greeted: bool,
    control: u32,
    resets: u32,
    /// The window in which these were counted.
    window: u64,
}

impl FrameWatch {
    /// Before the preface.
    pub(crate) fn new() -> FrameWatch {
        FrameWatch {
            head: [0; HEAD_BYTES],
            head_len: 0,
            rest: PREFACE.len(),
            in_data: false,
            in_block: false,
            greeted: false,
            control: 0,
            resets: 0,
            window: 0,
        }
    }

    /// Whether the client owes the rest of its greeting, of a frame or of a header block.
    pub(crate) fn owes(&self) -> bool {
        !self.greeted || self.in_block || self.head_len > 0 || (self.rest > 0 && !self.in_data)
    }

    /// Passes over bytes from the client; whether it owed nothing at some moment of them.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> bool {
        let mut was_even = false;
        while !bytes.is_empty() {
            if self.rest > 0 {
                let passed = self.rest.min(bytes.len());
                self.rest -= passed;
                bytes = &bytes[passed..];
            } else if self.head_len == 0
                && let Some((head, after)) = bytes.split_first_chunk::<HEAD_BYTES>()
            {
                self.on_head(*head);
                bytes = after;
            } else {
                let taken = (HEAD_BYTES - self.head_len).min(bytes.len());
                self.head[self.head_len..self.head_len + taken].copy_from_slice(&bytes[..taken]);
                self.head_len += taken;
                bytes = &bytes[taken..];
                if self.head_len == HEAD_BYTES {
                    self.head_len = 0;
                    self.on_head(self.head);
                }
            }
            was_even |= !self.owes();
        }
        was_even
    }

    fn on_head(&mut self, head: [u8; HEAD_BYTES]) {
        let [high, middle, low, kind, flags, ..] = head;
        self.rest = u32::from_be_bytes([0, high, middle, low]) as usize;
        self.in_data = kind == DATA;
        match kind {
            DATA => {}
            HEADERS | CONTINUATION => self.in_block = flags & END_HEADERS == 0,
            SETTINGS => {
                self.greeted = true;
                self.control += 1;
            }
            RST_STREAM => {
                self.resets += 1;
                self.control += 1;
            }
            // Also frames that nobody knows.
            _ => self.control += 1,
        }
    }

    /// Whether more frames came since the window began than the limits allow.
    pub(crate) fn is_flood(&mut self, tick: u64, limits: FrameLimits) -> bool {
        let window = tick / limits.window_ticks;
        if self.window != window {
            (self.window, self.control, self.resets) = (window, 0, 0);
            return false;
        }
        self.control > limits.control || self.resets > limits.resets
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameLimits, FrameWatch, PREFACE};

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    }

    /// What is owed after each prefix of these bytes, sent in pieces of `step`.
    fn owed(bytes: &[u8], step: usize) -> Vec<bool> {
        let mut watch = FrameWatch::new();
        bytes
            .chunks(step)
            .map(|piece| {
                watch.pass(piece);
                watch.owes()
            })
            .collect()
    }

    #[test]
    fn the_greeting_is_owed_until_its_settings_are_whole() {
        let bytes = [PREFACE.as_slice(), &frame(4, 0, &[0; 6])].concat();
        let owed = owed(&bytes, 1);
        assert!(owed[..bytes.len() - 1].iter().all(|owes| *owes));
        assert!(!owed[bytes.len() - 1]);
    }

    #[test]
    fn a_header_is_owed_until_its_block_ends_and_data_never() {
        let greeting = [PREFACE.as_slice(), &frame(4, 0, &[])].concat();
        let block = [frame(1, 0, b"abc"), frame(9, 0, b""), frame(9, 4, b"de")].concat();
        let data = frame(0, 0, &[7; 100]);
        let bytes = [greeting.as_slice(), &block, &data].concat();
        for step in [1, 2, 3, 7, 64, 1000] {
            let whole = owed(&bytes, step);
            assert!(!whole.last().expect("some"), "{step}");
        }
        let owed = owed(&bytes, 1);
        let (block_from, block_to) = (greeting.len(), greeting.len() + block.len());
        assert!(owed[block_from..block_to - 1].iter().all(|owes| *owes));
        assert!(!owed[block_to - 1]);
        assert!(owed[block_to..block_to + 8].iter().all(|owes| *owes), "the head of a frame is owed");
        assert!(owed[block_to + 8..].iter().all(|owes| !*owes), "its data are not");
    }

    #[test]
    fn a_unit_that_ends_and_another_that_begins_are_told_apart() {
        let mut watch = FrameWatch::new();
        assert!(watch.pass(&[PREFACE.as_slice(), &frame(4, 0, &[])].concat()));
        assert!(!watch.pass(&frame(1, 0, b"abc")));
        assert!(!watch.pass(&frame(9, 0, b"")));
        assert!(watch.pass(&[frame(9, 4, b"d"), frame(1, 0, b"x")].concat()));
        assert!(watch.owes());
    }

    #[test]
    fn floods_are_counted_within_a_window() {
        let limits = FrameLimits { window_ticks: 2, control: 10, resets: 3 };
        let mut watch = FrameWatch::new();
        watch.pass(&[PREFACE.as_slice(), &frame(4, 0, &[])].concat());
        assert!(!watch.is_flood(2, limits));
        watch.pass(&frame(3, 0, &[0; 4]).repeat(3));
        assert!(!watch.is_flood(3, limits));
        watch.pass(&frame(3, 0, &[0; 4]));
        assert!(watch.is_flood(3, limits));
        assert!(!watch.is_flood(4, limits), "a new window, a new count");
        watch.pass(&frame(6, 0, &[0; 8]).repeat(10));
        watch.pass(&[frame(1, 4, b"x"), frame(0, 0, b"y")].concat().repeat(100));
        assert!(!watch.is_flood(5, limits));
        watch.pass(&frame(250, 0, b""));
        assert!(watch.is_flood(5, limits));
    }
}
