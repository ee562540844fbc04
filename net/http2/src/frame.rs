//! Frames (RFC 9113, sections 4 and 6): their heads, and how they are put together from pieces.

use bytes::Bytes;

use crate::code::Error;

/// What a client sends first: 24 bytes, then a SETTINGS frame.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const HEAD_BYTES: usize = 9;
/// The least that the largest frame may be, and the largest until that is agreed on.
pub(crate) const FRAME_BYTES_FIRST: u32 = 16_384;
pub(crate) const FRAME_BYTES_LAST: u32 = 16_777_215;

pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0;
    pub(crate) const HEADERS: u8 = 1;
    pub(crate) const PRIORITY: u8 = 2;
    pub(crate) const RST_STREAM: u8 = 3;
    pub(crate) const SETTINGS: u8 = 4;
    pub(crate) const PUSH_PROMISE: u8 = 5;
    pub(crate) const PING: u8 = 6;
    pub(crate) const GOAWAY: u8 = 7;
    pub(crate) const WINDOW_UPDATE: u8 = 8;
    pub(crate) const CONTINUATION: u8 = 9;
}

pub(crate) mod flag {
    pub(crate) const ACK: u8 = 1;
    pub(crate) const END_STREAM: u8 = 1;
    pub(crate) const END_HEADERS: u8 = 4;
    pub(crate) const PADDED: u8 = 8;
    pub(crate) const PRIORITY: u8 = 0x20;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) length: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
}

impl Head {
    pub(crate) fn read(bytes: &[u8; HEAD_BYTES]) -> Head {
        let [high, middle, low, kind, flags, a, b, c, d] = *bytes;
        Head {
            length: u32::from_be_bytes([0, high, middle, low]),
            kind,
            flags,
            // The highest bit is reserved.
            stream: u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff,
        }
    }

    pub(crate) fn bytes(self) -> [u8; HEAD_BYTES] {
        let [_, high, middle, low] = self.length.to_be_bytes();
        let [a, b, c, d] = self.stream.to_be_bytes();
        [high, middle, low, self.kind, self.flags, a, b, c, d]
    }

