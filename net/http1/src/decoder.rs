//! A request's body, by its length or in chunks (RFC 9112, sections 6 and 7).

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    connection::Error,
    fields::{HEADERS_MAX, RequestBody},
};

/// Bytes of chunk extensions in one body, which nobody reads.
const EXTENSION_BYTES_MAX: usize = 16 * 1024;

const BAD_SIZE: Error = Error::malformed("a chunk's size is none");
const BAD_END: Error = Error::malformed("a chunk does not end where it said");
const BAD_TRAILERS: Error = Error::malformed("the trailers are malformed");

/// What is still to come of a body.
#[derive(Debug)]
pub(crate) enum Decoder {
    Length(u64),
    Chunked(Chunked),
}

/// What came of a body.
pub(crate) enum Piece<'i> {
    /// Bytes; the body ends with them, or not.
    Data(&'i [u8], bool),
    End(HeaderMap),
}

impl Decoder {
    /// `None` for a request without a body.
    pub(crate) fn of(body: RequestBody, trailer_bytes_max: usize) -> Option<Decoder> {
        match body {
            RequestBody::Empty => None,
            RequestBody::Length(length) => Some(Decoder::Length(length)),
            RequestBody::Chunked => Some(Decoder::Chunked(Chunked {
                state: State::Size,
                left: 0,
                has_digit: false,
                extension_bytes: 0,
                trailers: Vec::new(),
                trailer_bytes_max,
            })),
        }
    }

    /// The next piece, taken from the beginning of `bytes`; `None` when all of them are taken and there is none.
    pub(crate) fn decode<'i>(&mut self, bytes: &mut &'i [u8]) -> Result<Option<Piece<'i>>, Error> {
        match self {
            Decoder::Length(left) => Ok(take(left, bytes).map(|data| Piece::Data(data, *left == 0))),
            Decoder::Chunked(chunked) => chunked.decode(bytes),
        }
    }
}

/// As much of `bytes` as is left.
fn take<'i>(left: &mut u64, bytes: &mut &'i [u8]) -> Option<&'i [u8]> {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    let (data, rest) = bytes.split_at(count);
    *bytes = rest;
    *left -= count as u64;
    (count > 0).then_some(data)
}

#[derive(Debug)]
pub(crate) struct Chunked {
    state: State,
    /// Of the chunk under way.
    left: u64,
    has_digit: bool,
    extension_bytes: usize,
    trailers: Vec<u8>,
    trailer_bytes_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    /// Blanks between a size and its extension.
    AfterSize,
    Extension,
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    Trailers,
}

impl Chunked {
    fn decode<'i>(&mut self, bytes: &mut &'i [u8]) -> Result<Option<Piece<'i>>, Error> {
        loop {
            if self.state == State::Data {
                let data = take(&mut self.left, bytes);
                if self.left == 0 {
                    self.state = State::DataReturn;
                }
                return Ok(data.map(|data| Piece::Data(data, false)));
            }
            let Some((byte, rest)) = bytes.split_first() else { return Ok(None) };
            *bytes = rest;
            if self.state == State::Trailers {
                if self.trailer(*byte)? {
                    return trailers(&self.trailers).map(|trailers| Some(Piece::End(trailers)));
                }
            } else {
                self.state = self.step(*byte)?;
            }
        }
    }

    fn step(&mut self, byte: u8) -> Result<State, Error> {
        match (self.state, byte) {
            (State::Size, byte) if byte.is_ascii_hexdigit() => {
                let digit = char::from(byte).to_digit(16).expect("it is one");
                let left = self.left.checked_mul(16).and_then(|left| left.checked_add(u64::from(digit)));
                // Zeros in front are as good as an extension.
                let is_in_front = self.has_digit && self.left == 0;
                (self.left, self.has_digit) = (left.ok_or(BAD_SIZE)?, true);
                if is_in_front { self.extension(State::Size) } else { Ok(State::Size) }
            }
            (State::Size, _) if !self.has_digit => Err(BAD_SIZE),
            (State::Size | State::AfterSize, b' ' | b'\t') => self.extension(State::AfterSize),
            (State::Size | State::AfterSize, b';') => self.extension(State::Extension),
            (State::Size | State::AfterSize | State::Extension, b'\r') => Ok(State::SizeLineFeed),
            // A line that ends without a return is read in two ways.
            (State::Extension, byte) if byte != b'\n' => self.extension(State::Extension),
            (State::SizeLineFeed, b'\n') => {
                self.has_digit = false;
                Ok(if self.left == 0 { State::Trailers } else { State::Data })
            }
            (State::DataReturn, b'\r') => Ok(State::DataLineFeed),
            (State::DataLineFeed, b'\n') => Ok(State::Size),
            (State::DataReturn | State::DataLineFeed, _) => Err(BAD_END),
            _ => Err(BAD_SIZE),
        }
    }

    fn extension(&mut self, state: State) -> Result<State, Error> {
        self.extension_bytes += 1;
        if self.extension_bytes > EXTENSION_BYTES_MAX {
            return Err(Error::malformed("the chunks have too long extensions"));
        }
        Ok(state)
    }

    /// Whether the empty line that ends them came.
    fn trailer(&mut self, byte: u8) -> Result<bool, Error> {
        if self.trailers.len() >= self.trailer_bytes_max {
            return Err(Error::malformed("the trailers are too long"));
        }
        self.trailers.push(byte);
        if byte != b'\n' {
            return Ok(false);
        }
        if !self.trailers.ends_with(b"\r\n") {
            return Err(BAD_TRAILERS);
        }
        Ok(self.trailers.len() == 2 || self.trailers.ends_with(b"\r\n\r\n"))
    }
}

fn trailers(bytes: &[u8]) -> Result<HeaderMap, Error> {
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let parsed = httparse::parse_headers(bytes, &mut fields).map_err(|_| BAD_TRAILERS)?;
    let httparse::Status::Complete((_, fields)) = parsed else { return Err(BAD_TRAILERS) };
    let mut trailers = HeaderMap::new();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| BAD_TRAILERS)?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| BAD_TRAILERS)?;
        trailers.try_append(name, value).map_err(|_| BAD_TRAILERS)?;
    }
    Ok(trailers)
}