    pub(crate) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Bytes of a frame: a part of what was read, or a frame that came in pieces.
#[derive(Debug)]
pub enum Payload<'i> {
    /// Where it was read.
    Read(&'i [u8]),
    /// Put together.
    Whole(Bytes),
}

impl Payload<'_> {
    /// The bytes, on their own. What lies where it was read is copied.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Payload::Read(bytes) => Bytes::copy_from_slice(bytes),
            Payload::Whole(bytes) => bytes,
        }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Payload::Read(bytes) => bytes,
            Payload::Whole(bytes) => bytes,
        }
    }

    /// What lies between this place and that.
    pub(crate) fn between(self, from: usize, to: usize) -> Self {
        match self {
            Payload::Read(bytes) => Payload::Read(&bytes[from..to]),
            Payload::Whole(bytes) => Payload::Whole(bytes.slice(from..to)),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Frame<'i> {
    pub(crate) head: Head,
    pub(crate) payload: Payload<'i>,
}

/// Makes frames of what comes.
#[derive(Debug)]
pub(crate) struct Assembler {
    /// Bytes of the preface that came.
    preface: usize,
    /// The beginning of a frame whose rest has not come.
    part: Vec<u8>,
    frame_bytes_max: u32,
}

impl Assembler {
    pub(crate) fn new(frame_bytes_max: u32) -> Assembler {
        Assembler { preface: 0, part: Vec::new(), frame_bytes_max }
    }

    /// Whether the rest of the preface, or of a frame that is no DATA, is awaited.
    pub(crate) fn owes(&self) -> bool {
        let is_in_data = self.part.len() >= HEAD_BYTES && self.part[3] == kind::DATA;
        self.preface < PREFACE.len() || !(self.part.is_empty() || is_in_data)
    }

    /// Whether a DATA frame has come in part.
    pub(crate) fn is_in_data(&self) -> bool {
        !self.part.is_empty() && !self.owes()
    }

    /// The next whole frame. `None` when `input` is used up.
    pub(crate) fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Frame<'i>>, Error> {
        if self.preface < PREFACE.len() && !self.pass_preface(input)? {
            return Ok(None);
        }
        if self.part.is_empty()
            && let Some(first) = input.first_chunk::<HEAD_BYTES>()
        {
            let head = self.checked(Head::read(first))?;
            if let Some((payload, rest)) = input[HEAD_BYTES..].split_at_checked(head.length as usize) {
                *input = rest;
                return Ok(Some(Frame { head, payload: Payload::Read(payload) }));
            }
        }
        if !self.fill(input, HEAD_BYTES) {
            return Ok(None);
        }
        let first = self.part.first_chunk::<HEAD_BYTES>().expect("it is filled");
        let head = self.checked(Head::read(first))?;
        let whole = HEAD_BYTES + head.length as usize;
        self.part.reserve_exact(whole - self.part.len());
        if !self.fill(input, whole) {
            return Ok(None);
        }
        let payload = Bytes::from(std::mem::take(&mut self.part)).slice(HEAD_BYTES..);
        Ok(Some(Frame { head, payload: Payload::Whole(payload) }))
    }

    fn pass_preface(&mut self, input: &mut &[u8]) -> Result<bool, Error> {
        let left = &PREFACE[self.preface..];
        let (came, rest) = input.split_at(left.len().min(input.len()));
        if came != &left[..came.len()] {
            return Err(Error::protocol("it does not begin as HTTP/2 does"));
        }
        self.preface += came.len();
        *input = rest;
        Ok(self.preface == PREFACE.len())
    }

    fn checked(&self, head: Head) -> Result<Head, Error> {
        if head.length > self.frame_bytes_max {
            return Err(Error::frame_size("a frame is larger than was agreed"));
        }
        Ok(head)
    }

    /// Takes what is missing of so many bytes; whether they are there.
    fn fill(&mut self, input: &mut &[u8], bytes: usize) -> bool {
        let missing = bytes.saturating_sub(self.part.len());
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.part.extend_from_slice(taken);
        *input = rest;
        self.part.len() >= bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Assembler, Head, PREFACE, kind};
    use crate::code::Code;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("short");
        [&Head { length, kind, flags: 0, stream }.bytes(), payload].concat()
    }

    /// Kind, stream, payload.
    type Shown = (u8, u32, Vec<u8>);

    /// What comes of these bytes in pieces of `step`, and what was owed after each piece.
    fn read(bytes: &[u8], step: usize) -> (Vec<Shown>, Vec<bool>) {
        let mut assembler = Assembler::new(16_384);
        let (mut frames, mut owed) = (Vec::new(), Vec::new());
        for mut piece in bytes.chunks(step) {
            while let Some(frame) = assembler.next(&mut piece).expect("no error") {
                frames.push((frame.head.kind, frame.head.stream, frame.payload.as_slice().to_vec()));
            }
            assert!(piece.is_empty());
            owed.push(assembler.owes());
        }
        (frames, owed)
    }

    #[test]
    fn frames_are_the_same_however_they_come() {
        let sent = [(kind::SETTINGS, 0, &b""[..]), (kind::DATA, 7, &[3; 1000]), (kind::PING, 0, b"12345678")];
        let frames: Vec<u8> =
            sent.iter().flat_map(|(kind, stream, payload)| frame(*kind, *stream, payload)).collect();
        let bytes = [PREFACE, &frames[..]].concat();
        for step in (1..40).chain([500, 1000, 5000]) {
            let (read, _) = read(&bytes, step);
            let sent: Vec<_> =
                sent.iter().map(|(kind, stream, payload)| (*kind, *stream, payload.to_vec())).collect();
            assert_eq!(read, sent, "in pieces of {step}");
        }
    }

    #[test]
    fn what_is_owed_is_all_but_the_rest_of_data() {
        let data = frame(kind::DATA, 1, &[7; 100]);
        let (_, owed) = read(&[PREFACE, &frame(kind::PING, 0, &[0; 8])[..], &data].concat(), 1);
        let begin = PREFACE.len() + 17;
        assert!(owed[..PREFACE.len() - 1].iter().all(|owes| *owes));
        assert!(owed[PREFACE.len()..begin - 1].iter().all(|owes| *owes) && !owed[begin - 1]);
        assert!(owed[begin..begin + 8].iter().all(|owes| *owes), "the head of a frame is owed");
        assert!(owed[begin + 8..].iter().all(|owes| !*owes), "its data are not");
    }

    #[test]
    fn another_beginning_and_a_frame_that_is_too_large_are_errors() {
        let mut assembler = Assembler::new(16_384);
        let error = assembler.next(&mut &b"GET / HTTP/1.1\r\n"[..]).expect_err("no preface");
        assert_eq!(error.code, Code::PROTOCOL_ERROR);
        let bytes = [PREFACE, &frame(kind::DATA, 1, &[0; 16_385])[..9]].concat();
        let error = Assembler::new(16_384).next(&mut &bytes[..]).expect_err("too large");
        assert_eq!(error.code, Code::FRAME_SIZE_ERROR);
    }
}
